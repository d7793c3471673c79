import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Buckets, openBuckets } from '../clouds/aws/billing/s3.fixture.ts';
import { openAwsCloud } from '../clouds/aws/index.ts';
import { TEST_CREDENTIALS } from '../clouds/aws/wire.fixture.ts';
import { readConfig } from '../config.ts';
import { log } from '../log.ts';
import { type BillTest, csv, curLine, focusLine, type Line, openBillTest } from './bill.fixture.ts';
import { type ExportOptions, loadExports } from './load-exports.ts';

let bill: BillTest;
let buckets: Buckets;
beforeAll(async () => {
  bill = await openBillTest();
});
afterAll(() => bill.close());
beforeEach(async () => {
  buckets = await openBuckets();
});
afterEach(async () => {
  await buckets.close();
  await bill.clear();
});

const load = (options: Partial<ExportOptions> = {}) => {
  const config = readConfig({ PENNY_HOME: join(bill.folder, 'home') });
  const cloud = openAwsCloud(config, { endpoint: buckets.endpoint, credentials: TEST_CREDENTIALS });
  const now = new Date('2025-05-01T00:00:00Z');
  return loadExports({ uris: ['s3://bills/org/cur'], cloud, config, db: bill.db, log, now, ...options });
};

const DATA = 's3://bills/org/cur/data/BILLING_PERIOD=2025-03/cur-00001.csv';

/** Writes the month as exports that are overwritten do. */
function deliver(lines: Line[], data = DATA): void {
  buckets.put(data, csv(lines));
  const manifest = data.replace('/data/', '/metadata/').replace(/cur-\d+\.csv$/, 'cur-Manifest.json');
  buckets.put(manifest, JSON.stringify({ dataFiles: [data] }));
}

const cost = (amount: string, changes: Line = {}) => curLine({ line_item_unblended_cost: amount, ...changes });
const total = async () => (await bill.rows('SELECT sum(billed_cost)::text AS total FROM billing'))[0]?.total;
const fetched = () => buckets.requests.filter(({ path }) => path.includes('/data/')).length;

test('a month that is restated three times ends at the last one', async () => {
  for (const amounts of [['1'], ['1', '2.5'], ['0.75']]) {
    deliver(amounts.map((amount) => cost(amount)));
    expect((await load()).assemblies.map(({ status }) => status)).toEqual(['loaded']);
  }
  expect(await total()).toBe('0.75');
  const [stored] = await bill.rows('SELECT origin, uris FROM billing_loads WHERE is_current');
  expect(stored).toEqual({
    origin: 's3',
    uris: [expect.stringMatching(/^s3:\/\/bills\/org\/cur\/data\/.*\.csv#\w{32}$/)],
  });
});

test('what has not changed is not fetched again, and nothing is left on the disk', async () => {
  deliver([cost('1')]);
  const { assemblies } = await load();
  expect(assemblies[0]).toMatchObject({ file: expect.stringMatching(/^s3:.*cur-Manifest\.json$/), files: [DATA] });
  expect(fetched()).toBe(1);
  expect(await load()).toEqual({ assemblies: [], unchangedMonths: ['2025-03'], notes: [] });
  expect(fetched()).toBe(1);
  expect(readdirSync(join(bill.folder, 'home', 'tmp')).filter((name) => name.startsWith('exports-'))).toEqual([]);
});

test('a month that was loaded with another mapping is fetched again, though its files are the same', async () => {
  deliver([cost('1')]);
  await load();
  await bill.db.pool.query("UPDATE billing_loads SET mapping_version = 'of before', content_hash = 'of before'");
  expect((await load()).assemblies.map(({ status }) => status)).toEqual(['loaded']);
  const other = readConfig({ PENNY_HOME: join(bill.folder, 'home'), PENNY_ALLOCATION_TAGS: 'team' });
  expect((await load({ config: other })).assemblies.map(({ status }) => status)).toEqual(['loaded']);
  expect((await load({ config: other })).unchangedMonths).toEqual(['2025-03']);
});

test('a month whose load was replaced from elsewhere is fetched again', async () => {
  deliver([cost('1')]);
  await load();
  await bill.load(bill.write('other.csv', [cost('9')]));
  expect((await load()).assemblies).toHaveLength(1);
  expect(await total()).toBe('1');
});

test('a delivery that holds what is loaded already is not fetched a second time', async () => {
  await bill.load(bill.write('same.csv', [cost('1')]), {
    config: readConfig({ PENNY_HOME: join(bill.folder, 'home') }),
  });
  deliver([cost('1')]);
  expect((await load()).assemblies.map(({ status }) => status)).toEqual(['unchanged']);
  expect((await load()).unchangedMonths).toEqual(['2025-03']);
});

test('two exports of one month are loaded together, and refused where they would count twice', async () => {
  deliver([cost('1')]);
  deliver([cost('2', { bill_payer_account_id: '999999999999' })], DATA.replace('org', 'second'));
  const uris = ['s3://bills/org/cur', 's3://bills/second/cur'];
  expect((await load({ uris })).assemblies).toHaveLength(2);
  expect(await total()).toBe('3');
  deliver([focusLine({ BillingAccountId: '111111111111' })], DATA.replace('org', 'second'));
  await expect(load({ uris })).rejects.toMatchObject({
    code: 'invalid_input',
    message: expect.stringMatching(/^s3:\/\/bills\/.* and s3:\/\/bills\/.*count twice/),
  });
  expect(await total()).toBe('3');
});

test('a damaged file is named as it lies in the store', async () => {
  deliver([cost('many')]);
  await expect(load()).rejects.toMatchObject({ code: 'value_invalid', details: { file: DATA } });
});
