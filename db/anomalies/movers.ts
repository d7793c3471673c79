import { type SQL, sql } from 'drizzle-orm';
import type pg from 'pg';
import { chargeSource } from '../queries/charges.ts';
import type { CostFilter, DateRange } from '../queries/dimensions.ts';
import type { Freshness } from '../queries/freshness.ts';
import { runQuery } from '../queries/run.ts';

/** Which part of the bill moved, and when. */
export interface MoverRequest {
  filters: readonly CostFilter[];
  period: DateRange;
  comparedTo: DateRange;
  /** Tags told apart, lower-cased. */
  tagKeys: readonly string[];
}

/** A value of a dimension with its effective cost in both periods, decimal text. */
export interface Mover {
  dimension: string;
  value: string;
  /** What an account or a resource is called. */
  name: string | null;
  cost: string;
  previous: string;
  change: string;
  /** Percent of the change of the whole part; null when that is 0. */
  share: string | null;
  /** Whether all of the cost of both periods has this value. */
  isAll: boolean;
}

/** Values shown of each dimension. */
const SHOWN = 5;

const DIMENSIONS = ['sub_account_id', 'service_name', 'region_id', 'x_usage_type', 'resource_id'] as const;

/** The values that moved most in the direction of the whole, the largest first, dimension by dimension; the bill is read once. */
export async function readMovers(
  client: pg.ClientBase | pg.Pool,
  request: MoverRequest,
  freshness: Freshness,
): Promise<Mover[]> {
  const { period, comparedTo, tagKeys } = request;
  const source = chargeSource(
    {
      dimensions: [],
      filters: request.filters,
      scope: 'all',
      ranges: [period, comparedTo],
      cutsMonths: true,
      details: true,
    },
    freshness,
  );
  const side = (range: DateRange, after: boolean): SQL => sql`
      SELECT charge.sub_account_id, charge.service_name, charge.region_id, coalesce(charge.x_usage_type, charge.sku_id, charge.sku_meter) AS x_usage_type,
        charge.resource_id, charge.tag_set_id, ${after ? sql`sum(charge.effective_cost)` : sql`0`} AS cost, ${after ? sql`0` : sql`sum(charge.effective_cost)`} AS previous
      FROM ${source.from} WHERE ${source.where(range)} GROUP BY 1, 2, 3, 4, 5, 6`;
  const values = [
    ...DIMENSIONS.map((name) => sql`(${name}, line.${sql.identifier(name)})`),
    ...tagKeys.map((key) => sql`(${`tag:${key}`}, lower(tag_set.folded ->> ${key}))`),
  ];
  return runQuery<Mover & pg.QueryResultRow>(
    client,
    sql`WITH lines AS MATERIALIZED (${side(period, true)} UNION ALL ${side(comparedTo, false)}),
    whole AS (SELECT coalesce(sum(cost), 0) AS cost, coalesce(sum(previous), 0) AS previous, coalesce(sum(cost - previous), 0) AS change FROM lines),
    sums AS (
      SELECT part.dimension, part.value, sum(line.cost) AS cost, sum(line.previous) AS previous, sum(line.cost - line.previous) AS change
      FROM lines AS line LEFT JOIN tag_sets AS tag_set USING (tag_set_id), LATERAL (VALUES ${sql.join(values, sql`, `)}) AS part (dimension, value)
      WHERE part.value IS NOT NULL
      GROUP BY part.dimension, part.value
    ), ranked AS (
      SELECT sums.*, whole.change AS of, sums.cost = whole.cost AND sums.previous = whole.previous AS is_all,
        row_number() OVER (PARTITION BY dimension ORDER BY sums.change * sign(whole.change) DESC, value) AS rank
      FROM sums, whole
    )
    SELECT dimension, value, coalesce(account.name, resource.name) AS name, trim_scale(cost) AS cost, trim_scale(previous) AS previous,
      trim_scale(change) AS change, trim_scale(round(100 * change / nullif(of, 0), 1)) AS share, is_all AS "isAll"
    FROM ranked
      LEFT JOIN accounts AS account ON ranked.dimension = 'sub_account_id' AND account.account_id = ranked.value
      LEFT JOIN resources AS resource ON ranked.dimension = 'resource_id' AND resource.resource_id = ranked.value
    WHERE rank <= ${SHOWN}
    ORDER BY dimension, rank`,
  );
}

/** A change that the inventory saw, or (`first_billed`) a resource whose first charge lies in the period. */
export interface InventoryChange {
  resourceId: string;
  name: string | null;
  type: string | null;
  kind: 'created' | 'changed' | 'deleted' | 'first_billed';
  /** Day of it, YYYY-MM-DD. */
  date: string;
  before: Record<string, unknown> | null;
  after: Record<string, unknown> | null;
}

/** How many changes are kept; `counts` counts them all. */
const CHANGES = 5;

/**
 * What changed in the inventory within some days: of the given resources anything, and of an account's service what was created, deleted
 * or first on the bill. The resources come first.
 */
export async function readInventoryChanges(
  client: pg.ClientBase | pg.Pool,
  about: {
    resourceIds: readonly string[];
    subAccountId: string | undefined;
    serviceName: string | undefined;
    regionId: string | undefined;
    within: DateRange;
  },
): Promise<{ changes: InventoryChange[]; counts: Record<InventoryChange['kind'], number> }> {
  const { resourceIds, subAccountId, serviceName, regionId, within } = about;
  const isNamed = sql`resource.resource_id = ANY(${sql.param(resourceIds)}::text[])`;
  const equal = (column: string, value: string | undefined): SQL =>
    value === undefined ? sql`` : sql` AND resource.${sql.identifier(column)} = ${value}`;
  const isThere =
    subAccountId === undefined || serviceName === undefined
      ? sql`FALSE`
      : sql`(TRUE${equal('sub_account_id', subAccountId)}${equal('service_name', serviceName)}${equal('region_id', regionId)})`;
  const rows = await runQuery<InventoryChange & { count: string; rank: string }>(
    client,
    sql`WITH seen AS (
      SELECT change.resource_id, change.kind, change.observed_at::date AS day, change.before, change.after
      FROM resource_changes AS change
      WHERE change.observed_at >= ${within.start}::date AND change.observed_at < ${within.end}::date
      UNION ALL
      SELECT resource_id, 'first_billed', first_seen_date, NULL, NULL FROM resources
      WHERE first_seen_date >= ${within.start}::date AND first_seen_date < ${within.end}::date
    ), ours AS (
      SELECT seen.*, resource.name, resource.type, count(*) OVER (PARTITION BY kind) AS count,
        row_number() OVER (ORDER BY ${isNamed} DESC, kind = 'first_billed', day, seen.resource_id) AS rank
      FROM seen JOIN resources AS resource USING (resource_id)
      WHERE ${isNamed} OR (kind <> 'changed' AND ${isThere})
    )
    SELECT resource_id AS "resourceId", name, type, kind, day AS date, before, after, count, rank FROM ours
    WHERE rank <= ${CHANGES} OR rank IN (SELECT min(rank) FROM ours GROUP BY kind) ORDER BY rank`,
  );
  const counts = { created: 0, changed: 0, deleted: 0, first_billed: 0 };
  for (const { kind, count } of rows) counts[kind] = Number(count);
  const changes = rows.slice(0, CHANGES).map(({ count, rank, ...change }) => change);
  return { changes, counts };
}
