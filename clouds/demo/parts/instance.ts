import type { Curve } from '../curves.ts';
import type { Estate } from '../estate.ts';
import type { Owner, Resource, Series } from '../nouns.ts';
import { locationOf, usagePrefix } from '../products.ts';
import type { Random } from '../random.ts';

/** What an instance does all day. `memory` is what the CloudWatch agent reports; without an agent there is none. */
export interface Activity {
  /** Mean CPU percent of busy hours, and the largest sample as a multiple of an hour's average. */
  cpu: number;
  peak?: number;
  memory?: number;
  /** Bytes in and out a day, in MB. */
  networkMb: number;
  shape: string;
}

export interface VolumeSpec {
  gb: number;
  type: 'gp2' | 'gp3' | 'io1';
  iops?: number;
}

export interface InstanceSpec {
  name: string;
  type: string;
  from?: number;
  to?: number;
  /** When it is switched on; absent: always. */
  curve?: Curve;
  root?: VolumeSpec;
  data?: VolumeSpec;
  activity: Activity | null;
  state?: string;
  group?: string;
  /** The EKS node group it is a node of, as tags of its nodes say. */
  nodegroup?: { cluster: string; name: string };
  /** Runs as another type before that day, as a resize leaves it. */
  resized?: { day: number; previousType: string }[];
}

export interface Instance {
  resource: Resource;
  /** The instance hours, one stream for each type it ran as. */
  hours: number[];
  volumes: Volume[];
}

export interface Volume {
  resource: Resource;
  streams: number[];
}

/** Starts an EC2 instance with its volumes and what it reports. */
export function launch(estate: Estate, owner: Owner, rng: Random, spec: InstanceSpec): Instance {
  const zone = `${owner.region}${rng.pick(['a', 'b', 'c'])}`;
  const to = spec.to ?? estate.calendar.days;
  const resource = estate.resource(
    {
      ...owner,
      id: `i-0${rng.hex(16)}`,
      type: 'ec2:instance',
      name: spec.name,
      zone,
      state: spec.state ?? (to < estate.calendar.days ? 'terminated' : 'running'),
      configuration: {
        ...sizeOf(estate, spec.type),
        platform: 'Linux/UNIX',
        ...(spec.group ? { autoScalingGroup: spec.group } : {}),
        ...(spec.nodegroup ? { eksCluster: spec.nodegroup.cluster, eksNodegroup: spec.nodegroup.name } : {}),
      },
      earlier: (spec.resized ?? []).map(({ day, previousType }) => ({
        before: day,
        configuration: sizeOf(estate, previousType),
      })),
      fromDay: spec.from ?? 0,
      toDay: to,
    },
    rng,
  );
  const hours = spec.state === 'stopped' ? [] : instanceHours(estate, resource, spec);
  const volumes = [spec.root ?? { gb: 50, type: 'gp3' as const }, ...(spec.data ? [spec.data] : [])].map(
    (volume, index) =>
      attachVolume(estate, resource, rng, `${spec.name}-${index === 0 ? 'root' : 'data'}`, volume, spec.activity),
  );
  if (spec.state !== 'stopped') report(estate, resource, spec.activity);
  return { resource, hours, volumes };
}

function sizeOf(estate: Estate, type: string) {
  return { instanceType: type, vcpus: estate.prices.vcpus(type), memoryGib: estate.prices.memoryGib(type) };
}

function instanceHours(estate: Estate, resource: Resource, spec: InstanceSpec): number[] {
  const streams: number[] = [];
  let from = resource.fromDay;
  for (const { day, previousType } of spec.resized ?? []) {
    const hours = estate.sku(instanceSku(estate, resource.region, previousType));
    streams.push(estate.hourly(resource, hours, { from, to: day, ...(spec.curve ? { curve: spec.curve } : {}) }));
    from = day;
  }
  const hours = estate.sku(instanceSku(estate, resource.region, spec.type));
  streams.push(estate.hourly(resource, hours, { from, ...(spec.curve ? { curve: spec.curve } : {}) }));
  return streams;
}

/** Approximate one-year no-upfront discounts of Savings Plans by family (AWS Savings Plans pricing page, 2025). */
const COMPUTE_DISCOUNT: Record<string, number> = { m4: 0.24, t3: 0.26, g4dn: 0.25, g5: 0.23, p4d: 0.22, i3: 0.25 };

/** The SKU of an hour of this instance type on Linux. `price` overrides the list price of today. */
export function instanceSku(estate: Estate, region: string, type: string, price?: string) {
  const family = type.split('.')[0] as string;
  const hourly = price ?? estate.prices.ec2(region, type);
  return {
    product: 'AmazonEC2',
    usageType: `${usagePrefix(region)}BoxUsage:${type}`,
    operation: 'RunInstances',
    description: `$${hourly} per On Demand Linux ${type} Instance Hour`,
    unit: 'Hrs',
    price: hourly,
    family: 'Compute Instance',
    region,
    instanceType: type,
    attributes: {
      vcpu: String(estate.prices.vcpus(type)),
      memory: `${estate.prices.memoryGib(type)} GiB`,
      operating_system: 'Linux',
      tenancy: 'Shared',
    },
    computeDiscount: COMPUTE_DISCOUNT[family] ?? 0.27,
    familyDiscount: 0.37,
  };
}

/** Bills a volume of its own: storage, and provisioned IOPS where the type has them. */
export function volume(
  estate: Estate,
  owner: Owner & { zone?: string | null },
  rng: Random,
  spec: VolumeSpec & {
    name: string;
    from?: number;
    to?: number;
    attachedTo?: string;
    earlier?: { day: number; type: 'gp2' };
  },
): Volume {
  const to = spec.to ?? estate.calendar.days;
  const resource = estate.resource(
    {
      ...owner,
      id: `vol-0${rng.hex(16)}`,
      type: 'ec2:volume',
      name: spec.name,
      zone: owner.zone ?? `${owner.region}a`,
      state: to < estate.calendar.days ? 'deleted' : spec.attachedTo ? 'in-use' : 'available',
      configuration: {
        volumeType: spec.type,
        sizeGib: spec.gb,
        ...(spec.iops ? { iops: spec.iops } : {}),
        ...(spec.attachedTo ? { attachedTo: spec.attachedTo } : {}),
      },
      fromDay: spec.from ?? 0,
      toDay: to,
    },
    rng,
  );
  const storage = (type: VolumeSpec['type']) => estate.sku(storageSku(estate, owner.region, type));
  const streams: number[] = [];
  if (spec.earlier) {
    streams.push(estate.charge(resource, storage(spec.earlier.type), spec.gb, { noise: 0, to: spec.earlier.day }));
  }
  streams.push(
    estate.charge(resource, storage(spec.type), spec.gb, { noise: 0, from: spec.earlier?.day ?? resource.fromDay }),
  );
  if (spec.iops) streams.push(estate.charge(resource, iopsSku(estate, owner.region), spec.iops, { noise: 0 }));
  return { resource, streams };
}

function attachVolume(
  estate: Estate,
  instance: Resource,
  rng: Random,
  name: string,
  spec: VolumeSpec,
  activity: Activity | null,
): Volume {
  const made = volume(estate, instance, rng, {
    ...spec,
    name,
    from: instance.fromDay,
    to: instance.toDay,
    attachedTo: instance.id,
  });
  if (activity && instance.state === 'running' && spec.gb >= 200) {
    const options: Partial<Series> = { shape: activity.shape, decimals: 1, peak: 2.2 };
    estate.metric(made.resource, 'volume_operations', 20 * activity.cpu * (spec.gb / 200), options);
  }
  return made;
}

function storageSku(estate: Estate, region: string, type: VolumeSpec['type']) {
  const item = { gp2: 'General Purpose gp2', gp3: 'General Purpose gp3', io1: 'Provisioned IOPS io1' }[type];
  const price = estate.prices.ebs(region, `Storage ${item} GB Mo`);
  const suffix = { gp2: 'VolumeUsage.gp2', gp3: 'VolumeUsage.gp3', io1: 'VolumeUsage.piops' }[type];
  return {
    product: 'AmazonEC2',
    usageType: `${usagePrefix(region)}EBS:${suffix}`,
    operation: type === 'io1' ? 'CreateVolume' : `CreateVolume-${type === 'gp2' ? 'Gp2' : 'Gp3'}`,
    description: `$${price} per GB-month of ${item} provisioned storage - ${locationOf(region)}`,
    unit: 'GB-Mo',
    monthly: true as const,
    price,
    family: 'Storage',
    region,
    attributes: { volume_api_name: type },
  };
}

function iopsSku(estate: Estate, region: string): number {
  const price = estate.prices.ebs(region, 'Provisioned EBS IOPS io1 Volumes per IOPS Mo');
  return estate.sku({
    product: 'AmazonEC2',
    usageType: `${usagePrefix(region)}EBS:VolumeP-IOPS.piops`,
    operation: 'CreateVolume-P-IOPS',
    description: `$${price} per IOPS-month provisioned - ${locationOf(region)}`,
    unit: 'IOPS-Mo',
    monthly: true,
    price,
    family: 'System Operation',
    region,
    attributes: { volume_api_name: 'io1' },
  });
}

/** The metrics CloudWatch (and the agent, where there is one) has of an instance. */
function report(estate: Estate, resource: Resource, activity: Activity | null): void {
  if (activity === null) {
    estate.silent.push(resource.id);
    return;
  }
  const { cpu, peak = 1.7, memory, networkMb, shape } = activity;
  estate.metric(resource, 'cpu_utilization', cpu, { shape, peak, cap: 100 });
  if (memory !== undefined) {
    estate.metric(resource, 'memory_utilization', memory, { noise: 0.04, peak: 1.08, cap: 100, samples: 60 });
  }
  // A sample is five minutes: 288 a day.
  estate.metric(resource, 'network_bytes', (networkMb * 1e6) / 288, { shape, decimals: 0, peak: 2.5 });
}
