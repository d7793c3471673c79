import { execFile } from 'node:child_process';
import { closeSync, constants, createReadStream, openSync, type ReadStream, rmSync, type WriteStream } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Engine } from './engine.ts';
import { literal } from './sql.ts';

// What a pipe holds: a larger buffer would be made anew for each read and never be filled.
const CHUNK_BYTES = 1 << 16;

// A load takes about eight; to start a program for each takes longer than some of them are used for.
const PIPES_AT_ONCE = 8;

let pipeCount = 0;

/**
 * Returns the path of a new named pipe in the engine's folder, or undefined where the system has none (Windows): a temporary
 * file does the same then, more slowly.
 */
export async function makePipe(engine: Engine): Promise<string | undefined> {
  if (!engine.pipes) return undefined;
  const spare = engine.sparePipes.pop();
  if (spare !== undefined) return spare;
  const paths = Array.from({ length: PIPES_AT_ONCE }, () => join(engine.folder, `pipe-${++pipeCount}`));
  try {
    await promisify(execFile)('mkfifo', ['-m', '600', ...paths]);
    engine.sparePipes.push(...paths.slice(1));
    return paths[0];
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
    const rows = readRows(path);
    return await consume(rows).finally(() => rows.destroy());
  } finally {
    rmSync(path, { force: true });
  }
}

function readRows(path: string): ReadStream {
  const rows = createReadStream(path, { highWaterMark: CHUNK_BYTES });
  // Whoever reads hears of errors; a reader that gave up before it began doesn't have to.
  rows.on('error', () => {});
  return rows;
}

async function throughPipe<Result>(
  engine: Engine,
  path: string,
  copy: () => Promise<unknown>,
  consume: (rows: Readable) => Promise<Result>,
): Promise<Result> {
  const rows = readRows(path);
  const written = copy().catch(async (error: unknown) => {
    await releaseReader(path, rows);
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

/** Lets a reader go on that waits, or is about to, for somebody to write into the pipe, who failed before opening it. */
function releaseReader(path: string, reader: ReadStream): Promise<void> {
  return touch(path, constants.O_WRONLY | constants.O_NONBLOCK, () => !reader.pending || reader.closed);
}

/** Lets a writer go on that waits, or is about to, for somebody to read from the pipe, who failed before opening it. */
export function releaseWriter(path: string, writer: WriteStream): Promise<void> {
  return touch(path, constants.O_RDONLY | constants.O_NONBLOCK, () => !writer.pending || writer.closed);
}

/** Opens the other end of a pipe, and closes it, until the stream has got past opening its own. */
async function touch(path: string, flags: number, isDone: () => boolean): Promise<void> {
  while (!isDone()) {
    try {
      closeSync(openSync(path, flags));
    } catch {
      // Nobody waits yet.
    }
    await nextTurn();
  }
}

/** Returns whether an error of DuckDB says no more than that the query was stopped or its pipe closed. */
export function isInterrupt(error: unknown): boolean {
  return error instanceof Error && /INTERRUPT|Broken pipe/i.test(error.message);
}
