import type pg from 'pg';
import { leavesOfAccounts } from './partitions.ts';
import { removeRollups } from './rollups.ts';

/**
 * Removes the demo estate from everything but the bill itself, and returns the partitions of the bill that hold it, for the
 * caller to drop. Nothing happens (undefined) when there is no demo estate or when `accounts` are its own.
 */
export async function removeDemo(client: pg.ClientBase, accounts: readonly string[]): Promise<string[] | undefined> {
  const { rows } = await client.query<{ account: string; start: Date }>(
    `SELECT period.billing_account_id AS account, period.billing_period_start AS start
     FROM billing_loads AS load JOIN billing_load_periods AS period USING (load_id)
     WHERE load.origin = 'demo' AND period.is_current`,
  );
  const demo = [...new Set(rows.map(({ account }) => account))];
  if (demo.length === 0 || demo.some((account) => accounts.includes(account))) return undefined;
  await removeRollups(
    client,
    rows.map(({ account, start }) => ({ billingAccountId: account, start: start.toISOString() })),
  );
  await client.query(
    `DELETE FROM usage WHERE resource_id IN (SELECT resource_id FROM resources WHERE billing_account_id = ANY ($1))`,
    [demo],
  );
  await client.query('DELETE FROM resources WHERE billing_account_id = ANY ($1)', [demo]);
  await client.query('DELETE FROM accounts WHERE billing_account_id = ANY ($1) OR account_id = ANY ($1)', [demo]);
  await client.query(
    `UPDATE billing_load_periods SET is_current = false WHERE billing_account_id = ANY ($1) AND is_current`,
    [demo],
  );
  await client.query("UPDATE billing_loads SET is_current = false WHERE origin = 'demo' AND is_current");
  return leavesOfAccounts(client, demo);
}

/** Removes the sets of tags that nothing on the bill has any more, so that nobody is shown the tags of another estate. */
export async function removeUnusedTags(client: pg.ClientBase): Promise<void> {
  await client.query(
    'CREATE TEMP TABLE used_tag_sets ON COMMIT DROP AS SELECT DISTINCT tag_set_id FROM billing WHERE tag_set_id IS NOT NULL',
  );
  // Each set that goes is looked for in all of the bill that stays: without an index, by reading it whole.
  await client.query('CREATE INDEX billing_tag_set_id ON billing (tag_set_id)');
  await client.query('DELETE FROM tag_sets WHERE tag_set_id NOT IN (SELECT tag_set_id FROM used_tag_sets)');
  await client.query(
    'DELETE FROM allocation_sets WHERE allocation_set_id NOT IN (SELECT allocation_set_id FROM tag_sets WHERE allocation_set_id IS NOT NULL)',
  );
  await client.query('DROP INDEX billing_tag_set_id');
}
