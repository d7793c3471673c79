import {
  DescribeVolumesModificationsCommand,
  EC2Client,
  ModifyVolumeCommand,
  type VolumeType,
} from '@aws-sdk/client-ec2';
import type { ActionRun, ActionTarget, ObservedResource } from '../../action.ts';
import { type AwsAction, beforeOf, ifThere, numberParameter, type PlaceOf, textParameter } from './action.ts';
import { wouldDo } from './dry-run.ts';
import { observeVolume } from './volume.ts';

const OF_GP3 = 'configuration.throughputMibPerSecond';

/** Changes the type, the IOPS or the throughput of an EBS volume while it is used. AWS allows it once in six hours. */
export const changeVolumeType: AwsAction = (at) => ({
  name: 'change-volume-type',
  restsOn: ['state', 'configuration.volumeType', 'configuration.sizeGib', 'configuration.iops', OF_GP3],
  operations: ['EC2.DescribeVolumes', 'EC2.DescribeVolumesModifications', 'EC2.ModifyVolume'],
  observe: (target) => observeVolume(at, target),
  refusal: ({ state }) => (['in-use', 'available'].includes(state) ? undefined : `It is ${state}.`),
  rehearse: (target) =>
    wouldDo(() =>
      at(target)
        .client(EC2Client)
        .send(new ModifyVolumeCommand({ ...asked(target, wanted(target)), DryRun: true })),
    ),
  apply: (run) => makeShape(at, run, wanted(run.target)),
  isDone: (observed, { target }) => isSo(observed, wanted(target)),
  undo: (run) => makeShape(at, run, shapeBefore(run)),
  isUndone: (observed, run) => isSo(observed, shapeBefore(run)),
});

/** What a volume gives; undefined what its type and size decide. */
interface Shape {
  volumeType: string;
  iops: number | undefined;
  throughputMibPerSecond: number | undefined;
}

const wanted = (target: ActionTarget): Shape => ({
  volumeType: textParameter(target, 'volumeType'),
  iops: numberParameter(target, 'iops'),
  throughputMibPerSecond: numberParameter(target, 'throughputMibPerSecond'),
});

function shapeBefore(run: Pick<ActionRun, 'outcome'>): Shape {
  const before = beforeOf(run);
  const volumeType = String(before['configuration.volumeType']);
  const numberAt = (path: string) => (typeof before[path] === 'number' ? before[path] : undefined);
  return {
    volumeType,
    iops: ['gp3', 'io1', 'io2'].includes(volumeType) ? numberAt('configuration.iops') : undefined,
    throughputMibPerSecond: volumeType === 'gp3' ? numberAt(OF_GP3) : undefined,
  };
}

const isSo = (observed: ObservedResource | undefined, shape: Shape): boolean =>
  Object.entries(shape).every(([name, value]) => value === undefined || observed?.configuration[name] === value);

const asked = ({ resourceId }: ActionTarget, { volumeType, iops, throughputMibPerSecond }: Shape) => ({
  VolumeId: resourceId,
  VolumeType: volumeType as VolumeType,
  Iops: iops,
  Throughput: throughputMibPerSecond,
});

/** A change that is under way is not asked for again: AWS would refuse it. */
async function makeShape(at: PlaceOf, { target }: ActionRun, shape: Shape): Promise<void> {
  const client = at(target).client(EC2Client);
  const question = new DescribeVolumesModificationsCommand({ VolumeIds: [target.resourceId] });
  const found = await ifThere(() => client.send(question));
  const isUnderWay = (found?.VolumesModifications ?? []).some(
    (one) =>
      (one.ModificationState === 'modifying' || one.ModificationState === 'optimizing') &&
      one.TargetVolumeType === shape.volumeType &&
      (shape.iops === undefined || one.TargetIops === shape.iops) &&
      (shape.throughputMibPerSecond === undefined || one.TargetThroughput === shape.throughputMibPerSecond),
  );
  if (!isUnderWay) await client.send(new ModifyVolumeCommand(asked(target, shape)));
}
