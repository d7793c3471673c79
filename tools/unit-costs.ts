import { z } from 'zod';
import { divideDecimals, multiplyDecimals, subtractDecimals } from '../analytics/money.ts';
import {
  type KnownMetric,
  listMetrics,
  type UnitCost,
  type UnitGranularity,
  unitCosts,
} from '../db/queries/unit-costs.ts';
import { answerCall, type Call, nothingLoaded } from './call.ts';
import { count, money, percent } from './cost-table.ts';
import { coversWords } from './covers.ts';
import { metricInput, periodInput } from './dimension-input.ts';
import { formatCell } from './format.ts';
import { choosePeriods, type Periods } from './periods.ts';
import { type Cell, type Chart, type Column, defineTool, type Table, type ToolResult } from './tool.ts';

const input = z.object({
  name: z
    .string()
    .trim()
    .min(1)
    .max(200)
    .optional()
    .describe('The business metric, such as "orders"; not needed when there is one.'),
  part: z
    .string()
    .regex(/^[^=]+=.+$/, 'A part is written like tag:team=checkout.')
    .optional()
    .describe('Of which part, such as "tag:team=checkout", where the metric is known of several.'),
  metric: metricInput,
  period: periodInput,
  compareTo: z.string().default('previous period').describe('What to compare with: "previous period" or any period.'),
  granularity: z.enum(['none', 'day', 'week', 'month']).default('none').describe('Also split by time, for trends.'),
});

type Input = z.output<typeof input>;

export const unitCostsTool = defineTool({
  name: 'unit_costs',
  title: 'Unit costs',
  description: `Divides cost by a number of the business that was given to Penny (orders, customers, requests), over time and against an earlier period. Use it for cost per order, per customer, per request, unit costs and unit economics.
Returns facts unit_cost, unit_cost_previous, percent_change, cost, units, days_missing, and the table "unit_costs". Days without a number are left out of both; a day with 0 counts with its cost.`,
  input,
  access: 'read',
  run: (context, given) => answerCall(context, { tool: 'unit_costs', input: given }, (call) => answer(call, given)),
});

async function answer(call: Call, given: Input): Promise<ToolResult> {
  const nothing = nothingLoaded(call);
  if (nothing) return nothing;
  const known = await listMetrics(call.client);
  const metric = chosen(known, given);
  if (metric === undefined) return call.noData(nothingChosen(known, given), known.slice(0, 10).map(nameOf));
  const periods = choosePeriods(given, call.context, call.freshness);
  const currency = call.freshness.currencies[0] ?? 'XXX';
  const ask = (period: Periods['current']['range'], granularity: UnitGranularity) =>
    unitCosts(
      call.client,
      { name: metric.name, dimensions: metric.dimensions, metric: given.metric, currency, period, granularity },
      { freshness: call.freshness, scope: call.context.principal.scope },
    );
  const total = await ask(periods.current.range, 'none');
  const [whole] = total.rows;
  if (whole === undefined || whole.units === null) {
    return call.noData(
      `Of ${nameOf(metric)} no number is known in ${periods.current.label}; they reach from ${metric.firstDate} to ${metric.lastDate}.`,
      [],
    );
  }
  const before = periods.previous === undefined ? undefined : (await ask(periods.previous.range, 'none')).rows[0];
  const split = given.granularity === 'none' ? total : await ask(periods.current.range, given.granularity);
  const table = toTable(split.rows, metric, currency, periods);
  return call.ok(
    { facts: factsOf(whole, before, metric, currency), tables: [table], ...chartOf(split.rows, metric, currency) },
    {
      sql: split.sql,
      period: periods.current.range,
      ...(periods.previous === undefined ? {} : { comparedTo: periods.previous.range }),
      costBasis: given.metric,
      credits: 'excluded',
      rowCount: table.rows.length,
      notes: [...periods.notes, ...notesOn(whole, currency, call)],
    },
  );
}

const nameOf = ({ name, dimensions }: KnownMetric): string =>
  Object.keys(dimensions).length === 0 ? name : `${name} (${coversWords(dimensions)})`;

/** What was named; else the one there is. Without a part that of everything comes first. */
function chosen(known: readonly KnownMetric[], { name, part }: Input): KnownMetric | undefined {
  const plain = name?.toLowerCase().replace(/s$/, '');
  const fits = known.filter(
    (one) =>
      (plain === undefined || one.name.replace(/s$/, '') === plain || one.unit?.toLowerCase() === plain) &&
      (part === undefined || Object.entries(one.dimensions).some(([key, value]) => sameText(`${key}=${value}`, part))),
  );
  const names = new Set(fits.map((one) => one.name));
  return names.size === 1 ? fits[0] : undefined;
}

const sameText = (one: string, other: string): boolean => one.toLowerCase() === other.toLowerCase();

function nothingChosen(known: readonly KnownMetric[], { name, part }: Input): string {
  if (known.length === 0) {
    return 'No number of the business was given yet that you may see. "penny ingest metric FILE" takes a CSV of name, date and value.';
  }
  if (name === undefined && part === undefined) return 'There are several business metrics; say which.';
  return `There is no business metric "${[name, part].filter(Boolean).join(', ').slice(0, 100)}".`;
}

function factsOf(
  whole: UnitCost,
  before: UnitCost | undefined,
  metric: KnownMetric,
  currency: string,
): Record<string, Cell> {
  const [now, then] = [whole.unitCost, before?.unitCost ?? null];
  const change =
    now === null || then === null || Number(then) === 0
      ? null
      : divideDecimals(multiplyDecimals(subtractDecimals(now, then), '100'), then, 4);
  return {
    unit_cost: money(now, currency),
    ...(before === undefined ? {} : { unit_cost_previous: money(then, currency), percent_change: percent(change) }),
    cost: money(whole.cost, currency),
    units: { value: whole.units, kind: 'quantity', unit: metric.unit ?? metric.name },
    days_missing: count(whole.daysMissing),
  };
}

function toTable(rows: readonly UnitCost[], metric: KnownMetric, currency: string, { current }: Periods): Table {
  const amount = (name: string): Column => ({ name, kind: 'money', unit: currency });
  const isSplit = rows.some(({ bucket }) => bucket !== null);
  return {
    name: 'unit_costs',
    title: `Cost per ${metric.unit ?? metric.name}, ${coversWords(metric.dimensions)}, ${current.label}`,
    columns: [
      ...(isSplit ? [{ name: 'period', kind: 'date' as const, unit: 'date' }] : []),
      amount('cost'),
      { name: 'units', kind: 'quantity', unit: null },
      amount('unit_cost'),
      { name: 'days_missing', kind: 'count', unit: 'count' },
    ],
    rows: rows.map((row) => [...(isSplit ? [row.bucket] : []), row.cost, row.units, row.unitCost, row.daysMissing]),
  };
}

function chartOf(rows: readonly UnitCost[], metric: KnownMetric, currency: string): { chart?: Chart } {
  if (rows.length < 3) return {};
  const values = rows.map(({ unitCost }) => (unitCost === null ? null : Number(unitCost)));
  const title = `Cost per ${metric.unit ?? metric.name}`;
  const x = rows.map(({ bucket }) => bucket ?? '');
  return { chart: { kind: 'line', title, unit: currency, x, series: [{ name: 'unit cost', values }] } };
}

function notesOn({ daysMissing, costLeftOut }: UnitCost, currency: string, { freshness }: Call): string[] {
  const notes: string[] = [];
  if (daysMissing > 0) {
    const days = daysMissing === 1 ? '1 day has no number' : `${daysMissing} days have no number`;
    notes.push(`${days}; the ${formatCell(costLeftOut, 'money', currency)} they cost are left out.`);
  }
  if (freshness.currencies.length > 1)
    notes.push(`Only charges in ${currency} are counted; the bill has other currencies too.`);
  return notes;
}
