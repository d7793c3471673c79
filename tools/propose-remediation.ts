import { z } from 'zod';
import { ACTIONS } from '../analytics/actions.ts';
import { addDecimals } from '../analytics/money.ts';
import { proposeRemediation } from '../db/remediations/propose.ts';
import type { Remediation } from '../db/remediations/remediation.ts';
import { PennyError } from '../errors.ts';
import { answerCall } from './call.ts';
import { count, money, perCurrency } from './cost-table.ts';
import { type Cell, type Column, defineTool, type Table, type ToolContext, type ToolResult } from './tool.ts';

const MOST_AT_ONCE = 20;

/** What Penny can apply itself, for whoever proposes without a tool. */
export const KNOWN_ACTIONS = ACTIONS;

const input = z.object({
  recommendationIds: z
    .array(z.number().int().positive())
    .min(1)
    .max(MOST_AT_ONCE)
    .describe('Numbers from the column recommendation_id of a result of find_recommendations in this conversation.'),
});

export const proposeRemediationTool = defineTool({
  name: 'propose_remediation',
  title: 'Proposal',
  description: `Proposes changes that recommendations ask for (stop, resize, delete and the like), so that somebody else can approve them; nothing is changed by it. Use it to have something done about recommendations that were found, only when the person asks for that, and only with their numbers.
Returns the facts proposed, estimated_monthly_savings and the table "proposals".`,
  input,
  access: 'propose',
  run: async (context, given) => {
    const { proposals, refusals } = await proposeEach(context, given.recommendationIds);
    const [first] = refusals;
    if (proposals.length === 0 && first !== undefined) return toResult(first.error);
    return answerCall(context, { tool: 'propose_remediation', input: given }, async (call) =>
      call.ok(
        { facts: factsOf(proposals), tables: [tableOf(proposals)], proposals: proposals.map(shown) },
        { rowCount: proposals.length, notes: notesOn(proposals, refusals) },
      ),
    );
  },
});

interface Refusal {
  id: number;
  error: PennyError;
}

/** One that cannot be proposed does not hold up the others. */
async function proposeEach(
  { db, principal, origin, now }: ToolContext,
  ids: readonly number[],
): Promise<{ proposals: Remediation[]; refusals: Refusal[] }> {
  const proposals: Remediation[] = [];
  const refusals: Refusal[] = [];
  for (const id of new Set(ids)) {
    try {
      proposals.push(await proposeRemediation(db, principal, id, { ...origin, now }, ACTIONS));
    } catch (error) {
      if (!(error instanceof PennyError) || error.status >= 500) throw error;
      refusals.push({ id, error });
    }
  }
  return { proposals, refusals };
}

const toResult = ({ code, message }: PennyError): ToolResult =>
  code === 'forbidden' ? { status: 'denied', message } : { status: 'error', code, message };

/** What is still open of them: asking for the same again finds what waits already. */
function factsOf(proposals: readonly Remediation[]): Record<string, Cell> {
  const currencies = [...new Set(proposals.map(({ billingCurrency }) => billingCurrency))].sort();
  const totals = currencies.map((currency) => ({
    currency,
    estimate: addDecimals(
      ...proposals
        .filter(({ billingCurrency }) => billingCurrency === currency)
        .map(({ estimatedMonthlySavings }) => estimatedMonthlySavings),
    ),
  }));
  return {
    proposed: count(proposals.length),
    ...perCurrency(totals, ({ currency, estimate }) => ({ estimated_monthly_savings: money(estimate, currency) })),
  };
}

const text = (name: string): Column => ({ name, kind: 'text', unit: null });

function tableOf(proposals: readonly Remediation[]): Table {
  const [first] = proposals;
  const isOne = proposals.every(({ billingCurrency }) => billingCurrency === first?.billingCurrency);
  return {
    name: 'proposals',
    title: 'Proposed, and waiting for somebody else to approve',
    columns: [
      { name: 'resource_id', kind: 'text', unit: null, untrusted: true },
      { name: 'resource_name', kind: 'text', unit: null, untrusted: true },
      text('action'),
      ...(isOne ? [] : [text('billing_currency')]),
      { name: 'estimated_monthly_savings', kind: 'money', unit: isOne ? (first?.billingCurrency ?? null) : null },
      text('risk'),
      { name: 'approvals_needed', kind: 'count', unit: 'count' },
      { name: 'expires', kind: 'date', unit: 'date' },
      text('remediation_id'),
    ],
    rows: proposals.map((one) => [
      one.resourceId,
      one.resourceName,
      titleOf(one),
      ...(isOne ? [] : [one.billingCurrency]),
      one.estimatedMonthlySavings,
      one.risk,
      one.requiredApprovals,
      one.expiresAt.toISOString().slice(0, 10),
      one.remediationId,
    ]),
  };
}

const titleOf = ({ action }: Remediation): string => ACTIONS.get(action)?.title ?? action;

const shown = (one: Remediation) => ({
  remediationId: one.remediationId,
  title: `${titleOf(one)}: ${one.resourceName ?? one.resourceId}`,
  estimatedMonthlySavings: one.estimatedMonthlySavings,
  billingCurrency: one.billingCurrency,
});

function notesOn(proposals: readonly Remediation[], refusals: readonly Refusal[]): string[] {
  const final = proposals.filter(({ undoPlan }) => undoPlan === null).length;
  return [
    'Nothing is changed until somebody else with the role approver approves it; an estimate is no saving yet.',
    ...(final > 0 ? ['Some of these cannot be undone.'] : []),
    ...refusals.map(({ id, error }) => `Recommendation ${id} was not proposed: ${error.message}`),
  ];
}
