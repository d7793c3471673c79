import type { Estate, Part } from '../estate.ts';
import type { ApplicationName, Role, Unit } from '../organisation.ts';
import { locationOf, usagePrefix } from '../products.ts';
import type { Random } from '../random.ts';
import { ownerOf } from './compute.ts';
import { volume } from './instance.ts';
import { regionOf } from './storage.ts';

/** Volumes and snapshots apart from those that come with an instance: left behind, outdated, or already cleaned up. */
export const volumes: Part = (estate, unit, rng) => {
  looseVolumes(estate, unit, rng);
  outdatedVolumes(estate, unit, rng);
  snapshots(estate, unit, rng);
};

/** Volumes whose machine is gone: some long ago, some deleted meanwhile, some only days ago and perhaps still wanted. */
function looseVolumes(estate: Estate, unit: Unit, rng: Random): void {
  const places: [ApplicationName, Role, string][] = [
    ['data-lake', 'data', 'us-east-1'],
    ['search', 'production', 'us-east-1'],
    ['order-routing', 'production', 'us-east-1'],
    ['demand-forecast', 'machine-learning', 'us-east-1'],
    ['checkout', 'staging', 'us-east-1'],
    ['storefront', 'development', 'us-east-1'],
    ['search', 'production-eu', 'eu-west-1'],
  ];
  const make = (index: number, gb: number, from: number | undefined, to?: number) => {
    const [application, role, region] = places[index % places.length] as (typeof places)[number];
    const name = `${rng.pick(['pvc', 'export', 'restore', 'scratch', 'data'])}-${application}-${rng.hex(4)}`;
    const spec = {
      name,
      gb,
      type: rng.pick(['gp2', 'gp3'] as const),
      ...(from === undefined ? {} : { from }),
      ...(to === undefined ? {} : { to }),
    };
    return volume(estate, ownerOf(unit, role, application, region), rng, spec);
  };
  for (let index = 0; index < 52; index++) {
    const { resource, streams } = make(index, rng.integer(12, 36) * 50, estate.calendar.ago(rng.integer(80, 400)));
    estate.waste.push({
      check: 'ebs-unattached',
      resourceId: resource.id,
      owner: resource,
      streams,
      savedShare: 1,
      reason: 'The volume has not been attached to an instance for more than 32 days.',
      evidence: { inventory: 'available' },
      target: 'snapshot and delete',
    });
  }
  for (let index = 0; index < 4; index++) {
    const { resource } = make(index, 500, estate.calendar.ago(5));
    estate.decoys.push({ check: 'ebs-unattached', resourceId: resource.id, reason: 'Detached only a few days ago.' });
  }
  const day = estate.calendar.ago(86);
  const deleted = Array.from({ length: 18 }, (_, index) => make(index, rng.integer(8, 18) * 50, 0, day));
  estate.remediations.push({
    action: 'delete-volume',
    day,
    owner: ownerOf(unit, 'production', 'networking', 'us-east-1'),
    resourceIds: deleted.map(({ resource }) => resource.id),
    streams: deleted.flatMap(({ streams }) => streams),
    reason: 'Unattached volumes deleted after a last snapshot.',
  });
}

/** gp2 costs more than gp3 and does less; io1 is paid by IOPS that nobody needs. Two dozen were moved to gp3 already. */
function outdatedVolumes(estate: Estate, unit: Unit, rng: Random): void {
  const homes: [ApplicationName, Role, string][] = [
    ['ledger', 'production', 'us-east-1'],
    ['catalog', 'production', 'us-east-1'],
    ['data-lake', 'data', 'us-east-1'],
    ['reporting', 'analytics', 'us-east-1'],
    ['observability', 'shared-services', 'us-east-1'],
  ];
  const attachedTo = () => estate.resources.filter((one) => one.type === 'ec2:instance' && one.state === 'running');
  const instances = attachedTo();
  const make = (index: number, spec: Parameters<typeof volume>[3]) => {
    const [application, role, region] = homes[index % homes.length] as (typeof homes)[number];
    const owner = ownerOf(unit, role, application, region);
    const host = rng.pick(instances.filter((one) => one.account === owner.account && one.region === region));
    return volume(estate, { ...owner, zone: host?.zone ?? null }, rng, {
      ...spec,
      ...(host ? { attachedTo: host.id } : {}),
    });
  };
  for (let index = 0; index < 36; index++) {
    const gb = rng.integer(16, 40) * 50;
    const { resource, streams } = make(index, {
      name: `vol-${homes[index % homes.length]?.[0]}-${index + 1}`,
      gb,
      type: 'gp2',
    });
    estate.metric(resource, 'volume_operations', gb * 0.9, { shape: 'visitors', decimals: 1 });
    const saved =
      1 -
      Number(estate.prices.ebs(resource.region, 'Storage General Purpose gp3 GB Mo')) /
        Number(estate.prices.ebs(resource.region, 'Storage General Purpose gp2 GB Mo'));
    estate.waste.push({
      check: 'ebs-gp2',
      resourceId: resource.id,
      owner: resource,
      streams,
      savedShare: saved,
      reason: 'gp3 costs a fifth less and gives at least the same baseline at this size.',
      evidence: { inventory: 'in-use' },
      target: 'gp3',
    });
  }
  for (let index = 0; index < 3; index++) {
    const { resource, streams } = make(index, { name: `vol-oltp-${index + 1}`, gb: 800, type: 'io1', iops: 9000 });
    estate.metric(resource, 'volume_operations', 260_000, { shape: 'visitors', decimals: 0, peak: 1.8 });
    const gp3 = 800 * Number(estate.prices.ebs(resource.region, 'Storage General Purpose gp3 GB Mo'));
    const io1 =
      800 * Number(estate.prices.ebs(resource.region, 'Storage Provisioned IOPS io1 GB Mo')) +
      9000 * Number(estate.prices.ebs(resource.region, 'Provisioned EBS IOPS io1 Volumes per IOPS Mo'));
    estate.waste.push({
      check: 'ebs-provisioned-iops',
      resourceId: resource.id,
      owner: resource,
      streams,
      savedShare: 1 - gp3 / io1,
      reason: 'Of 9,000 provisioned IOPS fewer than 3,000 are used at the peak; gp3 includes those.',
      evidence: { metrics: ['volume_operations'] },
      target: 'gp3',
    });
  }
  const day = estate.calendar.ago(128);
  const moved = Array.from({ length: 24 }, (_, index) =>
    make(index, {
      name: `vol-${homes[index % homes.length]?.[0]}-${index + 61}`,
      gb: rng.integer(8, 20) * 50,
      type: 'gp3',
      earlier: { day, type: 'gp2' },
    }),
  );
  estate.remediations.push({
    action: 'change-volume-type',
    day,
    owner: ownerOf(unit, 'production', 'networking', 'us-east-1'),
    resourceIds: moved.map(({ resource }) => resource.id),
    streams: moved.flatMap(({ streams }) => streams),
    reason: 'From gp2 to gp3.',
  });
}

function snapshots(estate: Estate, unit: Unit, rng: Random): void {
  const make = (application: ApplicationName, role: Role, gb: number, from: number, to?: number) => {
    const owner = ownerOf(unit, role, application, regionOf(role));
    const snapshot = `snap-0${rng.hex(16)}`;
    const resource = estate.resource(
      {
        ...owner,
        id: `arn:aws:ec2:${owner.region}:${owner.account.id}:snapshot/${snapshot}`,
        type: 'ec2:snapshot',
        name: `${application}-${rng.pick(['daily', 'pre-release', 'manual', 'ami'])}-${rng.hex(4)}`,
        state: to === undefined ? 'completed' : 'deleted',
        configuration: { snapshotId: snapshot, sizeGib: gb, sourceVolumeExists: false },
        fromDay: from,
        toDay: to ?? estate.calendar.days,
      },
      rng,
    );
    const price = estate.prices.ebs(owner.region, 'Storage Snapshot Amazon S3 GB Mo');
    const sku = estate.sku({
      product: 'AmazonEC2',
      usageType: `${usagePrefix(owner.region)}EBS:SnapshotUsage`,
      operation: 'CreateSnapshot',
      description: `$${price} per GB-Month of snapshot data stored - ${locationOf(owner.region)}`,
      unit: 'GB-Mo',
      monthly: true,
      price,
      family: 'Storage Snapshot',
      region: owner.region,
    });
    return { resource, stream: estate.charge(resource, sku, gb, { noise: 0 }) };
  };
  const homes: [ApplicationName, Role][] = [
    ['ledger', 'production'],
    ['search', 'production'],
    ['catalog', 'production-eu'],
    ['data-lake', 'data'],
    ['reporting', 'analytics'],
    ['build-system', 'shared-services'],
  ];
  const home = (index: number) => homes[index % homes.length] as [ApplicationName, Role];
  for (let index = 0; index < 96; index++) {
    const { resource, stream } = make(
      ...home(index),
      rng.integer(14, 38) * 40,
      estate.calendar.ago(rng.integer(120, 900)),
    );
    estate.waste.push({
      check: 'ebs-snapshot-old',
      resourceId: resource.id,
      owner: resource,
      streams: [stream],
      savedShare: 1,
      reason: 'Older than 90 days; its volume is gone and no image uses it.',
      evidence: { inventory: 'completed' },
      target: 'delete',
    });
  }
  for (let index = 0; index < 36; index++)
    make(...home(index), rng.integer(4, 12) * 20, estate.calendar.ago(rng.integer(3, 40)));
  const day = estate.calendar.ago(97);
  const deleted = Array.from({ length: 32 }, (_, index) => make(...home(index), rng.integer(8, 20) * 40, 0, day));
  estate.remediations.push({
    action: 'delete-snapshot',
    day,
    owner: ownerOf(unit, 'production', 'networking', 'us-east-1'),
    resourceIds: deleted.map(({ resource }) => resource.id),
    streams: deleted.map(({ stream }) => stream),
    reason: 'Snapshots older than a year deleted.',
  });
}
