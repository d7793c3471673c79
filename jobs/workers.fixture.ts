import { setTimeout as wait } from 'node:timers/promises';
import { type Config, readConfig } from '../config.ts';
import type { Actor } from '../db/audit/record.ts';
import { closeDb, connect, type Db } from '../db/client.ts';
import type { JobRun } from '../db/queries/job-runs.ts';
import { openQueue } from '../db/queue.ts';
import { type TestDatabase, testDatabase } from '../db/testing.ts';
import { createLog } from '../log.ts';
import { createJobDesk, type JobDesk } from './desk.ts';
import { type Engine, type EngineOptions, startEngine } from './engine.ts';
import type { Job } from './job.ts';

export const ANNA: Actor = { actorId: null, actor: 'anna@example.com', surface: 'cli' };

/** A job that does nothing but what is given. */
export function jobThat(run: Job['run'], parts: Partial<Job> = {}): Job {
  // In a year that does not come, so that a test decides itself what is due.
  return {
    name: 'test-job',
    title: 'Tests.',
    schedule: '0 0 0 1 1 * 2099',
    timeoutMs: 20_000,
    retries: 2,
    run,
    ...parts,
  };
}

/** A database with a desk, and as many workers as a test starts, each with connections of its own as a process has. */
export interface Floor {
  db: Db;
  desk: JobDesk;
  database: TestDatabase;
  /** Lines of the log, as they were written. */
  lines: string[];
  start(options?: Partial<EngineOptions>): Promise<Engine>;
  close(): Promise<void>;
}

export async function openFloor(
  jobs: readonly Job[],
  { now = () => new Date('2026-11-24T12:00:00Z'), config = readConfig({}) }: { now?: () => Date; config?: Config } = {},
): Promise<Floor> {
  const database = await testDatabase();
  const lines: string[] = [];
  const log = createLog({ write: (line) => void lines.push(line) });
  const queue = await openQueue(database.db, log, { watch: false });
  const engines: Engine[] = [];
  const pools: Db[] = [];
  return {
    ...{ database, lines, db: database.db },
    desk: createJobDesk({ jobs, db: database.db, queue, config, now }),
    async start(options = {}) {
      const db = connect(database.url, { max: 6 });
      pools.push(db);
      const own = await openQueue(db, log, { watch: true });
      const engine = await startEngine({ jobs, db, queue: own, config, log, now, pollSeconds: 0.5, ...options });
      engines.push(engine);
      return engine;
    },
    async close() {
      await Promise.all(engines.map((engine) => engine.stop(0)));
      await queue.close(1_000);
      await Promise.all(pools.map(closeDb));
      await database.close();
    },
  };
}

/** Waits until a run is as it should be. The queue is looked into by polls, so there is nothing else to wait for. */
export async function runThat(
  desk: JobDesk,
  runId: number,
  isSo: (run: JobRun) => boolean,
  patienceMs = 30_000,
): Promise<JobRun> {
  const end = performance.now() + patienceMs;
  for (;;) {
    const run = await desk.find(runId);
    if (isSo(run)) return run;
    if (performance.now() > end) throw new Error(`The run did not come to be so: ${JSON.stringify(run)}`);
    await wait(50);
  }
}

/** Waits until a run is over. */
export function over(desk: JobDesk, runId: number): Promise<JobRun> {
  return runThat(desk, runId, ({ finishedAt }) => finishedAt !== null);
}
