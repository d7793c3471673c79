import type { ActionRun, ActionTarget, CloudAction } from '../../action.ts';
import { type Moto, openMoto } from '../moto.fixture.ts';
import { awsSettings, TEST_CREDENTIALS } from '../wire.fixture.ts';
import { openAwsActions } from './index.ts';

export const REGION = 'eu-west-1';
export const ACCOUNT = '123456789012';

/** The actions over a stand-in for AWS, and what their tests need of it. */
export interface ActionScene {
  moto: Moto;
  /** What clients of the test are made with. */
  at: { region: string; endpoint: string; credentials: typeof TEST_CREDENTIALS };
  action(name: string): CloudAction;
  close(): Promise<void>;
}

export async function openActionScene(): Promise<ActionScene> {
  const moto = await openMoto();
  const open = openActionsAt(moto.endpoint);
  return {
    moto,
    at: { region: REGION, endpoint: moto.endpoint, credentials: TEST_CREDENTIALS },
    action: open.action,
    async close() {
      open.close();
      await moto.stop();
    },
  };
}

/** Returns the actions over what answers at an address. */
export function openActionsAt(endpoint: string): { action(name: string): CloudAction; close(): void } {
  const settings = awsSettings({ PENNY_AWS_ROLE_ARN: 'arn:aws:iam::{account}:role/penny-actor' });
  const { actions, close } = openAwsActions(settings, { endpoint, credentials: TEST_CREDENTIALS });
  const action = (name: string): CloudAction => {
    const found = actions.find((one) => one.name === name);
    if (found === undefined) throw new Error(`there is no ${name}`);
    return found;
  };
  return { action, close };
}

export function targetOf(
  resourceId: string,
  parameters: Record<string, unknown> = {},
  token = `token-${resourceId.split('/').at(-1)}`,
): ActionTarget {
  return { resourceId, accountId: ACCOUNT, regionId: REGION, parameters, token };
}

/** A run that keeps what it is told to, as the job does. */
export function runOf(target: ActionTarget, outcome: Record<string, unknown> = {}): ActionRun {
  return {
    target,
    outcome,
    async keep(more) {
      Object.assign(outcome, structuredClone(more));
    },
    signal: new AbortController().signal,
  };
}

/** Returns what the job keeps before it asks for the change. */
export async function beforeOf({ observe, restsOn }: CloudAction, target: ActionTarget): Promise<{ before: unknown }> {
  const observed = await observe(target);
  const at = (path: string) =>
    path.split('.').reduce<unknown>((part, key) => Reflect.get(Object(part), key), observed) ?? null;
  return { before: Object.fromEntries(restsOn.map((path) => [path, at(path)])) };
}

/** Returns why it would be refused as things are. */
export async function refusalOf({ observe, refusal }: CloudAction, target: ActionTarget): Promise<string | undefined> {
  const observed = await observe(target);
  if (observed === undefined) throw new Error('it is not there');
  return refusal?.(observed, target);
}

/**
 * Applies it as the job does, then twice more: once as by a worker that took over from one that died with all that was kept, once from one that
 * died before it kept anything. Returns the run.
 */
export async function applyThrice(action: CloudAction, target: ActionTarget): Promise<ActionRun> {
  const before = await beforeOf(action, target);
  await action.rehearse?.(target);
  const first = runOf(target, structuredClone(before));
  await action.apply(first);
  for (const outcome of [{ ...first.outcome }, structuredClone(before)]) {
    const again = runOf(target, outcome);
    if (!action.isDone(await action.observe(target), again)) await action.apply(again);
  }
  return first;
}
