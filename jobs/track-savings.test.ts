import { afterAll, beforeAll, expect, test } from 'vitest';
import { storeBill, type TestCharge } from '../db/queries/bill.fixture.ts';
import { idleOfCommitments } from '../db/savings/charges.ts';
import { recordSaving } from '../db/savings/record.ts';
import { type TestDatabase, testDatabase } from '../db/testing.ts';
import { inTransaction } from '../db/transaction.ts';
import { measureSavings, recordChanges, settledBy } from './track-savings.ts';

const NOW = new Date('2026-10-20T09:00:00Z');
const CHANGED = '2026-09-16';
const ADA = '00000000-0000-4000-8000-00000000000a';
const PLAN = { commitment_discount_id: 'plan', commitment_discount_type: 'Savings Plan' };
let database: TestDatabase;

const addDays = (day: string, days: number) => new Date(Date.parse(day) + days * 86_400_000).toISOString().slice(0, 10);
const everyDay = (from: string, to: string, chargeOf: (day: string) => TestCharge[]): TestCharge[] =>
  Array.from({ length: (Date.parse(to) - Date.parse(from)) / 86_400_000 }, (_, day) =>
    chargeOf(addDays(from, day)),
  ).flat();

beforeAll(async () => {
  database = await testDatabase();
  const common = { sub_account_id: 'a1', x_usage_type: 'BoxUsage:m5.large', consumed_quantity: '24' };
  await storeBill(
    database.db,
    everyDay('2026-08-01', '2026-10-20', (day) => [
      { ...common, day, cost: day < CHANGED ? '24' : '12', resource_id: 'i-resized' },
      { ...common, day, cost: '24', resource_id: 'i-ignored' },
      ...(day < CHANGED
        ? [
            { ...common, day, cost: '10', resource_id: 'i-gone' },
            { ...common, day, cost: '2', resource_id: 'vol-of-gone', x_usage_type: 'EBS:VolumeUsage.gp3' },
            { ...common, day, cost: '3', resource_id: 'vol-gone', x_usage_type: 'EBS:VolumeUsage.gp2' },
          ]
        : [{ ...common, day, cost: '0.5', resource_id: 'snap-1', x_usage_type: 'EBS:SnapshotUsage' }]),
      // A Savings Plan pays for one machine; once that is gone half of the plan is unused, and another machine takes the other half.
      ...(day < CHANGED
        ? [
            {
              ...common,
              ...PLAN,
              day,
              cost: '20',
              list_cost: '30',
              resource_id: 'i-covered',
              commitment_discount_status: 'Used',
            },
          ]
        : [
            { ...common, ...PLAN, day, cost: '10', resource_id: 'i-taking', commitment_discount_status: 'Used' },
            {
              ...PLAN,
              day,
              cost: '10',
              resource_id: 'plan',
              commitment_discount_status: 'Unused',
              charge_category: 'Purchase',
            },
          ]),
      // Tasks come and go under ids of their own; the bill says by a tag whose they are.
      {
        ...common,
        ...{ day, cost: day < CHANGED ? '8' : '4', x_usage_type: 'USE1-Fargate-vCPU-Hours:perCPU' },
        ...{
          resource_id: `task-${day}`,
          tags: { 'aws:ecs_service_name': 'web', 'aws:ecs_cluster_name': 'production' },
        },
      },
    ]),
  );
  await database.db.pool.query(
    `INSERT INTO resources (resource_id, name, type, sub_account_id, configuration, state, created_at, first_seen_date) VALUES
       ('i-resized', 'r', 'ec2:instance', 'a1', '{}', 'running', '2026-01-01', '2026-08-01'),
       ('i-ignored', 'n', 'ec2:instance', 'a1', '{}', 'running', '2026-01-01', '2026-08-01'),
       ('i-gone', 'g', 'ec2:instance', 'a1', '{}', 'deleted', '2026-01-01', '2026-08-01'),
       ('i-covered', 'c', 'ec2:instance', 'a1', '{}', 'deleted', '2026-01-01', '2026-08-01'),
       ('vol-of-gone', 'v', 'ec2:volume', 'a1', '{"attachedTo": "i-gone"}', 'deleted', '2026-01-01', '2026-08-01'),
       ('vol-gone', 'w', 'ec2:volume', 'a1', '{}', 'deleted', '2026-01-01', '2026-08-01'),
       ('snap-1', 's', 'ec2:snapshot', 'a1', '{"sourceVolumeId": "vol-gone"}', 'completed', '${CHANGED}', '${CHANGED}'),
       ('service/web', 'web', 'ecs:service', 'a1', '{"cluster": "production", "taskVcpus": 1}', 'active', '2026-01-01', NULL)`,
  );
  const noticed = `'${addDays(CHANGED, 4)}'`;
  await database.db.pool.query(
    `INSERT INTO resource_changes (resource_id, observed_at, kind, before, after) VALUES
       ('i-resized', ${noticed}, 'changed', '{"configuration": {"instanceType": "m5.xlarge"}}', '{"configuration": {"instanceType": "m5.large"}}'),
       ('i-ignored', ${noticed}, 'changed', '{"tags": {}}', '{"tags": {"team": "search"}}'),
       ('i-gone', ${noticed}, 'deleted', '{"state": "running"}', NULL),
       ('vol-gone', ${noticed}, 'deleted', '{"state": "available"}', NULL)`,
  );
  await database.db.pool.query(
    `INSERT INTO recommendations (check_id, check_version, subject, resource_id, title, action, evidence, settings, window_start, window_end,
       billing_currency, estimated_monthly_savings, basis, risk, effort, found_at, state, closed_at, closed_reason)
     SELECT check_id, '1', resource_id, resource_id, 't', json_build_object('action', action), '{}', '{}', '2026-08-01', '2026-09-01',
       'USD', estimate::numeric, 'b', 'low', 'low', '2026-09-01', state, closed_at::timestamptz, reason
     FROM (VALUES
       ('ec2-oversized', 'i-resized', 'resize-instance', '365', 'open', NULL, NULL),
       ('ec2-oversized', 'i-ignored', 'resize-instance', '365', 'open', NULL, NULL),
       ('ec2-idle', 'i-gone', 'stop-instance', '365', 'closed', '2026-09-21', 'The resource is gone.'),
       ('ebs-unattached', 'vol-gone', 'delete-volume', '91', 'accepted', NULL, NULL)
     ) AS advice (check_id, resource_id, action, estimate, state, closed_at, reason)`,
  );
  await database.db.pool.query(
    `INSERT INTO users (user_id, email, name, role) VALUES ('${ADA}', 'ada@example.com', 'Ada', 'engineer');
     INSERT INTO remediations (resource_id, action, parameters, parameters_hash, observed_state, evidence, risk, billing_currency,
       estimated_monthly_savings, basis, required_approvals, requested_by, requested_at, expires_at, surface, state, decided_at, started_at, applied_at, verified_at)
     SELECT id, 'resize-ecs-service', '{}', 'h' || id, '{}', '{}', 'low', 'USD', 100, 'b', 1, '${ADA}', '2026-09-15', '2026-09-17', 'web', state,
       '2026-09-16', '2026-09-16', '${CHANGED}T10:00:00Z', verified::timestamptz
     FROM (VALUES ('service/web', 'verified', '${CHANGED}T10:05:00Z'), ('i-ignored', 'applied', NULL)) AS made (id, state, verified)`,
  );
});

afterAll(() => database.close());

const measure = (settledEnd: string) =>
  inTransaction(database.db, (client) => measureSavings(client, { settledEnd, dataFrom: '2026-08-01', now: NOW }));

async function stored(subject: string) {
  const { rows } = await database.db.pool.query(
    `SELECT change_date, state, origin, trim_scale(realized_savings) AS realized, estimated_monthly_savings AS estimated, confidence, basis,
       (SELECT state FROM recommendations WHERE recommendations.recommendation_id = savings.recommendation_id) AS advice
     FROM savings WHERE subject = $1`,
    [subject],
  );
  return rows[0];
}

async function events(): Promise<string[]> {
  const { rows } = await database.db.pool.query('SELECT event FROM audit_pending');
  await database.db.pool.query('DELETE FROM audit_pending');
  return rows.map(({ event }) => event).sort();
}

test('the newest two days of a bill are not settled', () => {
  expect(settledBy('2026-10-19', NOW)).toBe('2026-10-18');
  expect(settledBy('2026-10-19', new Date('2026-10-10T09:00:00Z'))).toBe('2026-10-08');
});

test('records changes that recommendations asked for, once, and not what does something else', async () => {
  const record = () => inTransaction(database.db, (client) => recordChanges(client, NOW, NOW));
  expect([await record(), await record()]).toEqual([4, 0]);
  expect(await stored('i-ignored')).toBeUndefined();
  expect(await stored('i-resized')).toMatchObject({
    change_date: '2026-09-20',
    origin: 'outside',
    state: 'waiting',
    advice: 'applied',
  });
  expect(await stored('i-gone')).toMatchObject({ origin: 'outside', advice: 'closed' });
  expect((await events()).filter((event) => event.startsWith('recommendation'))).toEqual(
    Array(2).fill('recommendation.applied'),
  );
});

test('records what Penny changed itself, once the cloud showed it', async () => {
  expect(await stored('service/web')).toMatchObject({
    origin: 'penny',
    change_date: CHANGED,
    estimated: '100',
    state: 'waiting',
  });
});

test('measures on the bill what is due, from the day the bill shows the change on', async () => {
  await events();
  expect(await measure('2026-10-15')).toBe(4);
  expect(await stored('i-resized')).toMatchObject({
    ...{ change_date: CHANGED, state: 'measured', realized: '365', confidence: 'high', advice: 'verified' },
    basis: 'bill: unit price of 28 days before times the instance hours of 28 days after',
  });
  // The volume went with the machine; the snapshot came in the place of the other volume.
  expect(await stored('i-gone')).toMatchObject({ realized: '365', advice: 'closed' });
  expect(await stored('vol-gone')).toMatchObject({ realized: '76.0417', advice: 'verified' });
  expect(await stored('service/web')).toMatchObject({ realized: '121.6667', advice: null });
  expect(await events()).toEqual([...Array(2).fill('recommendation.verified'), ...Array(4).fill('saving.measured')]);
});

test('does nothing until the bill has more settled days', async () => {
  expect(await measure('2026-10-15')).toBe(0);
  expect(await measure('2026-10-18')).toBe(4);
  expect((await stored('i-resized')).state).toBe('holding');
  expect(await events()).toEqual(Array(4).fill('saving.holding'));
});

test('spreads the fee of a month over its days', async () => {
  const { db } = database;
  const partition = 'billing_2026_09_fee';
  await db.pool.query(
    `CREATE TABLE IF NOT EXISTS ${partition} PARTITION OF billing_2026_09 FOR VALUES IN ('payer of fees')`,
  );
  await db.pool.query(
    `INSERT INTO billing SELECT bill.* FROM billing AS one, jsonb_populate_record(one, $1) AS bill
     WHERE one.billing_period_start = '2026-09-01' AND one.commitment_discount_status = 'Unused' LIMIT 1`,
    [
      {
        ...{ billing_account_id: 'payer of fees', commitment_discount_id: 'reservation', effective_cost: '300' },
        ...{ charge_period_start: '2026-09-01T00:00:00Z', charge_period_end: '2026-10-01T00:00:00Z' },
      },
    ],
  );
  const idle = (start: string, end: string) =>
    idleOfCommitments(db.pool, ['reservation'], { start, end }, { start: '2026-10-01', end: '2026-10-08' });
  expect(await idle('2026-09-02', '2026-09-30')).toEqual({ before: '10', after: '0', freedByAll: '0' });
  expect((await idle('2026-08-25', '2026-09-08')).before).toBe('5');
});

test('counts what of a commitment is unused since against the saving of the machine it paid for', async () => {
  const saving = {
    ...{
      subject: 'i-covered',
      resourceId: 'i-covered',
      recommendationId: null,
      origin: 'penny' as const,
      kind: 'removed',
    },
    ...{ changeDate: CHANGED, changeId: null, currency: 'USD', estimatedMonthlySavings: null },
  };
  const about = { actor: { actorId: null, actor: 'apply-remediation', surface: 'job' as const }, now: NOW };
  await inTransaction(database.db, async (client) => {
    await recordSaving(client, saving, about);
    await measureSavings(client, { settledEnd: '2026-10-18', dataFrom: '2026-08-01', now: NOW });
  });
  // 20 a day are gone, 10 of which the plan still costs: 10 a day are saved; at list prices it is 30.
  expect(await stored('i-covered')).toMatchObject({ realized: '304.1666', confidence: 'high' });
  const { rows } = await database.db.pool.query(
    "SELECT basis, measurement -> 'listMonthlySavings' AS list FROM savings WHERE subject = 'i-covered'",
  );
  expect(rows[0]).toEqual({
    list: '912.5',
    basis:
      'bill: 28 days after against 28 days before, in whole weeks, commitments paid for 100 percent of it before, 304.17 a month of them is unused since and not counted as saved',
  });
});
