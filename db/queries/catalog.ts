import { sql } from 'drizzle-orm';
import type pg from 'pg';
import type { Db } from '../client.ts';
import type { Principal } from '../principal.ts';
import { chargeSource } from './charges.ts';
import type { ColumnDimension, DateRange, Dimension } from './dimensions.ts';
import { daysBefore, type Freshness, freshnessOf } from './freshness.ts';
import { runQuery } from './run.ts';
import { readSnapshot, readWhole, type Snapshot } from './snapshot.ts';

/** An amount in one currency, decimal text. */
export interface Amount {
  currency: string;
  amount: string;
}

/**
 * The estate's own names, as far as the principal may see them: what questions are matched with and what can be asked.
 * Lists are sorted by weight, the largest cost or the most lines first.
 */
export interface Catalog {
  /** `code` is the provider's product code ('AmazonEC2'); `recentCost` the effective cost, credits left out, of the last 90 days. */
  services: {
    name: string;
    category: string | null;
    code: string | null;
    provider: string | null;
    recentCost: Amount[];
  }[];
  /** `kinds`: 'sub' where charges arise, 'billing' where they are paid; a payer with charges of its own is both. */
  accounts: { id: string; name: string | null; kinds: ('billing' | 'sub')[] }[];
  regions: string[];
  /** Allocation tags: values that differ in case only are one, `lines` says how many lines of the bill carry it. */
  tagKeys: { key: string; values: string[]; lines: number[]; valueCount: number }[];
  providers: string[];
  publishers: string[];
  serviceCategories: string[];
  chargeCategories: string[];
  currencies: string[];
  instanceTypes: string[];
  usageTypes: string[];
  /** Whether the two lists above hold all that is on the bill, not just what was used lately. */
  usageComplete: boolean;
  resourceCount: number;
  /** Whether there may be more than the principal sees. */
  isPartial: boolean;
  /** First and last day (inclusive) of the data, YYYY-MM-DD; null when nothing is loaded. */
  dataFrom: string | null;
  dataThrough: string | null;
  /** Resources whose id, end of the ARN or name is this text, case aside; at most five. */
  findResources(text: string): Promise<{ id: string; name: string | null; type: string | null }[]>;
}

/** How many values of one tag key the catalog lists; `valueCount` counts them all. */
const TAG_VALUES = 300;
const RECENT_DAYS = 90;
const RECENT_USAGE_DAYS = 30;
const KEPT_SCOPES = 64;

const known = new WeakMap<Db, { version: string; catalogs: Map<string, Catalog> }>();

/** The catalog of what the principal may see; kept in memory until a load changes the bill. */
export function loadCatalog(db: Db, principal: Principal, signal?: AbortSignal): Promise<Catalog> {
  return readSnapshot(db, principal, signal, async (client) => catalogOf(db, client, principal));
}

/** The catalog of the whole estate in the state that a snapshot reads: to tell what is not there from what may not be seen. */
export function wholeCatalog(db: Db, snapshot: Snapshot): Promise<Catalog> {
  return readWhole(db, snapshot, (client) => catalogOf(db, client, EVERYBODY));
}

const EVERYBODY: Principal = { userId: '', email: '', name: '', role: 'admin', scope: 'all' };

/** As `loadCatalog`, within a snapshot that is open already. */
export async function catalogOf(db: Db, client: pg.ClientBase, principal: Principal): Promise<Catalog> {
  const freshness = await freshnessOf(db, client);
  let kept = known.get(db);
  if (kept?.version !== freshness.version) {
    kept = { version: freshness.version, catalogs: new Map() };
    known.set(db, kept);
  }
  const scope = JSON.stringify(principal.scope);
  const found = kept.catalogs.get(scope);
  if (found) return found;
  const catalog = await readCatalog(db, client, principal, freshness);
  if (kept.catalogs.size >= KEPT_SCOPES) kept.catalogs.clear();
  kept.catalogs.set(scope, catalog);
  return catalog;
}

async function readCatalog(
  db: Db,
  client: pg.ClientBase,
  principal: Principal,
  freshness: Freshness,
): Promise<Catalog> {
  const read: Reader = { client, scope: principal.scope, freshness };
  const services = await readServices(read);
  const places = await readPlaces(read);
  const usage = await readUsage(read);
  const codes = new Map(usage.rows.map((row) => [row.service_name, row.x_service_code]));
  const recent = await readRecentCost(read);
  const { dataFrom, dataThrough } = freshness;
  return {
    services: unique(services, 'service_name')
      .map((name) => ({
        name,
        category: services.find((row) => row.service_name === name)?.service_category ?? null,
        code: codes.get(name) ?? null,
        provider: services.find((row) => row.service_name === name)?.service_provider_name ?? null,
        recentCost: recent.get(name) ?? [],
      }))
      .sort((one, other) => Number(other.recentCost[0]?.amount ?? 0) - Number(one.recentCost[0]?.amount ?? 0)),
    accounts: await readAccounts(read, places),
    regions: unique(places, 'region_id'),
    tagKeys: await readTags(read),
    providers: unique(services, 'service_provider_name'),
    publishers: unique(services, 'publisher_name'),
    serviceCategories: unique(services, 'service_category'),
    chargeCategories: unique(places, 'charge_category'),
    currencies: freshness.currencies,
    instanceTypes: unique(usage.rows, 'x_instance_type'),
    usageTypes: unique(usage.rows, 'x_usage_type'),
    usageComplete: usage.complete,
    resourceCount: await countResources(read),
    isPartial: principal.scope !== 'all',
    dataFrom,
    dataThrough,
    findResources: (text) => findResources(db, principal, text),
  };
}

interface Reader {
  client: pg.ClientBase;
  scope: Principal['scope'];
  freshness: Freshness;
}

type Names<Column extends string> = Record<Column, string | null> & { lines: string };

/** The distinct values of some columns within some days, the most lines first. */
async function readNames<Column extends ColumnDimension>(
  { client, scope, freshness }: Reader,
  columns: readonly Column[],
  range: DateRange = everything(freshness),
): Promise<Names<Column>[]> {
  const dimensions = columns.map((column): Dimension => ({ kind: 'column', column }));
  const source = chargeSource({ dimensions, filters: [], scope, ranges: [range], cutsMonths: false }, freshness);
  const list = sql.join(source.dimensions, sql`, `);
  return runQuery<Names<Column>>(
    client,
    sql`SELECT ${list}, sum(charge.x_line_count) AS lines FROM ${source.from} WHERE ${source.where(range)}
      GROUP BY ${list} ORDER BY lines DESC, ${list}`,
  );
}

const readServices = (read: Reader) =>
  readNames(read, ['service_name', 'service_category', 'service_provider_name', 'publisher_name']);

const readPlaces = (read: Reader) =>
  readNames(read, ['billing_account_id', 'sub_account_id', 'region_id', 'charge_category']);

/** Rollups of usage know no accounts: for a narrower scope the bill's last days have to do. */
async function readUsage(read: Reader) {
  const complete = read.scope === 'all' && read.freshness.billingPeriods !== null;
  const range = complete ? everything(read.freshness) : lastDays(read.freshness, RECENT_USAGE_DAYS);
  const rows = await readNames(read, ['service_name', 'x_service_code', 'x_usage_type', 'x_instance_type'], range);
  return { rows, complete };
}

async function readRecentCost({ client, scope, freshness }: Reader): Promise<Map<string, Amount[]>> {
  const range = lastDays(freshness, RECENT_DAYS);
  const dimensions: Dimension[] = [{ kind: 'column', column: 'service_name' }];
  const source = chargeSource({ dimensions, filters: [], scope, ranges: [range], cutsMonths: true }, freshness);
  const rows = await runQuery<{ service_name: string | null; billing_currency: string; cost: string }>(
    client,
    sql`SELECT charge.service_name, charge.billing_currency, trim_scale(sum(charge.effective_cost)) AS cost
      FROM ${source.from} WHERE ${source.where(range)} AND charge.charge_category <> 'Credit'
      GROUP BY charge.service_name, charge.billing_currency ORDER BY sum(charge.effective_cost) DESC`,
  );
  const costs = new Map<string, Amount[]>();
  for (const { service_name: name, billing_currency: currency, cost: amount } of rows) {
    if (name !== null) costs.set(name, [...(costs.get(name) ?? []), { currency, amount }]);
  }
  return costs;
}

async function readAccounts(
  { client }: Reader,
  places: Names<'billing_account_id' | 'sub_account_id'>[],
): Promise<Catalog['accounts']> {
  const subs = unique(places, 'sub_account_id');
  const payers = unique(places, 'billing_account_id');
  const ids = [...new Set([...subs, ...payers])];
  const rows = await runQuery<{ account_id: string; name: string | null }>(
    client,
    sql`SELECT account_id, name FROM accounts WHERE account_id = ANY(${sql.param(ids)}::text[])`,
  );
  const names = new Map(rows.map((row) => [row.account_id, row.name]));
  return ids.map((id) => ({
    id,
    name: names.get(id) ?? null,
    kinds: [...(subs.includes(id) ? (['sub'] as const) : []), ...(payers.includes(id) ? (['billing'] as const) : [])],
  }));
}

interface TagRecord {
  key: string;
  value: string;
  lines: string;
  value_count: string;
}

async function readTags({ client, scope, freshness }: Reader): Promise<Catalog['tagKeys']> {
  const range = everything(freshness);
  const dimensions = [...freshness.allocationKeys].slice(0, 1).map((key): Dimension => ({ kind: 'tag', key }));
  if (dimensions.length === 0) return [];
  const source = chargeSource({ dimensions, filters: [], scope, ranges: [range], cutsMonths: false }, freshness);
  const { tags } = source.relation;
  if (tags === null) return [];
  const rows = await runQuery<TagRecord & pg.QueryResultRow>(
    client,
    sql`WITH sets AS (
        SELECT ${tags.reference} AS id, sum(charge.x_line_count) AS lines
        FROM ${source.relation.from} WHERE ${source.where(range)} AND ${tags.reference} IS NOT NULL GROUP BY 1
      ), found AS (
        SELECT tag.key, mode() WITHIN GROUP (ORDER BY tag.value) AS value, sum(sets.lines) AS lines
        FROM sets JOIN ${tags.table} AS stored ON stored.${tags.id} = sets.id, jsonb_each_text(stored.${tags.tags}) AS tag
        WHERE tag.key = ANY(${sql.param([...freshness.allocationKeys])}::text[])
        GROUP BY tag.key, lower(tag.value)
      ), ranked AS (
        SELECT found.*, count(*) OVER (PARTITION BY key) AS value_count,
          row_number() OVER (PARTITION BY key ORDER BY lines DESC, value) AS rank
        FROM found
      )
      SELECT key, value, lines, value_count FROM ranked WHERE rank <= ${TAG_VALUES} ORDER BY key, rank`,
  );
  const keys = [...new Set(rows.map(({ key }) => key))];
  return keys
    .map((key) =>
      tagKey(
        key,
        rows.filter((row) => row.key === key),
      ),
    )
    .sort((one, other) => sumOf(other.lines) - sumOf(one.lines));
}

function tagKey(key: string, rows: TagRecord[]): Catalog['tagKeys'][number] {
  return {
    key,
    values: rows.map(({ value }) => value),
    lines: rows.map(({ lines }) => Number(lines)),
    valueCount: Number(rows[0]?.value_count ?? 0),
  };
}

const sumOf = (counts: number[]): number => counts.reduce((sum, count) => sum + count, 0);

async function countResources({ client }: Reader): Promise<number> {
  const [row] = await runQuery<{ count: string }>(client, sql`SELECT count(*) FROM resources`);
  return Number(row?.count ?? 0);
}

async function findResources(db: Db, principal: Principal, text: string): ReturnType<Catalog['findResources']> {
  const wanted = text.trim().toLowerCase();
  if (wanted === '') return [];
  const statement = sql`SELECT resource.resource_id AS id, resource.name, resource.type FROM resources AS resource
      WHERE resource.id_key = ${wanted} OR resource.name_key = ${wanted} OR resource.tail_key = ${wanted}
      ORDER BY resource.last_seen_date DESC NULLS LAST, resource.resource_id LIMIT 5`;
  return readSnapshot(db, principal, undefined, (client) => runQuery(client, statement));
}

const everything = (freshness: Freshness): DateRange => lastDays(freshness, null);

/** The last days of data, or all of it. */
function lastDays({ dataFrom, lastChargeDate }: Freshness, days: number | null): DateRange {
  if (dataFrom === null || lastChargeDate === null) return { start: '1970-01-01', end: '1970-01-01' };
  const end = daysBefore(lastChargeDate, -1);
  return { start: days === null ? dataFrom : daysBefore(end, days), end };
}

/** The values of a column in the order they come, without repeats and unknowns. */
function unique<Column extends string>(rows: Record<Column, string | null>[], column: Column): string[] {
  return [...new Set(rows.flatMap((row) => row[column] ?? []))];
}
