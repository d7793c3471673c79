import { CHARGE_COLUMNS, type ChargeColumn } from '../../analytics/focus.ts';
import { checkedSql, type Layout, type Reading, valueSql } from './columns.ts';
import type { Engine } from './engine.ts';
import {
  CURRENCY,
  EXCESS_DIGITS,
  KEY_COLUMNS,
  LINE,
  type Lines,
  linesSql,
  moneyColumns,
  type Plan,
  planLines,
  readName,
  SUM_COLUMNS,
  TAG_KEY,
  tagValues,
  withLow,
} from './lines.ts';
import { identifier, literal, literals } from './sql.ts';

/** The kinds of rows of a table of staged lines. */
export const DAILY = 0;
export const TOTAL = 1;
export const TAGS = 2;

/**
 * Creates a table of the lines of one group of files, in one pass over them. Its rows are of three kinds:
 *
 * - DAILY: the charges, a row per day and distinct value of every column that is not summed;
 * - TOTAL: a row per currency, summed over the lines themselves, which the daily rows are held against;
 * - TAGS (CSV only): a row per distinct set of tags, with the columns that hold them. For Parquet, `x__line` says where each
 *   set is first seen; to read it there is cheaper than to carry maps along.
 */
export async function stageDaily(engine: Engine, table: string, lines: Lines): Promise<void> {
  const { layout, reading, isParquet } = lines;
  const plan = planLines(layout);
  const tags = isParquet ? [] : tagValues(layout);
  const read = isParquet ? [] : moneyColumns(layout).map(readName);
  const sums = withLow([...SUM_COLUMNS, ...read], reading);
  const keys = [...plan.keys.keys(), ...plan.perLine, TAG_KEY];
  const sets = [keys, [CURRENCY], ...(tags.length === 0 ? [] : [[TAG_KEY, ...tags]])];
  const grouped = `
    SELECT CASE WHEN grouping(charge_period_start) = 0 THEN ${DAILY} WHEN grouping(${CURRENCY}) = 0 THEN ${TOTAL} ELSE ${TAGS} END AS kind,
      ${[...new Set([...keys, ...tags, CURRENCY])].join(', ')},
      ${sums.map((column) => `sum(${column}) AS ${column}`).join(', ')},
      count(*) AS x_line_count, min(${LINE}) AS ${LINE}, max(${EXCESS_DIGITS}) AS ${EXCESS_DIGITS}
    FROM ${linesSql(lines, plan)}
    GROUP BY GROUPING SETS (${sets.map((set) => `(${set.join(', ')})`).join(', ')})`;
  const carried = [...plan.perLine, ...tags, ...sums, CURRENCY, 'kind', TAG_KEY, LINE, EXCESS_DIGITS, 'x_line_count'];
  await engine.connection.run(`CREATE TEMP TABLE ${table} AS ${mapped(layout, reading, plan, grouped, carried)}`);
}

/** What the mapping says of the columns that no number decides, for rows that have been summed. */
function mapped(
  { source, ...layout }: Layout,
  reading: Reading,
  plan: Plan,
  grouped: string,
  carried: string[],
): string {
  const values = plan.later.map(
    (name) => `${valueSql({ source, ...layout }, name, reading, 'value', 'group')} AS ${identifier(name)}`,
  );
  const checks = plan.later.map((name) => {
    const column = source.columns[name];
    return `${column === undefined ? identifier(name) : checkedSql(name, column, `kind = ${DAILY}`)} AS ${identifier(name)}`;
  });
  const columns = KEY_COLUMNS.filter((column) => !plan.perLine.includes(column)).map(
    (column) => `${chargeSql(column, source.charge)} AS ${column}`,
  );
  return `SELECT ${[...columns, ...carried].join(', ')}
    FROM (SELECT ${[...checks, ...carried].join(', ')} FROM (SELECT ${[...values, ...carried].join(', ')} FROM (${grouped})))
    ${lookups(source)}`;
}

function lookups({ lookups: tables }: Layout['source']): string {
  return Object.entries(tables)
    .map(([table, { columns, rows, by }]) => {
      const values = rows.map((row) => `(${literals(row)})`).join(', ');
      return `LEFT JOIN (VALUES ${values}) AS ${table}(${columns.join(', ')}) ON ${table}.${columns[0]} = ${by}`;
    })
    .join(' ');
}

/** The mapping of a source, with the defaults for what a bill may leave out. */
function chargeSql(column: ChargeColumn, charge: Layout['source']['charge']): string {
  const sql = charge[column];
  const start = charge.billing_period_start;
  if (column === 'billing_period_end')
    return `CASE WHEN ${sql} > ${start} THEN ${sql} ELSE ${start} + INTERVAL 1 MONTH END`;
  if (column === 'billing_account_id') return `coalesce(${sql}, ${literal('unspecified')})`;
  if (column === 'billing_currency') return `coalesce(upper(${sql}), 'XXX')`;
  return CHARGE_COLUMNS[column] === 'time' ? sql : `CAST(${sql} AS VARCHAR)`;
}
