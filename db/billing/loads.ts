import type pg from 'pg';
import { z } from 'zod';
import { type Actor, recordAudit } from '../audit/record.ts';
import type { Db } from '../client.ts';
import type { ORIGINS } from '../schema/billing-loads.ts';

/** A load as it is recorded. Sums are decimal text by currency and column. */
export interface LoadRecord {
  sourceId: string;
  sourceVersion: string | null;
  origin: (typeof ORIGINS)[number];
  uris: readonly string[];
  contentHash: string;
  mappingVersion: string;
  lineCount: number;
  ignoredColumns: readonly string[];
  loadedAt: Date;
  loadedBy: Actor;
}

/** A billing period of an account. `start` is an instant in ISO 8601. */
export interface Period {
  billingAccountId: string;
  start: string;
}

/** What a billing period held: daily rows, lines and the costs of each currency, as decimal text. */
export interface PeriodContent extends Period {
  rows: number;
  lines: number;
  costs: Record<string, { billed_cost: string; effective_cost: string }>;
}

/** A load in force, as it was recorded. */
export interface StoredLoad {
  loadId: number;
  lineCount: number;
  ignoredColumns: string[];
  sums: unknown;
  periods: (Period & { end: string; rows: number })[];
}

const storedRow = z.object({
  load_id: z.coerce.number(),
  line_count: z.coerce.number(),
  ignored_columns: z.array(z.string()),
  sums: z.unknown(),
});
const periodRow = z.object({ account: z.string(), start: z.date(), end: z.date().nullable(), rows: z.coerce.number() });

/** Returns the load in force that brought just these contents, if all its periods are still in force. */
export async function findLoad(client: pg.ClientBase | pg.Pool, contentHash: string): Promise<StoredLoad | undefined> {
  const { rows } = await client.query(
    `SELECT load_id, line_count, ignored_columns, sums FROM billing_loads WHERE content_hash = $1 AND is_current
       AND NOT EXISTS (SELECT FROM billing_load_periods AS period WHERE period.load_id = billing_loads.load_id AND NOT period.is_current)`,
    [contentHash],
  );
  if (rows[0] === undefined) return undefined;
  const load = storedRow.parse(rows[0]);
  const periods = await client.query(
    `SELECT billing_account_id AS account, billing_period_start AS start, rows,
       (SELECT billing_period_end FROM billing WHERE billing.billing_account_id = period.billing_account_id
          AND billing.billing_period_start = period.billing_period_start LIMIT 1) AS "end"
     FROM billing_load_periods AS period WHERE load_id = $1 ORDER BY 2, 1`,
    [load.load_id],
  );
  return {
    loadId: load.load_id,
    lineCount: load.line_count,
    ignoredColumns: load.ignored_columns,
    sums: load.sums,
    periods: z
      .array(periodRow)
      .parse(periods.rows)
      .map(({ account, start, end, rows: count }) => ({
        billingAccountId: account,
        start: start.toISOString(),
        end: (end ?? start).toISOString(),
        rows: count,
      })),
  };
}

const contentRow = z.object({
  account: z.string(),
  start: z.date(),
  rows: z.coerce.number(),
  lines: z.coerce.number(),
  currency: z.string().nullable(),
  billed: z.string().nullable(),
  effective: z.string().nullable(),
});

/** Returns what billing periods hold now, of those given that hold anything. */
export async function periodContents(client: pg.ClientBase, periods: readonly Period[]): Promise<PeriodContent[]> {
  const { rows } = await client.query(
    `SELECT load.billing_account_id AS account, load.billing_period_start AS start, load.rows,
       coalesce(sum(cost.x_line_count), 0) AS lines, cost.billing_currency AS currency,
       sum(cost.billed_cost)::text AS billed, sum(cost.effective_cost)::text AS effective
     FROM billing_load_periods AS load JOIN unnest($1::text[], $2::timestamptz[]) AS wanted(account, start)
       ON load.billing_account_id = wanted.account AND load.billing_period_start = wanted.start
     LEFT JOIN cost_daily AS cost ON cost.billing_account_id = load.billing_account_id
       AND cost.billing_period_start = load.billing_period_start
     WHERE load.is_current GROUP BY 1, 2, 3, cost.billing_currency ORDER BY 2, 1`,
    [periods.map(({ billingAccountId }) => billingAccountId), periods.map(({ start }) => start)],
  );
  const contents = new Map<string, PeriodContent>();
  for (const row of z.array(contentRow).parse(rows)) {
    const start = row.start.toISOString();
    const content = contents.get(`${row.account} ${start}`) ?? {
      billingAccountId: row.account,
      start,
      rows: row.rows,
      lines: 0,
      costs: {},
    };
    content.lines += row.lines;
    if (row.currency !== null)
      content.costs[row.currency] = { billed_cost: row.billed ?? '0', effective_cost: row.effective ?? '0' };
    contents.set(`${row.account} ${start}`, content);
  }
  return [...contents.values()];
}

/**
 * Records a load as the one in force for its billing periods and returns its number; the loads it replaces are marked. The
 * sums are added once they are known.
 */
export async function recordLoad(
  client: pg.ClientBase,
  load: LoadRecord,
  periods: readonly (Period & { rows: number })[],
): Promise<number> {
  const accounts = periods.map(({ billingAccountId }) => billingAccountId);
  const starts = periods.map(({ start }) => start);
  await client.query(
    `UPDATE billing_load_periods AS period SET is_current = false FROM unnest($1::text[], $2::timestamptz[]) AS wanted(account, start)
     WHERE period.is_current AND period.billing_account_id = wanted.account AND period.billing_period_start = wanted.start`,
    [accounts, starts],
  );
  const { rows: replaced } = await client.query<{ load_id: string }>(
    `UPDATE billing_loads AS load SET is_current = false WHERE is_current
       AND NOT EXISTS (SELECT FROM billing_load_periods AS period WHERE period.load_id = load.load_id AND period.is_current)
     RETURNING load_id`,
  );
  const { rows } = await client.query<{ load_id: string }>(
    `INSERT INTO billing_loads (source_id, source_version, origin, uris, content_hash, mapping_version, line_count, row_count, ignored_columns,
       sums, loaded_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, '{}', $10) RETURNING load_id`,
    [
      load.sourceId,
      load.sourceVersion,
      load.origin,
      load.uris,
      load.contentHash,
      load.mappingVersion,
      load.lineCount,
      periods.reduce((sum, period) => sum + period.rows, 0),
      load.ignoredColumns,
      load.loadedAt,
    ],
  );
  const loadId = Number(rows[0]?.load_id);
  await client.query('UPDATE billing_loads SET superseded_by = $1 WHERE load_id = ANY ($2::bigint[])', [
    loadId,
    replaced.map(({ load_id }) => load_id),
  ]);
  await client.query(
    `INSERT INTO billing_load_periods (load_id, billing_account_id, billing_period_start, rows)
     SELECT $1, * FROM unnest($2::text[], $3::timestamptz[], $4::bigint[])`,
    [loadId, accounts, starts, periods.map(({ rows: count }) => count)],
  );
  await recordAudit(client, {
    ...load.loadedBy,
    occurredAt: load.loadedAt,
    event: 'bill.loaded',
    subject: { type: 'billing_load', id: String(loadId) },
    details: {
      source: load.sourceId,
      origin: load.origin,
      files: load.uris,
      lines: load.lineCount,
      contentHash: load.contentHash,
      periods: periods.map(({ billingAccountId, start }) => [billingAccountId, start]),
      replacedLoads: replaced.map(({ load_id }) => Number(load_id)),
    },
  });
  return loadId;
}

/** Returns whether a bill is loaded that is not the demo estate. */
export async function hasOwnBill(db: Db): Promise<boolean> {
  const { rows } = await db.pool.query<{ found: boolean }>(
    "SELECT EXISTS (SELECT FROM billing_loads WHERE is_current AND origin <> 'demo') AS found",
  );
  return rows[0]?.found === true;
}
