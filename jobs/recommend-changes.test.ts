import { afterEach, beforeEach, expect, test } from 'vitest';
import { readConfig } from '../config.ts';
import type { Principal } from '../db/principal.ts';
import { listRecommendations } from '../db/queries/recommendations.ts';
import { createRecommendationDesk, type RecommendationDesk } from '../db/recommendations/decide.ts';
import { NOW, openEstate } from '../db/recommendations/estate.fixture.ts';
import { RECOMMENDATION_STATES } from '../db/schema/recommendations.ts';
import type { TestDatabase } from '../db/testing.ts';
import { inTransaction } from '../db/transaction.ts';
import { recommendChanges } from './recommend-changes.ts';

let database: TestDatabase;
let eva: Principal;
let desk: RecommendationDesk;
let told: string[] = [];
beforeEach(async () => {
  told = [];
  database = await openEstate();
  const { rows } = await database.db.pool.query<{ id: string }>(
    `INSERT INTO users (email, name, role) VALUES ('eva@example.com', 'Eva', 'engineer') RETURNING user_id AS id`,
  );
  eva = { userId: rows[0]?.id ?? '', email: 'eva@example.com', name: 'Eva', role: 'engineer', scope: 'all' };
  desk = createRecommendationDesk(database.db, () => NOW);
});
afterEach(() => database.close());

const DAY_MS = 86_400_000;
const after = (days: number): Date => new Date(NOW.getTime() + days * DAY_MS);

function run(now = NOW, environment: Record<string, string> = {}) {
  const config = readConfig(environment);
  const actor = { actorId: null, actor: 'recommend-changes', surface: 'job' as const };
  return inTransaction(database.db, (client) => recommendChanges(client, { config, db: database.db, now, actor }));
}

async function list(states: readonly (typeof RECOMMENDATION_STATES)[number][] = ['open']) {
  const found = await listRecommendations(database.db.pool, {
    states,
    kind: 'usage',
    withAlternatives: true,
    limit: 100,
  });
  return found.recommendations;
}

async function one(checkId: string, resourceId: string) {
  const found = (await list(RECOMMENDATION_STATES)).find(
    (row) => row.checkId === checkId && row.resourceId === resourceId && row.closedAt === null,
  );
  if (found === undefined) throw new Error(`no ${checkId} of ${resourceId}`);
  return found;
}

/** What was audited of recommendations since this was last asked, whether it is chained yet or not. */
async function events(): Promise<string[]> {
  const { rows } = await database.db.pool.query<{ event: string }>(
    `SELECT event FROM (SELECT event FROM audit_pending UNION ALL SELECT event FROM audit_log) AS entry
     WHERE event LIKE 'recommendation.%' ORDER BY event`,
  );
  const fresh = rows.map(({ event }) => event);
  for (const event of told) fresh.splice(fresh.indexOf(event), 1);
  told.push(...fresh);
  return fresh;
}

test('finds what is idle or unattached, nets commitments out, and counts no charge twice', async () => {
  expect(await run()).toMatchObject({ findings: 4, found: 4, closed: 0, reopened: 0 });
  const rows = (await list()).map((row) => [
    ...[row.checkId, row.resourceId, Number(row.estimatedMonthlySavings).toFixed(2)],
    ...[
      Number(row.listMonthlySavings).toFixed(2),
      Number(row.coveredMonthlySavings).toFixed(2),
      row.alternativeTo === null,
    ],
  ]);
  expect(rows).toEqual([
    // 2.64 a day for the machine and its volume, in a month of 730 hours.
    ['ec2-idle', 'i-idle', '80.30', '80.30', '0.00', true],
    ['ec2-idle', 'i-covered', '54.75', '73.00', '54.75', true],
    ['ebs-unattached', 'vol-loose', '7.30', '7.30', '0.00', true],
    // The volume goes with the machine, so that the cheaper type is only an alternative.
    ['ebs-gp2', 'vol-idle', '1.37', '1.37', '0.00', false],
  ]);
  const idle = await one('ec2-idle', 'i-idle');
  expect(idle).toMatchObject({
    owner: 'shop',
    environment: 'staging',
    isProtected: false,
    risk: 'medium',
    state: 'open',
  });
  expect(idle.alternatives).toEqual([(await one('ebs-gp2', 'vol-idle')).recommendationId]);
  expect(idle.evidence).toMatchObject({ bill: { start: '2026-10-23', end: '2026-11-22', days: 30 } });
  expect(await one('ec2-idle', 'i-covered')).toMatchObject({ isProtected: true });
  expect((await one('ec2-idle', 'i-covered')).basis).toContain('A commitment pays for a part');
  expect(await events()).toEqual(Array(4).fill('recommendation.found'));
});

test('says what it could not judge, and why', async () => {
  await run();
  const { rows } = await database.db.pool.query(
    "SELECT recommended, kept, unknown, missing FROM recommendation_checks WHERE check_id = 'ec2-idle'",
  );
  expect(rows).toEqual([
    {
      ...{ recommended: 2, kept: 1, unknown: 1 },
      missing: { 'cpu_utilization was not measured': 1, 'network_bytes was not measured': 1 },
    },
  ]);
});

test('the same data again finds nothing new and changes no recommendation', async () => {
  await run();
  const before = await list();
  await events();
  expect(await run()).toMatchObject({ findings: 4, found: 0, closed: 0 });
  expect(await list()).toEqual(before);
  expect(await events()).toEqual([]);
});

test('what was dismissed does not come back, frees what it claimed, and returns when its time is over', async () => {
  await run();
  const { recommendationId } = await one('ec2-idle', 'i-idle');
  const decision = { decision: 'dismiss' as const, reason: 'the migration needs it', until: '2026-12-01' };
  expect(await desk.decide(eva, recommendationId, decision, 'web')).toMatchObject({
    ...{ state: 'dismissed', decisionReason: 'the migration needs it', dismissedUntil: '2026-12-01' },
  });
  await events();
  await run();
  expect(await one('ec2-idle', 'i-idle')).toMatchObject({ recommendationId, state: 'dismissed' });
  expect((await one('ebs-gp2', 'vol-idle')).alternativeTo).toBeNull();
  expect(await events()).toEqual([]);
  await database.db.pool.query(
    "UPDATE recommendations SET dismissed_until = '2026-11-24' WHERE dismissed_until IS NOT NULL",
  );
  expect(await run()).toMatchObject({ found: 0, reopened: 1 });
  expect(await one('ec2-idle', 'i-idle')).toMatchObject({ recommendationId, state: 'open', dismissedUntil: null });
  expect(await one('ebs-gp2', 'vol-idle')).toMatchObject({ alternativeTo: recommendationId });
  expect(await events()).toEqual(['recommendation.reopened']);
});

test('what does not hold any more is closed with the reason, and found anew when it holds again', async () => {
  await run();
  await database.db.pool.query("UPDATE usage SET max = 60 WHERE resource_id = 'i-idle' AND metric = 'cpu_utilization'");
  expect(await run()).toMatchObject({ closed: 1 });
  const [closed] = await list(['closed']);
  expect(closed).toMatchObject({ resourceId: 'i-idle', closedReason: 'It does not hold any more. The CPU is used.' });
  await database.db.pool.query("UPDATE usage SET max = 1 WHERE resource_id = 'i-idle' AND metric = 'cpu_utilization'");
  expect(await run()).toMatchObject({ found: 1 });
  expect((await one('ec2-idle', 'i-idle')).recommendationId).not.toBe(closed?.recommendationId);
});

test('what cannot be judged any more stays as it is', async () => {
  await run();
  await database.db.pool.query("DELETE FROM usage WHERE resource_id = 'i-idle'");
  expect(await run()).toMatchObject({ closed: 0 });
  expect(await one('ec2-idle', 'i-idle')).toMatchObject({ state: 'open' });
});

test('what is gone is closed, once the tracker of savings has had a day to see it', async () => {
  await run();
  await database.db.pool.query(
    `UPDATE resources SET state = 'deleted' WHERE resource_id = 'vol-loose';
     INSERT INTO resource_changes (resource_id, observed_at, kind, before) VALUES ('vol-loose', '${NOW.toISOString()}', 'deleted', '{}')`,
  );
  expect(await run(after(1))).toMatchObject({ closed: 0 });
  expect(await run(after(2))).toMatchObject({ closed: 1 });
  expect(await list(['closed'])).toMatchObject([{ resourceId: 'vol-loose', closedReason: 'The resource is gone.' }]);
});

test('what one company was seen to have for long says nothing of how long another was watched', async () => {
  await database.db.pool.query("UPDATE resources SET billing_account_id = 'other' WHERE resource_id = 'vol-loose'");
  await run();
  const { rows } = await database.db.pool.query(
    "SELECT missing FROM recommendation_checks WHERE check_id = 'ebs-unattached'",
  );
  expect(rows).toEqual([{ missing: { 'since when it is unattached': 1 } }]);
});

test('deciding takes an engineer who sees the resource, and a state that allows it', async () => {
  await run();
  const { recommendationId } = await one('ebs-unattached', 'vol-loose');
  const decide = (who: Principal, decision: Parameters<RecommendationDesk['decide']>[2]) =>
    desk.decide(who, recommendationId, decision, 'api');
  const elsewhere: Principal = { ...eva, scope: { subAccountIds: ['a1'], tags: [] } };
  await expect(decide({ ...eva, role: 'viewer' }, { decision: 'accept' })).rejects.toMatchObject({ code: 'forbidden' });
  await expect(decide(elsewhere, { decision: 'accept' })).rejects.toMatchObject({ code: 'not_found' });
  await expect(decide(eva, { decision: 'reopen' })).rejects.toMatchObject({ code: 'conflict' });
  const past = { decision: 'dismiss' as const, reason: 'no', until: '2026-11-24' };
  await expect(decide(eva, past)).rejects.toMatchObject({ code: 'invalid_input' });
  await events();
  expect(await decide(eva, { decision: 'accept' })).toMatchObject({ state: 'accepted', decidedBy: eva.userId });
  await run();
  expect(await one('ebs-unattached', 'vol-loose')).toMatchObject({ recommendationId, state: 'accepted' });
  expect(await decide(eva, { decision: 'reopen' })).toMatchObject({ state: 'open' });
  expect(await events()).toEqual(['recommendation.accepted', 'recommendation.reopened']);
});

test('thresholds can be set, and what names none is refused', async () => {
  const settings = (value: object) => ({ PENNY_CHECK_SETTINGS: JSON.stringify(value) });
  await run(NOW, settings({ 'ec2-idle': { peakCpuPercent: 0.9 } }));
  expect((await list()).map(({ checkId }) => checkId)).toEqual(['ebs-unattached', 'ebs-gp2']);
  for (const wrong of [{ 'ec2-lazy': {} }, { 'ec2-idle': { peakCpu: 1 } }, { 'ec2-idle': { peakCpuPercent: 'low' } }]) {
    await expect(run(NOW, settings(wrong))).rejects.toMatchObject({ code: 'invalid_config' });
  }
});

test('without a bill there is nothing to find', async () => {
  await database.db.pool.query('TRUNCATE billing, cost_daily, cost_rollup, cost_monthly');
  await database.db.pool.query('UPDATE billing_loads SET is_current = false');
  expect(await run()).toMatchObject({ findings: 0 });
});
