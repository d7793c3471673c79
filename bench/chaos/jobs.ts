import { setTimeout as pause } from 'node:timers/promises';
import { cloudOf } from '../../clouds/registry.ts';
import type { Db } from '../../db/client.ts';
import type { Job, RunContext } from '../../jobs/job.ts';

/** How the runs are spread: jobs that people run, and one that the clock runs, each for a number of due times. */
export interface Workload {
  jobs: number;
  runsEach: number;
  ticks: number;
  /** Milliseconds that each of the three parts of a run takes, a fifth of it for the clock's, which run one after another. */
  partMs: number;
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

/**
 * The jobs of the test. Each run finds its amounts in a store of the cloud, as a load finds exports, and writes them in parts, a transaction a part, and each part replaces
 * what an earlier try wrote.
 */
export function chaosJobs({ jobs, partMs }: Workload, random: () => number): Job[] {
  const run = (name: string, ms: number) => (context: RunContext) => writeParts(name, context, { partMs: ms, random });
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
  { dueAt, signal, progress, transaction, config }: RunContext,
  { partMs, random }: { partMs: number; random: () => number },
): Promise<{ rows: number }> {
  const cloud = await cloudOf(STORE)?.open(config, signal);
  for (let part = 0; part < PARTS; part++) {
    progress({ done: part, total: PARTS });
    if (partMs > 0) await pause(partMs * (0.5 + random()), undefined, { signal });
    const found = await cloud?.findExports([`${STORE}${job}/${dueAt.toISOString()}/${part}`]);
    const amount = /\/([\d.]+)\.csv#/.exec(found?.groups[0]?.uris[0] ?? '')?.[1];
    if (amount === undefined) throw new Error('The store has no amount.');
    await transaction(async (client) => {
      await client.query('DELETE FROM ledger WHERE job = $1 AND due_at = $2 AND part = $3', [job, dueAt, part]);
      await client.query('INSERT INTO ledger VALUES ($1, $2, $3, $4)', [job, dueAt, part, amount]);
    });
  }
  progress({ done: PARTS, total: PARTS });
  return { rows: PARTS };
}

/** Where the amounts of the runs lie. */
const STORE = 's3://ledger/';

/** What the cloud says of a part of a run: decimal text that depends on nothing else; of the clock's runs, which are now, on the part alone. */
export function amountOf(prefix: string): string {
  const [job = '', dueAt = '', text = ''] = prefix.split('/');
  const part = Number(text);
  const seed = job === 'chaos-clock' ? part + 1 : (Date.parse(dueAt) / 86_400_000) * (part + 1);
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
