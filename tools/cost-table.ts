import type { CostRequest, CostResult, CostRow, CostTotals } from '../db/queries/costs.ts';
import { type Dimension, dimensionName } from '../db/queries/dimensions.ts';
import type { Cell, CellValue, Column, Table } from './tool.ts';

/** A money cell; `currency` null where several stand in one column and a column of its own says which. */
export const money = (value: string | null, currency: string | null): Cell => ({
  value,
  kind: 'money',
  unit: currency,
});

export const percent = (value: string | null): Cell => ({ value, kind: 'percent', unit: 'percent' });

export const count = (value: number): Cell => ({ value, kind: 'count', unit: 'count' });

/** Facts of each currency; with more than one, the currency is part of the name: `total_EUR`. */
export function perCurrency<Totals extends { currency: string }>(
  totals: readonly Totals[],
  factsOf: (totals: Totals) => Record<string, Cell>,
): Record<string, Cell> {
  return Object.fromEntries(
    totals.flatMap((one) =>
      Object.entries(factsOf(one)).map(([name, cell]) => [totals.length > 1 ? `${name}_${one.currency}` : name, cell]),
    ),
  );
}

/** The facts of a cost question. `rest` is what of the total the table does not show. */
export function costFacts({ totals, days }: CostResult, compared: boolean): Record<string, Cell> {
  const facts = perCurrency(totals, (one) => ({
    total: money(one.total, one.currency),
    ...(compared ? comparedFacts(one) : {}),
    average_per_day: money(one.averagePerDay, one.currency),
    credits: money(one.credits, one.currency),
    rest: money(one.rest, one.currency),
  }));
  const rows = totals.reduce((sum, one) => sum + one.groups, 0);
  return { ...facts, days: count(days), row_count: count(rows) };
}

function comparedFacts({ totalPrevious, change, percentChange, currency }: CostTotals): Record<string, Cell> {
  return {
    total_previous: money(totalPrevious, currency),
    change: money(change, currency),
    percent_change: percent(percentChange),
  };
}

/** The columns a dimension takes: its value, and what accounts and resources are called. */
export function dimensionColumns(dimension: Dimension): Column[] {
  const name = dimensionName(dimension);
  const value: Column = { name, kind: 'text', unit: null, ...(isUntrusted(dimension) ? { untrusted: true } : {}) };
  if (name === 'sub_account_id') return [value, text('sub_account_name')];
  if (name === 'billing_account_id') return [value, text('billing_account_name')];
  if (name === 'resource_id') return [value, { ...text('resource_name'), untrusted: true }];
  return [value];
}

const text = (name: string): Column => ({ name, kind: 'text', unit: null });

/** What people outside could have written. */
function isUntrusted(dimension: Dimension): boolean {
  return dimension.kind === 'tag' || dimension.column === 'resource_id' || dimension.column === 'charge_description';
}

/** The values of one row under `dimensionColumns`. */
export function dimensionValues(dimensions: readonly Dimension[], row: Pick<CostRow, 'groups' | 'names'>): CellValue[] {
  return dimensions.flatMap((dimension, index) => {
    const value = row.groups[index] ?? null;
    return dimensionColumns(dimension).length === 1 ? [value] : [value, row.names[index] ?? null];
  });
}

/** The table 'costs': dimensions, period, currency where there are several, amounts. */
export function costTable(request: CostRequest, { totals, rows }: CostResult, title: string): Table {
  const { groupBy, granularity, comparedTo } = request;
  const several = totals.length > 1 && !groupBy.some((dimension) => dimensionName(dimension) === 'billing_currency');
  const bucketed = granularity !== 'none';
  const unit = totals.length === 1 ? (totals[0]?.currency ?? null) : null;
  const amount = (name: string): Column => ({ name, kind: 'money', unit });
  const columns: Column[] = [
    ...groupBy.flatMap(dimensionColumns),
    ...(bucketed ? [date('period')] : []),
    ...(bucketed && comparedTo ? [date('previous_period')] : []),
    ...(several ? [text('billing_currency')] : []),
    amount('cost'),
    ...(comparedTo ? [amount('previous'), amount('change'), percentColumn('percent_change')] : []),
    ...(!comparedTo && hasShare(request) ? [percentColumn('share')] : []),
  ];
  const cells = rows.map((row) => [
    ...dimensionValues(groupBy, row),
    ...(bucketed ? [row.bucket] : []),
    ...(bucketed && comparedTo ? [row.previousBucket] : []),
    ...(several ? [row.currency] : []),
    row.cost,
    ...(comparedTo ? [row.previous, row.change, row.percentChange] : []),
    ...(!comparedTo && hasShare(request) ? [row.share] : []),
  ]);
  return { name: 'costs', title, columns, rows: cells };
}

const date = (name: string): Column => ({ name, kind: 'date', unit: 'date' });

const percentColumn = (name: string): Column => ({ name, kind: 'percent', unit: 'percent' });

/** A share says something only where the total is divided. */
const hasShare = ({ groupBy, granularity }: CostRequest): boolean => groupBy.length > 0 || granularity !== 'none';
