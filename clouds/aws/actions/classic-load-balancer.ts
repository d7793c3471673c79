import {
  DeleteLoadBalancerCommand,
  DescribeInstanceHealthCommand,
  DescribeLoadBalancersCommand,
  DescribeTagsCommand,
  ElasticLoadBalancingClient,
} from '@aws-sdk/client-elastic-load-balancing';
import type { ActionTarget, ObservedResource } from '../../action.ts';
import { tagsOf } from '../inventory/kind.ts';
import { ifThere, type PlaceOf } from './action.ts';

/** Returns the name of a Classic Load Balancer, in which its ARN ends; undefined for the ARN of a newer kind, which has a kind and an id too. */
export function classicName({ resourceId }: ActionTarget): string | undefined {
  const [, name, ...more] = resourceId.split('/');
  return more.length === 0 ? name : undefined;
}

/** Returns a Classic Load Balancer as it is now; undefined when it is not there. */
export async function observeClassic(
  at: PlaceOf,
  target: ActionTarget,
  name: string,
): Promise<ObservedResource | undefined> {
  const client = at(target).client(ElasticLoadBalancingClient);
  const names = { LoadBalancerNames: [name] };
  const found = await ifThere(() => client.send(new DescribeLoadBalancersCommand(names)));
  const balancer = found?.LoadBalancerDescriptions?.[0];
  if (balancer === undefined) return undefined;
  const { TagDescriptions } = await client.send(new DescribeTagsCommand(names));
  const health = balancer.Instances?.length
    ? await client.send(new DescribeInstanceHealthCommand({ LoadBalancerName: name }))
    : undefined;
  const healthyTargets = (health?.InstanceStates ?? []).filter(({ State }) => State === 'InService').length;
  // These have no state of their own, and no protection.
  return {
    state: 'active',
    configuration: { type: 'classic', healthyTargets },
    tags: tagsOf(TagDescriptions?.[0]?.Tags),
  };
}

/** Deletes it; AWS answers as well when it is gone already. */
export async function deleteClassic(at: PlaceOf, target: ActionTarget, name: string): Promise<void> {
  await at(target)
    .client(ElasticLoadBalancingClient)
    .send(new DeleteLoadBalancerCommand({ LoadBalancerName: name }));
}
