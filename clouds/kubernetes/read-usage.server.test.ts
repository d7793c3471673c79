import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readConfig } from '../../config.ts';
import type { UsageHour } from '../contract.ts';
import { BEGIN, END, knownCluster, MIB, samplesOf } from './clusters.fixture.ts';
import { openWorkloads } from './index.ts';
import { openPrometheus, type PrometheusServer } from './prometheus.fixture.ts';

let server: PrometheusServer;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'penny-workloads-'));
  server = await openPrometheus([...samplesOf('main'), ...samplesOf('lab')]);
});
afterAll(async () => {
  await server?.stop();
  rmSync(folder, { recursive: true });
});

const main = knownCluster('main');
const CART = `${main.resourceId}/shop/deployment/cart/cart`;
const STORE = `${main.resourceId}/shop/statefulset/store/store`;
const REPORT = `${main.resourceId}/shop/cronjob/report/main`;

const open = () => openWorkloads(readConfig({ PROMETHEUS_URL: server.url }), new Date(END * 1000));

test('a cluster that reports and is not in the inventory is told, and the others are found', async () => {
  const { clusters, gaps } = await open().findClusters([main, knownCluster('silent')]);
  expect([...clusters]).toEqual([['main', main]]);
  expect(gaps).toEqual([{ cluster: 'lab', reason: expect.stringContaining('not in the inventory') }]);
});

test('workloads are known by what owns their pods, with what they request and how they are scaled', async () => {
  const source = open();
  const workloads = await source.readWorkloads((await source.findClusters([main])).clusters);
  expect(workloads.map(({ resourceId, name, state }) => [resourceId, name, state]).sort()).toEqual([
    [REPORT, 'report/main', 'active'],
    [CART, 'cart', 'active'],
    [STORE, 'store', 'active'],
  ]);
  expect(workloads.find(({ resourceId }) => resourceId === CART)).toMatchObject({
    resourceType: 'eks:workload',
    accountId: '222222222222',
    createdAt: '2026-02-28T00:00:00.000Z',
    tags: { team: 'checkout', environment: 'production' },
    configuration: {
      ...{ cluster: 'main', namespace: 'shop', kind: 'deployment', workload: 'cart', container: 'cart', replicas: 2 },
      ...{ requestedVcpus: 0.5, requestedMemoryGib: 0.5, image: 'registry.example/cart:2' },
      autoscaler: { name: 'cart', minReplicas: 2, maxReplicas: 6, metrics: ['cpu'] },
    },
  });
  expect(workloads.find(({ resourceId }) => resourceId === STORE)?.configuration).toEqual({
    ...{ cluster: 'main', namespace: 'shop', kind: 'statefulset', workload: 'store', container: 'store', replicas: 1 },
    ...{ limitMemoryGib: 1, runtime: 'jvm', image: 'registry.example/store:1' },
  });
  expect(workloads.find(({ resourceId }) => resourceId === REPORT)?.configuration.runtime).toBe('python');
});

async function measured(begin = BEGIN) {
  const source = open();
  const { clusters } = await source.findClusters([main]);
  const workloads = await source.readWorkloads(clusters);
  const span = { from: new Date(begin * 1000), to: new Date(END * 1000) };
  const usage = await source.readUsage({ folder }, { clusters, workloads, ...span });
  const hours: UsageHour[] = [];
  for await (const hour of usage.hours) hours.push(hour);
  usage.close();
  const of = (resourceId: string, metric: string) =>
    hours
      .filter((hour) => hour.resourceId === resourceId && hour.metric === metric)
      .map(({ hour, avg, max, sampleCount }) => [hour.slice(11, 13), round(avg), round(max), sampleCount]);
  return { usage, hours, of };
}

const round = (value: number) => Math.round(value * 1000) / 1000;

test('what containers use is told by the hour over all pods of a workload, peaks between evaluations included', async () => {
  const { usage, hours, of } = await measured();
  expect([usage.readThrough, usage.reason]).toEqual([new Date(END * 1000), null]);
  expect(readdirSync(folder)).toEqual([]);
  // One pod, then a second one from half past one: half of that hour, less the first evaluation, which has one sample only.
  expect(of(CART, 'cpu_cores')).toEqual([
    ['00', 0.25, 0.25, 12],
    ['01', expect.any(Number), 0.5, 18],
    ['02', 0.375, 0.5, 24],
  ]);
  expect(of(CART, 'replicas').map(([hour, , max]) => [hour, max])).toEqual([
    ['00', 1],
    ['01', 2],
    ['02', 2],
  ]);
  expect(of(CART, 'cpu_utilization_of_request')[0]).toEqual(['00', 50, 50, 12]);
  expect(of(CART, 'memory_bytes').map(([hour, , max]) => [hour, max])).toEqual([
    ['00', 400 * MIB],
    ['01', 200 * MIB],
    ['02', 200 * MIB],
  ]);
  expect(of(CART, 'memory_utilization_of_request')[0]?.[2]).toBe(78.125);
  expect(of(STORE, 'cpu_utilization_of_request')).toEqual([]);
  expect(of(STORE, 'oom_kills').map(([hour, , max]) => [hour, max])).toEqual([
    ['00', 0],
    ['01', 1],
    ['02', 0],
  ]);
  expect(hours.filter(({ resourceId }) => resourceId.includes('lab'))).toEqual([]);
});

test('a node tells what its pods request and use of what it has', async () => {
  const { of } = await measured();
  expect(of('i-0abc', 'allocatable_vcpus')[0]).toEqual(['00', 4, 4, 12]);
  expect(of('i-0abc', 'allocatable_memory_gib')[0]).toEqual(['00', 16, 16, 12]);
  expect(of('i-0abc', 'cpu_requested_percent').map(([, , max]) => max)).toEqual([12.5, 25, 25]);
  expect(of('i-0abc', 'memory_requested_percent')[2]).toEqual(['02', 6.25, 6.25, 12]);
  expect(of('i-0abc', 'pod_cpu_utilization')[2]).toEqual(['02', 46.25, 46.25, 12]);
  expect(of('i-0abc', 'pod_memory_utilization')[2]?.[1]).toBe(8.545);
});

test('nothing is told of hours in which nothing was there, though they were asked for along with others', async () => {
  const { hours } = await measured(BEGIN - 4 * 3600);
  // What was seen at the full hour belongs to the hour before it.
  const before = hours.filter(({ hour }) => Date.parse(hour) / 1000 < BEGIN - 3600);
  expect(before).toEqual([]);
});

test('hours that Prometheus does not reach back to are not measured, and that is no trouble', async () => {
  const source = open();
  const { clusters } = await source.findClusters([main]);
  const asked = { clusters, workloads: [], from: new Date((BEGIN - 10 * 86_400) * 1000), to: new Date(BEGIN * 1000) };
  const usage = await source.readUsage({ folder }, asked);
  for await (const hour of usage.hours) expect(hour).toBeUndefined();
  usage.close();
  expect(usage).toMatchObject({ readThrough: asked.to, reason: null });
});
