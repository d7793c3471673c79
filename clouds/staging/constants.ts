import { z } from 'zod';
import type { Layout, UsedColumn } from './columns.ts';
import { type Engine, query } from './engine.ts';
import { escapeGlob } from './files.ts';
import type { FileGroup } from './scan.ts';
import { literals } from './sql.ts';

/**
 * Returns the layout of Parquet files with what all their lines say in columns of texts in which they agree. It is taken from
 * the statistics in the files, which DuckDB relies on as well. Such a column is neither read nor grouped by; a bill has many.
 */
export async function withConstants(engine: Engine, { files }: FileGroup, layout: Layout): Promise<Layout> {
  const tags = new Set(layout.tags.map(({ column }) => column));
  const texts = layout.used.filter(({ name, type }) => type === 'VARCHAR' && !tags.has(name));
  const said = await agreements(
    engine,
    files.map(({ path }) => path),
    texts.map(({ name }) => name),
  );
  const copies = new Map<UsedColumn, UsedColumn>();
  for (const column of texts) {
    const constant = said.get(column.name);
    if (constant !== undefined) copies.set(column, { ...column, constant });
  }
  const copyOf = (column: UsedColumn): UsedColumn => copies.get(column) ?? column;
  const places = [...layout.places].map(
    ([name, list]) => [name, list.map((place) => ({ ...place, column: copyOf(place.column) }))] as const,
  );
  return { ...layout, used: layout.used.map(copyOf), places: new Map(places) };
}

const agreement = z.object({ name: z.string(), said: z.string().nullable() });

/** What all rows say in columns of texts, by name: null where none says anything. Statistics may be left out or cut short. */
async function agreements(
  engine: Engine,
  paths: readonly string[],
  names: readonly string[],
): Promise<Map<string, string | null>> {
  if (names.length === 0) return new Map();
  const isFilled = `stats_null_count = 0 AND stats_min_value IS NOT NULL AND min_is_exact AND max_is_exact`;
  const rows = await query(
    engine,
    `SELECT path_in_schema AS name, min(stats_min_value) AS said FROM parquet_metadata([${literals(paths.map(escapeGlob))}])
     WHERE path_in_schema IN (${literals(names)}) GROUP BY path_in_schema
     HAVING bool_and(coalesce(stats_null_count = num_values, false))
       OR (bool_and(coalesce(${isFilled}, false)) AND min(stats_min_value) = max(stats_max_value) AND NOT contains(min(stats_min_value), chr(0)))`,
    agreement,
  );
  return new Map(rows.map(({ name, said }) => [name, said]));
}
