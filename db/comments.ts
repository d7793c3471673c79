import { toSnakeCase } from 'drizzle-orm/casing';
import { getTableConfig } from 'drizzle-orm/pg-core';
import pg from 'pg';
import { z } from 'zod';
import { allDescriptions } from './schema/describe.ts';
import './schema/index.ts';

/** One sentence on a table (`column` null) or a column of it, under their names in the database. */
export interface Comment {
  table: string;
  column: string | null;
  text: string;
}

/** Returns what every table and column means, from the descriptions beside the table definitions. */
export function comments(): Comment[] {
  return [...allDescriptions()].flatMap(([table, description]) => {
    const { name, columns } = getTableConfig(table);
    return [
      { table: name, column: null, text: description.table },
      ...columns.map((column) => ({
        table: name,
        column: toSnakeCase(column.name),
        text: description.columns[column.name] ?? '',
      })),
    ];
  });
}

const storedSchema = z.array(
  z.object({ table: z.string(), column: z.string().nullable(), text: z.string().nullable() }),
);

/** Returns the comments as they stand in the database, for every table of schema public that is no partition. */
export async function storedComments(client: pg.ClientBase | pg.Pool): Promise<z.infer<typeof storedSchema>> {
  const { rows } = await client.query(`
    SELECT class.relname AS "table", NULL AS "column", obj_description(class.oid, 'pg_class') AS text
    FROM pg_class AS class
    WHERE class.relnamespace = 'public'::regnamespace AND class.relkind IN ('r', 'p') AND NOT class.relispartition
    UNION ALL
    SELECT class.relname, attribute.attname, col_description(class.oid, attribute.attnum)
    FROM pg_class AS class JOIN pg_attribute AS attribute ON attribute.attrelid = class.oid
    WHERE class.relnamespace = 'public'::regnamespace AND class.relkind IN ('r', 'p') AND NOT class.relispartition
      AND attribute.attnum > 0 AND NOT attribute.attisdropped`);
  return storedSchema.parse(rows);
}

/** Brings the comments of the database in line with the definitions; touches only what differs. */
export async function applyComments(client: pg.ClientBase): Promise<void> {
  const key = (comment: { table: string; column: string | null }): string => `${comment.table}.${comment.column ?? ''}`;
  const stored = new Map((await storedComments(client)).map((comment) => [key(comment), comment.text]));
  const statements = comments()
    .filter((comment) => stored.get(key(comment)) !== comment.text)
    .map(statement);
  if (statements.length > 0) await client.query(statements.join(';\n'));
}

function statement({ table, column, text }: Comment): string {
  const name = pg.escapeIdentifier(table);
  const target = column === null ? `TABLE ${name}` : `COLUMN ${name}.${pg.escapeIdentifier(column)}`;
  return `COMMENT ON ${target} IS ${pg.escapeLiteral(text)}`;
}
