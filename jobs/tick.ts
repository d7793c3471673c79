import { randomUUID } from 'node:crypto';
import { insertRun, lastDueTime } from '../db/queries/job-runs.ts';
import { inTransaction } from '../db/transaction.ts';
import { type DeskOptions, enqueue } from './desk.ts';
import { missedSince, newestDue } from './due-times.ts';
import type { Job } from './job.ts';

/**
 * Returns a function that adds the runs that are due, to be called again and again, in every replica: the unique row of a due time
 * decides who adds it, and the row and its entry in the queue come in one transaction. Of what was missed while nothing ran the newest due
 * time is made up for. A due time that comes while an earlier one still waits for a worker is passed over, unless the job wants each.
 */
export function createTick(options: DeskOptions): () => Promise<void> {
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

async function addRun({ db, queue }: DeskOptions, job: Job, dueAt: Date): Promise<void> {
  await inTransaction(db, async (client) => {
    const queueId = randomUUID();
    const unlessWaiting = job.catchUp !== 'every';
    const runId = await insertRun(client, { job: job.name, dueAt, queueId, requestedBy: null, unlessWaiting });
    if (runId !== undefined) await enqueue(queue, client, job, { queueId, priority: 0 });
  });
}
