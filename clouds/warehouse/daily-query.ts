import { CHARGE_COLUMNS, type ChargeColumn } from '../../analytics/focus.ts';
import { PennyError } from '../../errors.ts';
import type { BillingSource } from '../contract.ts';
import { type Layout, layOut, type Place } from '../staging/columns.ts';
import { KEY_COLUMNS, type Plan, planLines, SUM_COLUMNS } from '../staging/lines.ts';
import { identifier, literal, literals } from '../staging/sql.ts';
import { markOf, UNREADABLE } from './daily-source.ts';
import { DIALECTS, type Dialect, type DialectName } from './dialects.ts';

/** A table of a billing export where it lies. */
export interface WarehouseTable {
  /** As one writes it in FROM: 'catalog.schema.table', quoted where needed. */
  name: string;
  /** With the types of the engine's `information_schema.columns`. */
  columns: readonly { name: string; type: string }[];
}

/** What numbers are summed as, exactly: 20 digits before the point and 18 behind it. */
const NUMBER = 'DECIMAL(38, 18)';
/** What comes out are days and months; Athena writes no times to files that are finer than this. */
const TIME = 'TIMESTAMP(3)';

/**
 * Returns the query that makes of a month (YYYY-MM) of an export what a load makes of its files: a row per day and kind of charge, by the same
 * mapping, with tags as JSON text. Its result, as Parquet or CSV, is loaded like any export (`dailySource`).
 * @throws PennyError `column_missing` as a load does; `value_invalid` for a column of a type it cannot read
 */
export function dailyQuery(
  source: BillingSource,
  table: WarehouseTable,
  { month, dialect: name }: { month: string; dialect: DialectName },
): string {
  const dialect: Dialect = DIALECTS[name];
  const layout = layOut(source, asFile(table));
  const plan = planLines(layout, { layout: { kind: 'decimal', scale: 18 }, accounting: false });
  const tags = [...new Set(layout.tags.map(({ column }) => column))];
  return [
    `WITH lines AS (\n  SELECT ${linesColumns(layout, tags, dialect).join(',\n    ')}\n  FROM ${table.name}${partition(table, month)}\n)`,
    `, summed AS (\n  SELECT ${summedColumns(source, plan, tags).join(',\n    ')}\n  FROM lines\n  WHERE ${within(source, month)}\n  GROUP BY ${keysOf(
      plan,
      tags,
    )
      .map((_, index) => index + 1)
      .join(', ')}\n)`,
    `SELECT ${dailyColumns(source, plan, tags).join(',\n  ')}\nFROM summed${lookupJoins(source)}`,
  ].join('\n');
}

/** Returns the query whose rows are the months that the table bills; each begins like '2026-09'. */
export function monthsQuery(source: BillingSource, table: WarehouseTable, dialect: DialectName): string {
  // The folders of the export say it: then no line is read.
  if (isPartitioned(table)) return `SELECT DISTINCT "billing_period" FROM ${table.name}`;
  const lines = linesColumns(layOut(source, asFile(table)), [], DIALECTS[dialect]);
  const month = `CAST(date_trunc('month', ${source.charge.billing_period_start}) AS VARCHAR)`;
  return `SELECT DISTINCT ${month} AS billing_month FROM (\n  SELECT ${lines.join(',\n    ')}\n  FROM ${table.name}\n) AS lines`;
}

function asFile({ name, columns }: WarehouseTable): Parameters<typeof layOut>[1] {
  return {
    ...{ path: name, format: 'parquet', gzip: false, header: undefined, size: 0 },
    columns: columns.map((column) => ({ name: column.name, ref: identifier(column.name), type: typeOf(column.type) })),
  };
}

/** The types that the layout tells apart. */
function typeOf(type: string): string {
  if (/^(varchar|string|char)\b/i.test(type)) return 'VARCHAR';
  if (/^map\b/i.test(type)) return 'MAP(VARCHAR, VARCHAR)';
  return type.toUpperCase();
}

/** Exports lie in a folder a month; with it in the condition the other months are not read, which costs money by the byte. */
function partition(table: WarehouseTable, month: string): string {
  return isPartitioned(table) ? ` WHERE "billing_period" = ${literal(month)}` : '';
}

function isPartitioned({ columns }: WarehouseTable): boolean {
  return columns.some(({ name, type }) => name === 'billing_period' && typeOf(type) === 'VARCHAR');
}

function within({ charge }: BillingSource, month: string): string {
  const first = `CAST(${literal(`${month}-01`)} AS DATE)`;
  return `${charge.billing_period_start} >= ${first} AND ${charge.billing_period_start} < ${first} + INTERVAL '1' MONTH`;
}

/** The columns of the source under their canonical names, and those that hold tags under their own. */
function linesColumns(layout: Layout, tags: readonly string[], dialect: Dialect): string[] {
  const columns = Object.entries(layout.source.columns).map(([name, { kind, lenient }]) => {
    const values = (layout.places.get(name) ?? []).map((place) => placeSql(place, kind, lenient === true, dialect));
    const [first = `CAST(NULL AS ${SQL_TYPE[kind]})`] = values;
    return `${values.length > 1 ? `coalesce(${values.join(', ')})` : first} AS ${identifier(name)}`;
  });
  return [...columns, ...tags.map((tag) => `${tagSql(layout, tag, dialect)} AS ${identifier(tagName(tag))}`)];
}

const SQL_TYPE = { text: 'VARCHAR', price: 'VARCHAR', map: 'VARCHAR', number: NUMBER, time: 'TIMESTAMP' } as const;

function placeSql(
  { column: { ref, type, name }, part }: Place,
  kind: keyof typeof SQL_TYPE,
  lenient: boolean,
  dialect: Dialect,
): string {
  const isText = type === 'VARCHAR';
  const filled = isText ? `nullif(${ref}, '')` : ref;
  if (part !== undefined) {
    if (!isText && !type.startsWith('MAP(')) throw unreadable(name, type);
    return `nullif(${isText ? dialect.jsonEntry(filled, part) : dialect.entry(ref, part)}, '')`;
  }
  if (kind === 'number') return `CAST(${filled} AS ${NUMBER})`;
  if (kind !== 'time') return isText ? filled : `CAST(${ref} AS VARCHAR)`;
  if (!isText) return `CAST(${ref} AS TIMESTAMP(6))`;
  return lenient ? dialect.timeIfAny(filled) : dialect.time(filled);
}

function unreadable(column: string, type: string): PennyError {
  return new PennyError('value_invalid', `The column ${column} is of the type ${type}, which cannot be read here.`);
}

function tagName(tag: string): string {
  return `x__tags_${tag}`;
}

function tagSql({ used }: Layout, tag: string, dialect: Dialect): string {
  const column = used.find(({ name }) => name === tag);
  if (column === undefined || column.type === 'VARCHAR') return identifier(tag);
  if (!column.type.startsWith('MAP(')) throw unreadable(tag, column.type);
  return dialect.json(column.ref);
}

/** What lines that become one row agree in: expressions by the names they get. */
function keysOf(plan: Plan, tags: readonly string[]): string[] {
  return [...plan.later.map(identifier), ...plan.perLine, ...tags.map((tag) => identifier(tagName(tag)))];
}

function summedColumns(source: BillingSource, plan: Plan, tags: readonly string[]): string[] {
  const { charge, columns } = source;
  const required = Object.keys(columns).filter((name) => columns[name]?.filled === true);
  return [
    ...plan.later.map(identifier),
    ...plan.perLine.map((column) => `${perLineSql(column, charge)} AS ${column}`),
    ...tags.map((tag) => identifier(tagName(tag))),
    ...plan.sums.map((column) => `sum(CAST(${charge[column]} AS ${NUMBER})) AS ${column}`),
    `count_if(${required.map((name) => `${identifier(name)} IS NULL`).join(' OR ')}) AS ${UNREADABLE}`,
    'count(*) AS x_line_count',
  ];
}

/** The charge period, widened to whole days; of other columns the mapping. */
function perLineSql(column: ChargeColumn, charge: BillingSource['charge']): string {
  const day = `CAST(${charge.charge_period_start} AS DATE)`;
  if (column === 'charge_period_start') return day;
  if (column !== 'charge_period_end') return charge[column];
  const end = `coalesce(${charge.charge_period_end}, ${charge.charge_period_start})`;
  const after = (date: string) => `CAST(${date} + INTERVAL '1' DAY AS DATE)`;
  const last = `CASE WHEN ${end} = date_trunc('day', ${end}) THEN CAST(${end} AS DATE) ELSE ${after(`CAST(${end} AS DATE)`)} END`;
  return `greatest(${after(day)}, ${last})`;
}

function dailyColumns(source: BillingSource, plan: Plan, tags: readonly string[]): string[] {
  const keys = KEY_COLUMNS.map((column) => {
    const sql = plan.perLine.includes(column) ? column : source.charge[column];
    return `CAST(${sql} AS ${CHARGE_COLUMNS[column] === 'time' ? TIME : 'VARCHAR'}) AS ${column}`;
  });
  const sums = SUM_COLUMNS.map((column) => {
    if (plan.sums.includes(column)) return column;
    const sql = plan.derived.includes(column) ? withMissing(source.charge[column], plan) : 'NULL';
    return `CAST(${sql} AS ${NUMBER}) AS ${column}`;
  });
  return [
    ...keys,
    ...sums,
    ...tags.map((tag) => `${identifier(tagName(tag))} AS ${identifier(tag)}`),
    `CAST(${UNREADABLE} AS VARCHAR) AS ${UNREADABLE}`,
    `x_line_count`,
    `CAST(${literal(source.id)} AS VARCHAR) AS ${markOf(source)}`,
  ];
}

/** The mapping of a column found of sums, where a sum may be one that the export has no numbers for. */
function withMissing(sql: string, plan: Plan): string {
  const missing = SUM_COLUMNS.filter((column) => !plan.sums.includes(column));
  return missing.reduce(
    (text, column) => text.replaceAll(new RegExp(`\\b${column}\\b`, 'g'), `CAST(NULL AS ${NUMBER})`),
    sql,
  );
}

function lookupJoins({ lookups }: BillingSource): string {
  return Object.entries(lookups)
    .map(([table, { columns, rows, by }]) => {
      const values = rows.map((row) => `(${literals(row)})`).join(', ');
      return `\nLEFT JOIN (VALUES ${values}) AS ${table}(${columns.join(', ')}) ON ${table}.${columns[0]} = ${by}`;
    })
    .join('');
}
