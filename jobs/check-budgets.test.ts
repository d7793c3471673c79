import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createBudgetDesk, type NewBudget } from '../db/budgets/keep.ts';
import { storeBill } from '../db/queries/bill.fixture.ts';
import { describeFreshness } from '../db/queries/freshness.ts';
import { type TestDatabase, testDatabase } from '../db/testing.ts';
import { inTransaction } from '../db/transaction.ts';
import { checkBudgets, periodsToCheck } from './check-budgets.ts';

const NOW = new Date('2026-11-13T09:00:00Z');
const ADA = '00000000-0000-4000-8000-00000000000a';
const admin = { actorId: ADA, actor: 'ada@example.com', surface: 'cli' as const };
let database: TestDatabase;

const day = (index: number) => new Date(Date.parse('2026-09-01') + index * 86_400_000).toISOString().slice(0, 10);

beforeAll(async () => {
  database = await testDatabase();
  const { db } = database;
  // 72 days to 11 November: 100 a day of checkout, 50 of search; a credit that does not count.
  await storeBill(
    db,
    Array.from({ length: 72 }, (_, index) => [
      { day: day(index), cost: '100', tags: { team: 'checkout' } },
      { day: day(index), cost: '50', tags: { team: 'search' }, sub_account_id: 'a2' },
      { day: day(index), cost: '-5', charge_category: 'Credit' },
    ]).flat(),
  );
  await db.pool.query(
    `INSERT INTO users (user_id, email, name, role) VALUES ('${ADA}', 'ada@example.com', 'Ada', 'admin'),
       ('00000000-0000-4000-8000-00000000000b', 'bob@example.com', 'Bob', 'viewer')`,
  );
});

beforeEach(async () => {
  await database.db.pool.query(
    'DELETE FROM budget_alerts; DELETE FROM budgets; DELETE FROM forecasts; DELETE FROM audit_pending',
  );
});

afterAll(() => database.close());

const add = (changes: Partial<NewBudget> = {}) =>
  createBudgetDesk(database.db, () => NOW).add(
    {
      ...{
        name: 'Checkout',
        dimensions: { 'tag:team': 'Checkout' },
        metric: 'effective_cost',
        period: 'month',
        amount: '3000',
      },
      ...{
        currency: 'USD',
        thresholdPercents: ['50', '80', '100'],
        startDate: '2026-01-01',
        endDate: null,
        owner: null,
      },
      ...changes,
    },
    admin,
  );

async function forecast(dimensions: object, asOf: string, from: string, days: number, mean: number): Promise<void> {
  await database.db.pool.query(
    `WITH made AS (
       INSERT INTO forecasts (series_key, dimensions, metric, billing_currency, as_of_date, horizon_days, method, method_version, settings, backtest)
       VALUES ($1, $2, 'effective_cost', 'USD', $3, $5, 'ets', '1', '{}', '{}') RETURNING forecast_id)
     INSERT INTO forecast_points (forecast_id, date, mean, lo80, hi80, lo95, hi95)
     SELECT forecast_id, $4::date + day, $6, $6, $6, $6, $6 FROM made, generate_series(0, $5 - 1) AS day`,
    [JSON.stringify(dimensions), JSON.stringify(dimensions), asOf, from, days, mean],
  );
}

async function check(): Promise<string[]> {
  const { db } = database;
  const freshness = await describeFreshness(db);
  await inTransaction(db, (client) => checkBudgets(client, freshness, NOW));
  const { rows } = await db.pool.query(
    `SELECT budgets.name, budget_alerts.kind, trim_scale(threshold_percent) AS threshold, trim_scale(budget_alerts.amount) AS amount, told.email, period_start
     FROM budget_alerts JOIN budgets USING (budget_id) LEFT JOIN users AS told ON told_id = told.user_id
     ORDER BY budgets.name, period_start, budget_alerts.kind, threshold_percent`,
  );
  return rows.map((row) =>
    [row.name, row.period_start, row.kind, row.threshold, row.amount, row.email ?? '-'].join(' '),
  );
}

test('looks at the period that the bill reaches, and at the one before while its last days are new', () => {
  const monthly = { period: 'month' as const, startDate: '2026-01-01', endDate: null };
  const starts = (budget: Parameters<typeof periodsToCheck>[0], through: string) =>
    periodsToCheck(budget, through).map(({ start }) => start);
  expect(starts(monthly, '2026-11-20')).toEqual(['2026-11-01']);
  expect(starts(monthly, '2026-12-03')).toEqual(['2026-11-01', '2026-12-01']);
  expect(starts({ ...monthly, startDate: '2026-12-01' }, '2026-12-03')).toEqual(['2026-12-01']);
  expect(starts({ ...monthly, endDate: '2026-12-01' }, '2026-12-20')).toEqual([]);
});

test('notes what was spent of one team, once a period, and who is to be told of the highest', async () => {
  await add({ amount: '1300', owner: 'bob@example.com' });
  const once = [
    'Checkout 2026-11-01 actual 50 1100 -',
    'Checkout 2026-11-01 actual 80 1100 bob@example.com',
    'Checkout 2026-11-01 burn rate 100 3000 bob@example.com',
  ];
  expect(await check()).toEqual(once);
  expect(await check()).toEqual(once);
  const { rows } = await database.db.pool.query("SELECT details FROM audit_pending WHERE event = 'budget.crossed'");
  expect(rows).toHaveLength(3);
});

test('compares the forecast of the same series with the budget, when it has all the days that are left', async () => {
  await add({ amount: '3200', thresholdPercents: ['90', '105'] });
  const checkout = { 'tag:team': 'Checkout' };
  await forecast(checkout, '2026-11-11', '2026-11-12', 10, 200);
  await forecast({ 'tag:team': 'search' }, '2026-11-11', '2026-11-12', 30, 900);
  expect(await check()).toEqual([]);
  await forecast(checkout, '2026-11-10', '2026-11-11', 30, 120);
  // 1,100 spent, and 19 days of 120.
  expect(await check()).toEqual(['Checkout 2026-11-01 forecast 105 3380 ada@example.com']);
});

test('a budget without dimensions holds for everything, by quarter, credits left out', async () => {
  await add({ name: 'All', dimensions: {}, period: 'quarter', amount: '12600', thresholdPercents: ['50'] });
  // 42 days of 150.
  expect(await check()).toEqual([
    'All 2026-10-01 actual 50 6300 ada@example.com',
    'All 2026-10-01 burn rate 100 13800 ada@example.com',
  ]);
});

test('a budget that follows a forecast is held to the one made before the period', async () => {
  await add({ name: 'F', dimensions: {}, amount: null, thresholdPercents: ['30', '200'] });
  expect(await check()).toEqual([]);
  await forecast({}, '2026-10-25', '2026-10-26', 60, 170);
  await forecast({}, '2026-11-05', '2026-11-06', 60, 900);
  // 30 days of 170 are 5,100; 11 days of 150 are spent; the newest forecast has 19 more of 900.
  expect(await check()).toEqual([
    'F 2026-11-01 actual 30 1650 ada@example.com',
    'F 2026-11-01 forecast 200 18750 ada@example.com',
  ]);
  const { rows } = await database.db.pool.query('SELECT limit_amount FROM budget_alerts LIMIT 1');
  expect(Number(rows[0].limit_amount)).toBe(5100);
});

test('budgets that are archived or do not hold yet are left alone', async () => {
  const budget = await add({ amount: '100' });
  await createBudgetDesk(database.db, () => NOW).archive(budget.budgetId, admin);
  await add({ name: 'Later', amount: '100', startDate: '2026-12-01' });
  expect(await check()).toEqual([]);
});

test('a budget needs a name of its own, a dimension of the bill and an owner who is known', async () => {
  await add();
  await expect(add({ name: 'CHECKOUT' })).rejects.toMatchObject({ code: 'conflict' });
  await expect(add({ name: 'B', dimensions: { team: 'checkout' } })).rejects.toMatchObject({ code: 'invalid_input' });
  await expect(add({ name: 'B', dimensions: { 'tag:team': 'chekout' } })).rejects.toMatchObject({
    code: 'invalid_input',
    message: "No charge has the tag:team 'chekout'. There are checkout, search, ...",
  });
  await expect(add({ name: 'B', owner: 'nobody@example.com' })).rejects.toMatchObject({ code: 'not_found' });
});

test('a change and an end of a budget are in the audit log, with what it was', async () => {
  const { budgetId } = await add();
  const desk = createBudgetDesk(database.db, () => NOW);
  expect(await desk.change(budgetId, { amount: '4000' }, admin)).toMatchObject({ amount: '4000', name: 'Checkout' });
  expect(await desk.change(budgetId, { amount: null, thresholdPercents: ['120'] }, admin)).toMatchObject({
    kind: 'forecast',
  });
  await desk.archive('checkout', admin);
  await expect(desk.change(budgetId, { name: 'X' }, admin)).rejects.toMatchObject({ code: 'not_found' });
  const { rows } = await database.db.pool.query('SELECT event, actor FROM audit_pending');
  expect(rows.map(({ event, actor }) => `${event} ${actor}`)).toEqual([
    'budget.added ada@example.com',
    'budget.changed ada@example.com',
    'budget.changed ada@example.com',
    'budget.archived ada@example.com',
  ]);
});
