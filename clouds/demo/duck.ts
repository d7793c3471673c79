import { closeSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';

/** A DuckDB in process, with a folder for what it spills and for the tables it reads. */
export interface Duck {
  folder: string;
  run(sql: string): Promise<void>;
  /** The rows of a query as plain JSON values; numeric columns come as decimal text. */
  rows<T>(sql: string): Promise<T[]>;
  /** Two further connections that keep the order of the left side of a join, to write two files at a time. */
  writers(): Promise<Pick<Duck, 'run'>[]>;
  close(): void;
}

/**
 * Opens a DuckDB bounded in memory. Two threads and kept insertion order whatever the machine, so that the files written
 * are the same bytes everywhere.
 */
export async function openDuck(folder: string): Promise<Duck> {
  const instance = await DuckDBInstance.create(':memory:', {
    threads: '2',
    memory_limit: '700MB',
    temp_directory: join(folder, 'spill'),
    preserve_insertion_order: 'true',
  });
  const connection = await instance.connect();
  const runner = (on: DuckDBConnection) => ({
    run: async (sql: string) => {
      await on.run(sql);
    },
  });
  let writers: DuckDBConnection[] = [];
  return {
    ...runner(connection),
    folder,
    async writers() {
      if (writers.length === 0) {
        writers = [await instance.connect(), await instance.connect()];
        for (const writer of writers) await writer.run("set disabled_optimizers = 'join_order,build_side_probe_side'");
      }
      return writers.map(runner);
    },
    rows: async <T>(sql: string) => (await connection.runAndReadAll(sql)).getRowObjectsJson() as T[],
    close: () => {
      for (const one of [connection, ...writers]) one.closeSync();
      instance.closeSync();
    },
  };
}

export type Cell = string | number | boolean | null;

/** Creates a table with these columns (name and DuckDB type) and fills it, by way of a file, so that millions of rows pass. */
export async function loadTable(
  duck: Duck,
  name: string,
  columns: Record<string, string>,
  rows: Iterable<Cell[]>,
): Promise<void> {
  const file = join(duck.folder, `${name}.csv`);
  const descriptor = openSync(file, 'w');
  let chunk: string[] = [];
  const flush = () => {
    writeSync(descriptor, chunk.join(''));
    chunk = [];
  };
  for (const row of rows) {
    chunk.push(`${row.map(csv).join(',')}\n`);
    if (chunk.length >= 4096) flush();
  }
  flush();
  closeSync(descriptor);
  const types = Object.entries(columns).map(([column, type]) => `${quote(column)}: ${quote(type)}`);
  await duck.run(`create table ${name} as from read_csv(${quote(file)}, header = false, delim = ',', quote = '"', escape = '"',
    auto_detect = false, nullstr = '', columns = {${types.join(', ')}})`);
}

function csv(value: Cell): string {
  if (value === null) return '';
  return typeof value === 'string' ? `"${value.replaceAll('"', '""')}"` : String(value);
}

/** A text as an SQL literal. */
export function quote(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
