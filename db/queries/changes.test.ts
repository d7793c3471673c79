import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type TestDatabase, testDatabase } from '../testing.ts';
import { storeBill, type TestCharge } from './bill.fixture.ts';
import { type ChangeRequest, type ChangeResult, COMPONENTS, explainChange } from './changes.ts';
import { type Dimension, parseDimension } from './dimensions.ts';
import { describeFreshness } from './freshness.ts';
import { readSnapshot } from './snapshot.ts';

let database: TestDatabase;

beforeAll(async () => {
  database = await testDatabase();
});

afterAll(() => database.close());

/** Each test has a bill of its own: the payer that its charges carry and its questions are narrowed to. */
let payer: string;
let tests = 0;

beforeEach(() => {
  tests += 1;
  payer = `payer-${tests}`;
});

const store = (charges: TestCharge[]): Promise<void> =>
  storeBill(
    database.db,
    charges.map((charge) => ({ ...charge, billing_account_id: payer })),
  );

const BEFORE = '2026-01-10';
const AFTER = '2026-02-10';

async function explain(charges: TestCharge[], given: Partial<ChangeRequest> = {}): Promise<ChangeResult> {
  await store(charges);
  return ask(given);
}

async function ask(given: Partial<ChangeRequest> = {}): Promise<ChangeResult> {
  const freshness = await describeFreshness(database.db);
  const request: ChangeRequest = {
    metric: 'effective_cost',
    period: { start: '2026-02-01', end: '2026-03-01' },
    comparedTo: { start: '2026-01-01', end: '2026-02-01' },
    filters: [{ dimension: { kind: 'column', column: 'billing_account_id' }, operator: 'in', values: [payer] }],
    dimension: parseDimension('service_name') as Dimension,
    limit: 10,
    includeCredits: false,
    scope: 'all',
    ...given,
  };
  const read = (known: typeof freshness): Promise<ChangeResult> =>
    readSnapshot(database.db, { userId: 'u', scope: request.scope }, undefined, (client) =>
      explainChange(client, request, known),
    );
  const result = await read(freshness);
  // Whole months are read from their sums; whatever is explained, the bill itself must say the same.
  expect({ ...(await read({ ...freshness, billingPeriods: null })), sql: '' }).toEqual({ ...result, sql: '' });
  return result;
}

/** The components that are not 0. */
const partsOf = ({ totals }: ChangeResult): Record<string, string> =>
  Object.fromEntries(Object.entries(totals[0]?.components ?? {}).filter(([, amount]) => amount !== '0'));

/** An instance hour line: quantity hours at a list price, of which a share is paid. */
const hours = (
  day: string,
  quantity: string,
  list: string,
  cost: string,
  others: Record<string, unknown> = {},
): TestCharge => ({
  day,
  cost,
  list_cost: list,
  pricing_quantity: quantity,
  pricing_unit: 'Hrs',
  resource_id: 'i-1',
  x_usage_type: 'BoxUsage:m5.large',
  ...others,
});

test('more hours at the same price and discount are usage', async () => {
  const result = await explain([hours(BEFORE, '100', '10', '8'), hours(AFTER, '150', '15', '12')]);
  expect(result.totals[0]).toMatchObject({ total: '12', totalPrevious: '8', change: '4', percentChange: '50' });
  expect(partsOf(result)).toEqual({ usage: '4' });
});

test('a higher list price is price, for the hours after, at the discount of before', async () => {
  // 100 h at 0.10, 80 % paid; then 150 h at 0.12, 80 % paid: usage 50 x 0.10 x 0.8, price 150 x 0.02 x 0.8.
  const result = await explain([hours(BEFORE, '100', '10', '8'), hours(AFTER, '150', '18', '14.4')]);
  expect(partsOf(result)).toEqual({ usage: '4', price: '2.4' });
});

test('a machine that moves under a Savings Plan is commitment, not less use', async () => {
  const result = await explain([
    hours(BEFORE, '100', '10', '10', { pricing_category: 'Standard' }),
    hours(AFTER, '100', '10', '7', {
      pricing_category: 'Committed',
      commitment_discount_status: 'Used',
      commitment_discount_id: 'sp-1',
    }),
  ]);
  expect(partsOf(result)).toEqual({ commitment: '-3' });
});

test('all three at once telescope to the change', async () => {
  // 100 h x 0.10 x 1.0 = 10; 200 h x 0.12 x 0.5 = 12. usage 100 x 0.10, price 200 x 0.02, commitment 24 x -0.5.
  const result = await explain([hours(BEFORE, '100', '10', '10'), hours(AFTER, '200', '24', '12')]);
  expect(partsOf(result)).toEqual({ usage: '10', price: '4', commitment: '-12' });
  expect(result.totals[0]?.change).toBe('2');
});

test('unused commitment belongs to commitment', async () => {
  const unused = { commitment_discount_status: 'Unused', commitment_discount_id: 'sp-1', charge_category: 'Purchase' };
  const result = await explain([
    { day: BEFORE, cost: '1', ...unused },
    { day: AFTER, cost: '6', ...unused },
  ]);
  expect(partsOf(result)).toEqual({ commitment: '5' });
});

test('a resource is new or gone as a whole; a resized one is usage', async () => {
  const result = await explain([
    hours(BEFORE, '10', '1', '1', { resource_id: 'i-old' }),
    hours(BEFORE, '10', '1', '1', { resource_id: 'i-resized' }),
    hours(AFTER, '10', '4', '4', { resource_id: 'i-resized', x_usage_type: 'BoxUsage:m5.2xlarge' }),
    hours(AFTER, '10', '2', '2', { resource_id: 'i-new' }),
    hours(AFTER, '5', '0.5', '0.5', { resource_id: 'i-new', x_usage_type: 'DataTransfer' }),
  ]);
  expect(partsOf(result)).toEqual({ new: '2.5', gone: '-1', usage: '3' });
});

test('without a resource, a usage type of a service is what is new or gone', async () => {
  const line = { resource_id: null, x_usage_type: 'Requests' };
  const result = await explain([
    hours(BEFORE, '10', '1', '1', line),
    hours(AFTER, '20', '2', '2', { ...line, sub_account_id: 'a2' }),
    hours(AFTER, '20', '3', '3', { ...line, service_name: 'AWS Lambda' }),
  ]);
  expect(partsOf(result)).toEqual({ new: '3', usage: '1' });
});

test('tax, refunds and lines without a quantity are other', async () => {
  const result = await explain([
    { day: BEFORE, cost: '1', charge_category: 'Tax' },
    { day: AFTER, cost: '3', charge_category: 'Tax' },
    { day: AFTER, cost: '-4', charge_category: 'Adjustment', charge_class: 'Correction' },
    { day: BEFORE, cost: '5', resource_id: 'i-1' },
    { day: AFTER, cost: '6', resource_id: 'i-1' },
  ]);
  expect(partsOf(result)).toEqual({ other: '-1' });
});

test('credits are left out and told, or counted when asked', async () => {
  const charges = [
    hours(BEFORE, '1', '1', '1'),
    hours(AFTER, '1', '1', '1'),
    { day: AFTER, cost: '-5', charge_category: 'Credit' },
  ];
  const without = await explain(charges);
  expect(without.totals[0]).toMatchObject({ change: '0', creditsChange: '-5' });
  expect(partsOf(without)).toEqual({});
  const withCredits = await ask({ includeCredits: true });
  expect(withCredits.totals[0]?.change).toBe('-5');
  expect(partsOf(withCredits)).toEqual({ credits: '-5' });
});

test('where the list cost is missing or is not that of the charge, the price paid stands in', async () => {
  const missing = await explain([
    hours(BEFORE, '10', '1', '5', { list_cost: null }),
    hours(AFTER, '10', '1', '8', { list_cost: null }),
    hours(BEFORE, '10', '0.001', '5', { resource_id: 'i-2' }),
    hours(AFTER, '20', '100', '12', { resource_id: 'i-2' }),
  ]);
  expect(partsOf(missing)).toEqual({ price: '5', usage: '5' });
});

test('currencies are explained apart', async () => {
  const { totals } = await explain([
    hours(BEFORE, '1', '1', '1'),
    hours(AFTER, '2', '2', '2'),
    hours(AFTER, '3', '3', '3', { billing_currency: 'EUR' }),
  ]);
  expect(
    totals.map(({ currency, change, components }) => [currency, change, components.new, components.usage]),
  ).toEqual([
    ['EUR', '3', '3', '0'],
    ['USD', '1', '0', '1'],
  ]);
});

test('names the values that changed most, each with its resources and what moved it', async () => {
  await database.db.pool.query(`INSERT INTO resources (resource_id, name) VALUES ('i-big', 'web')`);
  const { drivers, totals } = await explain(
    [
      hours(BEFORE, '10', '10', '10', { resource_id: 'i-big', tags: { Team: 'Search' } }),
      hours(AFTER, '30', '30', '30', { resource_id: 'i-big', tags: { team: 'search' } }),
      hours(AFTER, '4', '4', '4', { resource_id: 'i-new', tags: { team: 'Search' } }),
      hours(BEFORE, '9', '9', '9', { resource_id: 'i-gone', tags: { team: 'ads' } }),
      hours(BEFORE, '1', '1', '1', { resource_id: 'i-same', tags: { team: 'same' } }),
      hours(AFTER, '1', '1', '1', { resource_id: 'i-same', tags: { team: 'same' } }),
    ],
    { dimension: parseDimension('tag:team') as Dimension },
  );
  expect(
    drivers.map((row) => [row.value, row.detail, row.detailName, row.previous, row.cost, row.change, row.component]),
  ).toEqual([
    ['Search', null, null, '10', '34', '24', 'usage'],
    ['Search', 'i-big', 'web', '10', '30', '20', 'usage'],
    ['Search', 'i-new', null, '0', '4', '4', 'new'],
    ['ads', null, null, '9', '0', '-9', 'gone'],
    ['ads', 'i-gone', null, '9', '0', '-9', 'gone'],
  ]);
  expect(totals[0]?.drivers).toBe(2);
});

test('a narrower scope explains only what it may see', async () => {
  await store([hours(AFTER, '1', '1', '1'), hours(AFTER, '2', '2', '2', { sub_account_id: 'a2', resource_id: 'i-2' })]);
  const { totals, drivers } = await ask({ scope: { subAccountIds: ['a2'], tags: [] } });
  expect(totals[0]?.change).toBe('2');
  expect(drivers.flatMap(({ detail }) => detail ?? [])).toEqual(['i-2']);
});

test('on random bills the components, and the drivers, add up to the change to the last digit', async () => {
  let seed = 7;
  const upTo = (count: number): number => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((seed / 2 ** 32) * count);
  };
  const decimal = (): string => `${upTo(1000)}.${String(upTo(10 ** 9)).padStart(9, '0')}`;
  const orNull = <Value>(value: Value): Value | null => (upTo(5) === 0 ? null : value);
  const charges = Array.from(
    { length: 1500 },
    (): TestCharge => ({
      day: upTo(2) === 0 ? BEFORE : AFTER,
      cost: upTo(20) === 0 ? `-${decimal()}` : decimal(),
      list_cost: orNull(decimal()),
      pricing_quantity: orNull(upTo(6) === 0 ? '0' : decimal()),
      pricing_unit: orNull('Hrs'),
      resource_id: orNull(`i-${upTo(60)}`),
      x_usage_type: orNull(`u-${upTo(4)}`),
      service_name: `s-${upTo(5)}`,
      charge_category: ['Usage', 'Usage', 'Usage', 'Usage', 'Tax', 'Credit', 'Purchase', 'Adjustment'][upTo(8)],
      commitment_discount_status: ['Used', 'Unused', null, null][upTo(4)],
      billing_currency: upTo(8) === 0 ? 'EUR' : 'USD',
      tags: upTo(2) === 0 ? { team: `t-${upTo(4)}` } : {},
    }),
  );
  await store(charges);
  for (const dimension of ['service_name', 'tag:team', 'resource_id', 'charge_category']) {
    for (const includeCredits of [true, false]) {
      const result = await ask({ dimension: parseDimension(dimension) as Dimension, includeCredits, limit: 500 });
      for (const { currency, total, totalPrevious, change, components } of result.totals) {
        expect(units(total) - units(totalPrevious)).toBe(units(change));
        expect(COMPONENTS.reduce((sum, component) => sum + units(components[component]), 0n)).toBe(units(change));
        const drivers = result.drivers.filter((row) => row.currency === currency && row.detail === null);
        expect(drivers.reduce((sum, row) => sum + units(row.change), 0n)).toBe(units(change));
        const counted = charges.filter(
          (charge) => charge.billing_currency === currency && (includeCredits || charge.charge_category !== 'Credit'),
        );
        const of = (day: string): bigint =>
          counted.filter((charge) => charge.day === day).reduce((sum, { cost }) => sum + units(cost), 0n);
        expect([units(total), units(totalPrevious)]).toEqual([of(AFTER), of(BEFORE)]);
      }
    }
  }
});

/** Decimal text in units of 10^-12. */
function units(text: string): bigint {
  const [, sign, whole = '', part = ''] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text) ?? [];
  return (sign === '-' ? -1n : 1n) * BigInt(whole + part.padEnd(12, '0'));
}
