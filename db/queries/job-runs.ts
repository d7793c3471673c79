import type pg from 'pg';
import { z } from 'zod';
import type { Db } from '../client.ts';
import { QUEUE_NAME } from '../queue.ts';
import type { JOB_STATES, JobProgress } from '../schema/job-runs.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';

export type JobState = (typeof JOB_STATES)[number];

/** A run of a job. Instants of what happened are the database's clock, the one that all replicas share. */
export interface JobRun {
  runId: number;
  job: string;
  dueAt: Date;
  state: JobState;
  /** Which try this is; 0 before the first. */
  attempt: number;
  worker: string | null;
  startedAt: Date | null;
  finishedAt: Date | null;
  retryAt: Date | null;
  cancelRequestedAt: Date | null;
  requestedBy: string | null;
  progress: JobProgress | null;
  rowCount: number | null;
  errorCode: string | null;
  errorMessage: string | null;
  /** Of the present or last try. */
  elapsedMs: number | null;
}

/** A try at a run: it may write to the run as long as no other try has begun. */
export interface Hold {
  runId: number;
  attempt: number;
}

type Client = pg.ClientBase | pg.Pool;

const COLUMNS = `run_id, job, due_at, state, attempt, worker, started_at, finished_at, retry_at, cancel_requested_at, requested_by,
  progress, row_count, error_code, error_message,
  1000 * extract(epoch FROM coalesce(finished_at, heartbeat_at, started_at) - started_at)::float8 AS elapsed_ms`;

interface RunRow {
  run_id: string;
  job: string;
  due_at: Date;
  state: JobState;
  attempt: number;
  worker: string | null;
  started_at: Date | null;
  finished_at: Date | null;
  retry_at: Date | null;
  cancel_requested_at: Date | null;
  requested_by: string | null;
  progress: JobProgress | null;
  row_count: string | null;
  error_code: string | null;
  error_message: string | null;
  elapsed_ms: number | null;
}

function toRun(row: RunRow): JobRun {
  return {
    runId: Number(row.run_id),
    job: row.job,
    dueAt: row.due_at,
    state: row.state,
    attempt: row.attempt,
    worker: row.worker,
    startedAt: row.started_at,
    finishedAt: row.finished_at,
    retryAt: row.retry_at,
    cancelRequestedAt: row.cancel_requested_at,
    requestedBy: row.requested_by,
    progress: row.progress,
    rowCount: row.row_count === null ? null : Number(row.row_count),
    errorCode: row.error_code,
    errorMessage: row.error_message,
    elapsedMs: row.elapsed_ms === null ? null : Math.round(row.elapsed_ms),
  };
}

/**
 * Adds the run of a due time and returns its number; undefined when that due time has one, whoever added it, or with `unlessWaiting`
 * when an earlier due time of the job still waits for a worker.
 */
export async function insertRun(
  client: Client,
  run: { job: string; dueAt: Date; queueId: string; requestedBy: string | null; unlessWaiting: boolean },
): Promise<number | undefined> {
  const { rows } = await client.query<{ run_id: string }>(
    `INSERT INTO job_runs (job, due_at, queue_id, requested_by)
     SELECT $1, $2, $3, $4 WHERE NOT ($5 AND EXISTS (SELECT FROM job_runs WHERE job = $1 AND state = 'due' AND due_at < $2))
     ON CONFLICT DO NOTHING RETURNING run_id`,
    [run.job, run.dueAt, run.queueId, run.requestedBy, run.unlessWaiting],
  );
  return rows[0] && Number(rows[0].run_id);
}

/**
 * Begins a try at the run of an entry of the queue and returns it; undefined when the run is over or has another entry by now. A
 * run that is under way according to its row is taken over: the queue gives an entry to one worker at a time.
 */
export async function claimRun(client: Client, queueId: string, worker: string): Promise<JobRun | undefined> {
  const { rows } = await client.query<RunRow>(
    `UPDATE job_runs SET state = 'running', attempt = attempt + 1, worker = $2, started_at = clock_timestamp(),
       heartbeat_at = clock_timestamp(), retry_at = NULL, progress = NULL
     WHERE queue_id = $1 AND finished_at IS NULL RETURNING ${COLUMNS}`,
    [queueId, worker],
  );
  return rows[0] && toRun(rows[0]);
}

/** Notes that the worker lives and how far it is. Returns whether the run is still its own, and whether it is asked to stop. */
export async function beat(
  client: Client,
  { runId, attempt }: Hold,
  progress: JobProgress | null,
): Promise<{ held: boolean; cancelRequested: boolean }> {
  const { rows } = await client.query<{ cancel_requested: boolean }>(
    `UPDATE job_runs SET heartbeat_at = clock_timestamp(), progress = $3
     WHERE run_id = $1 AND attempt = $2 AND state = 'running' RETURNING cancel_requested_at IS NOT NULL AS cancel_requested`,
    [runId, attempt, progress === null ? null : JSON.stringify(progress)],
  );
  return { held: rows.length > 0, cancelRequested: rows[0]?.cancel_requested === true };
}

/** Whether a try still holds its run. Until the caller's transaction ends nobody else can take it over. */
export async function lockHold(client: Client, { runId, attempt }: Hold): Promise<boolean> {
  const { rowCount } = await client.query(
    `SELECT FROM job_runs WHERE run_id = $1 AND attempt = $2 AND state = 'running' FOR SHARE`,
    [runId, attempt],
  );
  return rowCount === 1;
}

/** Ends a run that succeeded or was cancelled. Returns false when the try does not hold it any more. */
export async function endRun(
  client: Client,
  { runId, attempt }: Hold,
  end: { state: 'done' | 'cancelled'; rowCount: number | null; progress: JobProgress | null },
): Promise<boolean> {
  const { rowCount } = await client.query(
    `UPDATE job_runs SET state = $3, finished_at = clock_timestamp(), row_count = $4, progress = $5, error_code = NULL, error_message = NULL
     WHERE run_id = $1 AND attempt = $2 AND state = 'running'`,
    [runId, attempt, end.state, end.rowCount, end.progress === null ? null : JSON.stringify(end.progress)],
  );
  return rowCount === 1;
}

/**
 * Writes down that a try failed: the run is 'failed' while the queue holds it for another try, which has to be said to the queue
 * first, and else 'dead'. Returns the state; undefined when the try does not hold the run any more.
 */
export async function failRun(
  client: Client,
  { runId, attempt }: Hold,
  error: { code: string; message: string },
): Promise<JobState | undefined> {
  const { rows } = await client.query<{ state: JobState }>(
    `UPDATE job_runs SET error_code = $3, error_message = $4, ${FAILED_OR_DEAD}
     WHERE run_id = $1 AND attempt = $2 AND state = 'running' RETURNING state`,
    [runId, attempt, error.code, error.message],
  );
  return rows[0]?.state;
}

/** The entry of a run, which the queue finds by its own name and the entry's number. */
const ENTRY = `FROM pgboss.job WHERE name = '${QUEUE_NAME}' AND id = job_runs.queue_id`;
const NEXT_TRY = `(SELECT start_after ${ENTRY} AND state = 'retry')`;
const FAILED_OR_DEAD = `retry_at = ${NEXT_TRY},
  state = CASE WHEN ${NEXT_TRY} IS NULL THEN 'dead' ELSE 'failed' END,
  finished_at = CASE WHEN ${NEXT_TRY} IS NULL THEN clock_timestamp() END`;

/**
 * Brings runs in line with the queue where their worker died and could not: those that the queue will hand out again become
 * 'failed', those that it gave up or does not know become 'dead'. Returns them.
 */
export async function settleLostRuns(
  client: Client,
  error: { code: string; message: string },
): Promise<Pick<JobRun, 'runId' | 'job' | 'state'>[]> {
  const { rows } = await client.query<{ run_id: string; job: string; state: JobState }>(
    `UPDATE job_runs SET error_code = coalesce(CASE WHEN state <> 'running' THEN error_code END, $1),
       error_message = coalesce(CASE WHEN state <> 'running' THEN error_message END, $2), ${FAILED_OR_DEAD}
     WHERE finished_at IS NULL AND (
       state = 'running' AND EXISTS (SELECT ${ENTRY} AND state = 'retry')
       OR NOT EXISTS (SELECT ${ENTRY} AND state < 'completed'))
     RETURNING run_id, job, state`,
    [error.code, error.message],
  );
  return rows.map(({ run_id, job, state }) => ({ runId: Number(run_id), job, state }));
}

/**
 * Cancels a run that waits, or asks the worker of one under way to stop. Returns the run and its entry in the queue; undefined when it is
 * over or there is none.
 */
export async function requestCancel(
  client: Client,
  runId: number,
): Promise<{ run: JobRun; queueId: string } | undefined> {
  const { rows } = await client.query<RunRow & { queue_id: string }>(
    `UPDATE job_runs SET cancel_requested_at = clock_timestamp(), retry_at = NULL,
       state = CASE state WHEN 'running' THEN 'running' ELSE 'cancelled' END,
       finished_at = CASE state WHEN 'running' THEN NULL ELSE clock_timestamp() END
     WHERE run_id = $1 AND finished_at IS NULL RETURNING queue_id, ${COLUMNS}`,
    [runId],
  );
  return rows[0] && { run: toRun(rows[0]), queueId: rows[0].queue_id };
}

/** Makes a run that is over due again, with a new entry in the queue. Returns it; undefined when it is not over or there is none. */
export async function reopenRun(
  client: Client,
  runId: number,
  again: { queueId: string; requestedBy: string | null },
): Promise<JobRun | undefined> {
  const { rows } = await client.query<RunRow>(
    `UPDATE job_runs SET state = 'due', queue_id = $2, requested_by = $3, finished_at = NULL, cancel_requested_at = NULL, progress = NULL,
       row_count = NULL, error_code = NULL, error_message = NULL, worker = NULL, started_at = NULL, heartbeat_at = NULL
     WHERE run_id = $1 AND finished_at IS NOT NULL RETURNING ${COLUMNS}`,
    [runId, again.queueId, again.requestedBy],
  );
  return rows[0] && toRun(rows[0]);
}

export async function findRun(client: Client, runId: number): Promise<JobRun | undefined> {
  const { rows } = await client.query<RunRow>(`SELECT ${COLUMNS} FROM job_runs WHERE run_id = $1`, [runId]);
  return rows[0] && toRun(rows[0]);
}

/** The last run of each job that was due, under way before waiting, and when the job last succeeded. */
export async function lastRuns(client: Client): Promise<Map<string, { run: JobRun; lastSuccessAt: Date | null }>> {
  const { rows } = await client.query<RunRow & { last_success_at: Date | null }>(
    `SELECT DISTINCT ON (job) ${COLUMNS},
       (SELECT max(finished_at) FROM job_runs AS done WHERE done.job = job_runs.job AND done.state = 'done') AS last_success_at
     FROM job_runs ORDER BY job, (state = 'running') DESC, due_at DESC`,
  );
  return new Map(rows.map((row) => [row.job, { run: toRun(row), lastSuccessAt: row.last_success_at }]));
}

/** The newest due time of each job that has a run; of a run by hand too. */
export async function lastDueTime(client: Client, job: string): Promise<Date | undefined> {
  const { rows } = await client.query<{ due_at: Date | null }>(
    'SELECT max(due_at) AS due_at FROM job_runs WHERE job = $1 AND requested_by IS NULL',
    [job],
  );
  return rows[0]?.due_at ?? undefined;
}

const place = z.number().int();

/** Runs, the newest first, a page at a time. */
export async function listRuns(
  client: Client,
  { job, state, limit, cursor }: { job?: string; state?: JobState; limit: number; cursor?: string },
): Promise<{ items: JobRun[]; nextCursor?: string }> {
  const before = cursor === undefined ? null : decodeCursor(place, cursor);
  const { rows } = await client.query<RunRow>(
    `SELECT ${COLUMNS} FROM job_runs WHERE ($1::text IS NULL OR job = $1) AND ($2::text IS NULL OR state = $2)
       AND ($3::bigint IS NULL OR run_id < $3) ORDER BY run_id DESC LIMIT $4`,
    [job ?? null, state ?? null, before, limit + 1],
  );
  const items = rows.slice(0, limit).map(toRun);
  const last = items.at(-1);
  return rows.length > limit && last !== undefined ? { items, nextCursor: encodeCursor(last.runId) } : { items };
}

/** How many runs of each job are in each state, and the seconds since it last succeeded; null when it never did. For the metrics. */
export async function countRuns({
  pool,
}: Db): Promise<{ job: string; states: Partial<Record<JobState, number>>; successAgeSeconds: number | null }[]> {
  const { rows } = await pool.query<{ job: string; states: Partial<Record<JobState, number>>; age: number | null }>(
    `SELECT job, jsonb_object_agg(state, count) AS states, min(age) AS age FROM (
       SELECT job, state, count(*), min(extract(epoch FROM clock_timestamp() - finished_at)::float8) FILTER (WHERE state = 'done') AS age
       FROM job_runs GROUP BY job, state) AS counted GROUP BY job`,
  );
  return rows.map(({ job, states, age }) => ({ job, states, successAgeSeconds: age }));
}
