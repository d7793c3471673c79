import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { generateEstate } from '../clouds/demo/generate.ts';
import type { Truth } from '../clouds/demo/truth-shape.ts';
import { type TestDatabase, testDatabase } from '../db/testing.ts';
import { ingestBilling } from '../jobs/load-bills.ts';
import { log } from '../log.ts';
import { loadDemo } from './demo.ts';

// Two days of a second month: little to load, and a month that is not closed.
const now = new Date('2026-11-03T08:00:00Z');
let database: TestDatabase;
let home: string;
beforeAll(async () => {
  log.level = 'silent';
  database = await testDatabase();
  home = mkdtempSync(join(tmpdir(), 'penny-demo-'));
});
afterAll(async () => {
  await database.close();
  rmSync(home, { recursive: true, force: true });
});

const config = () => ({ PENNY_HOME: home, PENNY_ALLOCATION_TAGS: 'team,environment,application,cost_center' });
const load = (options: { seed?: number; out?: string; onBilling?: () => unknown } = {}) =>
  loadDemo({ config: config(), db: database.db, now, seed: 7, months: 2, log, ...options });

test('what is loaded is what the truth says, to the last digit the export holds', async () => {
  const out = join(home, 'estate');
  const hoursAtBilling: Promise<string>[] = [];
  const report = await load({ out, onBilling: () => hoursAtBilling.push(count('usage')) });
  const truth = JSON.parse(readFileSync(join(out, 'truth.json'), 'utf8')) as Truth;
  expect(report).toMatchObject({ status: 'loaded', accounts: 13, from: '2026-10-01', through: '2026-11-02' });

  const { rows } =
    await database.db.pool.query(`SELECT to_char(billing_period_start, 'YYYY-MM') AS month, sum(billed_cost) AS unblended,
      sum(effective_cost) FILTER (WHERE charge_category <> 'Credit') AS amortized, sum(list_cost) AS list,
      sum(effective_cost) FILTER (WHERE charge_category = 'Credit') AS credits, sum(x_line_count) AS lines
    FROM billing GROUP BY 1 ORDER BY 1`);
  expect(rows.map(({ month }) => month)).toEqual(['2026-10', '2026-11']);
  for (const [index, row] of rows.entries()) {
    const total = truth.totals[index];
    expect(Number(row.lines)).toBe(total?.lines);
    for (const cost of ['unblended', 'amortized', 'list', 'credits'] as const) {
      expect(Number(row[cost]), `${row.month} ${cost}`).toBeCloseTo(Number(total?.[cost]), 6);
    }
  }
  expect(Number((await Promise.all(hoursAtBilling))[0])).toBeLessThan(report.usageRows);
  expect(Number(await count('usage'))).toBe(report.usageRows);
});

test('inventory and bill speak of the same resources, accounts and services', async () => {
  const { rows } =
    await database.db.pool.query(`SELECT count(*) FILTER (WHERE state IS NOT NULL AND first_seen_date IS NOT NULL) AS both,
      count(*) FILTER (WHERE state IS NOT NULL AND first_seen_date IS NULL AND type NOT IN ('ecs:service', 'eks:nodegroup', 'eks:workload', 'ec2:instance')) AS not_billed,
      count(*) FILTER (WHERE sub_account_id NOT IN (SELECT account_id FROM accounts)) AS no_account,
      count(*) FILTER (WHERE service_name NOT IN (SELECT service_name FROM cost_daily)) AS no_service
    FROM resources`);
  expect(Number(rows[0].both)).toBeGreaterThan(900);
  expect(rows[0]).toMatchObject({ not_billed: '0', no_account: '0', no_service: '0' });
  const changes = await database.db.pool.query('SELECT DISTINCT kind FROM resource_changes ORDER BY 1');
  expect(changes.rows.map(({ kind }) => kind)).toEqual(['changed', 'created']);
});

test('the same estate again changes nothing', async () => {
  const before = await contents();
  const report = await load();
  expect(report.status).toBe('unchanged');
  expect(await contents()).toEqual(before);
});

test('another seed replaces it whole, and leaves a bill from files alone', { timeout: 180_000 }, async () => {
  const folder = join(home, 'own');
  const own = await generateEstate({ now, seed: 99, months: 2, scale: 1, folder });
  own.close();
  const mine = own.truth.estate.payerAccountId;
  await ingestBilling({
    paths: [own.billingFolder],
    origin: 'file',
    keepDemo: true,
    config: config(),
    db: database.db,
    log,
    now,
  });
  const sumOf = async () =>
    (
      await database.db.pool.query('SELECT sum(billed_cost), count(*) FROM billing WHERE billing_account_id = $1', [
        mine,
      ])
    ).rows[0];
  const before = await sumOf();

  const report = await load({ seed: 8 });
  expect(report.status).toBe('loaded');
  expect(await sumOf()).toEqual(before);
  const { rows } = await database.db.pool.query('SELECT DISTINCT billing_account_id FROM resources ORDER BY 1');
  const { rows: bills } = await database.db.pool.query('SELECT DISTINCT billing_account_id FROM cost_daily ORDER BY 1');
  expect(rows).toEqual(bills);
  expect(bills).toHaveLength(2);
  const orphans = await database.db.pool.query(
    'SELECT count(*) FROM usage WHERE resource_id NOT IN (SELECT resource_id FROM resources)',
  );
  expect(orphans.rows[0].count).toBe('0');
});

async function count(table: string): Promise<string> {
  return (await database.db.pool.query(`SELECT count(*) FROM ${table}`)).rows[0].count;
}

async function contents() {
  const { rows } =
    await database.db.pool.query(`SELECT (SELECT json_agg(load_id ORDER BY load_id) FROM billing_loads) AS loads,
    (SELECT sum(hashtextextended(t::text, 0)) FROM billing AS t) AS billing, (SELECT sum(hashtextextended(t::text, 0)) FROM usage AS t) AS usage,
    (SELECT sum(hashtextextended(t::text, 0)) FROM resources AS t) AS resources, (SELECT count(*) FROM resource_changes) AS changes`);
  return rows[0];
}
