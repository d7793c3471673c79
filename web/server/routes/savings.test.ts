import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TestDatabase, testDatabase } from '../../../db/testing.ts';
import { tools } from '../../../tools/registry.ts';
import { testServer } from '../../testing.ts';

let database: TestDatabase;

beforeAll(async () => {
  database = await testDatabase();
  await database.db.pool.query(`
    INSERT INTO savings (subject, origin, change_date, state, billing_currency, estimated_monthly_savings, measurement)
      SELECT 'i-' || n, 'penny', '2026-11-01'::date + n, 'waiting', 'USD', 10 * n, '{"kind": "removed"}' FROM generate_series(1, 3) AS n;
    INSERT INTO insights (kind, audience, period_start, period_end, title, text, answer)
      SELECT 'weekly', 'the organisation', day::date, day::date + 7, 'Spent', '=1+1', '{"facts": {}, "tables": []}'
      FROM unnest(ARRAY['2026-11-02', '2026-11-09']) AS day`);
});

afterAll(() => database.close());

const get = async (url: string, headers = {}) =>
  (await testServer({ db: database.db, tools })).app.inject({ url, headers });

test.each([
  ['/api/v1/savings?limit=2', [['i-3', 'i-2'], ['i-1']]],
  ['/api/v1/insights?limit=1', [['the organisation'], ['the organisation']]],
])('%s pages by cursor to the end', async (url, pages) => {
  const found: string[][] = [];
  let cursor: string | undefined;
  do {
    const page = (await get(cursor === undefined ? url : `${url}&cursor=${cursor}`)).json();
    found.push(page.data.tables[0].rows.map(([first]: string[]) => first));
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  expect(found).toEqual(pages);
});

test('filters by state, and gives CSV with formulas defused', async () => {
  expect((await get('/api/v1/savings?state=measured')).json()).toMatchObject({
    status: 'no_data',
    searched: 'There is no such saving.',
  });
  expect((await get('/api/v1/savings?state=lost')).statusCode).toBe(400);
  const csv = await get('/api/v1/insights?limit=1', { accept: 'text/csv' });
  expect(csv.body).toContain("the organisation,2026-11-09,2026-11-16,Spent,'=1+1");
});
