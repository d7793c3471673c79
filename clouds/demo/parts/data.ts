import type { Curve } from '../curves.ts';
import type { Estate, Part } from '../estate.ts';
import type { Owner, Resource } from '../nouns.ts';
import type { ApplicationName, Role, Unit } from '../organisation.ts';
import { usagePrefix } from '../products.ts';
import type { Random } from '../random.ts';
import { ownerOf } from './compute.ts';
import { simpleStorage } from './storage.ts';

/** Caches, search domains, streams, brokers, jobs, queries and the warehouse. */
export const data: Part = (estate, unit, rng) => {
  caches(estate, unit, rng);
  searchDomains(estate, unit, rng);
  streams(estate, unit, rng);
  jobs(estate, unit, rng);
  queries(estate, unit, rng);
  warehouse(estate, unit, rng);
};

function node(
  estate: Estate,
  owner: Owner,
  product: string,
  price: string,
  usageType: string,
  type: string,
  family: string,
): number {
  return estate.sku({
    product,
    usageType: `${usagePrefix(owner.region)}${usageType}:${type}`,
    operation: 'CreateCluster:0001',
    description: `$${price} per ${type} node hour (or partial hour)`,
    unit: 'Hrs',
    price,
    family,
    region: owner.region,
    instanceType: type,
  });
}

function caches(estate: Estate, unit: Unit, rng: Random): void {
  const list: [string, ApplicationName, Role, string, number, number][] = [
    ['sessions', 'identity', 'production', 'cache.r6g.large', 4, 24],
    ['catalog', 'catalog', 'production', 'cache.r6g.xlarge', 4, 31],
    ['cart', 'checkout', 'production', 'cache.r6g.large', 3, 22],
    ['catalog', 'catalog', 'production-eu', 'cache.r6g.large', 3, 26],
    ['ranking', 'recommendations', 'machine-learning', 'cache.r6g.xlarge', 2, 19],
    ['staging', 'storefront', 'staging', 'cache.m6g.large', 1, 6],
  ];
  for (const [name, application, role, type, nodes, cpu] of list) {
    const owner = ownerOf(unit, role, application, role === 'production-eu' ? 'eu-west-1' : 'us-east-1');
    const sku = node(
      estate,
      owner,
      'AmazonElastiCache',
      estate.prices.elasticache(owner.region, type),
      'NodeUsage',
      type,
      'Cache Instance',
    );
    for (let index = 1; index <= nodes; index++) {
      const id = `arn:aws:elasticache:${owner.region}:${owner.account.id}:cluster:${name}${unit.suffix}-00${index}`;
      const resource = estate.resource(
        {
          ...owner,
          id,
          type: 'elasticache:cluster',
          name: `${name}${unit.suffix}-00${index}`,
          configuration: { cacheNodeType: type, engine: 'Redis' },
        },
        rng,
      );
      estate.hourly(resource, sku);
      estate.metric(resource, 'cpu_utilization', cpu, { shape: 'visitors', cap: 100, samples: 60 });
    }
  }
}

function searchDomains(estate: Estate, unit: Unit, rng: Random): void {
  const list: [string, ApplicationName, Role, string, number, number][] = [
    ['products', 'search', 'production', 'r6g.xlarge.search', 6, 800],
    ['logs', 'observability', 'shared-services', 'r6g.xlarge.search', 3, 2400],
    ['products', 'search', 'production-eu', 'r6g.xlarge.search', 3, 600],
    ['products', 'search', 'staging', 'm6g.large.search', 2, 100],
  ];
  for (const [shortName, application, role, type, nodes, gb] of list) {
    const owner = ownerOf(unit, role, application, role === 'production-eu' ? 'eu-west-1' : 'us-east-1');
    const name = `${shortName}${unit.suffix}`;
    const id = `arn:aws:es:${owner.region}:${owner.account.id}:domain/${name}`;
    const domain = estate.resource(
      { ...owner, id, type: 'es:domain', name, state: 'active', configuration: { instanceType: type, nodes } },
      rng,
    );
    const sku = node(
      estate,
      owner,
      'AmazonES',
      estate.prices.other('OpenSearch', type, owner.region),
      'ESInstance',
      type.replace('.search', ''),
      'Amazon OpenSearch Service Instance',
    );
    estate.charge(domain, sku, 24 * nodes, { noise: 0 });
    estate.charge(
      domain,
      simpleStorage(estate, 'AmazonES', 'OpenSearch', 'gp3 storage', 'ES:GP3-Storage', owner.region),
      gb * nodes,
      { curve: { growth: 0.004 }, noise: 0 },
    );
    estate.metric(domain, 'cpu_utilization', role === 'staging' ? 11 : 43, {
      shape: 'visitors',
      cap: 100,
      samples: 60,
    });
  }
}

function streams(estate: Estate, unit: Unit, rng: Random): void {
  const owner = ownerOf(unit, 'data', 'event-stream', 'us-east-1');
  const shardHour = estate.prices.other('Kinesis', 'shard hour', owner.region);
  const putUnit = estate.prices.other('Kinesis', 'PUT payload units', owner.region);
  const shards = estate.sku({
    product: 'AmazonKinesis',
    usageType: 'Storage-ShardHour',
    operation: 'shardHourStorage',
    description: `$${shardHour} per provisioned shard-hour`,
    unit: 'ShardHour',
    price: shardHour,
    family: 'Kinesis Streams',
    region: owner.region,
  });
  const puts = estate.sku({
    product: 'AmazonKinesis',
    usageType: 'PutRequestPayloadUnits',
    operation: 'PutRequest',
    description: `$${putUnit} per PUT payload unit`,
    unit: 'PayloadUnits',
    price: putUnit,
    family: 'Kinesis Streams',
    region: owner.region,
  });
  for (const [shortName, count, millions] of [
    ['clicks', 60, 2100],
    ['orders', 18, 380],
    ['stock', 14, 260],
  ] as const) {
    const name = `${shortName}${unit.suffix}`;
    const stream = estate.resource(
      {
        ...owner,
        id: `arn:aws:kinesis:${owner.region}:${owner.account.id}:stream/${name}`,
        type: 'kinesis:stream',
        name,
        state: 'active',
      },
      rng,
    );
    estate.charge(stream, shards, 24 * count, { noise: 0 });
    estate.charge(stream, puts, millions * 1e6, { curve: { growth: 0.008, weekend: 0.84, visitors: true } });
  }
  const kafka = estate.resource(
    {
      ...owner,
      id: `arn:aws:kafka:${owner.region}:${owner.account.id}:cluster/events${unit.suffix}/${rng.hex(8)}`,
      type: 'kafka:cluster',
      name: `events${unit.suffix}`,
      state: 'active',
    },
    rng,
  );
  const broker = node(
    estate,
    owner,
    'AmazonMSK',
    estate.prices.other('MSK', 'kafka.m5.large broker', owner.region),
    'Kafka',
    'kafka.m5.large',
    'Managed Streaming for Apache Kafka (MSK)',
  );
  estate.charge(kafka, broker, 24 * 9, { noise: 0 });
  estate.charge(kafka, simpleStorage(estate, 'AmazonMSK', 'MSK', 'broker storage', 'Kafka.Storage.GP2'), 9600, {
    noise: 0,
  });
}

function jobs(estate: Estate, unit: Unit, rng: Random): void {
  const owner = ownerOf(unit, 'data', 'data-lake', 'us-east-1');
  const dpu = (item: string, usageType: string) => {
    const price = estate.prices.other('Glue', item, owner.region);
    return estate.sku({
      product: 'AWSGlue',
      usageType: `USE1-${usageType}`,
      operation: item === 'crawler' ? 'CrawlerRun' : 'Jobrun',
      description: `$${price} per Data Processing Unit-Hour - ${item}`,
      unit: 'DPU-Hour',
      price,
      family: 'AWS Glue',
      region: owner.region,
    });
  };
  const job = (place: Owner, name: string) =>
    estate.resource(
      {
        ...place,
        id: `arn:aws:glue:us-east-1:${place.account.id}:job/${name}${unit.suffix}`,
        type: 'glue:job',
        name: `${name}${unit.suffix}`,
      },
      rng,
    );
  estate.charge(job(owner, 'lake-curate'), dpu('ETL job', 'ETL-DPU-Hour'), 140, {
    curve: { growth: 0.006, weekend: 0.75 },
    noise: 0.12,
  });
  estate.charge(owner, dpu('crawler', 'Crawler-DPU-Hour'), 32, { noise: 0.1 });
  const reports = ownerOf(unit, 'analytics', 'reporting', 'us-east-1');
  const reportJob = job(reports, 'report-tables');
  estate.charge(reportJob, dpu('ETL job', 'ETL-DPU-Hour'), 48, { curve: { weekend: 0.4 }, noise: 0.12 });
}

/** Somebody asked the whole lake one question without naming a date. */
function queries(estate: Estate, unit: Unit, rng: Random): void {
  const price = estate.prices.other('Athena', 'data scanned', 'us-east-1');
  const sku = estate.sku({
    product: 'AmazonAthena',
    usageType: 'USE1-DataScannedInTB',
    operation: 'ExecuteQuery',
    description: `$${price} per Terabyte for queries`,
    unit: 'Terabytes',
    price,
    family: 'Athena Queries',
    region: 'us-east-1',
  });
  const groups: [string, Role, ApplicationName, number][] = [
    ['dashboards', 'analytics', 'reporting', 7],
    ['ad-hoc', 'data', 'data-lake', 4.5],
    ['features', 'machine-learning', 'demand-forecast', 2.2],
  ];
  for (const [shortName, role, application, terabytes] of groups) {
    const owner = ownerOf(unit, role, application, 'us-east-1');
    const name = `${shortName}${unit.suffix}`;
    const group = estate.resource(
      {
        ...owner,
        id: `arn:aws:athena:us-east-1:${owner.account.id}:workgroup/${name}`,
        type: 'athena:workgroup',
        name,
        state: 'enabled',
      },
      rng,
    );
    const stream = estate.charge(group, sku, terabytes, { curve: { growth: 0.004, weekend: 0.35 }, noise: 0.2 });
    if (shortName !== 'ad-hoc') continue;
    estate.events.push({
      id: `spike-athena${unit.suffix}`,
      kind: 'anomaly',
      shape: 'spike',
      fromDay: estate.calendar.ago(8),
      toDay: estate.calendar.ago(7),
      dimensions: { service: 'AmazonAthena', account: owner.account.id, region: owner.region, resource: group.id },
      reason: 'One query without a date filter scanned the whole lake, again and again.',
      effects: [{ stream, factor: () => (terabytes > 0 ? 17 : 1) }],
      born: [],
    });
  }
}

function warehouse(estate: Estate, unit: Unit, rng: Random): void {
  const owner = ownerOf(unit, 'analytics', 'reporting', 'us-east-1');
  const cluster = (
    name: string,
    type: string,
    nodes: number,
    gb: number,
    cpu: number,
    previous?: { day: number; nodes: number },
  ): Resource => {
    const id = `arn:aws:redshift:us-east-1:${owner.account.id}:cluster:${name}${unit.suffix}`;
    const resource = estate.resource(
      {
        ...owner,
        id,
        type: 'redshift:cluster',
        name: `${name}${unit.suffix}`,
        configuration: { nodeType: type, nodes },
      },
      rng,
    );
    const sku = node(
      estate,
      owner,
      'AmazonRedshift',
      estate.prices.other('Redshift', `${type} node`, owner.region),
      'Node',
      type,
      'Compute Instance',
    );
    const streamIds = previous
      ? [estate.charge(resource, sku, 24 * previous.nodes, { noise: 0, to: previous.day })]
      : [];
    streamIds.push(estate.charge(resource, sku, 24 * nodes, { noise: 0, ...(previous ? { from: previous.day } : {}) }));
    const curve: Curve = { growth: 0.012 };
    estate.charge(resource, simpleStorage(estate, 'AmazonRedshift', 'Redshift', 'managed storage', 'RMS:ra3'), gb, {
      curve,
      noise: 0.004,
    });
    estate.metric(resource, 'cpu_utilization', cpu, { shape: 'office', cap: 100, samples: 60 });
    if (previous) {
      estate.remediations.push({
        action: 'resize-warehouse',
        day: previous.day,
        owner,
        resourceIds: [id],
        streams: streamIds,
        reason: `From ${previous.nodes} to ${nodes} ${type} nodes.`,
      });
    }
    return resource;
  };
  cluster('reports', 'ra3.xlplus', 3, 14_000, 47, { day: estate.calendar.ago(71), nodes: 4 });
  cluster('finance', 'ra3.xlplus', 1, 2_500, 36);
}
