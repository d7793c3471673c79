import { type Command, InvalidArgumentError } from 'commander';
import { storeReferences } from '../db/billing/references.ts';
import { migrateDatabase } from '../db/migrate.ts';
import { openDatabase } from '../db/open.ts';
import { listReconciliations, type Reconciliation } from '../db/queries/reconciliations.ts';
import { inTransaction } from '../db/transaction.ts';
import { readInvoiceTotals } from '../jobs/invoice-totals.ts';
import { reconcileBill } from '../jobs/reconcile-bill.ts';
import { formatCell } from '../tools/format.ts';
import { causeWords, SOURCE_WORDS } from '../tools/reconciliation-words.ts';
import { alignRows } from './align.ts';
import { action } from './context.ts';

export function registerReconcile(program: Command): void {
  program
    .command('reconcile')
    .description('compares each month of the bill with the invoice or Cost Explorer')
    .option('--month <month>', 'this month alone, YYYY-MM', monthOption)
    .option('--invoice <file>', 'first takes invoice totals from a CSV file: month,account,currency,amount')
    .action(
      action<[{ month?: string; invoice?: string }]>(async ({ config, log, now, print }, flags) => {
        const invoices = flags.invoice === undefined ? [] : await readInvoiceTotals(flags.invoice);
        const database = await openDatabase(config, log);
        try {
          await migrateDatabase(database.url);
          const months = await inTransaction(database.db, async (client) => {
            const about = { source: 'invoice', accounts: 'given', fetchedAt: now() } as const;
            await storeReferences(client, invoices, { ...about, months: invoices.map(({ month }) => month) });
            await reconcileBill(client, config, now());
            return listReconciliations(client, { month: flags.month });
          });
          print({ months: months.map(toDocument) }, renderReconciliations(months, flags.month));
        } finally {
          await database.close();
        }
      }),
    );
}

function monthOption(text: string): string {
  if (!/^\d{4}-(0[1-9]|1[0-2])$/.test(text)) throw new InvalidArgumentError('It must be like 2026-09.');
  return `${text}-01`;
}

const toDocument = (one: Reconciliation) => ({ ...one, billingMonth: one.billingMonth.slice(0, 7) });

const HEAD = [
  'month',
  'account',
  'cost',
  'stored',
  'compared with',
  'reference',
  'difference',
  '',
  'status',
  'because',
];
const NUMERIC = HEAD.map((name) => ['stored', 'reference', 'difference', ''].includes(name));

/** Returns the comparison as a table for people, with a sentence of what it comes to. */
export function renderReconciliations(months: readonly Reconciliation[], month?: string): string {
  if (months.length === 0) {
    const when = month === undefined ? '' : ` of ${month.slice(0, 7)}`;
    return `There is nothing to compare${when}: no bill is loaded, and no invoice.`;
  }
  const lines = alignRows(HEAD, months.map(toCells), NUMERIC);
  return [...lines, '', summary(months)].join('\n');
}

function toCells(one: Reconciliation): string[] {
  const money = (amount: string | null) => formatCell(amount, 'money', one.billingCurrency);
  return [
    one.billingMonth.slice(0, 7),
    one.covers === 'bill' ? `${one.accountId} (bill)` : one.accountId,
    one.metric.replace('_cost', ''),
    money(one.storedAmount),
    one.source === null ? '—' : SOURCE_WORDS[one.source],
    money(one.referenceAmount),
    one.difference === null ? '—' : formatCell(one.difference, 'money', one.billingCurrency, 'signed'),
    one.differencePercent === null ? '' : formatCell(one.differencePercent, 'percent', 'percent', 'signed'),
    one.status,
    causeWords(one),
  ];
}

function summary(months: readonly Reconciliation[]): string {
  const counted = (['ok', 'explained', 'off', 'unknown'] as const)
    .map((status) => ({ status, count: months.filter((one) => one.status === status).length }))
    .filter(({ count }) => count > 0)
    .map(({ status, count }) => `${count} ${status}`);
  const hint = months.every(({ status }) => status === 'unknown')
    ? ' Give invoice totals with --invoice FILE, or set PENNY_AWS_COST_EXPLORER=on.'
    : '';
  return `${counted.join(', ')}.${hint}`;
}
