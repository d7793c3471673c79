import type pg from 'pg';
import { type CsvFeed, copyInto } from './copy.ts';
import type { Period } from './loads.ts';

/** The tables of daily, monthly and coarser sums, each with its new rows. */
export interface RollupFeeds {
  cost_daily: CsvFeed;
  cost_daily_tagged: CsvFeed;
  cost_rollup: CsvFeed;
  cost_monthly: CsvFeed;
}

const TABLES = ['cost_daily', 'cost_daily_tagged', 'cost_rollup', 'cost_monthly'] as const;

/** Puts the sums of a load in the place of those of its billing periods. */
export async function replaceRollups(
  client: pg.ClientBase,
  periods: readonly Period[],
  feeds: RollupFeeds,
): Promise<void> {
  await removeRollups(client, periods);
  for (const table of TABLES) await copyInto(client, table, feeds[table]);
}

/** Removes the sums of billing periods. */
export async function removeRollups(client: pg.ClientBase, periods: readonly Period[]): Promise<void> {
  for (const table of TABLES) {
    await client.query(
      `DELETE FROM ${table} USING unnest($1::text[], $2::timestamptz[]) AS gone(account, start)
       WHERE billing_account_id = gone.account AND billing_period_start = gone.start`,
      [periods.map(({ billingAccountId }) => billingAccountId), periods.map(({ start }) => start)],
    );
  }
}
