import { afterAll, beforeAll, expect, test } from 'vitest';
import { type MetricValue, storeBusinessMetrics } from '../db/business-metrics.ts';
import { storeBill } from '../db/queries/bill.fixture.ts';
import { type TestDatabase, testDatabase } from '../db/testing.ts';
import { inTransaction } from '../db/transaction.ts';
import { call, contextOf } from './result.fixture.ts';
import { unitCostsTool } from './unit-costs.ts';

let database: TestDatabase;

const orders = (date: string, value: string | null): MetricValue => ({
  name: 'Orders',
  dimensions: {},
  unit: 'order',
  date,
  value,
});

const give = (...values: MetricValue[]) =>
  inTransaction(database.db, (client) =>
    storeBusinessMetrics(client, values, {
      actor: { actorId: null, actor: 'test', surface: 'cli' },
      now: new Date('2026-02-01T00:00:00Z'),
    }),
  );

beforeAll(async () => {
  database = await testDatabase();
  await storeBill(
    database.db,
    Array.from({ length: 31 }, (_, day) => `2026-01-${String(day + 1).padStart(2, '0')}`).flatMap((day) => [
      { day, cost: '30', tags: { team: 'checkout' } },
      { day, cost: '10', tags: { team: 'search' }, sub_account_id: 'a2' },
      { day, cost: '-5', charge_category: 'Credit' },
    ]),
  );
  await give(
    orders('2026-01-19', '80'),
    orders('2026-01-26', '50'),
    orders('2026-01-27', '100'),
    orders('2026-01-28', null),
    orders('2026-01-29', '0'),
    orders('2026-01-30', '200'),
    { name: 'searches', dimensions: { 'tag:team': 'Search' }, unit: 'search', date: '2026-01-30', value: '1000' },
  );
});

afterAll(() => database.close());

async function unitsOf(input: object, scope?: Parameters<typeof contextOf>[1]) {
  const result = await call(unitCostsTool, contextOf(database.db, scope), input);
  if (result.status !== 'ok') return result;
  const facts = Object.fromEntries(Object.entries(result.data.facts).map(([name, { value }]) => [name, value]));
  return { facts, rows: result.data.tables[0]?.rows, notes: result.receipt.notes };
}

test('divides what the days with a number cost by the numbers; a day without one is in neither, one with 0 costs', async () => {
  // Of five days one has no number: 4 x 40 over 350.
  expect(await unitsOf({ name: 'orders', period: '2026-01-26..2026-01-31' })).toMatchObject({
    facts: {
      ...{ unit_cost: '0.45714286', cost: '160', units: '350', days_missing: 1 },
      // The five days before have one number, 80 on the 19th, outside of them.
      ...{ unit_cost_previous: null, percent_change: null },
    },
    notes: expect.arrayContaining(['1 day has no number; the $40.00 they cost are left out.']),
  });
});

test('splits by day, and leaves a day without units without a unit cost', async () => {
  const { rows } = (await unitsOf({ name: 'order', period: '2026-01-26..2026-01-31', granularity: 'day' })) as {
    rows: unknown[];
  };
  expect(rows).toEqual([
    ['2026-01-26', '40', '50', '0.8', 0],
    ['2026-01-27', '40', '100', '0.4', 0],
    ['2026-01-28', '0', null, null, 1],
    ['2026-01-29', '40', '0', null, 0],
    ['2026-01-30', '40', '200', '0.2', 0],
  ]);
});

test('compares with the period before', async () => {
  const { facts } = (await unitsOf({
    name: 'orders',
    period: '2026-01-26..2026-02-02',
    compareTo: '2026-01-19..2026-01-26',
  })) as {
    facts: object;
  };
  expect(facts).toMatchObject({ unit_cost_previous: '0.5', percent_change: '-8.5714' });
});

test('a number of a part is held against the cost of that part, and seen by who may see it', async () => {
  const search = { subAccountIds: [], tags: [{ key: 'team', value: 'search' }] };
  expect(await unitsOf({ name: 'searches', period: '2026-01-30' }, search)).toMatchObject({
    facts: { cost: '10', unit_cost: '0.01' },
  });
  expect(await unitsOf({ name: 'orders' }, search)).toMatchObject({
    status: 'no_data',
    searched: 'There is no business metric "orders".',
    suggestions: ['searches (team Search)'],
  });
});

test('asks which one where there are several, and says when none is known', async () => {
  expect(await unitsOf({})).toMatchObject({ status: 'no_data', suggestions: ['orders', 'searches (team Search)'] });
  expect(await unitsOf({ name: 'orders', period: '2026-01-02..2026-01-05' })).toMatchObject({
    searched: expect.stringContaining('they reach from 2026-01-19 to 2026-01-30'),
  });
});

test('a number given again replaces the one before', async () => {
  await give(orders('2026-01-30', '300'), { ...orders('2026-01-30', '400'), name: 'orders', unit: null });
  expect(await unitsOf({ name: 'orders', period: '2026-01-30' })).toMatchObject({
    facts: { units: '400', unit_cost: '0.1' },
  });
  const { rows } = await database.db.pool.query(
    "SELECT unit FROM business_metrics WHERE date = '2026-01-30' AND name = 'orders'",
  );
  expect(rows).toEqual([{ unit: 'order' }]);
});

test('refuses a dimension that the bill does not have', async () => {
  await expect(give({ ...orders('2026-01-30', '1'), dimensions: { team: 'search' } })).rejects.toMatchObject({
    code: 'invalid_input',
  });
});
