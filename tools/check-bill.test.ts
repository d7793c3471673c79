import { afterAll, beforeAll, expect, test } from 'vitest';
import { storeBill } from '../db/queries/bill.fixture.ts';
import { type TestDatabase, testDatabase } from '../db/testing.ts';
import { checkBillTool } from './check-bill.ts';
import { queryCostsTool } from './query-costs.ts';
import { call, contextOf } from './result.fixture.ts';
import type { ToolContext } from './tool.ts';

let database: TestDatabase;

beforeAll(async () => {
  database = await testDatabase();
  await storeBill(database.db, [
    { day: '2025-12-05', cost: '900', sub_account_id: 'a1' },
    { day: '2026-01-05', cost: '100', sub_account_id: 'a1' },
    { day: '2026-01-06', cost: '50', sub_account_id: 'a2' },
  ]);
  await database.db.pool.query(
    `INSERT INTO bill_reconciliations (billing_month, covers, account_id, billing_currency, metric, source, stored_amount, reference_amount,
       difference, difference_percent, status, causes, loaded_at, checked_at)
     SELECT month::date, covers, account, 'USD', 'billed_cost', source, stored, reference, stored - reference,
       round(100.0 * (stored - reference) / reference, 2), status, causes::jsonb, '2099-01-01', '2026-02-04'
     FROM (VALUES
       ('2025-12-01', 'bill', 'payer', 'invoice', 900, 1000, 'off', '[]'),
       ('2025-12-01', 'account', 'a1', 'cost_explorer', 900, 850, 'off', '[]'),
       ('2026-01-01', 'account', 'a2', 'cost_explorer', 50, 60, 'off', '[]'),
       ('2026-01-01', 'account', 'a1', 'cost_explorer', 100, 90, 'explained', '[{"cause": "tax", "amount": "10"}]')
     ) AS compared (month, covers, account, source, stored, reference, status, causes)`,
  );
});

afterAll(() => database.close());

const everything = () => contextOf(database.db);
const seeing = (...subAccountIds: string[]) => contextOf(database.db, { subAccountIds, tags: [] });

async function check(context: ToolContext, input = {}) {
  const result = await call(checkBillTool, context, input);
  if (result.status !== 'ok') throw new Error(JSON.stringify(result));
  return result.data;
}

async function notes(context: ToolContext, input: Record<string, unknown>): Promise<string[]> {
  const result = await call(queryCostsTool, context, input);
  if (result.status !== 'ok') throw new Error(JSON.stringify(result));
  return result.receipt.notes.filter((note) => note.includes('reconcile'));
}

const DECEMBER =
  'December 2025 does not reconcile: the billed cost stored of the bill of payer is $900.00, the invoice says $1,000.00. 1 more comparison differs too.';
const JANUARY =
  'January 2026 does not reconcile: the billed cost stored of account a2 is $50.00, Cost Explorer says $60.00.';

test('lists what was compared, the newest month and what is off first', async () => {
  const { facts, tables } = await check(everything());
  expect(Object.entries(facts).map(([name, { value }]) => [name, value])).toEqual([
    ['ok', 0],
    ['explained', 1],
    ['off', 3],
    ['unknown', 0],
    ['last_checked', '2026-02-04'],
  ]);
  expect(tables[0]?.rows).toEqual([
    ['2026-01', 'account', 'a2', 'billed_cost', 'USD', '50', 'Cost Explorer', '60', '-10', '-16.67', 'off', null],
    [
      '2026-01',
      'account',
      'a1',
      'billed_cost',
      'USD',
      '100',
      'Cost Explorer',
      '90',
      '10',
      '11.11',
      'explained',
      'tax +$10.00',
    ],
    ['2025-12', 'bill', 'payer', 'billed_cost', 'USD', '900', 'the invoice', '1000', '-100', '-10.00', 'off', null],
    ['2025-12', 'account', 'a1', 'billed_cost', 'USD', '900', 'Cost Explorer', '850', '50', '5.88', 'off', null],
  ]);
});

test('shows a person the accounts they may see, and never a whole bill', async () => {
  const { tables } = await check(seeing('a1'));
  expect(tables[0]?.rows.map((row) => row.slice(0, 3))).toEqual([
    ['2026-01', 'account', 'a1'],
    ['2025-12', 'account', 'a1'],
  ]);
});

test('a month that was not compared gives no data', async () => {
  const result = await call(checkBillTool, everything(), { month: '2025-03' });
  expect(result).toMatchObject({ status: 'no_data', searched: expect.stringContaining('2025-03') });
});

test('an amount of a month that is off carries a note, by its largest difference; that of another month none', async () => {
  expect(await notes(everything(), { period: '2025-12' })).toEqual([DECEMBER]);
  expect(await notes(everything(), { period: '2025-12-05..2026-01-06' })).toEqual([DECEMBER, JANUARY]);
  expect(await notes(everything(), { period: '2026-01', compareTo: 'previous period' })).toEqual([DECEMBER, JANUARY]);
  await storeBill(database.db, [{ day: '2026-02-01', cost: '1' }]);
  expect(await notes(everything(), { period: '2026-02' })).toEqual([]);
});

test('the note of a person with a narrower view speaks of their accounts alone', async () => {
  expect(await notes(seeing('a1'), { period: '2026-01' })).toEqual([]);
  expect(await notes(seeing('a1'), { period: '2025-12' })).toEqual([
    'December 2025 does not reconcile: the billed cost stored of account a1 is $900.00, Cost Explorer says $850.00.',
  ]);
});
