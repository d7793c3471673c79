import type { CloudAction } from '../../action.ts';
import { type AwsOptions, type AwsSettings, openAws } from '../clients.ts';
import { type AwsAction, openPlaces } from './action.ts';
import { resizeInstance } from './resize-instance.ts';
import { stopInstance } from './stop-instance.ts';

/** Every change Penny can make in AWS. A new one is a file and a line here. */
export const AWS_ACTIONS: readonly AwsAction[] = [stopInstance, resizeInstance];

/** Returns the actions over the accounts that the settings name, with what lets go of their connections. */
export function openAwsActions(
  settings: AwsSettings,
  options: AwsOptions = {},
): { actions: CloudAction[]; close(): void } {
  const { at, close } = openPlaces(openAws(settings, options));
  return { actions: AWS_ACTIONS.map((action) => action(at)), close };
}
