import { afterEach, beforeEach, expect, test } from 'vitest';
import { readConfig } from '../config.ts';
import { listRuns } from '../db/queries/job-runs.ts';
import { openQueue, type Queue } from '../db/queue.ts';
import { type TestDatabase, testDatabase } from '../db/testing.ts';
import { log } from '../log.ts';
import type { Job } from './job.ts';
import { createTick } from './tick.ts';
import { jobThat } from './workers.fixture.ts';

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

const hourly = (parts: Partial<Job> = {}) => jobThat(async () => ({}), { schedule: '0 * * * *', ...parts });

/** One replica, whose clock shows `time` at each call of what is returned. */
function replica(job: Job): (time: string) => Promise<void> {
  let present = '';
  const now = () => new Date(present);
  const tick = createTick({ jobs: [job], db: database.db, queue, config: readConfig({}), now });
  return (time) => {
    present = `2026-11-24T${time}Z`;
    return tick();
  };
}

async function due(): Promise<string[]> {
  const { items } = await listRuns(database.db.pool, { limit: 200 });
  return items.map(({ dueAt }) => dueAt.toISOString().slice(11, 16)).sort();
}

const finishAll = () =>
  database.db.pool.query("UPDATE job_runs SET state = 'done', finished_at = now() WHERE finished_at IS NULL");

const queued = async () => Number((await database.db.pool.query('SELECT count(*) FROM pgboss.job')).rows[0]?.count);

test('of what was missed while nothing ran the newest due time is made up for', async () => {
  const tick = replica(hourly());
  await tick('06:10:00');
  await finishAll();
  await replica(hourly())('11:59:59');
  expect(await due()).toEqual(['06:00', '11:00']);
});

test('a job that wants each due time gets each that it missed', async () => {
  const every = hourly({ catchUp: 'every' });
  await replica(every)('06:10:00');
  await replica(every)('09:00:00');
  expect(await due()).toEqual(['06:00', '07:00', '08:00', '09:00']);
});

test('replicas that find the same due time at once add it once, with one entry in the queue', async () => {
  const replicas = Array.from({ length: 8 }, () => replica(hourly()));
  await Promise.all(replicas.map((tick) => tick('12:00:01')));
  expect([await due(), await queued()]).toEqual([['12:00'], 1]);
});

test('a due time that comes while an earlier one still waits is passed over', async () => {
  const tick = replica(hourly());
  await tick('12:00:01');
  await tick('13:00:01');
  expect(await due()).toEqual(['12:00']);
  await finishAll();
  await tick('14:00:01');
  expect([await due(), await queued()]).toEqual([['12:00', '14:00'], 2]);
});

test('a clock that is set back adds nothing twice', async () => {
  const tick = replica(hourly());
  for (const time of ['12:00:01', '11:30:00', '12:00:02']) {
    await tick(time);
    await finishAll();
  }
  expect(await due()).toEqual(['11:00', '12:00']);
});

test('the schedule of a job that lacks a setting rests', async () => {
  await replica(hourly({ missing: () => 'Set it.' }))('12:00:01');
  expect(await due()).toEqual([]);
});

/** A replica that looks at loads; its clock stands still and time passes as it is told. */
function follower(): (seconds: number) => Promise<void> {
  let passedMs = 0;
  const job = jobThat(async () => ({}), { afterLoads: true });
  const options = { jobs: [job], db: database.db, queue, config: readConfig({}), now: () => new Date('2026-11-24') };
  const tick = createTick(options, () => passedMs);
  return (seconds) => {
    passedMs += seconds * 1000;
    return tick();
  };
}

const load = (minute: number) =>
  database.db.pool.query(
    `INSERT INTO billing_loads (source_id, origin, uris, content_hash, line_count, row_count, sums, loaded_at)
     VALUES ('focus', 'file', '{}', $1, 0, 0, '{}', $2)`,
    [String(minute), new Date(`2026-11-24T08:${minute}:00Z`)],
  );

test('a job that follows the bill runs once for loads that came one after the other, when they have come to rest', async () => {
  const tick = follower();
  await tick(20);
  expect(await due()).toEqual([]);
  await load(10);
  await tick(1);
  await load(11);
  for (const seconds of [14, 14]) await tick(seconds);
  expect(await due()).toEqual([]);
  for (const seconds of [1, 60]) await tick(seconds);
  expect([await due(), await queued()]).toEqual([['08:11'], 1]);
});

test('replicas, and a process that starts later, add the run of a load once', async () => {
  await load(10);
  const replicas = Array.from({ length: 4 }, () => follower());
  await Promise.all(replicas.map((tick) => tick(0)));
  await Promise.all(replicas.map((tick) => tick(15)));
  await finishAll();
  const later = follower();
  for (const seconds of [0, 15]) await later(seconds);
  expect([await due(), await queued()]).toEqual([['08:10'], 1]);
});
