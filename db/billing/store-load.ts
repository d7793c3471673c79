import type { Readable } from 'node:stream';
import type pg from 'pg';
import type { Db } from '../client.ts';
import { exclusively } from '../transaction.ts';
import type { CsvFeed } from './copy.ts';
import { storeAccounts, storeResources } from './inventory.ts';
import {
  findLoad,
  type LoadRecord,
  type Period,
  type PeriodContent,
  periodContents,
  recordLoad,
  type StoredLoad,
} from './loads.ts';
import {
  completeLeaf,
  type Days,
  dropAbandonedLeaves,
  fillLeaf,
  type Leaf,
  type NewLeaf,
  newLeafTable,
  swapLeaves,
} from './partitions.ts';
import { removeDemo, removeUnusedTags } from './remove-demo.ts';
import { type RollupFeeds, replaceRollups } from './rollups.ts';
import { storeTagSets } from './tag-sets.ts';

/**
 * A bill that is ready to be stored. Its feeds are read one after the other, in the order of their mention, but the charges at
 * the same time as what is mentioned after them.
 */
export interface BillToStore {
  record: LoadRecord;
  leaves: readonly (Leaf & { periods: readonly { start: string; rows: number }[] })[];
  tagSets: CsvFeed;
  /** Takes the numbers of the tag sets: CSV of content_hash, tag_set_id, allocation_set_id. */
  numberTagSets(numbers: Readable): Promise<void>;
  charges(leaf: Leaf, loadId: number): CsvFeed;
  /** Makes ready what the last three feeds read, while the tag sets are stored. */
  prepareMonths(): Promise<void>;
  /** Makes ready what the other feeds below read, with the numbers of the tag sets. */
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

// Of the second connection of a load, lest the one of a load that was killed still fills a table.
const FILL_LOCK = 727_006;

/**
 * Stores a bill in one transaction: its billing periods replace those in force, with all the sums made of them; or nothing is
 * stored at all. The same contents again are left alone. A second connection fills the new partitions meanwhile, which nobody
 * sees until the transaction attaches them; those that a load was killed over go with the next one.
 * @throws PennyError what `check` throws; `conflict` when a long query holds on to the bill; `database_unavailable`
 */
export async function storeBill(db: Db, bill: BillToStore, options: StoreOptions): Promise<StoreResult> {
  try {
    return await exclusively(db, LOCK, (client) => storeWithin(db, client, bill, options));
  } catch (error) {
    await exclusively(db, LOCK, dropAbandonedLeaves).catch(() => {});
    throw error;
  }
}

async function storeWithin(
  db: Db,
  client: pg.PoolClient,
  bill: BillToStore,
  options: StoreOptions,
): Promise<StoreResult> {
  const known = await findLoad(client, bill.record.contentHash);
  if (known !== undefined) return { status: 'unchanged', load: known };
  await dropAbandonedLeaves(client);
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
  const numbered = storeTagSets(client, bill.tagSets).then((numbers) => bill.numberTagSets(numbers));
  await both(numbered, bill.prepareMonths());
  const [stored] = await both(
    exclusively(db, FILL_LOCK, (other) => fillLeaves(other, bill, loadId)),
    storeSums(client, bill, periods),
  );
  const leaves: NewLeaf[] = [];
  for (const [index, leaf] of bill.leaves.entries())
    leaves.push(await completeLeaf(client, leaf, newLeafTable(leaf, loadId, index), stored.days.get(index)));
  const sums = bill.check(stored.sums);
  await client.query('UPDATE billing_loads SET sums = $2 WHERE load_id = $1', [loadId, JSON.stringify(sums)]);
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

/** Returns what both make, once both are done; when one fails the other one is still waited for. */
async function both<First, Second>(first: Promise<First>, second: Promise<Second>): Promise<[First, Second]> {
  const [one, other] = await Promise.allSettled([first, second]);
  if (one.status === 'rejected') throw one.reason;
  if (other.status === 'rejected') throw other.reason;
  return [one.value, other.value];
}

// The columns that questions filter and group by; to look at the others, or at more rows, takes longer than it saves.
const ANALYZED = {
  billing: 'charge_period_start, sub_account_id, service_name, region_id, resource_id, charge_category, tag_set_id',
  cost_monthly:
    'month_start, billing_period_start, sub_account_id, service_name, resource_id, charge_category, tag_set_id',
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
      `cost_monthly (${ANALYZED.cost_monthly})`,
      `resources (${ANALYZED.resources})`,
      `tag_sets (${ANALYZED.tag_sets})`,
    ]),
  ]);
}

async function storeSums(client: pg.PoolClient, bill: BillToStore, periods: readonly Period[]): Promise<void> {
  await bill.prepareSums();
  await replaceRollups(client, periods, bill.rollups);
  await storeAccounts(client, periods, bill.accounts);
  await storeResources(client, periods, bill.resources);
}

interface Filled {
  sums: StoredSums;
  /** The days of each leaf, by its number. */
  days: Map<number, Days>;
}

/** Fills the tables of the leaves and returns what they hold then. */
async function fillLeaves(client: pg.PoolClient, bill: BillToStore, loadId: number): Promise<Filled> {
  // What is written goes to the disk as it comes, or the commit would wait for all of it.
  await client.query("SET LOCAL backend_flush_after = '2MB'");
  const tables = bill.leaves.map((leaf, index) => newLeafTable(leaf, loadId, index));
  for (const [index, leaf] of bill.leaves.entries())
    await fillLeaf(client, leaf, tables[index] ?? '', bill.charges(leaf, loadId));
  return readFilled(client, tables);
}

const STORED = ['billed_cost', 'effective_cost', 'contracted_cost', 'list_cost', 'x_line_count'] as const;

async function readFilled(client: pg.PoolClient, tables: readonly string[]): Promise<Filled> {
  const union = tables.map((table, index) => `SELECT ${index} AS leaf, * FROM ${table}`).join(' UNION ALL ');
  const summed = STORED.map((column) => `sum(${column}) AS ${column}`);
  const texts = STORED.map((column) => `sum(${column})::text AS ${column}`);
  const { rows } = await client.query<
    { currency: string; days: [number, string, string][] } & Record<(typeof STORED)[number], string | null>
  >(
    `SELECT currency, json_agg(json_build_array(leaf, first::text, last::text)) AS days, ${texts.join(', ')}
     FROM (SELECT leaf, billing_currency AS currency, ${summed.join(', ')},
         min(min(charge_period_start)) OVER one AS first, max(max(charge_period_start)) OVER one AS last
       FROM (${union}) AS stored GROUP BY 1, 2 WINDOW one AS (PARTITION BY leaf)) AS summed GROUP BY 1`,
  );
  const days = rows.flatMap((row) => row.days.map(([leaf, first, last]) => [leaf, { first, last }] as const));
  return {
    sums: new Map(rows.map(({ currency, days: _, ...costs }) => [currency, costs])),
    days: new Map(days),
  };
}
