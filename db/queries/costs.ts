import { sql } from 'drizzle-orm';
import type pg from 'pg';
import type { Principal } from '../principal.ts';
import { chargeSource, type Source } from './charges.ts';
import { costStatement } from './cost-statement.ts';
import type { CostFilter, DateRange, Dimension, Metric } from './dimensions.ts';
import { coveredDays, type Freshness } from './freshness.ts';
import { runQuery, toText } from './run.ts';
import type { Snapshot } from './snapshot.ts';

export type Granularity = 'none' | 'day' | 'week' | 'month' | 'quarter';

/** A question about cost, everything decided. */
export interface CostRequest {
  metric: Metric;
  period: DateRange;
  comparedTo?: DateRange;
  groupBy: readonly Dimension[];
  filters: readonly CostFilter[];
  granularity: Granularity;
  /** With a granularity: rank the days, weeks, ... themselves; otherwise the groups are ranked and each shown over time. */
  rankBuckets: boolean;
  rankBy: 'amount' | 'change' | 'percent change';
  /** Of what is ranked; among falling ones, descending begins with the largest fall. */
  order: 'descending' | 'ascending';
  direction: 'any' | 'rising' | 'falling';
  /** How many groups (or buckets, when they are ranked) per currency. */
  limit: number;
  /** Decimal text: only groups whose amount is at least this. */
  minimum?: string;
  includeCredits: boolean;
  scope: Principal['scope'];
}

/** The sums over everything the request matches in one currency, whatever the limit. Decimal text; null is unknown. */
export interface CostTotals {
  currency: string;
  total: string | null;
  totalPrevious: string | null;
  change: string | null;
  percentChange: string | null;
  averagePerDay: string | null;
  credits: string;
  tax: string;
  /** Lines of the bill behind the total; 0 means there were no such charges. */
  lines: number;
  /** The effective cost of charges for which the metric is unknown and which the total therefore lacks; null for none. */
  unknownFor: string | null;
  /** How many groups passed direction and minimum. */
  groups: number;
  /** What of the total the rows do not show. */
  rest: string | null;
}

/** One group, or one group in one bucket. `groups` has a value per dimension asked, `names` what accounts and resources are called. */
export interface CostRow {
  currency: string;
  groups: (string | null)[];
  names: (string | null)[];
  bucket: string | null;
  previousBucket: string | null;
  cost: string | null;
  previous: string | null;
  change: string | null;
  percentChange: string | null;
  share: string | null;
}

export interface CostResult {
  sql: string;
  relation: string;
  /** Days of the period that the data reaches. */
  days: number;
  totals: CostTotals[];
  rows: CostRow[];
}

/** The answer to a request, computed by one statement over the smallest relation that can answer it. */
export async function queryCosts(client: Snapshot, request: CostRequest, freshness: Freshness): Promise<CostResult> {
  const source = sourceFor(request, freshness);
  const days = coveredDays(request.period, freshness);
  const statement = costStatement(request, source, days, freshness);
  const records = await runQuery<CostRecord>(client, statement);
  const unknown = await unknownAmounts(client, request, freshness);
  const groups = request.groupBy.length;
  return {
    sql: toText(statement).text,
    relation: source.relation.name,
    days,
    totals: records
      .filter((record, index) => record.currency !== records[index - 1]?.currency)
      .map((record) => totalsOf(record, unknown.get(record.currency) ?? null)),
    rows: records.filter(({ rank }) => rank !== null).map((record) => rowOf(record, groups)),
  };
}

/** What of the bill the total lacks. Most sums hide it, so those that keep it apart are asked; only for the costs that may be missing. */
async function unknownAmounts(
  client: Snapshot,
  request: CostRequest,
  freshness: Freshness,
): Promise<Map<string, string>> {
  const { metric, period, filters, scope, includeCredits } = request;
  if (metric === 'effective_cost' || metric === 'billed_cost') return new Map();
  const source = chargeSource(
    { dimensions: [], filters, scope, ranges: [period], cutsMonths: false, details: true },
    freshness,
  );
  const counted = includeCredits ? sql`TRUE` : sql`charge.charge_category <> 'Credit'`;
  const rows = await runQuery<{ currency: string; amount: string }>(
    client,
    sql`SELECT charge.billing_currency AS currency, trim_scale(sum(charge.effective_cost)) AS amount
      FROM ${source.from} WHERE ${source.where(period)} AND ${counted} AND charge.${sql.identifier(metric)} IS NULL
      GROUP BY charge.billing_currency`,
  );
  return new Map(rows.map(({ currency, amount }) => [currency, amount]));
}

function sourceFor(request: CostRequest, freshness: Freshness): Source {
  const ranges = request.comparedTo ? [request.period, request.comparedTo] : [request.period];
  return chargeSource(
    {
      dimensions: request.groupBy,
      filters: request.filters,
      scope: request.scope,
      ranges,
      cutsMonths: request.granularity === 'day' || request.granularity === 'week',
    },
    freshness,
  );
}

interface CostRecord extends pg.QueryResultRow {
  currency: string;
  total: string | null;
  total_previous: string | null;
  total_change: string | null;
  total_percent_change: string | null;
  average_per_day: string | null;
  credits: string;
  tax: string;
  lines: string;
  group_count: string;
  rest: string | null;
  rank: string | null;
  bucket: string | null;
  previous_bucket: string | null;
  cost: string | null;
  previous: string | null;
  change: string | null;
  percent_change: string | null;
  share: string | null;
}

function totalsOf(record: CostRecord, unknownFor: string | null): CostTotals {
  return {
    currency: record.currency,
    total: record.total,
    totalPrevious: record.total_previous,
    change: record.total_change,
    percentChange: record.total_percent_change,
    averagePerDay: record.average_per_day,
    credits: record.credits,
    tax: record.tax,
    lines: Number(record.lines),
    unknownFor,
    groups: Number(record.group_count),
    rest: record.rest,
  };
}

function rowOf(record: CostRecord, groups: number): CostRow {
  const numbers = Array.from({ length: groups }, (_, index) => index + 1);
  return {
    currency: record.currency,
    groups: numbers.map((number) => record[`key_${number}`] as string | null),
    names: numbers.map((number) => record[`name_${number}`] as string | null),
    bucket: record.bucket,
    previousBucket: record.previous_bucket,
    cost: record.cost,
    previous: record.previous,
    change: record.change,
    percentChange: record.percent_change,
    share: record.share,
  };
}
