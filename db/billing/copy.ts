import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type pg from 'pg';
import { escapeIdentifier } from 'pg';
import { from as copyFrom, to as copyTo } from 'pg-copy-streams';

/** Rows for a table: which columns, and the way to get at them as CSV without a header, NULL being an empty field. */
export interface CsvFeed {
  columns: readonly string[];
  /** For a new partition: what all rows say in columns that they leave out, as text. */
  constants?: Readonly<Record<string, string>>;
  read<Result>(consume: (rows: Readable) => Promise<Result>): Promise<Result>;
}

/**
 * Copies rows into a table and returns how many. `freeze` is for a table made in the same transaction: its rows are then
 * visible to every snapshot, also to one taken before the load, which otherwise would find the new partition empty.
 */
export function copyInto(
  client: pg.ClientBase,
  table: string,
  feed: CsvFeed,
  options: { freeze?: boolean } = {},
): Promise<number> {
  const columns = feed.columns.map((column) => escapeIdentifier(column)).join(', ');
  const freeze = options.freeze ? ', FREEZE' : '';
  return feed.read(async (rows) => {
    const copy = client.query(
      copyFrom(`COPY ${escapeIdentifier(table)} (${columns}) FROM STDIN (FORMAT csv${freeze})`),
    );
    await pipeline(rows, copy);
    return copy.rowCount;
  });
}

/** Returns the rows of a query as CSV. */
export function copyOut(client: pg.ClientBase, query: string): Readable {
  return client.query(copyTo(`COPY (${query}) TO STDOUT (FORMAT csv)`));
}
