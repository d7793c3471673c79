import { afterAll, beforeAll, expect, test } from 'vitest';
import { createBudgetDesk } from '../../../db/budgets/keep.ts';
import { storeBill } from '../../../db/queries/bill.fixture.ts';
import { type TestDatabase, testDatabase } from '../../../db/testing.ts';
import { tools } from '../../../tools/registry.ts';
import { ada, memoryPeople, testServer } from '../../testing.ts';

let database: TestDatabase;

beforeAll(async () => {
  database = await testDatabase();
  await storeBill(
    database.db,
    Array.from({ length: 20 }, (_, day) => ({
      ...{ day: `2026-11-${String(day + 1).padStart(2, '0')}`, cost: '10', sub_account_id: day < 10 ? 'a1' : 'a2' },
    })),
  );
  await database.db.pool.query(
    `INSERT INTO users (user_id, email, name, role) VALUES ('${ada.userId}', 'ada@example.com', 'Ada', 'admin')`,
  );
});

afterAll(() => database.close());

const now = () => new Date('2026-11-21T09:00:00Z');

async function serverOf(principal = ada) {
  const { db } = database;
  const expiresAt = new Date('2036-12-01T10:00:00Z');
  const people = memoryPeople({
    resume: async () => ({ sessionId: 's1', method: 'persona', principal, expiresAt, rotationDue: false }),
  });
  return testServer({ db, tools, now, budgets: createBudgetDesk(db, now), people });
}

const CHECKOUT = { name: 'One', dimensions: { sub_account_id: 'a1' }, period: 'month', amount: '300', currency: 'USD' };

test('an administrator makes, changes and archives a budget, and everybody sees how it stands', async () => {
  const { app } = await serverOf();
  const made = await app.inject({ method: 'POST', url: '/api/v1/budgets', payload: CHECKOUT });
  expect(made.statusCode).toBe(201);
  expect(made.json()).toMatchObject({ kind: 'fixed', thresholdPercents: ['80', '100'], startDate: '2026-11-21' });
  const url = `/api/v1/budgets/${made.json().budgetId}`;
  const changed = await app.inject({ method: 'PATCH', url, payload: { amount: '125' } });
  expect(changed.json()).toMatchObject({ amount: '125', thresholdPercents: ['80', '100'] });
  const { data } = (await app.inject('/api/v1/budgets')).json();
  expect(data.facts).toMatchObject({
    spent: { value: '100' },
    spent_percent: { value: '80' },
    remaining: { value: '25' },
  });
  const csv = await app.inject({ url: '/api/v1/budgets', headers: { accept: 'text/csv' } });
  expect(csv.body).toContain('One,account a1,month,2026-11-01,125,100,80,25,');
  expect((await app.inject({ method: 'DELETE', url })).json().archivedAt).toBe('2026-11-21T09:00:00.000Z');
  expect((await app.inject('/api/v1/budgets')).json().status).toBe('no_data');
});

test('who is no administrator makes none, and sees those of their scope alone', async () => {
  const { app: all } = await serverOf();
  for (const account of ['a1', 'a2']) {
    const payload = { ...CHECKOUT, name: account, dimensions: { sub_account_id: account } };
    expect((await all.inject({ method: 'POST', url: '/api/v1/budgets', payload })).statusCode).toBe(201);
  }
  const { app } = await serverOf({ ...ada, role: 'viewer', scope: { subAccountIds: ['a2'], tags: [] } });
  expect((await app.inject({ method: 'POST', url: '/api/v1/budgets', payload: CHECKOUT })).statusCode).toBe(403);
  expect((await app.inject({ method: 'DELETE', url: '/api/v1/budgets/1' })).statusCode).toBe(403);
  const [table] = (await app.inject('/api/v1/budgets')).json().data.tables;
  expect(table.rows.map((row: unknown[]) => row[1])).toEqual(['a2']);
});

test('pages by cursor', async () => {
  const { app } = await serverOf();
  const first = (await app.inject('/api/v1/budgets?limit=1')).json();
  const second = (await app.inject(`/api/v1/budgets?limit=1&cursor=${first.nextCursor}`)).json();
  expect([first, second].map(({ data }) => data.tables[0].rows[0][1])).toEqual(['a1', 'a2']);
  expect(second.nextCursor).toBeUndefined();
});

test.each([
  [{ ...CHECKOUT, amount: '0' }],
  [{ ...CHECKOUT, amount: 5 }],
  [{ ...CHECKOUT, currency: 'Dollars' }],
  [{ ...CHECKOUT, thresholdPercents: [] }],
  [{ ...CHECKOUT, dimensions: { team: 'checkout' } }],
  [{ ...CHECKOUT, spent: '5' }],
])('refuses the budget %#', async (payload) => {
  const { app } = await serverOf();
  expect((await app.inject({ method: 'POST', url: '/api/v1/budgets', payload })).statusCode).toBe(400);
});
