import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { CloudResource, KnownCluster, OpenWorkloads, UsageHour } from '../clouds/contract.ts';
import { type TestDatabase, testDatabase } from '../db/testing.ts';
import { loadWorkloads } from './load-workloads.ts';

let database: TestDatabase;
let folder: string;
beforeAll(async () => {
  database = await testDatabase();
  folder = mkdtempSync(`${tmpdir()}/penny-workloads-`);
});
afterAll(async () => {
  await database.close();
  rmSync(folder, { recursive: true });
});

const cluster = (name: string, regionId: string) => `arn:aws:eks:${regionId}:222:cluster/${name}`;

beforeEach(async () => {
  await database.db.pool.query('TRUNCATE usage, usage_reads, resource_changes, resources CASCADE');
  for (const [name, region] of [
    ['main', 'north'],
    ['second', 'north'],
    ['far', 'south'],
  ] as const)
    await database.db.pool.query(
      `INSERT INTO resources (resource_id, name, type, service_name, service_provider_name, billing_account_id, sub_account_id, region_id,
         state, inventoried_at) VALUES ($1, $2, 'eks:cluster', 'Clusters', 'A cloud', '111', '222', $3, 'active', '2026-02-01')`,
      [cluster(name, region), name, region],
    );
});

const workloadOf = (one: KnownCluster, name: string): CloudResource => ({
  resourceId: `${one.resourceId}/shop/deployment/${name}/${name}`,
  ...{ resourceType: one.workloadType, serviceName: one.serviceName, serviceProviderName: one.serviceProviderName },
  ...{ name, accountId: one.accountId, billingAccountId: one.billingAccountId, regionId: one.regionId },
  ...{ availabilityZone: null, state: 'active', createdAt: null, tags: {}, configuration: { cluster: one.name } },
});

async function* each(hours: UsageHour[]): AsyncGenerator<UsageHour> {
  yield* hours;
}

/** A monitoring to which these clusters report, each with these workloads, and which can be read up to an instant. */
function monitoring(reporting: string[], names: string[], until = '9999-01-01T00:00:00Z') {
  const asked: string[] = [];
  const source: OpenWorkloads = {
    findClusters: async (known) => ({
      clusters: new Map(known.filter(({ name }) => reporting.includes(name)).map((one) => [one.name, one])),
      gaps: reporting.includes('stranger') ? [{ cluster: 'stranger', reason: 'nobody knows it' }] : [],
    }),
    readWorkloads: async (clusters) =>
      [...clusters.values()].flatMap((one) => names.map((name) => workloadOf(one, name))),
    async readUsage(_, { clusters, workloads, from, to }) {
      asked.push(`${[...clusters.keys()]} ${from.toISOString().slice(0, 13)} ${to.toISOString().slice(0, 13)}`);
      const readThrough = new Date(Math.min(to.getTime(), Date.parse(until)));
      const hour = new Date(readThrough.getTime() - 3_600_000).toISOString();
      const rows = workloads.map(({ resourceId }) => ({
        ...{ resourceId, metric: 'cpu_cores', hour, avg: 0.5, max: 1, p95: null, sampleCount: 12 },
      }));
      return {
        hours: { [Symbol.asyncIterator]: () => each(rows) },
        ...{ readThrough, reason: readThrough < to ? 'busy' : null, close: () => undefined },
      };
    },
  };
  return { source, asked };
}

const load = (source: OpenWorkloads, at: string) =>
  loadWorkloads({ source, db: database.db, now: new Date(at), to: new Date(at), folder });

const stored = async () => {
  const { rows } = await database.db.pool.query(
    `SELECT configuration->>'cluster' AS cluster, name, state FROM resources WHERE type = 'eks:workload' ORDER BY 1, 2`,
  );
  return rows.map(({ cluster: of, name, state }) => `${of} ${name} ${state}`);
};

test('what runs in the clusters that report is stored with its use, and who is not known is told', async () => {
  const { source } = monitoring(['main', 'stranger'], ['cart']);
  expect(await load(source, '2026-03-01T10:00:00Z')).toEqual({
    ...{ clusters: 1, workloads: 1, rows: 1, readThrough: new Date('2026-03-01T10:00:00Z'), reason: null },
    gaps: [{ cluster: 'stranger', reason: 'nobody knows it' }],
  });
  expect(await stored()).toEqual(['main cart active']);
  const { rows } = await database.db.pool.query('SELECT resource_id, hour, avg FROM usage');
  expect(rows).toEqual([
    {
      resource_id: `${cluster('main', 'north')}/shop/deployment/cart/cart`,
      hour: new Date('2026-03-01T09:00:00Z'),
      avg: 0.5,
    },
  ]);
});

test('a workload that ran no more is deleted, unless a cluster of its region does not report', async () => {
  const all = ['main', 'second', 'far'];
  await load(monitoring(all, ['cart', 'old']).source, '2026-03-01T10:00:00Z');
  await load(monitoring(['main', 'far'], ['cart']).source, '2026-03-01T11:00:00Z');
  expect(await stored()).toEqual([
    'far cart active',
    'far old deleted',
    ...['main cart active', 'main old active', 'second cart active', 'second old active'],
  ]);
  await load(monitoring(all, ['cart']).source, '2026-03-01T12:00:00Z');
  expect((await stored()).filter((line) => line.endsWith('active'))).toHaveLength(3);
});

test('hours are read from where the reading ended, also when it ended early', async () => {
  const first = monitoring(['main'], ['cart'], '2026-02-20T00:00:00Z');
  expect(await load(first.source, '2026-03-01T10:00:00Z')).toMatchObject({ reason: 'busy' });
  expect(first.asked).toEqual(['main 2026-01-15T10 2026-03-01T10']);
  const later = monitoring(['main'], ['cart']);
  await load(later.source, '2026-03-01T11:00:00Z');
  await load(later.source, '2026-03-01T12:00:00Z');
  expect(later.asked).toEqual(['main 2026-02-19T12 2026-03-01T11', 'main 2026-02-28T23 2026-03-01T12']);
});

test('nothing is asked of a monitoring to which no known cluster reports', async () => {
  const { source, asked } = monitoring(['stranger'], ['cart']);
  expect(await load(source, '2026-03-01T10:00:00Z')).toMatchObject({
    clusters: 0,
    rows: 0,
    gaps: [{ cluster: 'stranger' }],
  });
  expect(asked).toEqual([]);
});
