import { type SQL, sql } from 'drizzle-orm';
import type pg from 'pg';
import type { AnomalyDay, anomalies } from '../schema/anomalies.ts';
import { type CostFilter, type DateRange, dimensionName } from './dimensions.ts';
import { runQuery, toText } from './run.ts';
import type { Snapshot } from './snapshot.ts';

type Row = typeof anomalies.$inferSelect;

/** Which anomalies are asked for; everything given must hold. */
export interface AnomalyRequest {
  anomalyId?: number;
  /** Those with a day in it. */
  period?: DateRange;
  openOnly: boolean;
  filters: readonly CostFilter[];
  /** Decimal text: the size of the impact, up or down. */
  minimumImpact?: string;
  /** Whether those nobody is alerted to are among them. */
  includeQuiet: boolean;
  orderBy: 'impact' | 'newest';
  after?: AnomalyPlace | undefined;
  limit: number;
}

/** The place of an anomaly in a list: what it is ordered by, as text, and its number. */
export interface AnomalyPlace {
  value: string;
  anomalyId: number;
}

/** An anomaly as people are shown it; `endDate` is its last day so far. */
export interface ListedAnomaly
  extends Pick<
    Row,
    | 'anomalyId'
    | 'role'
    | 'kind'
    | 'direction'
    | 'dimensions'
    | 'startDate'
    | 'endDate'
    | 'detectedDate'
    | 'state'
    | 'closedBecause'
    | 'actual'
    | 'expected'
    | 'impact'
    | 'cause'
    | 'quietBecause'
    | 'feedback'
    | 'feedbackReason'
    | 'mutedUntil'
    | 'detectedAt'
    | 'updatedAt'
    | 'detectorVersion'
  > {
  currency: string;
  percent: string | null;
  days: AnomalyDay[];
  /** How many anomalies it bundles, and in how many other series the same cost shows, as far as one may see them. */
  parts: number;
  views: number;
}

export interface AnomalyResult {
  sql: string;
  /** Over everything that matches, per currency: how many, how many of them open, what rises cost and drops saved. */
  totals: { currency: string; count: number; open: number; rises: string; drops: string }[];
  anomalies: ListedAnomaly[];
  next: AnomalyPlace | undefined;
}

/**
 * The anomalies of cost that the reader may see, a problem once: one who does not see the anomaly that tells it best is shown the same
 * cost in the narrowest series of theirs.
 */
export async function listAnomalies(client: Snapshot, request: AnomalyRequest): Promise<AnomalyResult> {
  const statement = anomalyStatement(request);
  const records = await runQuery<AnomalyRecord>(client, statement);
  const shown = records.slice(0, request.limit);
  const last = shown.at(-1);
  const [first] = records;
  return {
    sql: toText(statement).text,
    totals: first?.totals ?? [],
    anomalies: shown.filter(({ anomaly_id: id }) => id !== null).map(listed),
    next:
      records.length > request.limit && last !== undefined
        ? { value: last.place, anomalyId: Number(last.anomaly_id) }
        : undefined,
  };
}

interface AnomalyRecord extends pg.QueryResultRow {
  anomaly_id: string | null;
  anomaly: Omit<ListedAnomaly, 'actual' | 'expected' | 'impact' | 'percent'>;
  actual: string;
  expected: string;
  impact: string;
  percent: string | null;
  place: string;
  totals: AnomalyResult['totals'];
}

function listed({ anomaly_id: id, anomaly, actual, expected, impact, percent }: AnomalyRecord): ListedAnomaly {
  return { ...anomaly, anomalyId: Number(id), actual, expected, impact, percent };
}

const ORDERS = {
  impact: { place: sql`abs(impact)`, type: sql`numeric` },
  newest: { place: sql`start_date`, type: sql`date` },
} as const;

function anomalyStatement(request: AnomalyRequest): SQL {
  const order = ORDERS[request.orderBy];
  const { after } = request;
  const isAfter =
    after === undefined
      ? sql`TRUE`
      : sql`(${order.place}, -anomaly_id) < (${after.value}::${order.type}, ${-after.anomalyId}::bigint)`;
  return sql`WITH seen AS (
      SELECT DISTINCT ON (coalesce(CASE WHEN role = 'view' THEN parent_id END, anomaly_id)) anomaly.*
      FROM anomalies AS anomaly
      WHERE ${request.anomalyId === undefined ? sql`NOT EXISTS (SELECT FROM anomalies AS parent WHERE parent.anomaly_id = anomaly.parent_id)` : sql`anomaly_id = ${request.anomalyId}`}
      ORDER BY coalesce(CASE WHEN role = 'view' THEN parent_id END, anomaly_id), (SELECT count(*) FROM jsonb_object_keys(dimensions)) DESC, actual
    ), matching AS (
      SELECT * FROM seen WHERE ${sql.join(conditions(request), sql` AND `)}
    ), totals AS (
      SELECT billing_currency AS currency, count(*) AS count, count(*) FILTER (WHERE state = 'open') AS open,
        coalesce(sum(impact) FILTER (WHERE direction = 'up'), 0) AS rises, coalesce(-sum(impact) FILTER (WHERE direction = 'down'), 0) AS drops
      FROM matching GROUP BY billing_currency
    ), page AS (
      SELECT *, ${order.place}::text AS place FROM matching WHERE ${isAfter} ORDER BY ${order.place} DESC, anomaly_id LIMIT ${request.limit + 1}
    )
    SELECT page.anomaly_id, page.place, trim_scale(page.actual) AS actual, trim_scale(page.expected) AS expected, trim_scale(page.impact) AS impact,
      trim_scale(round(100 * page.impact / nullif(page.expected, 0), 1)) AS percent,
      jsonb_build_object('role', role, 'kind', kind, 'direction', direction, 'dimensions', dimensions, 'currency', billing_currency,
        'startDate', start_date, 'endDate', end_date - 1, 'detectedDate', detected_date, 'state', state, 'closedBecause', closed_because,
        'cause', cause, 'quietBecause', quiet_because, 'feedback', feedback, 'feedbackReason', feedback_reason, 'mutedUntil', muted_until,
        'detectedAt', detected_at, 'updatedAt', updated_at, 'detectorVersion', detector_version, 'days', days,
        'parts', (SELECT count(*) FROM anomalies AS part WHERE part.parent_id = page.anomaly_id AND part.role = 'lead'),
        'views', (SELECT count(*) FROM anomalies AS view WHERE view.parent_id = page.anomaly_id AND view.role = 'view')) AS anomaly,
      (SELECT jsonb_agg(jsonb_build_object('currency', currency, 'count', count, 'open', open, 'rises', trim_scale(rises)::text, 'drops', trim_scale(drops)::text) ORDER BY count DESC, currency) FROM totals) AS totals
    FROM (SELECT TRUE) AS always LEFT JOIN page ON TRUE ORDER BY ${sql.raw(request.orderBy === 'impact' ? 'abs(page.impact)' : 'page.start_date')} DESC, page.anomaly_id`;
}

function conditions({ anomalyId, period, openOnly, filters, minimumImpact, includeQuiet }: AnomalyRequest): SQL[] {
  const isNamed = anomalyId !== undefined;
  return [
    sql`metric = 'effective_cost'`,
    ...(isNamed ? [] : [sql`closed_because IS DISTINCT FROM 'restated'`]),
    ...(period ? [sql`start_date < ${period.end}::date AND end_date > ${period.start}::date`] : []),
    ...(openOnly ? [sql`state = 'open'`] : []),
    ...(minimumImpact === undefined ? [] : [sql`abs(impact) >= ${minimumImpact}::numeric`]),
    ...(includeQuiet || isNamed ? [] : [sql`quiet_because IS NULL`]),
    ...filters.map(isAbout),
  ];
}

/** An anomaly is about a value when its series is of it, or most of its change is. */
function isAbout({ dimension, operator, values }: CostFilter): SQL {
  const name = dimensionName(dimension);
  const folded = values.map((value) => value.toLowerCase());
  const among = sql`ANY(${sql.param(folded)}::text[])`;
  const any = (condition: SQL): SQL => sql`EXISTS (
      SELECT FROM (SELECT lower(dimensions ->> ${name}) AS value UNION ALL
        SELECT lower(part ->> 'value') FROM jsonb_array_elements(CASE jsonb_typeof(cause -> 'named') WHEN 'array' THEN cause -> 'named' END) AS part
        WHERE part ->> 'dimension' = ${name}) AS has
      WHERE has.value IS NOT NULL AND ${condition})`;
  switch (operator) {
    case 'in':
      return any(sql`has.value = ${among}`);
    case 'not in':
      return sql`NOT ${any(sql`has.value = ${among}`)}`;
    case 'contains':
      return any(
        sql`EXISTS (SELECT FROM unnest(${sql.param(folded)}::text[]) AS part WHERE position(part IN has.value) > 0)`,
      );
    case 'is null':
      return sql`NOT ${any(sql`TRUE`)}`;
    case 'is not null':
      return any(sql`TRUE`);
  }
}

/** The anomalies that a bundle is made of, the largest first. */
export async function partsOf(
  client: Snapshot,
  anomalyId: number,
): Promise<Pick<ListedAnomaly, 'anomalyId' | 'dimensions' | 'impact'>[]> {
  const rows = await runQuery<{ anomalyId: string; dimensions: Record<string, string>; impact: string }>(
    client,
    sql`SELECT anomaly_id AS "anomalyId", dimensions, trim_scale(impact) AS impact FROM anomalies
      WHERE parent_id = ${anomalyId} AND role = 'lead' ORDER BY abs(impact) DESC, anomaly_id`,
  );
  return rows.map((row) => ({ ...row, anomalyId: Number(row.anomalyId) }));
}

/** What somebody said that still holds, as far as one may see it, the newest first. */
export interface FeedbackInForce {
  feedbackId: number;
  feedback: NonNullable<Row['feedback']>;
  anomalyId: number | null;
  dimensions: Record<string, string>;
  fromDate: string;
  untilDate: string | null;
  reason: string | null;
  givenBy: string;
  givenAt: Date;
}

export async function listFeedback(client: Snapshot, today: string): Promise<FeedbackInForce[]> {
  const rows = await runQuery<FeedbackInForce & pg.QueryResultRow>(
    client,
    sql`SELECT feedback_id AS "feedbackId", feedback, anomaly_id AS "anomalyId", dimensions, from_date AS "fromDate", until_date AS "untilDate",
        reason, given_by AS "givenBy", given_at AS "givenAt"
      FROM anomaly_feedback WHERE ended_at IS NULL AND (until_date IS NULL OR until_date > ${today}::date) ORDER BY feedback_id DESC`,
  );
  return rows.map((row) => ({
    ...row,
    feedbackId: Number(row.feedbackId),
    anomalyId: row.anomalyId === null ? null : Number(row.anomalyId),
  }));
}
