import type { Config } from '../config.ts';
import { type Db, databaseError } from '../db/client.ts';
import { beat, claimRun, endRun, failRun, type Hold, type JobRun, lockHold } from '../db/queries/job-runs.ts';
import type { HeldEntry, Queue } from '../db/queue.ts';
import type { JobProgress } from '../db/schema/job-runs.ts';
import { inTransaction } from '../db/transaction.ts';
import { type ERRORS, PennyError, toErrorBody } from '../errors.ts';
import type { Log } from '../log.ts';
import type { Job } from './job.ts';
import { observeRun } from './metrics.ts';

export interface ExecuteOptions {
  jobs: readonly Job[];
  db: Db;
  queue: Queue;
  config: Config;
  log: Log;
  now: () => Date;
  /** Names this process among the replicas. */
  worker: string;
  /** Aborted when the process stops and does not wait any longer. */
  stopping: AbortSignal;
}

const BEAT_MS = 1_000;

/**
 * Runs what an entry of the queue stands for and writes down how it ended, in the run's row and in the queue at once. Throws only when
 * the database cannot be reached; the queue then hands the entry out again.
 */
export async function execute(options: ExecuteOptions, entry: HeldEntry): Promise<void> {
  const { db, queue, worker } = options;
  const run = await claimRun(db.pool, entry.id, worker);
  // The run is over, or somebody ran it again: its present entry is another one.
  if (run === undefined) return inTransaction(db, (client) => queue.complete(client, entry));
  const log = options.log.child({ job: run.job, runId: run.runId, attempt: run.attempt });
  log.info({ dueAt: run.dueAt }, 'a job begins');
  const ending = await tryRun(options, entry, run, log);
  const state = await inTransaction(db, (client) => writeEnding(client, queue, entry, run, ending));
  if (state === undefined) log.warn('a job ended after another worker had taken it over; nothing was written');
  else {
    observeRun(run.job, state, ending.elapsedMs / 1000);
    log[ending.kind === 'error' ? 'warn' : 'info']({ ...ending, state }, 'a job ended');
  }
}

type Ending = { elapsedMs: number; progress: JobProgress | null } & (
  | { kind: 'done'; rows: number | null }
  | { kind: 'cancelled' }
  | { kind: 'error'; err: unknown }
);

async function tryRun(options: ExecuteOptions, entry: HeldEntry, run: JobRun, log: Log): Promise<Ending> {
  const { jobs, db, config, now, stopping } = options;
  const started = performance.now();
  const cancelled = new AbortController();
  const lost = new AbortController();
  const clock = new AbortController();
  let progress: JobProgress | null = null;
  const hold: Hold = { runId: run.runId, attempt: run.attempt };
  const look = async (): Promise<void> => {
    const { held, cancelRequested } = await beat(db.pool, hold, progress);
    if (!held) lost.abort(new PennyError('conflict', 'Another worker has taken the run over.'));
    if (cancelRequested) cancelled.abort(new PennyError('conflict', 'The run was cancelled.'));
  };
  const ended = (
    end: { kind: 'done'; rows: number | null } | { kind: 'cancelled' } | { kind: 'error'; err: unknown },
  ) => ({
    ...end,
    progress,
    elapsedMs: Math.round(performance.now() - started),
  });
  // A beat that does not get through is no reason to stop: the next may, and without any the queue takes the run away.
  const beats = setInterval(
    () => look().catch((err: unknown) => log.warn({ err }, 'a job could not show that it lives')),
    BEAT_MS,
  );
  try {
    if (run.cancelRequestedAt !== null) return ended({ kind: 'cancelled' });
    const job = jobs.find(({ name }) => name === run.job);
    if (job === undefined) throw new PennyError('not_found', `This version of Penny has no job ${run.job}.`);
    const tooLong = setTimeout(() => clock.abort(new PennyError('job_timeout')), job.timeoutMs);
    try {
      const signal = AbortSignal.any([entry.signal, cancelled.signal, lost.signal, clock.signal, stopping]);
      const { rows } = await job.run({
        ...{ now: now(), dueAt: run.dueAt, signal, log, db, config },
        progress: (made) => {
          progress = made;
        },
        transaction: (work) => inTransaction(db, (client) => whileHeld(client, hold, work)),
      });
      return ended({ kind: 'done', rows: rows ?? null });
    } finally {
      clearTimeout(tooLong);
    }
  } catch (err) {
    if (cancelled.signal.aborted) return ended({ kind: 'cancelled' });
    return ended({ kind: 'error', err: [clock.signal, stopping].find(({ aborted }) => aborted)?.reason ?? err });
  } finally {
    clearInterval(beats);
  }
}

type Client = Parameters<Parameters<typeof inTransaction>[1]>[0];

async function whileHeld<Result>(
  client: Client,
  hold: Hold,
  work: (client: Client) => Promise<Result>,
): Promise<Result> {
  const result = await work(client);
  if (await lockHold(client, hold)) return result;
  throw new PennyError('conflict', 'Another worker has taken the run over; nothing was written.');
}

/** Returns the state that the run is in now; undefined when it is not this worker's any more. */
async function writeEnding(
  client: Client,
  queue: Queue,
  entry: HeldEntry,
  run: JobRun,
  ending: Ending,
): Promise<JobRun['state'] | undefined> {
  if (ending.kind !== 'error') {
    const rowCount = ending.kind === 'done' ? ending.rows : null;
    const written = await endRun(client, run, { state: ending.kind, rowCount, progress: ending.progress });
    if (written) await queue.complete(client, entry);
    return written ? ending.kind : undefined;
  }
  if (!(await lockHold(client, run))) return undefined;
  // The run is 'failed' or 'dead' as the queue will try it again or not.
  if (mayPass(ending.err)) await queue.fail(client, entry);
  else await queue.complete(client, entry);
  return failRun(client, run, toErrorBody(databaseError(ending.err)).error);
}

/** Whether another try may succeed: not where something in files, settings or permissions has to be changed first. */
export function mayPass(error: unknown): boolean {
  const known = databaseError(error);
  if (!(known instanceof PennyError)) return true;
  return known.status >= 500 ? known.code !== 'invalid_config' : RETRIED.has(known.code);
}

const RETRIED = new Set<keyof typeof ERRORS>(['conflict', 'rate_limited']);
