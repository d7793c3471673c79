import type pg from 'pg';
import type { AUDIT_SURFACES } from '../schema/audit-log.ts';
import { chainSoon } from './chain.ts';

/** Who did something, and where. */
export interface Actor {
  /** The person; null for the service itself, or for somebody who could not be identified. */
  actorId: string | null;
  /** Their e-mail address, or the name of the job. */
  actor: string;
  surface: (typeof AUDIT_SURFACES)[number];
}

/** Something that happened and must be provable later. */
export interface AuditEntry extends Actor {
  occurredAt: Date;
  /** Noun and past participle: 'token.created', 'bill.loaded'. */
  event: string;
  subject?: { type: string; id: string };
  /** The facts, without secrets. */
  details?: Record<string, unknown>;
}

/**
 * Writes an entry in the caller's transaction: it is in the log exactly when that commits. The chain takes it up within
 * seconds (`keepChained`).
 */
export async function recordAudit(client: pg.ClientBase | pg.Pool, entry: AuditEntry): Promise<void> {
  const { occurredAt, actorId, actor, surface, event, subject, details } = entry;
  await client.query(
    `INSERT INTO audit_pending (occurred_at, actor_id, actor, surface, event, subject_type, subject_id, details)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [
      occurredAt,
      actorId,
      actor,
      surface,
      event,
      subject?.type ?? null,
      subject?.id ?? null,
      JSON.stringify(details ?? {}),
    ],
  );
}

/** Writes an entry in a transaction of its own, and has it chained at once. */
export async function audit(pool: pg.Pool, entry: AuditEntry): Promise<void> {
  await recordAudit(pool, entry);
  chainSoon(pool);
}
