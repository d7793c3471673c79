import { type SQL, sql } from 'drizzle-orm';
import type pg from 'pg';
import type { Principal } from '../principal.ts';
import { chargeSource } from './charges.ts';
import type { DateRange } from './dimensions.ts';
import type { Freshness } from './freshness.ts';
import { runQuery, toText } from './run.ts';
import type { Snapshot } from './snapshot.ts';

/** Which resources are looked for; everything given must hold. Texts compare without case. */
export interface ResourceRequest {
  /** A part of the id or the name. */
  text?: string;
  serviceNames?: readonly string[];
  /** A part of the kind, such as 'volume'. */
  type?: string;
  subAccountIds?: readonly string[];
  regionIds?: readonly string[];
  tags: readonly { key: string; value: string }[];
  /** Only those without this tag. */
  untagged?: string;
  state?: string;
  /** The days whose cost is shown; without a text only resources seen in them are found. */
  period: DateRange;
  /** Decimal text. */
  minimumCost?: string;
  orderBy: ResourceOrder;
  /** Only what comes after these places. */
  after?: ResourcePlace[];
  limit: number;
  scope: Principal['scope'];
}

export type ResourceOrder = keyof typeof ORDERS;

/** The place of a resource in an order, within its currency: what it is ordered by, as text, and its id. */
export interface ResourcePlace {
  currency: string;
  value: string;
  resourceId: string;
}

/** One resource and its effective cost, credits left out, in one currency. */
export interface FoundResource {
  resourceId: string;
  name: string | null;
  type: string | null;
  serviceName: string | null;
  accountId: string | null;
  accountName: string | null;
  regionId: string | null;
  state: string | null;
  currency: string;
  cost: string;
  tags: Record<string, string>;
  firstSeen: string | null;
  lastSeen: string | null;
}

export interface ResourceResult {
  sql: string;
  /** Per currency: how many match, what they cost together, and what of that the rows do not show. */
  totals: { currency: string; count: number; cost: string; rest: string }[];
  resources: FoundResource[];
  /** Where the next page goes on; undefined when there is nothing more. */
  next: ResourcePlace[] | undefined;
}

/** The resources that match, with what they cost in the period; those of each currency ranked apart. */
export async function findResources(
  client: Snapshot,
  request: ResourceRequest,
  freshness: Freshness,
): Promise<ResourceResult> {
  const statement = resourceStatement(request, freshness);
  const records = await runQuery<ResourceRecord>(client, statement);
  const places = new Map((request.after ?? []).map((place) => [place.currency, place]));
  for (const { currency, place, resource_id: resourceId } of records) {
    places.set(currency, { currency, value: place, resourceId });
  }
  return {
    next: records.some(({ left }) => Number(left) > request.limit) ? [...places.values()] : undefined,
    sql: toText(statement).text,
    totals: records
      .filter((record, index) => record.currency !== records[index - 1]?.currency)
      .map(({ currency, count, total, rest }) => ({ currency, count: Number(count), cost: total, rest })),
    resources: records.map(resourceOf),
  };
}

function resourceStatement(request: ResourceRequest, freshness: Freshness): SQL {
  const { period, scope, minimumCost, after = [] } = request;
  const order = ORDERS[request.orderBy];
  const source = chargeSource(
    { dimensions: [], filters: [], scope, ranges: [period], cutsMonths: false, details: true },
    freshness,
  );
  const currency = freshness.currencies[0] ?? 'XXX';
  const atLeast = minimumCost === undefined ? sql`` : sql`WHERE cost >= ${minimumCost}::numeric`;
  return sql`WITH matching AS (
      SELECT * FROM resources AS resource WHERE ${sql.join(conditions(request), sql` AND `)}
    ), costs AS (
      SELECT charge.resource_id, charge.billing_currency, sum(charge.effective_cost) AS cost
      FROM ${source.from}
      WHERE ${source.where(period)} AND charge.charge_category <> 'Credit'
        AND charge.resource_id IN (SELECT resource_id FROM matching)
      GROUP BY charge.resource_id, charge.billing_currency
    ), priced AS (
      SELECT matching.*, coalesce(costs.billing_currency, ${currency}) AS currency, coalesce(costs.cost, 0) AS cost
      FROM matching LEFT JOIN costs USING (resource_id)
    ), placed AS (
      SELECT priced.*, ${order.place} AS place, ${isAfter(order, after)} AS is_after FROM priced ${atLeast}
    ), ranked AS (
      SELECT placed.*, count(*) OVER of_currency AS count, sum(cost) OVER of_currency AS total,
        count(*) FILTER (WHERE is_after) OVER of_currency AS left,
        row_number() OVER (PARTITION BY currency, is_after ORDER BY place ${sql.raw(order.direction)}, resource_id) AS rank
      FROM placed
      WINDOW of_currency AS (PARTITION BY currency)
    )
    SELECT ranked.resource_id, ranked.name, ranked.type, ranked.service_name, ranked.sub_account_id, account.name AS account_name,
      ranked.region_id, ranked.state, ranked.currency, trim_scale(cost) AS cost, ranked.tags, ranked.first_seen_date, ranked.last_seen_date,
      place::text, ranked.left, count, trim_scale(total) AS total, trim_scale(total - sum(cost) OVER (PARTITION BY currency)) AS rest
    FROM ranked LEFT JOIN accounts AS account ON account.account_id = ranked.sub_account_id
    WHERE is_after AND rank <= ${request.limit}
    ORDER BY currency, rank`;
}

interface Order {
  place: SQL;
  type: string;
  direction: 'ASC' | 'DESC';
}

/** What resources are ordered by; those of one place by their ids. */
const ORDERS = {
  cost: { place: sql`cost`, type: 'numeric', direction: 'DESC' },
  name: { place: sql`lower(coalesce(name, resource_id))`, type: 'text', direction: 'ASC' },
  first_seen: { place: sql`coalesce(first_seen_date, '-infinity')`, type: 'date', direction: 'DESC' },
} as const satisfies Record<string, Order>;

/** The condition that a resource comes after the last one of the page before, in its currency. */
function isAfter({ place, type, direction }: Order, after: readonly ResourcePlace[]): SQL {
  if (after.length === 0) return sql`TRUE`;
  const beyond = sql.raw(direction === 'ASC' ? '>' : '<');
  const cases = after.map(({ currency, value, resourceId }) => {
    const last = sql`${value}::${sql.raw(type)}`;
    return sql`WHEN ${currency} THEN ${place} ${beyond} ${last} OR (${place} = ${last} AND resource_id > ${resourceId})`;
  });
  return sql`CASE currency ${sql.join(cases, sql` `)} ELSE TRUE END`;
}

function conditions(request: ResourceRequest): SQL[] {
  const { text, serviceNames, type, subAccountIds, regionIds, tags, untagged, state } = request;
  const list = (values: readonly string[]): SQL => sql`ANY(${sql.param(values)}::text[])`;
  return [
    text === undefined ? seenIn(request.period) : holds(text),
    ...(serviceNames ? [sql`resource.service_name = ${list(serviceNames)}`] : []),
    ...(type ? [sql`position(${type.toLowerCase()} IN lower(resource.type)) > 0`] : []),
    ...(subAccountIds ? [sql`resource.sub_account_id = ${list(subAccountIds)}`] : []),
    ...(regionIds ? [sql`resource.region_id = ${list(regionIds)}`] : []),
    ...(state ? [sql`lower(resource.state) = ${state.toLowerCase()}`] : []),
    ...tags.map(({ key, value }) =>
      hasTag(sql`lower(tag.key) = ${key.toLowerCase()} AND lower(tag.value) = ${value.toLowerCase()}`),
    ),
    ...(untagged ? [sql`NOT ${hasTag(sql`lower(tag.key) = ${untagged.toLowerCase()}`)}`] : []),
  ];
}

function holds(text: string): SQL {
  const part = text.trim().toLowerCase();
  return sql`(position(${part} IN lower(resource.resource_id)) > 0 OR position(${part} IN lower(resource.name)) > 0)`;
}

/** On the bill or in the inventory during these days: what was deleted long ago is not asked for. */
function seenIn({ start, end }: DateRange): SQL {
  return sql`((resource.last_seen_date >= ${start}::date AND resource.first_seen_date < ${end}::date)
        OR resource.inventoried_at >= ${start}::date::timestamp AT TIME ZONE 'UTC')`;
}

const hasTag = (condition: SQL): SQL =>
  sql`EXISTS (SELECT FROM jsonb_each_text(resource.tags) AS tag WHERE ${condition})`;

/** The kinds or states that visible resources have, the most frequent first. */
export async function resourceValues(client: Snapshot, column: 'type' | 'state'): Promise<string[]> {
  const name = sql`resource.${sql.identifier(column)}`;
  const rows = await runQuery<{ value: string }>(
    client,
    sql`SELECT ${name} AS value FROM resources AS resource
      WHERE ${name} IS NOT NULL
      GROUP BY ${name} ORDER BY count(*) DESC, ${name}`,
  );
  return rows.map(({ value }) => value);
}

interface ResourceRecord extends pg.QueryResultRow {
  resource_id: string;
  name: string | null;
  type: string | null;
  service_name: string | null;
  sub_account_id: string | null;
  account_name: string | null;
  region_id: string | null;
  state: string | null;
  currency: string;
  cost: string;
  tags: Record<string, string>;
  first_seen_date: string | null;
  last_seen_date: string | null;
  place: string;
  left: string;
  count: string;
  total: string;
  rest: string;
}

function resourceOf(record: ResourceRecord): FoundResource {
  return {
    resourceId: record.resource_id,
    name: record.name,
    type: record.type,
    serviceName: record.service_name,
    accountId: record.sub_account_id,
    accountName: record.account_name,
    regionId: record.region_id,
    state: record.state,
    currency: record.currency,
    cost: record.cost,
    tags: record.tags,
    firstSeen: record.first_seen_date,
    lastSeen: record.last_seen_date,
  };
}
