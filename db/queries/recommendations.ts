import { type SQL, sql } from 'drizzle-orm';
import type pg from 'pg';
import type { LEVELS, RECOMMENDATION_KINDS, RECOMMENDATION_STATES } from '../schema/recommendations.ts';
import { runQuery } from './run.ts';
import type { Snapshot } from './snapshot.ts';

type Level = (typeof LEVELS)[number];
type State = (typeof RECOMMENDATION_STATES)[number];
type Kind = (typeof RECOMMENDATION_KINDS)[number];

/** Which recommendations are looked for; everything given must hold. Texts compare without case. */
export interface RecommendationRequest {
  recommendationId?: number | undefined;
  checkIds?: readonly string[] | undefined;
  /** Part of the id or name of the resource. */
  text?: string | undefined;
  serviceNames?: readonly string[] | undefined;
  subAccountIds?: readonly string[] | undefined;
  regionIds?: readonly string[] | undefined;
  environment?: string | undefined;
  owner?: string | undefined;
  tags?: readonly { key: string; value: string }[] | undefined;
  states: readonly State[];
  kind?: Kind | undefined;
  risks?: readonly Level[] | undefined;
  /** Decimal text. */
  minimumSavings?: string | undefined;
  /** Also those that give way to one with a larger saving on the same charges. */
  withAlternatives: boolean;
  after?: RecommendationPlace | undefined;
  limit: number;
}

/** The place of a recommendation in the list: the largest saving first, in one currency after the other. */
export interface RecommendationPlace {
  currency: string;
  savings: string;
  recommendationId: number;
}

/** A recommendation with what it rests on. Money is decimal text a month of 730 hours, days are YYYY-MM-DD. */
export interface Recommendation {
  recommendationId: number;
  checkId: string;
  checkVersion: string;
  kind: Kind;
  subject: string;
  resourceId: string | null;
  resourceName: string | null;
  resourceType: string | null;
  subAccountId: string | null;
  accountName: string | null;
  serviceName: string | null;
  regionId: string | null;
  tags: Record<string, string>;
  title: string;
  action: Record<string, unknown>;
  evidence: Record<string, unknown>;
  settings: Record<string, unknown>;
  windowStart: string;
  windowEnd: string;
  currency: string;
  estimatedMonthlySavings: string;
  listMonthlySavings: string | null;
  coveredMonthlySavings: string | null;
  basis: string;
  risk: Level;
  effort: Level;
  owner: string | null;
  environment: string | null;
  isProtected: boolean;
  state: State;
  foundAt: Date;
  lastFoundAt: Date;
  decidedAt: Date | null;
  decidedBy: string | null;
  decisionReason: string | null;
  dismissedUntil: string | null;
  closedAt: Date | null;
  closedReason: string | null;
  /** The recommendation that counts instead of this one. */
  alternativeTo: number | null;
  /** Those that give way to this one. */
  alternatives: number[];
}

/** What matches in one currency and of one kind, whatever the limit. Only what can be had together is added. */
export interface RecommendationTotals {
  currency: string;
  kind: Kind;
  /** Null in sums over all checks. */
  checkId: string | null;
  count: number;
  estimatedMonthlySavings: string;
  /** At list prices, of those where the bill knows them. */
  listMonthlySavings: string;
  coveredMonthlySavings: string;
  /** How many more give way to one with a larger saving on the same charges. */
  alternatives: number;
}

export interface RecommendationList {
  totals: RecommendationTotals[];
  /** The same check by check, the largest saving first. */
  byCheck: RecommendationTotals[];
  recommendations: Recommendation[];
  next: RecommendationPlace | undefined;
}

/** Returns the recommendations that match, the largest saving first, and what they come to. */
export async function listRecommendations(
  client: Snapshot | pg.Pool,
  request: RecommendationRequest,
): Promise<RecommendationList> {
  const where = sql.join(conditions(request), sql` AND `);
  const sums = await runQuery<RecommendationTotals & pg.QueryResultRow>(
    client,
    sql`SELECT found.billing_currency AS currency, found.kind, found.check_id AS "checkId",
        (count(*) FILTER (WHERE alternative_to IS NULL))::int AS count,
        ${summed(sql`estimated_monthly_savings`)} AS "estimatedMonthlySavings",
        ${summed(sql`list_monthly_savings`)} AS "listMonthlySavings",
        ${summed(sql`covered_monthly_savings`)} AS "coveredMonthlySavings",
        (count(*) FILTER (WHERE alternative_to IS NOT NULL))::int AS alternatives
      FROM ${SOURCE} WHERE ${where}
      GROUP BY GROUPING SETS ((1, 2), (1, 2, 3))
      ORDER BY 1, 2 DESC, sum(estimated_monthly_savings) FILTER (WHERE alternative_to IS NULL) DESC NULLS LAST, 3`,
  );
  const shown = request.withAlternatives ? where : sql`${where} AND found.alternative_to IS NULL`;
  const rows = await runQuery<Recommendation & pg.QueryResultRow>(
    client,
    sql`SELECT ${COLUMNS} FROM ${SOURCE} WHERE ${shown} AND ${isAfter(request.after)}
      ORDER BY found.billing_currency, found.estimated_monthly_savings DESC, found.recommendation_id LIMIT ${request.limit + 1}`,
  );
  const recommendations = rows.slice(0, request.limit);
  const last = rows.length > request.limit ? recommendations.at(-1) : undefined;
  const totals = sums.filter(({ checkId }) => checkId === null);
  const byCheck = sums.filter(({ checkId }) => checkId !== null);
  return { totals, byCheck, recommendations, next: last === undefined ? undefined : placeOf(last) };
}

/** Of those that can be had together. */
const summed = (column: SQL): SQL =>
  sql`trim_scale(coalesce(sum(${column}) FILTER (WHERE alternative_to IS NULL), 0))::text`;

const placeOf = ({ currency, estimatedMonthlySavings, recommendationId }: Recommendation): RecommendationPlace => ({
  currency,
  savings: estimatedMonthlySavings,
  recommendationId,
});

const SOURCE = sql`recommendations AS found
  LEFT JOIN resources AS resource ON resource.resource_id = found.resource_id
  LEFT JOIN accounts AS account ON account.account_id = found.sub_account_id`;

const COLUMNS = sql`found.recommendation_id::int AS "recommendationId", found.check_id AS "checkId", found.check_version AS "checkVersion",
  found.kind, found.subject, found.resource_id AS "resourceId", resource.name AS "resourceName", resource.type AS "resourceType",
  found.sub_account_id AS "subAccountId", account.name AS "accountName", found.service_name AS "serviceName",
  found.region_id AS "regionId", coalesce(resource.tags, '{}') AS tags, found.title, found.action, found.evidence, found.settings,
  found.window_start::text AS "windowStart", found.window_end::text AS "windowEnd", found.billing_currency AS currency,
  trim_scale(found.estimated_monthly_savings)::text AS "estimatedMonthlySavings",
  trim_scale(found.list_monthly_savings)::text AS "listMonthlySavings",
  trim_scale(found.covered_monthly_savings)::text AS "coveredMonthlySavings", found.basis, found.risk, found.effort, found.owner,
  found.environment, found.is_protected AS "isProtected", found.state, found.found_at AS "foundAt",
  found.last_found_at AS "lastFoundAt", found.decided_at AS "decidedAt", found.decided_by AS "decidedBy",
  found.decision_reason AS "decisionReason", found.dismissed_until::text AS "dismissedUntil", found.closed_at AS "closedAt",
  found.closed_reason AS "closedReason", found.alternative_to::int AS "alternativeTo",
  ARRAY(SELECT other.recommendation_id::int FROM recommendations AS other
    WHERE other.alternative_to = found.recommendation_id ORDER BY 1) AS alternatives`;

function isAfter(place: RecommendationPlace | undefined): SQL {
  if (place === undefined) return sql`TRUE`;
  const { currency, savings, recommendationId } = place;
  return sql`(found.billing_currency, -found.estimated_monthly_savings, found.recommendation_id) >
    (${currency}, -(${savings}::numeric), ${recommendationId}::bigint)`;
}

function conditions(request: RecommendationRequest): SQL[] {
  const { recommendationId, checkIds, text, serviceNames, subAccountIds, regionIds, tags = [] } = request;
  const { environment, owner, states, kind, risks, minimumSavings } = request;
  const any = (values: readonly string[]): SQL => sql`ANY(${sql.param(values)}::text[])`;
  const same = (column: SQL, value: string): SQL => sql`lower(${column}) = ${value.toLowerCase()}`;
  return [
    sql`found.state = ${any(states)}`,
    ...(recommendationId === undefined ? [] : [sql`found.recommendation_id = ${recommendationId}`]),
    ...(checkIds ? [sql`found.check_id = ${any(checkIds)}`] : []),
    ...(text === undefined ? [] : [holds(text)]),
    ...(serviceNames ? [sql`found.service_name = ${any(serviceNames)}`] : []),
    ...(subAccountIds ? [sql`found.sub_account_id = ${any(subAccountIds)}`] : []),
    ...(regionIds ? [sql`found.region_id = ${any(regionIds)}`] : []),
    ...(environment === undefined ? [] : [same(sql`found.environment`, environment)]),
    ...(owner === undefined ? [] : [same(sql`found.owner`, owner)]),
    ...tags.map(
      ({ key, value }) => sql`EXISTS (SELECT FROM jsonb_each_text(resource.tags) AS tag
        WHERE lower(tag.key) = ${key.toLowerCase()} AND lower(tag.value) = ${value.toLowerCase()})`,
    ),
    ...(kind === undefined ? [] : [sql`found.kind = ${kind}`]),
    ...(risks ? [sql`found.risk = ${any(risks)}`] : []),
    ...(minimumSavings === undefined ? [] : [sql`found.estimated_monthly_savings >= ${minimumSavings}::numeric`]),
  ];
}

function holds(text: string): SQL {
  const part = text.trim().toLowerCase();
  return sql`(position(${part} IN lower(found.subject)) > 0 OR position(${part} IN lower(resource.name)) > 0)`;
}

/** What the last run of a check came to. */
export interface CheckRunRow {
  checkId: string;
  ranAt: Date;
  recommended: number;
  kept: number;
  unknown: number;
  missing: Record<string, number>;
}

/** Returns what the last run of each check came to. */
export function listCheckRuns(client: Snapshot | pg.Pool): Promise<CheckRunRow[]> {
  return runQuery<CheckRunRow & pg.QueryResultRow>(
    client,
    sql`SELECT check_id AS "checkId", ran_at AS "ranAt", recommended, kept, unknown, missing FROM recommendation_checks ORDER BY check_id`,
  );
}
