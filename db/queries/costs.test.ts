import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TestDatabase, testDatabase } from '../testing.ts';
import { storeBill, type TestCharge } from './bill.fixture.ts';
import { type CostRequest, type CostResult, queryCosts } from './costs.ts';
import { type CostFilter, type Dimension, parseDimension } from './dimensions.ts';
import { describeFreshness, type Freshness } from './freshness.ts';
import { readSnapshot } from './snapshot.ts';

let database: TestDatabase;
let freshness: Freshness;

const charges: TestCharge[] = [
  { day: '2026-01-31', cost: '10', service_name: 'Amazon EC2', tags: { Team: 'Search' } },
  { day: '2026-02-01', cost: '10.5', service_name: 'Amazon EC2', tags: { team: 'search' } },
  { day: '2026-02-02', cost: '4.25', service_name: 'Amazon EC2', sub_account_id: 'a2', tags: { team: 'Ads' } },
  { day: '2026-02-02', cost: '3', service_name: 'Amazon S3', service_category: 'Storage' },
  { day: '2026-02-03', cost: '-2', service_name: 'Amazon S3', service_category: 'Storage', charge_category: 'Credit' },
  {
    day: '2026-02-03',
    cost: '1.1',
    service_name: 'Tax',
    service_category: 'Other',
    charge_category: 'Tax',
    sub_account_id: null,
  },
  {
    day: '2026-02-03',
    cost: '7',
    service_name: 'Azure VM',
    billing_currency: 'EUR',
    service_provider_name: 'Microsoft',
  },
  { day: '2026-02-03', cost: '5', service_name: 'AWS Lambda', list_cost: null, tags: { project: 'x' } },
];

beforeAll(async () => {
  database = await testDatabase();
  await storeBill(database.db, charges);
  await database.db.pool.query(
    `INSERT INTO accounts (account_id, name, kind) VALUES ('a1', 'prod', 'sub'), ('a2', 'dev', 'sub')`,
  );
  freshness = await describeFreshness(database.db);
});

afterAll(() => database.close());

const FEBRUARY = { start: '2026-02-01', end: '2026-03-01' };
const JANUARY = { start: '2026-01-01', end: '2026-02-01' };

const dimension = (text: string): Dimension => parseDimension(text) ?? { kind: 'tag', key: text };

function request(given: Partial<CostRequest>): CostRequest {
  return {
    metric: 'effective_cost',
    period: FEBRUARY,
    groupBy: [],
    filters: [],
    granularity: 'none',
    rankBuckets: false,
    rankBy: 'amount',
    order: 'descending',
    direction: 'any',
    limit: 50,
    includeCredits: false,
    scope: 'all',
    ...given,
  };
}

function ask(given: Partial<CostRequest>, known: Freshness = freshness): Promise<CostResult> {
  const asked = request(given);
  const person = { userId: 'u', scope: asked.scope };
  return readSnapshot(database.db, person, undefined, (client) => queryCosts(client, asked, known));
}

const filter = (name: string, operator: CostFilter['operator'], ...values: string[]): CostFilter => ({
  dimension: dimension(name),
  operator,
  values,
});

/** One line per row: currency, groups, bucket, amounts; null as a dot. */
const lines = ({ rows }: CostResult): string =>
  `\n${rows
    .map((row) =>
      [
        row.currency,
        ...row.groups,
        ...(row.bucket ? [row.bucket] : []),
        row.cost,
        row.previous,
        row.change,
        row.percentChange,
      ]
        .map((value) => value ?? '.')
        .join(' | '),
    )
    .join('\n')}\n`;

test('ranks services by cost within each currency, leaves credits out and tells them apart', async () => {
  const result = await ask({ groupBy: [dimension('service_name')] });
  expect(lines(result)).toBe(`
EUR | Azure VM | 7 | . | . | .
USD | Amazon EC2 | 14.75 | . | . | .
USD | AWS Lambda | 5 | . | . | .
USD | Amazon S3 | 3 | . | . | .
USD | Tax | 1.1 | . | . | .
`);
  expect(
    result.totals.map(({ currency, total, credits, tax, groups, rest }) => [
      currency,
      total,
      credits,
      tax,
      groups,
      rest,
    ]),
  ).toEqual([
    ['EUR', '7', '0', '0', 1, '0'],
    ['USD', '23.85', '-2', '1.1', 4, '0'],
  ]);
});

test('counts credits in when asked', async () => {
  const { totals, rows } = await ask({ includeCredits: true, filters: [filter('service_name', 'in', 'Amazon S3')] });
  expect(totals[0]).toMatchObject({ total: '1', credits: '-2' });
  expect(rows[0]?.cost).toBe('1');
});

test('a limit cuts the rows, never the totals, and says what the rest costs', async () => {
  const { totals, rows } = await ask({ groupBy: [dimension('service_name')], limit: 1 });
  expect(rows.map(({ groups }) => groups[0])).toEqual(['Azure VM', 'Amazon EC2']);
  expect(totals.find(({ currency }) => currency === 'USD')).toMatchObject({ total: '23.85', rest: '9.1', groups: 4 });
});

test('compares with another period; what is new has a previous of 0 and no percent', async () => {
  const result = await ask({
    groupBy: [dimension('service_name')],
    comparedTo: JANUARY,
    rankBy: 'percent change',
    filters: [filter('billing_currency', 'in', 'USD')],
  });
  expect(lines(result)).toBe(`
USD | Amazon EC2 | 14.75 | 10 | 4.75 | 47.5
USD | AWS Lambda | 5 | 0 | 5 | .
USD | Amazon S3 | 3 | 0 | 3 | .
USD | Tax | 1.1 | 0 | 1.1 | .
`);
  expect(result.totals[0]).toMatchObject({ totalPrevious: '10', change: '13.85', percentChange: '138.5' });
});

test('among falling groups, descending begins with the largest fall', async () => {
  const result = await ask({
    period: { start: '2026-02-02', end: '2026-02-03' },
    comparedTo: { start: '2026-02-01', end: '2026-02-02' },
    groupBy: [dimension('sub_account_id')],
    rankBy: 'change',
    direction: 'falling',
  });
  expect(lines(result)).toBe('\nUSD | a1 | 3 | 10.5 | -7.5 | -71.428571\n');
});

test('groups by tag with keys and values case aside; untagged is a group of its own', async () => {
  const result = await ask({
    groupBy: [dimension('tag:TEAM')],
    comparedTo: JANUARY,
    filters: [filter('billing_currency', 'in', 'USD')],
  });
  expect(lines(result)).toBe(`
USD | Search | 10.5 | 10 | 0.5 | 5
USD | . | 9.1 | 0 | 9.1 | .
USD | Ads | 4.25 | 0 | 4.25 | .
`);
});

test('a tag outside the allocation tags is read from the bill, by months where they do, and gives the same total', async () => {
  const byProject = await ask({
    groupBy: [dimension('tag:project')],
    filters: [filter('billing_currency', 'in', 'USD')],
  });
  expect(byProject.relation).toBe('cost_monthly');
  expect(lines(byProject)).toBe('\nUSD | . | 18.85 | . | . | .\nUSD | x | 5 | . | . | .\n');
});

test.each([
  ['in', ['SEARCH'], '10.5'],
  ['not in', ['search'], '13.35'],
  ['contains', ['ear', 'zzz'], '10.5'],
  ['is null', [], '9.1'],
  ['is not null', [], '14.75'],
] as const)('filters by tag with %s', async (operator, values, total) => {
  const { totals } = await ask({
    filters: [filter('tag:team', operator, ...values), filter('billing_currency', 'in', 'USD')],
  });
  expect(totals[0]?.total).toBe(total);
});

test.each([
  ['in', ['a2'], '4.25'],
  ['not in', ['a2'], '19.6'],
  ['contains', ['A'], '22.75'],
  ['is null', [], '1.1'],
  ['is not null', [], '22.75'],
] as const)('filters by column with %s', async (operator, values, total) => {
  const { totals } = await ask({
    filters: [filter('sub_account_id', operator, ...values), filter('billing_currency', 'in', 'USD')],
  });
  expect(totals[0]?.total).toBe(total);
});

test('a value is a value, whatever it looks like', async () => {
  const hostile = `x'); DROP TABLE billing; --`;
  const result = await ask({
    filters: [filter('service_name', 'in', hostile), filter(`tag:${hostile}`, 'contains', hostile)],
  });
  expect(result.totals).toEqual([]);
  expect(result.sql).not.toContain('DROP');
  expect((await ask({})).totals).toHaveLength(2);
});

test('accounts come with their names', async () => {
  const { rows } = await ask({
    groupBy: [dimension('sub_account_id')],
    filters: [filter('billing_currency', 'in', 'USD')],
  });
  expect(rows.map(({ groups, names }) => [groups[0], names[0]])).toEqual([
    ['a1', 'prod'],
    ['a2', 'dev'],
    [null, null],
  ]);
});

test('every bucket of a group is shown, also days without charges, and they add up to the total', async () => {
  const period = { start: '2026-01-30', end: '2026-02-04' };
  const result = await ask({ period, granularity: 'day', filters: [filter('service_name', 'in', 'Amazon EC2')] });
  expect(lines(result)).toBe(`
USD | 2026-01-31 | 10 | . | . | .
USD | 2026-02-01 | 10.5 | . | . | .
USD | 2026-02-02 | 4.25 | . | . | .
USD | 2026-02-03 | 0 | . | . | .
`);
  expect(result.totals[0]).toMatchObject({ total: '24.75', averagePerDay: '6.1875' });
  expect(result.days).toBe(4);
});

test('buckets of the compared period stand beside those of the same position, also where it is longer', async () => {
  const result = await ask({
    period: { start: '2026-02-02', end: '2026-02-04' },
    comparedTo: { start: '2026-01-31', end: '2026-02-03' },
    granularity: 'day',
    filters: [filter('service_name', 'in', 'Amazon EC2')],
  });
  expect(result.rows.map((row) => [row.bucket, row.previousBucket, row.cost, row.previous, row.change])).toEqual([
    ['2026-02-02', '2026-01-31', '4.25', '10', '-5.75'],
    ['2026-02-03', '2026-02-01', '0', '10.5', '-10.5'],
    [null, '2026-02-02', null, '4.25', null],
  ]);
});

test('days can be ranked themselves', async () => {
  const result = await ask({
    granularity: 'day',
    rankBuckets: true,
    limit: 1,
    filters: [filter('billing_currency', 'in', 'USD')],
  });
  expect(lines(result)).toBe('\nUSD | 2026-02-01 | 10.5 | . | . | .\n');
});

test('only groups of at least the minimum are shown; the rest still counts in the total', async () => {
  const { totals, rows } = await ask({
    groupBy: [dimension('service_name')],
    minimum: '5',
    filters: [filter('billing_currency', 'in', 'USD')],
  });
  expect(rows.map(({ groups }) => groups[0])).toEqual(['Amazon EC2', 'AWS Lambda']);
  expect(totals[0]).toMatchObject({ total: '23.85', groups: 2, rest: '4.1' });
});

test('says for how much the bill gives no list cost', async () => {
  const { totals } = await ask({ metric: 'list_cost', filters: [filter('billing_currency', 'in', 'USD')] });
  expect(totals[0]).toMatchObject({ total: '18.85', unknownFor: '5' });
});

test('a group whose costs are all unknown is unknown, not 0', async () => {
  const { rows } = await ask({
    metric: 'list_cost',
    groupBy: [dimension('service_name')],
    filters: [filter('service_name', 'in', 'AWS Lambda')],
  });
  expect(rows[0]?.cost).toBeNull();
});

test('reads the smallest sums that can answer', async () => {
  const relation = async (given: Partial<CostRequest>) => (await ask(given)).relation;
  const someDays = { start: '2026-02-01', end: '2026-02-03' };
  expect(await relation({})).toBe('monthly_account_region');
  expect(await relation({ period: someDays })).toBe('daily_service');
  expect(await relation({ period: someDays, groupBy: [dimension('sub_account_id')] })).toBe('daily_account_region');
  expect(await relation({ period: someDays, groupBy: [dimension('tag:team')] })).toBe('daily_tags');
  expect(await relation({ period: someDays, groupBy: [dimension('pricing_category')] })).toBe('cost_daily');
  expect(await relation({ groupBy: [dimension('tag:team'), dimension('service_name')] })).toBe('monthly_tagged');
  expect(await relation({ granularity: 'day', groupBy: [dimension('tag:team'), dimension('service_name')] })).toBe(
    'cost_daily_tagged',
  );
  expect(await relation({ groupBy: [dimension('resource_id')] })).toBe('cost_monthly');
  expect(await relation({ period: someDays, groupBy: [dimension('resource_id')] })).toBe('billing');
});

test('a bill whose rollups are not complete is read from the daily tables and the bill', async () => {
  const without = await ask({ groupBy: [dimension('service_name')] }, { ...freshness, billingPeriods: null });
  expect(without.relation).toBe('cost_daily');
  expect(lines(without)).toBe(lines(await ask({ groupBy: [dimension('service_name')] })));
});

test('an open month to the end of the data is read by month, a month cut short is not', async () => {
  const whole = await ask({ period: { start: '2026-01-01', end: '2026-02-04' }, granularity: 'month' });
  expect(whole.relation).toBe('monthly_account_region');
  expect(whole.rows.filter(({ currency }) => currency === 'USD').map(({ bucket, cost }) => [bucket, cost])).toEqual([
    ['2026-01-01', '10'],
    ['2026-02-01', '23.85'],
  ]);
  const cut = await ask({ period: { start: '2026-01-01', end: '2026-02-03' }, granularity: 'month' });
  expect(cut.relation).toBe('daily_service');
  expect(cut.rows.map(({ cost }) => cost)).toEqual(['10', '17.75']);
});
