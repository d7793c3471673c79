import { afterEach, expect, test } from 'vitest';
import { openAws } from '../clients.ts';
import { awsSettings, openWire, TEST_CREDENTIALS, type Wire } from '../wire.fixture.ts';
import { PRODUCTS } from './products.ts';
import { readPrices } from './read-prices.ts';
import { shippedPrices } from './shipped.ts';

let wire: Wire;
afterEach(() => wire?.close());

interface Asked {
  ServiceCode: string;
  Filters: { Field: string; Value: string }[];
  NextToken?: string;
}

/** An entry of the price list, as text. */
function entry(sku: string, attributes: Record<string, string>, prices: Record<string, string>): string {
  const priceDimensions = Object.fromEntries(
    Object.entries(prices).map(([beginRange, USD]) => [
      `${sku}.${beginRange}`,
      { beginRange, unit: 'Hrs', pricePerUnit: { USD } },
    ]),
  );
  return JSON.stringify({
    product: { sku, productFamily: 'x', attributes },
    serviceCode: 'x',
    publicationDate: '2026-11-20T18:04:44Z',
    terms: {
      OnDemand: { [`${sku}.JRTCKXETXF`]: { effectiveDate: '2026-11-01T00:00:00Z', priceDimensions } },
      Reserved: {},
    },
  });
}

async function read(answer: (asked: Asked) => { PriceList: string[]; NextToken?: string } | undefined) {
  wire = await openWire(({ body }) => ({ body: JSON.stringify(answer(JSON.parse(body)) ?? { PriceList: [] }) }));
  const aws = openAws(awsSettings({ AWS_REGION: 'eu-west-1' }), {
    endpoint: wire.endpoint,
    credentials: TEST_CREDENTIALS,
  });
  return readPrices(aws, ['eu-west-1']);
}

const filtered = ({ Filters }: Asked, field: string) => Filters.find(({ Field }) => Field === field)?.Value;

test('prices of all pages are read from the region that serves the price list, under our names', async () => {
  const prices = await read((asked) => {
    if (filtered(asked, 'operatingSystem') !== 'Linux') return undefined;
    const machine = (type: string) =>
      entry(
        type,
        { instanceType: type, vcpu: '2', memory: '8 GiB', operatingSystem: 'Linux' },
        { '0': '0.1070000000' },
      );
    return asked.NextToken === undefined
      ? { PriceList: [machine('m5.large')], NextToken: 'more' }
      : { PriceList: [machine('m6i.large')] };
  });
  expect(prices.map(({ product }) => product)).toEqual(['m5.large linux', 'm6i.large linux']);
  expect(prices[0]).toEqual({
    serviceProviderName: 'AWS',
    serviceCode: 'AmazonEC2',
    product: 'm5.large linux',
    regionId: 'eu-west-1',
    pricingUnit: 'Hrs',
    pricingCurrency: 'USD',
    listUnitPrice: '0.107',
    skuId: 'm5.large',
    attributes: { vcpu: '2', memory: '8 GiB', operatingSystem: 'Linux' },
    validFrom: '2026-11-01',
    source: 'api',
    sourceDate: '2026-11-20',
    sourceUrl: null,
  });
  expect(new Set(wire.requests.map(({ region }) => region))).toEqual(new Set(['us-east-1']));
  const [first] = wire.requests.map(({ body }) => JSON.parse(body) as Asked);
  expect(first && filtered(first, 'regionCode')).toBe('eu-west-1');
});

test('of tiers the first one counts, whatever region the usage type names; others and free ones are left out', async () => {
  const prices = await read(({ ServiceCode, Filters }) => {
    if (ServiceCode !== 'AWSLambda') return undefined;
    expect(Filters).toContainEqual({ Type: 'TERM_MATCH', Field: 'productFamily', Value: 'Serverless' });
    return {
      PriceList: [
        entry('a', { usagetype: 'EU-Lambda-GB-Second' }, { '6000000000': '0.0000150000', '0': '0.0000166667' }),
        entry('b', { usagetype: 'EU-Lambda-GB-Second-ARM' }, { '0': '0.0000133334' }),
        entry('c', { usagetype: 'EU-Request' }, { '0': '0.0000002000' }),
        entry('d', { usagetype: 'Lambda-Edge-Request' }, { '0': '0.0000006000' }),
        entry('e', { usagetype: 'Global-Lambda-Provisioned-Concurrency' }, { '0': '0.0000000000' }),
      ],
    };
  });
  expect(prices.map(({ product, pricingUnit, listUnitPrice }) => [product, pricingUnit, listUnitPrice])).toEqual([
    ['lambda duration x86_64', 'GB-Second', '0.0000166667'],
    ['lambda duration arm64', 'GB-Second', '0.0000133334'],
    ['lambda requests', 'Requests', '0.0000002'],
  ]);
});

test('a product that comes with two prices has none', async () => {
  const prices = await read((asked) =>
    filtered(asked, 'productFamily') === 'NAT Gateway'
      ? {
          PriceList: [
            entry('a', { usagetype: 'EU-NatGateway-Hours' }, { '0': '0.048' }),
            entry('b', { usagetype: 'EU-NatGateway-Hours' }, { '0': '0.052' }),
            entry('c', { usagetype: 'EU-NatGateway-Bytes' }, { '0': '0.048' }),
          ],
        }
      : undefined,
  );
  expect(prices.map(({ product }) => product)).toEqual(['nat gateway data']);
});

test('what is not as the price list is known stops the reading', async () => {
  await expect(read(() => ({ PriceList: ['{"product":{}}'] }))).rejects.toMatchObject({ code: 'value_invalid' });
});

test('the prices that ship have dates, one for each product, and names that the price list has too', () => {
  const shipped = shippedPrices();
  const keys = shipped.map(({ product, regionId, pricingUnit }) => `${product} ${regionId} ${pricingUnit}`);
  expect(new Set(keys).size).toBe(keys.length);
  expect(shipped.length).toBeGreaterThan(7000);
  for (const { listUnitPrice, validFrom, source } of shipped) {
    expect(listUnitPrice).toMatch(/^\d+(\.\d+)?(e-\d+)?$/);
    expect(validFrom).toMatch(/^\d{4}-\d\d-\d\d$/);
    expect(source).toBe('snapshot');
  }
  expect(shipped.find(({ product, regionId }) => product === 'gp3 storage' && regionId === 'us-east-1')).toMatchObject({
    listUnitPrice: '0.08',
    pricingUnit: 'GB-Mo',
    sourceDate: '2023-02-20',
  });
  const units = new Set(PRODUCTS.map(({ serviceCode, unit }) => `${serviceCode} ${unit}`));
  for (const { serviceCode, pricingUnit } of shipped) expect(units).toContain(`${serviceCode} ${pricingUnit}`);
});
