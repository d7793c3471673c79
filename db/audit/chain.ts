import type pg from 'pg';
import { log } from '../../log.ts';

const BATCH = 1_000;

/** Moves what waits into the chain, the oldest first, and returns how many entries that were. Safe when several do so at once. */
export async function chainPending(pool: pg.Pool): Promise<number> {
  let moved = 0;
  for (;;) {
    const { rowCount } = await pool.query(MOVE, [BATCH]);
    moved += rowCount ?? 0;
    if ((rowCount ?? 0) < BATCH) return moved;
  }
}

const MOVE = `WITH oldest AS (
    SELECT pending_id FROM audit_pending ORDER BY pending_id LIMIT $1 FOR UPDATE SKIP LOCKED
  ), moved AS (
    DELETE FROM audit_pending USING oldest WHERE audit_pending.pending_id = oldest.pending_id RETURNING audit_pending.*
  )
  INSERT INTO audit_log (occurred_at, actor_id, actor, surface, event, subject_type, subject_id, details)
  SELECT occurred_at, actor_id, actor, surface, event, subject_type, subject_id, details FROM moved ORDER BY pending_id`;

const chaining = new WeakMap<pg.Pool, { again: boolean }>();

/**
 * Chains what waits, now and in the background: nobody who did something waits for the chain. What comes in meanwhile goes with the
 * next round, so that many entries share a transaction.
 */
export function chainSoon(pool: pg.Pool): void {
  const running = chaining.get(pool);
  if (running) {
    running.again = true;
    return;
  }
  const round = { again: false };
  chaining.set(pool, round);
  chainPending(pool)
    .catch((error: unknown) => {
      // What waits stays where it is, in the database; the next round takes it.
      if (!pool.ending) log.warn({ error }, 'entries of the audit log wait to be chained');
    })
    .finally(() => {
      chaining.delete(pool);
      if (round.again && !pool.ending) chainSoon(pool);
    });
}
