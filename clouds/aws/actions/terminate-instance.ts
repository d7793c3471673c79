import {
  DescribeInstanceAttributeCommand,
  EC2Client,
  ModifyInstanceAttributeCommand,
  StopInstancesCommand,
  TerminateInstancesCommand,
  waitUntilInstanceStopped,
} from '@aws-sdk/client-ec2';
import type { ActionRun, ActionTarget, ObservedResource } from '../../action.ts';
import type { AwsAction, PlaceOf } from './action.ts';
import { wouldDo } from './dry-run.ts';
import { describeInstance, observeInstance, refuseInstance } from './instance.ts';
import { snapshotFirst } from './snapshot-first.ts';
import { describeVolume } from './volume.ts';

/**
 * Ends an EC2 instance. It is stopped first, so that what it has in memory is written; of the volumes that are named a snapshot is made and
 * they go with it, the others stay.
 */
export const terminateInstance: AwsAction = (at) => ({
  name: 'terminate-instance',
  restsOn: ['state', 'configuration.instanceType', 'configuration.volumes'],
  operations: [
    'EC2.DescribeInstances',
    'EC2.DescribeInstanceAttribute',
    'EC2.DescribeVolumes',
    'EC2.DescribeSnapshots',
    'EC2.StopInstances',
    'EC2.CreateSnapshot',
    'EC2.ModifyInstanceAttribute',
    'EC2.TerminateInstances',
  ],
  observe: (target) => observe(at, target),
  refusal: refuse,
  rehearse: (target) =>
    wouldDo(() =>
      at(target)
        .client(EC2Client)
        .send(new TerminateInstancesCommand({ InstanceIds: [target.resourceId], DryRun: true })),
    ),
  apply: (run) => apply(at, run),
  isDone: (observed) => observed === undefined,
});

async function observe(at: PlaceOf, target: ActionTarget): Promise<ObservedResource | undefined> {
  const observed = await observeInstance(at, target);
  if (observed === undefined || observed.state === 'shutting-down') return observed;
  const answer = await at(target)
    .client(EC2Client)
    .send(new DescribeInstanceAttributeCommand({ InstanceId: target.resourceId, Attribute: 'disableApiTermination' }));
  const isTerminationProtected = answer.DisableApiTermination?.Value === true;
  return { ...observed, configuration: { ...observed.configuration, isTerminationProtected } };
}

function refuse(observed: ObservedResource, target: ActionTarget): string | undefined {
  if (observed.configuration.isTerminationProtected === true)
    return 'Its termination protection is on; whoever set it has a reason.';
  const volumes = observed.configuration.volumes as string[];
  const other = volumesOf(target).find((id) => !volumes.includes(id));
  if (other !== undefined) return `The volume ${other} is not attached to it any more.`;
  return refuseInstance(observed);
}

/** The volumes that are to go with it. */
function volumesOf({ parameters }: ActionTarget): string[] {
  const ids = parameters.snapshotVolumeIds;
  return Array.isArray(ids) ? ids.filter((id) => typeof id === 'string') : [];
}

async function apply(at: PlaceOf, run: ActionRun): Promise<void> {
  const { target, signal } = run;
  const id = target.resourceId;
  const client = at(target).client(EC2Client);
  const state = (await observeInstance(at, target))?.state;
  if (state === undefined || state === 'shutting-down') return;
  if (state !== 'stopped') {
    await client.send(new StopInstancesCommand({ InstanceIds: [id] }));
    const patience = { client, maxWaitTime: 600, minDelay: 2, maxDelay: 10, abortSignal: signal };
    await waitUntilInstanceStopped(patience, { InstanceIds: [id] });
  }
  for (const volumeId of volumesOf(target)) await snapshotVolume(at, run, volumeId);
  await letVolumesGo(at, target);
  await client.send(new TerminateInstancesCommand({ InstanceIds: [id] }));
}

async function snapshotVolume(at: PlaceOf, run: ActionRun, volumeId: string): Promise<void> {
  const volume = await describeVolume(at, run.target, volumeId);
  if (volume === undefined) return;
  const snapshotId = await snapshotFirst(at, run, volume);
  await run.keep({ snapshots: { ...(run.outcome.snapshots as object | undefined), [volumeId]: snapshotId } });
}

/** Whether a volume goes with its instance is an attribute of the instance: it is set for those that are named, and taken from the others. */
async function letVolumesGo(at: PlaceOf, target: ActionTarget): Promise<void> {
  const going = volumesOf(target);
  const instance = await describeInstance(at, target, target.resourceId);
  const wrong = (instance?.BlockDeviceMappings ?? []).filter(
    ({ Ebs }) => Ebs?.DeleteOnTermination !== going.includes(Ebs?.VolumeId ?? ''),
  );
  if (wrong.length === 0) return;
  const BlockDeviceMappings = wrong.map(({ DeviceName, Ebs }) => ({
    DeviceName,
    Ebs: { DeleteOnTermination: going.includes(Ebs?.VolumeId ?? '') },
  }));
  await at(target)
    .client(EC2Client)
    .send(new ModifyInstanceAttributeCommand({ InstanceId: target.resourceId, BlockDeviceMappings }));
}
