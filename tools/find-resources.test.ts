import { afterAll, beforeAll, expect, test } from 'vitest';
import { storeBill, type TestCharge } from '../db/queries/bill.fixture.ts';
import { type TestDatabase, testDatabase } from '../db/testing.ts';
import { findResourcesTool } from './find-resources.ts';
import { asText, call, contextOf } from './result.fixture.ts';
import type { ToolResult } from './tool.ts';

let database: TestDatabase;

const ARN = 'arn:aws:ec2:eu-west-1:a1:instance/i-web';

const charge = (day: string, resource: string, cost: string, others: Partial<TestCharge> = {}): TestCharge => ({
  day,
  cost,
  resource_id: resource,
  region_id: 'eu-west-1',
  ...others,
});

beforeAll(async () => {
  database = await testDatabase();
  await storeBill(database.db, [
    charge('2026-01-10', ARN, '20', { tags: { team: 'search' } }),
    charge('2026-01-20', ARN, '1.5', { tags: { team: 'search' } }),
    charge('2026-01-20', ARN, '-4', { charge_category: 'Credit', tags: { team: 'search' } }),
    charge('2026-01-12', 'vol-1', '5', { sub_account_id: 'a2', tags: { team: 'ads' } }),
    charge('2025-10-01', 'vol-gone', '9'),
    charge('2026-02-03', 'bucket', '0.25', { service_name: 'Amazon S3', region_id: 'us-east-1' }),
  ]);
  await database.db.pool.query(
    `INSERT INTO resources (resource_id, name, type, service_name, sub_account_id, region_id, tags, state, first_seen_date, last_seen_date) VALUES
      ($1, 'web', 'ec2:instance', 'Amazon EC2', 'a1', 'eu-west-1', '{"Team": "search", "Name": "web"}', 'running', '2026-01-10', '2026-01-20'),
      ('vol-1', NULL, 'ec2:volume', 'Amazon EC2', 'a2', 'eu-west-1', '{"team": "ads"}', 'available', '2026-01-12', '2026-01-12'),
      ('vol-gone', NULL, 'ec2:volume', 'Amazon EC2', 'a1', 'eu-west-1', '{}', NULL, '2025-10-01', '2025-10-01'),
      ('bucket', 'logs', 's3:bucket', 'Amazon S3', 'a1', 'us-east-1', '{}', NULL, '2026-02-03', '2026-02-03')`,
    [ARN],
  );
  await database.db.pool.query(
    `INSERT INTO accounts (account_id, name, kind) VALUES ('a1', 'production', 'sub'), ('a2', 'development', 'sub')`,
  );
});

afterAll(() => database.close());

const ask = (input: Record<string, unknown>, context = contextOf(database.db)): Promise<ToolResult> =>
  call(findResourcesTool, context, input);

const idsOf = (result: ToolResult) =>
  result.status === 'ok' ? result.data.tables[0]?.rows.map(([id]) => id) : result.status;

test('lists what was there in the period, the most expensive first, credits left out', async () => {
  expect(asText(await ask({}))).toMatchInlineSnapshot(`
    "
    row_count = 3 count
    total = 26.75 USD
    rest = 0 USD
    resources: Resources, cost of last 30 days
      resource_id*                             name*  type          service_name  account      region_id  state      cost (USD)  tags*                  first_seen (date)  last_seen (date)
      arn:aws:ec2:eu-west-1:a1:instance/i-web  web    ec2:instance  Amazon EC2    production   eu-west-1  running    21.5        Name=web, Team=search  2026-01-10         2026-01-20
      vol-1                                    .      ec2:volume    Amazon EC2    development  eu-west-1  available  5           team=ads               2026-01-12         2026-01-12
      bucket                                   logs   s3:bucket     Amazon S3     production   us-east-1  .          0.25        .                      2026-02-03         2026-02-03
    * Period: the data reaches 2026-02-03, 2 days ago, and the period ends there.
    "
  `);
});

test.each([
  [{ text: 'I-WEB' }, [ARN]],
  [{ text: 'Web' }, [ARN]],
  [{ text: 'vol-gone' }, ['vol-gone']],
  [{ service: 's3' }, ['bucket']],
  [{ type: 'Volume' }, ['vol-1']],
  [{ account: 'Development' }, ['vol-1']],
  [{ region: 'US-EAST-1' }, ['bucket']],
  [{ tags: [{ key: 'TEAM', value: 'Search' }] }, [ARN]],
  [{ untagged: 'team' }, ['bucket']],
  [{ state: 'Available' }, ['vol-1']],
  [{ minimumCost: '5' }, [ARN, 'vol-1']],
  [{ orderBy: 'first_seen' }, ['bucket', 'vol-1', ARN]],
  [{ orderBy: 'name' }, ['bucket', 'vol-1', ARN]],
  [{ period: 'October 2025' }, ['vol-gone']],
])('finds by %j', async (input, ids) => {
  expect(idsOf(await ask(input))).toEqual(ids);
});

test('a limit is told, with what the others cost', async () => {
  const result = await ask({ limit: 1 });
  expect(result).toMatchObject({
    data: { facts: { row_count: { value: 3 }, total: { value: '26.75' }, rest: { value: '5.25' } } },
  });
  expect(asText(result)).toContain('* 1 of 3 resources are shown; the others cost $5.25.');
});

test.each([
  [{ text: 'i-nowhere' }, 'No resource has "i-nowhere" in its id or name'],
  [{ service: 'Amazon S4' }, 'Did you mean "Amazon S3"'],
  [{ type: 'lambda' }, 'No resource has the type "lambda".'],
  [{ state: 'runing' }, 'instead: running'],
  [{ tags: [{ key: 'team', value: 'serch' }] }, 'Nothing is tagged team = "serch".\ninstead: search'],
])('a name that no resource has gives no data: %j', async (input, text) => {
  const result = await ask(input);
  expect(result.status).toBe('no_data');
  expect(asText(result)).toContain(text);
});

test('known names that no resource has together are a true none', async () => {
  const result = await ask({ service: 'Amazon S3', state: 'running' });
  expect(result).toMatchObject({ status: 'ok', data: { facts: { row_count: { value: 0 }, total: { value: '0' } } } });
  expect(asText(result)).toContain('* No resource matches.');
});

test('a narrower scope finds only what lies in its accounts or carries its tags', async () => {
  const byAccount = contextOf(database.db, { subAccountIds: ['a2'], tags: [] });
  expect(idsOf(await ask({}, byAccount))).toEqual(['vol-1']);
  expect(idsOf(await ask({ text: 'i-web' }, byAccount))).toBe('denied');
  const byTag = contextOf(database.db, { subAccountIds: [], tags: [{ key: 'team', value: 'SEARCH' }] });
  expect(idsOf(await ask({}, byTag))).toEqual([ARN]);
});

test('tags, names and ids are marked as written by others', async () => {
  const result = await ask({});
  if (result.status !== 'ok') throw new Error('no answer');
  const marked = result.data.tables[0]?.columns.filter(({ untrusted }) => untrusted).map(({ name }) => name);
  expect(marked).toEqual(['resource_id', 'name', 'tags']);
});

const cursorOf = (result: ToolResult) => (result.status === 'ok' ? result.nextCursor : undefined);

test.each([
  ['cost', [ARN, 'vol-1', 'bucket']],
  ['name', ['bucket', 'vol-1', ARN]],
  ['first_seen', ['bucket', 'vol-1', ARN]],
])('pages of the order %s hold everything once, and the last one says that it is', async (orderBy, ids) => {
  const found: unknown[] = [];
  let cursor: string | undefined;
  do {
    const page = await ask({ orderBy, limit: 1, ...(cursor === undefined ? {} : { cursor }) });
    expect(page).toMatchObject({
      status: 'ok',
      data: { facts: { row_count: { value: 3 }, total: { value: '26.75' } } },
    });
    found.push(...(idsOf(page) as unknown[]));
    cursor = cursorOf(page);
  } while (cursor !== undefined);
  expect(found).toEqual(ids);
});

test('each currency has its own pages', async () => {
  const other = await testDatabase();
  await storeBill(other.db, [
    charge('2026-01-10', 'dollar-1', '3'),
    charge('2026-01-10', 'dollar-2', '2'),
    charge('2026-01-10', 'euro-1', '1', { billing_currency: 'EUR' }),
  ]);
  await other.db.pool.query(
    `INSERT INTO resources (resource_id, first_seen_date, last_seen_date)
     SELECT unnest(ARRAY['dollar-1', 'dollar-2', 'euro-1']), '2026-01-10', '2026-01-10'`,
  );
  const context = contextOf(other.db);
  const first = await ask({ limit: 1, period: 'January 2026' }, context);
  expect(idsOf(first)).toEqual(['euro-1', 'dollar-1']);
  const second = await ask({ limit: 1, period: 'January 2026', cursor: cursorOf(first) }, context);
  expect(idsOf(second)).toEqual(['dollar-2']);
  expect(cursorOf(second)).toBeUndefined();
  await other.close();
});

test.each(['nonsense', Buffer.from('{}').toString('base64url')])('refuses the cursor %s', async (cursor) => {
  expect(await ask({ cursor })).toMatchObject({
    status: 'error',
    code: 'invalid_input',
    message: expect.stringContaining('first page'),
  });
});

test('refuses the cursor of another order', async () => {
  const cursor = cursorOf(await ask({ limit: 1, orderBy: 'name' }));
  expect(await ask({ cursor, orderBy: 'cost' })).toMatchObject({ status: 'error', code: 'invalid_input' });
});
