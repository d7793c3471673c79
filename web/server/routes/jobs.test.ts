import { expect, test } from 'vitest';
import { ada, memoryJobs, memoryPeople, testServer } from '../../testing.ts';
import type { Principal } from '../options.ts';
import { buildWorkerServer } from '../worker.ts';

const as = (role: Principal['role']) =>
  testServer({
    people: memoryPeople({
      resume: async () => ({
        ...{ sessionId: 's1', method: 'persona', principal: { ...ada, role }, rotationDue: false },
        expiresAt: new Date('2036-12-01T10:00:00Z'),
      }),
    }),
  });

const post = (url: string, payload?: object) => ({ method: 'POST' as const, url, ...(payload ? { payload } : {}) });

test('jobs and runs are there for everybody; what names files only for administrators', async () => {
  const admin = (await as('admin')).app;
  const viewer = (await as('viewer')).app;
  const [full, plain] = await Promise.all([admin, viewer].map((app) => app.inject('/api/v1/jobs')));
  expect(full?.json().items[0]).toMatchObject({
    name: 'ingest-billing',
    schedule: '*/10 * * * *',
    nextDueAt: '2026-11-24T10:10:00.000Z',
    lastRun: {
      ...{ runId: 1, state: 'dead', attempt: 4, stopping: false, dueAt: '2026-11-24T09:50:00.000Z' },
      error: { code: 'value_unknown', message: 'Row 3 of july.csv holds a value that is not known.' },
    },
  });
  expect(plain?.json().items[0].lastRun.error.message).not.toContain('july.csv');
  expect((await viewer.inject('/api/v1/jobs/runs?job=ingest-billing&state=dead')).json().items).toHaveLength(1);
  expect((await viewer.inject('/api/v1/jobs/runs?state=lazy')).statusCode).toBe(400);
});

test('an administrator runs, cancels and reruns; nobody else does', async () => {
  const { app } = await as('admin');
  const run = await app.inject(post('/api/v1/jobs/ingest-billing/run'));
  expect([run.statusCode, run.json()]).toMatchObject([202, { runId: 2, state: 'due', requestedBy: ada.email }]);
  const at = await app.inject(post('/api/v1/jobs/ingest-billing/run', { dueAt: '2026-11-01T00:00:00Z' }));
  expect(at.json()).toMatchObject({ runId: 3, dueAt: '2026-11-01T00:00:00.000Z' });
  expect((await app.inject(post('/api/v1/jobs/runs/2/cancel'))).json()).toMatchObject({ state: 'cancelled' });
  expect((await app.inject(post('/api/v1/jobs/runs/2/cancel'))).statusCode).toBe(409);
  expect((await app.inject(post('/api/v1/jobs/runs/1/rerun'))).json()).toMatchObject({ state: 'due', error: null });
  expect((await app.inject(post('/api/v1/jobs/no-job/run'))).statusCode).toBe(404);
  expect((await app.inject(post('/api/v1/jobs/ingest-billing/run', { dueAt: 'soon' }))).statusCode).toBe(400);
  for (const role of ['viewer', 'engineer', 'approver'] as const) {
    const other = (await as(role)).app;
    for (const url of ['/api/v1/jobs/ingest-billing/run', '/api/v1/jobs/runs/1/cancel', '/api/v1/jobs/runs/1/rerun'])
      expect((await other.inject(post(url))).statusCode, `${role} ${url}`).toBe(403);
  }
});

test('a stranger sees no jobs', async () => {
  const { stranger } = await testServer({ jobs: memoryJobs() });
  for (const url of ['/api/v1/jobs', '/api/v1/jobs/runs']) expect((await stranger.inject(url)).statusCode).toBe(401);
});

test('a worker answers health and metrics and nothing else', async () => {
  const worker = await buildWorkerServer({ ready: async () => {} });
  expect((await worker.inject('/healthz')).json()).toEqual({ status: 'alive' });
  expect((await worker.inject('/readyz')).json()).toEqual({ status: 'ready' });
  expect((await worker.inject('/metrics')).body).toContain('process_cpu_seconds_total');
  for (const url of ['/', '/api/v1/jobs', '/api/v1/me']) expect((await worker.inject(url)).statusCode, url).toBe(404);
});
