import {
  AutoScalingClient,
  DescribeAutoScalingGroupsCommand,
  UpdateAutoScalingGroupCommand,
} from '@aws-sdk/client-auto-scaling';
import type { ActionRun, ActionTarget, ObservedResource } from '../../action.ts';
import { lastPart, tagsOf } from '../inventory/kind.ts';
import { type AwsAction, beforeOf, numberParameter, type PlaceOf } from './action.ts';

/** Sets the size of an Auto Scaling group and the least it may have. */
export const scaleGroup: AwsAction = (at) => ({
  name: 'scale-group',
  restsOn: ['state', 'configuration.minSize', 'configuration.desiredCapacity'],
  operations: ['AutoScaling.DescribeAutoScalingGroups', 'AutoScaling.UpdateAutoScalingGroup'],
  observe: (target) => observe(at, target),
  refusal: ({ state, tags }) => {
    if (state !== 'active') return `It is ${state}.`;
    const nodegroup = tags['eks:nodegroup-name'];
    return nodegroup === undefined ? undefined : `It belongs to the node group ${nodegroup}; change that instead.`;
  },
  apply: (run) => makeSize(at, run, wanted(run.target)),
  isDone: (observed, { target }) => isSo(observed, wanted(target)),
  undo: (run) => makeSize(at, run, sizeBefore(run)),
  isUndone: (observed, run) => isSo(observed, sizeBefore(run)),
});

interface Size {
  minSize: number;
  desiredCapacity: number;
}

const wanted = (target: ActionTarget): Size => ({
  minSize: numberParameter(target, 'minSize') ?? 0,
  desiredCapacity: numberParameter(target, 'desiredCapacity') ?? 0,
});

function sizeBefore(run: Pick<ActionRun, 'outcome'>): Size {
  const before = beforeOf(run);
  return {
    minSize: Number(before['configuration.minSize']),
    desiredCapacity: Number(before['configuration.desiredCapacity']),
  };
}

/** The ARN of a group ends in its name. */
const nameOf = ({ resourceId }: ActionTarget): string => lastPart(resourceId);

async function observe(at: PlaceOf, target: ActionTarget): Promise<ObservedResource | undefined> {
  const { AutoScalingGroups } = await at(target)
    .client(AutoScalingClient)
    .send(new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [nameOf(target)] }));
  const group = AutoScalingGroups?.find(({ AutoScalingGroupARN }) => AutoScalingGroupARN === target.resourceId);
  if (group === undefined) return undefined;
  return {
    state: group.Status?.toLowerCase() ?? 'active',
    configuration: {
      minSize: group.MinSize,
      desiredCapacity: group.DesiredCapacity,
      instances: group.Instances?.length ?? 0,
    },
    tags: tagsOf(group.Tags),
  };
}

/** Once it has as many instances as it should; what somebody scales up meanwhile is theirs. */
const isSo = (observed: ObservedResource | undefined, { minSize, desiredCapacity }: Size): boolean =>
  observed?.configuration.minSize === minSize &&
  observed.configuration.desiredCapacity === desiredCapacity &&
  observed.configuration.instances === desiredCapacity;

async function makeSize(at: PlaceOf, { target }: ActionRun, { minSize, desiredCapacity }: Size): Promise<void> {
  await at(target)
    .client(AutoScalingClient)
    .send(
      new UpdateAutoScalingGroupCommand({
        AutoScalingGroupName: nameOf(target),
        MinSize: minSize,
        DesiredCapacity: desiredCapacity,
      }),
    );
}
