import type pg from 'pg';
import type { CloudAction } from '../clouds/action.ts';
import { openActions } from '../clouds/registry.ts';
import { type Holds, openHolds } from '../db/remediations/hold.ts';
import {
  expireRemediations,
  isOpen,
  keepOutcome,
  remediationsToApply,
  stoppedBecause,
  takeStep,
} from '../db/remediations/life.ts';
import { findRemediation, type Remediation } from '../db/remediations/remediation.ts';
import { applyRemediation } from './apply-remediation.ts';
import type { Job, RunContext, RunOutcome } from './job.ts';

/** Applies what was approved, undoes what is to be undone, and closes what nobody decided on in time. */
export const applyRemediationsJob: Job = {
  name: 'apply-remediations',
  title: 'Applies the changes that were approved, and sees that they become true.',
  schedule: '* * * * *',
  timeoutMs: 60 * 60_000,
  retries: 3,
  async run(context) {
    const { actions, missing, close } = await openActions(context.config, context.signal);
    try {
      return await applyApproved(context, ({ action }) => {
        const found = actions.find(({ name }) => name === action);
        return found ?? missing ?? `There is no action ${action}.`;
      });
    } finally {
      close();
    }
  },
};

/** Remediations at work at a time: some take minutes to become true. */
const AT_ONCE = 4;

/** Finds the action of a remediation, or says why there is none. */
export type FindAction = (remediation: Remediation) => CloudAction | string;

/** As the job, with another way to find actions. */
export async function applyApproved(
  context: Pick<RunContext, 'db' | 'now' | 'signal' | 'log' | 'progress' | 'transaction' | 'config'>,
  find: FindAction,
  patience?: { forMs: number; everyMs: number },
): Promise<RunOutcome> {
  const { db, log, transaction } = context;
  await transaction((client) => expireRemediations(client, context.now));
  const waiting = await remediationsToApply(db.pool);
  let done = 0;
  const errors: unknown[] = [];
  const holds = await openHolds(db.pool);
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      try {
        const end = await applyAlone(next, context, { find, holds, patience });
        log.info({ remediationId: next.remediationId, action: next.action, end }, 'a remediation was worked on');
      } catch (error) {
        // The others do not wait for a cloud that does not answer for this one; the run fails after them and is tried again.
        errors.push(error);
      }
      done += 1;
      context.progress({ done, total: done + waiting.length, text: 'applying' });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work)).finally(holds.close);
  if (errors.length > 0) throw errors[0];
  return { rows: done };
}

interface Means {
  find: FindAction;
  holds: Holds;
  patience: { forMs: number; everyMs: number } | undefined;
}

/** Leaves what another worker is at, and looks again at what has waited. */
async function applyAlone(
  { remediationId }: Remediation,
  context: Parameters<typeof applyApproved>[0],
  means: Means,
): Promise<string> {
  if (!(await means.holds.take(remediationId))) return 'elsewhere';
  try {
    const now = await findRemediation(context.db.pool, remediationId);
    return now !== undefined && isOpen(now) ? await applyOne(now, context, means) : 'ended';
  } finally {
    await means.holds.release(remediationId);
  }
}

async function applyOne(
  remediation: Remediation,
  { db, signal, transaction, config }: Parameters<typeof applyApproved>[0],
  { find, patience }: Means,
): Promise<string> {
  const { remediationId, recommendationId } = remediation;
  const found = find(remediation);
  return applyRemediation(remediation, {
    action: typeof found === 'string' ? undefined : found,
    missing: typeof found === 'string' ? found : '',
    stillHolds: () => holds(db.pool, recommendationId),
    isProtected: (tags) => isProtectedBy(config.PENNY_PROTECTED_TAGS, tags),
    isStopped: async () => (await stoppedBecause(db.pool)) !== undefined,
    step: (step) => transaction((client) => takeStep(client, remediationId, step, new Date())),
    keep: (outcome) => transaction((client) => keepOutcome(client, remediationId, outcome)),
    signal,
    ...(patience === undefined ? {} : { patience }),
  });
}

/** Whether the finding is one still: checks close it when it does not hold any more. */
async function holds(pool: pg.Pool, recommendationId: number | null): Promise<boolean> {
  if (recommendationId === null) return true;
  const { rows } = await pool.query<{ state: string }>(
    'SELECT state FROM recommendations WHERE recommendation_id = $1 AND closed_at IS NULL',
    [recommendationId],
  );
  return rows[0] !== undefined && rows[0].state !== 'dismissed';
}

/** Whether one of the tags, each KEY or KEY=VALUE, is there; keys and values compare without case. */
export function isProtectedBy(protecting: readonly string[], tags: Readonly<Record<string, string>>): boolean {
  const there = new Set(
    Object.entries(tags).flatMap(([key, value]) => [key.toLowerCase(), `${key}=${value}`.toLowerCase()]),
  );
  return protecting.some((tag) => there.has(tag.toLowerCase()));
}
