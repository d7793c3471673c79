import {
  DescribeInstanceHealthCommand,
  DescribeTagsCommand,
  ElasticLoadBalancingClient,
  type LoadBalancerDescription,
  paginateDescribeLoadBalancers,
} from '@aws-sdk/client-elastic-load-balancing';
import { type FoundResource, inGroups, known, type Region, SERVICE, tagsOf } from './kind.ts';

/** Yields the Classic Load Balancers of a region. On the bill one is its ARN, which ends in its name. */
export async function* classicLoadBalancers({ place, accountId, regionId }: Region): AsyncGenerator<FoundResource> {
  const client = place.client(ElasticLoadBalancingClient);
  for await (const page of paginateDescribeLoadBalancers({ client, pageSize: 400 }, {})) {
    // Tags are given for at most 20 load balancers at once.
    for (const group of inGroups(page.LoadBalancerDescriptions ?? [], 20)) {
      const names = group.flatMap(({ LoadBalancerName }) => LoadBalancerName ?? []);
      const { TagDescriptions } = await client.send(new DescribeTagsCommand({ LoadBalancerNames: names }));
      const tags = new Map((TagDescriptions ?? []).map((one) => [one.LoadBalancerName, tagsOf(one.Tags)]));
      for (const balancer of group) {
        const name = balancer.LoadBalancerName;
        if (name === undefined) continue;
        yield {
          resourceId: `arn:aws:elasticloadbalancing:${regionId}:${accountId}:loadbalancer/${name}`,
          resourceType: 'elasticloadbalancing:loadbalancer',
          serviceName: SERVICE.balancing,
          name,
          // These have no state of their own.
          state: 'active',
          createdAt: balancer.CreatedTime,
          tags: tags.get(name) ?? {},
          configuration: known({
            type: 'classic',
            scheme: balancer.Scheme,
            vpcId: balancer.VPCId || undefined,
            zones: [...(balancer.AvailabilityZones ?? [])].sort(),
            targets: balancer.Instances?.length ?? 0,
            healthyTargets: await healthyInstances(client, balancer),
          }),
        };
      }
    }
  }
}

async function healthyInstances(
  client: ElasticLoadBalancingClient,
  { LoadBalancerName, Instances }: LoadBalancerDescription,
): Promise<number> {
  if (!Instances?.length) return 0;
  const { InstanceStates } = await client.send(new DescribeInstanceHealthCommand({ LoadBalancerName }));
  return (InstanceStates ?? []).filter(({ State }) => State === 'InService').length;
}
