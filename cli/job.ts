import { setTimeout as wait } from 'node:timers/promises';
import type { Command } from 'commander';
import { z } from 'zod';
import { identify } from '../agent/identify.ts';
import type { Actor } from '../db/audit/record.ts';
import { migrateDatabase } from '../db/migrate.ts';
import { type OpenDatabase, openDatabase } from '../db/open.ts';
import type { JobRun } from '../db/queries/job-runs.ts';
import { openQueue, type Queue } from '../db/queue.ts';
import { ERRORS, type ErrorCode, PennyError } from '../errors.ts';
import { createJobDesk, type JobDesk, type JobStatus } from '../jobs/desk.ts';
import { startEngine } from '../jobs/engine.ts';
import { JOBS } from '../jobs/registry.ts';
import { alignRows } from './align.ts';
import { action, type CliContext } from './context.ts';
import { progressDisplay } from './progress.ts';

export function registerJob(program: Command): void {
  const job = program.command('job').description('jobs: list, run, cancel, rerun');
  job
    .command('list')
    .description('schedules, when each is due next, and how its last run went')
    .action(
      action((context) =>
        atDesk(context, async ({ desk }) => {
          const jobs = await desk.list();
          context.print(jobs, renderJobs(jobs));
        }),
      ),
    );
  job
    .command('run')
    .description('one run now; waits for it and shows how far it is. Ctrl-C cancels it')
    .argument('<name>', `the job: ${JOBS.map(({ name }) => name).join(', ')}`)
    .option('--at <instant>', 'the due time that it runs for, ISO 8601 (default: now)')
    .action(
      action<[string, { at?: string }]>((context, name, { at }) =>
        atDesk(context, async (counter) => {
          const run = await counter.desk.run(name, counter.actor, at === undefined ? undefined : readInstant(at));
          await follow(context, counter, run);
        }),
      ),
    );
  job
    .command('cancel')
    .description('stop a run that is under way, or take back one that waits')
    .argument('<id>', 'number of the run')
    .action(
      action<[string]>((context, id) =>
        atDesk(context, async ({ desk, actor }) => {
          const run = await desk.cancel(readId(id), actor);
          const done = run.state === 'cancelled' ? 'is cancelled' : 'was told to stop';
          context.print(run, `Run ${run.runId} of ${run.job} ${done}.`);
        }),
      ),
    );
  job
    .command('rerun')
    .description('run the due time of a run that is over once more; waits for it')
    .argument('<id>', 'number of the run')
    .action(
      action<[string]>((context, id) =>
        atDesk(context, async (at) => follow(context, at, await at.desk.rerun(readId(id), at.actor))),
      ),
    );
}

interface AtDesk {
  database: OpenDatabase;
  queue: Queue;
  desk: JobDesk;
  actor: Actor;
}

async function atDesk({ config, log, now }: CliContext, work: (at: AtDesk) => Promise<void>): Promise<void> {
  const database = await openDatabase(config, log);
  try {
    const { db } = database;
    await migrateDatabase(database.url);
    const queue = await openQueue(db, log, { watch: false });
    try {
      const local = await identify(db, { platform: 'local' });
      const actor: Actor = { actorId: local.userId, actor: local.email, surface: 'cli' };
      await work({ database, queue, actor, desk: createJobDesk({ jobs: JOBS, db, queue, config, now }) });
    } finally {
      await queue.close(1_000);
    }
  } finally {
    await database.close();
  }
}

const LOOK_MS = 200;

/**
 * Shows how far a run is until it is over. A worker of the service takes it, or this process does, so that the command also works
 * where no service runs.
 */
async function follow(context: CliContext, { database, desk, actor }: AtDesk, { runId }: JobRun): Promise<void> {
  const { config, log, now, json, signal, print } = context;
  const { db } = database;
  const display = progressDisplay({ silent: json });
  const queue = await openQueue(db, log, { watch: true });
  const quiet = log.child({}, { level: log.level === 'debug' ? 'debug' : 'error' });
  const options = { jobs: JOBS, db, queue, config, log: quiet, now };
  const engine = await startEngine({ ...options, slots: 1, pollSeconds: 0.5, onlyByHand: true });
  const cancel = (): void =>
    void desk.cancel(runId, actor).catch((err: unknown) => log.debug({ err }, 'not cancelled'));
  signal.addEventListener('abort', cancel, { once: true });
  try {
    let run = await desk.find(runId);
    for (; run.finishedAt === null; run = await desk.find(runId)) {
      if (run.state === 'failed') display.show({ done: run.attempt, text: `${run.errorMessage} It is tried again.` });
      else if (run.progress !== null) display.show(run.progress);
      await wait(LOOK_MS);
    }
    display.end();
    if (run.state === 'done') print(run, `Run ${runId} of ${run.job} is done${tally(run)}.`);
    else throw failureOf(run);
  } finally {
    signal.removeEventListener('abort', cancel);
    await engine.stop();
  }
}

function failureOf({ runId, job, state, errorCode, errorMessage }: JobRun): PennyError {
  if (state === 'cancelled') return new PennyError('conflict', `Run ${runId} of ${job} was cancelled.`);
  const code: ErrorCode = errorCode !== null && errorCode in ERRORS ? (errorCode as ErrorCode) : 'internal';
  return new PennyError(code, `Run ${runId} of ${job}: ${errorMessage}`);
}

function tally({ rowCount, elapsedMs }: JobRun): string {
  const rows = rowCount === null ? '' : `: ${rowCount} ${rowCount === 1 ? 'row' : 'rows'}`;
  return elapsedMs === null ? rows : `${rows} in ${durationText(elapsedMs)}`;
}

function durationText(ms: number): string {
  if (ms < 1_000) return `${ms} ms`;
  if (ms < 60_000) return `${(ms / 1_000).toFixed(1)} s`;
  const minutes = Math.floor(ms / 60_000);
  return minutes < 60
    ? `${minutes} min ${Math.round((ms % 60_000) / 1_000)} s`
    : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

const HEAD = ['job', 'schedule (UTC)', 'next', 'run', 'last', 'state', 'took', 'rows', 'error'];
const NUMERIC = [false, false, false, true, false, false, true, true, false];

function renderJobs(jobs: JobStatus[]): string {
  const rows = jobs.map(({ name, schedule, nextDueAt, missing, lastRun }) => [
    name,
    schedule,
    nextDueAt === null ? (missing === null ? 'never' : 'rests') : minuteText(nextDueAt),
    ...(lastRun === null ? ['', 'never', '', '', '', ''] : runCells(lastRun)),
  ]);
  const resting = jobs.flatMap(({ name, missing }) => (missing === null ? [] : [`${name} rests: ${missing}`]));
  return [...alignRows(HEAD, rows, NUMERIC), ...(resting.length > 0 ? ['', ...resting] : [])].join('\n');
}

function runCells({ runId, dueAt, state, elapsedMs, rowCount, errorMessage }: JobRun): string[] {
  const took = elapsedMs === null ? '' : durationText(elapsedMs);
  return [String(runId), minuteText(dueAt), state, took, rowCount === null ? '' : String(rowCount), errorMessage ?? ''];
}

function minuteText(instant: Date): string {
  return instant.toISOString().slice(0, 16).replace('T', ' ');
}

const instantSchema = z.iso.datetime({ offset: true }).or(z.iso.date());

function readInstant(text: string): Date {
  if (instantSchema.safeParse(text).success) return new Date(text);
  throw new PennyError('usage', `--at takes an instant such as 2026-11-01T03:40:00Z, not ${text}.`);
}

function readId(text: string): number {
  const id = Number(text);
  if (Number.isSafeInteger(id) && id > 0) return id;
  throw new PennyError('usage', `${text} is no number of a run; penny job list shows them.`);
}
