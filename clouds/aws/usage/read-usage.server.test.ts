import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CloudWatchClient, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { UsageHour } from '../../contract.ts';
import { openAws } from '../clients.ts';
import { type Moto, openMoto } from '../moto.fixture.ts';
import { awsSettings, openWire, TEST_CREDENTIALS, type Wire } from '../wire.fixture.ts';
import { readUsage } from './read-usage.ts';

let moto: Moto;
let proxy: Wire;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'penny-usage-'));
  moto = await openMoto();
  // The stand-in knows no percentiles: it is not asked for them.
  proxy = await openWire(async ({ body, headers }) => {
    const asked = body.startsWith('{') ? JSON.parse(body) : undefined;
    if (Array.isArray(asked?.MetricDataQueries))
      asked.MetricDataQueries = asked.MetricDataQueries.filter(
        ({ MetricStat }: { MetricStat: { Stat: string } }) => MetricStat.Stat !== 'p95',
      );
    const { host, 'content-length': length, connection, ...kept } = headers as Record<string, string>;
    const answer = await fetch(moto.endpoint, {
      method: 'POST',
      headers: kept,
      body: asked === undefined ? body : JSON.stringify(asked),
    });
    return { status: answer.status, body: await answer.text() };
  });
});
afterAll(async () => {
  await proxy?.close();
  await moto?.stop();
  rmSync(folder, { recursive: true });
});

test('what was put into CloudWatch comes back by the hour, the memory the agent reported included', async () => {
  const to = new Date(Math.floor(Date.now() / 3_600_000) * 3_600_000);
  const from = new Date(to.getTime() - 2 * 3_600_000);
  const at = (minute: number) => new Date(from.getTime() + minute * 60_000);
  const seed = new CloudWatchClient({ region: 'us-east-1', endpoint: moto.endpoint, credentials: TEST_CREDENTIALS });
  const put = (Namespace: string, MetricName: string, values: [minute: number, value: number][], more: string[] = []) =>
    seed.send(
      new PutMetricDataCommand({
        Namespace,
        MetricData: values.map(([minute, Value]) => ({
          MetricName,
          Value,
          Timestamp: at(minute),
          Dimensions: [{ Name: 'InstanceId', Value: 'i-1' }, ...more.map((Name) => ({ Name, Value: 'x' }))],
        })),
      }),
    );
  await put('AWS/EC2', 'CPUUtilization', [
    [5, 10],
    [15, 30],
    [65, 0],
  ]);
  await put('AWS/EC2', 'NetworkIn', [[5, 1000]]);
  await put('AWS/EC2', 'NetworkOut', [[5, 500]]);
  await put('CWAgent', 'mem_used_percent', [[70, 62.5]], ['ImageId']);
  await put('ContainerInsights', 'node_cpu_reserved_capacity', [[5, 41]], ['ClusterName', 'NodeName']);

  const aws = openAws(awsSettings(), { endpoint: proxy.endpoint, credentials: TEST_CREDENTIALS });
  const instance = {
    resourceId: 'i-1',
    resourceType: 'ec2:instance',
    accountId: '123456789012',
    regionId: 'us-east-1',
    name: 'web',
    createdAt: null,
    configuration: {},
  };
  const usage = await readUsage(
    aws,
    { folder },
    { regions: [{ accountId: '123456789012', regionId: 'us-east-1', from, resources: [instance] }], to },
  );
  const hours: UsageHour[] = [];
  for await (const hour of usage.hours) hours.push(hour);
  usage.close();
  expect(usage.gaps).toEqual([]);
  expect(usage.complete).toEqual([{ accountId: '123456789012', regionId: 'us-east-1' }]);
  const row = (metric: string, hour: number, avg: number, max: number, sampleCount: number) => ({
    ...{ resourceId: 'i-1', metric, hour: at(hour * 60).toISOString(), avg, max, p95: null, sampleCount },
  });
  expect(hours).toEqual([
    row('cpu_utilization', 0, 20, 30, 2),
    row('cpu_utilization', 1, 0, 0, 1),
    row('network_bytes', 0, 1500, 1500, 1),
    row('cpu_requested_percent', 0, 41, 41, 1),
    row('memory_utilization', 1, 62.5, 62.5, 1),
  ]);
  expect(aws.calls.byOperation()).toEqual({
    'CloudWatch.GetMetricData': 1,
    'CloudWatch.ListMetrics': 6,
    'STS.GetCallerIdentity': 1,
  });
});
