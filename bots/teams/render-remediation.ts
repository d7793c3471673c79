import { cellText } from '../../agent/cell-text.ts';
import type { Remediation } from '../../agent/decide.ts';
import { plainWords } from '../../agent/plain.ts';
import type { Message } from './activity.ts';
import { attached, button, card, type Element, facts, heading, quoted, text } from './card.ts';

/** For whom a card is made: everybody who sees the message, or one person after they pressed something. */
export interface Reader {
  userId: string;
  mayDecide: boolean;
}

export interface RemediationView {
  /** Undefined: everybody who sees the message; pressing is then checked like any other decision. */
  reader?: Reader | undefined;
  /** What to say first, such as why a decision was refused. */
  note?: string | undefined;
  now: Date;
  /** Ids of the chat for whom the card is asked for anew as soon as it is shown; at most 60. */
  refreshFor?: string[] | undefined;
}

/** Returns a proposal as a message: what it would do, on which evidence, with the buttons to decide. */
export function renderRemediation(remediation: Remediation, view: RemediationView): Message {
  return {
    type: 'message',
    summary: plainWords(`${remediation.title ?? remediation.action}: ${stateText(remediation, view.now)}`),
    attachments: [attached(remediationCard(remediation, view))],
  };
}

/** Returns the card of a proposal as it stands now. */
export function remediationCard(remediation: Remediation, view: RemediationView): Element {
  const { remediationId, title, action, resourceName, resourceId } = remediation;
  const words = title ?? action;
  const body = [
    ...(view.note === undefined ? [] : [text(quoted(view.note), { weight: 'bolder', color: 'attention' })]),
    heading(quoted(words), { size: 'large' }),
    text(stateText(remediation, view.now), { spacing: 'none', isSubtle: true }),
    facts(factsOf(remediation)),
    ...(isOpen(remediation, view.now) ? [] : outcomeBlocks(remediation)),
  ];
  const actions = mayPress(remediation, view) ? decisionButtons(remediation) : [];
  return card(body, quoted(`${words} (${resourceName ?? resourceId}): ${stateText(remediation, view.now)}`), {
    ...(actions.length > 0 ? { actions } : {}),
    ...(view.refreshFor === undefined ? {} : { refresh: refreshOf(remediationId, view.refreshFor) }),
  });
}

/** Card with a sentence alone, where there is nothing to show or nothing that may be shown. */
export const sentenceCard = (sentence: string): Element => card([text(quoted(sentence))], sentence);

const isOpen = ({ state, expiresAt }: Remediation, now: Date): boolean => state === 'pending' && expiresAt > now;

function mayPress(remediation: Remediation, { reader, now }: RemediationView): boolean {
  if (!isOpen(remediation, now)) return false;
  return reader === undefined || (reader.mayDecide && reader.userId !== remediation.requestedById);
}

function stateText(remediation: Remediation, now: Date): string {
  const { state, approvedBy, requiredApprovals, rejectedBy, expiresAt } = remediation;
  if (state === 'pending' && expiresAt <= now) return 'Expired; propose it anew.';
  const missing = requiredApprovals - approvedBy.length;
  const by = approvedBy.join(' and ');
  const words: Record<Remediation['state'], string> = {
    pending: `Waits for ${missing === 1 ? 'one approval' : `${missing} approvals`}${by ? `; approved by ${by}` : ''}.`,
    approved: `Approved by ${by}; about to be applied.`,
    applying: `Approved by ${by}; being applied.`,
    applied: `Approved by ${by}; applied, not yet verified.`,
    verified: `Approved by ${by}; done, and the cloud shows it.`,
    failed: `Approved by ${by}; failed.`,
    undoing: 'Being undone.',
    undone: 'Undone.',
    rejected: `Rejected by ${rejectedBy ?? 'an approver'}.`,
    expired: 'Expired; propose it anew.',
    cancelled: 'Taken back by who proposed it.',
  };
  return words[state];
}

function factsOf(remediation: Remediation) {
  const { resourceName, resourceId, subAccountId, regionId, action, parameters, evidence, risk, undoPlan } =
    remediation;
  const { estimatedMonthlySavings, billingCurrency, basis, requestedBy, requiredApprovals, expiresAt } = remediation;
  return [
    ['Resource', resourceName === null || resourceName === resourceId ? resourceId : `${resourceName} (${resourceId})`],
    ['Account', [subAccountId, regionId].filter((part) => part !== null).join(', ')],
    ['Would do', `${action} ${valuesText(parameters)}`],
    [
      'Saves',
      `${cellText(estimatedMonthlySavings, { kind: 'money', unit: billingCurrency })} a month (estimate: ${basis})`,
    ],
    ['Evidence', evidence !== null && typeof evidence === 'object' ? valuesText(evidence) : undefined],
    ['Risk', requiredApprovals > 1 ? `${risk}; takes ${requiredApprovals} approvals` : risk],
    ['Undo', undoPlan ?? 'Nothing brings it back.'],
    ['Asked for by', requestedBy],
    ['Decide by', `${expiresAt.toISOString().slice(0, 16).replace('T', ' ')} UTC`],
  ] as const;
}

const EVIDENCE_CHARS = 400;

/** What stands in an object, in a line: `instanceId i-1, type m5.large`. */
function valuesText(values: object): string {
  const parts = Object.entries(values).flatMap(([name, value]) =>
    value === null || value === undefined
      ? []
      : [`${name} ${typeof value === 'object' ? JSON.stringify(value) : value}`],
  );
  const line = parts.join(', ');
  return line.length <= EVIDENCE_CHARS ? line : `${line.slice(0, EVIDENCE_CHARS - 1)}…`;
}

function outcomeBlocks({ rejectionReason, failure }: Remediation): Element[] {
  return [
    ...(rejectionReason === null ? [] : [text(`Reason: ${quoted(rejectionReason)}`)]),
    ...(failure === null ? [] : [text(quoted(failure), { color: 'attention' })]),
  ];
}

function decisionButtons({ remediationId, parametersHash }: Remediation): Element[] {
  const data = { remediationId, parametersHash };
  return [
    button('Approve', 'approve', data, { style: 'positive' }),
    {
      type: 'Action.ShowCard',
      title: 'Reject',
      card: {
        type: 'AdaptiveCard',
        body: [
          {
            type: 'Input.Text',
            id: 'reason',
            label: 'Why? The one who asked will read it.',
            isRequired: true,
            errorMessage: 'Say why.',
            maxLength: 500,
            isMultiline: true,
          },
        ],
        actions: [button('Reject', 'reject', data, { style: 'destructive' })],
      },
    },
  ];
}

function refreshOf(remediationId: string, userIds: string[]) {
  return {
    action: { type: 'Action.Execute', title: 'Refresh', verb: 'refresh', data: { remediationId } },
    userIds: userIds.slice(0, 60),
  };
}
