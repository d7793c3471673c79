import type { Verdict } from './check.ts';

/** A recommendation that has not ended, as far as its next step goes. */
export interface Alive {
  state: string;
  dismissedUntil: string | null;
  isGone: boolean;
  changedAt: Date | null;
}

export interface Step {
  to: 'open' | 'closed';
  reason: string;
}

/**
 * How long a change just seen is left to the tracker of savings, which records what was done and what it saves, before what was
 * recommended is closed for it.
 */
const LEFT_TO_TRACKER_MS = 36 * 3_600_000;

/**
 * Returns the next step in the life of a recommendation by what its check says now; undefined when it stays as it is. `verdict` is
 * undefined when the check found nothing to look at. What was applied is the savings tracker's; what cannot be judged stays.
 */
export function nextStep(
  { state, dismissedUntil, isGone, changedAt }: Alive,
  verdict: Verdict | undefined,
  now: Date,
): Step | undefined {
  const isOver = state === 'dismissed' && dismissedUntil !== null && dismissedUntil <= now.toISOString().slice(0, 10);
  if (verdict?.verdict === 'recommend') {
    return isOver ? { to: 'open', reason: `It was dismissed until ${dismissedUntil} and still holds.` } : undefined;
  }
  if (!['open', 'accepted', 'dismissed'].includes(state) || verdict?.verdict === 'unknown') return undefined;
  if (state !== 'dismissed' && changedAt !== null && now.getTime() - changedAt.getTime() < LEFT_TO_TRACKER_MS) {
    return undefined;
  }
  if (isGone) return { to: 'closed', reason: 'The resource is gone.' };
  // A no with a reason stands though the finding comes and goes.
  if (state === 'dismissed' && !isOver) return undefined;
  if (verdict === undefined) return { to: 'closed', reason: 'It is not there any more.' };
  const why = verdict.verdict === 'keep' ? verdict.why : 'It is not what it was when it was found.';
  return { to: 'closed', reason: `It does not hold any more. ${why}` };
}
