import { Readable } from 'node:stream';
import type pg from 'pg';
import { copyInto } from './billing/copy.ts';
import type { Db } from './client.ts';
import { exclusively } from './transaction.ts';

/** A resource as an inventory finds it. `resourceId` is the id on the bill. */
export interface InventoryResource {
  resourceId: string;
  resourceType: string;
  serviceName: string;
  serviceProviderName: string;
  name: string | null;
  accountId: string;
  billingAccountId: string;
  regionId: string | null;
  availabilityZone: string | null;
  state: string;
  createdAt: string | null;
  tags: Record<string, string>;
  configuration: Record<string, unknown>;
}

/** Kinds of resources in a region of an account. */
export interface InventoryPart {
  accountId: string;
  regionId: string;
  resourceTypes: readonly string[];
}

/** An inventory of what a billing account's accounts hold at one instant. */
export interface Inventory {
  observedAt: Date;
  billingAccountId: string;
  resources: AsyncIterable<InventoryResource> | Iterable<InventoryResource>;
  /** The parts that were read to the end: only of these something missing counts as deleted. Unset: all were. */
  complete?: readonly InventoryPart[];
}

/** What an inventory changed: resources it saw, and those created, changed or deleted since the inventory before. */
export interface InventoryResult {
  resources: number;
  created: number;
  changed: number;
  deleted: number;
}

// One inventory at a time: each is compared with the one before.
const LOCK = 727_005;

/**
 * Stores an inventory in one transaction: state, configuration, tags and names as they are now, and in resource_changes what
 * became different since the inventory before, which the first one has not. An inventory that is not newer than the one
 * stored of the same kinds changes nothing.
 * @throws PennyError `database_unavailable`
 */
export async function storeInventory(db: Db, inventory: Inventory): Promise<InventoryResult> {
  return exclusively(db, LOCK, (client) => storeWithin(client, inventory));
}

async function storeWithin(
  client: pg.ClientBase,
  { observedAt, billingAccountId, resources, complete }: Inventory,
): Promise<InventoryResult> {
  await client.query('CREATE TEMP TABLE found (document jsonb NOT NULL) ON COMMIT DROP');
  const count = await copyInto(client, 'found', {
    columns: ['document'],
    read: (consume) => consume(Readable.from(csvOf(resources))),
  });
  await client.query(STAGE);
  await client.query(PARTS, [JSON.stringify(complete ?? [])]);
  const { rows } = await client.query<{ last: Date | null }>(LAST, [billingAccountId, complete === undefined]);
  const last = rows[0]?.last ?? null;
  if (last !== null && last >= observedAt) return { resources: 0, created: 0, changed: 0, deleted: 0 };
  // The first inventory has nothing to be compared with.
  const isFirst = last === null;
  const deleted = isFirst ? 0 : await recordDeleted(client, [observedAt, billingAccountId, complete === undefined]);
  const changed = isFirst ? 0 : await change(client, CHANGED, [observedAt]);
  await client.query(FRESH);
  await client.query(UPSERT, [observedAt]);
  const created = isFirst ? 0 : await change(client, CREATED, [observedAt]);
  return { resources: count, created, changed, deleted };
}

async function change(client: pg.ClientBase, statement: string, parameters: unknown[]): Promise<number> {
  return (await client.query(statement, parameters)).rowCount ?? 0;
}

async function recordDeleted(client: pg.ClientBase, parameters: [Date, string, boolean]): Promise<number> {
  const deleted = await change(client, DELETED, parameters);
  await client.query(
    `UPDATE resources AS known SET state = 'deleted', inventoried_at = $1, updated_at = now() WHERE ${GONE}`,
    parameters,
  );
  return deleted;
}

async function* csvOf(resources: Inventory['resources']): AsyncIterable<string> {
  for await (const resource of resources) yield `"${JSON.stringify(resource).replaceAll('"', '""')}"\n`;
}

// While pages are read things move between them, so that one may be given twice.
const STAGE = `CREATE TEMP TABLE seen ON COMMIT DROP AS
  SELECT DISTINCT ON (document->>'resourceId') document->>'resourceId' AS resource_id, document->>'name' AS name, document->>'resourceType' AS type,
    document->>'serviceName' AS service_name, document->>'serviceProviderName' AS service_provider_name,
    document->>'billingAccountId' AS billing_account_id, document->>'accountId' AS sub_account_id, document->>'regionId' AS region_id,
    document->>'availabilityZone' AS availability_zone, document->'tags' AS tags, document->>'state' AS state,
    document->'configuration' AS configuration, (document->>'createdAt')::timestamptz AS created_at
  FROM found`;

const PARTS = `CREATE TEMP TABLE read_parts ON COMMIT DROP AS
  SELECT DISTINCT part->>'accountId' AS sub_account_id, part->>'regionId' AS region_id, type
  FROM jsonb_array_elements($1::jsonb) AS part, jsonb_array_elements_text(part->'resourceTypes') AS type`;

// What runs in clusters is read by another job than the clusters: each compares with its own kinds alone.
const LAST = `SELECT max(inventoried_at) AS last FROM resources WHERE billing_account_id = $1
  AND ($2 OR type IN (SELECT type FROM seen UNION SELECT type FROM read_parts))`;

// What a person would call a change: not that a cloud names a type or a zone in another way.
const COMPARED = ['name', 'state', 'tags', 'configuration'];
const document = (row: string) =>
  `jsonb_build_object(${COMPARED.map((column) => `'${column}', ${row}.${column}`).join(', ')})`;
/** The compared fields of one row whose values differ from the other's. */
const differing = (row: string, other: string) =>
  `(SELECT coalesce(jsonb_object_agg(key, value), '{}') FROM jsonb_each(${document(row)}) WHERE value IS DISTINCT FROM ${document(other)}->key)`;

const GONE = `known.billing_account_id = $2 AND known.inventoried_at IS NOT NULL AND known.state IS DISTINCT FROM 'deleted'
  AND NOT EXISTS (SELECT FROM seen WHERE seen.resource_id = known.resource_id)
  AND ($3 OR EXISTS (SELECT FROM read_parts AS part WHERE part.sub_account_id = known.sub_account_id
    AND part.region_id = known.region_id AND part.type = known.type))`;

const DELETED = `INSERT INTO resource_changes (resource_id, observed_at, kind, before)
  SELECT resource_id, $1, 'deleted', ${document('known')} FROM resources AS known WHERE ${GONE}`;

const CHANGED = `INSERT INTO resource_changes (resource_id, observed_at, kind, before, after)
  SELECT seen.resource_id, $1, 'changed', ${differing('known', 'seen')}, ${differing('seen', 'known')}
  FROM seen JOIN resources AS known USING (resource_id)
  WHERE known.inventoried_at IS NOT NULL AND ${document('known')} <> ${document('seen')}`;

const FRESH = `CREATE TEMP TABLE fresh ON COMMIT DROP AS
  SELECT seen.resource_id FROM seen LEFT JOIN resources AS known USING (resource_id) WHERE known.inventoried_at IS NULL`;

const CREATED = `INSERT INTO resource_changes (resource_id, observed_at, kind, after)
  SELECT seen.resource_id, $1, 'created', ${document('seen')} FROM seen JOIN fresh USING (resource_id)`;

const COLUMNS = [
  ...['name', 'type', 'service_name', 'service_provider_name', 'billing_account_id', 'sub_account_id'],
  ...['region_id', 'availability_zone', 'tags', 'state', 'configuration', 'created_at'],
];

const UPSERT = `INSERT INTO resources (resource_id, ${COLUMNS.join(', ')}, inventoried_at)
  SELECT resource_id, ${COLUMNS.join(', ')}, $1 FROM seen
  ON CONFLICT (resource_id) DO UPDATE SET ${COLUMNS.map((column) => `${column} = excluded.${column}`).join(', ')},
    inventoried_at = excluded.inventoried_at, updated_at = now()`;

/** A Kubernetes cluster, by the types of clusters that were asked for. */
export interface InventoriedCluster {
  resourceId: string;
  resourceType: string;
  name: string;
  serviceName: string;
  serviceProviderName: string;
  accountId: string;
  billingAccountId: string;
  regionId: string;
}

/** Returns the clusters of these types that the inventory knows and that are there. */
export async function listClusters(db: Db, types: readonly string[]): Promise<InventoriedCluster[]> {
  const { rows } = await db.pool.query<InventoriedCluster>(
    `SELECT resource_id AS "resourceId", type AS "resourceType", name, service_name AS "serviceName",
       service_provider_name AS "serviceProviderName", sub_account_id AS "accountId", billing_account_id AS "billingAccountId",
       region_id AS "regionId"
     FROM resources WHERE type = ANY ($1) AND inventoried_at IS NOT NULL AND state <> 'deleted' AND num_nulls(name, service_name,
       service_provider_name, sub_account_id, billing_account_id, region_id) = 0
     ORDER BY resource_id`,
    [types],
  );
  return rows;
}
