import type { Curve } from '../curves.ts';
import type { Estate, Part } from '../estate.ts';
import type { Owner, Resource } from '../nouns.ts';
import type { ApplicationName, Role, Unit } from '../organisation.ts';
import { locationOf, usagePrefix } from '../products.ts';
import type { Random } from '../random.ts';
import { ownerOf } from './compute.ts';
import { simpleStorage } from './storage.ts';

type Engine = 'PostgreSQL' | 'MySQL' | 'Aurora PostgreSQL';
export interface DatabaseSpec {
  name: string;
  application: ApplicationName;
  role: Role;
  region: string;
  type: string;
  engine: Engine;
  gb: number;
  multiZone?: boolean;
  cpu: number;
  connections: number;
  from?: number;
  to?: number;
  /** Position of the reservation that covers it. */
  reservation?: number;
  silent?: boolean;
}

const spec = (
  name: string,
  application: ApplicationName,
  role: Role,
  type: string,
  engine: Engine,
  gb: number,
  cpu: number,
  connections: number,
  more: Partial<DatabaseSpec> = {},
): DatabaseSpec => ({
  ...{ name, application, role, type, engine, gb, cpu, connections },
  region: role === 'production-eu' ? 'eu-west-1' : 'us-east-1',
  ...more,
});

const DATABASES: DatabaseSpec[] = [
  spec('checkout', 'checkout', 'production', 'db.r6g.2xlarge', 'PostgreSQL', 1800, 44, 310, { multiZone: true }),
  spec('ledger', 'ledger', 'production', 'db.r6g.2xlarge', 'PostgreSQL', 2600, 39, 120, { multiZone: true }),
  spec('catalog', 'catalog', 'production', 'db.r6g.xlarge', 'PostgreSQL', 900, 47, 240, { reservation: 0 }),
  spec('catalog-replica', 'catalog', 'production', 'db.r6g.xlarge', 'PostgreSQL', 900, 36, 150, { reservation: 0 }),
  spec('orders', 'order-routing', 'production', 'db.r6g.xlarge', 'PostgreSQL', 1400, 42, 180, { reservation: 0 }),
  spec('warehouse', 'warehouse-sync', 'production', 'db.r6g.xlarge', 'PostgreSQL', 700, 33, 60, { reservation: 0 }),
  spec('identity', 'identity', 'production', 'db.m6g.large', 'PostgreSQL', 200, 35, 90, { reservation: 1 }),
  spec('notifications', 'notifications', 'production', 'db.m6g.large', 'PostgreSQL', 150, 29, 45, { reservation: 1 }),
  spec('labels', 'shipping-labels', 'production', 'db.m6g.large', 'PostgreSQL', 180, 27, 30, { reservation: 1 }),
  spec('storefront-writer', 'storefront', 'production', 'db.r6g.2xlarge', 'Aurora PostgreSQL', 2100, 46, 420),
  spec('storefront-reader-1', 'storefront', 'production', 'db.r6g.2xlarge', 'Aurora PostgreSQL', 0, 41, 380),
  spec('storefront-writer', 'storefront', 'production-eu', 'db.r6g.xlarge', 'Aurora PostgreSQL', 1100, 43, 260),
  spec('storefront-reader-1', 'storefront', 'production-eu', 'db.r6g.xlarge', 'Aurora PostgreSQL', 0, 38, 220),
  spec('orders', 'order-routing', 'production-eu', 'db.r6g.xlarge', 'PostgreSQL', 800, 34, 95),
  spec('staging-shop', 'storefront', 'staging', 'db.m6g.large', 'PostgreSQL', 120, 18, 22, { reservation: 1 }),
  spec('dev-shared', 'build-system', 'development', 'db.m6g.xlarge', 'PostgreSQL', 300, 16, 18),
  spec('metadata', 'data-lake', 'data', 'db.m6g.xlarge', 'PostgreSQL', 400, 31, 70),
  spec('reporting', 'reporting', 'analytics', 'db.r6g.xlarge', 'PostgreSQL', 1500, 37, 25),
  spec('code-host', 'build-system', 'shared-services', 'db.m6g.large', 'PostgreSQL', 260, 26, 40, { silent: true }),
];

const IDLE: DatabaseSpec[] = [
  spec('catalog-v1', 'catalog', 'production', 'db.r5.2xlarge', 'PostgreSQL', 900, 1.6, 0),
  spec('orders-import', 'order-routing', 'production', 'db.m5.2xlarge', 'PostgreSQL', 500, 1.4, 0),
  spec('loyalty', 'storefront', 'production', 'db.r5.2xlarge', 'MySQL', 600, 1.9, 0),
  spec('insight-trial', 'reporting', 'analytics', 'db.r5.4xlarge', 'PostgreSQL', 1200, 1.3, 0),
  spec('checkout-perf', 'checkout', 'staging', 'db.r5.2xlarge', 'PostgreSQL', 800, 1.5, 0),
  spec('feature-bench', 'recommendations', 'machine-learning', 'db.r5.4xlarge', 'PostgreSQL', 700, 1.2, 0),
  spec('orders-copy', 'order-routing', 'development', 'db.m5.2xlarge', 'PostgreSQL', 500, 1.7, 0),
  spec('returns-2024', 'order-routing', 'production', 'db.r5.2xlarge', 'PostgreSQL', 700, 1.5, 0),
];

const OVERSIZED: [DatabaseSpec, target: string][] = [
  [spec('search-meta', 'search', 'production', 'db.r6g.4xlarge', 'PostgreSQL', 600, 7, 80), 'db.r6g.2xlarge'],
  [spec('fraud-cases', 'fraud-scoring', 'production', 'db.r6g.4xlarge', 'PostgreSQL', 500, 6, 55), 'db.r6g.2xlarge'],
  [spec('gift-cards', 'ledger', 'production', 'db.r6g.4xlarge', 'PostgreSQL', 450, 7, 65), 'db.r6g.2xlarge'],
  [spec('partner-api', 'mobile-api', 'production', 'db.m6g.4xlarge', 'PostgreSQL', 400, 8, 70), 'db.m6g.xlarge'],
];

/** Relational databases: what serves, what idles, what is too large, what came with a release, and what was removed. */
export const databases: Part = (estate, unit, rng) => {
  const reserved = reserve(estate, unit, rng);
  for (const one of DATABASES) {
    database(
      estate,
      unit,
      rng,
      one.reservation === undefined ? one : { ...one, reservation: reserved + one.reservation },
    );
  }
  for (const one of IDLE) {
    const { resource, streams } = database(estate, unit, rng, one);
    waste(
      estate,
      resource,
      streams,
      'rds-idle',
      1,
      'No client has connected for weeks.',
      ['database_connections', 'cpu_utilization'],
      'snapshot and delete',
    );
  }
  for (const [one, target] of OVERSIZED) {
    const { resource, streams } = database(estate, unit, rng, one);
    const price = (type: string) => Number(estate.prices.rds(one.region, type, one.engine));
    const saved = 1 - price(target) / price(one.type);
    waste(
      estate,
      resource,
      [streams[0] as number],
      'rds-oversized',
      saved,
      `CPU would fit ${target}.`,
      ['cpu_utilization', 'freeable_memory_percent'],
      target,
    );
  }
  release(estate, unit, rng);
  removed(estate, unit, rng);
};

/**
 * Two reservations of the business unit: five db.r6g.xlarge, partly paid upfront, of which four are in use, and four
 * db.m6g.large. Discounts as AWS gave them for one year on these types in 2025, roughly.
 */
function reserve(estate: Estate, unit: Unit, rng: Random): number {
  const first = estate.reservations.length;
  const payer = { account: estate.organisation.payer, application: 'networking' as const, region: 'us-east-1' };
  const offers = [
    { type: 'db.r6g.xlarge', count: 5, ago: 240, hourly: '0.1485', upfront: '1300.86' },
    { type: 'db.m6g.large', count: 4, ago: 300, hourly: '0.1081', upfront: '0' },
  ];
  for (const { type, count, ago, hourly, upfront } of offers) {
    const id = `${rng.hex(8)}-${rng.hex(4)}-${rng.hex(4)}-${rng.hex(4)}-${rng.hex(12)}`;
    const fromDay = estate.calendar.ago(ago);
    const sku = (price: string, description: string) =>
      estate.sku({
        product: 'AmazonRDS',
        usageType: `HeavyUsage:${type}`,
        operation: 'CreateDBInstance:0014',
        description,
        unit: 'Hrs',
        price,
        family: 'Database Instance',
        region: 'us-east-1',
        instanceType: type,
      });
    const feeStream = estate.charge(payer, sku(hourly, `USD ${hourly} hourly fee per PostgreSQL, ${type} instance`), 0);
    const upfrontStream =
      upfront === '0'
        ? null
        : estate.charge(payer, sku(upfront, `Sign up charge for subscription: ${id}, planId: ${type}`), 0);
    const arn = `arn:aws:rds:us-east-1:${payer.account.id}:ri:${type.replaceAll('.', '-')}${unit.suffix}-${rng.hex(6)}`;
    estate.reservations.push({
      arn,
      count,
      hourly,
      upfront,
      fromDay,
      toDay: fromDay + 365,
      termHours: 365 * 24,
      feeStream,
      upfrontStream,
    });
  }
  return first;
}

function waste(
  estate: Estate,
  owner: Resource,
  streams: number[],
  check: string,
  savedShare: number,
  reason: string,
  metrics: string[],
  target: string,
) {
  estate.waste.push({ check, resourceId: owner.id, owner, streams, savedShare, reason, evidence: { metrics }, target });
}

function database(
  estate: Estate,
  unit: Unit,
  rng: Random,
  one: DatabaseSpec,
): { resource: Resource; streams: number[] } {
  const owner = ownerOf(unit, one.role, one.application, one.region);
  const name = `${one.name}${unit.suffix}`;
  const to = one.to ?? estate.calendar.days;
  const resource = estate.resource(
    {
      ...owner,
      id: `arn:aws:rds:${one.region}:${owner.account.id}:db:${name}`,
      type: 'rds:db',
      name,
      zone: `${one.region}${rng.pick(['a', 'b', 'c'])}`,
      state: to < estate.calendar.days ? 'deleted' : 'available',
      configuration: {
        instanceClass: one.type,
        engine: one.engine,
        multiAz: one.multiZone ?? false,
        allocatedStorageGib: one.gb,
      },
      fromDay: one.from ?? 0,
      toDay: to,
    },
    rng,
  );
  const reservation = one.reservation === undefined ? {} : { reservation: one.reservation };
  const streams = [estate.hourly(resource, instanceSku(estate, one), reservation)];
  if (one.gb > 0) streams.push(...storageOf(estate, resource, one));
  if (!one.silent) report(estate, resource, one);
  else estate.silent.push(resource.id);
  return { resource, streams };
}

function instanceSku(estate: Estate, one: DatabaseSpec): number {
  const single = estate.prices.rds(one.region, one.type, one.engine);
  const price = one.multiZone ? String(Math.round(Number(single) * 2e4) / 1e4) : single;
  const kind = one.multiZone ? 'Multi-AZUsage' : 'InstanceUsage';
  return estate.sku({
    product: 'AmazonRDS',
    usageType: `${usagePrefix(one.region)}${kind}:${one.type}`,
    operation: {
      PostgreSQL: 'CreateDBInstance:0014',
      MySQL: 'CreateDBInstance:0002',
      'Aurora PostgreSQL': 'CreateDBInstance:0021',
    }[one.engine],
    description: `$${price} per ${one.type} ${one.multiZone ? 'Multi-AZ' : 'Single-AZ'} instance hour (or partial hour) running ${one.engine}`,
    unit: 'Hrs',
    price,
    family: 'Database Instance',
    region: one.region,
    instanceType: one.type,
    attributes: { database_engine: one.engine, deployment_option: one.multiZone ? 'Multi-AZ' : 'Single-AZ' },
  });
}

function storageOf(estate: Estate, resource: Resource, one: DatabaseSpec): number[] {
  const curve: Curve = { growth: one.cpu > 3 ? 0.015 : 0 };
  if (one.engine === 'Aurora PostgreSQL') {
    const storage = simpleStorage(estate, 'AmazonRDS', 'RDS', 'Aurora storage', 'Aurora:StorageUsage', one.region);
    return [
      estate.charge(resource, storage, one.gb, { curve, noise: 0.004 }),
      estate.charge(resource, auroraRequests(estate, one.region), one.connections * 320_000, {
        curve: { growth: 0.012, weekend: 0.8, visitors: true },
      }),
    ];
  }
  const item = one.multiZone ? 'gp3 storage multi-AZ' : 'gp3 storage';
  const storage = simpleStorage(
    estate,
    'AmazonRDS',
    'RDS',
    item,
    one.multiZone ? 'RDS:Multi-AZ-GP3-Storage' : 'RDS:GP3-Storage',
    one.region,
  );
  const backup = simpleStorage(estate, 'AmazonRDS', 'RDS', 'backup storage', 'RDS:ChargedBackupUsage', one.region);
  return [
    estate.charge(resource, storage, one.gb, { curve, noise: 0 }),
    estate.charge(resource, backup, one.gb * 0.6, { curve, noise: 0.01 }),
  ];
}

function auroraRequests(estate: Estate, region: string): number {
  const price = estate.prices.other('RDS', 'Aurora I/O requests', region);
  return estate.sku({
    product: 'AmazonRDS',
    usageType: `${usagePrefix(region)}Aurora:StorageIOUsage`,
    operation: 'CreateDBInstance:0021',
    description: `$${price} per I/O request for Aurora in ${locationOf(region)}`,
    unit: 'IOs',
    price,
    family: 'System Operation',
    region,
  });
}

function report(estate: Estate, resource: Resource, one: DatabaseSpec): void {
  const shape = one.role.startsWith('production') ? 'visitors' : 'office';
  const idle = one.connections === 0;
  estate.metric(resource, 'cpu_utilization', one.cpu, { shape: idle ? 'flat' : shape, cap: 100, samples: 60 });
  estate.metric(resource, 'database_connections', one.connections, { shape, decimals: 1, samples: 60 });
  estate.metric(resource, 'freeable_memory_percent', one.cpu < 10 ? 76 : 34, {
    noise: 0.05,
    peak: 1.05,
    cap: 100,
    samples: 60,
  });
}

/** The partner programme brought two databases with it. */
function release(estate: Estate, unit: Unit, rng: Random): void {
  const day = estate.calendar.ago(52);
  const streams: number[] = [];
  for (const [name, type] of [
    ['partners', 'db.r6g.2xlarge'],
    ['partners-replica', 'db.r6g.xlarge'],
  ] as const) {
    streams.push(
      ...database(
        estate,
        unit,
        rng,
        spec(name, 'checkout', 'production', type, 'PostgreSQL', 500, 32, 110, { from: day }),
      ).streams,
    );
  }
  const owner: Owner = ownerOf(unit, 'production', 'checkout', 'us-east-1');
  estate.changes.push({
    id: `usage-partner-databases${unit.suffix}`,
    kind: 'usage',
    day,
    dimensions: { service: 'AmazonRDS', account: owner.account.id, region: owner.region },
    reason: 'The partner programme went live with two databases of its own.',
    streams,
  });
}

function removed(estate: Estate, unit: Unit, rng: Random): void {
  const day = estate.calendar.ago(150);
  const gone = ['orders-2023', 'catalog-test'].map((name) =>
    database(
      estate,
      unit,
      rng,
      spec(name, 'order-routing', 'production', 'db.r6g.xlarge', 'PostgreSQL', 600, 1.4, 0, { to: day }),
    ),
  );
  const first = gone[0];
  if (!first) return;
  estate.remediations.push({
    action: 'delete-database',
    day,
    owner: first.resource,
    resourceIds: gone.map(({ resource }) => resource.id),
    streams: gone.flatMap(({ streams }) => streams),
    reason: 'Idle databases deleted after a last snapshot.',
  });
}
