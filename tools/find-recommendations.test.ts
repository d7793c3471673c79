import { afterAll, beforeAll, expect, test } from 'vitest';
import { storeBill } from '../db/queries/bill.fixture.ts';
import { finding, storeTestFindings } from '../db/recommendations/finding.fixture.ts';
import { type TestDatabase, testDatabase } from '../db/testing.ts';
import { findRecommendationsTool } from './find-recommendations.ts';
import { call, contextOf } from './result.fixture.ts';
import type { ToolContext } from './tool.ts';

const AT = new Date('2026-11-24T06:55:00Z');
let database: TestDatabase;

beforeAll(async () => {
  database = await testDatabase();
  // Thirty settled days at 24 a day: 730 in a month of 730 hours.
  await storeBill(
    database.db,
    Array.from({ length: 40 }, (_, back) => ({
      ...{ day: new Date(Date.UTC(2026, 10, 23 - back)).toISOString().slice(0, 10), cost: '24' },
      ...{ service_name: 'Amazon EC2', sub_account_id: back % 2 === 0 ? 'a1' : 'a2', region_id: 'us-east-1' },
    })),
  );
  await storeTestFindings(
    database.db,
    [
      finding('ec2-idle', 'i-1', '100', { coveredMonthlySavings: '40', owner: 'checkout', environment: 'Staging' }),
      finding('ec2-oversized', 'i-1', '30', { alternativeTo: { checkId: 'ec2-idle', subject: 'i-1' } }),
      finding('ebs-gp2', 'vol-1', '12.5', { subAccountId: 'a2', risk: 'low' }),
      finding('ec2-idle', 'i-2', '33.5', { subAccountId: 'a2', isProtected: true }),
      finding('commitment-coverage', 'coverage/payer', '500', { kind: 'rate', resourceId: null, subAccountId: null }),
    ],
    AT,
  );
});

afterAll(() => database.close());

const everything = () => contextOf(database.db);

async function find(input: Record<string, unknown> = {}, context: ToolContext = everything()) {
  const result = await call(findRecommendationsTool, context, input);
  if (result.status !== 'ok') throw new Error(JSON.stringify(result));
  const [table] = result.data.tables;
  const column = (name: string) => table?.columns.findIndex((one) => one.name === name) ?? -1;
  const values = Object.entries(result.data.facts).map(([name, { value }]) => [name, value]);
  return {
    ...result,
    facts: Object.fromEntries(values) as Record<string, unknown>,
    rows: (table?.rows ?? []).map((row) => [
      row[column('check')],
      row[column('resource_id')],
      row[column('estimated_monthly_savings')],
    ]),
  };
}

test('lists the largest saving first, adds what can be had together, and keeps rates apart', async () => {
  const { rows, facts, receipt } = await find({ kind: 'usage' });
  expect(rows).toEqual([
    ['ec2-idle', 'i-1', '100'],
    ['ec2-idle', 'i-2', '33.5'],
    ['ebs-gp2', 'vol-1', '12.5'],
  ]);
  expect(facts).toMatchObject({ count: 3, total_estimated: '146', paid_by_commitments: '40', share_of_spend: '20' });
  expect(receipt.notes.join(' ')).toContain('1 more overlap a larger saving');
  expect(receipt.notes.join(' ')).toContain('Commitments pay for $40.00 of that');
  expect(receipt.notes.join(' ')).toContain(
    'ec2-idle could not judge 3; missing for most: cpu_utilization was not measured.',
  );
  expect((await find()).facts).toMatchObject({ count: 3, total_estimated: '146', rate_count: 1, rate_total: '500' });
});

test.each<[string, Record<string, unknown>, string[]]>([
  ['a check', { checks: ['ebs-gp2'] }, ['vol-1']],
  ['an account', { account: 'a2', kind: 'usage' }, ['i-2', 'vol-1']],
  ['an environment, case aside', { environment: 'staging' }, ['i-1']],
  ['an owner', { owner: 'Checkout' }, ['i-1']],
  ['a tag', { tags: [{ key: 'Team', value: 'CHECKOUT' }] }, ['i-1']],
  ['a part of the name', { text: 'name of vol' }, ['vol-1']],
  ['a risk', { risk: 'low' }, ['vol-1']],
  ['an amount at least', { minimumSavings: '33.5', kind: 'usage' }, ['i-1', 'i-2']],
  ['a state', { states: ['dismissed'] }, []],
  ['overlapping ones too', { withAlternatives: true, checks: ['ec2-oversized'] }, ['i-1']],
])('finds by %s', async (_, input, resources) => {
  expect((await find(input)).rows.map(([, resource]) => resource)).toEqual(resources);
});

test('one by its number comes with what was measured and the charges it would save', async () => {
  const { rows } = await database.db.pool.query(
    "SELECT recommendation_id::int AS id FROM recommendations WHERE check_id = 'ec2-idle' AND resource_id = 'i-1'",
  );
  const { data, receipt } = await find({ recommendationId: rows[0]?.id });
  expect(data.tables.map(({ name }) => name)).toEqual(['recommendations', 'measured', 'saved_charges']);
  expect(data.tables[1]?.rows).toEqual([['highest CPU', '1.23', 'percent', '5']]);
  expect(data.tables[2]?.rows).toEqual([['i-1', 'all charges', '100', '100']]);
  expect(receipt.notes).toEqual(expect.arrayContaining(['Charges of 30 settled days.', 'Its volumes go with it.']));
});

test('pages go on where the one before ended', async () => {
  const first = await find({ kind: 'usage', limit: 2 });
  expect(first.receipt.truncated).toBe(true);
  const second = await find({ kind: 'usage', limit: 2, cursor: first.nextCursor });
  expect(second.rows).toEqual([['ebs-gp2', 'vol-1', '12.5']]);
  expect(second.nextCursor).toBeUndefined();
  const wrong = await call(findRecommendationsTool, everything(), { cursor: 'x' });
  expect(wrong).toMatchObject({ status: 'error', code: 'invalid_input' });
});

test('shows what a person may see and no more', async () => {
  const { rows, facts } = await find({}, contextOf(database.db, { subAccountIds: ['a2'], tags: [] }));
  expect(rows.map(([, resource]) => resource)).toEqual(['i-2', 'vol-1']);
  expect(facts).toMatchObject({ total_estimated: '46', rate_total: '0' });
  const tagged = await find(
    {},
    contextOf(database.db, { subAccountIds: [], tags: [{ key: 'team', value: 'checkout' }] }),
  );
  expect(tagged.rows.map(([, resource]) => resource)).toEqual(['i-1']);
});

test('a number that is nowhere, and checks that never ran, are told apart from nothing to save', async () => {
  expect(await call(findRecommendationsTool, everything(), { recommendationId: 999 })).toMatchObject({
    ...{ status: 'no_data', searched: 'There is no recommendation 999 for you.' },
  });
  expect(await call(findRecommendationsTool, everything(), { account: 'nowhere' })).toMatchObject({
    status: 'no_data',
  });
  const empty = await testDatabase();
  try {
    const result = await call(findRecommendationsTool, contextOf(empty.db), {});
    expect(result).toMatchObject({ status: 'no_data', searched: expect.stringContaining('have not run yet') });
  } finally {
    await empty.close();
  }
});
