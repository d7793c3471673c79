import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { log } from '../log.ts';
import { readAccess } from './access/roles.ts';
import { migrateDatabase } from './migrate.ts';
import { claimRun, insertRun, settleLostRuns } from './queries/job-runs.ts';
import { openQueue, type Queue } from './queue.ts';
import { type TestDatabase, testDatabase } from './testing.ts';
import { inTransaction } from './transaction.ts';

let database: TestDatabase;
let queue: Queue;
beforeEach(async () => {
  database = await testDatabase();
  queue = await openQueue(database.db, log, { watch: false });
});
afterEach(async () => {
  await queue.close(1_000);
  await database.close();
});

const LOST = { code: 'job_lost', message: 'It went away.' };
const entry = (id: string) => ({ id, key: 'test-job', priority: 0, retries: 2, expireSeconds: 60 });
const query = async (sql: string) => (await database.db.pool.query(sql)).rows;

/** Adds a run with its entry in the queue. */
async function add(day: number): Promise<string> {
  const queueId = randomUUID();
  const dueAt = new Date(Date.UTC(2026, 10, day));
  const run = { job: 'test-job', dueAt, queueId, requestedBy: null, unlessWaiting: false };
  await inTransaction(database.db, async (client) => {
    await insertRun(client, run);
    await queue.send(client, entry(queueId));
  });
  return queueId;
}

test('a run and its entry come together or not at all', async () => {
  const lost = inTransaction(database.db, async (client) => {
    await queue.send(client, entry(randomUUID()));
    throw new Error('the run could not be added');
  });
  await expect(lost).rejects.toThrow('could not be added');
  expect(await query('SELECT FROM pgboss.job')).toEqual([]);
  await add(1);
  expect(await query('SELECT state FROM pgboss.job')).toEqual([{ state: 'created' }]);
});

test('who reads on behalf of somebody sees nothing of the queue, also after the roles were made anew', async () => {
  await database.db.pool.query("COMMENT ON SCHEMA access IS 'older'");
  await migrateDatabase(database.url);
  const access = await readAccess(database.db.pool);
  for (const { user, password } of [access?.reader, access?.ask].filter((role) => role !== undefined)) {
    const url = new URL(database.url);
    Object.assign(url, { username: user, password });
    const client = new pg.Client({ connectionString: url.href });
    await client.connect();
    await expect(client.query('SELECT * FROM pgboss.job')).rejects.toThrow('permission denied for schema pgboss');
    await client.end();
  }
});

test('what is left of a dead worker is brought in line: tried again, given up, or unknown to the queue', async () => {
  const [again, over, unknown, fine] = [await add(1), await add(2), await add(3), await add(4)];
  const { pool } = database.db;
  for (const id of [again, over, unknown, fine]) await claimRun(pool, id, 'a worker');
  await pool.query("UPDATE pgboss.job SET state = 'retry', start_after = '2026-11-24T12:00Z' WHERE id = $1", [again]);
  await pool.query("UPDATE pgboss.job SET state = 'failed' WHERE id = $1", [over]);
  await pool.query('DELETE FROM pgboss.job WHERE id = $1', [unknown]);
  expect(await settleLostRuns(pool, LOST)).toHaveLength(3);
  expect(
    await query('SELECT state, error_code, retry_at, finished_at IS NOT NULL AS over FROM job_runs ORDER BY due_at'),
  ).toEqual([
    { state: 'failed', error_code: 'job_lost', retry_at: new Date('2026-11-24T12:00:00Z'), over: false },
    { state: 'dead', error_code: 'job_lost', retry_at: null, over: true },
    { state: 'dead', error_code: 'job_lost', retry_at: null, over: true },
    { state: 'running', error_code: null, retry_at: null, over: false },
  ]);
  expect(await settleLostRuns(pool, LOST)).toEqual([]);
});
