import { execFile } from 'node:child_process';
import { closeSync, constants, createReadStream, openSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { promisify } from 'node:util';
import type { Engine } from './engine.ts';
import { literal } from './sql.ts';

const CHUNK_BYTES = 1 << 20;

let pipeCount = 0;

/**
 * Returns the path of a new named pipe in the engine's folder, or undefined where the system has none (Windows): a temporary
 * file does the same then, more slowly.
 */
export async function makePipe(engine: Engine): Promise<string | undefined> {
  if (!engine.pipes) return undefined;
  const path = join(engine.folder, `pipe-${++pipeCount}`);
  try {
    await promisify(execFile)('mkfifo', ['-m', '600', path]);
    return path;
  } catch {
    return undefined;
  }
}

/**
 * Returns what `consume` makes of the rows of `select`, which reach it as CSV without a header: NULL is an empty field, empty
 * text is `""`. DuckDB writes them into a pipe while they are read, so that they are never held as a whole.
 */
export async function feedCsv<Result>(
  engine: Engine,
  select: string,
  consume: (rows: Readable) => Promise<Result>,
): Promise<Result> {
  const pipe = await makePipe(engine);
  const path = pipe ?? join(engine.folder, `rows-${++pipeCount}.csv`);
  const copy = () => engine.connection.run(`COPY (${select}) TO ${literal(path)} (FORMAT csv, HEADER false)`);
  try {
    if (pipe !== undefined) return await throughPipe(engine, path, copy, consume);
    await copy();
    return await consume(createReadStream(path, { highWaterMark: CHUNK_BYTES }));
  } finally {
    rmSync(path, { force: true });
  }
}

async function throughPipe<Result>(
  engine: Engine,
  path: string,
  copy: () => Promise<unknown>,
  consume: (rows: Readable) => Promise<Result>,
): Promise<Result> {
  const rows = createReadStream(path, { highWaterMark: CHUNK_BYTES });
  const written = copy().catch((error: unknown) => {
    releaseReader(path);
    rows.destroy(error instanceof Error ? error : new Error(String(error)));
    throw error;
  });
  const consumed = consume(rows).catch((error: unknown) => {
    rows.destroy();
    engine.connection.interrupt();
    throw error;
  });
  const [write, consumption] = await Promise.allSettled([written, consumed]);
  // When one side fails the other one fails too, with no more to say than that it was interrupted.
  if (consumption.status === 'rejected' && (write.status === 'fulfilled' || isInterrupt(write.reason))) {
    throw consumption.reason;
  }
  if (write.status === 'rejected') throw write.reason;
  if (consumption.status === 'rejected') throw consumption.reason;
  return consumption.value;
}

/** Lets a reader go on that waits for somebody to write into the pipe, who failed before opening it. */
function releaseReader(path: string): void {
  try {
    closeSync(openSync(path, constants.O_WRONLY | constants.O_NONBLOCK));
  } catch {
    // Nobody waits.
  }
}

/** Lets a writer go on that waits for somebody to read from the pipe, who failed before opening it. */
export function releaseWriter(path: string): void {
  try {
    closeSync(openSync(path, constants.O_RDONLY | constants.O_NONBLOCK));
  } catch {
    // Nobody waits.
  }
}

/** Returns whether an error of DuckDB says no more than that the query was stopped or its pipe closed. */
export function isInterrupt(error: unknown): boolean {
  return error instanceof Error && /INTERRUPT|Broken pipe/i.test(error.message);
}
