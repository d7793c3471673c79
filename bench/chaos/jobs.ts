import { setTimeout as pause } from 'node:timers/promises';
import type { Db } from '../../db/client.ts';
import { PennyError } from '../../errors.ts';
import type { Job, RunContext } from '../../jobs/job.ts';

/** How the runs are spread: jobs that people run, and one that the clock runs, each for a number of due times. */
export interface Workload {
  jobs: number;
  runsEach: number;
  ticks: number;
  /** Milliseconds that each of the three parts of a run takes, a fifth of it for the clock's, which run one after another. */
  partMs: number;
  /** Share of tries that fail in a way that may pass, as throttling and expired credentials do. */
  failures: number;
}

const PARTS = 3;
export const TICK_SECONDS = 2;
/** Due times of what people run; any will do, they only have to differ. */
export const dueTime = (index: number): Date => new Date(Date.UTC(2026, 0, 1 + index));

/**
 * A table without any constraint, so that what is written twice stands there twice. `amount` is money, and summed in SQL.
 */
export async function createLedger(db: Db): Promise<void> {
  await db.pool.query(
    'CREATE TABLE ledger (job text, due_at timestamptz, part integer, amount numeric); CREATE INDEX ON ledger (job, due_at)',
  );
}

/** The jobs of the test. Each run writes its amounts in parts, a transaction a part, and each part replaces what an earlier try wrote. */
export function chaosJobs({ jobs, partMs, failures }: Workload, random: () => number): Job[] {
  const run = (name: string, ms: number) => (context: RunContext) =>
    writeParts(name, context, { partMs: ms, failures, random });
  const byHand = Array.from({ length: jobs }, (_, index): Job => {
    const name = `chaos-${index}`;
    return { ...COMMON, name, schedule: '0 0 0 1 1 * 2099', run: run(name, partMs) };
  });
  const clock: Job = {
    ...COMMON,
    name: 'chaos-clock',
    schedule: `*/${TICK_SECONDS} * * * * *`,
    catchUp: 'every',
    run: run('chaos-clock', partMs / 5),
  };
  return [...byHand, clock];
}

const COMMON = { title: 'Writes amounts.', timeoutMs: 60_000, retries: 40 };

async function writeParts(
  job: string,
  { dueAt, signal, progress, transaction }: RunContext,
  { partMs, failures, random }: { partMs: number; failures: number; random: () => number },
): Promise<{ rows: number }> {
  const fails = random() < failures;
  for (let part = 0; part < PARTS; part++) {
    progress({ done: part, total: PARTS });
    if (partMs > 0) await pause(partMs * (0.5 + random()), undefined, { signal });
    if (fails && part === 1) throw new PennyError('rate_limited', 'The cloud says that this is too much.');
    await transaction(async (client) => {
      await client.query('DELETE FROM ledger WHERE job = $1 AND due_at = $2 AND part = $3', [job, dueAt, part]);
      await client.query('INSERT INTO ledger VALUES ($1, $2, $3, $4)', [job, dueAt, part, amountOf(job, dueAt, part)]);
    });
  }
  progress({ done: PARTS, total: PARTS });
  return { rows: PARTS };
}

/** Decimal text that depends on nothing but the run and the part; of the clock's runs on their distance from the first. */
function amountOf(job: string, dueAt: Date, part: number): string {
  const seed = job === 'chaos-clock' ? part + 1 : (dueAt.getTime() / 86_400_000) * (part + 1);
  return `${Math.round(seed) % 997}.${String((Math.round(seed) * 31) % 100).padStart(2, '0')}`;
}

/** Pseudo-random numbers from 0 to 1 (mulberry32): the same seed, the same numbers. */
export function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
