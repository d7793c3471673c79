import { afterAll, beforeAll, expect, test } from 'vitest';
import { storeBill, type TestCharge } from '../db/queries/bill.fixture.ts';
import { type TestDatabase, testDatabase } from '../db/testing.ts';
import { fingerprint } from './call.ts';
import { queryCostsTool } from './query-costs.ts';
import { asText, call, contextOf, NOW } from './result.fixture.ts';
import type { ToolResult } from './tool.ts';

let database: TestDatabase;

const days = (month: string, count: number): string[] =>
  Array.from({ length: count }, (_, index) => `${month}-${String(index + 1).padStart(2, '0')}`);

/** December to 3 February: a flat database, a growing machine, a search team that arrives in January. */
const charges: TestCharge[] = [
  ...[...days('2025-12', 31), ...days('2026-01', 31), ...days('2026-02', 3)].map((day) => ({
    day,
    cost: '10',
    service_name: 'Amazon RDS',
    service_category: 'Databases',
    sub_account_id: 'a1',
    tags: { team: 'core' },
  })),
  ...days('2025-12', 31).map((day) => ({ day, cost: '5', sub_account_id: 'a2', tags: { Team: 'Search' } })),
  ...days('2026-01', 31).map((day) => ({ day, cost: '8', sub_account_id: 'a2', tags: { team: 'search' } })),
  ...days('2026-02', 3).map((day) => ({
    day,
    cost: '9',
    sub_account_id: 'a2',
    tags: { team: 'search' },
    invoice_id: null,
  })),
  {
    day: '2026-01-31',
    cost: '30',
    service_name: 'Tax',
    service_category: 'Other',
    charge_category: 'Tax',
    sub_account_id: null,
  },
  { day: '2026-01-15', cost: '-25', charge_category: 'Credit' },
  {
    day: '2026-01-20',
    cost: '2.5',
    service_name: 'AWS Lambda',
    x_service_code: 'AWSLambda',
    x_operation: 'Invoke',
    sub_account_id: 'a2',
  },
];

beforeAll(async () => {
  database = await testDatabase();
  await storeBill(database.db, charges);
  await database.db.pool.query(
    `INSERT INTO accounts (account_id, name, kind) VALUES ('a1', 'production', 'sub'), ('a2', 'development', 'sub'), ('payer', 'Acme', 'billing')`,
  );
});

afterAll(() => database.close());

const ask = (input: Record<string, unknown>, context = contextOf(database.db)): Promise<ToolResult> =>
  call(queryCostsTool, context, input);

test('services of last month beside the month before', async () => {
  const result = await ask({ period: 'last month', groupBy: ['service_name'], compareTo: 'previous period' });
  expect(asText(result)).toMatchInlineSnapshot(`
    "
    total = 590.5 USD
    total_previous = 465 USD
    change = 125.5 USD
    percent_change = 26.989247 percent
    average_per_day = 19.048387 USD
    credits = -25 USD
    rest = 0 USD
    days = 31 count
    row_count = 4 count
    costs: Effective cost by service, last month, compared with December 2025
      service_name  cost (USD)  previous (USD)  change (USD)  percent_change (percent)
      Amazon RDS    310         310             0             0
      Amazon EC2    248         155             93            60
      Tax           30          0               30            .
      AWS Lambda    2.5         0               2.5           .
    * Credits of -$25.00 are left out.
    * Tax of $30.00 is included.
    "
  `);
  if (result.status !== 'ok') throw new Error('no answer');
  expect(result.receipt).toMatchObject({
    tool: 'query_costs',
    period: { start: '2026-01-01', end: '2026-02-01' },
    comparedTo: { start: '2025-12-01', end: '2026-01-01' },
    costBasis: 'effective_cost',
    credits: 'excluded',
    rowCount: 4,
    truncated: false,
    dataThrough: '2026-02-03',
  });
});

test('a total over days that are not settled, by account', async () => {
  expect(asText(await ask({ period: 'this month', groupBy: ['sub_account_id'] }))).toMatchInlineSnapshot(`
    "
    total = 57 USD
    average_per_day = 19 USD
    credits = 0 USD
    rest = 0 USD
    days = 3 count
    row_count = 2 count
    costs: Effective cost by account, this month
      sub_account_id  sub_account_name  cost (USD)  share (percent)
      a1              production        30          52.631579
      a2              development       27          47.368421
    * The data reaches 2026-02-03, 2 days ago.
    * The last two days of data, up to 2026-02-03, are not settled: the bill may still change.
    "
  `);
});

test('teams over months, untagged cost apart, the last month not whole', async () => {
  expect(
    asText(
      await ask({
        period: '2025-12-01..2026-02-04',
        groupBy: ['tag:Team'],
        granularity: 'month',
        filters: [{ dimension: 'charge_category', operator: 'not in', values: ['tax'] }],
      }),
    ),
  ).toMatchInlineSnapshot(`
    "
    total = 1082.5 USD
    average_per_day = 16.653846 USD
    credits = -25 USD
    rest = 0 USD
    days = 65 count
    row_count = 3 count
    costs: Effective cost by team and month, 1 December 2025 to 3 February 2026
      tag:team*  period (date)  cost (USD)  share (percent)
      core       2025-12-01     310         28.637413
      core       2026-01-01     310         28.637413
      core       2026-02-01     30          2.771363
      Search     2025-12-01     155         14.318707
      Search     2026-01-01     248         22.909931
      Search     2026-02-01     27          2.494226
      .          2025-12-01     0           0
      .          2026-01-01     2.5         0.230947
      .          2026-02-01     0           0
    * The data reaches 2026-02-03, 2 days ago.
    * The last two days of data, up to 2026-02-03, are not settled: the bill may still change.
    * Credits of -$25.00 are left out.
    * The last month is not whole.
    "
  `);
});

test('the day that cost most, and what rose most, without asking for a comparison', async () => {
  const day = await ask({ period: 'January 2026', granularity: 'day', limit: 1 });
  expect(asText(day)).toMatchInlineSnapshot(`
    "
    total = 590.5 USD
    average_per_day = 19.048387 USD
    credits = -25 USD
    rest = 542.5 USD
    days = 31 count
    row_count = 31 count
    costs: Effective cost by day, January 2026
      period (date)  cost (USD)  share (percent)
      2026-01-31     48          8.128704
    * Credits of -$25.00 are left out.
    * Tax of $30.00 is included.
    * 1 of 31 are shown; everything not shown adds up to $542.50.
    "
  `);
  const rising = await ask({
    period: 'January 2026',
    groupBy: ['service_name'],
    direction: 'rising',
    rankBy: 'change',
    limit: 2,
  });
  expect(asText(rising)).toMatchInlineSnapshot(`
    "
    total = 590.5 USD
    total_previous = 465 USD
    change = 125.5 USD
    percent_change = 26.989247 percent
    average_per_day = 19.048387 USD
    credits = -25 USD
    rest = 312.5 USD
    days = 31 count
    row_count = 3 count
    costs: Effective cost by service, January 2026, compared with December 2025
      service_name  cost (USD)  previous (USD)  change (USD)  percent_change (percent)
      Amazon EC2    248         155             93            60
      Tax           30          0               30            .
    * Credits of -$25.00 are left out.
    * Tax of $30.00 is included.
    * 2 of 3 are shown; everything not shown adds up to $312.50.
    "
  `);
});

test('credits are in when asked, also by a filter that names them', async () => {
  const net = await ask({ period: 'January 2026', includeCredits: true });
  expect(net).toMatchObject({
    data: { facts: { total: { value: '565.5' }, credits: { value: '-25' } } },
    receipt: { credits: 'included' },
  });
  const credits = await ask({
    period: 'January 2026',
    filters: [{ dimension: 'charge_category', values: ['credit'] }],
  });
  expect(credits).toMatchObject({ data: { facts: { total: { value: '-25' } } } });
});

test('accounts are found by name, services by product code or without the vendor', async () => {
  const total = async (dimension: string, value: string) => {
    const result = await ask({ period: 'January 2026', filters: [{ dimension, values: [value] }] });
    return result.status === 'ok' ? result.data.facts.total?.value : asText(result);
  };
  expect(await total('sub_account_id', 'Development')).toBe('250.5');
  expect(await total('sub_account_id', 'a2')).toBe('250.5');
  expect(await total('service_name', 'awslambda')).toBe('2.5');
  expect(await total('service_name', 'rds')).toBe('310');
  expect(await total('tag:TEAM', 'SEARCH')).toBe('248');
});

test.each([
  [
    { dimension: 'service_name', values: ['Amazon RSD'] },
    'No service_name on the bill is "Amazon RSD". Did you mean "Amazon RDS"',
  ],
  [{ dimension: 'sub_account_id', values: ['developement'] }, 'Did you mean "development"?'],
  [
    { dimension: 'service_name', operator: 'not in', values: ['Redshift'] },
    'No service_name on the bill is "Redshift".',
  ],
  [
    { dimension: 'service_name', operator: 'contains', values: ['graph'] },
    'No service_name on the bill contains "graph".',
  ],
  [{ dimension: 'tag:team', values: ['serch'] }, 'No tag:team on the bill is "serch". Did you mean "Search"?'],
  [{ dimension: 'tag:tema', values: ['search'] }, 'No charge carries a tag "tema". Did you mean "team"?'],
  [{ dimension: 'x_operation', values: ['Invok'] }, 'No x_operation on the bill is "Invok". Did you mean "Invoke"?'],
])('a name that is nowhere gives no data and what may have been meant: %j', async (filter, searched) => {
  const result = await ask({ period: 'January 2026', filters: [filter] });
  expect(result).toMatchObject({ status: 'no_data' });
  expect(asText(result)).toContain(searched);
});

test('an unknown tag to group by gives no data', async () => {
  expect(asText(await ask({ groupBy: ['tag:squad'] }))).toContain('No charge carries a tag "squad".');
});

test('a known name without charges in the period is a true zero', async () => {
  const result = await ask({
    period: 'December 2025',
    filters: [{ dimension: 'service_name', values: ['AWS Lambda'] }],
  });
  expect(asText(result)).toMatchInlineSnapshot(`
    "
    total = 0 USD
    average_per_day = 0 USD
    credits = 0 USD
    rest = 0 USD
    days = 31 count
    row_count = 0 count
    costs: Effective cost, December 2025
      cost (USD)
    * There are no such charges in this period.
    "
  `);
  const operation = await ask({ period: 'December 2025', filters: [{ dimension: 'x_operation', values: ['Invoke'] }] });
  expect(operation).toMatchObject({ status: 'ok', data: { facts: { total: { value: '0' } } } });
});

test('days outside the data give no data and say which days there are', async () => {
  expect(asText(await ask({ period: 'March 2024' }))).toMatchInlineSnapshot(`
    "
    no_data: There is no data for "March 2024" (March 2024): it starts on 2025-12-01. Write for example "since 2025-12-01".
    instead: since 2025-12-01
    "
  `);
  expect(asText(await ask({ period: 'March 2027' }))).toContain('lies in the future');
  const stale = await ask({ period: 'last 30 days' }, contextOf(database.db, 'all', new Date('2026-06-01T00:00:00Z')));
  expect(asText(stale)).toContain('instead: 2026-01-05..2026-02-04');
});

test('a period nobody understands is an error that says what to write', async () => {
  expect(asText(await ask({ period: 'when the moon is full' }))).toMatch(/error period_unknown: .*last 30 days/);
});

test('nothing to compare with: the amount stands and a note says why; a ranking by change cannot be made', async () => {
  const plain = await ask({ period: 'December 2025', compareTo: 'previous period' });
  expect(plain).toMatchObject({ status: 'ok', data: { facts: { total: { value: '465' } } } });
  expect(asText(plain)).toContain('There is nothing to compare with: the data starts on 2025-12-01');
  expect(asText(plain)).not.toContain('percent_change');
  expect(asText(await ask({ period: 'December 2025', groupBy: ['service_name'], direction: 'rising' }))).toContain(
    'no_data',
  );
});

test('periods of different length, and a compared one that the data does not cover, are named', async () => {
  const { notes } = receiptOf(await ask({ period: 'January 2026', compareTo: '2025-11-15..2025-12-15' }));
  expect(notes).toContain(
    'The periods differ in length: 31 days (January 2026) and 30 days (15 November to 14 December 2025).',
  );
  expect(notes).toContain('The data starts on 2025-12-01, so the period compared with is not covered in full.');
});

test('a month that was never loaded is named, for its 0 is no amount', async () => {
  const gap = await testDatabase();
  await storeBill(gap.db, [
    { day: '2025-10-05', cost: '1' },
    { day: '2026-02-01', cost: '2' },
  ]);
  const { notes } = receiptOf(await ask({ period: '2025-10-01..2026-02-02', granularity: 'month' }, contextOf(gap.db)));
  expect(notes).toContain(
    'No bill is loaded for November 2025, December 2025, January 2026: what is missing counts as 0.',
  );
  const compared = receiptOf(await ask({ period: 'this month', compareTo: 'previous period' }, contextOf(gap.db)));
  expect(compared.notes).toContain('No bill is loaded for January 2026: what is missing counts as 0.');
  expect(receiptOf(await ask({ period: 'this month' }, contextOf(gap.db))).notes.join()).not.toContain(
    'No bill is loaded',
  );
  await gap.close();
});

test('rows beyond the limit are told with what they cost', async () => {
  const result = await ask({ period: 'January 2026', groupBy: ['service_name'], limit: 1 });
  expect(receiptOf(result)).toMatchObject({ truncated: true, rowCount: 1 });
  expect(receiptOf(result).notes).toContain('1 of 4 are shown; everything not shown adds up to $280.50.');
});

test('a narrower scope sees its part, is told so, and cannot name what it may not see', async () => {
  const scoped = contextOf(database.db, { subAccountIds: ['a2'], tags: [] });
  const result = await ask({ period: 'January 2026', groupBy: ['service_name'] }, scoped);
  expect(asText(result)).toMatchInlineSnapshot(`
    "
    total = 250.5 USD
    average_per_day = 8.080645 USD
    credits = 0 USD
    rest = 0 USD
    days = 31 count
    row_count = 2 count
    costs: Effective cost by service, January 2026
      service_name  cost (USD)  share (percent)
      Amazon EC2    248         99.001996
      AWS Lambda    2.5         0.998004
    * Only what you may see is counted: development.
    "
  `);
  const hidden = await ask(
    { period: 'January 2026', filters: [{ dimension: 'service_name', values: ['Amazon RDS'] }] },
    scoped,
  );
  expect(hidden.status).toBe('denied');
  expect(asText(hidden)).not.toContain('Did you mean');
  const byTag = await ask(
    { period: 'January 2026' },
    contextOf(database.db, { subAccountIds: [], tags: [{ key: 'Team', value: 'CORE' }] }),
  );
  expect(byTag).toMatchObject({ data: { facts: { total: { value: '310' } } } });
});

test('a scope of nothing is denied', async () => {
  const result = await ask({}, contextOf(database.db, { subAccountIds: [], tags: [] }));
  expect(result.status).toBe('denied');
});

test('receipts of the same result have the same hash; statements that differ in values only the same fingerprint', async () => {
  const [one, again, other] = await Promise.all(
    ['January 2026', 'January 2026', 'December 2025'].map((period) => ask({ period })),
  );
  const [first, second, third] = [one, again, other].map((result) => receiptOf(result as ToolResult));
  expect(first?.hash).toBe(second?.hash);
  expect(first?.hash).not.toBe(third?.hash);
  expect(first?.fingerprint).toBe(third?.fingerprint);
  expect(fingerprint('SELECT  1')).toBe(fingerprint('select\n1 '));
  expect(first?.sql).toMatch(/\$1/);
});

test('a trend comes with a line, a ranking with bars, a single amount with neither', async () => {
  const chart = async (input: Record<string, unknown>) => {
    const result = await ask(input);
    return result.status === 'ok' ? result.data.chart : undefined;
  };
  const line = await chart({ period: 'January 2026', granularity: 'day' });
  expect(line).toMatchObject({ kind: 'line', unit: 'USD' });
  expect(line?.x).toHaveLength(31);
  expect(await chart({ period: 'January 2026', groupBy: ['service_name'] })).toMatchObject({
    kind: 'bar',
    x: ['Amazon RDS', 'Amazon EC2', 'Tax', 'AWS Lambda'],
    series: [{ name: 'cost', values: [310, 248, 30, 2.5] }],
  });
  expect(await chart({ period: 'January 2026' })).toBeUndefined();
});

test('two currencies are ranked apart and never added', async () => {
  const other = await testDatabase();
  await storeBill(other.db, [
    { day: '2026-01-05', cost: '1', service_name: 'A' },
    { day: '2026-01-05', cost: '2', service_name: 'B' },
    { day: '2026-01-05', cost: '40', service_name: 'C', billing_currency: 'EUR' },
    { day: '2026-01-05', cost: '0.5', service_name: 'D', billing_currency: 'XXX' },
  ]);
  const result = await ask({ period: 'January 2026', groupBy: ['service_name'], limit: 1 }, contextOf(other.db));
  expect(asText(result)).toMatchInlineSnapshot(`
    "
    total_EUR = 40 EUR
    average_per_day_EUR = 40 EUR
    credits_EUR = 0 EUR
    rest_EUR = 0 EUR
    total_USD = 3 USD
    average_per_day_USD = 3 USD
    credits_USD = 0 USD
    rest_USD = 1 USD
    total_XXX = 0.5 XXX
    average_per_day_XXX = 0.5 XXX
    credits_XXX = 0 XXX
    rest_XXX = 0 XXX
    days = 1 count
    row_count = 4 count
    costs: Effective cost by service, January 2026
      service_name  billing_currency  cost  share (percent)
      C             EUR               40    100
      B             USD               2     66.666667
      D             XXX               0.5   100
    * Period: the data ends on 2026-01-05, so the days after it are missing; the data starts on 2026-01-05.
    * The bill names no currency.
    * The bill has several currencies (EUR, USD, XXX); each is summed and ranked apart.
    * 1 of 2 are shown; everything not shown adds up to $1.00.
    "
  `);
  await other.close();
});

test('an empty database says how to load a bill', async () => {
  const empty = await testDatabase();
  expect(asText(await ask({}, contextOf(empty.db)))).toMatch(/no_data: No bill is loaded yet/);
  await empty.close();
});

test('an aborted call ends with the reason and leaves the connection usable', async () => {
  const stop = new AbortController();
  stop.abort(new Error('the reader left'));
  await expect(ask({}, { ...contextOf(database.db), signal: stop.signal })).rejects.toThrow('the reader left');
  expect((await ask({}, contextOf(database.db, 'all', NOW))).status).toBe('ok');
});

function receiptOf(result: ToolResult) {
  if (result.status !== 'ok' && result.status !== 'no_data') throw new Error(`status ${result.status}`);
  return result.receipt;
}
