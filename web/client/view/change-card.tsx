import { type ReactNode, useState } from 'react';
import { formatCell } from '../../../tools/format.ts';
import type { Me } from '../../contract.ts';
import type { RemediationBody } from '../../contract-remediations.ts';
import { minuteText } from '../dates.ts';
import { visible } from '../untrusted.ts';
import { SmallButton } from './button.tsx';
import { ReasonForm } from './reason-form.tsx';

export type How = 'approve' | 'reject' | 'cancel' | 'undo';

const STATES: Record<RemediationBody['state'], { word: string; colour: string }> = {
  pending: { word: 'waiting', colour: 'bg-info-soft text-info' },
  approved: { word: 'approved', colour: 'bg-info-soft text-info' },
  applying: { word: 'being applied', colour: 'bg-info-soft text-info' },
  applied: { word: 'applied', colour: 'bg-info-soft text-info' },
  verified: { word: 'done', colour: 'bg-sunken text-good' },
  undoing: { word: 'being undone', colour: 'bg-warn-soft text-warn' },
  undone: { word: 'undone', colour: 'bg-sunken text-soft' },
  rejected: { word: 'rejected', colour: 'bg-sunken text-soft' },
  expired: { word: 'expired', colour: 'bg-sunken text-soft' },
  cancelled: { word: 'taken back', colour: 'bg-sunken text-soft' },
  failed: { word: 'failed', colour: 'bg-bad-soft text-bad' },
};

interface Props {
  item: RemediationBody;
  me: Me;
  onDecide: (how: How, reason?: string) => void;
}

/** A proposed change: what exactly, why, what it is worth and how it is undone, with what this person may do about it. */
export function ChangeCard({ item, me, onDecide }: Props): ReactNode {
  const name = item.resourceName ?? item.resourceId;
  const { word, colour } = STATES[item.state];
  const amount = formatCell(item.estimatedMonthlySavings, 'money', item.billingCurrency);
  return (
    <article
      aria-label={`${item.title ?? item.action}: ${name}`}
      className="rounded-xl border border-line bg-surface px-4 py-3"
    >
      <p className="flex flex-wrap items-center gap-x-2.5 gap-y-1">
        <span className="font-medium">{visible(item.title ?? item.action)}</span>
        <span className={`whitespace-nowrap rounded-full px-2.5 py-0.5 text-xs ${colour}`}>{word}</span>
        {item.risk === 'high' ? (
          <span className="whitespace-nowrap rounded-full bg-warn-soft px-2.5 py-0.5 text-warn text-xs">high risk</span>
        ) : null}
      </p>
      <p className="text-soft text-sm [overflow-wrap:anywhere]">
        <bdi>{visible(name)}</bdi>
        {[item.subAccountId, item.regionId].filter((part) => part !== null).map((part) => ` · ${part}`)}
      </p>
      <p className="mt-2">
        <span className="font-semibold tabular-nums">{amount}</span>{' '}
        <span className="text-soft text-sm">a month, estimated: {visible(item.basis)}</span>
      </p>
      <dl className="mt-2 grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-0.5 text-sm">
        {facts(item).map(([label, value]) => (
          <div className="contents" key={label}>
            <dt className="text-soft">{label}</dt>
            <dd className="[overflow-wrap:anywhere]">
              <bdi>{visible(value)}</bdi>
            </dd>
          </div>
        ))}
      </dl>
      <Exactly item={item} />
      <Decide item={item} me={me} name={name} onDecide={onDecide} />
    </article>
  );
}

function facts(item: RemediationBody): [string, string][] {
  const approvals = `${item.approvedBy.length} of ${item.requiredApprovals}${item.approvedBy.length > 0 ? `: ${item.approvedBy.join(', ')}` : ''}`;
  return [
    ['Proposed', `${minuteText(item.requestedAt)} by ${item.requestedBy}`],
    ['Approved', approvals],
    ...(item.state === 'pending' ? [['Expires', minuteText(item.expiresAt)] satisfies [string, string]] : []),
    ['To undo', item.undoPlan ?? 'Nothing brings it back.'],
    ...(item.rejectedBy === null
      ? []
      : [['Rejected', `by ${item.rejectedBy}: ${item.rejectionReason}`] satisfies [string, string]]),
    ...(item.failure === null ? [] : [['Failed', item.failure] satisfies [string, string]]),
  ];
}

/** What an approval counts for, to the letter. */
function Exactly({ item }: { item: RemediationBody }): ReactNode {
  return (
    <details className="mt-2 text-sm">
      <summary className="cursor-pointer text-soft hover:text-ink">Exactly what, and why</summary>
      <pre className="mt-1 overflow-x-auto rounded-lg bg-sunken p-3 text-xs">
        {visible(
          JSON.stringify(
            { action: item.action, parameters: item.parameters, hash: item.parametersHash, evidence: item.evidence },
            null,
            2,
          ),
        )}
      </pre>
    </details>
  );
}

function Decide({ item, me, name, onDecide }: Props & { name: string }): ReactNode {
  const [isRejecting, setRejecting] = useState(false);
  const isOwn = item.requestedBy === me.email;
  const mayDecide = (me.role === 'approver' || me.role === 'admin') && !isOwn;
  const hasDecided = item.approvedBy.includes(me.email);
  const border = 'border border-line-strong';
  if (isRejecting) {
    return (
      <ReasonForm
        action="Reject"
        label="Why not? The one who asked will read it."
        onCancel={() => setRejecting(false)}
        onSend={(reason) => {
          setRejecting(false);
          onDecide('reject', reason);
        }}
      />
    );
  }
  if (item.state === 'pending' && mayDecide && !hasDecided) {
    return (
      <div className="mt-3 flex flex-wrap gap-2">
        <button
          aria-label={`Approve: ${name}`}
          className="inline-flex min-h-8 items-center rounded-lg bg-accent px-3 font-medium text-on-accent text-sm hover:bg-accent-strong"
          onClick={() => onDecide('approve')}
          type="button"
        >
          Approve
        </button>
        <SmallButton aria-label={`Reject: ${name}`} className={border} onClick={() => setRejecting(true)}>
          Reject
        </SmallButton>
      </div>
    );
  }
  if (item.state === 'pending' && isOwn) {
    return (
      <div className="mt-3 flex flex-wrap items-center gap-2">
        <span className="text-soft text-sm">You proposed it, so somebody else decides.</span>
        <SmallButton aria-label={`Take back: ${name}`} className={border} onClick={() => onDecide('cancel')}>
          Take back
        </SmallButton>
      </div>
    );
  }
  const canUndo = (item.state === 'applied' || item.state === 'verified') && item.undoPlan !== null;
  if (canUndo && (me.role === 'approver' || me.role === 'admin')) {
    return (
      <SmallButton aria-label={`Undo: ${name}`} className={`mt-3 ${border}`} onClick={() => onDecide('undo')}>
        Undo
      </SmallButton>
    );
  }
  return null;
}
