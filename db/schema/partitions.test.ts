import type pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { type TestDatabase, testDatabase } from '../testing.ts';

let database: TestDatabase;
// Each test is one transaction that is undone afterwards.
let client: pg.PoolClient;

beforeAll(async () => {
  database = await testDatabase();
});

afterAll(async () => {
  await database.close();
});

beforeEach(async () => {
  client = await database.db.pool.connect();
  await run(`BEGIN;
    INSERT INTO billing_loads (load_id, source_id, origin, uris, content_hash, line_count, row_count, sums)
      VALUES (1, 'focus', 'file', '{a.csv}', 'a', 10, 5, '{}');
    CREATE TABLE billing_2026_10 PARTITION OF billing
      FOR VALUES FROM ('2026-10-01Z') TO ('2026-11-01Z') PARTITION BY LIST (billing_account_id)`);
});

afterEach(async () => {
  await run('ROLLBACK');
  client.release();
});

test('a month of an account is replaced by attaching a new table in place of the old one', async () => {
  await makeLeaf('first', '10');
  await run("ALTER TABLE billing_2026_10 ATTACH PARTITION first FOR VALUES IN ('111')");
  expect(await totals()).toEqual([{ billing_account_id: '111', cost: '10' }]);

  await makeLeaf('second', '12.50');
  await run(`ALTER TABLE billing_2026_10 DETACH PARTITION first;
    ALTER TABLE billing_2026_10 ATTACH PARTITION second FOR VALUES IN ('111');
    DROP TABLE first`);
  expect(await totals()).toEqual([{ billing_account_id: '111', cost: '12.50' }]);
});

test('a table with rows of another account or month cannot become the partition', async () => {
  await makeLeaf('leaf', '10');
  expect(await refusal("ALTER TABLE billing_2026_10 ATTACH PARTITION leaf FOR VALUES IN ('222')")).toMatchObject({
    code: '23514',
  });
  await run(`CREATE TABLE billing_2026_09 PARTITION OF billing
    FOR VALUES FROM ('2026-09-01Z') TO ('2026-10-01Z') PARTITION BY LIST (billing_account_id)`);
  expect(await refusal("ALTER TABLE billing_2026_09 ATTACH PARTITION leaf FOR VALUES IN ('111')")).toMatchObject({
    code: '23514',
  });
});

test.each([
  ["charge_category = 'Refund'", 'billing_charge_category'],
  ["charge_class = 'Other'", 'billing_charge_class'],
  ["billing_currency = 'dollar'", 'billing_currency'],
  ['charge_period_end = charge_period_start', 'billing_charge_period'],
  ['x_line_count = 0', 'billing_line_count'],
  ['tag_set_id = 77', 'billing_tag_set_id_tag_sets_tag_set_id_fk'],
  ['load_id = 77', 'billing_load_id_billing_loads_load_id_fk'],
])('a table with %s cannot become a partition either', async (change, constraint) => {
  await run('CREATE TABLE leaf (LIKE billing)');
  await fill('leaf', '10');
  await run(`UPDATE leaf SET ${change}`);
  const attached = await refusal(`${checksOf('leaf')};
    ALTER TABLE billing_2026_10 ATTACH PARTITION leaf FOR VALUES IN ('111')`);
  expect(attached).toMatchObject({ constraint });
});

test('a row of a month or account without a partition is refused, not lost', async () => {
  await expect(fill('billing', '10')).rejects.toMatchObject({ code: '23514' });
});

test('a question about one month reads that month alone', async () => {
  await makeLeaf('october', '10');
  await run(`ALTER TABLE billing_2026_10 ATTACH PARTITION october FOR VALUES IN ('111');
    CREATE TABLE billing_2026_09 PARTITION OF billing
      FOR VALUES FROM ('2026-09-01Z') TO ('2026-10-01Z') PARTITION BY LIST (billing_account_id);
    CREATE TABLE september PARTITION OF billing_2026_09 FOR VALUES IN ('111')`);
  const { rows } = await client.query(
    "EXPLAIN SELECT sum(billed_cost) FROM billing WHERE billing_period_start = '2026-10-01Z'",
  );
  const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
  expect(plan).toContain('october');
  expect(plan).not.toContain('september');
});

test('hours of usage go into the partition of their month, once', async () => {
  await run(`CREATE TABLE usage_2026_10 PARTITION OF usage FOR VALUES FROM ('2026-10-01Z') TO ('2026-11-01Z');
    INSERT INTO usage VALUES ('i-1', 'cpu_utilization', '2026-10-05T13:00Z', 4, 20, 15, 12)`);
  const again = await refusal(
    "INSERT INTO usage VALUES ('i-1', 'cpu_utilization', '2026-10-05T13:00Z', 5, 21, 15, 12)",
  );
  expect(again).toMatchObject({ code: '23505' });
  const half = await refusal("INSERT INTO usage VALUES ('i-1', 'cpu_utilization', '2026-10-05T13:30Z', 5, 21, 15, 12)");
  expect(half).toMatchObject({ constraint: 'usage_hour' });
  const noSamples = await refusal(
    "INSERT INTO usage VALUES ('i-1', 'cpu_utilization', '2026-10-05T14:00Z', 0, 0, 0, 0)",
  );
  expect(noSamples).toMatchObject({ constraint: 'usage_sample_count' });
});

async function run(statements: string): Promise<void> {
  await client.query(statements);
}

/** The error of statements that fail, and the transaction as it was before them. */
async function refusal(statements: string): Promise<unknown> {
  await run('SAVEPOINT before');
  const error = await run(statements).catch((error: unknown) => error);
  await run('ROLLBACK TO before');
  return error;
}

async function makeLeaf(name: string, cost: string): Promise<void> {
  await run(`CREATE TABLE ${name} (LIKE billing INCLUDING CONSTRAINTS)`);
  await fill(name, cost);
}

async function fill(table: string, cost: string): Promise<void> {
  await client.query(
    `INSERT INTO ${table} (load_id, billing_period_start, billing_period_end, charge_period_start, charge_period_end,
       billing_account_id, charge_category, billing_currency, billed_cost, effective_cost, x_line_count)
     VALUES (1, '2026-10-01Z', '2026-11-01Z', '2026-10-05Z', '2026-10-06Z', '111', 'Usage', 'USD', $1, $1, 1)`,
    [cost],
  );
}

/** The checks that a table must bring along to be attached. */
function checksOf(table: string): string {
  return `DO $$ DECLARE found record; BEGIN
    FOR found IN SELECT conname, pg_get_constraintdef(oid) AS definition FROM pg_constraint
      WHERE conrelid = 'billing'::regclass AND contype = 'c' LOOP
      EXECUTE format('ALTER TABLE ${table} ADD CONSTRAINT %I %s', found.conname, found.definition);
    END LOOP;
  END $$`;
}

async function totals(): Promise<unknown[]> {
  const { rows } = await client.query(
    'SELECT billing_account_id, sum(billed_cost) AS cost FROM billing GROUP BY 1 ORDER BY 1',
  );
  return rows;
}
