import type pg from 'pg';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { BillTotal } from '../clouds/contract.ts';
import { readConfig } from '../config.ts';
import { storeReferences } from '../db/billing/references.ts';
import { storeBill } from '../db/queries/bill.fixture.ts';
import { listReconciliations, monthsOff } from '../db/queries/reconciliations.ts';
import { type TestDatabase, testDatabase } from '../db/testing.ts';
import { inTransaction } from '../db/transaction.ts';
import { PennyError } from '../errors.ts';
import { log } from '../log.ts';
import { parseInvoiceTotals } from './invoice-totals.ts';
import type { RunContext } from './job.ts';
import { monthsToAsk, reconcileAsked, reconcileBill } from './reconcile-bill.ts';

const NOW = new Date('2026-11-20T12:00:00Z');
const LOADED = '2026-10-20T00:00:00Z';
let database: TestDatabase;

beforeAll(async () => {
  database = await testDatabase();
  await storeBill(database.db, [
    { day: '2026-09-02', cost: '1000.10', sub_account_id: 'a1', effective_cost: '900' },
    { day: '2026-09-30', cost: '80.01', sub_account_id: 'a1', charge_category: 'Tax', service_name: 'Tax' },
    { day: '2026-09-03', cost: '-50', sub_account_id: 'a2', charge_category: 'Credit' },
    { day: '2026-09-03', cost: '-5', sub_account_id: 'a2', charge_category: 'Adjustment' },
    { day: '2026-09-04', cost: '300', sub_account_id: 'a2' },
    {
      day: '2026-09-04',
      cost: '70',
      sub_account_id: 'a2',
      service_category: 'Other',
      publisher_name: 'Datafog',
      service_name: 'Fog',
    },
    {
      day: '2026-09-05',
      cost: '60',
      sub_account_id: 'a3',
      service_category: 'Other',
      service_name: 'AWS Support (Business)',
    },
    { day: '2026-09-06', cost: '9', billing_currency: 'EUR' },
    { day: '2026-10-01', cost: '500', sub_account_id: 'a1' },
  ]);
  await database.db.pool.query('UPDATE billing_loads SET loaded_at = $1', [LOADED]);
});

beforeEach(async () => {
  await database.db.pool.query('DELETE FROM bill_references; DELETE FROM bill_reconciliations');
});

afterAll(async () => {
  await database.close();
});

const config = readConfig({});

async function invoices(text: string, fetchedAt = NOW): Promise<void> {
  const given = parseInvoiceTotals(`month,account,currency,amount\n${text}`, 'i.csv');
  const about = { source: 'invoice', accounts: 'given', fetchedAt } as const;
  await inTransaction(database.db, (client) =>
    storeReferences(client, given, { ...about, months: given.map(({ month }) => month) }),
  );
}

const total = (accountId: string, amount: string, more: Partial<BillTotal> = {}): BillTotal => ({
  ...{ month: '2026-09-01', accountId, currency: 'USD', metric: 'billed_cost', part: 'charges', amount },
  ...more,
});

async function reconciled(month?: string): Promise<string[]> {
  await inTransaction(database.db, (client) => reconcileBill(client, config, NOW));
  return (await listReconciliations(database.db.pool, { month })).map((one) =>
    [
      one.billingMonth.slice(0, 7),
      one.covers,
      one.accountId,
      one.billingCurrency,
      one.metric,
      one.source,
      one.storedAmount,
      one.referenceAmount,
      one.differencePercent,
      one.status,
      one.causes.map(({ cause, amount }) => `${cause} ${amount}`).join(', '),
    ].join(' '),
  );
}

const context = (more: Partial<RunContext> = {}): RunContext => ({
  ...{ now: NOW, dueAt: NOW, signal: new AbortController().signal, log, progress: () => {}, db: database.db, config },
  transaction: (work: (client: pg.ClientBase) => Promise<never>) => inTransaction(database.db, work),
  ...more,
});

test('without a reference every month of each bill and currency is unknown', async () => {
  expect(await reconciled()).toEqual([
    '2026-10 bill payer USD billed_cost  500   unknown ',
    '2026-09 bill payer EUR billed_cost  9   unknown ',
    '2026-09 bill payer USD billed_cost  1455.11   unknown ',
  ]);
});

test('an invoice of who pays is of the whole bill, one of an account is of what it used; currencies are apart', async () => {
  await invoices('2026-09,payer,USD,1455.11\n2026-09,payer,EUR,12\n2026-10,a1,USD,500.5\n');
  expect(await reconciled()).toEqual([
    '2026-10 account a1 USD billed_cost invoice 500 500.5 -0.10 ok ',
    '2026-09 bill payer EUR billed_cost invoice 9 12 -25.00 off ',
    '2026-09 bill payer USD billed_cost invoice 1455.11 1455.11 0.00 ok ',
  ]);
});

test.each([
  ['1375.10', 'explained tax 80.01'],
  ['1505.11', 'explained credits -50'],
  ['1460.11', 'ok '],
  ['1395.11', 'explained support 60'],
  ['1385.11', 'explained marketplace 70'],
  ['1325.11', 'explained support 60, marketplace 70'],
  ['1000', 'off '],
])('an invoice of %s is %s', async (amount, end) => {
  await invoices(`2026-09,payer,USD,${amount}\n`);
  const [row] = (await reconciled('2026-09-01')).filter((line) => line.includes('payer USD'));
  expect(row?.endsWith(end)).toBe(true);
});

test('the refund of a small bill explains it too', async () => {
  await invoices('2026-09,a2,USD,320\n');
  expect((await reconciled('2026-09-01')).at(0)).toBe(
    '2026-09 account a2 USD billed_cost invoice 315 320 -1.56 explained refunds -5',
  );
});

test('what Cost Explorer says is compared account by account and part by part, billed and effective', async () => {
  const totals = [
    total('a1', '1000.10'),
    total('a1', '100.01', { part: 'tax' }),
    total('a1', '900', { metric: 'effective_cost' }),
    total('a2', '370'),
    total('a2', '-40', { part: 'credits' }),
    total('a2', '-10', { part: 'credits' }),
    total('a2', '-5', { part: 'refunds' }),
    total('elsewhere', '77'),
    total('gone', '5', { month: '2026-02-01' }),
  ];
  const asked: string[][] = [];
  const outcome = await reconcileAsked(context(), async (months) => {
    asked.push([...months]);
    return totals;
  });
  expect(asked.map((months) => [months.length, months[0], months.at(-1)])).toEqual([[14, '2026-11-01', '2025-10-01']]);
  expect(outcome).toEqual({ rows: 8 });
  expect(await reconciled()).toEqual([
    '2026-10 bill payer USD billed_cost  500   unknown ',
    '2026-09 account elsewhere USD billed_cost cost_explorer 0 77 -100.00 off account_missing -77',
    '2026-09 account a1 USD billed_cost cost_explorer 1080.11 1100.11 -1.82 explained tax -20',
    '2026-09 account a1 USD effective_cost cost_explorer 980.01 900 8.89 explained tax 80.01',
    '2026-09 bill payer EUR billed_cost  9   unknown ',
    '2026-09 account a3 USD billed_cost  60   unknown ',
    '2026-09 account a2 USD billed_cost cost_explorer 315 315 0.00 ok ',
    '2026-02 account gone USD billed_cost cost_explorer  5  unknown ',
  ]);
});

test('what was asked of Cost Explorer is kept: a final month is never asked again, another once a day', async () => {
  const at = (day: string) => new Date(`${day}T07:20:00Z`);
  const fetched = new Map([
    ['2026-11-01', at('2026-11-20')],
    ['2026-10-01', at('2026-11-05')],
    ['2026-09-01', at('2026-10-08')],
  ]);
  expect(monthsToAsk(fetched, NOW).slice(0, 2)).toEqual(['2026-10-01', '2026-08-01']);
  expect(monthsToAsk(fetched, at('2026-11-21')).slice(0, 3)).toEqual(['2026-11-01', '2026-10-01', '2026-08-01']);
});

test('a cloud that does not answer leaves the comparison with the invoice, and the run fails after it', async () => {
  await invoices('2026-09,payer,USD,1000\n');
  const denied = new PennyError('cloud_denied', 'no');
  await expect(reconcileAsked(context(), async () => Promise.reject(denied))).rejects.toBe(denied);
  expect((await listReconciliations(database.db.pool)).filter(({ status }) => status === 'off').length).toBe(1);
});

test('Cost Explorer is not asked unless switched on', async () => {
  const { rows } = await import('./reconcile-bill.ts').then(({ reconcileBillJob }) => reconcileBillJob.run(context()));
  expect(rows).toBe(3);
  expect((await database.db.pool.query('SELECT FROM bill_references')).rowCount).toBe(0);
});

test('a second file of invoices replaces what the first said of the same account and month, and leaves the others', async () => {
  await invoices('2026-09,payer,USD,1\n2026-10,payer,USD,500\n');
  await invoices('2026-09,payer,USD,1000\n2026-09,payer,USD,455.11\n');
  expect((await reconciled()).filter((line) => line.includes('USD'))).toEqual([
    '2026-10 bill payer USD billed_cost invoice 500 500 0.00 ok ',
    '2026-09 bill payer USD billed_cost invoice 1455.11 1455.11 0.00 ok ',
  ]);
});

test('a month that was loaded anew since is not off until it is compared again', async () => {
  await invoices('2026-09,payer,USD,1000\n');
  await reconciled();
  const off = async () => (await inTransaction(database.db, monthsOff)).map(({ billingMonth }) => billingMonth);
  expect(await off()).toEqual(['2026-09-01']);
  await database.db.pool.query('UPDATE billing_loads SET loaded_at = $1', ['2026-11-21T00:00:00Z']);
  expect(await off()).toEqual([]);
  await reconciled();
  expect(await off()).toEqual(['2026-09-01']);
  await database.db.pool.query('UPDATE billing_loads SET loaded_at = $1', [LOADED]);
});
