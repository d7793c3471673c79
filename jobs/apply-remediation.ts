import { setTimeout as wait } from 'node:timers/promises';
import type { ActionRun, ActionTarget, CloudAction, ObservedResource } from '../clouds/action.ts';
import { canonicalJson, hashOfAction } from '../db/remediations/canonical.ts';
import type { Step } from '../db/remediations/life.ts';
import type { Remediation } from '../db/remediations/remediation.ts';
import { PennyError } from '../errors.ts';

/** What applying one remediation needs from around it. */
export interface Bench {
  /** Undefined where Penny has no such action, or no cloud that it may change. */
  action: CloudAction | undefined;
  /** Why the action is not there. */
  missing: string;
  /** Whether the finding behind it still stands. */
  stillHolds(): Promise<boolean>;
  isProtected(tags: Readonly<Record<string, string>>): boolean;
  /** Whether somebody has stopped all changes. */
  isStopped(): Promise<boolean>;
  step(step: Step): Promise<void>;
  keep(outcome: Readonly<Record<string, unknown>>): Promise<void>;
  signal: AbortSignal;
  /** How long the cloud may take to show what it was asked for, and how often it is looked at. */
  patience?: { forMs: number; everyMs: number };
}

const PATIENCE = { forMs: 10 * 60_000, everyMs: 5_000 };

/** What stands against it for good; another try would meet the same. */
class Refusal extends Error {}

/**
 * Takes an approved remediation to its end, from wherever an earlier try left it: looks again, asks the cloud whether it would, asks it to, and
 * waits until it is true. What cannot be mended by another try ends in a failure that says what is known and what to do next; what may pass is
 * thrown, and the remediation stays where it is.
 * @throws PennyError `cloud_unavailable`, `cloud_budget`; the signal's reason
 */
export async function applyRemediation(remediation: Remediation, bench: Bench): Promise<'done' | 'failed' | 'stopped'> {
  const kept: Record<string, unknown> = { ...(remediation.outcome ?? {}) };
  const keep = async (outcome: Readonly<Record<string, unknown>>): Promise<void> => {
    await bench.keep(outcome);
    Object.assign(kept, outcome);
  };
  try {
    const action = requireAction(remediation, bench);
    const run: ActionRun = { target: targetOf(remediation), outcome: kept, keep, signal: bench.signal };
    return remediation.state === 'undoing'
      ? await undo(action, run, bench)
      : await apply(remediation, action, run, bench);
  } catch (error) {
    if (!isFinal(error)) throw error;
    const failure = `${error.message}${whereItStands(remediation, kept)}`;
    await bench.step({ to: 'failed', failure, outcome: kept });
    return 'failed';
  }
}

function isFinal(error: unknown): error is Error {
  if (error instanceof Refusal) return true;
  if (!(error instanceof PennyError)) return false;
  return !['cloud_unavailable', 'cloud_budget', 'job_timeout', 'job_lost', 'database_unavailable', 'conflict'].includes(
    error.code,
  );
}

/** A failure leaves a known state: what was done up to here is said. */
function whereItStands({ state }: Remediation, kept: Record<string, unknown>): string {
  if (state === 'undoing') return ' It was being undone; look at the resource before anything else.';
  if (kept.asked === undefined) return ' Nothing was changed.';
  return ' The change was asked for before; look at the resource, then propose anew or undo by hand.';
}

function requireAction(remediation: Remediation, { action, missing }: Bench): CloudAction {
  if (hashOfAction(remediation) !== remediation.parametersHash)
    throw new Refusal('Its parameters are not those that were approved.');
  if (action === undefined) throw new Refusal(missing);
  return action;
}

function targetOf({ resourceId, subAccountId, regionId, parameters, applyToken }: Remediation): ActionTarget {
  if (subAccountId === null || regionId === null)
    throw new Refusal('The inventory does not say in which account and region the resource is.');
  return { resourceId, accountId: subAccountId, regionId, parameters, token: applyToken };
}

async function apply(
  remediation: Remediation,
  action: CloudAction,
  run: ActionRun,
  bench: Bench,
): Promise<'done' | 'stopped'> {
  if (remediation.state !== 'applied') {
    if (run.outcome.asked === undefined) {
      const observed = await action.observe(run.target);
      if (observed === undefined) throw new Refusal('The resource is not there any more.');
      await checkAgain(remediation, action, observed, run.target, bench);
      await action.rehearse?.(run.target);
      if (await bench.isStopped()) return 'stopped';
      if (remediation.state === 'approved') await bench.step({ to: 'applying' });
      await run.keep({ asked: true, before: pick(observed, action.restsOn) });
    }
    if (!action.isDone(await action.observe(run.target), run)) await action.apply(run);
    await bench.step({ to: 'applied', outcome: { ...run.outcome } });
  }
  await until((observed) => action.isDone(observed, run), action, run, bench);
  await bench.step({ to: 'verified' });
  return 'done';
}

async function undo(action: CloudAction, run: ActionRun, bench: Bench): Promise<'done' | 'stopped'> {
  if (action.undo === undefined || action.isUndone === undefined) throw new Refusal('Nothing brings it back.');
  const { isUndone } = action;
  if (await bench.isStopped()) return 'stopped';
  if (!isUndone(await action.observe(run.target), run)) await action.undo(run);
  await until((observed) => isUndone(observed, run), action, run, bench);
  await bench.step({ to: 'undone', outcome: { ...run.outcome } });
  return 'done';
}

/** What was approved rests on a state, a finding and the absence of a protecting tag; all three are looked at once more. */
async function checkAgain(
  { observedState }: Remediation,
  action: CloudAction,
  observed: ObservedResource,
  target: ActionTarget,
  { stillHolds, isProtected }: Bench,
): Promise<void> {
  const changed = action.restsOn.filter(
    (path) => canonicalJson(at(observed, path) ?? null) !== canonicalJson(at(observedState, path) ?? null),
  );
  if (changed.length > 0) {
    const what = changed.map(
      (path) => `${path} was ${shown(at(observedState, path))} and is ${shown(at(observed, path))}`,
    );
    throw new Refusal(`It has changed since it was proposed: ${what.join(', ')}. Propose it anew.`);
  }
  if (isProtected(observed.tags)) throw new Refusal('A tag protects it from changes by Penny.');
  if (!(await stillHolds())) throw new Refusal('What was found does not hold any more: it is used, or gone.');
  const refusal = action.refusal?.(observed, target);
  if (refusal !== undefined) throw new Refusal(refusal);
}

async function until(
  isTrue: (observed: ObservedResource | undefined) => boolean,
  action: CloudAction,
  { target }: ActionRun,
  { signal, patience = PATIENCE }: Bench,
): Promise<void> {
  const end = performance.now() + patience.forMs;
  while (!isTrue(await action.observe(target))) {
    if (performance.now() >= end) throw new Refusal('The cloud was asked and did not show it in time.');
    await wait(patience.everyMs, undefined, { signal });
  }
}

function at(value: unknown, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>(
      (part, key) => (part !== null && typeof part === 'object' ? Reflect.get(part, key) : undefined),
      value,
    );
}

const pick = (observed: ObservedResource, paths: readonly string[]): Record<string, unknown> =>
  Object.fromEntries(paths.map((path) => [path, at(observed, path) ?? null]));

const shown = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value ?? null));
