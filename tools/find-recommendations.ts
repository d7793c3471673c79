import { z } from 'zod';
import { divideDecimals, multiplyDecimals, roundDecimal } from '../analytics/money.ts';
import { CHECKS, COMMITMENT_CHECKS } from '../analytics/rightsizing/registry.ts';
import { queryCosts } from '../db/queries/costs.ts';
import { encodeCursor } from '../db/queries/cursor.ts';
import type { CostFilter } from '../db/queries/dimensions.ts';
import { daysBefore } from '../db/queries/freshness.ts';
import {
  type CheckRunRow,
  listCheckRuns,
  listRecommendations,
  type Recommendation,
  type RecommendationList,
  type RecommendationPlace,
  type RecommendationRequest,
} from '../db/queries/recommendations.ts';
import { RECOMMENDATION_STATES } from '../db/schema/recommendations.ts';
import { answerCall, type Call } from './call.ts';
import { count, money, percent } from './cost-table.ts';
import { amountInput } from './dimension-input.ts';
import { resolveFilters } from './filters.ts';
import { formatCell } from './format.ts';
import { withCursor } from './paging.ts';
import { checkTable, evidenceTables, recommendationTable } from './recommendation-words.ts';
import { type Cell, type DateRange, defineTool, type ToolResult } from './tool.ts';

const name = z.string().trim().min(1).max(300);
const checkIds = [...CHECKS, ...COMMITMENT_CHECKS].map(({ id }) => id);

const input = z.object({
  recommendationId: z
    .number()
    .int()
    .min(1)
    .optional()
    .describe('One by its number, in any state, with what was measured and how its estimate is made up.'),
  checks: z
    .array(z.enum(checkIds))
    .max(40)
    .default([])
    .describe('Only what these checks found; all of them by default.'),
  text: name.optional().describe('A part of the id or name of the resource.'),
  service: name.optional().describe('Service, by its name on the bill.'),
  account: name.optional().describe('Account, by id or name.'),
  region: name.optional().describe('Region id such as "eu-west-1".'),
  environment: name.optional().describe('Environment as the tags name it, such as "staging"; case aside.'),
  owner: name.optional().describe('Owner or team as the tags name it; case aside.'),
  tags: z
    .array(z.object({ key: name, value: name }))
    .max(20)
    .default([])
    .describe('Tags of the resource that all must be there; keys and values case aside.'),
  states: z
    .array(z.enum(RECOMMENDATION_STATES))
    .default(['open', 'accepted', 'regressed'])
    .describe('By default those that still wait to be done; "dismissed" are those somebody said no to.'),
  kind: z
    .enum(['usage', 'rate'])
    .optional()
    .describe('usage: use less (idle, too large, older kinds); rate: pay less for it (commitments).'),
  risk: z.enum(['low', 'medium', 'high']).optional().describe('Only those of this risk.'),
  minimumSavings: amountInput.optional().describe('Only those that save at least this much a month.'),
  withAlternatives: z
    .boolean()
    .default(false)
    .describe('Also those that overlap a larger saving on the same charges; they are never added.'),
  limit: z.number().int().min(1).max(500).default(20).describe('How many rows.'),
  cursor: z.string().optional().describe('The nextCursor of the page before, to go on after it.'),
});

type Input = z.output<typeof input>;

const place = z.object({
  currency: z.string(),
  savings: z.string().regex(/^\d+(\.\d+)?$/),
  recommendationId: z.number(),
});

export const findRecommendationsTool = defineTool({
  name: 'find_recommendations',
  title: 'Recommendations',
  description: `Lists what would save money, with the resource, what to do, the estimate a month and the risk: idle, unused, unattached, stopped or oversized resources, older types, old snapshots, commitments. Use it for waste, savings potential, rightsizing, optimization, what to turn off, what is idle or unused, and for one recommendation with its evidence. For savings already made use show_savings; to have one carried out use propose_remediation.
Returns the facts count, total_estimated, at_list_price, paid_by_commitments and share_of_spend, rate_total for commitments (never added to total_estimated), the tables "recommendations" and "by_check", for one also "measured" and "saved_charges". An estimate is net of discounts, for a month of 730 hours; what overlaps is counted once.`,
  input,
  access: 'read',
  run: (context, given) =>
    withCursor(place, given.cursor, (after) =>
      answerCall(context, { tool: 'find_recommendations', input: given }, (call) => answer(call, given, after)),
    ),
});

async function answer(call: Call, given: Input, after: RecommendationPlace | undefined): Promise<ToolResult> {
  const runs = await listCheckRuns(call.client);
  if (runs.length === 0) {
    return call.noData('The checks have not run yet. They run every six hours; penny recommend runs them at once.', []);
  }
  const named = await resolveFilters(call, namesOf(given));
  if (named.notFound) return call.notFound(named.notFound);
  const request = toRequest(given, named.filters, after);
  const list = await listRecommendations(call.client, request);
  const [only] = list.recommendations;
  if (given.recommendationId !== undefined && only === undefined) {
    return call.noData(`There is no recommendation ${given.recommendationId} for you.`, []);
  }
  const period = settledPeriod(call);
  const spend = await spendOf(call, named.filters, period);
  const isOne = given.recommendationId !== undefined && only !== undefined;
  return call.ok(
    {
      facts: factsOf(list, spend),
      tables: [recommendationTable(list), ...(isOne ? evidenceTables(only) : [checkTable(list)])],
    },
    {
      period,
      costBasis: 'effective_cost',
      credits: 'excluded',
      notes: isOne ? notesOnOne(only) : notesOn(list, runs, given),
      rowCount: list.recommendations.length,
      truncated: list.next !== undefined,
      nextCursor: list.next === undefined ? undefined : encodeCursor(list.next),
    },
  );
}

/** Names that stand on the bill are looked up as those of query_costs are. */
function namesOf({ service, account, region }: Input): CostFilter[] {
  const named = (column: 'service_name' | 'sub_account_id' | 'region_id', value: string | undefined): CostFilter[] =>
    value === undefined ? [] : [{ dimension: { kind: 'column', column }, operator: 'in', values: [value] }];
  return [...named('service_name', service), ...named('sub_account_id', account), ...named('region_id', region)];
}

function toRequest(
  given: Input,
  filters: readonly CostFilter[],
  after: RecommendationPlace | undefined,
): RecommendationRequest {
  const valuesOf = (column: string): readonly string[] | undefined =>
    filters.find(({ dimension }) => dimension.kind === 'column' && dimension.column === column)?.values;
  const { recommendationId, checks, text, environment, owner, tags, kind, risk, minimumSavings, limit } = given;
  const isOne = recommendationId !== undefined;
  return {
    ...{ recommendationId, text, environment, owner, tags, kind, limit, after },
    checkIds: checks.length === 0 ? undefined : checks,
    serviceNames: valuesOf('service_name'),
    subAccountIds: valuesOf('sub_account_id'),
    regionIds: valuesOf('region_id'),
    states: isOne ? RECOMMENDATION_STATES : given.states,
    risks: risk === undefined ? undefined : [risk],
    minimumSavings: minimumSavings === undefined ? undefined : String(minimumSavings),
    withAlternatives: isOne || given.withAlternatives,
  };
}

const SETTLED_DAYS = 30;

/** The last full thirty settled days, which estimates are made from. */
function settledPeriod({ freshness, context }: Call): DateRange {
  const end = daysBefore(freshness.dataThrough ?? context.now.toISOString().slice(0, 10), 1);
  return { start: daysBefore(end, SETTLED_DAYS), end };
}

/** What is spent in a month of 730 hours on what was asked about, by currency. */
async function spendOf(call: Call, filters: readonly CostFilter[], period: DateRange): Promise<Map<string, string>> {
  const { totals } = await queryCosts(
    call.client,
    {
      ...{ metric: 'effective_cost', period, groupBy: [], filters, granularity: 'none', rankBuckets: false },
      ...{ rankBy: 'amount', order: 'descending', direction: 'any', limit: 1, includeCredits: false },
      scope: call.context.principal.scope,
    },
    call.freshness,
  );
  return new Map(
    totals.flatMap(({ currency, total }) =>
      total === null ? [] : [[currency, divideDecimals(multiplyDecimals(total, '730'), String(SETTLED_DAYS * 24), 6)]],
    ),
  );
}

function factsOf({ totals }: RecommendationList, spend: ReadonlyMap<string, string>): Record<string, Cell> {
  const currencies = [...new Set(totals.map(({ currency }) => currency))];
  const sums = currencies.length === 0 ? [...spend.keys()].slice(0, 1) : currencies;
  return Object.fromEntries(
    sums.flatMap((currency) => {
      const of = (kind: 'usage' | 'rate') => totals.find((one) => one.currency === currency && one.kind === kind);
      const [usage, rate] = [of('usage'), of('rate')];
      const total = usage?.estimatedMonthlySavings ?? '0';
      const spent = spend.get(currency);
      const share =
        spent === undefined || Number(spent) <= 0
          ? null
          : roundDecimal(multiplyDecimals(divideDecimals(total, spent), '100'), 2);
      const facts: [string, Cell][] = [
        ['count', count(usage?.count ?? 0)],
        ['total_estimated', money(roundDecimal(total, 2), currency)],
        ['at_list_price', money(roundDecimal(usage?.listMonthlySavings ?? '0', 2), currency)],
        ['paid_by_commitments', money(roundDecimal(usage?.coveredMonthlySavings ?? '0', 2), currency)],
        ['share_of_spend', percent(share)],
        ['rate_count', count(rate?.count ?? 0)],
        ['rate_total', money(roundDecimal(rate?.estimatedMonthlySavings ?? '0', 2), currency)],
      ];
      return facts.map(([fact, cell]) => [sums.length > 1 ? `${fact}_${currency}` : fact, cell]);
    }),
  );
}

function notesOn({ totals }: RecommendationList, runs: readonly CheckRunRow[], given: Input): string[] {
  const notes: string[] = [];
  for (const { kind, currency, coveredMonthlySavings, alternatives } of totals) {
    if (kind === 'usage' && Number(coveredMonthlySavings) > 0) {
      notes.push(
        `Commitments pay for ${formatCell(coveredMonthlySavings, 'money', currency)} of that: saved only when something else uses them then.`,
      );
    }
    if (alternatives > 0)
      notes.push(`${alternatives} more overlap a larger saving on the same charges and are not added.`);
  }
  if (totals.some(({ kind, count: found }) => kind === 'rate' && found > 0)) {
    notes.push('Commitments would cover what use is left: rate_total is not to be added to total_estimated.');
  }
  return [
    ...notes,
    ...unknownNotes(
      runs.filter(({ checkId }) => given.checks.length === 0 || given.checks.some((id) => id === checkId)),
    ),
  ];
}

const UNKNOWN_SHOWN = 3;

/** What could not be judged is no proof of use. */
function unknownNotes(runs: readonly CheckRunRow[]): string[] {
  return [...runs]
    .filter(({ unknown }) => unknown > 0)
    .sort((one, other) => other.unknown - one.unknown)
    .slice(0, UNKNOWN_SHOWN)
    .map(({ checkId, unknown, missing }) => {
      const [most] = Object.entries(missing).sort(([, one], [, other]) => other - one);
      return `${checkId} could not judge ${unknown}; missing for most: ${most?.[0] ?? 'data'}.`;
    });
}

function notesOnOne({ evidence, basis, dismissedUntil, state }: Recommendation): string[] {
  const notes = Array.isArray(evidence.notes) ? evidence.notes.map(String) : [];
  const until = dismissedUntil === null ? '' : ` until ${dismissedUntil}`;
  return [basis, ...notes, ...(state === 'dismissed' ? [`It was dismissed and does not come back${until}.`] : [])];
}
