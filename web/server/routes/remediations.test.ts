import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import pino from 'pino';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createAssistant } from '../../../agent/assistant.ts';
import { createDecisions } from '../../../agent/decide.ts';
import { createPeople } from '../../../agent/identity/people.ts';
import { packageRoot, readConfig } from '../../../config.ts';
import { createBudgetDesk } from '../../../db/budgets/keep.ts';
import { createMetricDesk } from '../../../db/business-metrics.ts';
import { NOW, openScene, type Scene } from '../../../db/remediations/remediation.fixture.ts';
import { memoryJobs, noAnomalies, noRecommendations } from '../../testing.ts';
import { buildServer } from '../server.ts';

let scene: Scene;
let app: FastifyInstance;
let tokens: Record<string, string>;
beforeEach(async () => {
  scene = await openScene();
  const { db } = scene.database;
  const [config, log, now] = [readConfig({}), pino({ level: 'silent' }), () => NOW];
  const people = createPeople({ config, db, now });
  app = await buildServer({
    ...{ config, db, people, log, now, jobs: memoryJobs() },
    assistant: createAssistant({ config, db, log, now }),
    decisions: createDecisions({ db, now }),
    budgets: createBudgetDesk(db, now),
    recommendations: noRecommendations,
    businessMetrics: createMetricDesk(db, now),
    anomalies: noAnomalies,
    ready: async () => {},
    clientFolder: join(packageRoot, 'web/client'),
  });
  tokens = {};
  for (const [name, role] of [
    ['eva', 'engineer'],
    ['ada', 'approver'],
    ['cleo', 'approver'],
    ['vic', 'viewer'],
  ] as const) {
    const actor = { principal: await scene.person(name), surface: 'cli' as const };
    tokens[name] = (await people.createToken(actor, { role })).token;
  }
});
afterEach(async () => {
  await app.close();
  await scene.close();
});

async function call(by: string, method: 'GET' | 'POST', path: string, body?: object) {
  const answer = await app.inject({
    method,
    url: `/api/v1/remediations${path}`,
    headers: { authorization: `Bearer ${tokens[by]}` },
    ...(body === undefined ? {} : { payload: body }),
  });
  return { status: answer.statusCode, body: answer.body === '' ? undefined : answer.json() };
}

const propose = (by = 'eva') => call(by, 'POST', '', { recommendationId: scene.recommendations['i-low'] });

test('one proposes, somebody else reads and approves exactly that', async () => {
  const { status, body } = await propose();
  expect([status, body.state]).toEqual([201, 'pending']);
  expect(Object.keys(body)).not.toContain('applyToken');
  const read = await call('ada', 'GET', `/${body.remediationId}`);
  const approved = await call('ada', 'POST', `/${body.remediationId}/approve`, {
    parametersHash: read.body.parametersHash,
  });
  expect([approved.status, approved.body.state, approved.body.approvedBy]).toEqual([
    200,
    'approved',
    ['ada@example.com'],
  ]);
  const list = await call('ada', 'GET', '?state=approved');
  expect(list.body.items.map(({ remediationId }: { remediationId: string }) => remediationId)).toEqual([
    body.remediationId,
  ]);
});

test.each([
  ['eva', 'approve', undefined, 403],
  ['vic', 'approve', undefined, 403],
  ['cleo', 'approve', undefined, 404],
  ['ada', 'approve', { parametersHash: 'x' }, 409],
  ['ada', 'reject', {}, 400],
  ['ada', 'undo', undefined, 409],
  ['ada', 'cancel', undefined, 404],
] as const)('%s cannot %s with %j: %i', async (by, what, body, status) => {
  const { remediationId } = (await propose()).body;
  expect((await call(by, 'POST', `/${remediationId}/${what}`, body)).status).toBe(status);
  expect((await call('eva', 'GET', `/${remediationId}`)).body.state).toBe('pending');
});

test('no link approves: what decides is never a GET', async () => {
  const { remediationId } = (await propose()).body;
  for (const what of ['approve', 'reject', 'undo'])
    expect((await call('ada', 'GET', `/${remediationId}/${what}`)).status).toBe(404);
});

test('everybody who reads the list is told that changes are stopped', async () => {
  expect((await call('ada', 'POST', '/stop', { reason: 'Incident 12' })).status).toBe(204);
  expect((await call('vic', 'GET', '')).body.stopped).toEqual({ reason: 'Incident 12', by: 'ada@example.com' });
  expect((await call('ada', 'POST', '/resume')).status).toBe(403);
});

test('who does not see the resource finds nothing', async () => {
  const { remediationId } = (await propose()).body;
  expect((await call('cleo', 'GET', `/${remediationId}`)).status).toBe(404);
  expect((await call('cleo', 'GET', '')).body.items).toEqual([]);
});
