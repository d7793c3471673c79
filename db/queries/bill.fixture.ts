import { type SQL, sql } from 'drizzle-orm';
import type { Db } from '../client.ts';
import { KEPT_BY_ALL, MONTHLY, ROLLUPS } from './rollups.ts';
import { runQuery } from './run.ts';

/** A charge of a test: any columns of billing by their names, besides these shorter ones. Amounts are decimal text. */
export interface TestCharge {
  /** UTC day, YYYY-MM-DD; its month is the billing period. */
  day: string;
  /** effective_cost; the other three costs are the same unless given. */
  cost: string;
  tags?: Record<string, string>;
  [column: string]: unknown;
}

/** Stores charges as one load with all its sums, by plain SQL over the bill, so that tests share no code with loads. */
export async function storeBill(
  db: Db,
  charges: readonly TestCharge[],
  { allocationKeys = ['team', 'environment'] }: { allocationKeys?: readonly string[] } = {},
): Promise<void> {
  const [load] = await runQuery<{ load_id: string }>(
    db.pool,
    sql`INSERT INTO billing_loads (source_id, origin, uris, content_hash, line_count, row_count, sums)
      VALUES ('test', 'file', '{test.csv}', gen_random_uuid()::text, ${charges.length}, ${charges.length}, '{}') RETURNING load_id`,
  );
  const tagSets = await storeTags(db, charges, allocationKeys);
  const rows = charges.map((charge) => asRow(charge, Number(load?.load_id), tagSets));
  for (const row of rows) await makePartition(db, row);
  await runQuery(
    db.pool,
    sql`INSERT INTO billing SELECT bill.* FROM json_populate_recordset(NULL::billing, ${JSON.stringify(rows)}::json) AS bill`,
  );
  await storeSums(db, Number(load?.load_id));
}

type TagSets = ReadonlyMap<string, string>;

const hashOf = (tags: Record<string, string> = {}): string => JSON.stringify(Object.entries(tags).sort());

function asRow({ day, cost, tags, ...others }: TestCharge, loadId: number, tagSets: TagSets): Record<string, unknown> {
  const start = `${day.slice(0, 7)}-01`;
  return {
    load_id: loadId,
    billing_period_start: `${start}T00:00:00Z`,
    billing_period_end: `${nextMonth(start)}T00:00:00Z`,
    charge_period_start: `${day}T00:00:00Z`,
    charge_period_end: new Date(Date.parse(day) + 86_400_000).toISOString(),
    billing_account_id: 'payer',
    sub_account_id: 'a1',
    service_provider_name: 'AWS',
    publisher_name: 'AWS',
    service_name: 'Amazon EC2',
    service_category: 'Compute',
    charge_category: 'Usage',
    billing_currency: 'USD',
    billed_cost: cost,
    effective_cost: cost,
    contracted_cost: cost,
    list_cost: cost,
    invoice_id: 'invoice-1',
    x_line_count: 1,
    tag_set_id: tagSets.get(hashOf(tags)) ?? null,
    ...others,
  };
}

function nextMonth(first: string): string {
  const day = new Date(first);
  day.setUTCMonth(day.getUTCMonth() + 1);
  return day.toISOString().slice(0, 10);
}

/** The number of each set of tags by its hash. */
async function storeTags(db: Db, charges: readonly TestCharge[], allocationKeys: readonly string[]): Promise<TagSets> {
  for (const { tags = {} } of charges) {
    if (Object.keys(tags).length === 0) continue;
    const folded = Object.fromEntries(Object.entries(tags).map(([key, value]) => [key.toLowerCase(), value]));
    const kept = Object.entries(folded).filter(([key]) => allocationKeys.includes(key));
    const allocation = JSON.stringify(Object.fromEntries(kept));
    if (kept.length > 0) {
      const values = sql`VALUES (${allocation}::jsonb)`;
      await runQuery(db.pool, sql`INSERT INTO allocation_sets (tags) ${values} ON CONFLICT DO NOTHING`);
    }
    await runQuery(
      db.pool,
      sql`INSERT INTO tag_sets (content_hash, tags, folded, allocation, allocation_set_id)
        VALUES (${hashOf(tags)}, ${JSON.stringify(tags)}::jsonb, ${JSON.stringify(folded)}::jsonb, ${allocation}::jsonb,
          (SELECT allocation_set_id FROM allocation_sets WHERE tags = ${allocation}::jsonb)) ON CONFLICT DO NOTHING`,
    );
  }
  const rows = await runQuery<{ hash: string; id: string }>(
    db.pool,
    sql`SELECT content_hash AS hash, tag_set_id AS id FROM tag_sets`,
  );
  return new Map(rows.map(({ hash, id }) => [hash, id]));
}

const made = new WeakMap<Db, Set<string>>();

async function makePartition(db: Db, row: Record<string, unknown>): Promise<void> {
  const [start, end, account] = [row.billing_period_start, row.billing_period_end, row.billing_account_id].map(String);
  const month = `billing_${start?.slice(0, 7).replace('-', '_')}`;
  const known = made.get(db) ?? new Set();
  made.set(db, known);
  if (known.has(`${month} ${account}`)) return;
  known.add(`${month} ${account}`);
  await db.pool.query(
    `CREATE TABLE IF NOT EXISTS ${month} PARTITION OF billing FOR VALUES FROM ('${start}') TO ('${end}') PARTITION BY LIST (billing_account_id)`,
  );
  await db.pool.query(`CREATE TABLE ${month}_${known.size} PARTITION OF ${month} FOR VALUES IN ('${account}')`);
}

const SUMS = sql.raw('sum(billed_cost), sum(effective_cost), sum(contracted_cost), sum(list_cost), sum(x_line_count)');
const SUMMED = sql.raw('billed_cost, effective_cost, contracted_cost, list_cost, x_line_count');
const DAY = sql.raw(`(charge_period_start AT TIME ZONE 'UTC')::date`);
const DAILY =
  'billing_currency, billing_account_id, sub_account_id, service_provider_name, service_name, service_category, region_id, charge_category, pricing_category, commitment_discount_status, publisher_name, billing_period_start';

/** All sums are made anew from the whole bill. */
async function storeSums(db: Db, loadId: number): Promise<void> {
  await db.pool.query('TRUNCATE cost_daily, cost_daily_tagged, cost_rollup, cost_monthly');
  const daily = sql.raw(DAILY);
  await sumInto(db, sql`cost_daily (charge_date, ${daily}, ${SUMMED})`, sql`${DAY}, ${daily}`);
  await sumInto(
    db,
    sql`cost_daily_tagged (charge_date, ${daily}, allocation_set_id, ${SUMMED})`,
    sql`${DAY}, ${daily}, allocation_set_id`,
  );
  for (const { name, grain, columns } of ROLLUPS) {
    const kept = sql.raw([...KEPT_BY_ALL, ...columns].join(', '));
    const start = grain === 'month' ? sql`date_trunc('month', ${DAY}::timestamp)::date` : DAY;
    const target = sql`cost_rollup (rollup, period_start, ${kept}, ${SUMMED})`;
    await sumInto(db, target, sql`${start}, ${kept}`, sql`${name}, `);
  }
  const columns = sql.raw([...MONTHLY.columns, 'tag_set_id'].join(', '));
  const apart = sql.raw(MONTHLY.apart.map((column) => `${column} IS NULL`).join(', '));
  await runQuery(
    db.pool,
    sql`INSERT INTO cost_monthly (month_start, ${columns}, ${sql.raw(MONTHLY.sums.join(', '))}, x_line_count)
      SELECT date_trunc('month', ${DAY}::timestamp)::date, ${columns}, ${sql.raw(MONTHLY.sums.map((name) => `sum(${name})`).join(', '))}, sum(x_line_count)
      FROM billing GROUP BY 1, ${columns}, ${apart}`,
  );
  await runQuery(
    db.pool,
    sql`INSERT INTO billing_load_periods (load_id, billing_account_id, billing_period_start, rows)
      SELECT ${loadId}, billing_account_id, billing_period_start, count(*) FROM billing WHERE load_id = ${loadId} GROUP BY 2, 3
      ON CONFLICT DO NOTHING`,
  );
}

async function sumInto(db: Db, target: SQL, columns: SQL, label: SQL = sql``): Promise<void> {
  await runQuery(
    db.pool,
    sql`INSERT INTO ${target} SELECT ${label}${columns}, ${SUMS}
      FROM billing LEFT JOIN tag_sets USING (tag_set_id) GROUP BY ${columns}`,
  );
}
