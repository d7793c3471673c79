import { z } from 'zod';
import { type CostRequest, type CostResult, queryCosts } from '../db/queries/costs.ts';
import { dimensionName } from '../db/queries/dimensions.ts';
import { chargesExist } from '../db/queries/values.ts';
import { answerCall, type Call, type NotFound, nothingLoaded } from './call.ts';
import { costChart } from './cost-chart.ts';
import { amountNotes, limitNotes } from './cost-notes.ts';
import { costFacts, costTable } from './cost-table.ts';
import {
  amountInput,
  dimensionInput,
  filtersInput,
  metricInput,
  periodInput,
  toDimension,
  toFilter,
} from './dimension-input.ts';
import { dimensionWord } from './dimension-words.ts';
import { missingValue, resolveFilters, unknownTagKey } from './filters.ts';
import { startOfUnit } from './period/days.ts';
import { choosePeriods, type Periods } from './periods.ts';
import { defineTool, type ToolResult } from './tool.ts';

const input = z.object({
  metric: metricInput,
  period: periodInput,
  compareTo: z
    .string()
    .optional()
    .describe('Also sum an earlier period and the change: "previous period", "same period last year", or any period.'),
  groupBy: z
    .array(dimensionInput)
    .max(3)
    .default([])
    .describe(
      'Up to three dimensions, such as ["service_name"] or ["tag:team"]. Use sub_account_id for "account", tag:KEY for teams, environments and the like. Empty: the total only.',
    ),
  filters: filtersInput,
  granularity: z
    .enum(['none', 'day', 'week', 'month', 'quarter'])
    .default('none')
    .describe(
      'Also split by time, for trends. With groupBy each group is shown over time. Without groupBy all days (weeks, ...) come in order, or, when limit or rankBy is given, the top ones: "which day cost most" is granularity day, limit 1.',
    ),
  rankBy: z
    .enum(['amount', 'change', 'percent change'])
    .optional()
    .describe(
      'What rows are ranked by; default amount. The changes compare with the previous period unless compareTo says otherwise.',
    ),
  order: z
    .enum(['descending', 'ascending'])
    .default('descending')
    .describe('descending: the largest first; with direction falling the largest fall first.'),
  direction: z
    .enum(['any', 'rising', 'falling'])
    .default('any')
    .describe('Only rows whose cost rose, or fell, against the period compared with.'),
  limit: z.number().int().min(1).max(500).optional().describe('How many rows; default 50, or 10 groups over time.'),
  minimum: amountInput.optional().describe('Only rows whose cost is at least this, to leave out noise.'),
  includeCredits: z
    .boolean()
    .default(false)
    .describe('Credits are left out and shown apart as the fact "credits"; true counts them in ("net cost").'),
});

type Input = z.output<typeof input>;

/** Rows of one result at most, however many groups and days are asked for. */
const MOST_ROWS = 2_000;

export const queryCostsTool = defineTool({
  name: 'query_costs',
  title: 'Costs',
  description: `Sums cost from the bill: totals, breakdowns by service, account, region, tag or any other dimension, trends over time, comparisons of two periods, and rankings by amount or change. Use it for every question of how much, which costs most, top N, rising or falling, per day or month, share, average per day.
Returns facts (total, average_per_day, days, credits, rest, row_count; with compareTo also total_previous, change, percent_change) and the table "costs". To learn why a cost changed use explain_change; for single resources with their tags and state use find_resources.`,
  input,
  access: 'read',
  run: (context, given) => answerCall(context, { tool: 'query_costs', input: given }, (call) => answer(call, given)),
});

async function answer(call: Call, given: Input): Promise<ToolResult> {
  const nothing = nothingLoaded(call);
  if (nothing) return nothing;
  const periods = choosePeriods({ period: given.period, compareTo: comparison(given) }, call.context, call.freshness);
  const needsChange = given.direction !== 'any' || (given.rankBy ?? 'amount') !== 'amount';
  if (periods.missingComparison !== undefined && needsChange) {
    return call.noData(periods.missingComparison, [`since ${call.freshness.dataFrom}`]);
  }
  const groupBy = given.groupBy.map(toDimension);
  const resolved = await resolveFilters(call, given.filters.map(toFilter));
  let notFound: NotFound | undefined = resolved.notFound;
  for (const dimension of groupBy) notFound ??= await unknownTagKey(call, dimension);
  if (notFound) return call.notFound(notFound);

  const request = toRequest(given, periods, {
    groupBy,
    filters: resolved.filters,
    scope: call.context.principal.scope,
  });
  const result = await queryCosts(call.client, request, call.freshness);
  const empty = await noCharges(call, request, result, resolved.unsure, periods);
  if (empty && 'status' in empty) return empty;
  return shown(
    call,
    request,
    empty ?? result,
    periods,
    empty === undefined ? [] : ['There are no such charges in this period.'],
  );
}

/** A ranking by change needs something to compare with; the period before is what people mean. */
function comparison({ compareTo, rankBy, direction }: Input): string | undefined {
  if (compareTo !== undefined) return compareTo;
  return rankBy === 'change' || rankBy === 'percent change' || direction !== 'any' ? 'previous period' : undefined;
}

function toRequest(
  given: Input,
  { current, previous }: Periods,
  resolved: Pick<CostRequest, 'groupBy' | 'filters' | 'scope'>,
): CostRequest {
  const bucketed = given.granularity !== 'none';
  const ranksBuckets =
    bucketed && resolved.groupBy.length === 0 && (given.limit !== undefined || given.rankBy !== undefined);
  const series = bucketed && !ranksBuckets;
  return {
    metric: given.metric,
    period: current.range,
    ...(previous ? { comparedTo: previous.range } : {}),
    ...resolved,
    granularity: given.granularity,
    rankBuckets: ranksBuckets,
    rankBy: given.rankBy ?? 'amount',
    order: given.order,
    direction: given.direction,
    limit: limitOf(given, series, current.range),
    ...(given.minimum === undefined ? {} : { minimum: String(given.minimum) }),
    includeCredits: given.includeCredits || asksForCredits(resolved.filters),
  };
}

function limitOf({ limit, granularity }: Input, series: boolean, range: { start: string; end: string }): number {
  if (!series || granularity === 'none') return limit ?? 50;
  const days = (Date.parse(range.end) - Date.parse(range.start)) / 86_400_000;
  const buckets = Math.ceil(days / { day: 1, week: 7, month: 28, quarter: 90 }[granularity]) + 1;
  return Math.max(1, Math.min(limit ?? 10, Math.floor(MOST_ROWS / buckets)));
}

/** A filter that names the category Credit would otherwise always find nothing. */
function asksForCredits(filters: CostRequest['filters']): boolean {
  return filters.some(
    ({ dimension, operator, values }) =>
      dimensionName(dimension) === 'charge_category' && operator === 'in' && values.includes('Credit'),
  );
}

/** Undefined when there are charges; otherwise why there are none: a name or days without any, or a true zero. */
async function noCharges(
  call: Call,
  request: CostRequest,
  result: CostResult,
  unsure: CostRequest['filters'],
  { current }: Periods,
): Promise<ToolResult | CostResult | undefined> {
  if (result.totals.some(({ lines }) => lines > 0)) return undefined;
  const about = { sql: result.sql, period: request.period };
  const { scope } = call.context.principal;
  if (!(await chargesExist(call.client, [], request.period, scope, call.freshness))) {
    const { dataFrom, dataThrough } = call.freshness;
    const searched = `There are no charges at all in ${current.label}. The data covers ${dataFrom} to ${dataThrough}.`;
    return call.noData(searched, [`since ${dataFrom}`, 'last month'], about);
  }
  const missing = await missingValue(call, unsure);
  if (missing) return call.notFound(missing, about);
  return result.totals.length > 0 ? result : { ...result, totals: [zero(call)] };
}

/** Nothing was charged, which in the currency of the bill is 0. */
function zero({ freshness }: Call): CostResult['totals'][number] {
  return {
    currency: freshness.currencies[0] ?? 'XXX',
    total: '0',
    totalPrevious: '0',
    change: '0',
    percentChange: null,
    averagePerDay: '0',
    credits: '0',
    tax: '0',
    lines: 0,
    unknownFor: null,
    groups: 0,
    rest: '0',
  };
}

function shown(call: Call, request: CostRequest, result: CostResult, periods: Periods, notes: string[]): ToolResult {
  const title = titleOf(request, periods);
  const chart = costChart(request, result, title);
  const truncated = result.totals.some(({ groups }) => groups > request.limit);
  return call.ok(
    {
      facts: costFacts(result, request.comparedTo !== undefined),
      tables: [costTable(request, result, title)],
      ...(chart ? { chart } : {}),
    },
    {
      sql: result.sql,
      period: request.period,
      ...(request.comparedTo ? { comparedTo: request.comparedTo } : {}),
      costBasis: request.metric,
      credits: request.includeCredits ? 'included' : 'excluded',
      notes: [
        ...notes,
        ...periods.notes,
        ...(periods.missingComparison === undefined ? [] : [periods.missingComparison]),
        ...amountNotes(request, result.totals),
        ...partBuckets(request),
        ...limitNotes(result.totals, request.limit),
      ],
      rowCount: result.rows.length,
      truncated,
    },
  );
}

const WORDS: Record<string, string> = {
  effective_cost: 'Effective cost',
  billed_cost: 'Billed cost',
  contracted_cost: 'Contracted cost',
  list_cost: 'List cost',
};

function titleOf(request: CostRequest, { current, previous }: Periods): string {
  const by = request.groupBy.map((dimension) => dimensionWord(dimensionName(dimension)));
  if (request.granularity !== 'none') by.push(request.granularity);
  const grouped = by.length === 0 ? '' : ` by ${by.join(' and ')}`;
  const compared = previous ? `, compared with ${previous.label}` : '';
  return `${WORDS[request.metric]}${grouped}, ${current.label}${compared}`;
}

/** The first and last week, month or quarter are usually cut, which a falling last bar would hide. */
function partBuckets({ granularity, period }: CostRequest): string[] {
  if (granularity === 'none' || granularity === 'day') return [];
  const cut = [
    ...(startOfUnit(period.start, granularity) === period.start ? [] : ['first']),
    ...(startOfUnit(period.end, granularity) === period.end ? [] : ['last']),
  ];
  if (cut.length === 0) return [];
  return [`The ${cut.join(' and the ')} ${granularity} ${cut.length === 1 ? 'is' : 'are'} not whole.`];
}
