import {
  ApplicationAutoScalingClient,
  DeregisterScalableTargetCommand,
  DescribeScalableTargetsCommand,
  DescribeScalingPoliciesCommand,
  PutScalingPolicyCommand,
  RegisterScalableTargetCommand,
} from '@aws-sdk/client-application-auto-scaling';
import { PennyError } from '../../../errors.ts';
import type { ActionRun, ActionTarget, ObservedResource } from '../../action.ts';
import { type AwsAction, beforeOf, numberParameter, type PlaceOf } from './action.ts';
import { describeService, observedService, refuseService, updateService } from './ecs-service.ts';

/** Has the number of tasks of an ECS service follow its CPU, where nothing scales it yet. */
export const scaleEcsService: AwsAction = (at) => ({
  name: 'scale-ecs-service',
  restsOn: ['state', 'configuration.desiredTasks'],
  operations: [
    'ECS.DescribeServices',
    'ECS.UpdateService',
    'ApplicationAutoScaling.DescribeScalableTargets',
    'ApplicationAutoScaling.DescribeScalingPolicies',
    'ApplicationAutoScaling.RegisterScalableTarget',
    'ApplicationAutoScaling.PutScalingPolicy',
    'ApplicationAutoScaling.DeregisterScalableTarget',
  ],
  observe: (target) => observe(at, target),
  refusal: (observed) =>
    observed.configuration.maxTasks === undefined ? refuseService(observed) : 'Something scales it already.',
  apply: ({ target }) => apply(at, target),
  isDone: (observed, { target }) => {
    const { minTasks, maxTasks } = scalingOf(target);
    const { minTasks: least, maxTasks: most, policies } = observed?.configuration ?? {};
    return (
      least === minTasks &&
      most === maxTasks &&
      (policies as string[] | undefined)?.includes(policyName(target)) === true
    );
  },
  undo: (run) => undo(at, run),
  isUndone: (observed, run) =>
    observed?.configuration.maxTasks === undefined && observed?.configuration.desiredTasks === tasksBefore(run),
});

const tasksBefore = (run: Pick<ActionRun, 'outcome'>): number => Number(beforeOf(run)['configuration.desiredTasks']);

/** @throws PennyError `invalid_input` for what no check recommends */
function scalingOf(target: ActionTarget): { minTasks: number; maxTasks: number; targetCpuPercent: number } {
  const [minTasks, maxTasks] = [numberParameter(target, 'minTasks'), numberParameter(target, 'maxTasks')];
  const targetCpuPercent = numberParameter(target, 'targetCpuPercent');
  if (minTasks === undefined || maxTasks === undefined || targetCpuPercent === undefined)
    throw new PennyError('invalid_input', 'It is not said between which numbers of tasks it is to scale.');
  return { minTasks, maxTasks, targetCpuPercent };
}

/** Put under the same name twice, a policy is there once. */
const policyName = ({ token }: ActionTarget): string => `penny-${token}`;

/** As Application Auto Scaling knows a service: service/CLUSTER/NAME. */
const scaled = ({ resourceId }: ActionTarget) =>
  ({
    ServiceNamespace: 'ecs',
    ScalableDimension: 'ecs:service:DesiredCount',
    ResourceId: resourceId.split(':').slice(5).join(':'),
  }) as const;

/** With what scales it. */
async function observe(at: PlaceOf, target: ActionTarget): Promise<ObservedResource | undefined> {
  const observed = observedService(await describeService(at, target));
  if (observed === undefined) return undefined;
  const client = at(target).client(ApplicationAutoScalingClient);
  const { ResourceId, ...kind } = scaled(target);
  const targets = await client.send(new DescribeScalableTargetsCommand({ ...kind, ResourceIds: [ResourceId] }));
  const found = targets.ScalableTargets?.find((one) => one.ResourceId === ResourceId);
  const { ScalingPolicies } = await client.send(new DescribeScalingPoliciesCommand({ ...kind, ResourceId }));
  const configuration = {
    ...observed.configuration,
    ...{ minTasks: found?.MinCapacity, maxTasks: found?.MaxCapacity },
    policies: (ScalingPolicies ?? []).flatMap(({ PolicyName }) => PolicyName ?? []),
  };
  return { ...observed, configuration };
}

async function apply(at: PlaceOf, target: ActionTarget): Promise<void> {
  const { minTasks, maxTasks, targetCpuPercent } = scalingOf(target);
  const client = at(target).client(ApplicationAutoScalingClient);
  const bounds = { MinCapacity: minTasks, MaxCapacity: maxTasks };
  await client.send(new RegisterScalableTargetCommand({ ...scaled(target), ...bounds }));
  await client.send(
    new PutScalingPolicyCommand({
      ...{ ...scaled(target), PolicyName: policyName(target), PolicyType: 'TargetTrackingScaling' },
      TargetTrackingScalingPolicyConfiguration: {
        TargetValue: targetCpuPercent,
        PredefinedMetricSpecification: { PredefinedMetricType: 'ECSServiceAverageCPUUtilization' },
      },
    }),
  );
}

/** Its policies go with the scaling; that it is gone already, services say in several ways. */
async function undo(at: PlaceOf, run: ActionRun): Promise<void> {
  const { target } = run;
  const observed = await observe(at, target);
  if (observed?.configuration.maxTasks !== undefined)
    await at(target)
      .client(ApplicationAutoScalingClient)
      .send(new DeregisterScalableTargetCommand(scaled(target)));
  await updateService(at, target, { desiredCount: tasksBefore(run) });
}
