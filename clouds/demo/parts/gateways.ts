import type { Estate, Part } from '../estate.ts';
import type { Owner, Resource } from '../nouns.ts';
import type { ApplicationName, Role, Unit } from '../organisation.ts';
import { usagePrefix } from '../products.ts';
import type { Random } from '../random.ts';
import { ownerOf } from './compute.ts';
import { VISITORS } from './network.ts';

function natGateway(
  estate: Estate,
  owner: Owner,
  rng: Random,
  name: string,
  gbPerDay: number,
  options: { to?: number; from?: number } = {},
) {
  const id = `nat-0${rng.hex(16)}`;
  const gateway = estate.resource(
    {
      ...owner,
      id: `arn:aws:ec2:${owner.region}:${owner.account.id}:natgateway/${id}`,
      type: 'ec2:natgateway',
      name,
      state: options.to === undefined ? 'available' : 'deleted',
      configuration: { natGatewayId: id },
      fromDay: options.from ?? 0,
      toDay: options.to ?? estate.calendar.days,
    },
    rng,
  );
  const price = (item: string) => estate.prices.other('EC2', item, owner.region);
  const common = { product: 'AmazonEC2', operation: 'NatGateway', family: 'NAT Gateway', region: owner.region };
  const prefix = usagePrefix(owner.region);
  const hour = price('NAT gateway hour');
  const gb = price('NAT gateway data processed');
  const hours = estate.hourly(
    gateway,
    estate.sku({
      ...common,
      usageType: `${prefix}NatGateway-Hours`,
      description: `$${hour} per NAT Gateway Hour`,
      unit: 'Hrs',
      price: hour,
    }),
  );
  const bytes = estate.charge(
    gateway,
    estate.sku({
      ...common,
      usageType: `${prefix}NatGateway-Bytes`,
      description: `$${gb} per GB Data Processed by NAT Gateways`,
      unit: 'GB',
      price: gb,
    }),
    gbPerDay,
    {
      curve: owner.account.role.startsWith('production') ? VISITORS : { weekend: 0.5 },
    },
  );
  return { gateway, hours, bytes };
}

/** NAT gateways: busy, without traffic, nearly without, and deleted ones. */
export const gateways: Part = (estate, unit, rng) => {
  const busy: [ApplicationName, Role, string, number, number][] = [
    ['storefront', 'production', 'us-east-1', 3, 420],
    ['storefront', 'production-eu', 'eu-west-1', 3, 230],
    ['storefront', 'staging', 'us-east-1', 2, 38],
    ['build-system', 'development', 'us-east-1', 1, 55],
    ['data-lake', 'data', 'us-east-1', 2, 340],
    ['demand-forecast', 'machine-learning', 'us-east-1', 1, 140],
    ['build-system', 'shared-services', 'us-east-1', 2, 140],
    ['reporting', 'analytics', 'us-east-1', 1, 35],
  ];
  for (const [application, role, region, count, gb] of busy) {
    for (let index = 0; index < count; index++) {
      const owner = ownerOf(unit, role, application, region);
      const { gateway, bytes } = natGateway(estate, owner, rng, `${application}-nat-${'abc'[index]}${unit.suffix}`, gb);
      natMetrics(estate, gateway, gb);
      if (application === 'data-lake' && index === 0) natLoop(estate, owner, gateway.id, bytes, unit);
    }
  }
  const idle: [ApplicationName, Role, string][] = [
    ['search', 'staging', 'us-west-2'],
    ['mobile-api', 'development', 'us-east-1'],
    ['search', 'development', 'us-west-2'],
    ['assistant', 'sandbox', 'us-east-1'],
    ['warehouse-sync', 'production', 'us-west-2'],
    ['reporting', 'analytics', 'us-east-1'],
  ];
  for (const [application, role, region] of idle) {
    const { gateway, hours } = natGateway(
      estate,
      ownerOf(unit, role, application, region),
      rng,
      `${application}-nat-old${unit.suffix}`.replace('-old', '-b'),
      0,
    );
    natMetrics(estate, gateway, 0);
    estate.waste.push({
      check: 'nat-idle',
      resourceId: gateway.id,
      owner: gateway,
      streams: [hours],
      savedShare: 1,
      reason: 'No connection and no byte in either direction for more than 32 days.',
      evidence: { metrics: ['active_connection_count', 'bytes_in_from_source', 'bytes_in_from_destination'] },
      target: 'delete',
    });
  }
  const quiet = natGateway(
    estate,
    ownerOf(unit, 'network', 'networking', 'us-east-1'),
    rng,
    `vpn-egress${unit.suffix}`,
    0.6,
  );
  natMetrics(estate, quiet.gateway, 0.6);
  estate.decoys.push({
    check: 'nat-idle',
    resourceId: quiet.gateway.id,
    reason: 'Little traffic, but some every hour.',
  });
  const day = estate.calendar.ago(47);
  const removed = Array.from({ length: 3 }, (_, index) =>
    natGateway(
      estate,
      ownerOf(unit, 'data', 'event-stream', 'us-east-1'),
      rng,
      `event-stream-nat-${'abc'[index]}${unit.suffix}`,
      0,
      { to: day },
    ),
  );
  estate.remediations.push({
    action: 'delete-nat-gateway',
    day,
    owner: ownerOf(unit, 'data', 'event-stream', 'us-east-1'),
    resourceIds: removed.map(({ gateway }) => gateway.id),
    streams: removed.map(({ hours }) => hours),
    reason: 'NAT gateways without traffic deleted.',
  });
};

function natMetrics(estate: Estate, gateway: Resource, gbPerDay: number): void {
  // A sample is a minute: 1,440 a day.
  const bytes = (gbPerDay * 1e9) / 1440;
  const shape = gateway.account.role.startsWith('production') ? 'visitors' : 'office';
  estate.metric(gateway, 'active_connection_count', gbPerDay * 3, { shape, samples: 60, decimals: 0 });
  estate.metric(gateway, 'bytes_in_from_source', bytes * 0.2, { shape, samples: 60, decimals: 0 });
  estate.metric(gateway, 'bytes_in_from_destination', bytes * 0.8, { shape, samples: 60, decimals: 0 });
}

function natLoop(estate: Estate, owner: Owner, resource: string, stream: number, unit: Unit): void {
  estate.events.push({
    id: `shift-nat-lake${unit.suffix}`,
    kind: 'anomaly',
    shape: 'level shift',
    fromDay: estate.calendar.ago(214),
    toDay: estate.calendar.ago(203),
    dimensions: { service: 'AmazonEC2', account: owner.account.id, region: owner.region, resource },
    reason: 'The loader read its buckets through the NAT gateway until the S3 gateway endpoint was put back.',
    effects: [{ stream, factor: () => 7.5 }],
    born: [],
  });
}
