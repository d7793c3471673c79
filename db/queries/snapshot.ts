import type pg from 'pg';
import { type Db, databaseError } from '../client.ts';

/** A connection within one state of the database. */
export type Snapshot = pg.ClientBase;

/** Starting workers takes longer than most statements: only scans of the bill itself are worth it. */
const PARALLEL_SETUP_COST = 20_000;

/** How long one statement of a tool may run. */
const STATEMENT_TIMEOUT_MS = 30_000;

/**
 * What `read` returns, all of it read from one state of the database, so that numbers of one answer agree although a bill
 * may be replaced meanwhile. Nothing can be written. An abort ends the statement under way.
 * @throws PennyError `query_timeout`, `database_unavailable`; the signal's reason when it was aborted
 */
export async function readSnapshot<Result>(
  db: Db,
  signal: AbortSignal | undefined,
  read: (client: pg.PoolClient) => Promise<Result>,
): Promise<Result> {
  signal?.throwIfAborted();
  const client = await connectTo(db);
  const cancel = () => cancelStatement(db, client);
  signal?.addEventListener('abort', cancel, { once: true });
  let broken: Error | undefined;
  try {
    // Just-in-time compilation costs more than these statements take.
    await client.query(
      `BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL statement_timeout = ${STATEMENT_TIMEOUT_MS}; SET LOCAL jit = off; SET LOCAL parallel_setup_cost = ${PARALLEL_SETUP_COST}; SET LOCAL work_mem = '32MB'`,
    );
    const result = await read(client);
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

async function connectTo(db: Db): Promise<pg.PoolClient> {
  try {
    return await db.pool.connect();
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
  const { processID } = client as pg.PoolClient & { processID?: number };
  // Best effort: where it does not arrive, the statement's own time limit ends it.
  db.pool.query('SELECT pg_cancel_backend($1)', [processID]).catch(() => {});
}
