import type pg from 'pg';
import { type CsvFeed, copyInto } from './billing/copy.ts';
import type { Db } from './client.ts';
import { exclusively } from './transaction.ts';

/** The columns of a measurement, in the order a feed gives them. */
export const USAGE_COLUMNS = ['resource_id', 'metric', 'hour', 'avg', 'max', 'p95', 'sample_count'] as const;

/** Measurements of one calendar month (UTC), `month` being 'YYYY-MM'. A resource, metric and hour stands in it once. */
export interface UsageMonth {
  month: string;
  feed: CsvFeed;
}

// One load of usage at a time, so that two don't make the same partition.
export const USAGE_LOCK = 727_004;

/**
 * Stores measurements, a transaction a month, and returns how many rows were read. What is known already of the same
 * resource, metric and hour is replaced, so the same measurements again change nothing.
 * @throws PennyError `database_unavailable`
 */
export async function storeUsage(db: Db, months: readonly UsageMonth[]): Promise<number> {
  let rows = 0;
  for (const month of months) rows += await exclusively(db, USAGE_LOCK, (client) => storeMonth(client, month));
  await db.pool.query('ANALYZE usage');
  return rows;
}

/** Counts the measurements of hours in [from, to), ISO 8601. */
export async function countUsage(db: Db, from: string, to: string): Promise<number> {
  const { rows } = await db.pool.query<{ count: string }>('SELECT count(*) FROM usage WHERE hour >= $1 AND hour < $2', [
    from,
    to,
  ]);
  return Number(rows[0]?.count ?? 0);
}

/** A resource whose use can be measured, as the inventory has it. */
export interface InventoriedResource {
  resourceId: string;
  resourceType: string;
  accountId: string;
  regionId: string;
  name: string | null;
  createdAt: string | null;
  configuration: Record<string, unknown>;
  /** When an inventory saw it that was not the first one; null: the first one did. */
  appearedAt: Date | null;
}

/** Returns the resources of a billing account that the inventory knows and that are there. */
export async function listInventoried(db: Db, billingAccountId: string): Promise<InventoriedResource[]> {
  const { rows } = await db.pool.query<Omit<InventoriedResource, 'createdAt'> & { createdAt: Date | null }>(
    `SELECT resource_id AS "resourceId", type AS "resourceType", sub_account_id AS "accountId", region_id AS "regionId", name,
       created_at AS "createdAt", coalesce(configuration, '{}') AS configuration, appeared_at AS "appearedAt"
     FROM resources LEFT JOIN (SELECT resource_id, max(observed_at) AS appeared_at FROM resource_changes WHERE kind = 'created'
       GROUP BY resource_id) AS appeared USING (resource_id)
     WHERE billing_account_id = $1 AND inventoried_at IS NOT NULL AND state <> 'deleted'
       AND type IS NOT NULL AND sub_account_id IS NOT NULL AND region_id IS NOT NULL
     ORDER BY resource_id`,
    [billingAccountId],
  );
  return rows.map((row) => ({ ...row, createdAt: row.createdAt?.toISOString() ?? null }));
}

/** How far the use of a region has been read: all hours before `readThrough` were asked for. */
export interface UsageRead {
  accountId: string;
  regionId: string;
  readThrough: Date;
}

/** Returns how far a job has read the use of each region that it ever read. */
export async function listUsageReads(db: Db, job: string): Promise<UsageRead[]> {
  const { rows } = await db.pool.query<UsageRead>(
    `SELECT account_id AS "accountId", region_id AS "regionId", read_through AS "readThrough" FROM usage_reads
     WHERE job = $1 ORDER BY account_id, region_id`,
    [job],
  );
  return rows;
}

/** Notes that a job has read the use of these regions up to `readThrough`, a full hour; one that was read further stays so. */
export async function noteUsageReads(
  db: Db,
  job: string,
  regions: readonly Omit<UsageRead, 'readThrough'>[],
  readThrough: Date,
): Promise<void> {
  await db.pool.query(
    `INSERT INTO usage_reads AS known (job, account_id, region_id, read_through)
     SELECT DISTINCT $1, account_id, region_id, $4::timestamptz FROM unnest($2::text[], $3::text[]) AS read (account_id, region_id)
     ON CONFLICT (job, account_id, region_id) DO UPDATE SET read_through = excluded.read_through
       WHERE known.read_through < excluded.read_through`,
    [job, regions.map(({ accountId }) => accountId), regions.map(({ regionId }) => regionId), readThrough],
  );
}

async function storeMonth(client: pg.ClientBase, { month, feed }: UsageMonth): Promise<number> {
  const table = `usage_${month.replace('-', '_')}`;
  if (await holdsRows(client, table)) return addTo(client, feed);
  await client.query(`DROP TABLE IF EXISTS ${table}`);
  return makePartition(client, table, month, feed);
}

async function holdsRows(client: pg.ClientBase, table: string): Promise<boolean> {
  const known = await client.query<{ known: boolean }>('SELECT to_regclass($1) IS NOT NULL AS known', [table]);
  if (!known.rows[0]?.known) return false;
  const { rows } = await client.query<{ filled: boolean }>(`SELECT EXISTS (SELECT FROM ${table}) AS filled`);
  return rows[0]?.filled ?? false;
}

/** Fills a new partition before its index is made, which is several times as fast as to keep the index row by row. */
async function makePartition(client: pg.ClientBase, table: string, month: string, feed: CsvFeed): Promise<number> {
  const { from, to } = bounds(month);
  await client.query(
    `CREATE TABLE ${table} (LIKE usage INCLUDING CONSTRAINTS, CONSTRAINT ${table}_bound CHECK (hour >= ${from} AND hour < ${to}))`,
  );
  const rows = await copyInto(client, table, feed, { freeze: true });
  await client.query(
    `ALTER TABLE usage ATTACH PARTITION ${table} FOR VALUES FROM (${from}) TO (${to}); ALTER TABLE ${table} DROP CONSTRAINT ${table}_bound`,
  );
  return rows;
}

async function addTo(client: pg.ClientBase, feed: CsvFeed): Promise<number> {
  await client.query('CREATE TEMP TABLE new_usage (LIKE usage) ON COMMIT DROP');
  const rows = await copyInto(client, 'new_usage', feed);
  await client.query(
    `INSERT INTO usage AS known SELECT * FROM new_usage
     ON CONFLICT (resource_id, metric, hour) DO UPDATE
       SET avg = excluded.avg, max = excluded.max, p95 = excluded.p95, sample_count = excluded.sample_count
       WHERE (known.avg, known.max, known.p95, known.sample_count)
         IS DISTINCT FROM (excluded.avg, excluded.max, excluded.p95, excluded.sample_count)`,
  );
  return rows;
}

function bounds(month: string): { from: string; to: string } {
  const [year = 0, number = 1] = month.split('-').map(Number);
  const next = new Date(Date.UTC(year, number, 1)).toISOString().slice(0, 10);
  return { from: `'${month}-01 00:00:00+00'`, to: `'${next} 00:00:00+00'` };
}
