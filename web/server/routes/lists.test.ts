import { afterAll, beforeAll, expect, test } from 'vitest';
import { storeBill } from '../../../db/queries/bill.fixture.ts';
import { type TestDatabase, testDatabase } from '../../../db/testing.ts';
import { tools } from '../../../tools/registry.ts';
import { testServer } from '../../testing.ts';

let database: TestDatabase;

beforeAll(async () => {
  database = await testDatabase();
  const charges = ['a1', 'a2', 'a3'].map((account, index) => ({
    day: '2026-11-20',
    cost: String(3 - index),
    sub_account_id: account,
    resource_id: `i-${account}`,
  }));
  await storeBill(database.db, charges);
  await database.db.pool.query(
    `INSERT INTO resources (resource_id, sub_account_id, first_seen_date, last_seen_date)
     SELECT 'i-' || account, account, '2026-11-20', '2026-11-20' FROM unnest(ARRAY['a1', 'a2', 'a3']) AS account`,
  );
});

afterAll(() => database.close());

const get = async (url: string, headers = {}) => {
  const { app } = await testServer({ db: database.db, tools });
  return app.inject({ url, headers });
};

test.each([
  [
    '/api/v1/accounts?limit=2',
    [
      ['a1', 'a2'],
      ['a3', 'payer'],
    ],
  ],
  ['/api/v1/resources?limit=2', [['i-a1', 'i-a2'], ['i-a3']]],
  ['/api/v1/resources?limit=2&orderBy=name&text=i-', [['i-a1', 'i-a2'], ['i-a3']]],
])('%s pages by cursor to the end', async (url, pages) => {
  const found: string[][] = [];
  let cursor: string | undefined;
  do {
    const page = (await get(cursor === undefined ? url : `${url}&cursor=${cursor}`)).json();
    found.push(page.data.tables[0].rows.map(([id]: string[]) => id));
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  expect(found).toEqual(pages);
});

test.each(['/api/v1/accounts?limit=3', '/api/v1/resources?limit=2&tags=%5B%5D'])(
  '%s as CSV has the next page in the header Link',
  async (url) => {
    const csv = { accept: 'text/csv' };
    const first = await get(url, csv);
    const next = /^<(.*)>; rel="next"$/.exec(String(first.headers.link))?.[1] ?? '';
    expect(next).toContain(`${url}&cursor=`);
    const second = await get(next, csv);
    expect(second.headers.link).toBeUndefined();
    const [head, ...rows] = `${first.body}${second.body}`.trim().split('\r\n');
    expect(rows.filter((row) => row !== head).map((row) => row.split(',')[0])).toEqual(
      url.includes('accounts') ? ['a1', 'a2', 'a3', 'payer'] : ['i-a1', 'i-a2', 'i-a3'],
    );
  },
);

test.each(['/api/v1/accounts?cursor=nonsense', '/api/v1/resources?cursor=nonsense'])(
  '%s is refused, with a word about what to do',
  async (url) => {
    const response = await get(url);
    expect(response.statusCode).toBe(400);
    expect(response.json().error).toEqual({
      code: 'invalid_input',
      message: 'The cursor is not one that a page of this list has given. Leave it out to begin with the first page.',
    });
  },
);

test.each(['/api/v1/accounts?limit=0', '/api/v1/accounts?limit=201', '/api/v1/resources?limit=501'])(
  '%s is refused: a page has its limits',
  async (url) => {
    expect((await get(url)).statusCode).toBe(400);
  },
);

test.each(['groupBy=moon_phase', 'moon_phase=full'])(
  'costs asked with %s are refused with what can be asked',
  async (query) => {
    const response = await get(`/api/v1/billing/costs?${query}`);
    expect(response.statusCode).toBe(400);
    const { message } = response.json().error;
    expect(message).toContain('"moon_phase" is no dimension. The dimensions are service_name, service_category,');
    expect(message).toContain('x_instance_type, and tag:KEY such as tag:team.');
  },
);
