import { CHARGE_COLUMNS, type ChargeColumn, chargeColumns } from '../../analytics/focus.ts';
import type { BillingSource } from '../contract.ts';
import {
  checkedSql,
  constantColumns,
  excessSql,
  formColumns,
  isInMap,
  type Layout,
  lenientTimes,
  lowName,
  type Reading,
  valueSql,
} from './columns.ts';
import { identifier } from './sql.ts';

/** What goes with a line besides the columns of a charge: a number that stands for its tags, where it is, its digits. */
export const TAG_KEY = 'x__tag_key';
export const LINE = 'x__line';
/** More lines than a file has: where a line is, is one number of file and row. */
export const FILE_LINES = 2 ** 40;
export const EXCESS_DIGITS = 'x__excess_digits';
export const UNREAD = 'x__unread';

export const SUM_COLUMNS: readonly ChargeColumn[] = chargeColumns('sum');
export const KEY_COLUMNS: readonly ChargeColumn[] = chargeColumns('time', 'text', 'price');

/** Lines of files that one query reads (`from`), and how. */
export interface Lines {
  layout: Layout;
  reading: Reading;
  from: string;
  isParquet: boolean;
}

/** Returns the name under which a money column of the source goes along as it is. */
export function readName(column: string): string {
  return `x__read_${column}`;
}

/** Returns the money columns of the source that the file has. */
export function moneyColumns({ source, places }: Layout): string[] {
  return Object.keys(source.money).filter((name) => (places.get(name) ?? []).length > 0);
}

/** Returns the columns of the file, by their short names, that hold tags. */
export function tagValues({ used, tags }: Layout): string[] {
  return tags.flatMap(({ column }) => used.filter(({ name }) => name === column).map(({ value }) => value));
}

/** Returns the names of numbers, in the wide layout with those of their second halves. */
export function withLow(names: readonly string[], { layout }: Reading): string[] {
  return layout.kind === 'wide' ? names.flatMap((name) => [name, lowName(name)]) : [...names];
}

/** How the columns of a charge come about: on each line, or once for all lines that are alike. */
export interface Plan {
  /** What may tell lines apart: SQL over the `v0`, `v1`, ... of a line, by the name under which it is grouped. */
  keys: Map<string, string>;
  /** Columns of a charge that have to be found on each line: the charge period, and where numbers decide. */
  perLine: ChargeColumn[];
  /** Columns of a charge that are summed over the lines. */
  sums: ChargeColumn[];
  /** Columns of a charge that are found of those sums, because their mapping names other columns of the charge. */
  derived: ChargeColumn[];
  /** The keys of the totals: those of the currency, and what the derived columns depend on. */
  totals: string[];
  /** Columns of the source that the rest of the mapping uses, once lines that agree in all this have been summed. */
  later: string[];
}

/** Returns what has to be done on each line; all the rest is left until there are an order of magnitude fewer. */
export function planLines(layout: Layout, reading: Reading): Plan {
  const { source, places } = layout;
  const perLine = KEY_COLUMNS.filter(
    (column) =>
      column === 'charge_period_start' ||
      column === 'charge_period_end' ||
      columnsIn(source.charge[column], source).some((name) => isSummed(name, source)),
  );
  const named = (column: ChargeColumn) => columnsIn(source.charge[column], source);
  const derived = SUM_COLUMNS.filter((column) => namesCharge(source.charge[column]));
  const later = new Set(Object.values(source.lookups).map(({ by }) => by));
  for (const column of [...KEY_COLUMNS, ...derived]) {
    if (!perLine.includes(column)) for (const name of named(column)) later.add(name);
  }
  const keysOf = (name: string): [string, string][] => {
    const found = places.get(name) ?? [];
    if (isInMap(found)) return [[identifier(name), valueSql(layout, name, reading)]];
    return found.flatMap(({ column: { value, constant } }) => (constant === undefined ? [[value, value]] : []));
  };
  const sums = SUM_COLUMNS.filter(
    (column) =>
      !derived.includes(column) && named(column).some((name) => isSummed(name, source) && isThere(name, layout)),
  );
  const totals = new Set(
    ['billing_currency' as const, ...derived]
      .flatMap(named)
      .flatMap(keysOf)
      .map(([key]) => key),
  );
  return { keys: new Map([...later].flatMap(keysOf)), totals: [...totals], perLine, sums, derived, later: [...later] };
}

function namesCharge(sql: string): boolean {
  return SUM_COLUMNS.some((column) => new RegExp(`\\b${column}\\b`).test(sql));
}

function isThere(name: string, { places }: Layout): boolean {
  return (places.get(name) ?? []).length > 0;
}

/** Returns the columns of a charge that nothing in the files fills. */
export function emptyColumns(layout: Layout, reading: Reading): ChargeColumn[] {
  const { source } = layout;
  const { sums, derived } = planLines(layout, reading);
  const isEmpty = (sql: string) => sql === 'NULL' || (sql in source.columns && !isThere(sql, layout));
  return [
    ...SUM_COLUMNS.filter((column) => !sums.includes(column) && !derived.includes(column)),
    ...KEY_COLUMNS.filter(
      (column) => CHARGE_COLUMNS[column] !== 'time' && !WITH_DEFAULT.has(column) && isEmpty(source.charge[column]),
    ),
  ];
}

// See chargeSql in daily.ts.
const WITH_DEFAULT: ReadonlySet<ChargeColumn> = new Set(['billing_account_id', 'billing_currency']);

function isSummed(name: string, source: BillingSource): boolean {
  return source.columns[name]?.kind === 'number';
}

/** Returns the columns of a source that a SQL expression names. */
function columnsIn(sql: string, source: BillingSource): string[] {
  const words = new Set(sql.replace(/'[^']*'/g, '').match(/\w+/g));
  return Object.keys(source.columns).filter((name) => words.has(name));
}

/**
 * Returns SQL for the lines with what tells them apart and what is summed: a row a line. Its charge period is widened to
 * whole days.
 */
export function linesSql(lines: Lines, plan: Plan): string {
  const { layout, from, isParquet } = lines;
  const { source } = layout;
  const tags = tagValues(layout);
  const needed = new Set([...plan.perLine, ...plan.sums].flatMap((column) => columnsIn(source.charge[column], source)));
  const read = readColumns(lines);
  const keys = new Map([...plan.keys, ...tags.map((tag) => [tag, tag] as const)]);
  for (const name of needed) keys.delete(identifier(name));
  const carried = [...keys.keys(), TAG_KEY, LINE, EXCESS_DIGITS, UNREAD, ...read.map(({ name }) => name)];
  const line = isParquet ? `file_index * ${FILE_LINES} + file_row_number` : 'CAST(NULL AS BIGINT)';
  return select(
    [
      ...plan.perLine.map((column) => `${periodSql(column, source.charge)} AS ${column}`),
      ...plan.sums.flatMap((column) => sumSql(column, layout, lines.reading)),
      ...new Set([...plan.keys.keys(), ...carried]),
    ],
    select(
      [...checkedColumns(needed, lines, plan), ...carried],
      select(
        [
          ...convertedColumns(needed, lines),
          ...[...keys].map(([name, sql]) => `${sql} AS ${name}`),
          `${tags.length === 0 ? 'CAST(NULL AS UBIGINT)' : `hash(${tags.join(', ')})`} AS ${TAG_KEY}`,
          LINE,
          `${excessSql(layout, lines.reading)} AS ${EXCESS_DIGITS}`,
          `${unreadSql(layout, (name) => needed.has(name))} AS ${UNREAD}`,
          ...read.map(({ sql, name }) => `${sql} AS ${name}`),
        ],
        select(['*', ...formColumns(layout, lines.reading)], select([...readTexts(lines), `${line} AS ${LINE}`], from)),
      ),
    ),
  );
}

function convertedColumns(names: Iterable<string>, { layout, reading }: Lines): string[] {
  return [...names].flatMap((name) =>
    halvesOf(name, layout, reading).map(
      (half) => `${valueSql(layout, name, reading, half === name ? 'value' : 'low')} AS ${identifier(half)}`,
    ),
  );
}

/** What lines are grouped by is checked once they are summed. */
function checkedColumns(names: Iterable<string>, { layout, reading }: Lines, plan: Plan): string[] {
  return [...names].flatMap((name) =>
    halvesOf(name, layout, reading).map((half) => {
      const column = layout.source.columns[name];
      const isLater = column === undefined || half !== name || plan.later.includes(name);
      const sql = isLater ? identifier(half) : checkedSql(name, column);
      return `${sql} AS ${identifier(half)}`;
    }),
  );
}

function halvesOf(name: string, { source }: Layout, reading: Reading): string[] {
  return isSummed(name, source) ? withLow([name], reading) : [name];
}

/**
 * Returns SQL for expressions over the columns of the source, and over the money columns as they are, a row a line. Only the
 * columns they name are read.
 */
export function expressionsSql(lines: Lines, expressions: Readonly<Record<string, string>>): string {
  const { layout, reading, from } = lines;
  const needed = new Set(Object.values(expressions).flatMap((sql) => columnsIn(sql, layout.source)));
  const read = readColumns(lines);
  return select(
    [...Object.entries(expressions).map(([name, sql]) => `${sql} AS ${name}`), ...read.map(({ name }) => name)],
    select(
      [
        ...[...needed].map((name) => `${valueSql(layout, name, reading)} AS ${identifier(name)}`),
        ...read.map(({ name, sql }) => `${sql} AS ${name}`),
      ],
      select(['*', ...formColumns(layout, reading)], select(readTexts(lines), from)),
    ),
  );
}

/** SQL for how many values of a line count as missing because they can't be read, of the columns `only` lets through. */
export function unreadSql(layout: Layout, only: (name: string) => boolean): string {
  const columns = lenientTimes(layout).filter(({ name }) => only(name));
  const bad = columns.map(
    ({ column: { filled } }) => `CAST(${filled} IS NOT NULL AND penny_time_if_any(${filled}) IS NULL AS TINYINT)`,
  );
  return bad.length === 0 ? 'CAST(0 AS TINYINT)' : bad.join(' + ');
}

/** SQL for the currency of a line, whose money never meets that of another one. */
export function currencySql(source: BillingSource): string {
  return `coalesce(upper(${source.charge.billing_currency}), 'XXX')`;
}

function readTexts({ layout }: Lines): string[] {
  const read = layout.used.filter(({ constant }) => constant === undefined);
  return [...read.map(({ ref, value }) => `${ref} AS ${value}`), ...constantColumns(layout)];
}

function select(columns: readonly string[], from: string): string {
  return `(SELECT ${columns.join(', ')}\n FROM ${from})`;
}

function sumSql(column: ChargeColumn, { source, places }: Layout, reading: Reading): string[] {
  const sql = source.charge[column];
  if (reading.layout.kind === 'decimal') return [`${sql} AS ${column}`];
  const numbers = [...places.keys()].filter((name) => isSummed(name, source));
  const low = lowSql(sql, numbers);
  return [`CAST(${sql} AS HUGEINT) AS ${column}`, `CAST(${low} AS HUGEINT) AS ${lowName(column)}`];
}

/** Returns SQL for the second halves of numbers of the wide layout, of SQL for the first ones. */
export function lowSql(sql: string, names: readonly string[]): string {
  return names.reduce((text, name) => text.replaceAll(new RegExp(`\\b${name}\\b`, 'g'), lowName(name)), sql);
}

/** The charge period, widened to whole days, as the days it begins on and ends before. */
function periodSql(column: ChargeColumn, charge: BillingSource['charge']): string {
  const day = `CAST(${charge.charge_period_start} AS DATE)`;
  if (column === 'charge_period_start') return day;
  if (column !== 'charge_period_end') return charge[column];
  // The first midnight at or after the end, and never less than a day.
  const last = `CAST(make_timestamp(epoch_us(coalesce(${charge.charge_period_end}, ${charge.charge_period_start})) - 1) AS DATE)`;
  return `greatest(${day}, ${last}) + 1`;
}

/**
 * The money columns of the source as they are, for the sums of the file. Those of text are exact; Parquet has its own types,
 * and floats are summed as floats there.
 */
export function readColumns({ layout, reading, isParquet }: Lines): { name: string; sql: string }[] {
  return moneyColumns(layout).flatMap((column) => {
    const halves = withLow([column], reading).map((half) => ({
      name: readName(half),
      sql: valueSql(layout, column, reading, half === column ? 'value' : 'low'),
    }));
    if (!isParquet || reading.layout.kind === 'wide') return halves;
    const values = (layout.places.get(column) ?? []).map(({ column: { value, type } }) =>
      type === 'VARCHAR'
        ? valueSql(layout, column, reading, 'value')
        : type === 'FLOAT'
          ? `CAST(${value} AS DOUBLE)`
          : value,
    );
    return [
      { name: readName(column), sql: values.length === 1 ? (values[0] ?? '') : `coalesce(${values.join(', ')})` },
    ];
  });
}
