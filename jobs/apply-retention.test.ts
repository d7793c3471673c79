import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Config, readConfig } from '../config.ts';
import { applyRetentionJob } from './apply-retention.ts';
import { ANNA, type Floor, jobThat, openFloor, over } from './workers.fixture.ts';

const config: Config = readConfig({
  PENNY_KEEP_ANSWERS_DAYS: '100',
  PENNY_KEEP_USAGE_DAYS: '100',
  PENNY_KEEP_JOB_RUNS_DAYS: '10',
});
const DUE = new Date('2026-11-24T03:40:00Z');

let floor: Floor;
beforeAll(async () => {
  floor = await openFloor([applyRetentionJob, jobThat(async () => ({}))], { config });
  await floor.start({ config, onlyByHand: true });
});
afterAll(() => floor.close());

const column = async (sql: string) => (await floor.db.pool.query<{ v: string }>(sql)).rows.map(({ v }) => v);

test('what is older than it is kept is forgotten: questions, months of measurements, runs; the audit log is not', async () => {
  const { db, desk } = floor;
  await db.pool.query(`
    INSERT INTO users (user_id, email, name, role, scope) VALUES ('00000000-0000-4000-8000-000000000001', 'anna@example.com', 'Anna', 'admin', '"all"');
    INSERT INTO conversations (conversation_id, user_id, surface, title, created_at, last_at) VALUES
      ('00000000-0000-4000-8000-00000000000a', '00000000-0000-4000-8000-000000000001', 'web', 'old', '2026-08-01Z', '2026-08-01Z'),
      ('00000000-0000-4000-8000-00000000000b', '00000000-0000-4000-8000-000000000001', 'web', 'both', '2026-08-01Z', '2026-11-01Z');
    INSERT INTO ai_queries (query_id, conversation_id, user_id, surface, question, model, started_at) VALUES
      ('00000000-0000-4000-8000-0000000000a1', '00000000-0000-4000-8000-00000000000a', '00000000-0000-4000-8000-000000000001', 'web', 'old', 'm', '2026-08-01Z'),
      ('00000000-0000-4000-8000-0000000000b1', '00000000-0000-4000-8000-00000000000b', '00000000-0000-4000-8000-000000000001', 'web', 'old too', 'm', '2026-08-16T03:39:59Z'),
      ('00000000-0000-4000-8000-0000000000b2', '00000000-0000-4000-8000-00000000000b', '00000000-0000-4000-8000-000000000001', 'web', 'kept', 'm', '2026-08-16T03:40:00Z');
    INSERT INTO ai_tool_calls (query_id, ordinal, tool, arguments, status, started_at, elapsed_ms) VALUES
      ('00000000-0000-4000-8000-0000000000a1', 1, 'query_costs', '{}', 'ok', '2026-08-01Z', 1);
    CREATE TABLE usage_2026_07 PARTITION OF usage FOR VALUES FROM ('2026-07-01Z') TO ('2026-08-01Z');
    CREATE TABLE usage_2026_08 PARTITION OF usage FOR VALUES FROM ('2026-08-01Z') TO ('2026-09-01Z');
    INSERT INTO usage (resource_id, metric, hour, avg, max, sample_count) VALUES
      ('i-1', 'cpu_utilization', '2026-07-31T23:00Z', 1, 1, 1), ('i-1', 'cpu_utilization', '2026-08-01T00:00Z', 1, 1, 1);
    INSERT INTO job_runs (job, due_at, state, finished_at) VALUES
      ('test-job', '2026-10-01Z', 'done', '2026-10-01Z'), ('test-job', '2026-10-02Z', 'done', '2026-10-02Z'),
      ('test-job', '2026-10-03Z', 'cancelled', '2026-10-03Z'), ('test-job', '2026-11-20Z', 'cancelled', '2026-11-20Z');
    INSERT INTO chat_events (surface, tenant, event_id, body, received_at) VALUES
      ('slack', 'T1', 'old', '{}', '2026-11-17T03:39:59Z'), ('teams', 'T1', 'new', '{}', '2026-11-17T03:40:00Z');
    INSERT INTO audit_pending (occurred_at, actor, surface, event, details) VALUES ('2020-01-01Z', 'anna@example.com', 'web', 'user.added', '{}');
  `);
  const { runId } = await desk.run('apply-retention', ANNA, DUE);
  expect(await over(desk, runId)).toMatchObject({ state: 'done', rowCount: 2 + 1 + 2 + 1 });
  expect(await column('SELECT event_id AS v FROM chat_events')).toEqual(['new']);
  expect(await column('SELECT question AS v FROM ai_queries')).toEqual(['kept']);
  expect(await column('SELECT title AS v FROM conversations')).toEqual(['both']);
  expect(await column('SELECT hour::text AS v FROM usage')).toEqual(['2026-08-01 00:00:00+00']);
  expect(await column("SELECT due_at::date::text AS v FROM job_runs WHERE job = 'test-job' ORDER BY 1")).toEqual([
    '2026-10-02',
    '2026-11-20',
  ]);
  expect(await column("SELECT event AS v FROM audit_pending WHERE event = 'user.added'")).toHaveLength(1);
});

test('the same due time again finds nothing to forget', async () => {
  const { items } = await floor.desk.runs({ job: 'apply-retention', limit: 1 });
  const runId = items[0]?.runId ?? 0;
  await floor.desk.rerun(runId, ANNA);
  expect(await over(floor.desk, runId)).toMatchObject({ state: 'done', rowCount: 0 });
});
