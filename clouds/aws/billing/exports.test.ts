import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openAws } from '../clients.ts';
import { awsSettings, TEST_CREDENTIALS } from '../wire.fixture.ts';
import { findExports, monthOf } from './exports.ts';
import { type Buckets, openBuckets } from './s3.fixture.ts';

let buckets: Buckets;
let folder: string;
beforeEach(async () => {
  buckets = await openBuckets();
  folder = mkdtempSync(join(tmpdir(), 'penny-s3-'));
});
afterEach(async () => {
  await buckets.close();
  rmSync(folder, { recursive: true });
});

const find = (uris: string[], since?: string) =>
  findExports(
    openAws(awsSettings(), { endpoint: buckets.endpoint, credentials: TEST_CREDENTIALS }).home(),
    uris,
    since === undefined ? {} : { since },
  );

const months = async (uri: string, since?: string) =>
  (await find([uri], since)).groups.map(({ month, uris }) => [month, uris.map((one) => one.replace(/#\w{32}$/, ''))]);

/** A delivery of Data Exports; kept beside earlier ones when it has a name of its own. */
function deliver(month: string, name: string, contents: string, modified?: string): void {
  const own = name === '' ? '' : `${name}/`;
  const data = `s3://bills/org/cur/data/BILLING_PERIOD=${month}/${own}cur-00001.csv.gz`;
  buckets.put(data, contents, modified);
  buckets.put(
    `s3://bills/org/cur/metadata/BILLING_PERIOD=${month}/${own}cur-Manifest.json`,
    JSON.stringify({ dataFiles: [data] }),
    modified,
  );
}

test('of exports that keep each delivery only the newest one of a month is taken', async () => {
  deliver('2025-03', '2025-04-01T08:00:00.000Z-0a', 'old');
  deliver('2025-03', '2025-04-02T08:00:00.000Z-0b', 'new');
  deliver('2025-04', '2025-04-02T08:00:00.000Z-0c', 'april');
  expect(await months('s3://bills/org/cur')).toEqual([
    ['2025-03', ['s3://bills/org/cur/data/BILLING_PERIOD=2025-03/2025-04-02T08:00:00.000Z-0b/cur-00001.csv.gz']],
    ['2025-04', ['s3://bills/org/cur/data/BILLING_PERIOD=2025-04/2025-04-02T08:00:00.000Z-0c/cur-00001.csv.gz']],
  ]);
  expect((await find(['s3://bills/org/cur/'])).notes).toEqual([
    '1 deliveries were left out: newer ones of the same billing period are there.',
  ]);
});

test('months before the one asked for are not read, not even their manifests', async () => {
  deliver('2025-02', '', 'february');
  deliver('2025-03', '', 'march');
  expect((await months('s3://bills/org/cur', '2025-03')).map(([month]) => month)).toEqual(['2025-03']);
  expect(buckets.requests.filter(({ path }) => path.includes('2025-02')).length).toBe(0);
});

test('an export that is overwritten shows by its tags that it changed', async () => {
  deliver('2025-03', '', 'one');
  const [before] = (await find(['s3://bills/org/cur'])).groups;
  const [same] = (await find(['s3://bills/org/cur'])).groups;
  deliver('2025-03', '', 'two');
  const [after] = (await find(['s3://bills/org/cur'])).groups;
  expect(same?.uris).toEqual(before?.uris);
  expect(after?.uris).not.toEqual(before?.uris);
});

test('of a legacy report the assembly that the manifest above names is taken', async () => {
  const home = 's3://bills/cur/report/20250301-20250401';
  for (const assembly of ['aaa', 'bbb']) {
    const manifest = JSON.stringify({
      assemblyId: assembly,
      reportName: 'report',
      reportKeys: [`cur/report/20250301-20250401/${assembly}/report-1.csv.gz`],
      billingPeriod: { start: '20250301T000000.000Z' },
    });
    buckets.put(`${home}/${assembly}/report-1.csv.gz`, assembly);
    buckets.put(`${home}/${assembly}/report-Manifest.json`, manifest);
    if (assembly === 'aaa') buckets.put(`${home}/report-Manifest.json`, manifest);
  }
  expect(await months('s3://bills/cur')).toEqual([['2025-03', [`${home}/aaa/report-1.csv.gz`]]]);
});

test('exports of the same month are one group, whatever path they were named by', async () => {
  deliver('2025-03', '', 'cur');
  buckets.put('s3://bills/other/year=2025/month=3/part-1.parquet', 'focus');
  const { groups } = await find(['s3://bills/org', 's3://bills/other']);
  expect(groups.map(({ month, uris, bytes }) => [month, uris.length, bytes])).toEqual([['2025-03', 2, 8]]);
});

test('files are copied under the names of their bucket and key', async () => {
  deliver('2025-03', '', 'march');
  const [group] = (await find(['s3://bills'])).groups;
  const load = (await group?.fetch(folder)) ?? [];
  expect(load.map((path) => relative(folder, path))).toEqual([
    'bills/org/cur/metadata/BILLING_PERIOD=2025-03/cur-Manifest.json',
  ]);
  const copy = join(folder, 'bills/org/cur/data/BILLING_PERIOD=2025-03/cur-00001.csv.gz');
  expect(readFileSync(copy, 'utf8')).toBe('march');
});

test('a file that is replaced between listing and reading is a conflict', async () => {
  deliver('2025-03', '', 'march');
  const [group] = (await find(['s3://bills'])).groups;
  buckets.beforeGet((uri) => {
    if (uri.includes('/data/')) deliver('2025-03', '', 'restated');
  });
  await expect(group?.fetch(folder)).rejects.toMatchObject({
    code: 'conflict',
    message: expect.stringContaining('s3://bills/org/cur/data/BILLING_PERIOD=2025-03/cur-00001.csv.gz was replaced'),
  });
});

test('a manifest that names what is not there, a bucket that is not, a path of nothing', async () => {
  deliver('2025-03', '', 'march');
  buckets.remove('s3://bills/org/cur/data/BILLING_PERIOD=2025-03/cur-00001.csv.gz');
  await expect(find(['s3://bills/org/cur'])).rejects.toMatchObject({ code: 'file_unreadable' });
  await expect(find(['s3://none/org'])).rejects.toMatchObject({ code: 'not_found' });
  // Keys that only begin with the same letters are others.
  await expect(find(['s3://bills/or'])).rejects.toMatchObject({ code: 'not_found' });
  await expect(find(['s3://'])).rejects.toMatchObject({ code: 'invalid_input' });
});

test('a key that leads out of the folder is refused', async () => {
  const evil = 's3://bills/x/../../evil.csv';
  buckets.put(evil, 'x');
  buckets.put('s3://bills/x/cur-Manifest.json', JSON.stringify({ dataFiles: [evil] }));
  const [group] = (await find(['s3://bills'])).groups;
  await expect(group?.fetch(folder)).rejects.toMatchObject({ code: 'file_unreadable' });
});

test('the month of a key is read in each of the ways exports spell it', () => {
  expect(
    [
      'a/BILLING_PERIOD=2025-03/x.parquet',
      'a/billing_period=2025-03/x.parquet',
      'a/year=2025/month=3/x',
      'a/20250301-20250401/x',
      'a/20250301/x',
    ].map(monthOf),
  ).toEqual(['2025-03', '2025-03', '2025-03', '2025-03', null]);
});
