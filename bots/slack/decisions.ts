import type { Remediation } from '../../agent/decide.ts';
import { PennyError } from '../../errors.ts';
import type { Outbox } from '../mailbox.ts';
import type { SlackOptions } from './options.ts';
import { type Add, howToBeLinked, type Person, personOf } from './questions.ts';
import { cardOf } from './render-remediation.ts';

/** How a decision ended: what it was decided on, or why it was refused, in words for the one who decided. */
export type Outcome = { remediation: Remediation } | { refusal: string };

interface Given {
  remediationId: string;
  decision: 'approve' | 'reject';
  reason?: string;
}

/**
 * Decides as the person whom Slack names, and has every card of the remediation show what became of it, also when somebody else was faster.
 */
export async function decideFromSlack(options: SlackOptions, add: Add, person: Person, given: Given): Promise<Outcome> {
  const principal = await personOf(options, person);
  if (principal === undefined) return { refusal: howToBeLinked(person) };
  try {
    const remediation = await options.decisions.decide({ principal, surface: 'slack' }, given);
    await updateCards(options, add, remediation);
    return { remediation };
  } catch (error) {
    if (!(error instanceof PennyError) || error.status >= 500) throw error;
    if (error.code === 'conflict')
      await options.decisions.find(principal, given.remediationId).then(
        (remediation) => updateCards(options, add, remediation),
        () => {},
      );
    return { refusal: error.message };
  }
}

/** Writes an update of each card that was shown, once for each state. */
async function updateCards({ mailbox, now }: SlackOptions, add: Add, remediation: Remediation): Promise<void> {
  const { remediationId } = remediation;
  const card = cardOf(remediation, now());
  const outbox: Outbox = mailbox.outbox;
  for (const { messageId, tenant, destination } of await outbox.about('approval', 'remediationId', remediationId))
    await add({
      tenant,
      destination,
      kind: 'approval',
      deduplicationKey: `slack:approval:${messageId}:${card.state}:${remediation.approvedBy.length}`,
      payload: { remediationId, card, canDecide: true },
      updates: messageId,
    });
}
