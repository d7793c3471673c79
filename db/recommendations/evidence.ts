import { type SQL, sql } from 'drizzle-orm';
import type pg from 'pg';
import { runQuery } from '../queries/run.ts';

/** `[start, end)`, UTC days as YYYY-MM-DD. */
interface Days {
  start: string;
  end: string;
}

/** A resource as the inventory has it, else the bill. Instants are ISO 8601. */
export interface SubjectRow {
  resourceId: string;
  name: string | null;
  type: string;
  serviceName: string | null;
  subAccountId: string | null;
  regionId: string | null;
  availabilityZone: string | null;
  state: string | null;
  tags: Record<string, string>;
  configuration: Record<string, unknown> | null;
  createdAt: string | null;
  inventoriedAt: string | null;
  /** First day on the bill. */
  firstSeenDate: string | null;
  billingAccountId: string | null;
}

/** Charges of one kind of use of one resource in the bill window. Amounts are decimal text. */
export interface ChargeRow {
  resourceId: string;
  usageType: string | null;
  operation: string | null;
  pricingUnit: string | null;
  instanceType: string | null;
  currency: string;
  quantity: string;
  listCost: string | null;
  effectiveCost: string;
  coveredCost: string;
}

/** The hours of one metric of one resource, oldest first. */
export interface UsageRow {
  resourceId: string;
  metric: string;
  hours: { hour: string; avg: number; max: number; p95: number | null; sampleCount: number }[];
}

export interface ChangeRow {
  resourceId: string;
  observedAt: string;
  kind: 'created' | 'changed' | 'deleted';
  before: Record<string, unknown> | null;
  after: Record<string, unknown> | null;
}

export interface PriceRow {
  serviceCode: string;
  product: string;
  regionId: string;
  pricingUnit: string;
  currency: string;
  listUnitPrice: string;
  attributes: Record<string, unknown>;
  source: string;
  sourceDate: string;
}

/** Other resources, told by fields that are equal; of several lists of pairs one must hold. */
export interface Relation {
  /** Left out: of any type. */
  resourceType?: string;
  on: readonly (readonly (readonly [own: string, other: string])[])[];
}

/**
 * Sums the charges of the bill window by resource into a temporary table, which the transaction drops: the bill is read once,
 * however many batches of resources follow. Tax and credits are left out; so are shares of shared machines, whose cost the
 * machine's own rows carry.
 */
export async function sumCharges(client: pg.ClientBase, { start, end }: Days): Promise<void> {
  await client.query(
    `CREATE TEMP TABLE resource_charges ON COMMIT DROP AS
     SELECT resource_id, x_usage_type AS usage_type, x_operation AS operation, pricing_unit, x_instance_type AS instance_type,
       billing_currency AS currency,
       coalesce(sum(pricing_quantity) FILTER (WHERE effective_cost <> 0 OR list_cost <> 0), 0) AS quantity,
       CASE WHEN count(*) = count(list_cost) THEN sum(list_cost) END AS list_cost, sum(effective_cost) AS effective_cost,
       coalesce(sum(effective_cost) FILTER (WHERE commitment_discount_status = 'Used'), 0) AS covered_cost
     FROM billing
     WHERE charge_period_start >= '${day(start)}' AND charge_period_start < '${day(end)}'
       AND billing_period_start >= '${day(start)}'::timestamptz - interval '2 months'
       AND resource_id IS NOT NULL AND charge_category = 'Usage' AND x_split_parent_resource_id IS NULL
     GROUP BY 1, 2, 3, 4, 5, 6`,
  );
  await client.query('CREATE INDEX ON resource_charges (resource_id)');
  await client.query('ANALYZE resource_charges');
}

/** Returns the currency of most charges that `sumCharges` has summed; null when there are none. */
export async function mainCurrency(client: pg.ClientBase): Promise<string | null> {
  const [row] = await runQuery<{ currency: string }>(
    client,
    sql`SELECT currency FROM resource_charges GROUP BY currency ORDER BY count(*) DESC, currency LIMIT 1`,
  );
  return row?.currency ?? null;
}

/** A day as it stands in a statement that takes no parameters. */
function day(text: string): string {
  if (!/^\d{4}-\d\d-\d\d$/.test(text)) throw new RangeError(`${text} is no day`);
  return `${text}T00:00:00Z`;
}

const SUBJECT = sql`resource.resource_id AS "resourceId", resource.name, resource.type, resource.service_name AS "serviceName",
  resource.sub_account_id AS "subAccountId", resource.region_id AS "regionId", resource.availability_zone AS "availabilityZone",
  resource.state, resource.tags, resource.configuration, ${iso(sql`resource.created_at`)} AS "createdAt",
  ${iso(sql`resource.inventoried_at`)} AS "inventoriedAt", resource.first_seen_date::text AS "firstSeenDate",
  resource.billing_account_id AS "billingAccountId"`;

function iso(instant: SQL): SQL {
  return sql`to_char(${instant} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')`;
}

/** What is there: known to the inventory and not deleted, or known to the bill alone and on it in the window. */
const THERE = (alias: SQL, since: string) => sql`${alias}.state IS DISTINCT FROM 'deleted'
  AND (${alias}.inventoried_at IS NOT NULL OR ${alias}.last_seen_date >= ${since}::date)`;

/** Returns the next resources of these types in the order of their ids. */
export function readSubjects(
  client: pg.ClientBase,
  { types, since, after, limit }: { types: readonly string[]; since: string; after: string; limit: number },
): Promise<SubjectRow[]> {
  return runQuery<SubjectRow & pg.QueryResultRow>(
    client,
    sql`SELECT ${SUBJECT} FROM resources AS resource
      WHERE resource.type = ANY(${sql.param(types)}::text[]) AND resource.resource_id > ${after} AND ${THERE(sql`resource`, since)}
      ORDER BY resource.resource_id LIMIT ${limit}`,
  );
}

/** Returns what is related to these resources, each row with the resource it is related to as `subjectId`. */
export function readRelated(
  client: pg.ClientBase,
  { resourceType, on }: Relation,
  { ids, since }: { ids: readonly string[]; since: string },
): Promise<(SubjectRow & { subjectId: string })[]> {
  // One statement each, so that every one of them can be a hash join.
  const selects = on.map(
    (pairs) => sql`SELECT own.resource_id AS "subjectId", ${SUBJECT}
      FROM resources AS own JOIN resources AS resource ON ${sql.join(
        pairs.map(([mine, other]) => sql`${field(sql`own`, mine)} = ${field(sql`resource`, other)}`),
        sql` AND `,
      )}
      WHERE own.resource_id = ANY(${sql.param(ids)}::text[])
        AND ${resourceType === undefined ? sql`TRUE` : sql`resource.type = ${resourceType}`}
        AND resource.resource_id <> own.resource_id AND ${THERE(sql`resource`, since)}`,
  );
  return runQuery<SubjectRow & { subjectId: string } & pg.QueryResultRow>(
    client,
    sql`SELECT DISTINCT ON ("subjectId", "resourceId") * FROM (${sql.join(selects, sql` UNION ALL `)}) AS found
      ORDER BY "subjectId", "resourceId"`,
  );
}

const COLUMNS: Readonly<Record<string, SQL>> = {
  resourceId: sql`resource_id`,
  name: sql`name`,
  subAccountId: sql`sub_account_id`,
  regionId: sql`region_id`,
  availabilityZone: sql`availability_zone`,
};

/** A field of a resource: a column, a tag or a path in its configuration. */
function field(alias: SQL, path: string): SQL {
  const column = COLUMNS[path];
  if (column !== undefined) return sql`${alias}.${column}`;
  const [first = '', ...rest] = path.split('.');
  if (first === 'tags') return sql`${alias}.tags ->> ${rest.join('.')}`;
  if (first === 'configuration') return sql`${alias}.configuration #>> ${sql.param(rest)}::text[]`;
  throw new RangeError(`${path} is no field of a resource`);
}

/** Returns the charges of these resources as `sumCharges` has summed them. */
export async function readCharges(client: pg.ClientBase, ids: readonly string[]): Promise<ChargeRow[]> {
  return runQuery<ChargeRow & pg.QueryResultRow>(
    client,
    sql`SELECT resource_id AS "resourceId", usage_type AS "usageType", operation, pricing_unit AS "pricingUnit",
        instance_type AS "instanceType", currency, trim_scale(quantity)::text AS quantity, trim_scale(list_cost)::text AS "listCost",
        trim_scale(effective_cost)::text AS "effectiveCost", trim_scale(covered_cost)::text AS "coveredCost"
      FROM resource_charges WHERE resource_id = ANY(${sql.param(ids)}::text[])
      ORDER BY resource_id, usage_type, operation, instance_type, currency`,
  );
}

type PackedHour = [epochSeconds: number, avg: number, max: number, p95: number | null, sampleCount: number];

/** Returns the hours of these metrics of these resources in `[from, to)`, one row per series. */
export async function readUsage(
  client: pg.ClientBase,
  { ids, metrics, from, to }: { ids: readonly string[]; metrics: readonly string[]; from: Date; to: Date },
): Promise<UsageRow[]> {
  if (metrics.length === 0) return [];
  const rows = await runQuery<{ resource_id: string; metric: string; hours: PackedHour[] }>(
    client,
    sql`SELECT resource_id, metric,
        json_agg(json_build_array(extract(epoch FROM hour), avg, max, p95, sample_count) ORDER BY hour) AS hours
      FROM usage
      WHERE resource_id = ANY(${sql.param(ids)}::text[]) AND metric = ANY(${sql.param(metrics)}::text[])
        AND hour >= ${from} AND hour < ${to}
      GROUP BY resource_id, metric`,
  );
  return rows.map(({ resource_id: resourceId, metric, hours }) => ({
    resourceId,
    metric,
    hours: hours.map(([seconds, avg, max, p95, sampleCount]) => ({
      hour: new Date(seconds * 1000).toISOString(),
      ...{ avg, max, p95, sampleCount },
    })),
  }));
}

/** Returns what inventories have seen change about these resources, oldest first. */
export function readChanges(client: pg.ClientBase, ids: readonly string[]): Promise<ChangeRow[]> {
  return runQuery<ChangeRow & pg.QueryResultRow>(
    client,
    sql`SELECT resource_id AS "resourceId", ${iso(sql`observed_at`)} AS "observedAt", kind, before, after
      FROM resource_changes WHERE resource_id = ANY(${sql.param(ids)}::text[]) ORDER BY resource_id, observed_at`,
  );
}

/**
 * Returns since when inventories of each billing account have been compared, ISO 8601: what was never seen to change or to be made has
 * been as it is since then at least. An account of which no two inventories differed yet is not among them.
 */
export async function watchedSince(client: pg.ClientBase): Promise<Map<string, string>> {
  const rows = await runQuery<{ account: string; since: string }>(
    client,
    sql`SELECT resource.billing_account_id AS account, ${iso(sql`min(change.observed_at)`)} AS since
      FROM resource_changes AS change JOIN resources AS resource USING (resource_id)
      WHERE resource.billing_account_id IS NOT NULL GROUP BY 1`,
  );
  return new Map(rows.map(({ account, since }) => [account, since]));
}

/** Returns the first hour after the last one measured between two instants; null when nothing was. */
export async function usageEnd(client: pg.ClientBase, { from, to }: { from: Date; to: Date }): Promise<Date | null> {
  const [row] = await runQuery<{ last: Date | null }>(
    client,
    sql`SELECT max(hour) + interval '1 hour' AS last FROM usage WHERE hour >= ${from} AND hour < ${to}`,
  );
  return row?.last ?? null;
}

/** Returns the list prices in force. */
export function readPrices(client: pg.ClientBase): Promise<PriceRow[]> {
  return runQuery<PriceRow & pg.QueryResultRow>(
    client,
    sql`SELECT service_code AS "serviceCode", product, region_id AS "regionId", pricing_unit AS "pricingUnit",
        pricing_currency AS currency, list_unit_price::text AS "listUnitPrice", attributes, source, source_date::text AS "sourceDate"
      FROM prices WHERE valid_to IS NULL AND pricing_category = 'Standard'`,
  );
}
