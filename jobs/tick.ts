import { randomUUID } from 'node:crypto';
import { insertRun, lastDueTime } from '../db/queries/job-runs.ts';
import { newestLoad } from '../db/queries/loads.ts';
import { inTransaction } from '../db/transaction.ts';
import { type DeskOptions, enqueue } from './desk.ts';
import { missedSince, newestDue } from './due-times.ts';
import type { Job } from './job.ts';

/** How long no load may have come before jobs look at what came: an export often comes in several. */
const SETTLE_MS = 15_000;

/**
 * Returns a function that adds the runs that are due, to be called again and again, in every replica: the unique row of a due time
 * decides who adds it, and the row and its entry in the queue come in one transaction. Of what was missed while nothing ran the newest due
 * time is made up for. A due time that comes while an earlier one still waits for a worker is passed over, unless the job wants each.
 * `monotonicMs` tells how much time has passed, whatever the clock shows.
 */
export function createTick(options: DeskOptions, monotonicMs = () => performance.now()): () => Promise<void> {
  const [scheduled, afterLoads] = [createScheduled(options), createAfterLoads(options, monotonicMs)];
  return async () => {
    await scheduled();
    await afterLoads();
  };
}

function createScheduled(options: DeskOptions): () => Promise<void> {
  const { jobs, db, config, now } = options;
  const seen = new Map<string, number>();
  return async () => {
    for (const job of jobs) {
      if (job.missing?.(config) !== undefined) continue;
      const newest = newestDue(job.schedule, now());
      if (newest === undefined || seen.get(job.name) === newest.getTime()) continue;
      const last = job.catchUp === 'every' ? await lastDueTime(db.pool, job.name) : undefined;
      const due = last === undefined ? [newest] : missedSince(job.schedule, last, now());
      for (const dueAt of due) await addRun(options, job, dueAt);
      seen.set(job.name, newest.getTime());
    }
  };
}

/** Adds a run of each job that looks at the bill once its loads have come to rest; unique by the newest load, so replicas add it once. */
function createAfterLoads(options: DeskOptions, monotonicMs: () => number): () => Promise<void> {
  const jobs = options.jobs.filter((job) => job.afterLoads && job.missing?.(options.config) === undefined);
  let newest: { loadId: string; sinceMs: number; isDone: boolean } | undefined;
  return async () => {
    const load = jobs.length === 0 ? undefined : await newestLoad(options.db.pool);
    if (load === undefined) return;
    if (newest?.loadId !== load.loadId) newest = { loadId: load.loadId, sinceMs: monotonicMs(), isDone: false };
    if (newest.isDone || monotonicMs() - newest.sinceMs < SETTLE_MS) return;
    for (const job of jobs) await addRun(options, job, load.loadedAt);
    newest.isDone = true;
  };
}

async function addRun({ db, queue }: DeskOptions, job: Job, dueAt: Date): Promise<void> {
  await inTransaction(db, async (client) => {
    const queueId = randomUUID();
    const unlessWaiting = job.catchUp !== 'every';
    const runId = await insertRun(client, { job: job.name, dueAt, queueId, requestedBy: null, unlessWaiting });
    if (runId !== undefined) await enqueue(queue, client, job, { queueId, priority: 0 });
  });
}
