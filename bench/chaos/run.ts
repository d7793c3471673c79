import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { readConfig } from '../../config.ts';
import { closeDb, connect, type Db } from '../../db/client.ts';
import { findPostmaster } from '../../db/embedded/postmaster.ts';
import { type Embedded, openEmbedded, stopEmbedded } from '../../db/embedded.ts';
import { migrateDatabase } from '../../db/migrate.ts';
import { openQueue } from '../../db/queue.ts';
import { createJobDesk } from '../../jobs/desk.ts';
import { createTick } from '../../jobs/tick.ts';
import { log } from '../../log.ts';
import { type FaultCounts, type Faults, openStandIn, type StandIn } from './cloud.ts';
import { amountOf, chaosJobs, createLedger, dueTime, randomOf, TICK_SECONDS, type Workload } from './jobs.ts';
import { openRelay, type Relay } from './relay.ts';

export interface ChaosOptions extends Workload {
  faults: Faults;
  workers: number;
  kills: number;
  /** The first in order, every second one a crash. */
  restarts: number;
  /** Milliseconds between kills, on average. */
  killEveryMs: number;
  seed: number;
  /** After which it is given up. */
  patienceMs: number;
  tell?: (line: string) => void;
}

/** What came of it. A run is lost when it is not done or an amount of it is missing, doubled when an amount stands there twice. */
export interface ChaosReport {
  runs: number;
  done: number;
  attempts: number;
  kills: number;
  restarts: number;
  /** What the cloud did. */
  faults: FaultCounts;
  /** Runs that took more than one try: because their worker was gone, the database or the cloud. */
  takenOver: number;
  lost: number;
  doubled: number;
  /** Runs that are not done, with what was said of them last. */
  open: string[];
  /** Sum of all amounts, with and without the disturbances. */
  total: string;
  undisturbed: string;
  seconds: number;
}

/** Runs the workload twice on a Postgres of its own, disturbed and undisturbed, and compares. */
export async function runChaos(given: ChaosOptions): Promise<ChaosReport> {
  const began = performance.now();
  const home = mkdtempSync(join(tmpdir(), 'penny-chaos-'));
  log.level = 'fatal';
  const relay = await openRelay();
  const cloud = await openStandIn(amountOf, randomOf(given.seed));
  const options: Chaos = { ...given, endpoint: cloud.endpoint };
  let server = await openEmbedded(home, log);
  try {
    const undisturbed = await withDatabase(server.url, relay, server, 'calm', (db, url) => runCalmly(db, url, options));
    const before = { ...cloud.counts };
    cloud.disturb(options.faults);
    const disturbed = await withDatabase(server.url, relay, server, 'chaos', async (db, url) =>
      disturb(db, url, options, async (crash) => {
        relay.aim(0);
        server = await restart(home, server, crash);
        relay.aim(portOf(server));
      }),
    );
    const faults = countsSince(cloud, before);
    return { ...disturbed, faults, undisturbed, seconds: Math.round((performance.now() - began) / 100) / 10 };
  } finally {
    relay.close();
    cloud.close();
    await server.close();
    await stopEmbedded(home);
    rmSync(home, { recursive: true, force: true });
  }
}

/** With the address of the cloud that the runs read. */
type Chaos = ChaosOptions & { endpoint: string };

function countsSince({ counts }: StandIn, before: FaultCounts): FaultCounts {
  const names = Object.keys(counts) as (keyof FaultCounts)[];
  return Object.fromEntries(names.map((name) => [name, counts[name] - before[name]])) as unknown as FaultCounts;
}

async function withDatabase<Result>(
  serverUrl: string,
  relay: Relay,
  server: Embedded,
  name: string,
  work: (db: Db, url: string) => Promise<Result>,
): Promise<Result> {
  const owner = connect(serverUrl, { max: 1 });
  await owner.pool.query(`CREATE DATABASE ${name}`);
  await closeDb(owner);
  relay.aim(portOf(server));
  const url = new URL(serverUrl);
  url.port = String(relay.port);
  url.pathname = `/${name}`;
  await migrateDatabase(url.href);
  const db = connect(url.href, { max: 6 });
  try {
    await createLedger(db);
    return await work(db, url.href);
  } finally {
    await closeDb(db);
  }
}

const portOf = ({ url }: Embedded): number => Number(new URL(url).port);

async function restart(home: string, server: Embedded, crash: boolean): Promise<Embedded> {
  if (crash) {
    const found = findPostmaster(join(home, 'postgres', 'data'));
    // Postgres's immediate shutdown: nothing is written any more, and the next start recovers from the log.
    if (found !== undefined) process.kill(found.pid, 'SIGQUIT');
  } else await stopEmbedded(home);
  await server.close();
  return openEmbedded(home, log);
}

/** Adds the runs that people ask for, and the first one of the clock. */
async function addRuns(db: Db, options: Chaos, start: Date): Promise<void> {
  const queue = await openQueue(db, log, { watch: false });
  const jobs = chaosJobs(options, randomOf(0));
  const shared = { jobs, db, queue, config: readConfig({}), now: () => start };
  const desk = createJobDesk(shared);
  const actor = { actorId: null, actor: 'chaos', surface: 'cli' } as const;
  for (let index = 0; index < options.runsEach; index++)
    for (const { name } of jobs.slice(0, options.jobs)) await desk.run(name, actor, dueTime(index));
  if (options.ticks > 0) await createTick(shared)();
  await queue.close(1_000);
}

/** The clock's first due time, from now on, and the last one. */
function clockOf({ ticks }: Workload): { start: Date; last: number } {
  const step = TICK_SECONDS * 1000;
  const start = Math.floor(Date.now() / step) * step;
  return { start: new Date(start), last: start + (ticks - 1) * step };
}

const allRuns = ({ jobs, runsEach, ticks }: Workload): number => jobs * runsEach + ticks;

/** One worker, whose clock is at its end from the beginning: every due time is made up for. */
async function runCalmly(db: Db, url: string, options: Chaos): Promise<string> {
  const calm = { ...options, partMs: 0 };
  const { start, last } = clockOf(calm);
  const earlier = last - start.getTime();
  await addRuns(db, calm, new Date(start.getTime() - earlier));
  const worker = startWorker(url, calm, 0, last - earlier);
  try {
    await untilDone(db, options);
  } finally {
    worker.kill('SIGKILL');
  }
  return totalOf(db);
}

async function disturb(
  db: Db,
  url: string,
  options: Chaos,
  restartServer: (crash: boolean) => Promise<void>,
): Promise<Omit<ChaosReport, 'undisturbed' | 'seconds' | 'faults'>> {
  const random = randomOf(options.seed);
  const { start, last } = clockOf(options);
  await addRuns(db, options, start);
  let started = 0;
  const launch = () => startWorker(url, options, options.seed + ++started, last);
  const workers = Array.from({ length: options.workers }, launch);
  let [kills, restarts] = [0, 0];
  try {
    const end = performance.now() + options.patienceMs;
    while (kills < options.kills && performance.now() < end) {
      await pause(options.killEveryMs * (0.5 + random()));
      const victim = Math.floor(random() * workers.length);
      workers[victim]?.kill('SIGKILL');
      workers[victim] = launch();
      kills++;
      if (kills >= ((restarts + 1) * options.kills) / (options.restarts + 1) && restarts < options.restarts) {
        await restartServer(restarts % 2 === 1);
        restarts++;
      }
      options.tell?.(`${kills} killed, ${restarts} restarts, ${await countDone(db)} of ${allRuns(options)} done`);
    }
    await untilDone(db, options, end);
    return { ...(await verdict(db, options)), kills, restarts };
  } finally {
    for (const worker of workers) worker.kill('SIGKILL');
  }
}

/** The role that is assumed, and the keys to do so with. */
const CLOUD = {
  PENNY_AWS_ROLE_ARN: 'arn:aws:iam::{account}:role/penny-reader',
  PENNY_AWS_MANAGEMENT_ACCOUNT: '111122223333',
  AWS_ACCESS_KEY_ID: 'OWN',
  AWS_SECRET_ACCESS_KEY: 'secret',
};

function startWorker(url: string, options: Chaos, seed: number, last: number): ChildProcess {
  const own = fileURLToPath(import.meta.url);
  const isSource = own.endsWith('.ts');
  const { jobs, runsEach, ticks, partMs, endpoint } = options;
  const workload: Workload = { jobs, runsEach, ticks, partMs };
  const script = join(own, '..', isSource ? 'worker.ts' : 'worker.js');
  const args = [url, JSON.stringify(workload), String(seed), String(last)];
  return spawn(process.execPath, [...(isSource ? ['--import', 'tsx'] : []), script, ...args], {
    stdio: 'inherit',
    env: { ...CLOUD, AWS_ENDPOINT_URL: endpoint },
  });
}

async function untilDone(db: Db, options: ChaosOptions, end = performance.now() + options.patienceMs): Promise<void> {
  while (performance.now() < end && (await countDone(db)) < allRuns(options)) await pause(250);
}

/** Postgres may be away just now: then it is asked again. */
async function countDone(db: Db): Promise<number> {
  for (;;) {
    const counted = await db.pool
      .query<{ count: string }>("SELECT count(*) FROM job_runs WHERE state = 'done'")
      .catch(() => undefined);
    if (counted !== undefined) return Number(counted.rows[0]?.count);
    await pause(200);
  }
}

async function totalOf(db: Db): Promise<string> {
  const { rows } = await db.pool.query<{ total: string }>('SELECT coalesce(sum(amount), 0)::text AS total FROM ledger');
  return rows[0]?.total ?? '';
}

async function verdict(
  db: Db,
  options: ChaosOptions,
): Promise<Pick<ChaosReport, 'runs' | 'done' | 'attempts' | 'takenOver' | 'lost' | 'doubled' | 'open' | 'total'>> {
  const { rows } = await db.pool.query<
    Record<'runs' | 'done' | 'attempts' | 'taken_over' | 'whole' | 'doubled', string>
  >(
    `WITH written AS (SELECT job, due_at, count(*) AS rows, count(DISTINCT part) AS parts FROM ledger GROUP BY job, due_at)
     SELECT count(*) AS runs, count(*) FILTER (WHERE state = 'done') AS done, sum(attempt) AS attempts,
       count(*) FILTER (WHERE attempt > 1) AS taken_over,
       count(*) FILTER (WHERE state = 'done' AND parts = 3) AS whole,
       (SELECT count(*) FROM written WHERE rows > parts) + (SELECT count(*) FROM written WHERE NOT EXISTS
         (SELECT FROM job_runs r WHERE r.job = written.job AND r.due_at = written.due_at)) AS doubled
     FROM job_runs LEFT JOIN written USING (job, due_at)`,
  );
  const [row] = rows;
  return {
    runs: Number(row?.runs),
    done: Number(row?.done),
    attempts: Number(row?.attempts),
    takenOver: Number(row?.taken_over),
    // What should be there and is not, whether its run is missing or something of it.
    lost: allRuns(options) - Number(row?.whole),
    doubled: Number(row?.doubled) + Math.max(0, Number(row?.runs) - allRuns(options)),
    open: await openRuns(db),
    total: await totalOf(db),
  };
}

async function openRuns(db: Db): Promise<string[]> {
  const { rows } = await db.pool.query<{ told: string }>(
    `SELECT concat_ws(' ', job, due_at, state, 'try ' || attempt, 'again at ' || retry_at, error_code, error_message) AS told
     FROM job_runs WHERE state <> 'done' ORDER BY 1`,
  );
  return rows.map(({ told }) => told);
}
