import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type InventoryResource, storeInventory } from './inventory.ts';
import { type TestDatabase, testDatabase } from './testing.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.close());
beforeEach(() => database.db.pool.query('TRUNCATE resources CASCADE'));

const machine = (change: Partial<InventoryResource> = {}): InventoryResource => ({
  resourceId: 'i-1',
  resourceType: 'ec2:instance',
  serviceName: 'Amazon Elastic Compute Cloud',
  serviceProviderName: 'AWS',
  name: 'web-01',
  accountId: '222',
  billingAccountId: '111',
  regionId: 'us-east-1',
  availabilityZone: 'us-east-1a',
  state: 'running',
  createdAt: '2026-01-01T00:00:00Z',
  tags: { team: 'a "quoted", team' },
  configuration: { instanceType: 'm5.large', vcpus: 2 },
  ...change,
});

const store = (day: string, resources: InventoryResource[], billingAccountId = '111') =>
  storeInventory(database.db, { observedAt: new Date(`${day}T00:00:00Z`), billingAccountId, resources });

test('the first inventory completes what the bill knows and records no change', async () => {
  await database.db.pool.query(
    `INSERT INTO resources (resource_id, type, billing_account_id, first_seen_date, last_seen_date) VALUES ('i-1', 'Compute Instance', '111', '2026-01-01', '2026-02-01')`,
  );
  expect(await store('2026-03-01', [machine()])).toEqual({ resources: 1, created: 0, changed: 0, deleted: 0 });
  const { rows } = await database.db.pool.query(
    `SELECT name, type, state, tags, configuration, first_seen_date FROM resources`,
  );
  expect(rows).toEqual([
    {
      name: 'web-01',
      type: 'ec2:instance',
      state: 'running',
      tags: { team: 'a "quoted", team' },
      configuration: { instanceType: 'm5.large', vcpus: 2 },
      first_seen_date: '2026-01-01',
    },
  ]);
});

test('what differs between two inventories is recorded, field by field', async () => {
  await store('2026-03-01', [machine(), machine({ resourceId: 'i-2', name: 'web-02' })]);
  const result = await store('2026-03-08', [
    machine({ configuration: { instanceType: 'm5.xlarge', vcpus: 4 } }),
    machine({ resourceId: 'i-3', name: 'web-03' }),
  ]);
  expect(result).toEqual({ resources: 2, created: 1, changed: 1, deleted: 1 });
  const { rows } =
    await database.db.pool.query(`SELECT resource_id, kind, before->'configuration' AS before, after->'configuration' AS after,
    before ? 'state' AS says_state FROM resource_changes ORDER BY resource_id`);
  expect(rows).toEqual([
    {
      resource_id: 'i-1',
      kind: 'changed',
      before: { instanceType: 'm5.large', vcpus: 2 },
      after: { instanceType: 'm5.xlarge', vcpus: 4 },
      says_state: false,
    },
    {
      resource_id: 'i-2',
      kind: 'deleted',
      before: { instanceType: 'm5.large', vcpus: 2 },
      after: null,
      says_state: true,
    },
    {
      resource_id: 'i-3',
      kind: 'created',
      before: null,
      after: { instanceType: 'm5.large', vcpus: 2 },
      says_state: null,
    },
  ]);
  const states = await database.db.pool.query('SELECT resource_id, state FROM resources ORDER BY 1');
  expect(states.rows.map(({ state }) => state)).toEqual(['running', 'deleted', 'running']);
});

test('an inventory that is not newer changes nothing', async () => {
  await store('2026-03-08', [machine()]);
  expect(await store('2026-03-08', [machine({ state: 'stopped' })])).toMatchObject({ resources: 0 });
  expect(await store('2026-03-01', [])).toMatchObject({ deleted: 0 });
  const { rows } = await database.db.pool.query('SELECT state FROM resources');
  expect(rows).toEqual([{ state: 'running' }]);
});

test('the inventory of one organisation leaves the resources of another alone', async () => {
  await store('2026-03-01', [machine()]);
  await store('2026-03-01', [machine({ resourceId: 'i-9', billingAccountId: '999' })], '999');
  expect(await store('2026-03-08', [], '999')).toMatchObject({ deleted: 1 });
  const { rows } = await database.db.pool.query('SELECT resource_id, state FROM resources ORDER BY 1');
  expect(rows).toEqual([
    { resource_id: 'i-1', state: 'running' },
    { resource_id: 'i-9', state: 'deleted' },
  ]);
});

test('what is missing from a part that was not read to the end is not deleted', async () => {
  const elsewhere = machine({ resourceId: 'i-2', regionId: 'eu-west-1' });
  const volume = machine({ resourceId: 'vol-1', resourceType: 'ec2:volume' });
  const other = machine({ resourceId: 'i-3', accountId: '333' });
  await store('2026-03-01', [machine(), elsewhere, volume, other]);
  const result = await storeInventory(database.db, {
    observedAt: new Date('2026-03-08T00:00:00Z'),
    billingAccountId: '111',
    resources: [],
    complete: [{ accountId: '222', regionId: 'us-east-1', resourceTypes: ['ec2:instance', 'ec2:snapshot'] }],
  });
  expect(result).toEqual({ resources: 0, created: 0, changed: 0, deleted: 1 });
  const { rows } = await database.db.pool.query(
    `SELECT resource_id FROM resources WHERE state = 'deleted' UNION ALL SELECT resource_id FROM resource_changes`,
  );
  expect(rows).toEqual([{ resource_id: 'i-1' }, { resource_id: 'i-1' }]);
});

test('inventories of other kinds neither make one old nor take its resources for deleted', async () => {
  const workload = machine({ resourceId: 'cart', resourceType: 'eks:workload' });
  const storeKind = (at: string, resourceType: string, resources: InventoryResource[]) =>
    storeInventory(database.db, {
      ...{ observedAt: new Date(at), billingAccountId: '111', resources },
      complete: [{ accountId: '222', regionId: 'us-east-1', resourceTypes: [resourceType] }],
    });
  await storeKind('2026-03-01T00:00:00Z', 'ec2:instance', [machine()]);
  // The first of its kind: nothing was created.
  expect(await storeKind('2026-03-01T02:00:00Z', 'eks:workload', [workload])).toMatchObject({ created: 0, deleted: 0 });
  expect(await storeKind('2026-03-01T01:00:00Z', 'ec2:instance', [machine({ state: 'stopped' })])).toMatchObject({
    ...{ changed: 1, deleted: 0 },
  });
  expect(await storeKind('2026-03-01T02:00:00Z', 'eks:workload', [])).toMatchObject({ deleted: 0 });
  expect(await storeKind('2026-03-01T03:00:00Z', 'eks:workload', [])).toMatchObject({ deleted: 1 });
});

test('a resource that two pages show is one', async () => {
  expect(await store('2026-03-01', [machine(), machine()])).toMatchObject({ resources: 2 });
  expect((await database.db.pool.query('SELECT resource_id FROM resources')).rows).toHaveLength(1);
});
