import { DescribeInstancesCommand, EC2Client, type Instance } from '@aws-sdk/client-ec2';
import type { ActionTarget, ObservedResource } from '../../action.ts';
import { tagsOf } from '../inventory/kind.ts';
import { ifThere, type PlaceOf } from './action.ts';

/** Returns an EC2 instance as it is now; undefined when it is terminated or was never there. */
export async function observeInstance(at: PlaceOf, target: ActionTarget): Promise<ObservedResource | undefined> {
  const instance = await describeInstance(at, target, target.resourceId);
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
      volumes: (instance.BlockDeviceMappings ?? []).flatMap(({ Ebs }) => Ebs?.VolumeId ?? []).sort(),
    },
    tags,
  };
}

/** Returns an instance as EC2 describes it, terminated or not; undefined when it was never there. */
export async function describeInstance(at: PlaceOf, target: ActionTarget, id: string): Promise<Instance | undefined> {
  const command = new DescribeInstancesCommand({ InstanceIds: [id] });
  const found = await ifThere(() => at(target).client(EC2Client).send(command));
  return found?.Reservations?.[0]?.Instances?.[0];
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
