import pg from 'pg';
import { codeOf } from '../client.ts';
import type { DatabaseFolder } from './folder.ts';
import type { Postmaster } from './postmaster.ts';

// Who uses the server is told by advisory locks, because Postgres drops them when their process dies, however it dies.
const USERS = '727001, 1';
const EXCLUSIVE = '727001, 2';
const WATCHER = 'penny watcher';

/**
 * Returns a session that counts this process as a user of the server for as long as it lives, or undefined when the
 * server is about to start or to stop. The lock waits while the last user is stopping the server, and then fails.
 */
export async function join(folder: DatabaseFolder, { port }: Postmaster): Promise<pg.Client | undefined> {
  const client = session(folder, port, `penny ${process.pid}`);
  client.on('error', () => {});
  try {
    await client.connect();
    await client.query(`SELECT pg_advisory_lock_shared(${USERS})`);
  } catch (error) {
    await client.end().catch(() => {});
    if (isComingOrGoing(error)) return undefined;
    throw error;
  }
  return client;
}

/** Takes the folder for this process alone; returns the process that has it already, or undefined when it was free. */
export async function takeExclusive(client: pg.Client): Promise<string | undefined> {
  const { rows } = await client.query<{ taken: boolean }>(`SELECT pg_try_advisory_lock(${EXCLUSIVE}) AS taken`);
  if (rows[0]?.taken) return undefined;
  const holder = await client.query<{ name: string }>(
    `SELECT activity.application_name AS name FROM pg_locks AS lock JOIN pg_stat_activity AS activity USING (pid)
     WHERE lock.locktype = 'advisory' AND lock.granted AND (lock.classid, lock.objid) = (${EXCLUSIVE})`,
  );
  return holder.rows[0]?.name.replace('penny ', '') ?? 'unknown';
}

/** Lets a process that has nothing else left to do end, although it still holds its session. */
export function rest(client: pg.Client): void {
  (client as Referable).unref();
}

// Missing in the types of the driver.
type Referable = pg.Client & { ref(): void; unref(): void };

/** Stops counting this process; true when it was the last, and then nobody can join any more. */
export async function leave(client: pg.Client): Promise<boolean> {
  (client as Referable).ref();
  const { rows } = await client.query<{ last: boolean }>(
    `SELECT pg_advisory_unlock_shared(${USERS}), pg_try_advisory_lock(${USERS}) AS last`,
  );
  return rows[0]?.last === true;
}

/**
 * Leaves a loop running inside the server, unless one runs, that stops the server once nobody uses it: when the last user
 * was killed, nobody else would. It needs no process of ours, as Postgres goes on with a statement whose client is gone.
 */
export async function ensureWatcher(client: pg.Client, folder: DatabaseFolder, { port }: Postmaster): Promise<void> {
  if (await watcherRuns(client)) return;
  const watcher = session(folder, port, WATCHER);
  watcher.on('error', () => {});
  await watcher.connect();
  const ended = watcher.query(WATCH).catch(() => {});
  while (!(await watcherRuns(client))) await client.query('SELECT pg_sleep(0.01)');
  await watcher.end().catch(() => {});
  await ended;
}

async function watcherRuns(client: pg.Client): Promise<boolean> {
  const { rowCount } = await client.query(
    "SELECT FROM pg_stat_activity WHERE application_name = $1 AND query LIKE 'DO%'",
    [WATCHER],
  );
  return (rowCount ?? 0) > 0;
}

// COMMIT ends each round's snapshot, which would otherwise keep VACUUM from removing old rows.
const STOP_COMMAND = process.platform === 'win32' ? 'taskkill /F /T /PID %s' : 'kill -INT %s';
const WATCH = `DO $watch$
DECLARE
  server text := split_part(pg_read_file('postmaster.pid'), E'\\n', 1);
BEGIN
  LOOP
    PERFORM pg_sleep(2);
    IF pg_try_advisory_lock(${USERS}) THEN
      EXECUTE format('COPY (SELECT) TO PROGRAM %L', format('${STOP_COMMAND}', server));
      PERFORM pg_sleep(60);
    END IF;
    COMMIT;
  END LOOP;
END $watch$`;

function session(folder: DatabaseFolder, port: number, name: string): pg.Client {
  return new pg.Client({
    host: '127.0.0.1',
    port,
    user: 'postgres',
    password: folder.password,
    database: 'postgres',
    ssl: false,
    application_name: name,
    connectionTimeoutMillis: 10_000,
    keepAlive: true,
    options: '-c statement_timeout=0 -c lock_timeout=0 -c client_connection_check_interval=0',
  });
}

function isComingOrGoing(error: unknown): boolean {
  const code = codeOf(error) ?? '';
  if (['57P01', '57P02', '57P03', 'ECONNREFUSED', 'ECONNRESET', 'EPIPE'].includes(code)) return true;
  return error instanceof Error && /connection terminated|timeout expired/i.test(error.message);
}
