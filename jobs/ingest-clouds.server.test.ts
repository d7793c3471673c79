import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CloudWatchClient, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { EC2Client, RunInstancesCommand } from '@aws-sdk/client-ec2';
import { CreateClusterCommand, EKSClient } from '@aws-sdk/client-eks';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Moto, openMoto } from '../clouds/aws/moto.fixture.ts';
import { jsonError, openWire, type Wire } from '../clouds/aws/wire.fixture.ts';
import { END, samplesOf } from '../clouds/kubernetes/clusters.fixture.ts';
import { openPrometheus, type PrometheusServer } from '../clouds/kubernetes/prometheus.fixture.ts';
import { type Config, readConfig } from '../config.ts';
import { closeDb, connect, type Db } from '../db/client.ts';
import { type Embedded, openEmbedded } from '../db/embedded.ts';
import { migrateDatabase } from '../db/migrate.ts';
import { log as realLog } from '../log.ts';
import { ingestInventoryJob } from './ingest-inventory.ts';
import { ingestUsageJob } from './ingest-usage.ts';
import { ingestWorkloadsJob } from './ingest-workloads.ts';
import type { Job } from './job.ts';

const log = realLog.child({}, { level: 'silent' });
const REGION = 'eu-west-1';
const KEYS = { accessKeyId: 'test', secretAccessKey: 'test' };
/** What the SDK reads itself. */
const ENVIRONMENT = { AWS_ACCESS_KEY_ID: KEYS.accessKeyId, AWS_SECRET_ACCESS_KEY: KEYS.secretAccessKey };

let home: string;
let moto: Moto;
let proxy: Wire;
let prometheus: PrometheusServer;
let postgres: Embedded;
let db: Db;
let config: Config;
let instanceId: string;
let isDenied = false;
beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'penny-clouds-'));
  [moto, prometheus, postgres] = await Promise.all([
    openMoto(),
    openPrometheus(samplesOf('main')),
    openEmbedded(home, log, { throwaway: true }),
  ]);
  await migrateDatabase(postgres.url);
  db = connect(postgres.url);
  instanceId = await seed();
  proxy = await openWire(async ({ method, path, body, headers, operation }) => {
    if (isDenied && ['GetMetricData', 'ListMetrics'].includes(operation))
      return jsonError(400, 'AccessDeniedException');
    const { host, 'content-length': length, connection, ...kept } = headers as Record<string, string>;
    const asked = withoutPercentiles(operation, body);
    const answer = await fetch(moto.endpoint + path, {
      method,
      headers: kept,
      ...(asked === '' ? {} : { body: asked }),
    });
    const type = answer.headers.get('content-type');
    return { status: answer.status, body: await answer.text(), headers: type === null ? {} : { 'content-type': type } };
  });
  Object.assign(process.env, ENVIRONMENT, { AWS_ENDPOINT_URL: proxy.endpoint });
  config = readConfig({
    ...{ PENNY_HOME: home, PENNY_AWS_ACCOUNTS: '123456789012', PENNY_AWS_REGIONS: REGION, AWS_REGION: REGION },
    ...{ AWS_ENDPOINT_URL: proxy.endpoint, PROMETHEUS_URL: prometheus.url },
  });
});
afterAll(async () => {
  for (const name of [...Object.keys(ENVIRONMENT), 'AWS_ENDPOINT_URL']) delete process.env[name];
  if (db !== undefined) await closeDb(db);
  await Promise.all([postgres?.close(), prometheus?.stop(), proxy?.close(), moto?.stop()]);
  rmSync(home, { recursive: true, force: true });
});

/** The stand-in knows no percentiles: it is not asked for them. */
function withoutPercentiles(operation: string, body: string): string {
  if (operation !== 'GetMetricData') return body;
  const asked = JSON.parse(body) as { MetricDataQueries: { MetricStat: { Stat: string } }[] };
  const queries = asked.MetricDataQueries.filter(({ MetricStat }) => MetricStat.Stat !== 'p95');
  return JSON.stringify({ ...asked, MetricDataQueries: queries });
}

const NOON = [26, 27, 28].map((day) => new Date(`2026-02-${day}T12:10:00Z`));

/** Makes a machine that was measured once a day, and a cluster. */
async function seed(): Promise<string> {
  const at = { region: REGION, endpoint: moto.endpoint, credentials: KEYS };
  const run = new RunInstancesCommand({ ImageId: 'ami-12c6146b', InstanceType: 'm5.large', MinCount: 1, MaxCount: 1 });
  const id = (await new EC2Client(at).send(run)).Instances?.[0]?.InstanceId ?? '';
  const Dimensions = [{ Name: 'InstanceId', Value: id }];
  await new CloudWatchClient(at).send(
    new PutMetricDataCommand({
      Namespace: 'AWS/EC2',
      MetricData: NOON.map((Timestamp, index) => ({
        MetricName: 'CPUUtilization',
        Dimensions,
        Timestamp,
        Value: 10 + index,
      })),
    }),
  );
  const roleArn = 'arn:aws:iam::123456789012:role/eks';
  await new EKSClient(at).send(new CreateClusterCommand({ name: 'main', roleArn, resourcesVpcConfig: {} }));
  return id;
}

/** Runs a job for a due time. */
function run(job: Job, due: string) {
  const dueAt = new Date(due);
  const { signal } = new AbortController();
  return job.run({
    ...{ now: dueAt, dueAt, signal, log, db, config, progress: () => {} },
    transaction: () => Promise.reject(new Error('these jobs hold no transaction')),
  });
}

const usageOf = async (resourceId: string, metric: string) => {
  const { rows } = await db.pool.query(
    'SELECT hour, avg FROM usage WHERE resource_id = $1 AND metric = $2 ORDER BY hour',
    [...[resourceId, metric]],
  );
  return rows.map(({ hour, avg }) => [(hour as Date).toISOString().slice(5, 13), avg]);
};

test('inventory, usage and workloads arrive; days on which CloudWatch was denied are read when it is not any more', async () => {
  await run(ingestInventoryJob, '2026-02-26T00:15:00Z');
  await run(ingestUsageJob, '2026-02-26T13:40:00Z');
  expect(await usageOf(instanceId, 'cpu_utilization')).toEqual([['02-26T12', 10]]);

  isDenied = true;
  await expect(run(ingestUsageJob, '2026-02-27T13:40:00Z')).rejects.toMatchObject({
    code: 'cloud_unavailable',
    message: expect.stringContaining('CloudWatch.ListMetrics'),
  });
  isDenied = false;
  await run(ingestUsageJob, '2026-03-01T03:40:00Z');
  const all = [
    ['02-26T12', 10],
    ['02-27T12', 11],
    ['02-28T12', 12],
  ];
  expect(await usageOf(instanceId, 'cpu_utilization')).toEqual(all);
  await run(ingestUsageJob, '2026-03-01T03:40:00Z');
  expect(await usageOf(instanceId, 'cpu_utilization')).toEqual(all);

  const due = new Date(END * 1000).toISOString();
  const { rows } = await run(ingestWorkloadsJob, due);
  expect(rows).toBeGreaterThan(40);
  const found = await db.pool.query(
    `SELECT resource_id, sub_account_id, configuration->>'requestedVcpus' AS cpu FROM resources WHERE type = 'eks:workload' ORDER BY 1`,
  );
  const cluster = `arn:aws:eks:${REGION}:123456789012:cluster/main`;
  expect(found.rows).toEqual([
    { resource_id: `${cluster}/shop/cronjob/report/main`, sub_account_id: '123456789012', cpu: null },
    { resource_id: `${cluster}/shop/deployment/cart/cart`, sub_account_id: '123456789012', cpu: '0.5' },
    { resource_id: `${cluster}/shop/statefulset/store/store`, sub_account_id: '123456789012', cpu: null },
  ]);
  expect(await usageOf(`${cluster}/shop/deployment/cart/cart`, 'cpu_cores')).toHaveLength(3);
  const before = await db.pool.query('SELECT ctid::text, xmin::text FROM usage ORDER BY 1');
  await run(ingestWorkloadsJob, due);
  expect((await db.pool.query('SELECT ctid::text, xmin::text FROM usage ORDER BY 1')).rows).toEqual(before.rows);
  const reads = await db.pool.query('SELECT job, account_id, region_id, read_through FROM usage_reads ORDER BY job');
  expect(reads.rows).toEqual(
    ['ingest-usage', 'ingest-workloads'].map((job) => ({
      ...{ job, account_id: '123456789012', region_id: REGION, read_through: new Date('2026-03-01T03:00:00Z') },
    })),
  );

  // Each of the two inventories compares with its own kinds: neither takes the other's for deleted, or for older.
  await run(ingestInventoryJob, '2026-03-01T02:15:00Z');
  const states = await db.pool.query(`SELECT count(*)::int AS gone FROM resources WHERE state = 'deleted'`);
  expect(states.rows).toEqual([{ gone: 0 }]);
  const machine = await db.pool.query('SELECT inventoried_at FROM resources WHERE resource_id = $1', [instanceId]);
  expect(machine.rows).toEqual([{ inventoried_at: new Date('2026-03-01T02:15:00Z') }]);
});
