import type pg from 'pg';
import { PgBoss } from 'pg-boss';
import type { Log } from '../log.ts';
import { codeOf, type Db } from './client.ts';

/** The one queue, in schema pgboss: what is due waits there until a worker takes it. What ran stands in `job_runs`. */
export const QUEUE_NAME = 'job';

/** A worker that has not shown itself for so long is taken for dead. The queue takes nothing shorter. */
export const HEARTBEAT_SECONDS = 10;
const LOOK_FOR_THE_DEAD_SECONDS = 2;

/** What is asked of the queue for one run. */
export interface QueueEntry {
  id: string;
  /** Of the entries of one key one at a time is worked on. */
  key: string;
  /** Higher ones first. */
  priority: number;
  retries: number;
  /** After which the queue gives the entry to another worker, whatever this one says. */
  expireSeconds: number;
}

/** An entry in a worker's hands. `signal` is aborted when the queue has taken it away. */
export interface HeldEntry {
  id: string;
  retryCount: number;
  signal: AbortSignal;
}

/**
 * The queue as this process uses it. What a `client` is passed to takes part in its transaction, so that a run and its entry change together.
 */
export interface Queue {
  send(client: pg.ClientBase, entry: QueueEntry): Promise<void>;
  cancel(client: pg.ClientBase, id: string): Promise<void>;
  complete(client: pg.ClientBase, held: HeldEntry): Promise<void>;
  /** Has the entry tried again later, or gives it up when it was tried often enough. */
  fail(client: pg.ClientBase, held: HeldEntry): Promise<void>;
  /** Works on `slots` entries at a time until `close`. */
  work(options: WorkOptions, handle: (held: HeldEntry) => Promise<void>): Promise<void>;
  /** Takes no more entries, waits for those in hand at most `waitMs`, and ends. The database stays open. */
  close(waitMs: number): Promise<void>;
}

export interface WorkOptions {
  slots: number;
  pollSeconds: number;
  /** Leaves entries of a lower priority to others. */
  minPriority: number;
}

/** Brings the queue's own schema to the version of its library. `client` must be of the owner of the database. */
export async function installQueue(client: pg.ClientBase): Promise<void> {
  const boss = new PgBoss({ db: through(client), supervise: false, schedule: false, registerInstance: false });
  boss.on('error', () => {});
  await boss.start();
  await boss.createQueue(QUEUE_NAME, {
    policy: 'singleton',
    heartbeatSeconds: HEARTBEAT_SECONDS,
    deleteAfterSeconds: DAY_SECONDS,
  });
  await boss.stop({ graceful: false });
}

const DAY_SECONDS = 86_400;

/** Opens the queue. `watch`: also looks for entries whose worker is dead; somebody who works must. */
export async function openQueue(db: Db, log: Log, options: { watch: boolean }): Promise<Queue> {
  const boss = new PgBoss({
    db: through(db.pool),
    migrate: false,
    schedule: false,
    registerInstance: false,
    supervise: options.watch,
    superviseIntervalSeconds: LOOK_FOR_THE_DEAD_SECONDS,
    monitorIntervalSeconds: LOOK_FOR_THE_DEAD_SECONDS,
  });
  // Without a listener an error would end the process. Two workers that reach for two runs of one job at once collide, which is how
  // the queue keeps them apart.
  boss.on('error', (err) => {
    if (codeOf(err) !== '23505') log.warn({ err }, 'the queue of the jobs had an error; it tries again');
  });
  await boss.start();
  return {
    async send(client, { id, key, priority, retries, expireSeconds }) {
      await boss.send(QUEUE_NAME, null, {
        ...{ id, priority, retryLimit: retries, expireInSeconds: expireSeconds, singletonKey: key },
        ...RETRIES,
        db: through(client),
      });
    },
    cancel: async (client, id) => void (await boss.cancel(QUEUE_NAME, id, { db: through(client) })),
    complete: async (client, held) =>
      void (await boss.complete(QUEUE_NAME, attempt(held), null, { db: through(client) })),
    fail: async (client, held) => void (await boss.fail(QUEUE_NAME, attempt(held), null, { db: through(client) })),
    async work({ slots, pollSeconds, minPriority }, handle) {
      for (let slot = 0; slot < slots; slot++) await addWorker(boss, { pollSeconds, minPriority }, handle);
    },
    close: (waitMs) => boss.stop({ close: false, graceful: true, timeout: waitMs }),
  };
}

const RETRIES = { retryDelay: 3, retryBackoff: true, retryDelayMax: 600 };

async function addWorker(
  boss: PgBoss,
  { pollSeconds, minPriority }: Omit<WorkOptions, 'slots'>,
  handle: (held: HeldEntry) => Promise<void>,
): Promise<void> {
  const options = { pollingIntervalSeconds: pollSeconds, heartbeatRefreshSeconds: 1, minPriority };
  const id = await boss.work(QUEUE_NAME, options, async ([entry]) => {
    if (entry === undefined) return;
    await handle(entry);
    // The next entry is fetched at once and not at the next poll.
    boss.notifyWorker(id);
  });
}

function attempt({ id, retryCount }: HeldEntry): { id: string; retryCount: number } {
  return { id, retryCount };
}

function through(client: Pick<pg.Pool, 'query'> | pg.ClientBase) {
  return { executeSql: (text: string, values?: unknown[]) => client.query(text, values) };
}
