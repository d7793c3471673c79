import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openAwsCloud } from '../index.ts';
import { awsSettings, jsonError, openWire, TEST_CREDENTIALS, type Wire } from '../wire.fixture.ts';

let folder: string;
let wire: Wire | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'penny-bulk-'));
});
afterEach(async () => {
  await wire?.close();
  wire = undefined;
  rmSync(folder, { recursive: true, force: true });
});

const PUBLISHED = '2026-11-20T18:04:44Z';
const VERSION = '20261120180444';
const DISCLAIMER = 'Prices, "as published", may change; see the terms.';

/** The columns of the file of AmazonEC2, those that stand before and between the ones that are read included. */
const COLUMNS = [
  ...['SKU', 'OfferTermCode', 'RateCode', 'TermType', 'PriceDescription', 'EffectiveDate', 'StartingRange'],
  ...['EndingRange', 'Unit', 'PricePerUnit', 'Currency', 'RelatedTo', 'LeaseContractLength', 'PurchaseOption'],
  ...['OfferingClass', 'Product Family', 'serviceCode', 'Location', 'Location Type', 'Instance Type'],
  ...['Current Generation', 'Instance Family', 'vCPU', 'Physical Processor', 'Clock Speed', 'Memory', 'Storage'],
  ...[
    'Network Performance',
    'Processor Architecture',
    'Storage Media',
    'Volume Type',
    'Max IOPS/volume',
    'Provisioned',
  ],
  ...['Tenancy', 'EBS Optimized', 'Operating System', 'License Model', 'Group', 'Group Description', 'Transfer Type'],
  ...['usageType', 'operation', 'CapacityStatus', 'instanceSKU', 'MarketOption', 'Normalization Size Factor'],
  ...['Pre Installed S/W', 'Region Code', 'serviceName', 'Volume API Name'],
];

type Line = Partial<Record<string, string>>;
const ONDEMAND: Line = {
  ...{ OfferTermCode: 'JRTCKXETXF', TermType: 'OnDemand', EffectiveDate: '2026-11-01', Currency: 'USD' },
  ...{ StartingRange: '0', EndingRange: 'Inf', Unit: 'Hrs', 'Region Code': 'eu-west-1', 'Location Type': 'AWS Region' },
};
const machine = (type: string, price: string, changes: Line = {}): Line => ({
  ...{
    ...ONDEMAND,
    SKU: `SKU-${type}-${price}`,
    PricePerUnit: price,
    'Instance Type': type,
    vCPU: '2',
    Memory: '8 GiB',
  },
  ...{ PriceDescription: `$${price} per "Linux" hour, ${type}`, 'Product Family': 'Compute Instance' },
  ...{ Tenancy: 'Shared', 'Operating System': 'Linux', 'License Model': 'No License required' },
  ...{ CapacityStatus: 'Used', MarketOption: 'OnDemand', 'Pre Installed S/W': 'NA', usageType: `EU-BoxUsage:${type}` },
  ...changes,
});

/** A file as it is published: what it is stands above the names of its columns. */
function fileOf(code: string, lines: readonly Line[], columns = COLUMNS): string {
  const row = (cells: readonly string[]) => cells.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(',');
  const head = [
    ['FormatVersion', 'v1.0'],
    ['Disclaimer', DISCLAIMER],
    ['Publication Date', PUBLISHED],
    ['Version', VERSION],
    ['OfferCode', code],
  ];
  return `${[...head, columns, ...lines.map((line) => columns.map((name) => line[name] ?? ''))].map(row).join('\n')}\n`;
}

const pathOf = (code: string, region: string, file = 'csv') =>
  `/offers/v1.0/aws/${code}/${VERSION}/${region}/index.${file}`;

/** The published list with these files, and whatever else AWS is asked. */
async function list(
  files: Record<string, string>,
  settings: Record<string, string> = {},
  api = jsonError(400, 'AccessDeniedException'),
) {
  const codes = [...new Set(Object.keys(files).map((key) => key.split(' ')[0] ?? ''))];
  const opened = await openWire(({ operation, path }) => {
    if (operation === 'GetProducts') return api;
    if (path === '/offers/v1.0/aws/index.json') {
      const offers = codes.map((code) => [
        code,
        { offerCode: code, currentRegionIndexUrl: `/offers/v1.0/aws/${code}/current/region_index.json` },
      ]);
      return {
        body: JSON.stringify({ formatVersion: 'v1.0', publicationDate: PUBLISHED, offers: Object.fromEntries(offers) }),
      };
    }
    const code = path.split('/')[4] ?? '';
    if (path.endsWith('region_index.json')) {
      const regions = Object.keys(files)
        .filter((key) => key.startsWith(`${code} `))
        .map((key) => key.split(' ')[1] ?? '');
      const entries = regions.map((region) => [
        region,
        { regionCode: region, currentVersionUrl: pathOf(code, region, 'json') },
      ]);
      return { body: JSON.stringify({ publicationDate: PUBLISHED, regions: Object.fromEntries(entries) }) };
    }
    const found = Object.entries(files).find(([key]) => pathOf(...(key.split(' ') as [string, string])) === path);
    return found === undefined ? { status: 404, body: 'none' } : { body: found[1] };
  });
  wire = opened;
  const set = { PENNY_AWS_PRICE_LIST_URL: opened.endpoint, ...settings };
  const cloud = openAwsCloud(awsSettings(set), { endpoint: opened.endpoint, credentials: TEST_CREDENTIALS });
  const read = (regions: string[], known: [string, string][] = []) =>
    cloud.readPrices({ folder }, { regions, known: new Map(known) });
  const fetched = () => opened.requests.map(({ path }) => path).filter((path) => path.endsWith('.csv'));
  return { read, fetched, requests: opened.requests };
}

const BULK = { PENNY_AWS_PRICES: 'bulk' };

test('prices come from the file of each service and region, with the day it was published and its address', async () => {
  const { read, requests } = await list(
    { 'AmazonEC2 eu-west-1': fileOf('AmazonEC2', [machine('m5.large', '0.1070000000')]) },
    BULK,
  );
  expect(await read(['eu-west-1'])).toEqual([
    {
      ...{ serviceProviderName: 'AWS', serviceCode: 'AmazonEC2', product: 'm5.large linux', regionId: 'eu-west-1' },
      ...{ pricingUnit: 'Hrs', pricingCurrency: 'USD', listUnitPrice: '0.107', skuId: 'SKU-m5.large-0.1070000000' },
      attributes: { vcpu: '2', memory: '8 GiB', operatingSystem: 'Linux', usagetype: 'EU-BoxUsage:m5.large' },
      ...{ validFrom: '2026-11-01', source: 'bulk list', sourceDate: '2026-11-20' },
      sourceUrl: `${wire?.endpoint}${pathOf('AmazonEC2', 'eu-west-1')}`,
    },
  ]);
  expect(requests.some(({ operation }) => operation === 'GetProducts')).toBe(false);
  expect(requests.every(({ accessKeyId }) => accessKeyId === '')).toBe(true);
  expect([existsSync(folder), readdirSync(join(folder, 'tmp')), readdirSync(folder)]).toEqual([true, [], ['tmp']]);
});

test('of the file only what the checks price counts: the first tier, on demand, of the region, and no doubtful one', async () => {
  const lines = [
    machine('m5.large', '0.107'),
    machine('m5.large', '0.06', { TermType: 'Reserved', OfferTermCode: '38NPMPTW36', PurchaseOption: 'No Upfront' }),
    machine('m5.large', '0.2', { Tenancy: 'Dedicated' }),
    machine('m5.large', '0.3', { 'Pre Installed S/W': 'SQL Web' }),
    machine('m5.large', '0.4', { 'Region Code': 'eu-west-1-wl1' }),
    machine('c5.large', '0'),
    machine('r5.large', '0.14'),
    machine('r5.large', '0.15'),
    machine('m5.large', '0.199', { 'Operating System': 'Windows' }),
    {
      ...ONDEMAND,
      SKU: 'ebs',
      'Product Family': 'Storage',
      'Volume API Name': 'gp3',
      Unit: 'GB-Mo',
      PricePerUnit: '0.088',
    },
    {
      ...ONDEMAND,
      SKU: 'nat',
      'Product Family': 'NAT Gateway',
      usageType: 'EU-NatGateway-Hours',
      PricePerUnit: '0.048',
    },
  ];
  const lambda = (range: string, price: string): Line => ({
    ...{ ...ONDEMAND, SKU: 'gbs', 'Product Family': 'Serverless', usageType: 'EU-Lambda-GB-Second' },
    ...{ StartingRange: range, PricePerUnit: price },
  });
  const few = [
    'SKU',
    'OfferTermCode',
    'TermType',
    'EffectiveDate',
    'StartingRange',
    'PricePerUnit',
    'Currency',
    'Product Family',
    'usageType',
    'Region Code',
  ];
  const { read } = await list(
    {
      'AmazonEC2 eu-west-1': fileOf('AmazonEC2', lines),
      'AWSLambda eu-west-1': fileOf('AWSLambda', [lambda('6000000000', '0.000015'), lambda('0', '0.0000166667')], few),
    },
    BULK,
  );
  const found = await read(['eu-west-1', 'mx-central-1']);
  expect(
    found.map(({ product, pricingUnit, listUnitPrice }) => `${product} ${pricingUnit} ${listUnitPrice}`).sort(),
  ).toEqual([
    'gp3 storage GB-Mo 0.088',
    'lambda duration x86_64 GB-Second 0.0000166667',
    'm5.large linux Hrs 0.107',
    'm5.large windows Hrs 0.199',
    'nat gateway Hrs 0.048',
  ]);
});

test('a file that is known already is not fetched', async () => {
  const file = fileOf('AmazonEC2', [machine('m5.large', '0.107')]);
  const { read, fetched } = await list({ 'AmazonEC2 eu-west-1': file, 'AmazonEC2 us-east-1': file }, BULK);
  await read(
    ['eu-west-1', 'us-east-1'],
    [
      ['AmazonEC2 eu-west-1', '2026-11-20'],
      ['AmazonEC2 us-east-1', '2026-11-19'],
    ],
  );
  expect(fetched()).toEqual([pathOf('AmazonEC2', 'us-east-1')]);
});

test('where the Pricing API is denied the bulk list is read; where it only does not answer, it is not', async () => {
  const files = { 'AmazonEC2 eu-west-1': fileOf('AmazonEC2', [machine('m5.large', '0.107')]) };
  const denied = await list(files);
  expect((await denied.read(['eu-west-1'])).map(({ source }) => source)).toEqual(['bulk list']);
  await wire?.close();
  const broken = await list(files, {}, jsonError(400, 'InvalidParameterException'));
  await expect(broken.read(['eu-west-1'])).rejects.toThrow();
  expect(broken.fetched()).toEqual([]);
});

test.each([
  ['a file that is another', 'a,b\n1,2\n', 'value_invalid'],
  [
    'a file without the day of its publication',
    fileOf('AmazonEC2', []).replace('"Publication Date"', '"Date"'),
    'value_invalid',
  ],
  ['a file without the columns of a price', fileOf('AmazonEC2', [], ['SKU', 'TermType']), 'value_invalid'],
])('refuses %s', async (_, file, code) => {
  const { read } = await list({ 'AmazonEC2 eu-west-1': file }, BULK);
  await expect(read(['eu-west-1'])).rejects.toMatchObject({ code });
});

test('a list that is not there is told with its address', async () => {
  const { read } = await list({}, { ...BULK, PENNY_AWS_PRICE_LIST_URL: 'http://127.0.0.1:9' });
  await expect(read(['eu-west-1'])).rejects.toMatchObject({
    code: 'cloud_unavailable',
    message: expect.stringContaining('http://127.0.0.1:9'),
  });
});
