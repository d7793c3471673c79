import type pg from 'pg';
import { type Db, databaseError } from './client.ts';

/**
 * Returns what `work` makes in one transaction; when it fails, nothing of it is kept.
 * @throws what `work` throws; PennyError `database_unavailable`
 */
export async function inTransaction<Result>(
  db: Db,
  work: (client: pg.PoolClient) => Promise<Result>,
  begin = 'BEGIN',
): Promise<Result> {
  const client = await db.pool.connect().catch((error: unknown) => {
    throw databaseError(error);
  });
  let broken: Error | undefined;
  try {
    await client.query(begin);
    const result = await work(client);
    await client.query('COMMIT');
    return result;
  } catch (error) {
    // A connection that cannot even roll back is of no use to the next one who gets it.
    broken = await client.query('ROLLBACK').then(
      () => undefined,
      (failure: unknown) => (failure instanceof Error ? failure : new Error(String(failure))),
    );
    throw databaseError(error);
  } finally {
    client.release(broken);
  }
}

const UNLIMITED = 'BEGIN; SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0';

/**
 * Returns what `work` makes in one transaction without time limits, which alone holds the advisory lock `lock`; when it
 * fails, nothing of it is kept.
 * @throws what `work` throws; PennyError `database_unavailable`
 */
export function exclusively<Result>(
  db: Db,
  lock: number,
  work: (client: pg.PoolClient) => Promise<Result>,
): Promise<Result> {
  const locked = async (client: pg.PoolClient): Promise<Result> => {
    await client.query('SELECT pg_advisory_xact_lock($1)', [lock]);
    return work(client);
  };
  return inTransaction(db, locked, UNLIMITED);
}
