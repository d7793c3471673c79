import { setTimeout as wait } from 'node:timers/promises';
import pg from 'pg';
import { PennyError } from '../../errors.ts';
import { codeOf } from '../client.ts';
import { type CsvFeed, copyInto } from './copy.ts';

const { escapeIdentifier, escapeLiteral } = pg;

/** The rows of one billing account and calendar month, and the billing periods within it that they replace. */
export interface Leaf {
  billingAccountId: string;
  /** First day of the month, 'YYYY-MM-DD'. */
  month: string;
  /** Starts of the billing periods, ISO 8601. */
  periodStarts: readonly string[];
}

/** A table that is filled but not part of `billing` yet. */
export interface NewLeaf extends Leaf {
  table: string;
  /** The partition in its place now. */
  replaces: string | undefined;
}

/**
 * Creates a table with the rows of a leaf, which is not part of the bill until `completeLeaf` and `swapLeaves`. What all rows
 * agree in is the default of its column while they are copied: it is read once instead of once a row.
 */
export async function fillLeaf(client: pg.ClientBase, leaf: Leaf, table: string, feed: CsvFeed): Promise<void> {
  const name = escapeIdentifier(table);
  const { from, to } = monthBounds(leaf.month);
  const constants = Object.entries(feed.constants ?? {});
  await client.query(
    `CREATE TABLE ${name} (LIKE billing INCLUDING CONSTRAINTS,
       CONSTRAINT ${boundName(table)} CHECK (billing_account_id = ${escapeLiteral(leaf.billingAccountId)}
         AND billing_period_start >= ${from} AND billing_period_start < ${to}))`,
  );
  const set = constants.map(([column, value]) => `${alterColumn(column)} SET DEFAULT ${escapeLiteral(value)}`);
  if (set.length > 0) await client.query(`ALTER TABLE ${name} ${set.join(', ')}`);
  await copyInto(client, table, feed, { freeze: true });
  const drop = constants.map(([column]) => `${alterColumn(column)} DROP DEFAULT`);
  if (drop.length > 0) await client.query(`ALTER TABLE ${name} ${drop.join(', ')}`);
}

/**
 * Returns the filled table of a leaf ready to take its place: with all constraints, so that to attach it takes no time.
 * Billing periods of the same month that the load doesn't bring are copied from the partition in place. `days` are those of
 * the rows that are there already.
 */
export async function completeLeaf(
  client: pg.ClientBase,
  leaf: Leaf,
  table: string,
  days: Days | undefined,
): Promise<NewLeaf> {
  const name = escapeIdentifier(table);
  const replaces = await currentLeaf(client, leaf);
  let all = days;
  if (replaces !== undefined && (await hasOtherPeriods(client, leaf))) {
    await client.query(
      `INSERT INTO ${name} SELECT * FROM ${escapeIdentifier(replaces)} WHERE billing_period_start <> ALL ($1::timestamptz[])`,
      [leaf.periodStarts],
    );
    all = await daysOf(client, name);
  }
  const keys = await foreignKeys(client);
  const added = keys.map((key) => `ADD CONSTRAINT ${escapeIdentifier(key.name)} ${key.definition}`);
  // With it a question about some days leaves the other months alone, although the bill is parted by billing period.
  if (all !== undefined) {
    const within = `charge_period_start >= ${escapeLiteral(all.first)} AND charge_period_start <= ${escapeLiteral(all.last)}`;
    added.push(`ADD CONSTRAINT ${escapeIdentifier(`${table}_days`)} CHECK (${within})`);
  }
  await client.query(`ALTER TABLE ${name} ${added.join(', ')}`);
  return { ...leaf, table, replaces };
}

/** The first and the last day that the charges of a table begin on, as Postgres writes them. */
export interface Days {
  first: string;
  last: string;
}

/** Returns the days of a table; undefined for an empty one. */
async function daysOf(client: pg.ClientBase, name: string): Promise<Days | undefined> {
  const { rows } = await client.query<{ first: string | null; last: string | null }>(
    `SELECT min(charge_period_start)::text AS first, max(charge_period_start)::text AS last FROM ${name}`,
  );
  const { first, last } = rows[0] ?? {};
  return first == null || last == null ? undefined : { first, last };
}

/** Returns the name of the table for the rows that a load brings for its leaf number `index`. */
export function newLeafTable(leaf: Leaf, loadId: number, index: number): string {
  return `${monthTable(leaf.month)}_load_${loadId}_${index}`;
}

/** Drops the tables that loads have filled and, because they failed or were killed, not made part of the bill. */
export async function dropAbandonedLeaves(client: pg.ClientBase): Promise<void> {
  const { rows } = await client.query<{ table: string }>(
    `SELECT relname AS table FROM pg_class WHERE relkind = 'r' AND NOT relispartition AND relnamespace = (SELECT relnamespace FROM pg_class WHERE oid = 'billing'::regclass)
       AND relname ~ '^billing_[0-9]{4}_[0-9]{2}_load_[0-9]+_[0-9]+$'`,
  );
  for (const { table } of rows) await client.query(`DROP TABLE ${escapeIdentifier(table)}`);
}

function alterColumn(column: string): string {
  return `ALTER COLUMN ${escapeIdentifier(column)}`;
}

/** Returns whether the month holds billing periods in force that the load doesn't bring. */
async function hasOtherPeriods(client: pg.ClientBase, leaf: Leaf): Promise<boolean> {
  const { from, to } = monthBounds(leaf.month);
  const { rowCount } = await client.query(
    `SELECT FROM billing_load_periods WHERE is_current AND billing_account_id = $1 AND billing_period_start >= ${from}
       AND billing_period_start < ${to} AND billing_period_start <> ALL ($2::timestamptz[]) LIMIT 1`,
    [leaf.billingAccountId, leaf.periodStarts],
  );
  return rowCount === 1;
}

const ATTEMPTS = 30;
const LOCK_TIMEOUT_MS = 2_000;
const PAUSE_MS = 250;

/**
 * Puts new leaves in the place of the ones they replace, and removes `others`. Queries under way are not waited for longer
 * than they would hold up others: the attempt is repeated instead.
 * @throws PennyError `conflict` when a query holds on to the bill for a minute
 */
export async function swapLeaves(
  client: pg.ClientBase,
  leaves: readonly NewLeaf[],
  others: readonly string[] = [],
): Promise<void> {
  for (const month of new Set(leaves.map((leaf) => leaf.month))) await makeMonth(client, month);
  await client.query(`SAVEPOINT swap; SET LOCAL lock_timeout = ${LOCK_TIMEOUT_MS}`);
  for (let attempt = 1; ; attempt++) {
    try {
      for (const table of others) await client.query(`DROP TABLE ${escapeIdentifier(table)}`);
      for (const leaf of leaves) await attachLeaf(client, leaf);
      await client.query('RELEASE SAVEPOINT swap; SET LOCAL lock_timeout = 0');
      return;
    } catch (cause) {
      if (codeOf(cause) !== '55P03') throw cause;
      await client.query('ROLLBACK TO SAVEPOINT swap');
      if (attempt === ATTEMPTS) {
        throw new PennyError(
          'conflict',
          'A long query is reading the bill, so that it could not be replaced. Try again when it is done.',
          { cause },
        );
      }
      await wait(PAUSE_MS);
    }
  }
}

async function attachLeaf(client: pg.ClientBase, leaf: NewLeaf): Promise<void> {
  if (leaf.replaces !== undefined) await client.query(`DROP TABLE ${escapeIdentifier(leaf.replaces)}`);
  const table = escapeIdentifier(leaf.table);
  await client.query(
    `ALTER TABLE ${escapeIdentifier(monthTable(leaf.month))} ATTACH PARTITION ${table} FOR VALUES IN (${escapeLiteral(leaf.billingAccountId)});
     ALTER TABLE ${table} DROP CONSTRAINT ${boundName(leaf.table)}`,
  );
}

/** Makes the partition of a month, itself partitioned by billing account, when it isn't there. */
async function makeMonth(client: pg.ClientBase, month: string): Promise<void> {
  const table = monthTable(month);
  const { rowCount } = await client.query(
    `SELECT FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid WHERE inhparent = 'billing'::regclass AND relname = $1`,
    [table],
  );
  if (rowCount === 1) return;
  const { from, to } = monthBounds(month);
  await client.query(
    `CREATE TABLE ${escapeIdentifier(table)} (LIKE billing INCLUDING CONSTRAINTS) PARTITION BY LIST (billing_account_id);
     ALTER TABLE billing ATTACH PARTITION ${escapeIdentifier(table)} FOR VALUES FROM (${from}) TO (${to})`,
  );
}

async function currentLeaf(client: pg.ClientBase, { month, billingAccountId }: Leaf): Promise<string | undefined> {
  const { rows } = await client.query<{ table: string }>(
    `SELECT leaf.relname AS table FROM pg_inherits JOIN pg_class AS leaf ON leaf.oid = inhrelid
     JOIN pg_class AS month ON month.oid = inhparent
     WHERE month.relname = $1 AND pg_get_expr(leaf.relpartbound, leaf.oid) = format('FOR VALUES IN (%L)', $2::text)`,
    [monthTable(month), billingAccountId],
  );
  return rows[0]?.table;
}

/** Returns the partitions that hold rows of billing accounts, whatever the month. */
export async function leavesOfAccounts(client: pg.ClientBase, billingAccountIds: readonly string[]): Promise<string[]> {
  const { rows } = await client.query<{ table: string }>(
    `SELECT leaf.relname AS table FROM pg_partition_tree('billing') AS tree JOIN pg_class AS leaf ON leaf.oid = tree.relid
     WHERE tree.isleaf AND pg_get_expr(leaf.relpartbound, leaf.oid)
       IN (SELECT format('FOR VALUES IN (%L)', account) FROM unnest($1::text[]) AS account)`,
    [billingAccountIds],
  );
  return rows.map(({ table }) => table);
}

async function foreignKeys(client: pg.ClientBase): Promise<{ name: string; definition: string }[]> {
  const { rows } = await client.query<{ name: string; definition: string }>(
    `SELECT conname AS name, pg_get_constraintdef(oid) AS definition FROM pg_constraint
     WHERE conrelid = 'billing'::regclass AND contype = 'f' ORDER BY conname`,
  );
  return rows;
}

function monthTable(month: string): string {
  return `billing_${month.slice(0, 7).replace('-', '_')}`;
}

function monthBounds(month: string): { from: string; to: string } {
  const [year = 0, number = 1] = month.split('-').map(Number);
  const next = new Date(Date.UTC(year, number, 1)).toISOString().slice(0, 10);
  return { from: escapeLiteral(`${month} 00:00:00+00`), to: escapeLiteral(`${next} 00:00:00+00`) };
}

function boundName(table: string): string {
  return escapeIdentifier(`${table}_bound`);
}
