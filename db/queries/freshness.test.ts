import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Principal } from '../principal.ts';
import { type TestDatabase, testDatabase } from '../testing.ts';
import { storeBill } from './bill.fixture.ts';
import { loadCatalog } from './catalog.ts';
import { describeFreshness, hasBilling } from './freshness.ts';

let database: TestDatabase;

beforeAll(async () => {
  database = await testDatabase();
});

afterAll(() => database.close());

const principal = (scope: Principal['scope']): Principal => ({
  userId: 'u',
  email: 'e',
  name: 'n',
  role: 'viewer',
  scope,
});

test('an empty database has no days, and a catalog of nothing', async () => {
  expect(await hasBilling(database.db)).toBe(false);
  expect(await describeFreshness(database.db)).toMatchObject({
    dataFrom: null,
    dataThrough: null,
    currencies: [],
    invoiceOpen: false,
  });
  expect(await loadCatalog(database.db, principal('all'))).toMatchObject({
    services: [],
    accounts: [],
    tagKeys: [],
    dataThrough: null,
  });
});

test('the data reaches the last day with usage, not a fee dated ahead; an open invoice is seen', async () => {
  await storeBill(database.db, [
    { day: '2026-01-30', cost: '1', invoice_id: null },
    { day: '2026-02-01', cost: '2', billing_currency: 'EUR', x_line_count: 5, invoice_id: null },
    { day: '2026-02-28', cost: '3', charge_category: 'Purchase' },
  ]);
  const freshness = await describeFreshness(database.db);
  expect(freshness).toMatchObject({
    dataFrom: '2026-01-30',
    dataThrough: '2026-02-01',
    lastChargeDate: '2026-02-28',
    currencies: ['EUR', 'USD'],
    invoiceOpen: true,
  });
  expect(freshness.billingPeriods?.map(({ month }) => month)).toEqual(['2026-01-01', '2026-02-01']);
  expect(await hasBilling(database.db)).toBe(true);
});

test('what is known is kept until a load changes the bill', async () => {
  const before = await describeFreshness(database.db);
  expect(await describeFreshness(database.db)).toBe(before);
  const catalog = await loadCatalog(database.db, principal('all'));
  expect(await loadCatalog(database.db, principal('all'))).toBe(catalog);
  await storeBill(database.db, [{ day: '2026-03-01', cost: '1', service_name: 'AWS Lambda' }]);
  expect((await describeFreshness(database.db)).dataThrough).toBe('2026-03-01');
  expect((await loadCatalog(database.db, principal('all'))).services.map(({ name }) => name)).toContain('AWS Lambda');
});

test('one billing period missing from one rollup keeps them all from being used', async () => {
  expect((await describeFreshness(database.db)).billingPeriods).not.toBeNull();
  await storeBill(database.db, [{ day: '2026-03-02', cost: '1' }]);
  await database.db.pool.query(`DELETE FROM cost_rollup WHERE rollup = 'daily_tags' AND period_start >= '2026-03-01'`);
  expect((await describeFreshness(database.db)).billingPeriods).toBeNull();
});

test('resources are found by id, end of the ARN or name, case aside, within the scope', async () => {
  const arn = 'arn:aws:lambda:eu-west-1:a1:function:Resize';
  await database.db.pool.query(
    `INSERT INTO resources (resource_id, name, sub_account_id) VALUES ($1, 'Image Resizer', 'a1'), ('vol-1', NULL, 'a2')`,
    [arn],
  );
  const catalog = await loadCatalog(database.db, principal('all'));
  for (const text of [arn.toUpperCase(), 'resize', ' image resizer ']) {
    expect((await catalog.findResources(text)).map(({ id }) => id)).toEqual([arn]);
  }
  expect(await catalog.findResources('resiz')).toEqual([]);
  const narrow = await loadCatalog(database.db, principal({ subAccountIds: ['a2'], tags: [] }));
  expect(await narrow.findResources('resize')).toEqual([]);
  expect((await narrow.findResources('VOL-1')).map(({ id }) => id)).toEqual(['vol-1']);
});
