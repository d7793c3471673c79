import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type ListPrice, listDays, storePrices } from './prices.ts';
import { type TestDatabase, testDatabase } from './testing.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.close());
beforeEach(() => database.db.pool.query('TRUNCATE prices'));

const price = (changes: Partial<ListPrice> = {}): ListPrice => ({
  serviceProviderName: 'AWS',
  serviceCode: 'AmazonEC2',
  product: 'm5.large linux',
  regionId: 'us-east-1',
  pricingUnit: 'Hrs',
  pricingCurrency: 'USD',
  listUnitPrice: '0.096',
  skuId: null,
  attributes: { vcpu: '2' },
  validFrom: '2026-03-01',
  source: 'api',
  sourceDate: '2026-03-10',
  sourceUrl: null,
  ...changes,
});

const snapshot = (changes: Partial<ListPrice> = {}) =>
  price({ source: 'snapshot', validFrom: '2023-02-20', sourceDate: '2023-02-20', ...changes });

const store = (...prices: ListPrice[]) => storePrices(database.db, prices);

async function kept() {
  const { rows } = await database.db.pool.query(
    `SELECT list_unit_price::text AS price, valid_from::text AS "from", valid_to::text AS "to", source FROM prices ORDER BY valid_from`,
  );
  return rows.map(({ price: amount, from, to, source }) => [amount, from, to, source]);
}

test('a new price ends the one before, and the same price again changes nothing', async () => {
  expect(await store(price())).toBe(1);
  expect(await store(price({ validFrom: '2026-04-01', sourceDate: '2026-04-02' }))).toBe(0);
  expect(await store(price({ validFrom: '2026-05-01', listUnitPrice: '0.09' }))).toBe(1);
  expect(await kept()).toEqual([
    ['0.096', '2026-03-01', '2026-05-01', 'api'],
    ['0.09', '2026-05-01', null, 'api'],
  ]);
});

test('what the cloud says stands above the snapshot, whichever came first', async () => {
  await store(snapshot({ listUnitPrice: '0.1' }));
  expect(await store(price())).toBe(1);
  expect(await store(snapshot({ listUnitPrice: '0.1' }), snapshot({ product: 'm5.xlarge linux' }))).toBe(1);
  expect(await kept()).toEqual([
    ['0.1', '2023-02-20', '2026-03-01', 'snapshot'],
    ['0.096', '2023-02-20', null, 'snapshot'],
    ['0.096', '2026-03-01', null, 'api'],
  ]);
});

test('a snapshot that is younger than what the cloud said does not end it', async () => {
  await store(price());
  expect(await store(snapshot({ listUnitPrice: '0.1', validFrom: '2026-07-20' }))).toBe(0);
});

test('a price whose date is not after the one it ends begins the day after that one did', async () => {
  await store(price());
  expect(await store(price({ listUnitPrice: '0.08', validFrom: '2026-01-01' }))).toBe(1);
  expect(await kept()).toEqual([
    ['0.096', '2026-03-01', '2026-03-02', 'api'],
    ['0.08', '2026-03-02', null, 'api'],
  ]);
});

test('units and regions are prices of their own; of a product that comes twice the newest counts', async () => {
  const twice = [price({ listUnitPrice: '0.2', validFrom: '2026-01-01' }), price()];
  expect(await store(...twice, price({ regionId: 'eu-west-1' }), price({ pricingUnit: 'GB' }))).toBe(3);
  expect((await kept()).map(([amount]) => amount)).toEqual(['0.096', '0.096', '0.096']);
});

test('the same price from the bulk list and the API is one price, which keeps the day it was said last', async () => {
  await store(price());
  const listed = { source: 'bulk list', sourceUrl: 'https://prices.example/list.csv' } as const;
  expect(await store(price({ ...listed, sourceDate: '2026-05-04', validFrom: '2026-05-01' }))).toBe(0);
  expect(await kept()).toEqual([['0.096', '2026-03-01', null, 'bulk list']]);
  expect(await listDays(database.db)).toEqual(new Map([['AmazonEC2 us-east-1', '2026-05-04']]));
  expect(await store(price({ sourceDate: '2026-05-01' }))).toBe(0);
  expect(await listDays(database.db)).toEqual(new Map([['AmazonEC2 us-east-1', '2026-05-04']]));
});
