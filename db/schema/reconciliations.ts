import { sql } from 'drizzle-orm';
import { bigint, check, date, index, jsonb, pgTable, primaryKey, text } from 'drizzle-orm/pg-core';
import { decimal, instant, isCurrency, oneOf } from './columns.ts';
import { describe } from './describe.ts';

export const REFERENCE_SOURCES = ['cost_explorer', 'invoice'] as const;
export const RECONCILED_METRICS = ['billed_cost', 'effective_cost'] as const;
export const REFERENCE_PARTS = ['total', 'charges', 'tax', 'credits', 'refunds', 'support'] as const;
export const RECONCILIATION_STATES = ['ok', 'explained', 'off', 'unknown'] as const;

/** Why stored and reference differ; `amount` is the part of the difference it accounts for, null where that can't be told. */
export type ReconciliationCause = { cause: string; amount: string | null };

export const billReferences = describe(
  pgTable(
    'bill_references',
    {
      source: text({ enum: REFERENCE_SOURCES }).notNull(),
      billingMonth: date().notNull(),
      accountId: text().notNull(),
      billingCurrency: text().notNull(),
      metric: text({ enum: RECONCILED_METRICS }).notNull(),
      part: text({ enum: REFERENCE_PARTS }).notNull(),
      amount: decimal().notNull(),
      fetchedAt: instant().notNull(),
    },
    (table) => [
      primaryKey({
        name: 'bill_references_pkey',
        columns: [table.billingMonth, table.accountId, table.source, table.billingCurrency, table.metric, table.part],
      }),
      oneOf('bill_references_source', table.source, REFERENCE_SOURCES),
      oneOf('bill_references_metric', table.metric, RECONCILED_METRICS),
      oneOf('bill_references_part', table.part, REFERENCE_PARTS),
      isCurrency('bill_references_currency', table.billingCurrency),
      check('bill_references_month', sql`extract(day FROM ${table.billingMonth}) = 1`),
    ],
  ),
  'What others say a month cost: the cloud by itself or an invoice. What is stored is compared with it. Kept, because asking costs money.',
  {
    source: "Who says so: 'cost_explorer' (the cloud's own cost API) or 'invoice' (a file of invoice totals).",
    billingMonth: 'First day of the month.',
    accountId: 'The account; on an invoice also who pays, and the amount is then of the whole bill.',
    billingCurrency: 'Currency of amount.',
    metric: 'The cost that amount is comparable with: billed_cost or effective_cost.',
    part: "What of the cost amount is: 'total' where it is not split, else charges, tax, credits, refunds or support.",
    amount: 'The amount.',
    fetchedAt: 'When it was asked for or loaded.',
  },
);

export const billReconciliations = describe(
  pgTable(
    'bill_reconciliations',
    {
      reconciliationId: bigint({ mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
      billingMonth: date().notNull(),
      covers: text({ enum: ['bill', 'account'] }).notNull(),
      accountId: text().notNull(),
      billingCurrency: text().notNull(),
      metric: text({ enum: RECONCILED_METRICS }).notNull(),
      source: text({ enum: REFERENCE_SOURCES }),
      storedAmount: decimal(),
      referenceAmount: decimal(),
      difference: decimal(),
      differencePercent: decimal(),
      status: text({ enum: RECONCILIATION_STATES }).notNull(),
      causes: jsonb().$type<ReconciliationCause[]>().notNull(),
      loadedAt: instant(),
      fetchedAt: instant(),
      checkedAt: instant().notNull(),
    },
    (table) => [
      index('bill_reconciliations_month').on(table.billingMonth),
      index('bill_reconciliations_off').on(table.billingMonth).where(sql`${table.status} = 'off'`),
      oneOf('bill_reconciliations_covers', table.covers, ['bill', 'account']),
      oneOf('bill_reconciliations_metric', table.metric, RECONCILED_METRICS),
      oneOf('bill_reconciliations_source', table.source, REFERENCE_SOURCES),
      oneOf('bill_reconciliations_status', table.status, RECONCILIATION_STATES),
      check(
        'bill_reconciliations_compared',
        sql`(${table.status} = 'unknown') = (num_nulls(${table.referenceAmount}, ${table.difference}) > 0)`,
      ),
    ],
  ),
  'Each month of the bill beside what the invoice or the cloud says it cost, as last compared. Made anew by every comparison.',
  {
    reconciliationId: 'Number of the row.',
    billingMonth: 'First day of the month.',
    covers: "'bill': account_id pays and the whole bill is compared; 'account': what the account used.",
    accountId: 'Who pays, or the account.',
    billingCurrency: 'Currency of the amounts.',
    metric: 'The cost compared: billed_cost or effective_cost.',
    source: 'What it was compared with; NULL when there was nothing.',
    storedAmount: 'What is stored; NULL when no bill of that month is.',
    referenceAmount: 'What the source says; NULL when there was nothing to compare with.',
    difference: 'stored_amount minus reference_amount.',
    differencePercent: 'difference in percent of the size of reference_amount; NULL where that is 0.',
    status:
      'ok (within the threshold), explained (beyond it, and causes say why), off (beyond it) or unknown (one side is missing).',
    causes: 'What accounts for the difference: [{"cause": "tax", "amount": "12.5"}].',
    loadedAt: 'When the bill compared was loaded.',
    fetchedAt: 'When the reference was.',
    checkedAt: 'When they were compared.',
  },
);
