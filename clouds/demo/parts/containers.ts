import type { Curve } from '../curves.ts';
import type { Estate, Part } from '../estate.ts';
import type { Owner, Series } from '../nouns.ts';
import type { ApplicationName, Role, Unit } from '../organisation.ts';
import { regionPrefix } from '../products.ts';
import type { Random } from '../random.ts';
import { ownerOf } from './compute.ts';
import { simpleStorage } from './storage.ts';

type Service = [
  name: string,
  application: ApplicationName,
  role: Role,
  region: string,
  tasks: number,
  vcpu: number,
  gb: number,
  cpu: number,
  memory: number,
];

const SERVICES: Service[] = [
  ['cart', 'checkout', 'production', 'us-east-1', 8, 1, 2, 48, 61],
  ['pricing', 'catalog', 'production', 'us-east-1', 6, 1, 2, 52, 57],
  ['reviews', 'catalog', 'production', 'us-east-1', 4, 1, 2, 39, 55],
  ['token', 'identity', 'production', 'us-east-1', 4, 0.5, 1, 44, 52],
  ['inbox', 'notifications', 'production', 'us-east-1', 4, 0.5, 1, 41, 58],
  ['tracking', 'order-routing', 'production', 'us-east-1', 5, 1, 2, 47, 63],
  ['returns', 'order-routing', 'production', 'us-east-1', 3, 0.5, 1, 36, 49],
  ['cart', 'checkout', 'production-eu', 'eu-west-1', 5, 1, 2, 43, 58],
  ['pricing', 'catalog', 'production-eu', 'eu-west-1', 4, 1, 2, 46, 54],
  ['token', 'identity', 'production-eu', 'eu-west-1', 3, 0.5, 1, 38, 50],
  ['cart', 'checkout', 'staging', 'us-east-1', 2, 0.5, 1, 18, 44],
  ['pricing', 'catalog', 'staging', 'us-east-1', 2, 0.5, 1, 16, 41],
  ['report-api', 'reporting', 'analytics', 'us-east-1', 3, 1, 4, 37, 62],
  ['chat-api', 'assistant', 'production', 'us-east-1', 4, 1, 4, 42, 66],
];

/** Sized for a peak that never came: [service, the vCPU and GB that would do]. */
const OVERSIZED: [Service, vcpu: number, gb: number][] = [
  [['promotion', 'storefront', 'production', 'us-east-1', 8, 4, 16, 6, 9], 1, 4],
  [['address-check', 'checkout', 'production', 'us-east-1', 8, 4, 8, 5, 11], 1, 2],
  [['invoice-render', 'ledger', 'production', 'us-east-1', 8, 4, 16, 7, 10], 1, 4],
  [['stock-level', 'warehouse-sync', 'production', 'us-east-1', 6, 4, 12, 8, 12], 1, 3],
  [['gift-card', 'ledger', 'production', 'us-east-1', 6, 4, 16, 6, 9], 1, 4],
  [['promotion', 'storefront', 'production-eu', 'eu-west-1', 4, 4, 16, 5, 8], 1, 4],
];

/** Containers: services on Fargate, clusters on EKS with their nodes and pods, and the images they run. */
export const containers: Part = (estate, unit, rng) => {
  for (const service of SERVICES) fargate(estate, unit, rng, service);
  oversized(estate, unit, rng);
  rightsized(estate, unit, rng);
  images(estate, unit, rng);
};

interface FargateService {
  id: string;
  owner: Owner;
  streams: number[];
}

/**
 * A Fargate service: the bill names its tasks, which a deployment replaces every few weeks, and the tag AWS sets on them
 * says which service they belong to; CloudWatch and the inventory name the service.
 */
function fargate(
  estate: Estate,
  unit: Unit,
  rng: Random,
  [shortName, application, role, region, tasks, vcpu, gb, cpu, memory]: Service,
  before?: { day: number; vcpu: number; gb: number },
): FargateService {
  const owner = ownerOf(unit, role, application, region);
  const name = `${shortName}${unit.suffix}`;
  const cluster = `${role}-services`;
  const id = `arn:aws:ecs:${region}:${owner.account.id}:service/${cluster}/${name}`;
  const service = estate.resource(
    {
      ...owner,
      id,
      type: 'ecs:service',
      name,
      state: 'active',
      configuration: { launchType: 'FARGATE', cluster, desiredTasks: tasks, taskVcpus: vcpu, taskMemoryGib: gb },
      earlier: before
        ? [{ before: before.day, configuration: { taskVcpus: before.vcpu, taskMemoryGib: before.gb } }]
        : [],
    },
    rng,
  );
  const options: Partial<Series> = {
    shape: role.startsWith('production') ? 'visitors' : 'office',
    cap: 100,
    samples: 60,
  };
  estate.metric(service, 'cpu_utilization', cpu, { ...options, peak: 1.6 });
  estate.metric(service, 'memory_utilization', memory, { ...options, shape: 'flat', noise: 0.05, peak: 1.1 });
  const tags = { aws_ecs_cluster_name: cluster, aws_ecs_service_name: name };
  const tagSet = estate.tagSet({ ...estate.tagSets[service.tags], ...tags });
  const streams: number[] = [];
  const deployments = deploymentDays(estate, rng, before?.day);
  for (let task = 0; task < tasks; task++) {
    deployments.forEach((from, index) => {
      const to = deployments[index + 1] ?? estate.calendar.days;
      const size = before && from < before.day ? before : { vcpu, gb };
      const site = {
        ...service,
        id: `arn:aws:ecs:${region}:${owner.account.id}:task/${cluster}/${rng.hex(32)}`,
        tags: tagSet,
      };
      streams.push(
        estate.hourly({ ...site, zone: `${region}${'abc'[task % 3]}` }, fargateSku(estate, region, 'vCPU'), {
          from,
          to,
        }),
      );
      streams.push(estate.hourly(site, fargateSku(estate, region, 'GB'), { from, to }));
      for (const [offset, amount] of [size.vcpu, size.gb].entries()) {
        const stream = estate.streams[(streams.at(-2) as number) + offset];
        if (stream) stream.quantity = 24 * amount;
      }
    });
  }
  return { id, owner, streams };
}

/** A deployment every five to eleven weeks, and one on the day a task size changed. */
function deploymentDays(estate: Estate, rng: Random, resizeDay: number | undefined): number[] {
  const days = [0];
  for (let day = rng.integer(10, 60); day < estate.calendar.days; day += rng.integer(35, 77)) days.push(day);
  if (resizeDay !== undefined && resizeDay > 0) days.push(resizeDay);
  return [...new Set(days)].sort((a, b) => a - b);
}

function fargateSku(estate: Estate, region: string, kind: 'vCPU' | 'GB'): number {
  const prices = estate.prices.fargate(region);
  const price = kind === 'vCPU' ? prices.vcpuHour : prices.gbHour;
  return estate.sku({
    product: 'AmazonECS',
    usageType: `${regionPrefix(region)}Fargate-${kind === 'vCPU' ? 'vCPU-Hours:perCPU' : 'GB-Hours'}`,
    operation: 'FargateTask',
    description: `AWS Fargate - ${kind === 'vCPU' ? 'vCPU' : 'Memory'} - ${region}`,
    unit: 'hours',
    price,
    family: 'Compute',
    region,
    attributes: { cputype: kind === 'vCPU' ? 'perCPU' : '', memorytype: kind === 'GB' ? 'perGB' : '' },
    computeDiscount: 0.2,
  });
}

function oversized(estate: Estate, unit: Unit, rng: Random): void {
  for (const [service, vcpu, gb] of OVERSIZED) {
    const { id, owner, streams } = fargate(estate, unit, rng, service);
    const prices = estate.prices.fargate(service[3]);
    const hour = (cpus: number, memory: number) => cpus * Number(prices.vcpuHour) + memory * Number(prices.gbHour);
    estate.waste.push({
      check: 'ecs-oversized',
      resourceId: id,
      owner,
      streams,
      savedShare: 1 - hour(vcpu, gb) / hour(service[5], service[6]),
      reason: `Tasks of ${service[5]} vCPU and ${service[6]} GB use less than a fifth of both.`,
      evidence: { metrics: ['cpu_utilization', 'memory_utilization'] },
      target: `${vcpu} vCPU, ${gb} GB`,
    });
  }
}

function rightsized(estate: Estate, unit: Unit, rng: Random): void {
  const day = estate.calendar.ago(40);
  const service: Service = ['recommend-api', 'recommendations', 'production', 'us-east-1', 6, 1, 4, 44, 63];
  const { id, owner, streams } = fargate(estate, unit, rng, service, { day, vcpu: 4, gb: 8 });
  estate.remediations.push({
    action: 'resize-ecs-service',
    day,
    owner,
    resourceIds: [id],
    streams,
    reason: 'Tasks of 4 vCPU and 8 GB became tasks of 1 vCPU and 4 GB.',
  });
}

function images(estate: Estate, unit: Unit, rng: Random): void {
  const sku = simpleStorage(estate, 'AmazonECR', 'ECR', 'image storage', 'TimedStorage-ByteHrs');
  const repositories: [ApplicationName, number][] = [
    ['storefront', 620],
    ['checkout', 540],
    ['catalog', 480],
    ['recommendations', 1350],
    ['data-lake', 760],
    ['build-system', 1100],
  ];
  for (const [application, gb] of repositories) {
    const owner = ownerOf(unit, 'shared-services', application, 'us-east-1');
    const id = `arn:aws:ecr:us-east-1:${owner.account.id}:repository/${application}${unit.suffix}`;
    const repository = estate.resource(
      { ...owner, id, type: 'ecr:repository', name: `${application}${unit.suffix}` },
      rng,
    );
    estate.charge(repository, sku, gb, { curve: { growth: 0.02 } as Curve, noise: 0.01 });
  }
}
