import { afterAll, beforeAll, expect, test } from 'vitest';
import { storeBill } from '../../../db/queries/bill.fixture.ts';
import { createRecommendationDesk } from '../../../db/recommendations/decide.ts';
import { finding, storeTestFindings } from '../../../db/recommendations/finding.fixture.ts';
import { type TestDatabase, testDatabase } from '../../../db/testing.ts';
import { tools } from '../../../tools/registry.ts';
import { ada, memoryPeople, testServer } from '../../testing.ts';

let database: TestDatabase;
const now = () => new Date('2026-11-24T09:00:00Z');

beforeAll(async () => {
  database = await testDatabase();
  await storeBill(database.db, [{ day: '2026-11-20', cost: '100', sub_account_id: 'a1' }]);
  await database.db.pool.query(
    `INSERT INTO users (user_id, email, name, role) VALUES ('${ada.userId}', 'ada@example.com', 'Ada', 'admin')`,
  );
  await storeTestFindings(
    database.db,
    [finding('ec2-idle', 'i-1', '100'), finding('ebs-gp2', 'vol-1', '12.5', { subAccountId: 'a2' })],
    now(),
  );
});

afterAll(() => database.close());

async function serverOf(principal = ada) {
  const { db } = database;
  const expiresAt = new Date('2036-12-01T10:00:00Z');
  const people = memoryPeople({
    resume: async () => ({ sessionId: 's1', method: 'persona', principal, expiresAt, rotationDue: false }),
  });
  return testServer({ db, tools, now, recommendations: createRecommendationDesk(db, now), people });
}

const numberOf = async (resourceId: string): Promise<number> =>
  (
    await database.db.pool.query('SELECT recommendation_id::int AS id FROM recommendations WHERE resource_id = $1', [
      resourceId,
    ])
  ).rows[0]?.id;

test('lists what would save money as JSON and CSV, and one with its evidence', async () => {
  const { app } = await serverOf();
  const { data } = (await app.inject('/api/v1/recommendations?minimumSavings=50')).json();
  expect(data.facts).toMatchObject({ count: { value: 1 }, total_estimated: { value: '100', unit: 'USD' } });
  const csv = await app.inject({
    url: '/api/v1/recommendations?checks=ebs-gp2,eip-unattached',
    headers: { accept: 'text/csv' },
  });
  expect(csv.body.split('\r\n')[1]).toContain('ebs-gp2,vol-1,name of vol-1,a2');
  const one = await app.inject(`/api/v1/recommendations/${await numberOf('i-1')}`);
  expect(one.json()).toMatchObject({ checkId: 'ec2-idle', settings: { peakCpuPercent: 5 }, state: 'open' });
  expect(one.json()).not.toHaveProperty('decidedBy');
});

test('an engineer says no with a reason and until when, yes, and takes that back', async () => {
  const { app } = await serverOf({ ...ada, role: 'engineer' });
  const url = `/api/v1/recommendations/${await numberOf('i-1')}`;
  const post = (what: string, payload?: object) =>
    app.inject({ method: 'POST', url: `${url}/${what}`, ...(payload ? { payload } : {}) });
  expect((await post('dismiss', {})).statusCode).toBe(400);
  expect((await post('dismiss', { reason: ' ' })).statusCode).toBe(400);
  const dismissed = await post('dismiss', { reason: 'needed in January', until: '2027-02-01' });
  expect(dismissed.json()).toMatchObject({
    state: 'dismissed',
    decisionReason: 'needed in January',
    dismissedUntil: '2027-02-01',
  });
  const { data } = (await app.inject('/api/v1/recommendations?states=dismissed')).json();
  expect(data.tables[0].rows[0]).toContain('dismissed until 2027-02-01: needed in January');
  expect((await post('reopen')).json()).toMatchObject({ state: 'open', dismissedUntil: null });
  expect((await post('accept')).json()).toMatchObject({ state: 'accepted' });
  expect((await post('accept')).statusCode).toBe(409);
  expect((await post('reopen', { reason: 'not yet' })).json()).toMatchObject({
    state: 'open',
    decisionReason: 'not yet',
  });
});

test('a viewer decides nothing, and nobody sees what lies outside of their scope', async () => {
  const url = `/api/v1/recommendations/${await numberOf('vol-1')}`;
  const { app: viewer } = await serverOf({ ...ada, role: 'viewer' });
  expect((await viewer.inject({ method: 'POST', url: `${url}/accept` })).statusCode).toBe(403);
  const { app: narrow } = await serverOf({ ...ada, role: 'engineer', scope: { subAccountIds: ['a1'], tags: [] } });
  expect((await narrow.inject(url)).statusCode).toBe(404);
  expect((await narrow.inject({ method: 'POST', url: `${url}/accept` })).statusCode).toBe(404);
  expect((await narrow.inject('/api/v1/recommendations')).json().data.facts.count.value).toBe(1);
});
