import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { CloudResource, OpenCloud, UsageHour } from '../clouds/contract.ts';
import { type TestDatabase, testDatabase } from '../db/testing.ts';
import { listUsageReads } from '../db/usage.ts';
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

/** A cloud that holds these resources in the regions that can be read, and measured these hours. */
function cloudWith(resources: CloudResource[], readRegions: string[], hours: UsageHour[] = []) {
  const asked: string[] = [];
  const account = { accountId: '222', name: 'shop', kind: 'sub' as const, billingAccountId: '111' };
  const cloud: Pick<OpenCloud, 'readInventory' | 'readUsage' | 'usageKeptHours'> = {
    usageKeptHours: 100 * 24,
    readInventory: async () => ({
      billingAccountId: '111',
      accounts: [{ ...account, serviceProviderName: 'A cloud', state: 'ACTIVE', tags: {} }],
      resources: each(resources),
      complete: readRegions.map((regionId) => ({ accountId: '222', regionId, resourceTypes: ['machine'] })),
      gaps: [],
      close: () => undefined,
    }),
    async readUsage(_, { regions, to }) {
      for (const { regionId, from, resources: measured } of regions) {
        const told = measured.map((one) => [
          one.resourceId,
          ...(one.from ? [one.from.toISOString().slice(0, 13)] : []),
        ]);
        asked.push(`${regionId} ${from.toISOString().slice(0, 13)} ${told.map((words) => words.join(' from '))}`);
      }
      const [complete, denied] = [true, false].map((isRead) =>
        regions.filter(({ regionId }) => readRegions.includes(regionId) === isRead),
      );
      const inTime = ({ hour, resourceId }: UsageHour) =>
        complete?.some(
          ({ from, resources: measured }) =>
            measured.some((one) => one.resourceId === resourceId && hour >= (one.from ?? from).toISOString()) &&
            hour < to.toISOString(),
        ) ?? false;
      return {
        hours: { [Symbol.asyncIterator]: () => each(hours.filter(inTime)) },
        complete: complete ?? [],
        gaps: (denied ?? []).map(({ accountId, regionId }) => ({ accountId, regionId, reason: 'denied' })),
        close: () => undefined,
      };
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

  const measure = () =>
    loadUsage({ cloud: second.cloud, db, billingAccountId: '111', folder, to: new Date('2026-04-01T01:00:00Z') });
  const south = { accountId: '222', regionId: 'south', reason: 'denied' };
  expect(await measure()).toEqual({ rows: 2, regions: 1, gaps: [south] });
  expect(await measure()).toEqual({ rows: 2, regions: 1, gaps: [south] });
  // Deleted ones are not asked about; those of the region that was not read are.
  expect(second.asked).toEqual([
    'north 2026-02-15T01 i-1',
    'south 2026-02-15T01 i-2',
    'north 2026-03-31T13 i-1',
    'south 2026-02-15T01 i-2',
  ]);
  const { rows } = await db.pool.query('SELECT hour, avg, max, p95, sample_count FROM usage ORDER BY hour');
  expect(rows).toEqual([
    { hour: new Date('2026-03-31T23:00:00Z'), avg: 5.5, max: 40, p95: 31, sample_count: 12 },
    { hour: new Date('2026-04-01T00:00:00Z'), avg: 5.5, max: 40, p95: null, sample_count: 12 },
  ]);
});

test('a region that was denied for a while is read from where it ended, and the others are not read again', async () => {
  const { db } = database;
  await db.pool.query('TRUNCATE usage, usage_reads, resource_changes, resources CASCADE');
  const machines = [machine(), machine({ resourceId: 'i-2', regionId: 'south' })];
  const days = [1, 2, 3, 4, 5].map((day) => `2026-05-0${day}T00:00:00.000Z`);
  const hours = days.flatMap((at) => machines.map(({ resourceId }) => hour({ resourceId, hour: at })));
  const open = cloudWith(machines, ['north', 'south'], hours);
  const denied = cloudWith(machines, ['north'], hours);
  await loadInventory({ cloud: open.cloud, db, now: new Date('2026-05-01T00:00:00Z'), folder });
  const at = (day: number, { cloud }: typeof open) =>
    loadUsage({ cloud, db, billingAccountId: '111', folder, to: new Date(`2026-05-0${day}T01:00:00Z`) });
  await at(1, open);
  for (const day of [2, 3, 4]) await at(day, denied);
  await at(5, open);
  expect(open.asked.slice(2)).toEqual(['north 2026-05-03T13 i-1', 'south 2026-04-30T13 i-2']);
  const stored = await db.pool.query('SELECT resource_id, hour FROM usage ORDER BY resource_id, hour');
  const expected = machines.flatMap(({ resourceId }) =>
    days.map((day) => ({ resource_id: resourceId, hour: new Date(day) })),
  );
  expect(stored.rows).toEqual(expected);
  expect(await listUsageReads(db, 'ingest-usage')).toEqual(
    ['north', 'south'].map((regionId) => ({
      ...{ accountId: '222', regionId, readThrough: new Date('2026-05-05T01:00:00Z') },
    })),
  );

  // The due time of a day before, run again, finds the same and sets nothing back.
  const before = await db.pool.query('SELECT ctid::text, xmin::text FROM usage ORDER BY ctid');
  await at(4, open);
  expect((await db.pool.query('SELECT ctid::text, xmin::text FROM usage ORDER BY ctid')).rows).toEqual(before.rows);
  expect((await listUsageReads(db, 'ingest-usage'))[0]?.readThrough).toEqual(new Date('2026-05-05T01:00:00Z'));
});

test('what an inventory sees only later has its earlier hours read too, across the turn of a month', async () => {
  const { db } = database;
  await db.pool.query('TRUNCATE usage, usage_reads, resource_changes, resources CASCADE');
  const late = machine({ resourceId: 'i-late', createdAt: '2026-05-30T06:20:00.000Z' });
  const hours = ['2026-05-30T07', '2026-06-01T20'].map((at) =>
    hour({ resourceId: 'i-late', hour: `${at}:00:00.000Z` }),
  );
  const [before, after] = [cloudWith([machine()], ['north']), cloudWith([machine(), late], ['north'], hours)];
  const measure = (cloud: typeof after.cloud, to: string) =>
    loadUsage({ cloud, db, billingAccountId: '111', folder, to: new Date(to) });
  await loadInventory({ cloud: before.cloud, db, now: new Date('2026-06-01T00:00:00Z'), folder });
  await measure(before.cloud, '2026-06-01T18:00:00Z');
  await loadInventory({ cloud: after.cloud, db, now: new Date('2026-06-01T20:00:00Z'), folder });
  expect(await measure(after.cloud, '2026-06-01T21:00:00Z')).toMatchObject({ rows: 2 });
  await measure(after.cloud, '2026-06-02T00:00:00Z');
  await measure(after.cloud, '2026-06-02T01:00:00Z');
  expect(after.asked).toEqual([
    'north 2026-06-01T06 i-1,i-late from 2026-05-30T06',
    // An inventory may tell later than it saw, so this is done once more.
    'north 2026-06-01T09 i-1,i-late from 2026-05-30T06',
    'north 2026-06-01T12 i-1,i-late',
  ]);
});
