import { z } from 'zod';
import { listReconciliations, type Reconciliation } from '../db/queries/reconciliations.ts';
import { answerCall, type Call } from './call.ts';
import { count } from './cost-table.ts';
import { causeWords, SOURCE_WORDS } from './reconciliation-words.ts';
import { type Cell, type Column, defineTool, type Table, type ToolResult } from './tool.ts';

const input = z.object({
  month: z
    .string()
    .regex(/^\d{4}-(0[1-9]|1[0-2])$/, 'A month is written like 2026-09.')
    .optional()
    .describe('One month, such as "2026-09"; by default the newest months.'),
});

/** How many comparisons are shown. */
const SHOWN = 200;

export const checkBillTool = defineTool({
  name: 'check_bill',
  title: 'Reconciliation',
  description: `Says whether the stored bill agrees with the invoice or the cloud's own cost API, month by month and account by account, and what explains a difference (tax, credits, refunds, support, marketplace, late data). Use it for questions about whether the numbers are right, match the invoice, reconcile or can be trusted.
Returns the facts ok, explained, off, unknown, last_checked and the table "reconciliations": stored and reference amount, difference and status.`,
  input,
  access: 'read',
  run: (context, given) => answerCall(context, { tool: 'check_bill', input: given }, (call) => answer(call, given)),
});

async function answer(call: Call, { month }: z.output<typeof input>): Promise<ToolResult> {
  const first = month === undefined ? undefined : `${month}-01`;
  const found = await listReconciliations(call.client, { month: first, limit: SHOWN + 1 });
  if (found.length === 0) {
    const searched = month === undefined ? 'No month' : `${month}`;
    return call.noData(`${searched} was compared yet with what an invoice or the cloud itself says.`, []);
  }
  const shown = found.slice(0, SHOWN);
  const facts: Record<string, Cell> = {
    ...Object.fromEntries(STATES.map((state) => [state, count(shown.filter(({ status }) => status === state).length)])),
    last_checked: { value: shown[0]?.checkedAt.toISOString().slice(0, 10) ?? null, kind: 'date', unit: 'date' },
  };
  return call.ok(
    { facts, tables: [toTable(shown)] },
    { rowCount: shown.length, truncated: found.length > SHOWN, notes: notesOn(shown) },
  );
}

const STATES = ['ok', 'explained', 'off', 'unknown'] as const;

function notesOn(shown: readonly Reconciliation[]): string[] {
  return shown.some(({ status }) => status === 'unknown')
    ? ['What is unknown had nothing to be compared with: no invoice total, and no answer of Cost Explorer.']
    : [];
}

const text = (name: string): Column => ({ name, kind: 'text', unit: null });
const money = (name: string): Column => ({ name, kind: 'money', unit: null });

function toTable(found: readonly Reconciliation[]): Table {
  return {
    name: 'reconciliations',
    title: 'The bill beside what others say it cost',
    columns: [
      text('month'),
      text('covers'),
      text('account_id'),
      text('metric'),
      text('billing_currency'),
      money('stored'),
      text('compared_with'),
      money('reference'),
      money('difference'),
      { name: 'difference_percent', kind: 'percent', unit: 'percent' },
      text('status'),
      text('causes'),
    ],
    rows: found.map((one) => [
      one.billingMonth.slice(0, 7),
      one.covers,
      one.accountId,
      one.metric,
      one.billingCurrency,
      one.storedAmount,
      one.source === null ? null : SOURCE_WORDS[one.source],
      one.referenceAmount,
      one.difference,
      one.differencePercent,
      one.status,
      causeWords(one) || null,
    ]),
  };
}
