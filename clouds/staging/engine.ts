import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { z } from 'zod';
import { MACROS } from './macros.ts';

/** DuckDB in this process, with a folder of its own for what does not fit into memory. */
export interface Engine {
  connection: DuckDBConnection;
  /** A second connection to the same tables, for what can be computed meanwhile. */
  secondConnection: DuckDBConnection;
  /** For pipes and temporary files; gone after `close`. */
  folder: string;
  threads: number;
  /** Whether named pipes may be used; else temporary files. */
  pipes: boolean;
  /** Pipes that are made but not used yet. */
  sparePipes: string[];
  /** Stops what runs. */
  interrupt(): void;
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
  const secondConnection = await instance.connect();
  for (const statement of ["SET GLOBAL TimeZone = 'UTC'", ...MACROS]) await connection.run(statement);
  return {
    connection,
    secondConnection,
    folder,
    threads,
    pipes: options.pipes ?? process.platform !== 'win32',
    sparePipes: [],
    interrupt() {
      connection.interrupt();
      secondConnection.interrupt();
    },
    close() {
      secondConnection.closeSync();
      connection.closeSync();
      instance.closeSync();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/**
 * Leaves each of the two connections one thread from now on. On some hundred thousand rows a query has hardly work for two, and
 * whoever of them waits for the other one keeps a core busy that the database could use.
 */
export async function oneThreadEach(engine: Engine): Promise<void> {
  await engine.connection.run('SET threads = 1');
}

/**
 * Returns what both pieces of work make, done at the same time: one query on a hundred thousand rows keeps hardly more than one
 * core busy. Each has a connection of its own. When one fails the other one is still waited for.
 */
export async function together<First, Second>(
  engine: Engine,
  first: (engine: Engine) => Promise<First>,
  second: (engine: Engine) => Promise<Second>,
): Promise<[First, Second]> {
  const [one, other] = await Promise.allSettled([first(engine), second(besides(engine))]);
  if (one.status === 'rejected') throw one.reason;
  if (other.status === 'rejected') throw other.reason;
  return [one.value, other.value];
}

/** Returns the same engine with its connections exchanged. */
export function besides(engine: Engine): Engine {
  return { ...engine, connection: engine.secondConnection, secondConnection: engine.connection };
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
