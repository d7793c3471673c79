import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { MeasuredResource, UsageHour } from '../../contract.ts';
import { openAws } from '../clients.ts';
import {
  assumedRole,
  awsSettings,
  jsonError,
  openWire,
  TEST_CREDENTIALS,
  type Wire,
  type WireAnswer,
  type WireRequest,
} from '../wire.fixture.ts';
import { readUsage } from './read-usage.ts';

let wire: Wire;
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'penny-usage-'));
});
afterEach(async () => {
  await wire.close();
  rmSync(folder, { recursive: true });
});

const ROLE = { PENNY_AWS_ROLE_ARN: 'arn:aws:iam::{account}:role/penny-reader' };

const FROM = new Date('2026-03-01T00:00:00Z');
const TO = new Date('2026-03-01T03:00:00Z');
const seconds = (hour: number) => FROM.getTime() / 1000 + hour * 3600;

const resource = (changes: Partial<MeasuredResource> = {}): MeasuredResource => ({
  resourceId: 'i-1',
  resourceType: 'ec2:instance',
  accountId: '222222222222',
  regionId: 'eu-west-1',
  name: 'web',
  createdAt: '2026-01-01T00:00:00Z',
  configuration: {},
  ...changes,
});

interface Query {
  Id: string;
  MetricStat: {
    Metric: { Namespace: string; MetricName: string; Dimensions: { Name: string; Value: string }[] };
    Period: number;
    Stat: string;
  };
}

const queriesOf = (request: WireRequest) =>
  (JSON.parse(request.body) as { MetricDataQueries: Query[] }).MetricDataQueries;

type Hours = { [hour: number]: number | undefined };

/** Answers each query with what `values` says of its metric and statistic: values by hour. */
function metricData(values: (metric: string, statistic: string, query: Query) => Hours | undefined) {
  return (request: WireRequest): WireAnswer | undefined => {
    if (request.operation !== 'GetMetricData') return undefined;
    const results = queriesOf(request).map((query) => {
      const given = values(query.MetricStat.Metric.MetricName, query.MetricStat.Stat, query) ?? {};
      const Timestamps = Object.keys(given).map((hour) => seconds(Number(hour)));
      return { Id: query.Id, Label: '', Timestamps, Values: Object.values(given), StatusCode: 'Complete' };
    });
    return { body: JSON.stringify({ MetricDataResults: results }) };
  };
}

async function read(
  answer: (request: WireRequest) => WireAnswer | undefined,
  resources: MeasuredResource[] = [resource()],
  {
    to = TO,
    settings = {},
    from = new Map(),
  }: { to?: Date; settings?: Record<string, string>; from?: Map<string, Date> } = {},
) {
  wire = await openWire((request) =>
    request.operation === 'AssumeRole' ? assumedRole('ROLE') : (answer(request) ?? { body: '{"Metrics":[]}' }),
  );
  const aws = openAws(awsSettings({ ...ROLE, ...settings }), {
    endpoint: wire.endpoint,
    credentials: TEST_CREDENTIALS,
  });
  const places = new Set(resources.map(({ accountId, regionId }) => `${accountId} ${regionId}`));
  const regions = [...places].map((one) => {
    const [accountId = '', regionId = ''] = one.split(' ');
    const own = resources.filter((resource) => resource.accountId === accountId && resource.regionId === regionId);
    return { accountId, regionId, from: from.get(regionId) ?? FROM, resources: own };
  });
  const usage = await readUsage(aws, { folder }, { regions, to });
  const hours: UsageHour[] = [];
  for await (const hour of usage.hours) hours.push(hour);
  usage.close();
  expect(readdirSync(folder)).toEqual([]);
  return { hours, gaps: usage.gaps, complete: usage.complete, aws };
}

test('an hour has mean, highest, 95th percentile and sample count; an hour without data has no row', async () => {
  const { hours } = await read(
    metricData((metric, statistic) => {
      if (metric !== 'CPUUtilization') return undefined;
      return { Average: { 0: 5.5, 2: 0 }, Maximum: { 0: 40, 2: 0 }, p95: { 0: 31 }, SampleCount: { 0: 12, 2: 11 } }[
        statistic
      ];
    }),
  );
  expect(hours).toEqual([
    {
      resourceId: 'i-1',
      metric: 'cpu_utilization',
      hour: '2026-03-01T00:00:00.000Z',
      avg: 5.5,
      max: 40,
      p95: 31,
      sampleCount: 12,
    },
    {
      resourceId: 'i-1',
      metric: 'cpu_utilization',
      hour: '2026-03-01T02:00:00.000Z',
      avg: 0,
      max: 0,
      p95: null,
      sampleCount: 11,
    },
  ]);
});

test('traffic in and out is added up, and only where both are known', async () => {
  const { hours } = await read(
    metricData((metric) =>
      metric === 'NetworkIn' ? { 0: 100, 1: 7 } : metric === 'NetworkOut' ? { 0: 20 } : undefined,
    ),
  );
  expect(hours.map(({ metric, hour, avg, max }) => [metric, hour.slice(11, 13), avg, max])).toEqual([
    ['network_bytes', '00', 120, 120],
  ]);
});

test('calls are as full as they may be, and all statistics of a metric are asked in one', async () => {
  const volumes = Array.from({ length: 130 }, (_, index) =>
    resource({ resourceId: `vol-${index}`, resourceType: 'ec2:volume' }),
  );
  const { hours } = await read(
    metricData((_, statistic) => ({ 0: statistic === 'SampleCount' ? 12 : 3 })),
    volumes,
  );
  const calls = wire.requests.filter(({ operation }) => operation === 'GetMetricData').map(queriesOf);
  // A volume has two metrics of two parts and four statistics each: 2,080 queries.
  expect(calls.map(({ length }) => length)).toEqual([496, 496, 496, 496, 96]);
  expect(hours).toHaveLength(260);
  expect(new Set(hours.map(({ resourceId, metric }) => `${resourceId} ${metric}`)).size).toBe(260);
});

test('a long time is asked in pieces that one answer can hold, and pages are put together', async () => {
  const { hours } = await read(
    (request) => {
      if (request.operation !== 'GetMetricData') return undefined;
      const { NextToken, StartTime } = JSON.parse(request.body) as { NextToken?: string; StartTime: number };
      const Timestamps = [StartTime + (NextToken === undefined ? 0 : 3600)];
      const results = queriesOf(request)
        .filter(({ MetricStat }) => MetricStat.Metric.MetricName === 'CPUUtilization')
        .map(({ Id }) => ({
          Id,
          Timestamps,
          Values: [2],
          StatusCode: NextToken === undefined ? 'PartialData' : 'Complete',
        }));
      return {
        body: JSON.stringify({ MetricDataResults: results, ...(NextToken === undefined ? { NextToken: 'more' } : {}) }),
      };
    },
    [resource()],
    { to: new Date('2026-03-16T00:00:00Z') },
  );
  // 360 hours are two times at most 201.
  expect(hours.map(({ hour }) => hour.slice(0, 13))).toEqual([
    '2026-03-01T00',
    '2026-03-01T01',
    '2026-03-09T09',
    '2026-03-09T10',
  ]);
});

test('a function that nobody called has a zero, since it was last changed; one that is not measured has nothing', async () => {
  const unused = resource({
    resourceId: 'arn:aws:lambda:eu-west-1:222222222222:function:old',
    resourceType: 'lambda:function',
    name: 'old',
    createdAt: null,
    configuration: { lastModified: '2026-03-01T00:30:00.000+0000' },
  });
  const { hours } = await read(
    metricData(() => undefined),
    [unused],
  );
  expect(hours.map(({ metric, hour, avg, sampleCount }) => [metric, hour.slice(11, 13), avg, sampleCount])).toEqual([
    ['invocations', '01', 0, 1],
    ['invocations', '02', 0, 1],
  ]);
});

test('memory is read where an agent reports it, under the dimensions it reports', async () => {
  const dimensions = (more: { Name: string; Value: string }[]) => [{ Name: 'InstanceId', Value: 'i-1' }, ...more];
  const asked: Query[] = [];
  const { hours } = await read((request) => {
    if (request.operation === 'ListMetrics') {
      const { MetricName } = JSON.parse(request.body) as { MetricName: string };
      const Metrics =
        MetricName !== 'mem_used_percent'
          ? []
          : [
              {
                Namespace: 'CWAgent',
                MetricName,
                Dimensions: dimensions([
                  { Name: 'ImageId', Value: 'ami-1' },
                  { Name: 'InstanceType', Value: 't3' },
                ]),
              },
              { Namespace: 'CWAgent', MetricName, Dimensions: dimensions([{ Name: 'ImageId', Value: 'ami-1' }]) },
              { Namespace: 'CWAgent', MetricName, Dimensions: [{ Name: 'InstanceId', Value: 'i-other' }] },
            ];
      return { body: JSON.stringify({ Metrics }) };
    }
    return metricData((metric, _, query) => {
      if (metric !== 'mem_used_percent') return undefined;
      asked.push(query);
      return { 1: 61 };
    })(request);
  });
  expect(hours).toMatchObject([{ metric: 'memory_utilization', avg: 61, max: 61, sampleCount: 61 }]);
  expect(asked[0]?.MetricStat.Metric.Dimensions).toEqual(dimensions([{ Name: 'ImageId', Value: 'ami-1' }]));
});

test('services, gateways, balancers and node groups are asked for by the names CloudWatch has for them', async () => {
  const asked = new Set<string>();
  await read(
    metricData((metric, _, { MetricStat: { Metric } }) => {
      asked.add(
        `${Metric.Namespace} ${metric} ${Metric.Dimensions.map(({ Name, Value }) => `${Name}=${Value}`).join(' ')}`,
      );
      return undefined;
    }),
    [
      resource({ resourceType: 'ecs:service', name: 'cart', configuration: { cluster: 'shop' } }),
      resource({ resourceType: 'ec2:natgateway', resourceId: 'arn:aws:ec2:eu-west-1:2:natgateway/nat-1' }),
      resource({
        resourceType: 'elasticloadbalancing:loadbalancer',
        resourceId: 'arn:aws:elasticloadbalancing:eu-west-1:2:loadbalancer/app/shop/50dc6c495c0c9188',
        configuration: { type: 'application', targetGroupIds: ['targetgroup/web/1', 'targetgroup/api/2'] },
      }),
      resource({
        resourceType: 'elasticloadbalancing:loadbalancer',
        resourceId: 'arn:aws:elasticloadbalancing:eu-west-1:2:loadbalancer/net/tcp/1',
        configuration: { type: 'network', targetGroupIds: [] },
      }),
      resource({
        resourceType: 'elasticloadbalancing:loadbalancer',
        resourceId: 'arn:aws:elasticloadbalancing:eu-west-1:2:loadbalancer/old',
        name: 'old',
        configuration: { type: 'classic' },
      }),
      resource({ resourceType: 'eks:nodegroup', configuration: { autoScalingGroups: ['eks-nodes'] } }),
    ],
  );
  for (const one of [
    'AWS/ECS MemoryUtilization ClusterName=shop ServiceName=cart',
    'AWS/NATGateway BytesInFromSource NatGatewayId=nat-1',
    'AWS/ApplicationELB RequestCount LoadBalancer=app/shop/50dc6c495c0c9188',
    'AWS/ApplicationELB ProcessedBytes LoadBalancer=app/shop/50dc6c495c0c9188',
    'AWS/ApplicationELB HealthyHostCount LoadBalancer=app/shop/50dc6c495c0c9188 TargetGroup=targetgroup/web/1',
    'AWS/ApplicationELB HealthyHostCount LoadBalancer=app/shop/50dc6c495c0c9188 TargetGroup=targetgroup/api/2',
    'AWS/NetworkELB ActiveFlowCount LoadBalancer=net/tcp/1',
    'AWS/NetworkELB ProcessedBytes LoadBalancer=net/tcp/1',
    'AWS/ELB RequestCount LoadBalancerName=old',
    'AWS/ELB HealthyHostCount LoadBalancerName=old',
    'AWS/EC2 CPUUtilization AutoScalingGroupName=eks-nodes',
  ])
    expect([...asked]).toContain(one);
  expect([...asked].filter((one) => one.startsWith('AWS/NetworkELB HealthyHostCount'))).toEqual([]);
});

test('healthy targets of all target groups are added up', async () => {
  const { hours } = await read(
    metricData((metric, statistic, { MetricStat: { Metric } }) => {
      if (metric !== 'HealthyHostCount') return undefined;
      const isWeb = Metric.Dimensions.some(({ Value }) => Value === 'targetgroup/web/1');
      return statistic === 'SampleCount' ? { 0: 60 } : isWeb ? { 0: 2, 1: 2 } : { 0: 1 };
    }),
    [
      resource({
        resourceType: 'elasticloadbalancing:loadbalancer',
        resourceId: 'arn:aws:elasticloadbalancing:eu-west-1:2:loadbalancer/net/shop/1',
        configuration: { type: 'network', targetGroupIds: ['targetgroup/web/1', 'targetgroup/api/2'] },
      }),
    ],
  );
  expect(hours.map(({ metric, hour, avg, sampleCount }) => [metric, hour.slice(11, 13), avg, sampleCount])).toEqual([
    ['healthy_host_count', '00', 3, 60],
  ]);
});

test('what Container Insights reports is that of the service, the cluster or the node it names, never that of a part', async () => {
  const reported: Record<string, Record<string, string>[]> = {
    'ECS/ContainerInsights CpuUtilized': [
      { ClusterName: 'shop', ServiceName: 'cart' },
      { ClusterName: 'shop', ServiceName: 'cart', TaskId: '1' },
      { ClusterName: 'other', ServiceName: 'cart' },
    ],
    'ContainerInsights node_memory_utilization': [
      { ClusterName: 'main' },
      { ClusterName: 'main', InstanceId: 'i-1', NodeName: 'ip-10-0-0-1' },
    ],
    'CWAgent mem_used_percent': [{ AutoScalingGroupName: 'eks-nodes', InstanceId: 'i-9' }],
  };
  const asked = new Set<string>();
  const { hours } = await read(
    (request) => {
      if (request.operation !== 'ListMetrics')
        return metricData((metric, _, { MetricStat: { Metric } }) => {
          const dimensions = Metric.Dimensions.map(({ Name, Value }) => `${Name}=${Value}`).join(' ');
          if (`${Metric.Namespace} ${metric}` in reported) asked.add(`${metric} ${dimensions}`);
          return metric === 'CpuUtilized' ? { 0: 128 } : metric === 'node_memory_utilization' ? { 0: 40 } : undefined;
        })(request);
      const { Namespace, MetricName } = JSON.parse(request.body) as { Namespace: string; MetricName: string };
      const Metrics = (reported[`${Namespace} ${MetricName}`] ?? []).map((dimensions) => ({
        ...{ Namespace, MetricName },
        Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
      }));
      return { body: JSON.stringify({ Metrics }) };
    },
    [
      resource(),
      resource({
        resourceId: 'arn:cart',
        resourceType: 'ecs:service',
        name: 'cart',
        configuration: { cluster: 'shop' },
      }),
      resource({ resourceId: 'arn:main', resourceType: 'eks:cluster', name: 'main' }),
      resource({
        resourceId: 'arn:nodes',
        resourceType: 'eks:nodegroup',
        configuration: { autoScalingGroups: ['eks-nodes'] },
      }),
    ],
  );
  expect([...asked].sort()).toEqual([
    'CpuUtilized ClusterName=shop ServiceName=cart',
    'node_memory_utilization ClusterName=main',
    'node_memory_utilization ClusterName=main InstanceId=i-1 NodeName=ip-10-0-0-1',
  ]);
  expect(hours.map(({ resourceId, metric, avg }) => [resourceId, metric, avg]).sort()).toEqual([
    ['arn:cart', 'cpu_utilized_units', 128],
    ['arn:main', 'memory_utilization', 40],
    ['i-1', 'memory_utilization', 40],
  ]);
});

test('a region that is denied is a gap, and the others are read to the end', async () => {
  const { hours, gaps, complete } = await read(
    (request) =>
      request.region === 'us-east-1'
        ? jsonError(400, 'AccessDeniedException')
        : metricData((metric) => (metric === 'CPUUtilization' ? { 0: 1 } : undefined))(request),
    [resource(), resource({ resourceId: 'i-2', regionId: 'us-east-1' })],
  );
  expect(hours.map(({ resourceId }) => resourceId)).toEqual(['i-1']);
  expect(gaps).toEqual([
    { accountId: '222222222222', regionId: 'us-east-1', reason: expect.stringContaining('CloudWatch.ListMetrics') },
  ]);
  expect(complete).toEqual([{ accountId: '222222222222', regionId: 'eu-west-1' }]);
});

test('each region is read from its own hour on', async () => {
  const starts = new Map<string, number>();
  await read(
    (request) => {
      if (request.operation === 'GetMetricData')
        starts.set(request.region, (JSON.parse(request.body) as { StartTime: number }).StartTime);
      return metricData(() => undefined)(request);
    },
    [resource(), resource({ resourceId: 'i-2', regionId: 'us-east-1' })],
    { from: new Map([['us-east-1', new Date('2026-02-27T00:00:00Z')]]) },
  );
  expect(Object.fromEntries(starts)).toEqual({ 'eu-west-1': seconds(0), 'us-east-1': seconds(-48) });
});

test('usage of a part of an hour cannot be asked for', async () => {
  await expect(read(() => undefined, [], { to: new Date('2026-03-01T03:30:00Z') })).rejects.toMatchObject({
    code: 'invalid_input',
  });
});

test('silence of an answer that is not complete is no zero', async () => {
  const unused = resource({ resourceType: 'lambda:function', resourceId: 'arn:aws:lambda:eu-west-1:2:function:old' });
  const { hours } = await read(
    (request) => {
      if (request.operation !== 'GetMetricData') return undefined;
      const results = queriesOf(request).map(({ Id }) => ({
        Id,
        Timestamps: [],
        Values: [],
        StatusCode: 'PartialData',
      }));
      return { body: JSON.stringify({ MetricDataResults: results }) };
    },
    [unused],
  );
  expect(hours).toEqual([]);
});

test('without a role in each account only resources of the one that can be read are asked about', async () => {
  const whoAmI = '<R><GetCallerIdentityResult><Account>222222222222</Account></GetCallerIdentityResult></R>';
  const { hours, gaps, complete } = await read(
    (request) =>
      request.operation === 'GetCallerIdentity'
        ? { body: whoAmI }
        : metricData((metric) => (metric === 'CPUUtilization' ? { 0: 1 } : undefined))(request),
    [resource(), resource({ resourceId: 'i-2', accountId: '333333333333' })],
    { settings: { PENNY_AWS_ROLE_ARN: '' } },
  );
  expect(complete).toEqual([{ accountId: '222222222222', regionId: 'eu-west-1' }]);
  expect(hours.map(({ resourceId }) => resourceId)).toEqual(['i-1']);
  expect(gaps).toEqual([]);
});

test('of a database the share of memory that is free is known by its class, and not without one', async () => {
  const { hours } = await read(
    metricData((metric, statistic, { MetricStat: { Metric } }) => {
      expect(Metric).toMatchObject({ Namespace: 'AWS/RDS', Dimensions: [{ Name: 'DBInstanceIdentifier' }] });
      if (statistic === 'SampleCount') return { 0: 60 };
      return { FreeableMemory: { 0: 4 * 2 ** 30 }, ReadIOPS: { 0: 12 }, WriteIOPS: { 0: 30 } }[metric];
    }),
    [
      resource({ resourceType: 'rds:db', resourceId: 'sized', name: 'orders', configuration: { memoryGib: 16 } }),
      resource({ resourceType: 'rds:db', resourceId: 'serverless', name: 'cart' }),
    ],
  );
  expect(hours.map(({ resourceId, metric, avg, max, p95 }) => [resourceId, metric, avg, max, p95])).toEqual([
    ['sized', 'freeable_memory_percent', 25, 25, 25],
    ['sized', 'disk_operations_per_second', 42, 42, 42],
    ['serverless', 'disk_operations_per_second', 42, 42, 42],
  ]);
});

test('what is new among the resources is read from further back than the others', async () => {
  const from = new Date('2026-02-28T22:00:00Z');
  const { hours } = await read(
    metricData((metric) => (metric === 'CPUUtilization' ? { [-2]: 7, 0: 5 } : undefined)),
    [resource(), resource({ resourceId: 'i-new', from })],
  );
  expect(hours.map(({ resourceId, hour }) => [resourceId, hour.slice(0, 13)]).sort()).toEqual([
    ['i-1', '2026-03-01T00'],
    ['i-new', '2026-02-28T22'],
    ['i-new', '2026-03-01T00'],
  ]);
});
