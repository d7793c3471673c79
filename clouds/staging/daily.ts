import { z } from 'zod';
import { CHARGE_COLUMNS, type ChargeColumn } from '../../analytics/focus.ts';
import type { BillingSource } from '../contract.ts';
import {
  checkedSql,
  constantColumns,
  type Layout,
  lenientTimes,
  lowName,
  type Reading,
  textNumbers,
  valueSql,
} from './columns.ts';
import { type Engine, query } from './engine.ts';
import {
  EXCESS_DIGITS,
  KEY_COLUMNS,
  LINE,
  type Lines,
  linesSql,
  lowSql,
  moneyColumns,
  type Plan,
  planLines,
  readName,
  SUM_COLUMNS,
  TAG_KEY,
  tagValues,
  UNREAD,
  unreadSql,
  withLow,
} from './lines.ts';
import { identifier, literal, literals } from './sql.ts';

/** The kinds of rows of a table of summed lines. */
export const DAILY = 0;
export const TOTAL = 1;
export const TAGS = 2;

/**
 * Creates a table of the lines of one group of files, summed in one pass over them. Its rows are of three kinds:
 *
 * - DAILY: a row per day and distinct value of the columns that the mapping uses and that are not summed;
 * - TOTAL: a row or a few per currency, summed over the lines themselves, which the daily rows are held against;
 * - TAGS (CSV only): a row per distinct set of tags, with the columns that hold them. For Parquet, `x__line` says where each
 *   set is first seen; to read it there is cheaper than to carry maps along.
 */
export async function sumLines(engine: Engine, table: string, lines: Lines): Promise<void> {
  const { layout, reading, isParquet } = lines;
  const plan = planLines(layout, reading);
  const tags = isParquet ? [] : tagValues(layout);
  const read = isParquet ? [] : moneyColumns(layout).map(readName);
  const keys = [...plan.keys.keys(), ...plan.perLine, TAG_KEY];
  const sets = [keys, plan.totals, ...(tags.length === 0 ? [] : [[TAG_KEY, ...tags]])];
  const kind = `CASE WHEN grouping(charge_period_start) = 0 THEN ${DAILY} WHEN grouping(${TAG_KEY}) = 0 THEN ${TAGS} ELSE ${TOTAL} END`;
  const sums = withLow([...plan.sums, ...read], reading).map((column) => `sum(${column}) AS ${column}`);
  const isText = textNumbers(layout).length > 0;
  const isLenient = lenientTimes(layout).length > 0;
  const measures = [
    'count(*) AS x_line_count',
    `${isParquet ? `min(${LINE})` : 'NULL'} AS ${LINE}`,
    `${isText ? `max(${EXCESS_DIGITS})` : '0'} AS ${EXCESS_DIGITS}`,
    `${isLenient ? `sum(${UNREAD})` : '0'} AS ${UNREAD}`,
  ];
  await engine.connection.run(`
    CREATE OR REPLACE TABLE ${table} AS
    SELECT CAST(${kind} AS TINYINT) AS kind, ${[...new Set([...keys, ...tags])].join(', ')}, ${sums.join(', ')},
      ${measures.join(', ')}
    FROM ${linesSql(lines, plan)}
    GROUP BY GROUPING SETS (${sets.map((set) => `(${set.join(', ')})`).join(', ')})`);
}

/**
 * Returns SQL for the daily rows of a table of summed lines as charges, under the names of CHARGE_COLUMNS, with the key of
 * their tags and their number of lines.
 */
export function chargesSql(layout: Layout, reading: Reading, table: string): string {
  const plan = planLines(layout, reading);
  const columns = KEY_COLUMNS.filter((column) => !plan.perLine.includes(column)).map(
    (column) => `${chargeSql(column, layout.source.charge)} AS ${column}`,
  );
  const perLine = plan.perLine.map((column) =>
    CHARGE_COLUMNS[column] === 'time' ? `CAST(${column} AS TIMESTAMP) AS ${column}` : column,
  );
  const carried = [...plan.perLine, TAG_KEY, 'x_line_count'];
  return `(SELECT ${[...columns, ...perLine, ...summedColumns(layout, reading, plan), TAG_KEY, 'x_line_count'].join(', ')}
    FROM (SELECT ${[...laterColumns(layout, reading, plan), ...plannedSums(reading, plan), ...carried].join(', ')} FROM ${summedRows(layout, table)} WHERE kind = ${DAILY})
    ${lookups(layout.source)})`;
}

/** Returns SQL for the totals of a table of summed lines: the sums of a charge, those of the source, and the currency. */
export function totalsSql(layout: Layout, reading: Reading, table: string): string {
  const plan = planLines(layout, reading);
  const own = withLow([...SUM_COLUMNS], reading).join(', ');
  return `(SELECT * EXCLUDE (${own}), ${summedColumns(layout, reading, plan).join(', ')}, ${chargeSql('billing_currency', layout.source.charge)} AS currency
    FROM (SELECT * EXCLUDE (${withLow(plan.sums, reading).join(', ')}), ${[...laterColumns(layout, reading, plan), ...plannedSums(reading, plan)].join(', ')} FROM ${summedRows(layout, table)} WHERE kind = ${TOTAL})
    ${lookups(layout.source)})`;
}

/** Returns SQL for the rows of a table of summed lines, with what all lines agree in. */
export function summedRows(layout: Layout, table: string): string {
  return `(SELECT ${['*', ...constantColumns(layout)].join(', ')} FROM ${table})`;
}

/** The sums as far as they are in the table, and NULL for those that the file has no numbers for. */
function plannedSums(reading: Reading, plan: Plan): string[] {
  const none = reading.layout.kind === 'wide' ? 'HUGEINT' : 'DECIMAL(38, 0)';
  const missing = SUM_COLUMNS.filter((column) => !plan.sums.includes(column));
  return [
    ...withLow(plan.sums, reading),
    ...withLow(missing, reading).map((name) => `CAST(NULL AS ${none}) AS ${name}`),
  ];
}

function summedColumns({ source }: Layout, reading: Reading, plan: Plan): string[] {
  return SUM_COLUMNS.flatMap((column) => {
    if (!plan.derived.includes(column)) return withLow([column], reading);
    const sql = source.charge[column];
    const list = [`${sql} AS ${column}`];
    return reading.layout.kind === 'wide' ? [...list, `${lowSql(sql, SUM_COLUMNS)} AS ${lowName(column)}`] : list;
  });
}

/** Stops, with an error of DuckDB, at the first value of a table of summed lines that its source may not have. */
export async function checkSummed(engine: Engine, layout: Layout, reading: Reading, table: string): Promise<void> {
  const plan = planLines(layout, reading);
  const checked = plan.later.flatMap((name) => {
    const column = layout.source.columns[name];
    const sql = column === undefined ? identifier(name) : checkedSql(name, column);
    return sql === identifier(name) ? [] : [`count(${sql})`];
  });
  if (checked.length === 0) return;
  await engine.connection.run(
    `SELECT ${checked.join(', ')} FROM (SELECT ${laterColumns(layout, reading, plan).join(', ')} FROM ${summedRows(layout, table)} WHERE kind = ${DAILY})`,
  );
}

/** Returns how many values of a table of summed lines count as missing because they could not be read. */
export async function countUnread(engine: Engine, layout: Layout, reading: Reading, table: string): Promise<number> {
  const plan = planLines(layout, reading);
  const later = unreadSql(layout, (name) => plan.later.includes(name));
  const [row] = await query(
    engine,
    `SELECT coalesce(sum(${UNREAD} + (${later}) * x_line_count), 0) AS unread FROM ${summedRows(layout, table)} WHERE kind = ${DAILY}`,
    z.object({ unread: z.coerce.number() }),
  );
  return row?.unread ?? 0;
}

function laterColumns(layout: Layout, reading: Reading, plan: Plan): string[] {
  return plan.later.map((name) => `${valueSql(layout, name, reading, 'value', 'group')} AS ${identifier(name)}`);
}

function lookups({ lookups: tables }: BillingSource): string {
  return Object.entries(tables)
    .map(([table, { columns, rows, by }]) => {
      const values = rows.map((row) => `(${literals(row)})`).join(', ');
      return `LEFT JOIN (VALUES ${values}) AS ${table}(${columns.join(', ')}) ON ${table}.${columns[0]} = ${by}`;
    })
    .join(' ');
}

/** The mapping of a source, with the defaults for what a bill may leave out. */
function chargeSql(column: ChargeColumn, charge: BillingSource['charge']): string {
  const sql = charge[column];
  const start = charge.billing_period_start;
  if (column === 'billing_period_end') {
    return `CASE WHEN ${sql} > ${start} THEN ${sql} ELSE ${start} + INTERVAL 1 MONTH END`;
  }
  if (column === 'billing_account_id') return `coalesce(${sql}, ${literal('unspecified')})`;
  if (column === 'billing_currency') return `coalesce(upper(${sql}), 'XXX')`;
  return CHARGE_COLUMNS[column] === 'time' ? sql : `CAST(${sql} AS VARCHAR)`;
}
