import { type ChargeColumn, chargeColumns } from '../../analytics/focus.ts';
import type { BillingSource } from '../contract.ts';
import {
  checkedSql,
  type Layout,
  lenientTimes,
  lowName,
  partName,
  partSql,
  type Reading,
  textNumbers,
  valueSql,
} from './columns.ts';
import { identifier } from './sql.ts';

/** What goes with a line besides the columns of a charge: a number that stands for its tags, where it is, its digits. */
export const TAG_KEY = 'x__tag_key';
export const LINE = 'x__line';
export const EXCESS_DIGITS = 'x__excess_digits';
export const CURRENCY = 'x__currency';
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
  /** What tells lines apart: SQL over the `v0`, `v1`, ... of a line, by the name under which it is grouped. */
  keys: Map<string, string>;
  /** Columns of a charge that have to be found on each line: the charge period, and where numbers decide. */
  perLine: ChargeColumn[];
  /** Columns of a charge that are summed; the others have no number in the file. */
  sums: ChargeColumn[];
  /** Columns of the source that the rest of the mapping uses, once lines that agree in all this have been summed. */
  later: string[];
}

/** Returns what has to be done on each line; all the rest is left until there are an order of magnitude fewer. */
export function planLines({ source, places }: Layout): Plan {
  const perLine = KEY_COLUMNS.filter(
    (column) =>
      column === 'charge_period_start' ||
      column === 'charge_period_end' ||
      columnsIn(source.charge[column], source).some((name) => isSummed(name, source)),
  );
  const later = new Set(Object.values(source.lookups).map(({ by }) => by));
  for (const column of KEY_COLUMNS) {
    if (!perLine.includes(column)) for (const name of columnsIn(source.charge[column], source)) later.add(name);
  }
  const keys = new Map<string, string>();
  for (const { column, part } of [...later].flatMap((name) => places.get(name) ?? [])) {
    // A map cannot be grouped by cheaply; what is read of it can. JSON text is the other way round.
    if (part === undefined || column.type === 'VARCHAR') keys.set(column.value, column.value);
    else keys.set(partName(column, part), partSql(column, part));
  }
  const sums = SUM_COLUMNS.filter((column) =>
    columnsIn(source.charge[column], source).some(
      (name) => isSummed(name, source) && (places.get(name) ?? []).length > 0,
    ),
  );
  return { keys, perLine, sums, later: [...later] };
}

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
  const { layout, reading, from, isParquet } = lines;
  const { source } = layout;
  const tags = tagValues(layout);
  const onLine = [...plan.perLine, ...plan.sums, 'billing_currency' as const];
  const needed = new Set(onLine.flatMap((column) => columnsIn(source.charge[column], source)));
  const read = readColumns(lines);
  const carried = [...plan.keys.keys(), ...tags, TAG_KEY, LINE, EXCESS_DIGITS, UNREAD, ...read.map(({ name }) => name)];
  const line = isParquet ? 'file_index * 1099511627776 + file_row_number' : 'CAST(NULL AS BIGINT)';
  const key = tags.length === 0 ? 'CAST(NULL AS UBIGINT)' : `hash(${tags.join(', ')})`;
  const values = [...needed].flatMap((name) => {
    const halves = isSummed(name, source) ? withLow([name], reading) : [name];
    return halves.map(
      (half) => `${valueSql(layout, name, reading, half === name ? 'value' : 'low')} AS ${identifier(half)}`,
    );
  });
  const checks = [...needed].flatMap((name) => {
    const column = source.columns[name];
    if (column === undefined) return [];
    const low = isSummed(name, source) ? withLow([name], reading).slice(1) : [];
    return [`${checkedSql(name, column)} AS ${identifier(name)}`, ...low.map(identifier)];
  });
  return select(
    [
      ...plan.perLine.map((column) => `${periodSql(column, source.charge)} AS ${column}`),
      `${currencySql(source)} AS ${CURRENCY}`,
      ...plan.sums.flatMap((column) => sumSql(column, layout, reading)),
      ...new Set(carried),
    ],
    select(
      [...checks, ...new Set(carried)],
      select(
        [
          ...values,
          ...new Map(
            [...plan.keys, ...tags.map((tag) => [tag, tag] as const)].map(([name, sql]) => [name, `${sql} AS ${name}`]),
          ).values(),
          `${key} AS ${TAG_KEY}`,
          LINE,
          excessDigits(lines),
          `${unreadSql(layout, (name) => needed.has(name))} AS ${UNREAD}`,
          ...read.map(({ sql, name }) => `${sql} AS ${name}`),
        ],
        select([...readTexts(lines), `${line} AS ${LINE}`], from),
      ),
    ),
  );
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
      select(readTexts(lines), from),
    ),
  );
}

/** SQL for how many values of a line count as missing because they can't be read, of the columns `only` lets through. */
export function unreadSql(layout: Layout, only: (name: string) => boolean): string {
  const columns = lenientTimes(layout).filter(({ name }) => only(name));
  const bad = columns.map(
    ({ column: { value } }) => `CAST(${value} IS NOT NULL AND penny_time_if_any(${value}) IS NULL AS TINYINT)`,
  );
  return bad.length === 0 ? 'CAST(0 AS TINYINT)' : bad.join(' + ');
}

/** SQL for the currency of a line, whose money never meets that of another one. */
export function currencySql(source: BillingSource): string {
  return `coalesce(upper(${source.charge.billing_currency}), 'XXX')`;
}

function readTexts({ layout, isParquet }: Lines): string[] {
  // DuckDB's CSV reader has made NULL of empty texts already.
  return layout.used.map(
    ({ ref, type, value }) => `${type === 'VARCHAR' && isParquet ? `nullif(${ref}, '')` : ref} AS ${value}`,
  );
}

function select(columns: readonly string[], from: string): string {
  return `(SELECT ${columns.join(', ')}\n FROM ${from})`;
}

function sumSql(column: ChargeColumn, { source, places }: Layout, reading: Reading): string[] {
  const sql = source.charge[column];
  if (reading.layout.kind === 'decimal') return [`${sql} AS ${column}`];
  const numbers = [...places.keys()].filter((name) => isSummed(name, source));
  const low = numbers.reduce((text, name) => text.replaceAll(new RegExp(`\\b${name}\\b`, 'g'), lowName(name)), sql);
  return [`CAST(${sql} AS HUGEINT) AS ${column}`, `CAST(${low} AS HUGEINT) AS ${lowName(column)}`];
}

function periodSql(column: ChargeColumn, charge: BillingSource['charge']): string {
  const day = `date_trunc('day', ${charge.charge_period_start})`;
  if (column === 'charge_period_start') return `CAST(${day} AS TIMESTAMP)`;
  if (column !== 'charge_period_end') return charge[column];
  // The first midnight at or after the end, and never less than a day.
  const last = `date_trunc('day', coalesce(${charge.charge_period_end}, ${charge.charge_period_start}) - INTERVAL 1 MICROSECOND)`;
  return `CAST(greatest(${day}, ${last}) + INTERVAL 1 DAY AS TIMESTAMP)`;
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

function excessDigits({ layout, reading }: Lines): string {
  const texts = textNumbers(layout);
  if (reading.layout.kind === 'wide' || texts.length === 0) return `0 AS ${EXCESS_DIGITS}`;
  const { scale } = reading.layout;
  return `greatest(${texts.map(({ value }) => `penny_excess_digits(${value}, ${scale})`).join(', ')}) AS ${EXCESS_DIGITS}`;
}
