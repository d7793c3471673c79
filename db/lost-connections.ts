import type pg from 'pg';
import { log } from '../log.ts';

/**
 * Keeps connections that the server closes from ending the process, as any error without a listener would: those that are idle are
 * noted in the log, those in use fail the query of whoever uses them. The error carries the whole connection, so only its
 * words go to the log.
 */
export function surviveLostConnections(pool: pg.Pool): void {
  pool.on('error', (error: Error & { code?: string }) => {
    if (!pool.ending) log.warn({ code: error.code, reason: error.message }, 'an idle database connection was lost');
  });
  // The pool listens for as long as a connection is idle only.
  pool.on('connect', (client) => client.on('error', () => {}));
}
