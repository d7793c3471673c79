import {
  DeleteLoadBalancerCommand,
  DescribeLoadBalancerAttributesCommand,
  DescribeLoadBalancersCommand,
  DescribeTagsCommand,
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
  paginateDescribeTargetGroups,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { ActionTarget, ObservedResource } from '../../action.ts';
import { tagsOf } from '../inventory/kind.ts';
import { type AwsAction, ifThere, type PlaceOf } from './action.ts';
import { classicName, deleteClassic, observeClassic } from './classic-load-balancer.ts';

/** Deletes a load balancer behind which no healthy target stands; its target groups stay. */
export const deleteLoadBalancer: AwsAction = (at) => ({
  name: 'delete-load-balancer',
  restsOn: ['state', 'configuration.type'],
  operations: [
    'ElasticLoadBalancingV2.DescribeLoadBalancers',
    'ElasticLoadBalancingV2.DescribeLoadBalancerAttributes',
    'ElasticLoadBalancingV2.DescribeTags',
    'ElasticLoadBalancingV2.DescribeTargetGroups',
    'ElasticLoadBalancingV2.DescribeTargetHealth',
    'ElasticLoadBalancingV2.DeleteLoadBalancer',
    'ElasticLoadBalancing.DescribeLoadBalancers',
    'ElasticLoadBalancing.DescribeTags',
    'ElasticLoadBalancing.DescribeInstanceHealth',
    'ElasticLoadBalancing.DeleteLoadBalancer',
  ],
  observe: (target) => observe(at, target),
  refusal: refuse,
  async apply({ target }) {
    const name = classicName(target);
    if (name !== undefined) return deleteClassic(at, target, name);
    const command = new DeleteLoadBalancerCommand({ LoadBalancerArn: target.resourceId });
    await ifThere(() => at(target).client(ElasticLoadBalancingV2Client).send(command));
  },
  isDone: (observed) => observed === undefined,
});

async function observe(at: PlaceOf, target: ActionTarget): Promise<ObservedResource | undefined> {
  const name = classicName(target);
  if (name !== undefined) return observeClassic(at, target, name);
  const client = at(target).client(ElasticLoadBalancingV2Client);
  const arn = target.resourceId;
  const asked = new DescribeLoadBalancersCommand({ LoadBalancerArns: [arn] });
  const balancer = (await ifThere(() => client.send(asked)))?.LoadBalancers?.[0];
  if (balancer === undefined) return undefined;
  const { Attributes } = await client.send(new DescribeLoadBalancerAttributesCommand({ LoadBalancerArn: arn }));
  const { TagDescriptions } = await client.send(new DescribeTagsCommand({ ResourceArns: [arn] }));
  return {
    state: balancer.State?.Code ?? 'unknown',
    configuration: {
      type: balancer.Type,
      isDeletionProtected: (Attributes ?? []).some(
        ({ Key, Value }) => Key === 'deletion_protection.enabled' && Value === 'true',
      ),
      healthyTargets: await healthyTargets(client, arn),
    },
    tags: tagsOf(TagDescriptions?.[0]?.Tags),
  };
}

async function healthyTargets(client: ElasticLoadBalancingV2Client, LoadBalancerArn: string): Promise<number> {
  let healthy = 0;
  for await (const { TargetGroups } of paginateDescribeTargetGroups({ client }, { LoadBalancerArn })) {
    for (const { TargetGroupArn } of TargetGroups ?? []) {
      const health = await client.send(new DescribeTargetHealthCommand({ TargetGroupArn }));
      const states = (health.TargetHealthDescriptions ?? []).map(({ TargetHealth }) => TargetHealth?.State);
      healthy += states.filter((state) => state === 'healthy').length;
    }
  }
  return healthy;
}

function refuse({ state, configuration }: ObservedResource): string | undefined {
  const { healthyTargets: healthy, isDeletionProtected } = configuration;
  if (state !== 'active') return `It is ${state}.`;
  if (isDeletionProtected === true) return 'Its deletion protection is on; whoever set it has a reason.';
  if (Number(healthy) > 0) return `Healthy targets (${healthy}) stand behind it; ask who put them there.`;
  return undefined;
}
