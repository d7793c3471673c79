import { swapLeaves } from './billing/partitions.ts';
import { removeDemo, removeUnusedTags } from './billing/remove-demo.ts';
import { LOCK } from './billing/store-load.ts';
import type { Db } from './client.ts';
import { exclusively } from './transaction.ts';

/** A billing period of a demo estate: how many lines it has, and their cost as decimal text. */
export interface DemoPeriod {
  /** First day, 'YYYY-MM-DD'. */
  start: string;
  lines: number;
  billedCost: string;
}

/** Returns whether the demo estate that is loaded has just these billing periods, with these lines and costs. */
export async function isDemoLoaded(db: Db, billingAccountId: string, periods: readonly DemoPeriod[]): Promise<boolean> {
  const { rows } = await db.pool.query<{ differing: string }>(
    `WITH wanted AS (
       SELECT $1::text AS account, start::timestamptz AS start, lines, billed FROM unnest($2::text[], $3::bigint[], $4::numeric[]) AS period(start, lines, billed)
     ),
     held AS (
       SELECT period.billing_account_id AS account, period.billing_period_start AS start, sum(cost.x_line_count) AS lines, sum(cost.billed_cost) AS billed
       FROM billing_loads AS load JOIN billing_load_periods AS period USING (load_id)
       LEFT JOIN cost_daily AS cost USING (billing_account_id, billing_period_start)
       WHERE load.origin = 'demo' AND period.is_current GROUP BY 1, 2
     )
     SELECT count(*) AS differing FROM wanted FULL JOIN held USING (account, start)
     WHERE wanted.lines IS DISTINCT FROM held.lines OR abs(wanted.billed - held.billed) > 0.000001`,
    [
      billingAccountId,
      periods.map(({ start }) => `${start} 00:00:00+00`),
      periods.map(({ lines }) => lines),
      periods.map(({ billedCost }) => billedCost),
    ],
  );
  return rows[0]?.differing === '0';
}

/**
 * Removes the demo estate, its bill with all that belongs to it, in one transaction, and returns whether there was one. What
 * was loaded from files stays.
 * @throws PennyError `conflict` when a long query holds on to the bill; `database_unavailable`
 */
export async function dropDemo(db: Db): Promise<boolean> {
  return exclusively(db, LOCK, async (client) => {
    const leaves = await removeDemo(client, []);
    if (leaves === undefined) return false;
    await swapLeaves(client, [], leaves);
    await removeUnusedTags(client);
    return true;
  });
}
