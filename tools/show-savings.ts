import { z } from 'zod';
import { encodeCursor } from '../db/queries/cursor.ts';
import {
  listSavings,
  SAVING_STATES,
  type Saving,
  type SavingsRequest,
  type SavingsTotals,
  savingsTotals,
} from '../db/queries/savings.ts';
import { answerCall, type Call } from './call.ts';
import { count, money, perCurrency } from './cost-table.ts';
import { withCursor } from './paging.ts';
import { type CellValue, type Column, defineTool, type Table, type ToolResult } from './tool.ts';

const day = z.iso.date();

const input = z.object({
  state: z
    .enum(SAVING_STATES)
    .optional()
    .describe(
      'Only those that are waiting (not settled yet), measured, holding (checked again later), regressed (undone) or unmeasurable.',
    ),
  since: day.optional().describe('Only changes from this day on, such as "2026-09-01".'),
  until: day.optional().describe('Only changes before this day.'),
  limit: z.number().int().min(1).max(500).default(20).describe('How many rows.'),
  cursor: z.string().optional().describe('The nextCursor of the page before, to go on after it.'),
});

type Input = z.output<typeof input>;

const place = z.object({ changeDate: day, savingId: z.number().int() });

export const showSavingsTool = defineTool({
  name: 'show_savings',
  title: 'Savings',
  description: `Shows what changes really saved, measured on the bill after the change against a baseline before it, adjusted for usage and weekdays; whether they still hold after 30, 60 and 90 days; and which were undone. Use it for savings achieved, realized, proven, tracked or lost. What could still be saved is not here.
Returns facts measured_monthly_savings (of it holding_monthly_savings and regressed_monthly_savings), estimated_waiting (an estimate, never added to what is measured), the counts waiting, measured, holding, regressed, unmeasurable, and the table "savings". Amounts are a month of 730 hours; negative means it cost more.`,
  input,
  access: 'read',
  run: (context, given) =>
    withCursor(place, given.cursor, (after) =>
      answerCall(context, { tool: 'show_savings', input: given }, (call) => answer(call, given, after)),
    ),
});

async function answer(call: Call, given: Input, after: z.output<typeof place> | undefined): Promise<ToolResult> {
  const { limit, cursor: _, ...request } = given;
  const totals = await savingsTotals(call.client, request);
  if (totals.length === 0) return call.noData(nothingFound(request), []);
  const found = await listSavings(call.client, request, { limit: limit + 1, after });
  const shown = found.slice(0, limit);
  const last = shown.at(-1);
  const hasMore = found.length > limit && last !== undefined;
  return call.ok(
    { facts: factsOf(totals), tables: [toTable(shown, totals)] },
    {
      rowCount: shown.length,
      truncated: hasMore,
      notes: notesOn(totals),
      nextCursor: hasMore ? encodeCursor({ changeDate: last.changeDate, savingId: last.savingId }) : undefined,
    },
  );
}

function nothingFound({ state, since, until }: SavingsRequest): string {
  if (state !== undefined || since !== undefined || until !== undefined) return 'There is no such saving.';
  return 'No change was recorded that should save money. Changes are recorded when Penny makes them, or when an inventory sees done what a recommendation asked for.';
}

function factsOf(totals: readonly SavingsTotals[]) {
  const counts = SAVING_STATES.map((state) => [state, count(totals.reduce((sum, one) => sum + one.counts[state], 0))]);
  return {
    ...perCurrency(totals, ({ currency, measured, holding, regressed, estimatedWaiting }) => ({
      measured_monthly_savings: money(measured, currency),
      holding_monthly_savings: money(holding, currency),
      regressed_monthly_savings: money(regressed, currency),
      estimated_waiting: money(estimatedWaiting, currency),
    })),
    ...Object.fromEntries(counts),
  };
}

function notesOn(totals: readonly SavingsTotals[]): string[] {
  const notes = [
    'Savings are measured on the bill, net of commitments, for a month of 730 hours; estimates stand apart.',
  ];
  if (totals.some(({ counts }) => counts.unmeasurable > 0)) {
    notes.push('Of what is unmeasurable the basis says why.');
  }
  return notes;
}

const text = (name: string): Column => ({ name, kind: 'text', unit: null });

function toTable(shown: readonly Saving[], totals: readonly SavingsTotals[]): Table {
  const several = totals.length > 1;
  const amount = (name: string): Column => ({
    name,
    kind: 'money',
    unit: several ? null : (totals[0]?.currency ?? null),
  });
  return {
    name: 'savings',
    title: 'What changes saved a month, measured on the bill',
    columns: [
      { ...text('resource_id'), untrusted: true },
      { ...text('resource_name'), untrusted: true },
      text('sub_account_id'),
      text('change'),
      { name: 'change_date', kind: 'date', unit: 'date' },
      text('made_by'),
      text('state'),
      ...(several ? [text('billing_currency')] : []),
      amount('estimated'),
      amount('measured'),
      amount('at_list_price'),
      text('confidence'),
      text('checks'),
      { name: 'regressed_on', kind: 'date', unit: 'date' },
      text('basis'),
    ],
    rows: shown.map((one): CellValue[] => [
      one.subject,
      one.name,
      one.subAccountId,
      one.kind,
      one.changeDate,
      one.origin === 'penny' ? 'Penny' : 'somebody else',
      one.state,
      ...(several ? [one.currency] : []),
      one.estimatedMonthlySavings,
      one.realizedSavings,
      one.listSavings,
      one.confidence,
      checksOf(one),
      one.regressedOn,
      one.basis,
    ]),
  };
}

function checksOf({ holdingChecks }: Saving): string | null {
  const words = holdingChecks.map(({ day, holds }) => `${holds ? 'held' : 'gone'} after ${day} days`);
  return words.length === 0 ? null : words.join(', ');
}
