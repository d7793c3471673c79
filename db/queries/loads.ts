import { sql } from 'drizzle-orm';
import type pg from 'pg';
import type { Principal } from '../principal.ts';
import { chargeSource } from './charges.ts';
import { daysBefore, type Freshness } from './freshness.ts';
import { runQuery } from './run.ts';
import type { Snapshot } from './snapshot.ts';

/** One delivery of a bill that is in force; billing periods by the first day of their month. */
export interface Load {
  loadId: string;
  sourceId: string;
  sourceVersion: string | null;
  origin: string;
  firstBillingPeriod: string | null;
  lastBillingPeriod: string | null;
  lines: string;
  loadedAt: Date;
}

/** The deliveries in force, the newest first. */
export async function currentLoads(client: Snapshot, limit: number): Promise<Load[]> {
  return runQuery<Load & Record<string, unknown>>(
    client,
    sql`SELECT load.load_id AS "loadId", load.source_id AS "sourceId", load.source_version AS "sourceVersion", load.origin,
        (min(period.billing_period_start) AT TIME ZONE 'UTC')::date AS "firstBillingPeriod",
        (max(period.billing_period_start) AT TIME ZONE 'UTC')::date AS "lastBillingPeriod",
        load.line_count AS lines, load.loaded_at AS "loadedAt"
      FROM billing_loads AS load LEFT JOIN billing_load_periods AS period ON period.load_id = load.load_id AND period.is_current
      WHERE load.is_current
      GROUP BY load.load_id ORDER BY load.loaded_at DESC, load.load_id DESC LIMIT ${limit}`,
  );
}

/** Returns the last delivery that was loaded, whoever's it is; undefined before the first. */
export async function newestLoad(client: pg.Pool): Promise<{ loadId: string; loadedAt: Date } | undefined> {
  const { rows } = await client.query<{ loadId: string; loadedAt: Date }>(
    'SELECT load_id AS "loadId", loaded_at AS "loadedAt" FROM billing_loads ORDER BY load_id DESC LIMIT 1',
  );
  return rows[0];
}

/** How far the bill of one payer reaches with one provider; days inclusive. */
export interface Reach {
  provider: string | null;
  billingAccountId: string;
  billingAccountName: string | null;
  dataFrom: string;
  /** The last day with usage, or with any charge where there is no usage. */
  dataThrough: string;
}

/** How far the bill reaches for each provider and payer: one of them may lag behind the others. */
export async function reachBySource(
  client: Snapshot,
  scope: Principal['scope'],
  freshness: Freshness,
): Promise<Reach[]> {
  const { dataFrom, lastChargeDate } = freshness;
  if (dataFrom === null || lastChargeDate === null) return [];
  const range = { start: dataFrom, end: daysBefore(lastChargeDate, -1) };
  const source = chargeSource(
    {
      dimensions: [
        { kind: 'column', column: 'service_provider_name' },
        { kind: 'column', column: 'billing_account_id' },
      ],
      filters: [],
      scope,
      ranges: [range],
      cutsMonths: true,
    },
    freshness,
  );
  const usage = sql`FILTER (WHERE charge.charge_category = 'Usage')`;
  return runQuery<Reach & Record<string, unknown>>(
    client,
    sql`SELECT reach.*, account.name AS "billingAccountName" FROM (
        SELECT charge.service_provider_name AS provider, charge.billing_account_id AS "billingAccountId",
          min(${source.day}) AS "dataFrom", coalesce(max(${source.day}) ${usage}, max(${source.day})) AS "dataThrough"
        FROM ${source.from} WHERE ${source.where(range)} GROUP BY 1, 2
      ) AS reach LEFT JOIN accounts AS account ON account.account_id = reach."billingAccountId"
      ORDER BY provider NULLS LAST, "billingAccountId"`,
  );
}
