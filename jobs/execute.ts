import type { Config } from '../config.ts';
import { type Db, databaseError } from '../db/client.ts';
import { claimRun, endRun, failRun, type JobRun, lockHold } from '../db/queries/job-runs.ts';
import type { HeldEntry, Queue } from '../db/queue.ts';
import type { JobProgress } from '../db/schema/job-runs.ts';
import { inTransaction } from '../db/transaction.ts';
import { type ErrorCode, PennyError, toErrorBody } from '../errors.ts';
import type { Log } from '../log.ts';
import { type KeptHold, keepHold } from './hold.ts';
import type { Job, RunContext } from './job.ts';
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

type End = { kind: 'done'; rows: number | null } | { kind: 'cancelled' } | { kind: 'error'; err: unknown };
type Ending = End & { elapsedMs: number; progress: JobProgress | null };

async function tryRun(options: ExecuteOptions, entry: HeldEntry, run: JobRun, log: Log): Promise<Ending> {
  const started = performance.now();
  let progress: JobProgress | null = null;
  const hold = keepHold(options.db, run, log, () => progress);
  const show = (made: JobProgress): void => {
    progress = made;
  };
  const end = await runJob(options, entry, run, { hold, log, show }).finally(hold.end);
  return { ...end, progress, elapsedMs: Math.round(performance.now() - started) };
}

/** Does not throw: what went wrong is an end too. */
async function runJob(
  { jobs, db, config, now, stopping }: ExecuteOptions,
  entry: HeldEntry,
  run: JobRun,
  { hold, log, show }: { hold: KeptHold; log: Log; show: RunContext['progress'] },
): Promise<End> {
  if (run.cancelRequestedAt !== null) return { kind: 'cancelled' };
  const job = jobs.find(({ name }) => name === run.job);
  if (job === undefined) {
    return { kind: 'error', err: new PennyError('not_found', `This version of Penny has no job ${run.job}.`) };
  }
  const clock = new AbortController();
  const tooLong = setTimeout(() => clock.abort(new PennyError('job_timeout')), job.timeoutMs);
  const { cancelled, lost, transaction } = hold;
  const signal = AbortSignal.any([entry.signal, cancelled, lost, clock.signal, stopping]);
  try {
    const context = { now: now(), dueAt: run.dueAt, signal, log, db, config, progress: show, transaction };
    const { rows } = await job.run(context);
    return { kind: 'done', rows: rows ?? null };
  } catch (err) {
    if (cancelled.aborted) return { kind: 'cancelled' };
    return { kind: 'error', err: [clock.signal, stopping].find(({ aborted }) => aborted)?.reason ?? err };
  } finally {
    clearTimeout(tooLong);
  }
}

type Client = Parameters<Parameters<typeof inTransaction>[1]>[0];

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

const RETRIED = new Set<ErrorCode>(['conflict', 'rate_limited']);
