import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import type { Config } from '../config.ts';
import type { Actor } from '../db/audit/record.ts';
import { recordAudit } from '../db/audit/record.ts';
import type { Db } from '../db/client.ts';
import {
  findRun,
  insertRun,
  type JobRun,
  type JobState,
  lastRuns,
  listRuns,
  reopenRun,
  requestCancel,
} from '../db/queries/job-runs.ts';
import type { Queue } from '../db/queue.ts';
import { inTransaction } from '../db/transaction.ts';
import { PennyError } from '../errors.ts';
import { nextDue } from './due-times.ts';
import type { Job } from './job.ts';

/** A job with its next due time, its last run and its last success. */
export interface JobStatus {
  name: string;
  title: string;
  schedule: string;
  /** Null while something has to be set first, which `missing` says. */
  nextDueAt: Date | null;
  missing: string | null;
  lastRun: JobRun | null;
  lastSuccessAt: Date | null;
}

/** What a person may do with jobs; each thing done is audited. */
export interface JobDesk {
  list(): Promise<JobStatus[]>;
  runs(page: {
    job?: string;
    state?: JobState;
    limit: number;
    cursor?: string;
  }): Promise<{ items: JobRun[]; nextCursor?: string }>;
  /** @throws PennyError `not_found` */
  find(runId: number): Promise<JobRun>;
  /** Adds a run now, or for another due time. @throws PennyError `not_found`, `invalid_config`, `conflict` (that due time has a run) */
  run(name: string, actor: Actor, dueAt?: Date): Promise<JobRun>;
  /** Cancels what waits, asks what is under way to stop. @throws PennyError `not_found`, `conflict` (it is over) */
  cancel(runId: number, actor: Actor): Promise<JobRun>;
  /** Runs the due time of a run that is over once more. @throws PennyError `not_found`, `conflict` (it is not over) */
  rerun(runId: number, actor: Actor): Promise<JobRun>;
}

/** What schedules and people alike put into the queue. */
export interface DeskOptions {
  jobs: readonly Job[];
  db: Db;
  queue: Queue;
  config: Config;
  now: () => Date;
}

/** Runs that a person asked for come before those of the schedule. */
export const BY_HAND = 10;
/** What the queue waits beyond the timeout of a job, for a worker that is stuck. */
const EXPIRY_MARGIN_SECONDS = 30;

/** Puts a run into the queue, in the caller's transaction. */
export function enqueue(
  queue: Queue,
  client: pg.ClientBase,
  job: Job,
  { queueId, priority }: { queueId: string; priority: number },
): Promise<void> {
  return queue.send(client, {
    id: queueId,
    key: job.name,
    priority,
    retries: job.retries,
    expireSeconds: Math.ceil(job.timeoutMs / 1000) + EXPIRY_MARGIN_SECONDS,
  });
}

/** Returns the desk of these jobs. */
export function createJobDesk(options: DeskOptions): JobDesk {
  const { jobs, db, queue, config, now } = options;
  const jobNamed = (name: string): Job => {
    const job = jobs.find((one) => one.name === name);
    if (job !== undefined) return job;
    throw new PennyError('not_found', `There is no job ${name}; there are ${jobs.map((one) => one.name).join(', ')}.`);
  };
  const find = async (runId: number): Promise<JobRun> => {
    const run = await findRun(db.pool, runId);
    if (run === undefined) throw new PennyError('not_found', `There is no run ${runId}.`);
    return run;
  };
  const record = (client: pg.ClientBase, actor: Actor, event: string, run: JobRun): Promise<void> =>
    recordAudit(client, {
      ...actor,
      occurredAt: now(),
      event,
      subject: { type: 'job_run', id: String(run.runId) },
      details: { job: run.job, dueAt: run.dueAt.toISOString() },
    });

  return {
    async list() {
      const last = await lastRuns(db.pool);
      return jobs.map((job) => {
        const missing = job.missing?.(config) ?? null;
        return {
          ...{ name: job.name, title: job.title, schedule: job.schedule, missing },
          nextDueAt: missing === null ? nextDue(job.schedule, now()) : null,
          lastRun: last.get(job.name)?.run ?? null,
          lastSuccessAt: last.get(job.name)?.lastSuccessAt ?? null,
        };
      });
    },

    runs: (page) => listRuns(db.pool, page),
    find,

    async run(name, actor, dueAt = now()) {
      const job = jobNamed(name);
      const missing = job.missing?.(config);
      if (missing !== undefined) throw new PennyError('invalid_config', missing);
      return inTransaction(db, async (client) => {
        const queueId = randomUUID();
        const run = { job: name, dueAt, queueId, requestedBy: actor.actor, unlessWaiting: false };
        const runId = await insertRun(client, run);
        if (runId === undefined) {
          const at = dueAt.toISOString();
          throw new PennyError('conflict', `${name} has a run for ${at} already; rerun that one.`);
        }
        await enqueue(queue, client, job, { queueId, priority: BY_HAND });
        const added = (await findRun(client, runId)) as JobRun;
        await record(client, actor, 'job.requested', added);
        return added;
      });
    },

    async cancel(runId, actor) {
      const found = await find(runId);
      return inTransaction(db, async (client) => {
        const cancelled = await requestCancel(client, runId);
        if (cancelled === undefined) throw new PennyError('conflict', `Run ${runId} of ${found.job} is over already.`);
        // The worker of one under way ends it itself, so that the next run of the job does not begin beside it.
        if (cancelled.run.state === 'cancelled') await queue.cancel(client, cancelled.queueId);
        await record(client, actor, 'job.cancelled', cancelled.run);
        return cancelled.run;
      });
    },

    async rerun(runId, actor) {
      const job = jobNamed((await find(runId)).job);
      return inTransaction(db, async (client) => {
        const queueId = randomUUID();
        const again = await reopenRun(client, runId, { queueId, requestedBy: actor.actor });
        if (again === undefined) throw new PennyError('conflict', `Run ${runId} of ${job.name} is not over yet.`);
        await enqueue(queue, client, job, { queueId, priority: BY_HAND });
        await record(client, actor, 'job.rerun', again);
        return again;
      });
    },
  };
}
