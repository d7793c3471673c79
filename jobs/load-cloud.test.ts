import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { CloudResource, OpenCloud, UsageHour } from '../clouds/contract.ts';
import { type TestDatabase, testDatabase } from '../db/testing.ts';
import { lastMeasured } from '../db/usage.ts';
import { loadInventory } from './load-inventory.ts';
import { loadUsage } from './load-usage.ts';

let database: TestDatabase;
let folder: string;
beforeAll(async () => {
  database = await testDatabase();
  folder = mkdtempSync(`${tmpdir()}/penny-cloud-`);
});
afterAll(async () => {
  await database.close();
  rmSync(folder, { recursive: true });
});

const machine = (changes: Partial<CloudResource> = {}): CloudResource => ({
  resourceId: 'i-1',
  resourceType: 'machine',
  serviceName: 'Machines',
  serviceProviderName: 'A cloud',
  name: 'web',
  accountId: '222',
  billingAccountId: '111',
  regionId: 'north',
  availabilityZone: null,
  state: 'running',
  createdAt: '2026-01-01T00:00:00.000Z',
  tags: {},
  configuration: { size: 'large' },
  ...changes,
});

async function* each<Item>(items: Item[]): AsyncGenerator<Item> {
  yield* items;
}

/** A cloud that holds these resources in the regions that could be read. */
function cloudWith(resources: CloudResource[], readRegions: string[], hours: UsageHour[] = []) {
  const asked: string[] = [];
  const account = { accountId: '222', name: 'shop', kind: 'sub' as const, billingAccountId: '111' };
  const cloud: Pick<OpenCloud, 'readInventory' | 'readUsage'> = {
    readInventory: async () => ({
      billingAccountId: '111',
      accounts: [{ ...account, serviceProviderName: 'A cloud', state: 'ACTIVE', tags: {} }],
      resources: each(resources),
      complete: readRegions.map((regionId) => ({ accountId: '222', regionId, resourceTypes: ['machine'] })),
      gaps: [],
      close: () => undefined,
    }),
    async readUsage(_, { resources: measured }) {
      asked.push(...measured.map(({ resourceId }) => resourceId));
      return { hours: { [Symbol.asyncIterator]: () => each(hours) }, gaps: [], close: () => undefined };
    },
  };
  return { cloud, asked };
}

const hour = (changes: Partial<UsageHour> = {}): UsageHour => ({
  resourceId: 'i-1',
  metric: 'cpu_utilization',
  hour: '2026-03-31T23:00:00.000Z',
  avg: 5.5,
  max: 40,
  p95: 31,
  sampleCount: 12,
  ...changes,
});

test('resources of a region that could not be read stay, and what is there is measured over the turn of a month', async () => {
  const { db } = database;
  const two = [machine(), machine({ resourceId: 'i-2', regionId: 'south' }), machine({ resourceId: 'i-3' })];
  const first = cloudWith(two, ['north', 'south']);
  await loadInventory({ cloud: first.cloud, db, now: new Date('2026-03-31T00:00:00Z'), folder });
  const second = cloudWith(
    [machine({ configuration: { size: 'small' } })],
    ['north'],
    [hour(), hour({ hour: '2026-04-01T00:00:00.000Z', p95: null })],
  );
  const loaded = await loadInventory({ cloud: second.cloud, db, now: new Date('2026-04-01T00:00:00Z'), folder });
  expect(loaded).toMatchObject({ accounts: 1, created: 0, changed: 1, deleted: 1 });

  const span = { from: new Date('2026-03-31T22:00:00Z'), to: new Date('2026-04-01T01:00:00Z') };
  const measure = () => loadUsage({ cloud: second.cloud, db, billingAccountId: '111', folder, ...span });
  expect(await measure()).toEqual({ rows: 2, gaps: [] });
  expect(await measure()).toEqual({ rows: 2, gaps: [] });
  // Deleted ones are not asked about; those of the region that was not read are.
  expect(second.asked).toEqual(['i-1', 'i-2', 'i-1', 'i-2']);
  const { rows } = await db.pool.query('SELECT hour, avg, max, p95, sample_count FROM usage ORDER BY hour');
  expect(rows).toEqual([
    { hour: new Date('2026-03-31T23:00:00Z'), avg: 5.5, max: 40, p95: 31, sample_count: 12 },
    { hour: new Date('2026-04-01T00:00:00Z'), avg: 5.5, max: 40, p95: null, sample_count: 12 },
  ]);
});

test('the last hour measured is told by who pays', async () => {
  const earliest = new Date('2026-03-20T00:00:00Z');
  expect(await lastMeasured(database.db, '111', earliest)).toEqual(new Date('2026-04-01T00:00:00Z'));
  expect(await lastMeasured(database.db, '999', earliest)).toBeNull();
});
