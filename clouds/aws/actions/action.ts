import { PennyError } from '../../../errors.ts';
import type { ActionRun, ActionTarget, CloudAction } from '../../action.ts';
import type { Aws } from '../clients.ts';
import { nameOf } from '../errors.ts';
import type { AwsPlace } from '../place.ts';

/** What the file of an action writes; `at` gives the clients of the account and region of its target. */
export type AwsAction = (at: PlaceOf) => CloudAction;

/** Returns the clients of the account and region that a target lies in. */
export type PlaceOf = (target: ActionTarget) => AwsPlace;

/** Returns places by account and region, each opened once, and what closes them. */
export function openPlaces(aws: Aws): { at: PlaceOf; close(): void } {
  const places = new Map<string, AwsPlace>();
  return {
    at({ accountId, regionId }) {
      const key = `${accountId}/${regionId}`;
      const known = places.get(key) ?? aws.place({ accountId, region: regionId });
      places.set(key, known);
      return known;
    },
    close() {
      for (const place of places.values()) place.close();
    },
  };
}

/** Returns a text among the parameters. @throws TypeError when there is none: such a proposal is never made */
export function textParameter({ parameters }: ActionTarget, name: string): string {
  const value = parameters[name];
  if (typeof value === 'string' && value !== '') return value;
  throw new TypeError(`The parameter ${name} is missing.`);
}

/** Returns a number among the parameters; undefined when there is none. */
export function numberParameter({ parameters }: ActionTarget, name: string): number | undefined {
  const value = parameters[name];
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

/** Returns what of the resource was kept before it was changed, by the paths that the action rests on. */
export function beforeOf({ outcome }: Pick<ActionRun, 'outcome'>): Record<string, unknown> {
  return (outcome.before ?? {}) as Record<string, unknown>;
}

/** Whether the SDK says that a thing is not there, in the words of its service. */
export function isNotFound(error: unknown): boolean {
  return error instanceof Error && /NotFound|NotFoundException|NoSuch/.test(error.name);
}

/** Returns what `work` gives; undefined where the thing it is about is not there, be it that it never was or is gone already. */
export async function ifThere<Result>(work: () => Promise<Result>): Promise<Result | undefined> {
  try {
    return await work();
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

/** The tag that names the remediation which made a thing, by its token: what was made by an earlier try is found again by it. */
export const TOKEN_TAG = 'penny:remediation';

/** Returns the tags of a thing that is made in place of, or from, another one: its own, as far as they can be given, and the token. */
export function tagsFrom(tags: Readonly<Record<string, string>>, token: string): { Key: string; Value: string }[] {
  const own = Object.entries(tags).filter(([key]) => !key.startsWith('aws:') && key !== TOKEN_TAG);
  return [...own, [TOKEN_TAG, token]].map(([Key = '', Value = '']) => ({ Key, Value }));
}

/** Refusals that pass: something else is being changed about the resource, or was changed not long ago. */
const PASSING =
  /^(ResourceConflictException|ConcurrentModification\w*|ScalingActivityInProgress\w*|VolumeModificationRateExceeded|IncorrectModificationState|OperationInProgress\w*)$/;

/**
 * Returns an action whose refusals by AWS are PennyErrors, so that what no other try would mend is not tried for ever: `cloud_unavailable` for
 * those that pass, `cloud_refused` for the others.
 */
export function tellingRefusals(action: CloudAction): CloudAction {
  const { observe, rehearse, apply, undo } = action;
  return {
    ...action,
    observe: (target) => told(() => observe(target)),
    apply: (run) => told(() => apply(run)),
    ...(rehearse === undefined ? {} : { rehearse: (target) => told(() => rehearse(target)) }),
    ...(undo === undefined ? {} : { undo: (run) => told(() => undo(run)) }),
  };
}

async function told<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof PennyError || Object(error).$fault !== 'client') throw error;
    const name = nameOf(error);
    const said = `AWS refused: ${(error as Error).message} (${name}).`;
    if (PASSING.test(name)) throw new PennyError('cloud_unavailable', `${said} It is tried again.`, { cause: error });
    throw new PennyError('cloud_refused', said, { cause: error });
  }
}
