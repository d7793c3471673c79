import { PennyError } from '../../errors.ts';
import type { BillingSource, SourceColumn, TagColumn } from '../contract.ts';
import type { DataFile, FileColumn } from './files.ts';
import { identifier, literal, literals } from './sql.ts';

/**
 * How numbers are held while they are summed: as decimals with so many digits behind the point, or, when a file has more
 * digits than a decimal of 38 holds, as two whole numbers each (see the macros).
 */
export type NumberLayout =
  | {
      kind: 'decimal';
      scale: number;
      /** Columns of the source whose numbers fit in 18 digits, which are summed twice as fast. */
      narrow?: ReadonlySet<string>;
    }
  | { kind: 'wide' };

/** How the values of a file are to be read. */
export interface Reading {
  layout: NumberLayout;
  /** Numbers are written as a spreadsheet shows money: '$50,000.00 '. */
  accounting: boolean;
}

/** A column of a file that is read: `value` is how SQL refers to it, `filled` the same with empty texts as NULL. */
export interface UsedColumn extends FileColumn {
  value: string;
  filled: string;
  /** What all lines say, null for nothing; undefined when they differ, or when nobody knows without reading them. */
  constant?: string | null;
}

/** Returns SQL for the columns of lines that need not be read, under their short names. */
export function constantColumns({ used }: Layout): string[] {
  return used.flatMap(({ value, constant }) =>
    constant === undefined ? [] : [`CAST(${constant === null ? 'NULL' : literal(constant)} AS VARCHAR) AS ${value}`],
  );
}

/** Where the file has a column of the source: `part` is a key within it when it is a map. */
export interface Place {
  column: UsedColumn;
  part?: string;
}

/** The columns of a source as one kind of file has them. */
export interface Layout {
  source: BillingSource;
  used: UsedColumn[];
  /** By canonical name, the places that the file has; none for a column it lacks. */
  places: Map<string, Place[]>;
  tags: (TagColumn & { column: string })[];
  /** Names of the columns that nothing is read from. */
  ignored: string[];
}

/**
 * Returns where a file has the columns of a source.
 * @throws PennyError `column_missing`; `value_invalid` when a column the load needs stands twice in the header
 */
export function layOut(source: BillingSource, file: DataFile): Layout {
  const byName = new Map<string, FileColumn[]>();
  for (const column of file.columns) {
    const name = source.canonical(column.name);
    byName.set(name, [...(byName.get(name) ?? []), column]);
  }
  const used = new Map<FileColumn, UsedColumn>();
  const use = (column: FileColumn): UsedColumn => {
    const value = `v${used.size}`;
    // DuckDB's CSV reader makes NULL of empty texts by itself.
    const filled = file.format === 'parquet' && column.type === 'VARCHAR' ? `nullif(${value}, '')` : value;
    const known = used.get(column) ?? { ...column, value, filled };
    used.set(column, known);
    return known;
  };
  const places = new Map<string, Place[]>();
  for (const [name, column] of Object.entries(source.columns)) {
    const found = (column.from ?? [name]).flatMap((from) => {
      const [whole = '', part] = from.split('.');
      const [first, twin] = byName.get(whole) ?? [];
      if (first === undefined) return [];
      if (twin !== undefined) throw doubleColumn(file, first.name);
      return [part === undefined ? { column: use(first) } : { column: use(first), part }];
    });
    if (found.length === 0 && column.required) throw missingColumn(file, source, name);
    places.set(name, found);
  }
  const tags = source.tags(file.columns.map(({ name }) => name));
  for (const { column } of tags) for (const named of file.columns) if (named.name === column) use(named);
  return {
    source,
    used: [...used.values()],
    places,
    tags,
    ignored: file.columns.filter((column) => !used.has(column)).map(({ name }) => name),
  };
}

function doubleColumn(file: DataFile, column: string): PennyError {
  return new PennyError('value_invalid', `${file.path}, row 1: the column ${column} stands twice in the header.`, {
    details: { file: file.path, row: 1, column },
  });
}

function missingColumn(file: DataFile, source: BillingSource, name: string): PennyError {
  const names = file.columns.map((column) => column.name);
  const column = source.spelled?.(name, names) ?? name;
  return new PennyError(
    'column_missing',
    `${file.path}, row 1: the column ${column} is missing, which a load of ${source.title} needs. Export it again with that column.`,
    { details: { file: file.path, row: 1, column } },
  );
}

/** The name of the second whole number of a number of the wide layout. */
export function lowName(name: string): string {
  return `${name}__low`;
}

/**
 * Returns SQL for a column of the source, of the `v0`, `v1`, ... of a line: NULL of its type where the file lacks it. Once
 * lines are summed (`group`), what was read of maps goes by its canonical name.
 */
export function valueSql(
  layout: Layout,
  name: string,
  reading: Reading,
  half: 'value' | 'low' = 'value',
  stage: 'line' | 'group' = 'line',
): string {
  const column = layout.source.columns[name];
  if (column === undefined) throw new Error(`the source ${layout.source.id} has no column ${name}`);
  const places = layout.places.get(name) ?? [];
  if (stage === 'group' && isInMap(places)) return identifier(name);
  const values = places.map((place) => placeSql(place, name, column, reading, half));
  const [first] = values;
  if (first === undefined) return `CAST(NULL AS ${sqlType(name, column, reading.layout)})`;
  return firstFilled(values);
}

/**
 * Returns SQL for the first value that is not NULL. coalesce() would say the same, but then DuckDB takes what nullif() names
 * twice out of it and computes it for all rows.
 */
function firstFilled([first = 'NULL', ...others]: readonly string[]): string {
  return others.length === 0 ? first : `CASE WHEN ${first} IS NOT NULL THEN ${first} ELSE ${firstFilled(others)} END`;
}

/** Returns whether a column has to be read out of a map, which lines cannot be grouped by cheaply; JSON text they can. */
export function isInMap(places: readonly Place[]): boolean {
  return places.some(({ column, part }) => part !== undefined && column.type !== 'VARCHAR');
}

/**
 * Returns SQL that lets only values of a column pass which the source may have. The first bad one stops
 * the query; which file and row it is in is looked for afterwards (see problems.ts).
 */
export function checkedSql(name: string, column: SourceColumn): string {
  const value = identifier(name);
  const complaint = `error(${literal(`penny: ${name}`)})`;
  const checks = [
    ...(column.filled ? [`WHEN ${value} IS NULL THEN ${complaint}`] : []),
    ...(column.values
      ? [`WHEN ${value} IS NOT NULL AND ${value} NOT IN (${literals(column.values)}) THEN ${complaint}`]
      : []),
    ...(column.kind === 'price'
      ? [`WHEN ${value} IS NOT NULL AND TRY_CAST(${value} AS DOUBLE) IS NULL THEN ${complaint}`]
      : []),
  ];
  return checks.length === 0 ? value : `CASE ${checks.join(' ')} ELSE ${value} END`;
}

function sqlType(name: string, column: SourceColumn, layout: NumberLayout): string {
  if (column.kind === 'time') return 'TIMESTAMP';
  if (column.kind !== 'number') return 'VARCHAR';
  return layout.kind === 'wide' ? 'HUGEINT' : decimalType(name, layout);
}

function decimalType(name: string, { scale, narrow }: NumberLayout & { kind: 'decimal' }): string {
  return `DECIMAL(${narrow?.has(name) ? 18 : 38}, ${scale})`;
}

function placeSql(
  { column, part }: Place,
  name: string,
  { kind, lenient }: SourceColumn,
  reading: Reading,
  half: 'value' | 'low',
): string {
  const { value, filled, type } = column;
  if (part !== undefined) return partSql(column, part);
  if (kind === 'time') return timeSql(filled, type, lenient === true);
  if (kind === 'number') return numberSql(column, name, reading, half);
  if (kind === 'price') return type === 'VARCHAR' ? `trim(${plainSql(column, reading)})` : `CAST(${value} AS VARCHAR)`;
  return type === 'VARCHAR' ? filled : `CAST(${value} AS VARCHAR)`;
}

function partSql({ value, filled, type }: UsedColumn, key: string): string {
  if (type.startsWith('MAP(')) return `nullif(CAST(${value}[${literal(key)}] AS VARCHAR), '')`;
  return `nullif(json_extract_string(${type === 'VARCHAR' ? filled : `to_json(${value})`}, ${literal(`$.${key}`)}), '')`;
}

function timeSql(value: string, type: string, lenient: boolean): string {
  if (type === 'VARCHAR') return `${lenient ? 'penny_time_if_any' : 'penny_time'}(${value})`;
  return type === 'TIMESTAMP WITH TIME ZONE' ? `penny_utc(${value})` : `CAST(${value} AS TIMESTAMP)`;
}

// What the forms of penny_form fit in.
const FORMS = [1, 2, 3].map((form) => ({ form, type: `DECIMAL(18, ${[10, 14, 17][form - 1]})` }));

function numberSql(column: UsedColumn, name: string, reading: Reading, half: 'value' | 'low'): string {
  const plain = plainSql(column, reading);
  const { layout } = reading;
  if (layout.kind === 'wide') {
    const text = column.type === 'VARCHAR' ? plain : `CAST(${plain} AS VARCHAR)`;
    return `${half === 'low' ? 'penny_low' : 'penny_high'}(${text})`;
  }
  const type = decimalType(name, layout);
  // A float of 32 bits has to become one of 64 first: its own arithmetic is wrong in the eighth digit.
  if (column.type === 'FLOAT') return `CAST(CAST(${plain} AS DOUBLE) AS ${type})`;
  if (column.type !== 'VARCHAR') return `CAST(${plain} AS ${type})`;
  const quick = FORMS.map(({ form, type: fit }) => `WHEN ${form} THEN CAST(CAST(${plain} AS ${fit}) AS ${type})`);
  return `CASE ${formName(column)} ${quick.join(' ')} ELSE CAST(${plain} AS ${type}) END`;
}

function formName({ value }: UsedColumn): string {
  return `${value}__form`;
}

/** Returns the select list of how the numbers are written that are text, which `valueSql` needs to read them quickly. */
export function formColumns(layout: Layout, reading: Reading): string[] {
  if (reading.layout.kind === 'wide') return [];
  return textNumbers(layout).map((column) => `penny_form(${plainSql(column, reading)}) AS ${formName(column)}`);
}

/** Returns SQL for how many digits behind the point a line has at most, if these may be more than `scale`, or else 0. */
export function excessSql(layout: Layout, reading: Reading): string {
  const texts = textNumbers(layout);
  if (reading.layout.kind === 'wide' || texts.length === 0) return '0';
  const { scale } = reading.layout;
  const digits = texts.map((column) => {
    const counted = `penny_excess_digits(${plainSql(column, reading)}, ${scale})`;
    return `CASE WHEN ${formName(column)} > 0 OR ${formName(column)} IS NULL THEN 0 ELSE ${counted} END`;
  });
  return `greatest(${digits.join(', ')})`;
}

function plainSql({ filled, type }: UsedColumn, { accounting }: Reading): string {
  return accounting && type === 'VARCHAR' ? `penny_from_accounting(${filled})` : filled;
}

/** Returns the columns whose values may be unreadable without harm: times as text that no sum hangs on. */
export function lenientTimes(layout: Layout): { name: string; column: UsedColumn }[] {
  return [...layout.places].flatMap(([name, places]) => {
    if (layout.source.columns[name]?.lenient !== true) return [];
    return places.filter(({ column }) => column.type === 'VARCHAR').map(({ column }) => ({ name, column }));
  });
}

/** Returns the columns that hold numbers as text, which may have any number of digits. */
export function textNumbers(layout: Layout): UsedColumn[] {
  return [...layout.places].flatMap(([name, places]) => {
    if (layout.source.columns[name]?.kind !== 'number') return [];
    return places.map(({ column }) => column).filter(({ type }) => type === 'VARCHAR');
  });
}
