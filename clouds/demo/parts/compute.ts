import type { Curve } from '../curves.ts';
import type { Estate, Part } from '../estate.ts';
import type { Owner } from '../nouns.ts';
import type { ApplicationName, Role, Unit } from '../organisation.ts';
import type { Random } from '../random.ts';
import {
  busy,
  DEV_MACHINES,
  FLEETS,
  type Fleet,
  FORGOTTEN,
  nightly,
  OFFICE_HOURS,
  OVERSIZED,
  office,
} from './fleets.ts';
import { type Activity, type Instance, type InstanceSpec, launch } from './instance.ts';

/** Instances and volumes of the organisation: fleets, forgotten and oversized machines, and what was already put right. */
export const compute: Part = (estate, unit, rng) => {
  for (const fleet of FLEETS) launchFleet(estate, unit, rng, fleet);
  forgotten(estate, unit, rng);
  oversized(estate, unit, rng);
  stopped(estate, unit, rng);
  decoys(estate, unit, rng);
  officeHours(estate, unit, rng);
  resized(estate, unit, rng);
  terminated(estate, unit, rng);
  trainingCluster(estate, unit, rng);
};

export function ownerOf(unit: Unit, role: Role, application: ApplicationName, region: string): Owner {
  return { account: unit.accounts[role], application, region };
}

function launchFleet(estate: Estate, unit: Unit, rng: Random, fleet: Fleet, extra: Partial<InstanceSpec> = {}) {
  const [name, application, role, region, type, count, activity, options = {}] = fleet;
  const owner = ownerOf(unit, role, application, region);
  return Array.from({ length: count }, (_, index) => {
    const jitter = rng.between(0.85, 1.15);
    return launch(estate, owner, rng, {
      name: `${name}${unit.suffix}-${String(index + 1).padStart(2, '0')}`,
      type,
      activity: activity && { ...activity, cpu: activity.cpu * jitter, networkMb: activity.networkMb * jitter },
      ...(options.curve ? { curve: options.curve } : {}),
      ...(options.data ? { data: options.data } : {}),
      ...(options.endAgo ? { to: estate.calendar.ago(options.endAgo) } : {}),
      ...(options.group ? { group: `${name}${unit.suffix}` } : {}),
      ...extra,
    });
  });
}

const streamsOf = (instance: Instance) => [...instance.hours, ...instance.volumes.flatMap((one) => one.streams)];

function forgotten(estate: Estate, unit: Unit, rng: Random): void {
  for (const fleet of FORGOTTEN) {
    const from = estate.calendar.ago(rng.integer(130, 330));
    const activity: Activity = {
      cpu: rng.between(0.6, 1.4),
      peak: 1.9,
      networkMb: rng.between(0.6, 2.2),
      shape: 'flat',
    };
    for (const instance of launchFleet(estate, unit, rng, fleet, { from, activity })) {
      estate.waste.push({
        check: 'ec2-idle',
        resourceId: instance.resource.id,
        owner: instance.resource,
        streams: streamsOf(instance),
        savedShare: 1,
        reason: 'The CPU stays under 5 percent at its peak and less than 5 MB a day cross the network.',
        evidence: { metrics: ['cpu_utilization', 'network_bytes'] },
        target: 'terminate',
      });
    }
  }
}

function oversized(estate: Estate, unit: Unit, rng: Random): void {
  for (const [fleet, target] of OVERSIZED) {
    const now = Number(estate.prices.ec2(fleet[3], fleet[4]));
    const then = Number(estate.prices.ec2(fleet[3], target));
    for (const instance of launchFleet(estate, unit, rng, fleet, {
      from: estate.calendar.ago(rng.integer(150, 390)),
    })) {
      estate.waste.push({
        check: 'ec2-oversized',
        resourceId: instance.resource.id,
        owner: instance.resource,
        streams: instance.hours,
        savedShare: 1 - then / now,
        reason: `CPU and memory would fit ${target} with room to spare.`,
        evidence: { metrics: ['cpu_utilization', 'memory_utilization'] },
        target,
      });
    }
  }
}

function stopped(estate: Estate, unit: Unit, rng: Random): void {
  const names: [string, ApplicationName, Role][] = [
    ['catalog-import', 'catalog', 'production'],
    ['audit-replay', 'audit-trail', 'security'],
    ['dev-sandbox', 'assistant', 'sandbox'],
    ['batch-legacy', 'warehouse-sync', 'production'],
    ['training-archive', 'demand-forecast', 'machine-learning'],
  ];
  for (const [name, application, role] of names) {
    const size = rng.integer(4, 9) * 100;
    const fleet: Fleet = [
      name,
      application,
      role,
      'us-east-1',
      'm5.xlarge',
      3,
      null,
      { data: { gb: size, type: 'gp2' } },
    ];
    for (const instance of launchFleet(estate, unit, rng, fleet, { state: 'stopped' })) {
      estate.waste.push({
        check: 'ec2-stopped',
        resourceId: instance.resource.id,
        owner: instance.resource,
        streams: streamsOf(instance),
        savedShare: 1,
        reason: 'The instance has been stopped for months and its volumes are still paid for.',
        evidence: { inventory: 'stopped' },
        target: 'snapshot and delete the volumes',
      });
    }
  }
}

/** Look idle or oversized at first sight: memory is full, nights are busy, or nobody measured. */
function decoys(estate: Estate, unit: Unit, rng: Random): void {
  const cache: Fleet = ['price-cache', 'catalog', 'production', 'us-east-1', 'r5.2xlarge', 2, busy(9, 22_000, 84)];
  const closing: Fleet = [
    'month-close',
    'ledger',
    'production',
    'us-east-1',
    'm5.4xlarge',
    1,
    { ...nightly(81, 7_000, 63), shape: 'closing' },
  ];
  const unknown: Fleet = ['vendor-appliance', 'networking', 'network', 'us-east-1', 'c5.2xlarge', 2, null];
  const reasons: [Fleet, string, string][] = [
    [cache, 'ec2-oversized', 'The CPU is quiet, but memory is 84 percent full.'],
    [closing, 'ec2-oversized', 'Quiet on most hours and near full load on its few busy ones.'],
    [unknown, 'ec2-idle', 'It reports no metrics, so nothing can be said about its use.'],
  ];
  for (const [fleet, check, reason] of reasons) {
    for (const { resource } of launchFleet(estate, unit, rng, fleet))
      estate.decoys.push({ check, resourceId: resource.id, reason });
  }
}

function officeHours(estate: Estate, unit: Unit, rng: Random): void {
  const day = estate.calendar.ago(112);
  const streams: number[] = [];
  const ids: string[] = [];
  for (const [name, application, type, count] of DEV_MACHINES) {
    const fleet: Fleet = [
      name,
      application,
      'development',
      'us-east-1',
      type,
      count,
      { ...office(24, 800), shape: 'office-hours' },
    ];
    for (const { resource, hours } of launchFleet(estate, unit, rng, fleet, { curve: OFFICE_HOURS, from: 0 })) {
      const stream = estate.streams[hours[0] as number];
      if (!stream) continue;
      streams.push(stream.id, estate.charge(resource, stream.sku, 24, { noise: 0, to: day }));
      stream.fromDay = Math.max(stream.fromDay, day);
      ids.push(resource.id);
    }
  }
  estate.remediations.push({
    action: 'schedule-instances',
    day,
    owner: ownerOf(unit, 'development', 'build-system', 'us-east-1'),
    resourceIds: ids,
    streams,
    reason: 'Development machines run twelve hours on weekdays instead of always.',
  });
}

function resized(estate: Estate, unit: Unit, rng: Random): void {
  const cases: [Fleet, previous: string, ago: number, revertedAgo?: number][] = [
    [
      ['route-solver', 'order-routing', 'production', 'us-east-1', 'm5.2xlarge', 4, busy(41, 7_000, 58)],
      'm5.4xlarge',
      66,
    ],
    [['lake-query', 'data-lake', 'data', 'us-east-1', 'r6i.2xlarge', 3, busy(44, 11_000, 63)], 'r6i.4xlarge', 64],
    [
      ['risk-engine', 'fraud-scoring', 'production', 'us-east-1', 'm6i.4xlarge', 2, busy(46, 9_000, 71)],
      'm6i.4xlarge',
      90,
      22,
    ],
  ];
  for (const [fleet, previousType, ago, revertedAgo] of cases) {
    const day = estate.calendar.ago(ago);
    const back = revertedAgo === undefined ? undefined : estate.calendar.ago(revertedAgo);
    const history = [
      { day, previousType },
      ...(back === undefined ? [] : [{ day: back, previousType: 'm6i.2xlarge' }]),
    ];
    const instances = launchFleet(estate, unit, rng, fleet, { resized: history });
    estate.remediations.push({
      action: 'resize-instance',
      day,
      owner: ownerOf(unit, fleet[2], fleet[1], fleet[3]),
      resourceIds: instances.map(({ resource }) => resource.id),
      streams: instances.flatMap(({ hours }) => hours),
      reason: `From ${previousType} to ${back === undefined ? fleet[4] : 'm6i.2xlarge'}.`,
      ...(back === undefined ? {} : { revertedDay: back }),
    });
  }
}

function terminated(estate: Estate, unit: Unit, rng: Random): void {
  const day = estate.calendar.ago(58);
  const fleet: Fleet = [
    'replay-host',
    'event-stream',
    'data',
    'us-east-1',
    'm5.4xlarge',
    6,
    null,
    { data: { gb: 400, type: 'gp3' } },
  ];
  const activity: Activity = { cpu: 1.1, peak: 1.8, networkMb: 1.5, shape: 'flat' };
  const instances = launchFleet(estate, unit, rng, fleet, { to: day, activity });
  estate.remediations.push({
    action: 'terminate-instance',
    day,
    owner: ownerOf(unit, 'data', 'event-stream', 'us-east-1'),
    resourceIds: instances.map(({ resource }) => resource.id),
    streams: instances.flatMap(streamsOf),
    reason: 'Idle instances terminated with their volumes.',
  });
}

/** A large training machine, rented a few hours on weekdays; AWS lowered its price by a third while we used it. */
function trainingCluster(estate: Estate, unit: Unit, rng: Random): void {
  const owner = ownerOf(unit, 'machine-learning', 'demand-forecast', 'us-east-1');
  const type = 'p4d.24xlarge';
  const cheaper = estate.calendar.months.at(-6)?.firstDay ?? 0;
  const curve: Curve = { weekday: 2.5 / 24, weekend: 0 };
  const name = `forecast-training${unit.suffix}`;
  const { resource, hours } = launch(estate, owner, rng, {
    name,
    type,
    curve,
    activity: { cpu: 78, networkMb: 40_000, memory: 66, shape: 'training-hours' },
  });
  const stream = estate.streams[hours[0] as number];
  const sku = stream && estate.skus[stream.sku];
  if (!stream || !sku) return;
  const price = estate.prices.ec2('us-east-1', type, { before: true });
  const before = estate.sku({ ...sku, price, description: sku.description.replace(sku.price, price) });
  const earlier = estate.hourly(resource, before, { curve, to: cheaper });
  stream.fromDay = cheaper;
  estate.changes.push({
    id: `price-p4d${unit.suffix}`,
    kind: 'price',
    day: cheaper,
    dimensions: { service: 'AmazonEC2', account: owner.account.id, region: 'us-east-1' },
    reason: `AWS lowered ${type} from ${price} to ${sku.price} USD an hour.`,
    streams: [earlier, stream.id],
  });
}
