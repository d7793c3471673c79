import { cellText } from '../../agent/cell-text.ts';
import type { Remediation } from '../../agent/decide.ts';
import { type Block, button, context, fact, section } from './blocks.ts';
import type { Rendered } from './render.ts';
import { escaped, shortened } from './text.ts';

/** What a card shows of a remediation, as it can be kept in the outbox. Instants in ISO 8601. */
export interface Card {
  remediationId: string;
  title: string;
  resource: string;
  action: string;
  savings: string;
  basis: string;
  risk: string;
  undo: string | null;
  requestedBy: string;
  expiresAt: string;
  state: string;
  outcome: string;
}

/** Returns what the card of a remediation shows at `now`. */
export function cardOf(remediation: Remediation, now: Date): Card {
  const { remediationId, title, action, resourceId, resourceName, subAccountId, regionId, risk } = remediation;
  const places = [subAccountId, regionId].filter((place) => place !== null);
  const named = resourceName === null || resourceName === resourceId ? resourceId : `${resourceName} (${resourceId})`;
  const isExpired = remediation.state === 'pending' && remediation.expiresAt <= now;
  return {
    remediationId,
    title: title ?? action,
    resource: [named, ...places].join(', '),
    action: `${action} ${JSON.stringify(remediation.parameters)}`,
    savings: `${cellText(remediation.estimatedMonthlySavings, { kind: 'money', unit: remediation.billingCurrency })} a month`,
    basis: remediation.basis,
    risk: remediation.requiredApprovals > 1 ? `${risk}, takes ${remediation.requiredApprovals} approvers` : risk,
    undo: remediation.undoPlan,
    requestedBy: remediation.requestedBy,
    expiresAt: remediation.expiresAt.toISOString(),
    state: isExpired ? 'expired' : remediation.state,
    outcome: isExpired ? 'Expired; propose it anew.' : outcomeOf(remediation),
  };
}

function outcomeOf(remediation: Remediation): string {
  const { state, approvedBy, requiredApprovals, rejectedBy, rejectionReason, failure } = remediation;
  const by = approvedBy.length === 0 ? '' : ` by ${approvedBy.join(' and ')}`;
  switch (state) {
    case 'pending':
      return approvedBy.length === 0
        ? 'Waits for an approver.'
        : `Approved${by}; waits for ${requiredApprovals - approvedBy.length} more.`;
    case 'approved':
      return `Approved${by}. It is done within minutes, if all is still as it was.`;
    case 'rejected':
      return `Rejected by ${rejectedBy ?? 'somebody'}: ${rejectionReason ?? ''}`;
    case 'failed':
      return `Approved${by}, and failed: ${failure ?? 'see the web'}`;
    default:
      return `Now ${state}.${by === '' ? '' : ` Approved${by}.`}`;
  }
}

/** Returns the card as a message; with `canDecide` and while it waits, with the buttons to decide. */
export function renderCard(card: Card, canDecide: boolean): Rendered {
  const isOpen = card.state === 'pending';
  const expires = Math.floor(Date.parse(card.expiresAt) / 1000);
  const when = `<!date^${expires}^{date_short_pretty} {time}|${card.expiresAt}>`;
  const facts = [
    fact('Resource', card.resource),
    fact('Action', shortened(card.action, 300)),
    fact('Estimate', `${card.savings} (${shortened(card.basis, 300)})`),
    fact('Risk', card.risk),
    fact('Undo', card.undo ?? 'Nothing brings it back.'),
    fact('Asked for by', card.requestedBy),
    ...(isOpen ? [`*Expires*  ${when}`] : []),
  ];
  const blocks: Block[] = [
    section(`*${escaped(shortened(card.title, 300))}*\n${facts.join('\n')}`),
    context([`${MARKS[card.state] ?? ''} ${escaped(shortened(card.outcome, 1_500))}`.trim()]),
    ...(isOpen && canDecide ? [decisionButtons(card.remediationId)] : []),
  ];
  return { text: escaped(shortened(`${card.title}: ${card.resource}. ${card.outcome}`, 1_000)), blocks };
}

const MARKS: Record<string, string> = {
  pending: ':hourglass_flowing_sand:',
  approved: ':white_check_mark:',
  rejected: ':no_entry:',
  verified: ':white_check_mark:',
  failed: ':warning:',
};

const decisionButtons = (remediationId: string): Block => ({
  type: 'actions',
  elements: [
    button({ action: 'approve', label: 'Approve', value: remediationId, style: 'primary' }),
    button({ action: 'reject', label: 'Reject …', value: remediationId, style: 'danger' }),
  ],
});

/** The input whose value is the reason of a rejection. */
export const REASON = 'reason';

/** Returns the window that asks why something is rejected. It knows the remediation by its id alone. */
export const rejectionModal = (remediationId: string) => ({
  type: 'modal' as const,
  callback_id: 'reject',
  private_metadata: remediationId,
  title: { type: 'plain_text' as const, text: 'Reject the proposal' },
  submit: { type: 'plain_text' as const, text: 'Reject' },
  close: { type: 'plain_text' as const, text: 'Back' },
  blocks: [
    {
      type: 'input' as const,
      block_id: REASON,
      label: { type: 'plain_text' as const, text: 'Why? Whoever asked for it will read it.' },
      element: { type: 'plain_text_input' as const, action_id: REASON, multiline: true, max_length: 1_000 },
    },
  ],
});
