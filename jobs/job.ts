import type pg from 'pg';
import type { Config } from '../config.ts';
import type { Db } from '../db/client.ts';
import type { JobProgress } from '../db/schema/job-runs.ts';
import type { Log } from '../log.ts';

/** What a run is given. */
export interface RunContext {
  /** When this try began. */
  now: Date;
  /** Which due time it is for; what it reads and writes depends on this, not on when it happens to run. */
  dueAt: Date;
  /** Aborted when the run was cancelled, took too long, was taken over by another worker, or the process stops. */
  signal: AbortSignal;
  log: Log;
  /** Says how far it is; as often as one likes, it is written down once a second. */
  progress(progress: JobProgress): void;
  db: Db;
  config: Config;
  /**
   * Returns what `work` makes in one transaction, which commits only while no other worker has taken the run over: a process that was
   * taken for dead and is not changes nothing any more.
   * @throws PennyError `conflict` when the run is not this process's any more
   */
  transaction<Result>(work: (client: pg.ClientBase) => Promise<Result>): Promise<Result>;
}

/** What a run did: how many rows it wrote, where it writes rows. */
export interface RunOutcome {
  rows?: number;
}

/**
 * Something that runs on a clock. A run may be tried several times and must then leave what one try leaves: it replaces what it wrote
 * for the same due time, or writes in one `transaction` what it can tell it wrote.
 */
export interface Job {
  /** 'verb-noun'; it names the file, the rows of `job_runs` and the label of the metrics. */
  name: string;
  /** What it does, for people. */
  title: string;
  /** Pattern of croner, five or six fields, UTC. */
  schedule: string;
  /** After which a try is stopped and counts as failed. */
  timeoutMs: number;
  /** Tries after the first, when what went wrong may pass. */
  retries: number;
  /** Which due times are made up for that were missed while nothing ran: the newest (default), or each, up to a hundred. */
  catchUp?: 'newest' | 'every';
  /** Runs as well whenever the bill has changed: its due time is then when the newest load was made. */
  afterLoads?: true;
  /** What has to be set for it to run, where that is missing; its schedule then rests. */
  missing?(config: Config): string | undefined;
  run(context: RunContext): Promise<RunOutcome>;
}
