import { z } from 'zod';
import { COSTS, type Cost } from '../../analytics/focus.ts';
import { addDecimals, type DecimalText, plainDecimal } from '../../analytics/money.ts';
import { type Layout, lowName, type NumberLayout, type Reading } from './columns.ts';
import { totalsSql } from './daily.ts';
import { type Engine, query } from './engine.ts';
import { currencySql, expressionsSql, type Lines, moneyColumns, planLines, readColumns, readName } from './lines.ts';

/** Sums over the lines of files, per currency: the four costs of the mapping, and the money columns as they are. */
export interface Totals {
  lines: number;
  costs: Record<Cost, DecimalText | null>;
  /** By canonical name of the column. */
  read: Record<string, DecimalText>;
}

export type TotalsByCurrency = Map<string, Totals>;

const totalRow = z.record(z.string(), z.unknown());

/** Returns SQL for a sum as decimal text without zeros at its end. */
export function sumText(name: string, layout: NumberLayout): string {
  if (layout.kind === 'wide') return `penny_short(penny_wide_text(${name}, ${lowName(name)}))`;
  const { scale } = layout;
  if (scale === 0) return `CAST(${name} AS VARCHAR)`;
  const text = `penny_short(CAST(${name} AS VARCHAR))`;
  // What fits in 64 bits becomes text three times as fast. Not worth it where digits would have to be taken off first.
  const most = 10 ** (17 - scale);
  if (most < 10) return text;
  return `CASE WHEN ${name} BETWEEN -${most} AND ${most} THEN penny_short(CAST(CAST(${name} AS DECIMAL(18, ${scale})) AS VARCHAR)) ELSE ${text} END`;
}

/** Returns the sums over the lines of a staged group of CSV files. */
export async function stagedTotals(
  engine: Engine,
  table: string,
  layout: Layout,
  reading: Reading,
  isParquet: boolean,
): Promise<TotalsByCurrency> {
  const money = isParquet ? [] : moneyColumns(layout);
  const { sums, derived } = planLines(layout, reading);
  const costs = COSTS.filter((cost) => sums.includes(cost) || derived.includes(cost));
  const rows = await query(
    engine,
    `SELECT currency, x_line_count AS lines, ${[
      ...costs.map((cost) => `${sumText(cost, reading.layout)} AS ${cost}`),
      ...money.map((column) => `${sumText(readName(column), reading.layout)} AS ${readName(column)}`),
    ].join(', ')} FROM ${totalsSql(layout, reading, table)}`,
    totalRow,
  );
  // 'usd' and 'USD' are two rows of one currency.
  return rows.map((row) => new Map([[String(row.currency), toTotals(row, money)]])).reduce(addTotals, new Map());
}

/**
 * Returns the sums of the money columns of Parquet files, read by themselves and in the file's own types: floats are summed as
 * floats, whatever becomes of them later.
 */
export async function parquetTotals(engine: Engine, lines: Lines): Promise<Map<string, Record<string, DecimalText>>> {
  const columns = moneyColumns(lines.layout);
  const sums = readColumns(lines).map(({ name }) => `CAST(sum(${name}) AS VARCHAR) AS ${name}`);
  const rows = await query(
    engine,
    `SELECT currency, ${sums.join(', ')} FROM ${expressionsSql(lines, { currency: currencySql(lines.layout.source) })} GROUP BY currency`,
    totalRow,
  );
  return new Map(rows.map((row) => [String(row.currency), toTotals(row, columns).read]));
}

function toTotals(row: Record<string, unknown>, columns: readonly string[]): Totals {
  const costs = Object.fromEntries(COSTS.map((cost) => [cost, text(row[cost])])) as Totals['costs'];
  const read = columns.map((column) => [column, text(row[readName(column)]) ?? '0'] as const);
  return { lines: Number(row.lines ?? 0), costs, read: Object.fromEntries(read) };
}

function text(value: unknown): DecimalText | null {
  return value === null || value === undefined ? null : plainDecimal(String(value));
}

/** Returns the sums of both, currency by currency. */
export function addTotals(first: TotalsByCurrency, second: TotalsByCurrency): TotalsByCurrency {
  const sums = new Map(first);
  for (const [currency, totals] of second) {
    const known = sums.get(currency);
    if (known === undefined) sums.set(currency, totals);
    else {
      const add = (a: DecimalText | null | undefined, b: DecimalText | null | undefined) =>
        a == null ? (b ?? null) : b == null ? a : addDecimals(a, b);
      const costs = Object.fromEntries(
        COSTS.map((cost) => [cost, add(known.costs[cost], totals.costs[cost])]),
      ) as Totals['costs'];
      const names = new Set([...Object.keys(known.read), ...Object.keys(totals.read)]);
      const read = [...names].map((name) => [name, add(known.read[name], totals.read[name]) ?? '0'] as const);
      sums.set(currency, { lines: known.lines + totals.lines, costs, read: Object.fromEntries(read) });
    }
  }
  return sums;
}
