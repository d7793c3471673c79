import { type SQL, sql } from 'drizzle-orm';
import type pg from 'pg';
import type { billReconciliations } from '../schema/reconciliations.ts';
import { runQuery } from './run.ts';

/** How a month stood when it was last compared; days YYYY-MM-DD, money decimal text. */
export type Reconciliation = Omit<typeof billReconciliations.$inferSelect, 'reconciliationId'>;

/** What was last compared, the newest month first; of a month those that are off stand first. Postgres leaves out other people's accounts. */
export async function listReconciliations(
  client: pg.ClientBase | pg.Pool,
  { month, limit }: { month?: string | undefined; limit?: number | undefined } = {},
): Promise<Reconciliation[]> {
  return runQuery<Reconciliation & pg.QueryResultRow>(
    client,
    sql`${SELECT} ${month === undefined ? sql`` : sql`WHERE billing_month = ${month}::date`}
      ORDER BY billing_month DESC, array_position(ARRAY['off', 'explained', 'unknown', 'ok'], status), covers DESC, account_id,
        billing_currency, metric, source ${limit === undefined ? sql`` : sql`LIMIT ${limit}`}`,
  );
}

/** The months that are off and were not loaded anew since, the largest difference of each first. */
export async function monthsOff(client: pg.ClientBase): Promise<Reconciliation[]> {
  return runQuery<Reconciliation & pg.QueryResultRow>(
    client,
    sql`${SELECT} WHERE status = 'off' AND NOT EXISTS (
        SELECT FROM billing_load_periods AS period JOIN billing_loads AS load USING (load_id)
        WHERE period.is_current AND date_trunc('month', period.billing_period_start AT TIME ZONE 'UTC')::date = billing_month
          AND load.loaded_at > coalesce(reconciled.loaded_at, reconciled.checked_at))
      ORDER BY billing_month, abs(difference) DESC, account_id`,
  );
}

const SELECT: SQL = sql`SELECT billing_month AS "billingMonth", covers, account_id AS "accountId", billing_currency AS "billingCurrency",
    metric, source, stored_amount AS "storedAmount", reference_amount AS "referenceAmount", difference,
    difference_percent AS "differencePercent", status, causes, loaded_at AS "loadedAt", fetched_at AS "fetchedAt", checked_at AS "checkedAt"
  FROM bill_reconciliations AS reconciled`;
