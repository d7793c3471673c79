import { DescribeInstancesCommand, EC2Client, type Instance } from '@aws-sdk/client-ec2';
import { PennyError } from '../../../errors.ts';
import type { ActionTarget, ObservedResource } from '../../action.ts';
import { tagsOf } from '../inventory/kind.ts';
import { isNotFound, type PlaceOf } from './action.ts';

/** Returns an EC2 instance as it is now; undefined when it is terminated or was never there. */
export async function observeInstance(at: PlaceOf, target: ActionTarget): Promise<ObservedResource | undefined> {
  const instance = await describe(at, target);
  const state = instance?.State?.Name;
  if (instance === undefined || state === undefined || state === 'terminated') return undefined;
  const tags = tagsOf(instance.Tags);
  return {
    state,
    configuration: {
      instanceType: instance.InstanceType,
      autoScalingGroup: tags['aws:autoscaling:groupName'],
      lifecycle: instance.InstanceLifecycle,
      rootDevice: instance.RootDeviceType,
    },
    tags,
  };
}

async function describe(at: PlaceOf, target: ActionTarget): Promise<Instance | undefined> {
  try {
    const command = new DescribeInstancesCommand({ InstanceIds: [target.resourceId] });
    const { Reservations } = await at(target).client(EC2Client).send(command);
    return Reservations?.[0]?.Instances?.[0];
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

/** Why an instance must not be stopped, resized or ended: something else decides over it, or it would lose what is on it. */
export function refuseInstance({ configuration, state }: ObservedResource): string | undefined {
  if (typeof configuration.autoScalingGroup === 'string')
    return `It belongs to the Auto Scaling group ${configuration.autoScalingGroup}, which would replace it; change the group instead.`;
  if (configuration.lifecycle === 'spot') return 'It is a spot instance: it cannot be stopped and started at will.';
  if (configuration.rootDevice === 'instance-store') return 'What is on it would be lost: its root is instance store.';
  if (!['running', 'stopped'].includes(state)) return `It is ${state}.`;
  return undefined;
}

/**
 * Runs what asks EC2 whether it would (`DryRun`), which answers yes with an error.
 * @throws PennyError `cloud_denied`; others as the SDK gives them
 */
export async function wouldDo(ask: () => Promise<unknown>): Promise<void> {
  try {
    await ask();
  } catch (error) {
    if (error instanceof Error && error.name === 'DryRunOperation') return;
    throw error;
  }
  throw new PennyError('internal', 'A question whether EC2 would do something was answered as if it had been done.');
}
