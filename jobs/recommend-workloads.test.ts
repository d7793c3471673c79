import { afterAll, beforeAll, expect, test } from 'vitest';
import { readConfig } from '../config.ts';
import { listRecommendations, type Recommendation } from '../db/queries/recommendations.ts';
import { NOW, openEstate } from '../db/recommendations/estate.fixture.ts';
import type { TestDatabase } from '../db/testing.ts';
import { inTransaction } from '../db/transaction.ts';
import { recommendChanges } from './recommend-changes.ts';

let database: TestDatabase;
let found: Recommendation[];

const SERVICE = 'arn:aws:ecs:us-east-1:1:service/shop/cart';
const WORKLOAD = 'arn:aws:eks:us-east-1:1:cluster/shop/web/deployment/front/front';

/** A service of the inventory whose two tasks only the bill knows, and a workload that Prometheus told of. */
beforeAll(async () => {
  database = await openEstate();
  const { db } = database;
  const configuration = { launchType: 'FARGATE', cluster: 'shop', desiredTasks: 2, taskVcpus: 4, taskMemoryGib: 8 };
  const pods = { cluster: 'shop', replicas: 4, requestedVcpus: 2, requestedMemoryGib: 4 };
  await db.pool.query(
    `INSERT INTO resources (resource_id, name, type, service_name, billing_account_id, sub_account_id, region_id, state, configuration, inventoried_at)
     VALUES ($1, 'cart', 'ecs:service', 'Amazon ECS', 'payer', 'a1', 'us-east-1', 'active', $2, now()),
       ($3, 'front', 'eks:workload', 'Amazon EKS', 'payer', 'a1', 'us-east-1', 'active', $4, now())`,
    [SERVICE, JSON.stringify(configuration), WORKLOAD, JSON.stringify(pods)],
  );
  for (const [task, service] of [
    ['task/1', 'cart'],
    ['task/2', 'cart'],
    ['task/3', 'another'],
  ]) {
    const tags = { 'aws:ecs:serviceName': service, 'aws:ecs:clusterName': 'shop' };
    await db.pool.query(
      `INSERT INTO resources (resource_id, type, sub_account_id, region_id, tags, first_seen_date, last_seen_date)
       VALUES ($1, 'Compute', 'a1', 'us-east-1', $2, '2026-09-01', '2026-11-23')`,
      [task, JSON.stringify(tags)],
    );
    await db.pool.query(
      `INSERT INTO billing SELECT bill.* FROM billing AS known,
         json_populate_record(known, json_build_object('resource_id', $1::text, 'x_usage_type', 'USE1-Fargate-vCPU-Hours:perCPU',
           'x_instance_type', NULL, 'effective_cost', '4', 'list_cost', '4', 'pricing_quantity', '96')) AS bill
       WHERE known.resource_id = 'i-idle' AND known.x_usage_type LIKE 'BoxUsage%'`,
      [task],
    );
  }
  for (const [resource, metric, level] of [
    [SERVICE, 'cpu_utilization', 10],
    [SERVICE, 'memory_utilization', 20],
    [WORKLOAD, 'cpu_cores', 0.5],
    [WORKLOAD, 'memory_bytes', 3.9 * 2 ** 30],
  ]) {
    await db.pool.query(
      `INSERT INTO usage (resource_id, metric, hour, avg, max, p95, sample_count)
       SELECT $1, $2, hour, $3, $3, $3, 12 FROM generate_series('2026-11-10'::timestamptz, '2026-11-23T23:00:00Z', '1 hour') AS hour`,
      [resource, metric, level],
    );
  }
  const config = readConfig({});
  const actor = { actorId: null, actor: 'recommend-changes', surface: 'job' as const };
  await inTransaction(db, (client) => recommendChanges(client, { config, db, now: NOW, actor }));
  const all = { states: ['open'] as const, withAlternatives: true, limit: 100 };
  found = (await listRecommendations(db.pool, all)).recommendations;
});
afterAll(() => database.close());

const of = (resourceId: string) => found.filter((one) => one.resourceId === resourceId);

test('sums up what the tasks of a service cost, which the bill tells by their tags', () => {
  // Of eight dollars a day for two tasks, seven eighths go in a month of 730 hours.
  expect(of(SERVICE)).toMatchObject([
    { checkId: 'ecs-oversized', title: 'Make tasks 0.5 vCPU and 2 GB instead of 4 vCPU and 8 GB' },
  ]);
  expect(Number(of(SERVICE)[0]?.estimatedMonthlySavings)).toBeCloseTo((8 * 7 * 730) / (8 * 24), 2);
});

test('keeps what saves nothing by itself, and says so', () => {
  expect(of(WORKLOAD)).toMatchObject([
    {
      ...{ checkId: 'eks-requests', title: 'Request 500m of CPU instead of 2000m of CPU', currency: 'USD' },
      basis: expect.stringMatching(/saves nothing by itself/),
    },
  ]);
  expect(Number(of(WORKLOAD)[0]?.estimatedMonthlySavings)).toBe(0);
});
