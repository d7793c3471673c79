import { hostname } from 'node:os';
import type { Config } from '../config.ts';
import type { Db } from '../db/client.ts';
import { settleLostRuns } from '../db/queries/job-runs.ts';
import type { Queue } from '../db/queue.ts';
import { ERRORS, PennyError } from '../errors.ts';
import type { Log } from '../log.ts';
import { BY_HAND } from './desk.ts';
import { execute } from './execute.ts';
import type { Job } from './job.ts';
import { repeat } from './repeat.ts';
import { createTick } from './tick.ts';

export interface EngineOptions {
  jobs: readonly Job[];
  db: Db;
  queue: Queue;
  config: Config;
  log: Log;
  now: () => Date;
  /** Runs at a time in this process. */
  slots?: number;
  /** How often an idle slot looks into the queue; at least half a second. */
  pollSeconds?: number;
  /** Leaves schedules to others and works only on what people ask for: for a command beside the service. */
  onlyByHand?: boolean;
}

/** Workers at work. */
export interface Engine {
  /** Takes no more runs, lets those under way finish for `drainMs`, stops the rest, which another worker takes over, and ends. */
  stop(drainMs?: number): Promise<void>;
}

const SLOTS = 2;
const POLL_SECONDS = 2;
const DRAIN_MS = 10_000;
/** What a run that was told to stop gets to do so. */
const STOP_MS = 5_000;

/** Starts this process's share of the work: adds what is due, runs what waits, and settles what dead workers left. Closes `queue` when it stops. */
export async function startEngine(options: EngineOptions): Promise<Engine> {
  const { db, queue, log, slots = SLOTS, pollSeconds = POLL_SECONDS, onlyByHand = false } = options;
  const stopping = new AbortController();
  const worker = `${hostname()}/${process.pid}`;
  const tick = createTick(options);
  const settle = async (): Promise<void> => {
    const error = { code: 'job_lost', message: ERRORS.job_lost.message };
    for (const lost of await settleLostRuns(db.pool, error)) log.warn(lost, 'the worker of a job went away');
  };
  const problem = 'the jobs could not be looked after; it is tried again';
  const repeated = onlyByHand ? [] : [repeat(tick, log, problem), repeat(settle, log, problem)];
  const settings = { slots, pollSeconds, minPriority: onlyByHand ? BY_HAND : 0 };
  await queue.work(settings, (entry) => execute({ ...options, worker, stopping: stopping.signal }, entry));
  return {
    async stop(drainMs = DRAIN_MS) {
      await Promise.all(repeated.map((end) => end()));
      const late = setTimeout(() => stopping.abort(new PennyError('job_lost', 'Its process was stopped.')), drainMs);
      await queue.close(drainMs + STOP_MS);
      clearTimeout(late);
    },
  };
}
