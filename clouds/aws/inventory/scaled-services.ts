import {
  ApplicationAutoScalingClient,
  paginateDescribeScalableTargets,
  paginateDescribeScalingPolicies,
  paginateDescribeScheduledActions,
  type ScalableTarget,
} from '@aws-sdk/client-application-auto-scaling';
import type { AwsPlace } from '../place.ts';

const OF_SERVICES = { ServiceNamespace: 'ecs' } as const;

/**
 * Returns the ECS services of a region whose number of tasks is changed by a policy or on a schedule, as Application Auto Scaling knows
 * them: 'service/cluster/name'. One that is registered there with nothing that changes it, or with no room to, is not among them.
 */
export async function scaledServices(place: AwsPlace): Promise<ReadonlySet<string>> {
  const client = place.client(ApplicationAutoScalingClient);
  const targets: ScalableTarget[] = [];
  for await (const page of paginateDescribeScalableTargets({ client }, OF_SERVICES))
    targets.push(...(page.ScalableTargets ?? []));
  if (targets.length === 0) return new Set();
  const [byPolicy, byClock] = [new Set<string>(), new Set<string>()];
  for await (const { ScalingPolicies } of paginateDescribeScalingPolicies({ client }, OF_SERVICES))
    for (const { ResourceId = '' } of ScalingPolicies ?? []) byPolicy.add(ResourceId);
  for await (const { ScheduledActions } of paginateDescribeScheduledActions({ client }, OF_SERVICES))
    for (const { ResourceId = '' } of ScheduledActions ?? []) byClock.add(ResourceId);
  const scaled = targets.filter((target) => {
    const { ResourceId = '', MinCapacity = 0, MaxCapacity = 0, SuspendedState: suspended = {} } = target;
    const isHeld = suspended.DynamicScalingInSuspended && suspended.DynamicScalingOutSuspended;
    return (
      (byPolicy.has(ResourceId) && MinCapacity < MaxCapacity && !isHeld) ||
      (byClock.has(ResourceId) && !suspended.ScheduledScalingSuspended)
    );
  });
  return new Set(scaled.flatMap(({ ResourceId }) => ResourceId ?? []));
}
