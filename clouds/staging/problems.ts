import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';
import { z } from 'zod';
import { PennyError } from '../../errors.ts';
import type { SourceColumn } from '../contract.ts';
import type { Layout, Place } from './columns.ts';
import { type Engine, query } from './engine.ts';
import { type DataFile, damagedGzip } from './files.ts';
import { tagValues } from './lines.ts';
import { fileSql } from './scan.ts';
import { literals } from './sql.ts';

/** What is wrong with the first value of a file that cannot be loaded. */
interface Check {
  column: string;
  ref: string;
  /** SQL that holds for a bad value. */
  bad: string;
  code: 'value_invalid' | 'value_unknown';
  says: string;
}

const found = z.object({ line: z.coerce.number(), check: z.coerce.number(), value: z.string().nullable() });

/**
 * Returns what to say when the lines of files could not be read: the first bad value with file, row and column, or what
 * DuckDB says of a line that is no line of a CSV file. Undefined when every value is fine by itself.
 */
export async function findProblem(
  engine: Engine,
  files: readonly { file: DataFile; layout: Layout }[],
  cause: unknown,
): Promise<PennyError | undefined> {
  if (cause instanceof PennyError) return cause;
  for (const { file, layout } of files) {
    const problem = (await badValue(engine, file, layout)) ?? undefined;
    if (problem !== undefined) return problem;
  }
  return undefined;
}

/** Returns whether every number of the files that isn't one is money as a spreadsheet shows it, and there are such. */
export async function isAccounting(
  engine: Engine,
  files: readonly { file: DataFile; layout: Layout }[],
): Promise<boolean> {
  let some = false;
  for (const { file, layout } of files) {
    const refs = numberPlaces(layout)
      .filter(({ column }) => column.type === 'VARCHAR')
      .map(({ column }) => column.ref);
    if (refs.length === 0) continue;
    const count = (predicate: (ref: string) => string) =>
      refs.map((ref) => `count(*) FILTER (WHERE ${predicate(ref)})`).join(' + ');
    const [row] = await query(
      engine,
      `SELECT ${count((ref) => `penny_is_accounting(${ref})`)} AS shown, ${count(
        (ref) => `NOT penny_is_number(${ref}) AND NOT penny_is_accounting(${ref}) AND trim(${ref}) <> ''`,
      )} AS others FROM ${fileSql(file, layout.source.nullTexts)}`,
      z.object({ shown: z.coerce.number(), others: z.coerce.number() }),
    );
    if (row === undefined || row.others > 0) return false;
    some ||= row.shown > 0;
  }
  return some;
}

function numberPlaces(layout: Layout): Place[] {
  return [...layout.places].flatMap(([name, places]) => (isNumber(layout.source.columns[name]) ? places : []));
}

function isNumber(column: SourceColumn | undefined): boolean {
  return column?.kind === 'number' || column?.kind === 'price';
}

async function badValue(engine: Engine, file: DataFile, layout: Layout): Promise<PennyError | undefined> {
  const checks = checksOf(layout);
  const which = checks.map(({ bad }, index) => `WHEN ${bad} THEN ${index}`).join(' ');
  const values = checks.map(({ ref }, index) => `WHEN ${index} THEN CAST(${ref} AS VARCHAR)`).join(' ');
  // One thread and insertion order, so that rows are numbered as they stand in the file.
  await engine.connection.run('SET threads = 1; SET preserve_insertion_order = true');
  try {
    const [problem] = await query(
      engine,
      `SELECT line, "check", CASE "check" ${values} END AS value
       FROM (SELECT *, CASE ${which} END AS "check" FROM (SELECT *, row_number() OVER () AS line FROM ${fileSql(file, layout.source.nullTexts)}))
       WHERE "check" IS NOT NULL ORDER BY line LIMIT 1`,
      found,
    );
    const check = problem === undefined ? undefined : checks[problem.check];
    if (problem === undefined || check === undefined) return undefined;
    const row = await rowOf(file, problem.line);
    const shown = problem.value === null ? '' : `${JSON.stringify(problem.value.slice(0, 80))} `;
    return new PennyError(
      check.code,
      `${file.path}, row ${row}, column ${check.column}: ${shown}${check.says}. Nothing of the file was stored.`,
      {
        details: {
          file: file.path,
          row,
          column: check.column,
          ...(problem.value === null ? {} : { value: problem.value.slice(0, 80) }),
        },
      },
    );
  } catch (cause) {
    return await unreadable(file, cause);
  } finally {
    await engine.connection.run(`SET threads = ${engine.threads}; SET preserve_insertion_order = false`);
  }
}

function checksOf(layout: Layout): Check[] {
  const tags = new Set(tagValues(layout));
  const ofColumns = [...layout.places].flatMap(([name, places]) => {
    const column = layout.source.columns[name];
    return column === undefined
      ? []
      : places.filter(({ part }) => part === undefined).flatMap((place) => columnChecks(place, column));
  });
  const missing = [...layout.places].flatMap(([name, places]) => {
    const [first] = places;
    if (layout.source.columns[name]?.filled !== true || first === undefined) return [];
    const bad = places
      .map(({ column: { ref, type } }) => (type === 'VARCHAR' ? `coalesce(${ref}, '') = ''` : `${ref} IS NULL`))
      .join(' AND ');
    return [
      {
        ref: first.column.ref,
        bad,
        column: first.column.name,
        code: 'value_invalid' as const,
        says: 'the value is missing',
      },
    ];
  });
  const texts = layout.used.flatMap((column): Check[] => {
    if (column.type !== 'VARCHAR') return [];
    const { ref } = column;
    const what = tags.has(column.value) ? 'has a NUL character in a tag' : 'has a NUL character';
    const json = `contains(${ref}, '\\u0000')`;
    const checks: Check[] = [
      {
        ref,
        bad: `contains(${ref}, chr(0)) OR ${tags.has(column.value) ? json : 'false'}`,
        column: column.name,
        code: 'value_invalid',
        says: `${what}, which cannot be stored`,
      },
    ];
    if (layout.tags.some((tag) => tag.column === column.name && tag.key === undefined)) {
      checks.push({
        ref,
        bad: `${ref} <> '' AND NOT json_valid(${ref})`,
        column: column.name,
        code: 'value_invalid',
        says: 'is no JSON',
      });
    }
    return checks;
  });
  const maps = layout.used.flatMap((column): Check[] => {
    if (!tags.has(column.value) || column.type === 'VARCHAR') return [];
    const { ref, name } = column;
    return [
      {
        ref,
        bad: `contains(CAST(${ref} AS VARCHAR), chr(0))`,
        column: name,
        code: 'value_invalid',
        says: 'has a NUL character in a tag, which cannot be stored',
      },
    ];
  });
  return [...missing, ...ofColumns, ...texts, ...maps];
}

function columnChecks({ column: { ref, name, type } }: Place, column: SourceColumn): Check[] {
  const filled = `${ref} <> ''`;
  if (column.values !== undefined) {
    const says = `is not one that Penny knows how to count (${column.values.join(', ')})`;
    return [
      {
        column: name,
        ref,
        bad: `${filled} AND ${ref} NOT IN (${literals(column.values)})`,
        code: 'value_unknown',
        says,
      },
    ];
  }
  if (isNumber(column) && type === 'VARCHAR') {
    return [
      {
        column: name,
        ref,
        bad: `${filled} AND NOT penny_is_number(${ref})`,
        code: 'value_invalid',
        says: 'is not a number',
      },
    ];
  }
  if (isNumber(column) && /DOUBLE|FLOAT/.test(type)) {
    return [{ column: name, ref, bad: `NOT isfinite(${ref})`, code: 'value_invalid', says: 'is not a number' }];
  }
  if (column.kind === 'time' && type === 'VARCHAR' && column.lenient !== true) {
    return [
      {
        column: name,
        ref,
        bad: `${filled} AND NOT penny_is_time(${ref})`,
        code: 'value_invalid',
        says: 'is not a time (such as 2025-03-31T00:00:00Z)',
      },
    ];
  }
  return [];
}

/**
 * Returns the row of a file in which its n-th line of data begins: the header is row 1, and quoted text may have several.
 * `blanks` counts blank lines too.
 */
async function rowOf(file: DataFile, nth: number, blanks: 'counted' | 'skipped' = 'skipped'): Promise<number> {
  if (file.header === undefined) return nth;
  const source = createReadStream(file.path, { start: file.gzip ? 0 : file.header.length });
  let row = file.header.rows + 1;
  let skip = file.gzip ? file.header.length : 0;
  let lines = 0;
  let quoted = false;
  let blank = true;
  for await (const chunk of file.gzip ? source.pipe(createGunzip()) : source) {
    const bytes: Buffer = chunk;
    const from = Math.min(skip, bytes.length);
    skip -= from;
    for (let index = from; index < bytes.length; index++) {
      const byte = bytes[index];
      const ends = byte === LINE_FEED && !quoted;
      const begins = blank && (ends ? blanks === 'counted' : byte !== LINE_FEED && byte !== CARRIAGE_RETURN);
      if (begins && ++lines === nth) return row;
      if (byte === LINE_FEED) row++;
      if (byte === QUOTE) quoted = !quoted;
      if (ends) blank = true;
      else if (byte !== CARRIAGE_RETURN) blank = false;
    }
  }
  return row;
}

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const QUOTE = 0x22;

async function unreadable(file: DataFile, cause: unknown): Promise<PennyError> {
  if (cause instanceof PennyError) return cause;
  const message = cause instanceof Error ? cause.message : String(cause);
  // DuckDB counts the header and blank lines, and quoted text of several rows as one.
  const line = /Line: (\d+)/.exec(message)?.[1];
  const row = line === undefined ? undefined : await rowOf(file, Number(line) - 1, 'counted');
  const details = { file: file.path, ...(row === undefined ? {} : { row }) };
  const where = row === undefined ? file.path : `${file.path}, row ${row}`;
  const refuse = (what: string) =>
    new PennyError('file_unreadable', `${where}: ${what}. Nothing of the file was stored.`, { details, cause });
  const counts = /Expected Number of Columns: (\d+) Found: (\d+)/.exec(message);
  if (counts !== null) return refuse(`the line has ${counts[2]} columns, the header ${counts[1]}`);
  if (/unicode|utf-8/i.test(message)) return refuse('the text is not UTF-8');
  if (/unterminated quote/i.test(message)) return refuse('a quotation mark is opened and not closed');
  if (/Maximum line size/i.test(message)) return refuse('the line is longer than 2 MB');
  if (file.format === 'parquet') return refuse('the Parquet file is damaged');
  if (/gzip|inflate|decompress/i.test(message)) return damagedGzip(file.path, cause);
  return refuse('the line is not one of a CSV file');
}
