import { afterAll, beforeAll, expect, test } from 'vitest';
import { createMetricDesk } from '../../../db/business-metrics.ts';
import { storeBill } from '../../../db/queries/bill.fixture.ts';
import { type TestDatabase, testDatabase } from '../../../db/testing.ts';
import { tools } from '../../../tools/registry.ts';
import { ada, memoryPeople, testServer } from '../../testing.ts';

let database: TestDatabase;
const now = () => new Date('2026-11-21T09:00:00Z');

beforeAll(async () => {
  database = await testDatabase();
  await storeBill(database.db, [
    { day: '2026-11-18', cost: '30', tags: { team: 'checkout' } },
    { day: '2026-11-19', cost: '10', tags: { team: 'search' } },
  ]);
  await database.db.pool.query(
    `INSERT INTO users (user_id, email, name, role) VALUES ('${ada.userId}', 'ada@example.com', 'Ada', 'admin')`,
  );
});

afterAll(() => database.close());

function serverOf(changes: Partial<typeof ada> = {}) {
  const session = { sessionId: 's1', method: 'persona' as const, rotationDue: false };
  const expiresAt = new Date('2036-12-01T10:00:00Z');
  const people = memoryPeople({ resume: async () => ({ ...session, principal: { ...ada, ...changes }, expiresAt }) });
  return testServer({ db: database.db, tools, now, businessMetrics: createMetricDesk(database.db, now), people });
}

const ORDERS = { name: 'orders', unit: 'order', values: [{ date: '2026-11-18', value: '60' }] };
const post = (payload: object) => ({ method: 'POST' as const, url: '/api/v1/business-metrics', payload });

test('takes numbers, and divides cost by them', async () => {
  const { app } = await serverOf();
  expect((await app.inject(post(ORDERS))).json()).toEqual({ stored: 1 });
  const { data } = (await app.inject('/api/v1/unit-costs?period=2026-11-18')).json();
  expect(data.facts).toMatchObject({ unit_cost: { value: '0.5', unit: 'USD' }, units: { value: '60', unit: 'order' } });
  const csv = await app.inject({
    url: '/api/v1/unit-costs?period=2026-11-18&granularity=day',
    headers: { accept: 'text/csv' },
  });
  expect(csv.body.split('\r\n')[1]).toBe('2026-11-18,30,60,0.5,0');
});

test('an engineer gives numbers of their part alone, a viewer none', async () => {
  const scope = { subAccountIds: [], tags: [{ key: 'Team', value: 'search' }] };
  const { app } = await serverOf({ role: 'engineer', scope });
  const statusOf = async (payload: object) => (await app.inject(post(payload))).statusCode;
  expect(await statusOf({ ...ORDERS, dimensions: { 'tag:team': 'Search' } })).toBe(200);
  expect(await statusOf({ ...ORDERS, dimensions: { 'tag:team': 'checkout' } })).toBe(403);
  expect(await statusOf(ORDERS)).toBe(403);
  expect((await (await serverOf({ role: 'viewer' })).app.inject(post(ORDERS))).statusCode).toBe(403);
});

test.each([
  [{ ...ORDERS, values: [] }],
  [{ ...ORDERS, values: [{ date: '18 November', value: '60' }] }],
  [{ ...ORDERS, values: [{ date: '2026-11-18', value: 60 }] }],
  [{ ...ORDERS, dimensions: { team: 'search' } }],
])('refuses the numbers %#', async (payload) => {
  const { app } = await serverOf();
  expect((await app.inject(post(payload))).statusCode).toBe(400);
});
