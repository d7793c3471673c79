import type { SQL } from 'drizzle-orm';
import { PgDialect } from 'drizzle-orm/pg-core';
import type pg from 'pg';

const dialect = new PgDialect({ casing: 'snake_case' });

/** A statement as Postgres gets it: values stand apart as $1, $2, ... and are never part of the text. */
export interface SqlText {
  text: string;
  values: unknown[];
}

/** The text and values of a statement; the text without the indentation it had in our source. */
export function toText(statement: SQL): SqlText {
  const { sql: text, params } = dialect.sqlToQuery(statement);
  return { text: text.trim().replace(/\n\s+/g, '\n'), values: params };
}

/** The rows of one statement. */
export async function runQuery<Row extends pg.QueryResultRow>(
  client: pg.ClientBase | pg.Pool,
  statement: SQL,
): Promise<Row[]> {
  const { rows } = await client.query<Row>(toText(statement));
  return rows;
}
