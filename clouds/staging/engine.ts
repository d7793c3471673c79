import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { z } from 'zod';
import { MACROS } from './macros.ts';

/** DuckDB in this process, with a folder of its own for what does not fit into memory. */
export interface Engine {
  connection: DuckDBConnection;
  /** For pipes and temporary files; gone after `close`. */
  folder: string;
  threads: number;
  /** Whether named pipes may be used; else temporary files. */
  pipes: boolean;
  close(): void;
}

// With what Node, the readers and the pipes take besides, a load stays under 1.5 GiB whatever the size of the files.
const MEMORY_LIMIT = '800MB';

/**
 * Returns a new engine whose temporary files lie under `home`. One load uses one engine; it is single-user. What a process
 * that was killed has left behind is removed.
 */
export async function openEngine(home: string, options: { pipes?: boolean } = {}): Promise<Engine> {
  const parent = join(home, 'tmp');
  mkdirSync(parent, { recursive: true, mode: 0o700 });
  removeAbandoned(parent);
  const folder = mkdtempSync(join(parent, `ingest-${process.pid}-`));
  const threads = Math.min(availableParallelism(), 4);
  const instance = await DuckDBInstance.create(':memory:', {
    memory_limit: MEMORY_LIMIT,
    threads: String(threads),
    temp_directory: join(folder, 'spill'),
    preserve_insertion_order: 'false',
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
  });
  const connection = await instance.connect();
  for (const statement of ["SET TimeZone = 'UTC'", ...MACROS]) await connection.run(statement);
  return {
    connection,
    folder,
    threads,
    pipes: options.pipes ?? process.platform !== 'win32',
    close() {
      connection.closeSync();
      instance.closeSync();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Returns the rows of a query as `row` describes them. Numbers of more than 53 bits come as text. */
export async function query<Row extends z.ZodType>(engine: Engine, sql: string, row: Row): Promise<z.infer<Row>[]> {
  const reader = await engine.connection.runAndReadAll(sql);
  return z.array(row).parse(reader.getRowObjectsJson());
}

function removeAbandoned(parent: string): void {
  for (const name of readdirSync(parent)) {
    const pid = /^ingest-(\d+)-/.exec(name)?.[1];
    if (pid !== undefined && !isRunning(Number(pid))) rmSync(join(parent, name), { recursive: true, force: true });
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
