import { sql } from 'drizzle-orm';
import { bigint, check, index, integer, jsonb, pgTable, text, unique, uuid } from 'drizzle-orm/pg-core';
import { instant, oneOf } from './columns.ts';
import { describe } from './describe.ts';

export const JOB_STATES = ['due', 'running', 'done', 'failed', 'cancelled', 'dead'] as const;

/** How far a run is. `total` is absent where nobody knows it yet. */
export interface JobProgress {
  done: number;
  total?: number;
  /** What is being done, for people: 'March 2026, file 2 of 7'. */
  text?: string;
}

export const jobRuns = describe(
  pgTable(
    'job_runs',
    {
      runId: bigint({ mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
      job: text().notNull(),
      dueAt: instant().notNull(),
      state: text({ enum: JOB_STATES }).notNull().default('due'),
      attempt: integer().notNull().default(0),
      worker: text(),
      startedAt: instant(),
      heartbeatAt: instant(),
      finishedAt: instant(),
      retryAt: instant(),
      cancelRequestedAt: instant(),
      queueId: uuid(),
      requestedBy: text(),
      progress: jsonb().$type<JobProgress>(),
      rowCount: bigint({ mode: 'number' }),
      errorCode: text(),
      errorMessage: text(),
    },
    (table) => [
      unique('job_runs_once').on(table.job, table.dueAt),
      index('job_runs_unfinished').on(table.state, table.dueAt).where(sql`${table.finishedAt} IS NULL`),
      oneOf('job_runs_state', table.state, JOB_STATES),
      check('job_runs_attempt', sql`${table.attempt} >= 0`),
      check(
        'job_runs_running',
        sql`${table.state} <> 'running' OR num_nulls(${table.worker}, ${table.startedAt}, ${table.heartbeatAt}) = 0`,
      ),
      check(
        'job_runs_finished',
        sql`(${table.state} IN ('done', 'cancelled', 'dead')) = (${table.finishedAt} IS NOT NULL)`,
      ),
      check('job_runs_retry', sql`(${table.state} = 'failed') = (${table.retryAt} IS NOT NULL)`),
      check('job_runs_error', sql`${table.state} NOT IN ('failed', 'dead') OR ${table.errorCode} IS NOT NULL`),
    ],
  ),
  'Runs of the jobs, one row per job and due time, however many processes share the work.',
  {
    runId: 'Number of the run.',
    job: "Name of the job, for example 'ingest-billing'.",
    dueAt: 'When it was due; a due time runs once.',
    state: 'due, running, done, failed (will be tried again), cancelled or dead (given up).',
    attempt: 'Which try this is; 0 before the first.',
    worker: 'The process that runs it.',
    startedAt: 'When the present try started.',
    heartbeatAt: 'When the process last showed that it lives.',
    finishedAt: 'When it was done, cancelled or given up.',
    retryAt: 'When a failed run is tried again.',
    cancelRequestedAt: 'When somebody asked that it be stopped.',
    queueId: 'Its entry in the queue (schema pgboss).',
    requestedBy: 'Who ran it by hand; NULL when the schedule did.',
    progress: 'How far it is.',
    rowCount: 'Rows it wrote.',
    errorCode: 'What went wrong (docs/errors.md).',
    errorMessage: 'The safe words for it.',
  },
);
