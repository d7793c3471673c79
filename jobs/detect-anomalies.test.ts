import type pg from 'pg';
import pino from 'pino';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readConfig } from '../config.ts';
import { createAnomalyDesk } from '../db/anomalies/feedback.ts';
import type { Principal } from '../db/principal.ts';
import { type ListedAnomaly, listAnomalies } from '../db/queries/anomalies.ts';
import { storeBill, type TestCharge } from '../db/queries/bill.fixture.ts';
import { readSnapshot } from '../db/queries/snapshot.ts';
import { type TestDatabase, testDatabase } from '../db/testing.ts';
import { inTransaction } from '../db/transaction.ts';
import { daysToJudge, detectAnomaliesJob } from './detect-anomalies.ts';

const DAY_MS = 86_400_000;
const FIRST = '2026-01-05';
/** The incidents below begin on 10 April. */
const BEGAN = 95;
const DAYS = 115;

const dateOf = (day: number) => new Date(Date.parse(FIRST) + day * DAY_MS).toISOString().slice(0, 10);
const uneven = (day: number) => 1 + 0.02 * Math.sin(day * 12.9898);
const isDuring = (day: number, days: number) => day >= BEGAN && day < BEGAN + days;

/** What the day costs: a shop and a laboratory. For three days a function costs 100 more, for six a database 100 less. */
function chargesOf(day: number, lambda = isDuring(day, 3) ? 100 : 0): TestCharge[] {
  const charge = (account: string, service: string, usageType: string, resource: string, cost: number) => ({
    ...{ day: dateOf(day), cost: (cost * uneven(day)).toFixed(4), sub_account_id: account, service_name: service },
    ...{ x_usage_type: usageType, resource_id: resource, region_id: 'eu-west-1', pricing_unit: 'Hrs' },
    pricing_quantity: (cost * 10).toFixed(2),
  });
  return [
    charge('shop', 'EC2', 'BoxUsage', 'i-web', day % 7 < 5 ? 400 : 300),
    { ...charge('shop', 'Lambda', 'Requests', 'fn-cart', 30), tags: { team: 'checkout' } },
    { ...charge('shop', 'Lambda', 'GB-Second', 'fn-pay', 10 + lambda), tags: { team: 'payments' } },
    charge('lab', 'RDS', 'InstanceUsage', 'db-1', isDuring(day, 6) ? 50 : 150),
    ...(day >= BEGAN + 5 ? [charge('lab', 'Textract', 'Pages', 'docs', 60)] : []),
  ];
}

let database: TestDatabase;
beforeEach(async () => {
  database = await testDatabase();
  await storeBill(database.db, Array.from({ length: DAYS }, (_, day) => chargesOf(day)).flat());
  await database.db.pool.query(`
    INSERT INTO accounts (account_id, name, kind) VALUES ('shop', 'Shop', 'sub'), ('lab', 'Laboratory', 'sub');
    INSERT INTO resources (resource_id, name, sub_account_id, service_name) VALUES ('fn-pay', 'pay', 'shop', 'Lambda');
    INSERT INTO resource_changes (resource_id, observed_at, kind, before, after) VALUES
      ('fn-pay', '${dateOf(BEGAN)}T06:00:00Z', 'changed', '{"configuration": {"memoryMib": 256}}', '{"configuration": {"memoryMib": 3008}}')`);
});
afterEach(() => database.close());

const config = readConfig({});
const log = pino({ level: 'silent' });
const settledOn = (day: number) => new Date(Date.parse(FIRST) + (day + 3) * DAY_MS + 8 * 3_600_000);

/** The run on the morning on which `day` is the last settled one. */
function run(day: number): Promise<{ rows?: number }> {
  const now = settledOn(day);
  return detectAnomaliesJob.run({
    ...{ now, dueAt: now, signal: new AbortController().signal, log, progress: () => {}, db: database.db, config },
    transaction: (work: (client: pg.ClientBase) => Promise<never>) => inTransaction(database.db, work),
  });
}

async function person(role: Principal['role'], scope: Principal['scope']): Promise<Principal> {
  const { rows } = await database.db.pool.query<{ user_id: string }>(
    `INSERT INTO users (email, name, role) VALUES (gen_random_uuid() || '@example.com', 'Someone', $1) RETURNING user_id`,
    [role],
  );
  return { userId: rows[0]?.user_id ?? '', email: 'someone@example.com', name: 'Someone', role, scope };
}

const account = (...subAccountIds: string[]): Principal['scope'] => ({ subAccountIds, tags: [] });

async function seenBy(principal: Principal, includeQuiet = false): Promise<ListedAnomaly[]> {
  const request = { openOnly: false, filters: [], includeQuiet, orderBy: 'newest', limit: 50 } as const;
  return readSnapshot(
    database.db,
    principal,
    undefined,
    async (client) => (await listAnomalies(client, request)).anomalies,
  );
}

const outline = (anomalies: ListedAnomaly[]) =>
  anomalies.map(({ dimensions, kind, direction, startDate, endDate, state, impact }) =>
    [
      [dimensions.service_name, dimensions.sub_account_id].filter(Boolean).join(' of '),
      ...[kind, direction, `${startDate}..${endDate}`, state, Math.round(Number(impact) / 10) * 10],
    ].join(' '),
  );

const desk = () => createAnomalyDesk(database.db, () => settledOn(BEGAN + 2));

test('a rise and a fall that cancel in the whole are told once each, with what they come from; a day later they have grown', async () => {
  const everyone = await person('viewer', 'all');
  await run(BEGAN);
  const first = await seenBy(everyone);
  expect(outline(first).sort()).toEqual([
    `Lambda of shop cost up ${dateOf(BEGAN)}..${dateOf(BEGAN)} open 100`,
    `RDS of lab cost down ${dateOf(BEGAN)}..${dateOf(BEGAN)} open -100`,
  ]);
  await run(BEGAN + 2);
  const later = await seenBy(everyone);
  expect(later.map(({ anomalyId }) => anomalyId).sort()).toEqual(first.map(({ anomalyId }) => anomalyId).sort());
  expect(outline(later)).toContain(`Lambda of shop cost up ${dateOf(BEGAN)}..${dateOf(BEGAN + 2)} open 300`);
  await run(BEGAN + 6);
  expect(outline(await seenBy(everyone))).toContain(
    `Lambda of shop cost up ${dateOf(BEGAN)}..${dateOf(BEGAN + 2)} closed 300`,
  );
});

test('a cause names usage type, resource and tag, splits the change, and has what the inventory saw', async () => {
  await run(BEGAN + 1);
  const [lambda] = (await seenBy(await person('viewer', 'all'))).filter(({ direction }) => direction === 'up');
  const cause = lambda?.cause as {
    named: { dimension: string; value: string; share: number }[];
    components: { component: string; share: number }[];
    inventory: { changes: { differences: unknown }[] };
  };
  const named = Object.fromEntries(cause.named.map(({ dimension, value }) => [dimension, value]));
  expect(named).toMatchObject({ x_usage_type: 'GB-Second', resource_id: 'fn-pay', 'tag:team': 'payments' });
  expect(cause.components[0]).toMatchObject({ component: 'usage' });
  expect(cause.inventory.changes[0]?.differences).toEqual({ memoryMib: [256, 3008] });
});

test('a service that is new is its own kind', async () => {
  await run(BEGAN + 9);
  const [newest] = await seenBy(await person('viewer', 'all'));
  expect(outline(newest ? [newest] : [])).toEqual([
    `Textract of lab new up ${dateOf(BEGAN + 5)}..${dateOf(BEGAN + 9)} open ${Math.round(Number(newest?.impact) / 10) * 10}`,
  ]);
  expect(Number(newest?.impact)).toBeGreaterThan(290);
});

const everything = async () =>
  (await database.db.pool.query('SELECT * FROM anomalies ORDER BY anomaly_id')).rows.map(({ settings, ...row }) => row);

test('the same due time again, and an earlier one after a later one, change nothing', async () => {
  await run(BEGAN + 6);
  const before = await everything();
  expect(before.length).toBeGreaterThan(4);
  expect(await run(BEGAN + 6)).toEqual({ rows: 0 });
  expect(await run(BEGAN)).toEqual({ rows: 0 });
  expect(await everything()).toEqual(before);
});

test('walking day by day stores the same as one run at the end, but for when things were found', async () => {
  for (let day = BEGAN - 1; day <= BEGAN + 9; day++) await run(day);
  const walked = outline(await seenBy(await person('viewer', 'all')));
  await database.db.pool.query('DELETE FROM anomalies');
  await run(BEGAN + 9);
  expect(walked).toEqual(outline(await seenBy(await person('viewer', 'all'))));
});

test('what a corrected bill does not show any more is withdrawn, and what it shows otherwise follows', async () => {
  const everyone = await person('viewer', 'all');
  await run(BEGAN + 6);
  expect(outline(await seenBy(everyone))).toHaveLength(3);
  const during = [0, 1, 2].map((day) => dateOf(BEGAN + day));
  const restate = async (lambda: number) => {
    await database.db.pool.query(
      `DELETE FROM billing WHERE (charge_period_start AT TIME ZONE 'UTC')::date = ANY ($1::date[])`,
      [during],
    );
    await storeBill(
      database.db,
      [0, 1, 2].flatMap((day) => chargesOf(BEGAN + day, lambda)),
    );
    await run(BEGAN + 6);
  };
  await restate(60);
  expect(outline(await seenBy(everyone))).toContain(
    `Lambda of shop cost up ${dateOf(BEGAN)}..${dateOf(BEGAN + 2)} closed 180`,
  );
  await restate(0);
  expect(outline(await seenBy(everyone)).filter((line) => line.includes('Lambda'))).toEqual([]);
  const { rows } = await database.db.pool.query(
    `SELECT DISTINCT closed_because, impact FROM anomalies WHERE dimensions ->> 'service_name' = 'Lambda'`,
  );
  expect(rows).toEqual([{ closed_because: 'restated', impact: '0' }]);
});

test('a problem is shown once to each who may see it, by the narrowest series of theirs, and to nobody else', async () => {
  await run(BEGAN + 2);
  const shown = async (scope: Principal['scope']) => outline(await seenBy(await person('viewer', scope)));
  expect(await shown(account('shop'))).toEqual([
    `Lambda of shop cost up ${dateOf(BEGAN)}..${dateOf(BEGAN + 2)} open 300`,
  ]);
  expect(await shown(account('lab'))).toEqual([
    `RDS of lab cost down ${dateOf(BEGAN)}..${dateOf(BEGAN + 2)} open -300`,
  ]);
  const team = await person('viewer', { subAccountIds: [], tags: [{ key: 'team', value: 'payments' }] });
  expect((await seenBy(team)).map(({ dimensions, cause }) => [dimensions, cause])).toEqual([
    [{ 'tag:team': 'payments' }, null],
  ]);
  expect(await shown(account('other'))).toEqual([]);
});

async function idOf(service: string): Promise<number> {
  const found = (await seenBy(await person('viewer', 'all'), true)).find(
    ({ dimensions }) => dimensions.service_name === service,
  );
  return found?.anomalyId ?? 0;
}

test('what is muted, planned or wrong alerts nobody from at once on, and can be taken back', async () => {
  const engineer = await person('engineer', account('shop'));
  await run(BEGAN + 1);
  const id = await idOf('Lambda');
  const feedbackId = await desk().say(engineer, id, { feedback: 'muted', reason: 'known' }, 'api');
  expect(await seenBy(engineer)).toEqual([]);
  await run(BEGAN + 2);
  expect(await seenBy(engineer)).toEqual([]);
  expect(await seenBy(engineer, true)).toMatchObject([
    { quietBecause: 'muted', feedback: 'muted', feedbackReason: 'known' },
  ]);
  await desk().takeBack(engineer, feedbackId, 'api');
  await run(BEGAN + 3);
  expect(await seenBy(engineer)).toMatchObject([{ quietBecause: null, feedback: null }]);
  await desk().say(engineer, id, { feedback: 'planned', until: dateOf(BEGAN + 3) }, 'api');
  await run(BEGAN + 4);
  expect(await seenBy(engineer)).toEqual([]);
  const { rows } = await database.db.pool.query(
    `SELECT event, actor_id FROM audit_pending WHERE event LIKE 'anomaly.%' UNION ALL
     SELECT event, actor_id FROM audit_log WHERE event LIKE 'anomaly.%'`,
  );
  expect(rows.map(({ event }) => event).sort()).toEqual([
    'anomaly.feedback',
    'anomaly.feedback',
    'anomaly.feedback_taken_back',
  ]);
  expect(new Set(rows.map(({ actor_id: actor }) => actor))).toEqual(new Set([engineer.userId]));
});

test('what is planned alerts nobody, but is told once it goes on longer', async () => {
  const engineer = await person('engineer', 'all');
  const dimensions = { service_name: 'RDS' };
  await desk().expect(
    engineer,
    { feedback: 'planned', dimensions, from: dateOf(BEGAN), until: dateOf(BEGAN + 4) },
    'cli',
  );
  const drops = async () => (await seenBy(engineer)).filter(({ direction }) => direction === 'down').length;
  await run(BEGAN + 3);
  expect(await drops()).toBe(0);
  await run(BEGAN + 4);
  expect(await drops()).toBe(1);
});

test('a usage type can be muted for everything, and nothing else is', async () => {
  const engineer = await person('engineer', 'all');
  await desk().expect(engineer, { feedback: 'muted', dimensions: { x_usage_type: 'GB-*' }, from: FIRST }, 'cli');
  await run(BEGAN + 2);
  expect(outline(await seenBy(engineer))).toEqual([
    `RDS of lab cost down ${dateOf(BEGAN)}..${dateOf(BEGAN + 2)} open -300`,
  ]);
});

test('what is called expected is over with the next run, and its level the baseline', async () => {
  const engineer = await person('engineer', account('lab'));
  await run(BEGAN + 1);
  await createAnomalyDesk(database.db, () => settledOn(BEGAN - 1)).say(
    engineer,
    await idOf('RDS'),
    { feedback: 'expected' },
    'web',
  );
  await run(BEGAN + 4);
  expect(await seenBy(engineer, true)).toMatchObject([
    { state: 'closed', closedBecause: 'verdict', quietBecause: 'expected' },
  ]);
});

test('only engineers say something, of what they may see, and of days that can be', async () => {
  await run(BEGAN + 1);
  const id = await idOf('Lambda');
  const say = async (role: Principal['role'], scope: Principal['scope'], given: object = {}) =>
    desk().say(await person(role, scope), id, { feedback: 'planned', until: '2026-12-01', ...given }, 'api');
  await expect(say('viewer', 'all')).rejects.toMatchObject({ code: 'forbidden' });
  await expect(say('engineer', account('lab'))).rejects.toMatchObject({ code: 'not_found' });
  await expect(say('engineer', 'all', { until: undefined })).rejects.toMatchObject({ code: 'invalid_input' });
  await expect(say('engineer', 'all', { until: dateOf(BEGAN) })).rejects.toMatchObject({ code: 'invalid_input' });
  await expect(say('engineer', 'all', { feedback: 'wrong' })).rejects.toMatchObject({ code: 'invalid_input' });
  const mute = async (dimensions: Record<string, string>) =>
    desk().expect(await person('engineer', account('lab')), { feedback: 'muted', dimensions, from: FIRST }, 'api');
  await expect(mute({ service_name: 'EC2' })).rejects.toMatchObject({ code: 'forbidden' });
  await expect(mute({ sub_account_id: 'shop' })).rejects.toMatchObject({ code: 'forbidden' });
  expect(await mute({ sub_account_id: 'lab', service_name: 'EC2' })).toBeGreaterThan(0);
});

test('a due time judges the days before it, two of which are not settled', () => {
  const data = { dataFrom: '2026-01-05', dataThrough: '2026-04-29' };
  expect(daysToJudge(data, new Date('2026-04-13T07:30:00Z'))).toMatchObject({
    ...{ from: '2026-01-05', dataThrough: '2026-04-12', judgedThrough: '2026-04-10', knownThrough: '2026-04-14' },
  });
  expect(daysToJudge(data, new Date('2026-06-01T07:30:00Z'))).toMatchObject({ judgedThrough: '2026-04-27' });
  expect(daysToJudge({ ...data, dataFrom: '2020-02-03' }, new Date('2026-04-13T07:30:00Z'))?.from).toBe('2024-04-01');
  expect(daysToJudge({ dataFrom: null, dataThrough: null }, new Date())).toBeUndefined();
});
