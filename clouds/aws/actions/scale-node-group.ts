import { DescribeNodegroupCommand, EKSClient, UpdateNodegroupConfigCommand } from '@aws-sdk/client-eks';
import type { ActionRun, ActionTarget, ObservedResource } from '../../action.ts';
import { type AwsAction, beforeOf, ifThere, numberParameter, type PlaceOf } from './action.ts';

/** Sets how many nodes a managed node group of EKS has, and lowers the least it may have where that is more. */
export const scaleNodeGroup: AwsAction = (at) => ({
  name: 'scale-node-group',
  restsOn: ['state', 'configuration.minNodes', 'configuration.desiredNodes'],
  operations: ['EKS.DescribeNodegroup', 'EKS.UpdateNodegroupConfig'],
  observe: (target) => observe(at, target),
  refusal: refuse,
  apply: (run) => makeSize(at, run, wanted(run), 'apply'),
  isDone: (observed, run) => isSo(observed, wanted(run)),
  undo: (run) => makeSize(at, run, sizeBefore(run), 'undo'),
  isUndone: (observed, run) => isSo(observed, sizeBefore(run)),
});

interface Size {
  minNodes: number;
  desiredNodes: number;
}

const nodesWanted = (target: ActionTarget): number => numberParameter(target, 'toNodes') ?? Number.NaN;

function wanted(run: Pick<ActionRun, 'target' | 'outcome'>): Size {
  const desiredNodes = nodesWanted(run.target);
  return { minNodes: Math.min(sizeBefore(run).minNodes, desiredNodes), desiredNodes };
}

function sizeBefore(run: Pick<ActionRun, 'outcome'>): Size {
  const before = beforeOf(run);
  return {
    minNodes: Number(before['configuration.minNodes']),
    desiredNodes: Number(before['configuration.desiredNodes']),
  };
}

/** Its ARN is arn:aws:eks:REGION:ACCOUNT:nodegroup/CLUSTER/NAME/ID. */
function namesOf({ resourceId }: ActionTarget): { clusterName: string; nodegroupName: string } {
  const [, clusterName = '', nodegroupName = ''] = resourceId.split('/');
  return { clusterName, nodegroupName };
}

async function observe(at: PlaceOf, target: ActionTarget): Promise<ObservedResource | undefined> {
  const command = new DescribeNodegroupCommand(namesOf(target));
  const found = await ifThere(() => at(target).client(EKSClient).send(command));
  const group = found?.nodegroup;
  if (group?.nodegroupArn !== target.resourceId) return undefined;
  return {
    state: group.status?.toLowerCase() ?? 'unknown',
    configuration: {
      minNodes: group.scalingConfig?.minSize,
      desiredNodes: group.scalingConfig?.desiredSize,
      maxNodes: group.scalingConfig?.maxSize,
    },
    tags: group.tags ?? {},
  };
}

function refuse({ state, configuration }: ObservedResource, target: ActionTarget): string | undefined {
  if (state !== 'active') return `It is ${state}.`;
  const nodes = nodesWanted(target);
  // A group is given fewer nodes here, never more.
  if (!(nodes >= 0 && nodes < Number(configuration.desiredNodes)))
    return `It has ${configuration.desiredNodes} nodes already.`;
  return undefined;
}

const isSo = (observed: ObservedResource | undefined, { minNodes, desiredNodes }: Size): boolean =>
  observed?.state === 'active' &&
  observed.configuration.minNodes === minNodes &&
  observed.configuration.desiredNodes === desiredNodes;

async function makeSize(at: PlaceOf, { target }: ActionRun, size: Size, way: 'apply' | 'undo'): Promise<void> {
  const observed = await observe(at, target);
  // Asked for already, and under way.
  if (observed?.state === 'updating' && observed.configuration.desiredNodes === size.desiredNodes) return;
  await at(target)
    .client(EKSClient)
    .send(
      new UpdateNodegroupConfigCommand({
        ...namesOf(target),
        scalingConfig: { minSize: size.minNodes, desiredSize: size.desiredNodes },
        clientRequestToken: `${target.token}-${way}`,
      }),
    );
}
