import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, readFile, stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { constants, gunzipSync } from 'node:zlib';
import { z } from 'zod';
import { PennyError } from '../../errors.ts';
import { type CsvHeader, parseCsvHeader } from './csv-header.ts';
import { type Engine, query } from './engine.ts';
import { identifier, literal } from './sql.ts';

/** A column of a file: its name there, how SQL refers to it, and the type DuckDB reads it as. */
export interface FileColumn {
  name: string;
  ref: string;
  type: string;
}

/** A file of lines, as it lies on the disk. */
export interface DataFile {
  path: string;
  format: 'csv' | 'parquet';
  gzip: boolean;
  columns: FileColumn[];
  /** Of a CSV file; a Parquet file has none. */
  header: CsvHeader | undefined;
  size: number;
}

/** What a file is, by its first bytes; its name doesn't matter. */
export type FileKind = 'parquet' | 'csv' | 'csv.gz' | 'json';

const HEAD_BYTES = 1 << 20;

/**
 * Returns what kind of file lies at `path`.
 * @throws PennyError `file_unreadable` when it can't be read or is of a kind nobody exports bills as, `file_empty` for 0 bytes
 */
export async function sniffFile(path: string): Promise<FileKind> {
  const head = await readHead(path);
  if (head.length === 0) throw new PennyError('file_empty', `${path} is empty (0 bytes).`, { details: { file: path } });
  if (head.subarray(0, 4).toString('latin1') === 'PAR1') return 'parquet';
  if (isGzip(head)) return 'csv.gz';
  refuseOthers(path, head);
  return /^(\ufeff)?\s*[{[]/.test(head.subarray(0, 64).toString('utf8')) ? 'json' : 'csv';
}

/**
 * Returns a file of lines with its columns.
 * @throws PennyError `file_unreadable`, `file_empty`
 */
export async function openDataFile(engine: Engine, path: string, kind: Exclude<FileKind, 'json'>): Promise<DataFile> {
  const { size } = await stat(path);
  if (kind === 'parquet') {
    const columns = await parquetColumns(engine, path);
    return { path, format: 'parquet', gzip: false, columns, header: undefined, size };
  }
  const head = await readHead(path);
  const text = kind === 'csv.gz' ? inflateHead(path, head) : head;
  const header = parseCsvHeader(text.toString('utf8'));
  if (header === undefined)
    throw new PennyError('file_empty', `${path} has no header line.`, { details: { file: path } });
  const columns = header.names.map((name, index) => ({ name, ref: `c${index}`, type: 'VARCHAR' }));
  return { path, format: 'csv', gzip: kind === 'csv.gz', columns, header, size };
}

/** Returns the SHA-256 of a file's contents, as hexadecimal digits. */
export async function hashFile(path: string, signal?: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), hash, { signal });
  return hash.digest('hex');
}

/** Returns the JSON document in a file, or undefined when it is none. */
export async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse((await readFile(path, 'utf8')).replace(/^\ufeff/, ''));
  } catch {
    return undefined;
  }
}

async function readHead(path: string): Promise<Buffer> {
  try {
    const handle = await open(path);
    try {
      const { bytesRead, buffer } = await handle.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
      return buffer.subarray(0, bytesRead);
    } finally {
      await handle.close();
    }
  } catch (cause) {
    throw new PennyError('file_unreadable', `${path} cannot be read.`, { details: { file: path }, cause });
  }
}

function isGzip(head: Buffer): boolean {
  return head[0] === 0x1f && head[1] === 0x8b;
}

function refuseOthers(path: string, head: Buffer): void {
  const start = head.subarray(0, 4).toString('latin1');
  const advice = start.startsWith('PK')
    ? 'is a ZIP archive or a spreadsheet. Unpack it, or save it as CSV.'
    : start.startsWith('\xff\xfe') || start.startsWith('\xfe\xff')
      ? 'is UTF-16. Save it as UTF-8.'
      : start.startsWith('BZh') || start === '\x28\xb5\x2f\xfd' || start.startsWith('\xfd7zX')
        ? 'is compressed in a way Penny does not read. Unpack it, or use gzip.'
        : undefined;
  if (advice !== undefined) throw new PennyError('file_unreadable', `${path} ${advice}`, { details: { file: path } });
}

function inflateHead(path: string, head: Buffer): Buffer {
  try {
    return gunzipSync(head, { finishFlush: constants.Z_SYNC_FLUSH });
  } catch (cause) {
    throw damagedGzip(path, cause);
  }
}

/** Returns the error for a gzip file that is cut off or damaged. */
export function damagedGzip(path: string, cause: unknown): PennyError {
  return new PennyError(
    'file_unreadable',
    `${path} is a gzip file that is cut off or damaged. Copy it again; nothing of it was stored.`,
    { details: { file: path }, cause },
  );
}

const describedColumn = z.object({ column_name: z.string(), column_type: z.string() });

async function parquetColumns(engine: Engine, path: string): Promise<FileColumn[]> {
  try {
    const described = await query(
      engine,
      `DESCRIBE SELECT * FROM read_parquet(${literal(escapeGlob(path))}, hive_partitioning = false)`,
      describedColumn,
    );
    return described.map(({ column_name: name, column_type: type }) => ({ name, ref: identifier(name), type }));
  } catch (cause) {
    const message = `${path} is a Parquet file that is cut off or damaged. Copy it again; nothing of it was stored.`;
    throw new PennyError('file_unreadable', message, { details: { file: path }, cause });
  }
}

/** Returns `path` so that DuckDB takes its `*`, `?` and `[` as they are. */
export function escapeGlob(path: string): string {
  return path.replace(/[*?[]/g, '[$&]');
}
