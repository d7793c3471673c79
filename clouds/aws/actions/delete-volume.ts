import {
  CreateVolumeCommand,
  DeleteVolumeCommand,
  DetachVolumeCommand,
  EC2Client,
  paginateDescribeVolumes,
  type Volume,
  waitUntilVolumeAvailable,
} from '@aws-sdk/client-ec2';
import { PennyError } from '../../../errors.ts';
import type { ActionRun, ActionTarget, ObservedResource } from '../../action.ts';
import { tagsOf } from '../inventory/kind.ts';
import { type AwsAction, ifThere, type PlaceOf, TOKEN_TAG, tagsFrom } from './action.ts';
import { wouldDo } from './dry-run.ts';
import { describeInstance } from './instance.ts';
import { snapshotFirst } from './snapshot-first.ts';
import { describeVolume, observeVolume } from './volume.ts';

/** Deletes an EBS volume once a snapshot of it is complete; one that is attached only from the instance that was named. */
export const deleteVolume: AwsAction = (at) => ({
  name: 'delete-volume',
  restsOn: ['state', 'configuration.volumeType', 'configuration.sizeGib', 'configuration.attachedTo'],
  operations: [
    'EC2.DescribeVolumes',
    'EC2.DescribeInstances',
    'EC2.DescribeSnapshots',
    'EC2.CreateSnapshot',
    'EC2.DetachVolume',
    'EC2.DeleteVolume',
    'EC2.CreateVolume',
  ],
  observe: (target) => observe(at, target),
  refusal: refuse,
  rehearse: (target) =>
    wouldDo(() =>
      at(target)
        .client(EC2Client)
        .send(new DeleteVolumeCommand({ VolumeId: target.resourceId, DryRun: true })),
    ),
  apply: (run) => apply(at, run),
  isDone: (observed) => observed === undefined,
  undo: (run) => restore(at, run),
  isUndone: (_, { outcome }) => typeof outcome.restoredVolumeId === 'string',
});

/** With whether it is what its instance starts from. */
async function observe(at: PlaceOf, target: ActionTarget): Promise<ObservedResource | undefined> {
  const observed = await observeVolume(at, target);
  const { attachedTo, device } = observed?.configuration ?? {};
  if (observed === undefined || typeof attachedTo !== 'string') return observed;
  const instance = await describeInstance(at, target, attachedTo);
  const isRoot = device !== undefined && instance?.RootDeviceName === device;
  return { ...observed, configuration: { ...observed.configuration, isRoot } };
}

function refuse({ configuration }: ObservedResource, { parameters }: ActionTarget): string | undefined {
  const { attachedTo, isMultiAttach, isRoot } = configuration;
  if (parameters.withSnapshot !== true) return 'Penny deletes no volume without a snapshot of it.';
  if (isMultiAttach === true) return 'Several instances may use it at once.';
  if (attachedTo !== undefined && attachedTo !== (parameters.detachFrom ?? undefined))
    return `It is attached to ${attachedTo}.`;
  if (isRoot === true) return `It is the root of ${attachedTo}, which cannot do without it.`;
  return undefined;
}

async function apply(at: PlaceOf, run: ActionRun): Promise<void> {
  const { target, signal } = run;
  const { resourceId: id, parameters } = target;
  const client = at(target).client(EC2Client);
  const volume = await describeVolume(at, target, id);
  if (volume === undefined) return;
  const snapshotId = await snapshotFirst(at, run, volume);
  await run.keep({ snapshotId, volume: shapeOf(volume) });
  const attached = (volume.Attachments ?? []).find(({ InstanceId }) => InstanceId === parameters.detachFrom);
  if (attached !== undefined && attached.State !== 'detaching')
    await client.send(new DetachVolumeCommand({ VolumeId: id, InstanceId: attached.InstanceId }));
  const patience = { client, maxWaitTime: 600, minDelay: 2, maxDelay: 10, abortSignal: signal };
  if (attached !== undefined) await waitUntilVolumeAvailable(patience, { VolumeIds: [id] });
  await ifThere(() => client.send(new DeleteVolumeCommand({ VolumeId: id })));
}

/** What a volume is made of again that its snapshot does not hold. */
const shapeOf = ({ AvailabilityZone, VolumeType, Iops, Throughput, Tags }: Volume) => ({
  AvailabilityZone,
  VolumeType,
  // Of gp2 and the types on hard disks it follows from the size and cannot be given.
  Iops: ['gp3', 'io1', 'io2'].includes(VolumeType ?? '') ? Iops : undefined,
  Throughput,
  tags: tagsOf(Tags),
});

async function restore(at: PlaceOf, { target, outcome, keep, signal }: ActionRun): Promise<void> {
  const { snapshotId, volume } = outcome;
  if (typeof snapshotId !== 'string' || typeof volume !== 'object' || volume === null)
    throw new PennyError('cloud_refused', 'There is no snapshot to make it of: it was not Penny that deleted it.');
  const { tags, ...shape } = volume as ReturnType<typeof shapeOf>;
  const client = at(target).client(EC2Client);
  const id = (await findRestored(client, target.token)) ?? (await make());
  const patience = { client, maxWaitTime: 600, minDelay: 2, maxDelay: 10, abortSignal: signal };
  await waitUntilVolumeAvailable(patience, { VolumeIds: [id] });
  await keep({ restoredVolumeId: id });

  async function make(): Promise<string> {
    const Tags = tagsFrom(tags, target.token);
    const asked = new CreateVolumeCommand({
      ...{ ...shape, SnapshotId: String(snapshotId), ClientToken: target.token },
      TagSpecifications: [{ ResourceType: 'volume', Tags }],
    });
    return (await client.send(asked)).VolumeId ?? '';
  }
}

async function findRestored(client: EC2Client, token: string): Promise<string | undefined> {
  const Filters = [{ Name: `tag:${TOKEN_TAG}`, Values: [token] }];
  for await (const { Volumes } of paginateDescribeVolumes({ client }, { Filters })) {
    for (const { VolumeId } of Volumes ?? []) if (VolumeId !== undefined) return VolumeId;
  }
  return undefined;
}
