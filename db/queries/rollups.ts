import { type SQL, sql } from 'drizzle-orm';
import type pg from 'pg';
import { runQuery } from './run.ts';

const SERVICE = ['service_name', 'service_category', 'service_provider_name', 'publisher_name'] as const;
const ACCOUNT_REGION = ['sub_account_id', 'region_id'] as const;
const USAGE = [...SERVICE, 'x_service_code', 'x_usage_type', 'x_instance_type'] as const;
const TAGS = ['sub_account_id', 'allocation_set_id'] as const;
const EVERYTHING = [...SERVICE, ...ACCOUNT_REGION, 'pricing_category', 'commitment_discount_status'] as const;

export type RollupColumn = (typeof EVERYTHING)[number] | (typeof USAGE)[number] | 'allocation_set_id';

/**
 * One set of sums in cost_rollup. `columns` are the ones it keeps beside those that every one keeps (currency, billing
 * account, billing period, charge category); `source` is what it is summed from, coarser ones from finer ones.
 */
export interface Rollup {
  name: string;
  grain: 'day' | 'month';
  columns: readonly RollupColumn[];
  source: 'billing' | 'cost_daily' | 'cost_daily_tagged' | { rollup: string };
}

/**
 * The sums kept, in the order they are made. Chosen so that each common question reads some tens of thousands of rows at
 * most on a bill of millions (docs/decisions/0040); a new one is a line here and needs no migration.
 */
export const ROLLUPS = [
  { name: 'daily_service_account', grain: 'day', columns: [...SERVICE, 'sub_account_id'], source: 'cost_daily' },
  { name: 'daily_service', grain: 'day', columns: SERVICE, source: { rollup: 'daily_service_account' } },
  { name: 'daily_account_region', grain: 'day', columns: ACCOUNT_REGION, source: 'cost_daily' },
  {
    name: 'monthly_account_region',
    grain: 'month',
    columns: ACCOUNT_REGION,
    source: { rollup: 'daily_account_region' },
  },
  { name: 'daily_usage', grain: 'day', columns: USAGE, source: 'billing' },
  { name: 'monthly_usage', grain: 'month', columns: USAGE, source: { rollup: 'daily_usage' } },
  { name: 'daily_tags', grain: 'day', columns: TAGS, source: 'cost_daily_tagged' },
  { name: 'monthly_tags', grain: 'month', columns: TAGS, source: { rollup: 'daily_tags' } },
  {
    name: 'monthly_tagged',
    grain: 'month',
    columns: [...EVERYTHING, 'allocation_set_id'],
    source: 'cost_daily_tagged',
  },
  { name: 'monthly', grain: 'month', columns: EVERYTHING, source: { rollup: 'monthly_tagged' } },
] as const satisfies readonly Rollup[];

/** Columns of every rollup. */
export const KEPT_BY_ALL = [
  'billing_currency',
  'charge_category',
  'billing_account_id',
  'billing_period_start',
] as const;
const SUMS = ['billed_cost', 'effective_cost', 'contracted_cost', 'list_cost', 'x_line_count'] as const;

/**
 * Brings cost_rollup in line with the bill for one billing period of one account. To be called in the transaction of the
 * load, once billing, cost_daily and cost_daily_tagged hold that period; also when the period lost all its rows.
 */
export async function refreshRollups(
  client: pg.ClientBase,
  period: { billingAccountId: string; billingPeriodStart: Date },
): Promise<void> {
  const start = period.billingPeriodStart.toISOString();
  const ofPeriod = sql`billing_period_start = ${start}::timestamptz AND billing_account_id = ${period.billingAccountId}`;
  // The sums of a month must fit, or each is sorted on disk; for this transaction only.
  await runQuery(client, sql`SELECT set_config('work_mem', '128MB', true)`);
  await runQuery(client, sql`DELETE FROM cost_rollup WHERE ${ofPeriod}`);
  for (const rollup of ROLLUPS) await runQuery(client, fill(rollup, ofPeriod));
}

function fill(rollup: Rollup, ofPeriod: SQL): SQL {
  const columns = names([...KEPT_BY_ALL, ...rollup.columns]);
  const sums = sql.join(
    SUMS.map((column) => sql`sum(${sql.identifier(column)})`),
    sql`, `,
  );
  const { table, day, only } = sourceOf(rollup.source);
  const start = rollup.grain === 'month' ? sql`date_trunc('month', ${day}::timestamp)::date` : day;
  return sql`
    INSERT INTO cost_rollup (rollup, period_start, ${columns}, ${names(SUMS)})
    SELECT ${rollup.name}, ${start}, ${columns}, ${sums}
    FROM ${table} WHERE ${ofPeriod}${only}
    GROUP BY ${start}, ${columns}`;
}

function sourceOf(source: Rollup['source']): { table: SQL; day: SQL; only: SQL } {
  if (source === 'billing') {
    return { table: sql`billing`, day: sql`(charge_period_start AT TIME ZONE 'UTC')::date`, only: sql`` };
  }
  if (typeof source === 'string') return { table: sql.raw(source), day: sql`charge_date`, only: sql`` };
  return { table: sql`cost_rollup`, day: sql`period_start`, only: sql` AND rollup = ${source.rollup}` };
}

function names(columns: readonly string[]): SQL {
  return sql.join(
    columns.map((column) => sql.identifier(column)),
    sql`, `,
  );
}
