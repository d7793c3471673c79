import type { PgTable } from 'drizzle-orm/pg-core';

/** What a table and its columns mean. It becomes COMMENT ON in the database, and feeds the model and the diagram. */
export interface Description {
  table: string;
  columns: Record<string, string>;
}

const descriptions = new Map<PgTable, Description>();

/** Returns `table`, described; the types demand one sentence for every column. */
export function describe<Table extends PgTable>(
  table: Table,
  meaning: string,
  columns: Record<keyof Table['_']['columns'] & string, string>,
): Table {
  descriptions.set(table, { table: meaning, columns });
  return table;
}

/** The descriptions of every table whose file has been imported. */
export function allDescriptions(): ReadonlyMap<PgTable, Description> {
  return descriptions;
}
