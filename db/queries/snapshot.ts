import pg from 'pg';
import { type Person, scopeStatement } from '../access/context.ts';
import { type Db, databaseError } from '../client.ts';

/** A connection within one state of the database. */
export type Snapshot = pg.ClientBase;

/** Starting workers takes longer than most statements: only scans of the bill itself are worth it. */
const PARALLEL_SETUP_COST = 20_000;

/** How long one statement of a tool may run. */
const STATEMENT_TIMEOUT_MS = 30_000;

/**
 * What `read` returns, all of it read from one state of the database, so that numbers of one answer agree although a bill
 * may be replaced meanwhile. It reads what `person` may see and no more: Postgres itself leaves out every other row
 * (db/access/policies.ts). Nothing can be written. An abort ends the statement under way.
 * @throws PennyError `query_timeout`, `database_unavailable`; the signal's reason when it was aborted
 */
export async function readSnapshot<Result>(
  db: Db,
  person: Person,
  signal: AbortSignal | undefined,
  read: (client: pg.PoolClient) => Promise<Result>,
): Promise<Result> {
  signal?.throwIfAborted();
  const { pool, scopeKey } = await readerOf(db);
  const client = await connectTo(pool);
  return within(db, client, `${BEGIN}; ${scopeStatement(person, pidOf(client), scopeKey)}`, signal, () => read(client));
}

/**
 * What `read` returns of the whole database, in the state that `snapshot` is reading: for facts about the estate that are the same
 * whoever asks, such as the day the data reaches.
 */
export async function readWhole<Result>(
  db: Db,
  snapshot: Snapshot,
  read: (client: pg.PoolClient) => Promise<Result>,
): Promise<Result> {
  const { rows } = await snapshot.query<{ id: string }>('SELECT pg_export_snapshot() AS id');
  const client = await connectTo(db.pool);
  const same = `SET TRANSACTION SNAPSHOT ${pg.escapeLiteral(rows[0]?.id ?? '')}`;
  return within(db, client, BEGIN.replace(';', `; ${same};`), undefined, () => read(client));
}

// Just-in-time compilation costs more than these statements take.
const BEGIN = `BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL statement_timeout = ${STATEMENT_TIMEOUT_MS}; SET LOCAL jit = off; SET LOCAL parallel_setup_cost = ${PARALLEL_SETUP_COST}; SET LOCAL work_mem = '32MB'`;

async function within<Result>(
  db: Db,
  client: pg.PoolClient,
  begin: string,
  signal: AbortSignal | undefined,
  read: () => Promise<Result>,
): Promise<Result> {
  const cancel = () => cancelStatement(db, client);
  signal?.addEventListener('abort', cancel, { once: true });
  let broken: Error | undefined;
  try {
    await client.query(begin);
    const result = await read();
    await client.query('COMMIT');
    return result;
  } catch (error) {
    broken = await rollBack(client);
    signal?.throwIfAborted();
    throw databaseError(error);
  } finally {
    signal?.removeEventListener('abort', cancel);
    client.release(broken);
  }
}

async function readerOf(db: Db): Promise<{ pool: pg.Pool; scopeKey: string }> {
  try {
    const { reader, scopeKey } = await db.readers.open();
    return { pool: reader, scopeKey };
  } catch (error) {
    throw databaseError(error);
  }
}

async function connectTo(pool: pg.Pool): Promise<pg.PoolClient> {
  try {
    return await pool.connect();
  } catch (error) {
    throw databaseError(error);
  }
}

/** Undefined, or the error after which the connection must not be used again. */
async function rollBack(client: pg.PoolClient): Promise<Error | undefined> {
  try {
    await client.query('ROLLBACK');
    return undefined;
  } catch (error) {
    return error instanceof Error ? error : new Error('rollback failed');
  }
}

function cancelStatement(db: Db, client: pg.PoolClient): void {
  // Best effort: where it does not arrive, the statement's own time limit ends it.
  db.pool.query('SELECT pg_cancel_backend($1)', [pidOf(client)]).catch(() => {});
}

/** The server process behind a connection. Missing in the types of the driver. */
function pidOf(client: pg.PoolClient): number {
  return (client as pg.PoolClient & { processID: number }).processID;
}
