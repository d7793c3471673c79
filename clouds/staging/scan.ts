import { createReadStream, createWriteStream, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Transform, type TransformCallback, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import type { Engine } from './engine.ts';
import { type DataFile, damagedGzip, escapeGlob } from './files.ts';
import { isInterrupt, makePipe, releaseWriter } from './pipes.ts';
import { literal, literals } from './sql.ts';

/** Files that one query can read: of one format, with the same columns. */
export interface FileGroup {
  files: DataFile[];
  nullTexts: readonly string[];
}

/** Returns the files put together that one query can read. */
export function groupFiles(files: readonly DataFile[], nullTexts: readonly string[]): FileGroup[] {
  const groups = new Map<string, FileGroup>();
  for (const file of files) {
    const key = JSON.stringify([
      file.format,
      file.header?.delimiter,
      file.columns.map(({ name, type }) => [name, type]),
    ]);
    const group = groups.get(key) ?? { files: [], nullTexts };
    group.files.push(file);
    groups.set(key, group);
  }
  return [...groups.values()];
}

const CHUNK_BYTES = 1 << 20;

/**
 * Returns what `work` makes of the lines of the files, given SQL that reads them (for FROM, with the columns' `ref`s, and for
 * Parquet `file_index` and `file_row_number`). It may read them once. gzip is inflated here and piped to DuckDB, which would
 * take a file that is cut off for a whole one.
 * @throws PennyError `file_unreadable` for a damaged gzip file; whatever `work` throws
 */
export async function withScan<Result>(
  engine: Engine,
  group: FileGroup,
  work: (from: string) => Promise<Result>,
): Promise<Result> {
  if (group.files.some(({ gzip }) => gzip)) {
    const pipe = await makePipe(engine);
    return pipe === undefined ? viaFile(engine, group, work) : viaPipe(engine, pipe, group, work);
  }
  return work(
    readerSql(
      group,
      group.files.map(({ path }) => path),
      true,
    ),
  );
}

/** Returns SQL that reads one file by itself, in the order of its lines; gzip is taken as it comes. */
export function fileSql(file: DataFile, nullTexts: readonly string[]): string {
  return readerSql({ files: [file], nullTexts }, [file.path], true);
}

function readerSql({ files, nullTexts }: FileGroup, paths: readonly string[], header: boolean): string {
  const [first] = files;
  const list = `[${literals(paths.map(escapeGlob))}]`;
  if (first?.header === undefined) {
    return `read_parquet(${list}, file_row_number = true, hive_partitioning = false)`;
  }
  const columns = first.columns.map(({ ref }) => `${ref}: 'VARCHAR'`).join(', ');
  const compression = header && first.gzip ? 'gzip' : 'none';
  return `read_csv(${list}, auto_detect = false, header = ${header}, delim = ${literal(first.header.delimiter)}, quote = '"', escape = '"',
    compression = '${compression}', strict_mode = true, hive_partitioning = false, nullstr = [${literals(['', ...nullTexts])}], columns = {${columns}})`;
}

async function viaPipe<Result>(
  engine: Engine,
  pipe: string,
  group: FileGroup,
  work: (from: string) => Promise<Result>,
): Promise<Result> {
  const target = createWriteStream(pipe, { highWaterMark: CHUNK_BYTES });
  const writing = writeLines(group.files, target).catch((error: unknown) => {
    // What DuckDB has read up to here looks to it like the whole file.
    if (!isClosedPipe(error)) engine.connection.interrupt();
    throw error;
  });
  const working = work(readerSql(group, [pipe], false)).finally(() => releaseWriter(pipe, target));
  const [written, worked] = await Promise.allSettled([writing, working]);
  rmSync(pipe, { force: true });
  if (written.status === 'rejected' && !isClosedPipe(written.reason)) throw written.reason;
  if (worked.status === 'rejected') throw worked.reason;
  if (written.status === 'rejected') throw written.reason;
  return worked.value;
}

async function viaFile<Result>(
  engine: Engine,
  group: FileGroup,
  work: (from: string) => Promise<Result>,
): Promise<Result> {
  const path = join(engine.folder, 'lines.csv');
  try {
    await writeLines(group.files, createWriteStream(path, { highWaterMark: CHUNK_BYTES }));
    return await work(readerSql(group, [path], false));
  } finally {
    rmSync(path, { force: true });
  }
}

/** Writes the lines of CSV files one after the other, without their headers. */
async function writeLines(files: readonly DataFile[], target: Writable): Promise<void> {
  try {
    for (const [index, file] of files.entries()) {
      const source = createReadStream(file.path, { highWaterMark: CHUNK_BYTES });
      const lines = new LinesAfterHeader(
        file.header?.length ?? 0,
        index < files.length - 1 ? (file.header?.newline ?? '\n') : '',
      );
      try {
        if (file.gzip) await pipeline(source, createGunzip({ chunkSize: CHUNK_BYTES }), lines, target, { end: false });
        else await pipeline(source, lines, target, { end: false });
      } catch (error) {
        throw isZlibError(error) ? damagedGzip(file.path, error) : error;
      }
    }
    await new Promise<void>((resolve, reject) => {
      target.once('error', reject);
      target.end(resolve);
    });
  } finally {
    target.destroy();
  }
}

/** Passes on what follows the first bytes of a file, and ends a last line without an end when more is to follow. */
class LinesAfterHeader extends Transform {
  private left: number;
  private readonly ending: string;
  private last = 0x0a;

  constructor(headerLength: number, ending: string) {
    super({ highWaterMark: CHUNK_BYTES });
    this.left = headerLength;
    this.ending = ending;
  }

  override _transform(chunk: Buffer, _: BufferEncoding, done: TransformCallback): void {
    const skipped = Math.min(this.left, chunk.length);
    this.left -= skipped;
    const rest = chunk.subarray(skipped);
    this.last = rest.at(-1) ?? this.last;
    done(null, rest);
  }

  override _flush(done: TransformCallback): void {
    done(null, this.last === 0x0a || this.ending === '' ? undefined : this.ending);
  }
}

function isZlibError(error: unknown): boolean {
  return error instanceof Error && 'code' in error && /^Z_/.test(String(error.code));
}

function isClosedPipe(error: unknown): boolean {
  if (isInterrupt(error)) return true;
  return (
    error instanceof Error && 'code' in error && (error.code === 'EPIPE' || error.code === 'ERR_STREAM_PREMATURE_CLOSE')
  );
}
