import {
  DescribeTagsCommand,
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
  type LoadBalancer,
  paginateDescribeLoadBalancers,
  paginateDescribeTargetGroups,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { classicLoadBalancers } from './classic-load-balancers.ts';
import { type FoundResource, type InventoryKind, inGroups, known, type Region, SERVICE, tagsOf } from './kind.ts';

/** Load balancers of both generations (application, network, gateway; classic), with the targets behind them. */
export const loadBalancers: InventoryKind = {
  resourceTypes: ['elasticloadbalancing:loadbalancer'],
  async *read(region) {
    yield* secondGeneration(region);
    yield* classicLoadBalancers(region);
  },
};

async function* secondGeneration(region: Region): AsyncGenerator<FoundResource> {
  const client = region.place.client(ElasticLoadBalancingV2Client);
  const found: LoadBalancer[] = [];
  for await (const page of paginateDescribeLoadBalancers({ client, pageSize: 400 }, {})) {
    found.push(...(page.LoadBalancers ?? []).filter(({ LoadBalancerArn }) => LoadBalancerArn !== undefined));
  }
  if (found.length === 0) return;
  const targets = await targetsOf(region);
  // Tags are given for at most 20 load balancers at once.
  for (const group of inGroups(found, 20)) {
    const arns = group.flatMap(({ LoadBalancerArn }) => LoadBalancerArn ?? []);
    const { TagDescriptions } = await client.send(new DescribeTagsCommand({ ResourceArns: arns }));
    const tags = new Map((TagDescriptions ?? []).map(({ ResourceArn, Tags }) => [ResourceArn, tagsOf(Tags)]));
    for (const balancer of group) {
      const arn = balancer.LoadBalancerArn ?? '';
      yield {
        resourceId: arn,
        resourceType: 'elasticloadbalancing:loadbalancer',
        serviceName: SERVICE.balancing,
        name: balancer.LoadBalancerName ?? null,
        state: balancer.State?.Code ?? 'unknown',
        createdAt: balancer.CreatedTime,
        tags: tags.get(arn) ?? {},
        configuration: known({
          type: balancer.Type,
          scheme: balancer.Scheme,
          vpcId: balancer.VpcId,
          zones: (balancer.AvailabilityZones ?? []).flatMap(({ ZoneName }) => ZoneName ?? []).sort(),
          ...(targets.get(arn) ?? { targetGroups: 0, targetGroupIds: [], targets: 0, healthyTargets: 0 }),
        }),
      };
    }
  }
}

interface Targets {
  targetGroups: number;
  /** As CloudWatch knows them: targetgroup/name/id. */
  targetGroupIds: string[];
  targets: number;
  healthyTargets: number;
}

/** Returns the targets behind each load balancer, by its ARN. */
async function targetsOf({ place }: Region): Promise<Map<string, Targets>> {
  const client = place.client(ElasticLoadBalancingV2Client);
  const byBalancer = new Map<string, Targets>();
  for await (const { TargetGroups } of paginateDescribeTargetGroups({ client, pageSize: 400 }, {})) {
    for (const { TargetGroupArn, LoadBalancerArns } of TargetGroups ?? []) {
      if (TargetGroupArn === undefined || !LoadBalancerArns?.length) continue;
      const health = await client.send(new DescribeTargetHealthCommand({ TargetGroupArn }));
      const targets = health.TargetHealthDescriptions ?? [];
      for (const arn of LoadBalancerArns) {
        const sum = byBalancer.get(arn) ?? { targetGroups: 0, targetGroupIds: [], targets: 0, healthyTargets: 0 };
        sum.targetGroups += 1;
        sum.targetGroupIds = [...sum.targetGroupIds, TargetGroupArn.split(':').at(-1) ?? ''].sort();
        sum.targets += targets.length;
        sum.healthyTargets += targets.filter(({ TargetHealth }) => TargetHealth?.State === 'healthy').length;
        byBalancer.set(arn, sum);
      }
    }
  }
  return byBalancer;
}
