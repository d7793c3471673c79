import { z } from 'zod';
import {
  type AnomalyPlace,
  type AnomalyRequest,
  type AnomalyResult,
  type ListedAnomaly,
  listAnomalies,
  partsOf,
} from '../db/queries/anomalies.ts';
import { queryCosts } from '../db/queries/costs.ts';
import { encodeCursor } from '../db/queries/cursor.ts';
import { type CostFilter, parseDimension } from '../db/queries/dimensions.ts';
import { daysBefore } from '../db/queries/freshness.ts';
import { type AccountNames, causeWords, componentWords, kindWords, knownCause, whatWords } from './anomaly-words.ts';
import { answerCall, type Call, nothingLoaded } from './call.ts';
import { count, money, perCurrency } from './cost-table.ts';
import { amountInput, filtersInput, periodInput, toFilter } from './dimension-input.ts';
import { resolveFilters } from './filters.ts';
import { withCursor } from './paging.ts';
import { choosePeriods, type Periods } from './periods.ts';
import { type CellValue, type Chart, type Column, defineTool, type Table, type ToolResult } from './tool.ts';

const input = z.object({
  period: periodInput.describe('Anomalies with a day in it, as for query_costs. Default "last 30 days".'),
  openOnly: z.boolean().default(false).describe('Only those that still go on.'),
  filters: filtersInput.describe(
    'Conditions on what an anomaly is of or comes from: service, account, region, usage type, resource, tag.',
  ),
  minimumImpact: amountInput.optional().describe('Only those that cost, or saved, at least this much.'),
  includeQuiet: z.boolean().default(false).describe('Also those that people muted, planned, expected or called wrong.'),
  anomalyId: z
    .number()
    .int()
    .min(1)
    .optional()
    .describe('One anomaly by its number, with all that is known of its cause.'),
  orderBy: z
    .enum(['impact', 'newest'])
    .default('impact')
    .describe('impact: the largest first; newest: the latest first.'),
  limit: z.number().int().min(1).max(200).default(20).describe('How many rows.'),
  cursor: z.string().optional().describe('The nextCursor of the page before, to go on after it.'),
});

type Input = z.output<typeof input>;

export const findAnomaliesTool = defineTool({
  name: 'find_anomalies',
  title: 'Anomalies',
  description: `Lists unexpected cost that detection found: what, since when, how much more (or less) than expected, and why. Use it for anomalies, spikes, surprises, unusual or unexpected cost, cost problems, or what is new. One problem is one row, wherever it shows. For why cost changed between two periods use explain_change.
Returns the facts count, open_count, total_impact (what rises cost), total_saved (what drops saved), the table "anomalies", for one anomaly also "drivers" and "days", and a chart of the worst with what was expected. Money is effective_cost without credits and tax; the last two days are not judged.`,
  input,
  access: 'read',
  run: (context, given) =>
    withCursor(cursorOf(given.orderBy), given.cursor, (cursor) =>
      answerCall(context, { tool: 'find_anomalies', input: given }, (call) => answer(call, given, cursor?.after)),
    ),
});

function cursorOf(order: Input['orderBy']) {
  const value = { impact: z.string().regex(/^\d+(\.\d+)?$/), newest: z.iso.date() }[order];
  return z.object({ order: z.literal(order), after: z.object({ value, anomalyId: z.number().int() }) });
}

async function answer(call: Call, given: Input, after: AnomalyPlace | undefined): Promise<ToolResult> {
  const nothing = nothingLoaded(call);
  if (nothing) return nothing;
  const periods = choosePeriods(given, call.context, call.freshness);
  const resolved = await resolveFilters(call, given.filters.map(toFilter));
  if (resolved.notFound) return call.notFound(resolved.notFound);
  const result = await listAnomalies(call.client, toRequest(given, periods, resolved.filters, after));
  if (given.anomalyId !== undefined && result.anomalies.length === 0) {
    return call.noData(`There is no anomaly ${given.anomalyId} that you may see.`, [], { sql: result.sql });
  }
  return shown(call, given, result, periods);
}

function toRequest(
  { anomalyId, openOnly, minimumImpact, includeQuiet, orderBy, limit }: Input,
  { current }: Periods,
  filters: readonly CostFilter[],
  after: AnomalyPlace | undefined,
): AnomalyRequest {
  const about = anomalyId === undefined ? { period: current.range } : { anomalyId };
  return {
    ...about,
    ...{ openOnly, filters, includeQuiet, orderBy, limit, after },
    ...(minimumImpact === undefined ? {} : { minimumImpact: String(minimumImpact) }),
  };
}

async function shown(call: Call, given: Input, result: AnomalyResult, periods: Periods): Promise<ToolResult> {
  const { totals, anomalies, next } = result;
  const currency = call.freshness.currencies[0] ?? 'XXX';
  const known = totals.length > 0 ? totals : [{ currency, count: 0, open: 0, rises: '0', drops: '0' }];
  const unit = known.length === 1 ? (known[0]?.currency ?? null) : null;
  const accounts: AccountNames = new Map(
    call.catalog.accounts.flatMap(({ id, name }) => (name === null ? [] : [[id, name]])),
  );
  const matching = known.reduce((sum, one) => sum + one.count, 0);
  const [worst] = [...anomalies].sort((one, other) => Math.abs(Number(other.impact)) - Math.abs(Number(one.impact)));
  const chart = worst === undefined ? undefined : await chartOf(call, worst, accounts);
  const isOne = given.anomalyId !== undefined;
  return call.ok(
    {
      facts: {
        count: count(matching),
        open_count: count(known.reduce((sum, one) => sum + one.open, 0)),
        ...perCurrency(known, (one) => ({
          total_impact: money(one.rises, one.currency),
          total_saved: money(one.drops, one.currency),
        })),
      },
      tables: [
        anomalyTable(anomalies, isOne ? 'The anomaly' : `Anomalies, ${periods.current.label}`, unit, accounts),
        ...(isOne && worst !== undefined ? [await driverTable(call, worst, accounts), dayTable(worst)] : []),
      ],
      ...(chart === undefined ? {} : { chart }),
    },
    {
      sql: result.sql,
      ...(isOne ? {} : { period: periods.current.range }),
      costBasis: 'effective_cost',
      credits: 'excluded',
      notes: [...(isOne ? [] : periods.notes), ...notesOn(call, given, matching, anomalies)],
      rowCount: anomalies.length,
      truncated: matching > anomalies.length,
      nextCursor: next && encodeCursor({ order: given.orderBy, after: next }),
    },
  );
}

const SETTLING_DAYS = 2;

function notesOn({ freshness }: Call, given: Input, matching: number, anomalies: readonly ListedAnomaly[]): string[] {
  const judged = freshness.dataThrough === null ? null : daysBefore(freshness.dataThrough, SETTLING_DAYS);
  const none = given.includeQuiet ? 'No anomaly matches.' : 'No anomaly matches, those set aside by people left out.';
  return [
    ...(matching === 0 ? [none] : []),
    ...(judged === null ? [] : [`Days are judged up to ${judged}; later ones are not settled.`]),
    ...(anomalies.some(({ role }) => role === 'view')
      ? ['Some of this is part of a problem that reaches beyond what you may see, so its cause is not shown.']
      : []),
  ];
}

const text = (name: string): Column => ({ name, kind: 'text', unit: null });
const date = (name: string): Column => ({ name, kind: 'date', unit: 'date' });
const untrusted = (name: string): Column => ({ ...text(name), untrusted: true });

function anomalyTable(
  anomalies: readonly ListedAnomaly[],
  title: string,
  unit: string | null,
  accounts: AccountNames,
): Table {
  const amount = (name: string): Column => ({ name, kind: 'money', unit });
  return {
    name: 'anomalies',
    title,
    columns: [
      { name: 'anomaly_id', kind: 'text', unit: null },
      untrusted('what'),
      text('kind'),
      date('since'),
      date('last_day'),
      text('state'),
      ...(unit === null ? [text('billing_currency')] : []),
      amount('cost'),
      amount('expected'),
      amount('impact'),
      { name: 'percent', kind: 'percent', unit: 'percent' },
      untrusted('cause'),
      text('set_aside'),
    ],
    rows: anomalies.map((one): CellValue[] => [
      String(one.anomalyId),
      whatWords(one.dimensions, accounts),
      kindWords(one),
      one.startDate,
      one.endDate,
      stateWords(one),
      ...(unit === null ? [one.currency] : []),
      one.actual,
      one.expected,
      one.impact,
      one.percent,
      causeWords(one, accounts),
      one.quietBecause,
    ]),
  };
}

const CLOSED_WORDS: Record<string, string> = {
  back_to_expected: 'over',
  new_level: 'over: the new level',
  verdict: 'over: called expected',
  restated: 'withdrawn: the bill was corrected',
};

const stateWords = ({ state, closedBecause }: ListedAnomaly): string =>
  state === 'open' ? 'open' : (CLOSED_WORDS[closedBecause ?? ''] ?? 'over');

/** What of the change is where: price and use, resources, usage types, and what else has most of it; of a bundle its parts. */
async function driverTable({ client }: Call, anomaly: ListedAnomaly, accounts: AccountNames): Promise<Table> {
  const cause = knownCause(anomaly.cause);
  const columns: Column[] = [
    text('part'),
    untrusted('value'),
    untrusted('name'),
    { name: 'change', kind: 'money', unit: anomaly.currency },
    { name: 'share', kind: 'percent', unit: 'percent' },
  ];
  if (cause === null) {
    const parts = await partsOf(client, anomaly.anomalyId);
    const rows = parts.map((one): CellValue[] => [
      ...['anomaly', String(one.anomalyId), whatWords(one.dimensions, accounts), one.impact, null],
    ]);
    return { name: 'drivers', title: 'What began together', columns, rows };
  }
  const named = cause.named.filter(({ dimension }) => dimension !== 'resource_id' && dimension !== 'x_usage_type');
  return {
    name: 'drivers',
    title: `What the change is made of, against ${cause.comparedTo.start} to ${daysBefore(cause.comparedTo.end, 1)}`,
    columns,
    rows: [
      ...cause.components.map(({ component, change, share }): CellValue[] => [
        ...[component, componentWords(component, change), null, change, share],
      ]),
      ...named.map(({ dimension, value, name, change, share }): CellValue[] => [dimension, value, name, change, share]),
      ...cause.usageTypes.map(({ value, name, change, share }): CellValue[] => [
        'x_usage_type',
        value,
        name,
        change,
        share,
      ]),
      ...cause.resources.map(({ value, name, change, share }): CellValue[] => [
        'resource_id',
        value,
        name,
        change,
        share,
      ]),
      ...cause.inventory.changes.map(({ resourceId, name, kind, date: day }): CellValue[] => [
        ...[`inventory: ${kind.replace('_', ' ')} ${day}`, resourceId, name, null, null],
      ]),
    ],
  };
}

function dayTable({ days, currency }: ListedAnomaly): Table {
  const amount = (name: string): Column => ({ name, kind: 'money', unit: currency });
  return {
    name: 'days',
    title: 'The days that deviate',
    columns: [date('date'), amount('cost'), amount('expected')],
    rows: days.map((day) => [day.date, day.cost, day.expectedCost]),
  };
}

/** Days before and after that a chart shows. */
const CHART_DAYS = { before: 28, after: 7 };

/** Cost by day around an anomaly, and what was expected of its days. */
async function chartOf(call: Call, anomaly: ListedAnomaly, accounts: AccountNames): Promise<Chart | undefined> {
  const title = `Cost and what was expected: ${whatWords(anomaly.dimensions, accounts)}`;
  // What began together is no series of the bill.
  const cost = anomaly.kind === 'several' ? ownDays(anomaly) : await costAround(call, anomaly);
  const expected = new Map(anomaly.days.map((day) => [day.date, Number(day.expectedCost)]));
  const x = [...cost.keys()].sort();
  if (x.length < 3) return undefined;
  return {
    ...{ kind: 'line', title, unit: anomaly.currency, x },
    series: [
      { name: 'cost', values: x.map((day) => cost.get(day) ?? null) },
      { name: 'expected', values: x.map((day) => expected.get(day) ?? null) },
    ],
  };
}

const ownDays = ({ days }: ListedAnomaly): Map<string, number> =>
  new Map(days.map((day) => [day.date, Number(day.cost)]));

async function costAround(call: Call, anomaly: ListedAnomaly): Promise<Map<string, number>> {
  const filters = Object.entries({ ...anomaly.dimensions, billing_currency: anomaly.currency }).flatMap(
    ([name, value]): CostFilter[] => {
      const dimension = parseDimension(name);
      return dimension === undefined ? [] : [{ dimension, operator: 'in', values: [value] }];
    },
  );
  const charges = {
    dimension: { kind: 'column', column: 'charge_category' },
    operator: 'in',
    values: ['Usage', 'Purchase'],
  } as const;
  const period = {
    start: daysBefore(anomaly.startDate, CHART_DAYS.before),
    end: daysBefore(anomaly.endDate, -CHART_DAYS.after - 1),
  };
  const { rows } = await queryCosts(
    call.client,
    {
      ...{ metric: 'effective_cost', period, groupBy: [], granularity: 'day', rankBuckets: false, rankBy: 'amount' },
      ...{ order: 'descending', direction: 'any', limit: 1, includeCredits: false },
      filters: [...filters, { ...charges, values: [...charges.values] }],
      scope: call.context.principal.scope,
    },
    call.freshness,
  );
  return new Map(rows.flatMap(({ bucket, cost }) => (bucket === null ? [] : [[bucket, Number(cost)]])));
}
