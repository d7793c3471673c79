import type { ActionTarget, CloudAction } from '../../action.ts';
import type { Aws } from '../clients.ts';
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

/** Whether the SDK says that a thing is not there, in the words of its service. */
export function isNotFound(error: unknown): boolean {
  return error instanceof Error && /NotFound|NotFoundException|NoSuch/.test(error.name);
}
