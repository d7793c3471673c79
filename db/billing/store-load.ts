import type { Readable } from 'node:stream';
import type pg from 'pg';
import type { Db } from '../client.ts';
import { exclusively } from '../transaction.ts';
import type { CsvFeed } from './copy.ts';
import { storeAccounts, storeResources } from './inventory.ts';
import { findLoad, type LoadRecord, type PeriodContent, periodContents, recordLoad, type StoredLoad } from './loads.ts';
import { fillLeaf, type Leaf, type NewLeaf, swapLeaves } from './partitions.ts';
import { removeDemo, removeUnusedTags } from './remove-demo.ts';
import { type RollupFeeds, replaceRollups } from './rollups.ts';
import { storeTagSets } from './tag-sets.ts';

/** A bill that is ready to be stored. Its feeds are read one after the other, in the order of their mention. */
export interface BillToStore {
  record: LoadRecord;
  leaves: readonly (Leaf & { periods: readonly { start: string; rows: number }[] })[];
  tagSets: CsvFeed;
  /** Takes the numbers of the tag sets: CSV of content_hash, tag_set_id, allocation_set_id. */
  numberTagSets(numbers: Readable): Promise<void>;
  charges(leaf: Leaf, loadId: number): CsvFeed;
  /** Makes ready what the feeds below read, while the charges are stored. */
  prepareSums(): Promise<void>;
  rollups: RollupFeeds;
  accounts: CsvFeed;
  resources: CsvFeed;
  /** Returns the sums to record, given the stored ones of each currency; throws when they aren't those of the files. */
  check(stored: StoredSums): unknown;
}

/** The four costs as they are stored, per currency, as decimal text; null where no row has one. */
export type StoredSums = ReadonlyMap<string, Readonly<Record<string, string | null>>>;

export interface StoreOptions {
  keepDemo: boolean;
}

export type StoreResult =
  | { status: 'unchanged'; load: StoredLoad }
  | { status: 'loaded'; loadId: number; replaced: PeriodContent[]; removedDemo: boolean; tables: string[] };

/** Advisory lock of whoever changes the bill: two loads of the same period would replace each other's rows half-way. */
export const LOCK = 727_003;

/**
 * Stores a bill in one transaction: its billing periods replace those in force, with all the sums made of them; or nothing is
 * stored at all. The same contents again are left alone.
 * @throws PennyError what `check` throws; `conflict` when a long query holds on to the bill; `database_unavailable`
 */
export async function storeBill(db: Db, bill: BillToStore, options: StoreOptions): Promise<StoreResult> {
  return exclusively(db, LOCK, (client) => storeWithin(client, bill, options));
}

async function storeWithin(client: pg.PoolClient, bill: BillToStore, options: StoreOptions): Promise<StoreResult> {
  const known = await findLoad(client, bill.record.contentHash);
  if (known !== undefined) return { status: 'unchanged', load: known };
  const periods = bill.leaves.flatMap(({ billingAccountId, periods: list }) =>
    list.map((period) => ({ ...period, billingAccountId })),
  );
  const replaced = await periodContents(client, periods);
  // Another demo estate has other accounts, and takes the place of the one before as a bill of one's own does.
  const demo = options.keepDemo
    ? undefined
    : await removeDemo(
        client,
        periods.map(({ billingAccountId }) => billingAccountId),
      );
  const loadId = await recordLoad(client, bill.record, periods);
  await bill.numberTagSets(await storeTagSets(client, bill.tagSets));
  const [stored, prepared] = await Promise.allSettled([
    storeChecked(client, bill, loadId, periods),
    bill.prepareSums(),
  ]);
  if (stored.status === 'rejected') throw stored.reason;
  if (prepared.status === 'rejected') throw prepared.reason;
  const leaves = stored.value;
  await replaceRollups(client, periods, bill.rollups);
  await storeAccounts(client, bill.accounts);
  await storeResources(client, bill.resources);
  await swapLeaves(client, leaves, demo);
  if (demo !== undefined) await removeUnusedTags(client);
  return {
    status: 'loaded',
    loadId,
    replaced,
    removedDemo: demo !== undefined,
    tables: leaves.map(({ table }) => table),
  };
}

// The columns that questions filter and group by; to look at the others, or at more rows, takes longer than it saves.
const ANALYZED = {
  billing: 'charge_period_start, sub_account_id, service_name, region_id, resource_id, charge_category, tag_set_id',
  resources: 'resource_id, service_name, sub_account_id, region_id, type',
  tag_sets: 'tag_set_id, allocation_set_id',
};

/**
 * Tells the planner of the rows that loads have brought, once for all of them: it takes as long for one month as for a year.
 * What goes wrong here makes queries slower and nothing else.
 */
export async function refreshStatistics(db: Db, partitions: readonly string[]): Promise<void> {
  const analyze = (tables: readonly string[]) =>
    db.pool
      .query(`SET default_statistics_target = 50; ANALYZE ${tables.join(', ')}; RESET default_statistics_target`)
      .catch(() => {});
  await Promise.all([
    analyze(partitions.map((table) => `${table} (${ANALYZED.billing})`)),
    analyze([
      ...['cost_daily', 'cost_daily_tagged', 'cost_rollup'],
      `resources (${ANALYZED.resources})`,
      `tag_sets (${ANALYZED.tag_sets})`,
    ]),
  ]);
}

/** Returns the new leaves, filled, with the sums recorded that they hold. */
async function storeChecked(
  client: pg.PoolClient,
  bill: BillToStore,
  loadId: number,
  periods: readonly { start: string }[],
): Promise<NewLeaf[]> {
  const leaves: NewLeaf[] = [];
  for (const [index, leaf] of bill.leaves.entries()) {
    const table = `billing_${leaf.month.slice(0, 7).replace('-', '_')}_load_${loadId}_${index}`;
    leaves.push(await fillLeaf(client, leaf, table, bill.charges(leaf, loadId)));
  }
  const starts = periods.map(({ start }) => start);
  const sums = bill.check(await storedSums(client, leaves, starts));
  await client.query('UPDATE billing_loads SET sums = $2 WHERE load_id = $1', [loadId, JSON.stringify(sums)]);
  return leaves;
}

async function storedSums(
  client: pg.PoolClient,
  leaves: readonly NewLeaf[],
  starts: readonly string[],
): Promise<StoredSums> {
  const sums = new Map<string, Record<string, string | null>>();
  const union = leaves.map(({ table }) => `SELECT * FROM ${table}`).join(' UNION ALL ');
  const { rows } = await client.query<{ currency: string } & Record<string, string | null>>(
    `SELECT billing_currency AS currency, sum(billed_cost)::text AS billed_cost, sum(effective_cost)::text AS effective_cost,
       sum(contracted_cost)::text AS contracted_cost, sum(list_cost)::text AS list_cost, sum(x_line_count)::text AS x_line_count
     FROM (${union}) AS stored WHERE billing_period_start = ANY ($1::timestamptz[]) GROUP BY 1`,
    [starts],
  );
  for (const { currency, ...costs } of rows) sums.set(currency, costs);
  return sums;
}
