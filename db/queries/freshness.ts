import { sql } from 'drizzle-orm';
import type pg from 'pg';
import type { Person } from '../access/context.ts';
import type { Db } from '../client.ts';
import type { DateRange } from './dimensions.ts';
import { ROLLUPS } from './rollups.ts';
import { runQuery } from './run.ts';
import { readSnapshot, readWhole } from './snapshot.ts';

/** How far the stored bill reaches and what it is made of. Days are inclusive, YYYY-MM-DD; null when nothing is loaded. */
export interface Freshness {
  /** Changes whenever a load changed the bill. */
  version: string;
  dataFrom: string | null;
  /** The last day with usage: fees may be dated ahead of it. */
  dataThrough: string | null;
  /** The last day with any charge. */
  lastChargeDate: string | null;
  lastLoadedAt: Date | null;
  /** Whether the bill that holds the last day has lines without an invoice, so that it may still change. */
  invoiceOpen: boolean;
  /** The billing periods and the months their charges fall in; null when cost_rollup and cost_monthly do not hold them all. */
  billingPeriods: { start: string; month: string }[] | null;
  /** Tag keys that the daily rollup keeps, lower-cased. */
  allocationKeys: ReadonlySet<string>;
  /** Currencies of the bill, the one with the most lines first. */
  currencies: string[];
}

const known = new WeakMap<Db, Freshness>();

/** How far the stored bill reaches; kept in memory until a load changes the bill. */
export function describeFreshness(db: Db, signal?: AbortSignal): Promise<Freshness> {
  return readSnapshot(db, NOBODY, signal, (client) => freshnessOf(db, client));
}

/** How far the data reaches is the same for everybody. */
const NOBODY: Person = { userId: '00000000-0000-0000-0000-000000000000', scope: { subAccountIds: [], tags: [] } };

/** As `describeFreshness`, within a snapshot that is open already. */
export async function freshnessOf(db: Db, client: pg.ClientBase): Promise<Freshness> {
  const version = await versionOf(client);
  const kept = known.get(db);
  if (kept?.version === version) return kept;
  const fresh = await readWhole(db, client, (whole) => readFreshness(whole, version));
  known.set(db, fresh);
  return fresh;
}

/** Whether any bill is loaded. */
export async function hasBilling(db: Db): Promise<boolean> {
  const [row] = await runQuery<{ found: boolean }>(db.pool, sql`SELECT EXISTS (SELECT FROM cost_daily) AS found`);
  return row?.found === true;
}

async function versionOf(client: pg.ClientBase): Promise<string> {
  const [row] = await runQuery<{ version: string }>(
    client,
    sql`SELECT concat_ws('/', max(load_id), count(*) FILTER (WHERE is_current)) AS version FROM billing_loads`,
  );
  return row?.version ?? '';
}

interface Bounds extends pg.QueryResultRow {
  data_from: string | null;
  last_charge_date: string | null;
  last_usage_date: string | null;
  last_loaded_at: Date | null;
}

async function readFreshness(client: pg.ClientBase, version: string): Promise<Freshness> {
  const [bounds] = await runQuery<Bounds>(
    client,
    sql`SELECT (SELECT min(charge_date) FROM cost_daily) AS data_from,
      (SELECT max(charge_date) FROM cost_daily) AS last_charge_date,
      (SELECT charge_date FROM cost_daily WHERE charge_category = 'Usage' ORDER BY charge_date DESC LIMIT 1) AS last_usage_date,
      (SELECT max(loaded_at) FROM billing_loads WHERE is_current) AS last_loaded_at`,
  );
  const dataThrough = bounds?.last_usage_date ?? bounds?.last_charge_date ?? null;
  const billingPeriods = await readBillingPeriods(client);
  return {
    version,
    dataFrom: bounds?.data_from ?? null,
    dataThrough,
    lastChargeDate: bounds?.last_charge_date ?? null,
    lastLoadedAt: bounds?.last_loaded_at ?? null,
    invoiceOpen: dataThrough !== null && (await isInvoiceOpen(client, dataThrough, billingPeriods)),
    billingPeriods,
    allocationKeys: await readAllocationKeys(client),
    currencies: await readCurrencies(client, billingPeriods !== null),
  };
}

/** Every billing period in force must be in every rollup, or none is used: a question must not lose a month. */
async function readBillingPeriods(client: pg.ClientBase): Promise<Freshness['billingPeriods']> {
  const names = ROLLUPS.map(({ name }) => name);
  const [{ complete } = { complete: false }] = await runQuery<{ complete: boolean }>(
    client,
    sql`SELECT NOT EXISTS (
        SELECT FROM billing_load_periods AS period, unnest(${sql.param(names)}::text[]) AS name
        WHERE period.is_current AND period.rows > 0 AND NOT EXISTS (
          SELECT FROM cost_rollup AS charge
          WHERE charge.billing_period_start = period.billing_period_start
            AND charge.billing_account_id = period.billing_account_id AND charge.rollup = name
        ))
      AND NOT EXISTS (
        SELECT FROM billing_load_periods AS period
        WHERE period.is_current AND period.rows > 0 AND NOT EXISTS (
          SELECT FROM cost_monthly AS charge
          WHERE charge.billing_period_start = period.billing_period_start
            AND charge.billing_account_id = period.billing_account_id
        ))
      AND (EXISTS (SELECT FROM cost_rollup) OR NOT EXISTS (SELECT FROM cost_daily)) AS complete`,
  );
  if (!complete) return null;
  const rows = await runQuery<{ start: Date; month: string }>(
    client,
    sql`SELECT DISTINCT billing_period_start AS start, period_start AS month
      FROM cost_rollup WHERE rollup = 'monthly_account_region' ORDER BY start, month`,
  );
  return rows.map(({ start, month }) => ({ start: start.toISOString(), month }));
}

/** An open bill shows it in many lines, so the first is found at once; only a final one is read through. */
async function isInvoiceOpen(
  client: pg.ClientBase,
  dataThrough: string,
  billingPeriods: Freshness['billingPeriods'],
): Promise<boolean> {
  const lastMonth = billingPeriods?.filter(({ month }) => month.slice(0, 7) === dataThrough.slice(0, 7));
  const periods = lastMonth
    ? sql`billing_period_start = ANY(${sql.param(lastMonth.map(({ start }) => start))}::timestamptz[])`
    : sql`billing_period_start = (SELECT max(billing_period_start) FROM cost_daily WHERE charge_date = ${dataThrough}::date)`;
  const [row] = await runQuery<{ open: boolean }>(
    client,
    sql`SELECT EXISTS (SELECT FROM billing WHERE invoice_id IS NULL AND ${periods}) AS open`,
  );
  return row?.open === true;
}

async function readAllocationKeys(client: pg.ClientBase): Promise<ReadonlySet<string>> {
  const rows = await runQuery<{ key: string }>(
    client,
    sql`SELECT DISTINCT jsonb_object_keys(tags) AS key FROM allocation_sets`,
  );
  return new Set(rows.map(({ key }) => key));
}

async function readCurrencies(client: pg.ClientBase, rollups: boolean): Promise<string[]> {
  const source = rollups ? sql`cost_rollup WHERE rollup = 'monthly_account_region'` : sql`cost_daily`;
  const rows = await runQuery<{ billing_currency: string }>(
    client,
    sql`SELECT billing_currency FROM ${source} GROUP BY billing_currency ORDER BY sum(x_line_count) DESC, billing_currency`,
  );
  return rows.map((row) => row.billing_currency);
}

const DAY_MS = 86_400_000;

/** The days of a range that the data reaches, so that an average does not count days without a bill. */
export function covered({ start, end }: DateRange, { dataFrom, lastChargeDate }: Freshness): DateRange {
  if (dataFrom === null || lastChargeDate === null) return { start, end: start };
  const after = daysBefore(lastChargeDate, -1);
  const from = start < dataFrom ? dataFrom : start;
  const to = end > after ? after : end;
  return to < from ? { start: from, end: from } : { start: from, end: to };
}

/** How many days of a range the data reaches. */
export function coveredDays(range: DateRange, freshness: Freshness): number {
  const { start, end } = covered(range, freshness);
  return Math.round((Date.parse(end) - Date.parse(start)) / DAY_MS);
}

/** The day so many days earlier (later when negative). */
export function daysBefore(day: string, days: number): string {
  return new Date(Date.parse(day) - days * DAY_MS).toISOString().slice(0, 10);
}
