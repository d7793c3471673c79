import { afterAll, beforeAll, expect, test } from 'vitest';
import { storeBill } from '../db/queries/bill.fixture.ts';
import { type TestDatabase, testDatabase } from '../db/testing.ts';
import { describeDataTool } from './describe-data.ts';
import { describeFreshnessTool } from './describe-freshness.ts';
import { asText, call, contextOf } from './result.fixture.ts';
import type { ToolResult } from './tool.ts';

let database: TestDatabase;

beforeAll(async () => {
  database = await testDatabase();
  await storeBill(database.db, [
    { day: '2026-01-02', cost: '10', region_id: 'eu-west-1', tags: { team: 'Search' } },
    {
      day: '2026-01-03',
      cost: '5',
      service_name: 'Amazon S3',
      service_category: 'Storage',
      tags: { Team: 'search', environment: 'prod' },
    },
    { day: '2026-02-03', cost: '7', sub_account_id: 'a2', invoice_id: null, tags: { team: 'ads' } },
    {
      day: '2026-01-20',
      cost: '1',
      billing_account_id: 'azure',
      service_provider_name: 'Microsoft',
      service_name: 'Azure VM',
    },
    { day: '2026-02-28', cost: '2', charge_category: 'Purchase', service_name: 'Support' },
  ]);
  await database.db.pool.query(`UPDATE billing_loads SET loaded_at = '2026-02-04 06:30:00+00'`);
  await database.db.pool.query(
    `INSERT INTO accounts (account_id, name, kind) VALUES ('a1', 'production', 'sub'), ('payer', 'Acme', 'billing')`,
  );
});

afterAll(() => database.close());

const data = (input: Record<string, unknown>, context = contextOf(database.db)): Promise<ToolResult> =>
  call(describeDataTool, context, input);

test('freshness: how far the bill reaches, per provider and payer, and what was loaded', async () => {
  expect(asText(await call(describeFreshnessTool, contextOf(database.db), {}))).toMatchInlineSnapshot(`
    "
    data_from = 2026-01-02 date
    data_through = 2026-02-03 date
    days_behind = 2 count
    last_loaded_at = 2026-02-04 06:30 UTC
    load_count = 1 count
    sources: How far each bill reaches
      service_provider_name  billing_account_id  billing_account_name  data_from (date)  data_through (date)
      AWS                    payer               Acme                  2026-01-02        2026-02-03
      Microsoft              azure               .                     2026-01-20        2026-01-20
    loads: Loads in force, the newest first
      load_id  source  origin  first_billing_period (date)  last_billing_period (date)  lines (count)  loaded_at
      1        test    file    2026-01-01                   2026-02-01                  5              2026-02-04 06:30 UTC
    * The bill that holds 2026-02-03 is not final: its last two days and late charges may still change.
    "
  `);
});

test('an overview of what can be asked', async () => {
  expect(asText(await data({}))).toMatchInlineSnapshot(`
    "
    data_from = 2026-01-02 date
    data_through = 2026-02-03 date
    service_count = 4 count
    account_count = 4 count
    region_count = 1 count
    tag_key_count = 2 count
    resource_count = 0 count
    currencies = USD
    overview: What can be asked about
      topic       count (count)  examples*
      services    4              Amazon EC2, Amazon S3, Support, Azure VM
      accounts    4              production, a2, azure, Acme
      regions     1              eu-west-1
      tags        2              team, environment
      metrics     4              effective_cost, billed_cost, contracted_cost, list_cost
      dimensions  29             service_name, sub_account_id, region_id, resource_id, x_usage_type
    "
  `);
});

test('services by what they cost lately', async () => {
  expect(tableOf(await data({ topic: 'services' }))).toEqual([
    ['Amazon EC2', 'Compute', 'AWS', '17'],
    ['Amazon S3', 'Storage', 'AWS', '5'],
    ['Support', 'Compute', 'AWS', '2'],
    ['Azure VM', 'Compute', 'Microsoft', '1'],
  ]);
});

test('accounts, regions, tags and the values of a tag', async () => {
  expect(tableOf(await data({ topic: 'accounts' }))).toEqual([
    ['a1', 'production', 'sub'],
    ['a2', null, 'sub'],
    ['azure', null, 'billing'],
    ['payer', 'Acme', 'billing'],
  ]);
  expect(tableOf(await data({ topic: 'regions' }))).toEqual([['eu-west-1']]);
  expect(tableOf(await data({ topic: 'tags' }))).toEqual([
    ['team', 2, 'Search, ads'],
    ['environment', 1, 'prod'],
  ]);
  expect(tableOf(await data({ tagKey: 'TEAM' }))).toEqual([
    ['Search', 2],
    ['ads', 1],
  ]);
  expect(asText(await data({ tagKey: 'tem' }))).toContain('instead: team');
});

test('pages list everything once, in alphabetical order, and the last one says that it is', async () => {
  const first = await data({ topic: 'accounts', limit: 3 });
  expect(tableOf(first)?.map(([id]) => id)).toEqual(['a1', 'a2', 'azure']);
  expect(first).toMatchObject({
    receipt: { rowCount: 3, truncated: true },
    data: { facts: { account_count: { value: 4 } } },
  });
  const second = await data({ topic: 'accounts', limit: 3, cursor: first.status === 'ok' ? first.nextCursor : '' });
  expect(tableOf(second)?.map(([id]) => id)).toEqual(['payer']);
  expect(second).toMatchObject({ receipt: { truncated: false } });
  expect(second).not.toHaveProperty('nextCursor');
  const services = await data({ topic: 'services', limit: 9 });
  expect(tableOf(services)?.map(([name]) => name)).toEqual(['Amazon EC2', 'Amazon S3', 'Azure VM', 'Support']);
});

test('refuses a cursor that no page has given', async () => {
  for (const cursor of ['nonsense', Buffer.from('"x"').toString('base64url')]) {
    expect(await data({ topic: 'accounts', cursor })).toMatchObject({
      status: 'error',
      code: 'invalid_input',
      message: expect.stringContaining('first page'),
    });
  }
});

test('every metric and dimension is said to mean something', async () => {
  for (const topic of ['metrics', 'dimensions']) {
    const rows = tableOf(await data({ topic }));
    expect(rows?.length).toBeGreaterThan(3);
    expect(rows?.filter(([, meaning]) => !meaning)).toEqual([]);
  }
});

test('a narrower scope is told only its own names', async () => {
  const scoped = contextOf(database.db, { subAccountIds: ['a2'], tags: [] });
  expect(tableOf(await data({ topic: 'services' }, scoped))).toEqual([['Amazon EC2', 'Compute', 'AWS', '7']]);
  expect(tableOf(await data({ topic: 'tags' }, scoped))).toEqual([['team', 1, 'ads']]);
  expect(tableOf(await data({ topic: 'accounts' }, scoped))).toEqual([
    ['a2', null, 'sub'],
    ['payer', 'Acme', 'billing'],
  ]);
});

test('a new load is seen at once', async () => {
  await storeBill(database.db, [{ day: '2026-02-04', cost: '1', service_name: 'AWS Lambda' }]);
  const result = await data({});
  expect(result).toMatchObject({
    data: { facts: { data_through: { value: '2026-02-04' }, service_count: { value: 5 } } },
  });
});

function tableOf(result: ToolResult) {
  return result.status === 'ok' ? result.data.tables[0]?.rows : undefined;
}
