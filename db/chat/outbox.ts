import type { Db } from '../client.ts';
import type { ChatSurface } from './inbox.ts';

export interface NewMessage {
  deduplicationKey: string;
  tenant: string;
  destination: string;
  kind: string;
  payload: Record<string, unknown>;
  updates?: number | undefined;
}

export interface DueMessage extends NewMessage {
  messageId: number;
  attempts: number;
  replaces: string | undefined;
}

/** Whoever takes a message has this long to send it before somebody else may. */
const HELD = '2 minutes';

/** The outbox of a chat platform over the table `outbox`. */
export function createOutbox(db: Db, surface: ChatSurface, now: () => Date) {
  return {
    /** The number of the message; undefined when one with that key was written before. */
    async add(message: NewMessage): Promise<number | undefined> {
      const { rows } = await db.pool.query<{ id: string }>({
        name: 'outbox.add',
        text: `INSERT INTO outbox (deduplication_key, surface, tenant, destination, kind, payload, updates, created_at, not_before)
          VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8) ON CONFLICT DO NOTHING RETURNING message_id AS id`,
        values: [
          ...[message.deduplicationKey, surface, message.tenant, message.destination, message.kind],
          ...[JSON.stringify(message.payload), message.updates ?? null, now()],
        ],
      });
      return rows[0] === undefined ? undefined : Number(rows[0].id);
    },
    /** The oldest message that is due. What replaces another waits until that one was sent, and goes out new when it never was. */
    async take(): Promise<DueMessage | undefined> {
      const { rows } = await db.pool.query<DueMessage & { replaces: string | null; updates: number | null }>({
        name: 'outbox.take',
        text: `UPDATE outbox AS due SET attempts = due.attempts + 1, not_before = $2::timestamptz + interval '${HELD}'
          FROM (SELECT message.message_id, earlier.external_id FROM outbox AS message
              LEFT JOIN outbox AS earlier ON earlier.message_id = message.updates
            WHERE message.surface = $1 AND message.not_before <= $2 AND message.sent_at IS NULL AND message.abandoned_at IS NULL
              AND (earlier.message_id IS NULL OR earlier.sent_at IS NOT NULL OR earlier.abandoned_at IS NOT NULL)
            ORDER BY message.not_before, message.message_id LIMIT 1 FOR UPDATE OF message SKIP LOCKED) AS next
          WHERE due.message_id = next.message_id
          RETURNING due.message_id::int AS "messageId", deduplication_key AS "deduplicationKey", tenant, destination, kind, payload,
            updates::int AS updates, attempts, next.external_id AS replaces`,
        values: [surface, now()],
      });
      const [row] = rows;
      return row === undefined
        ? undefined
        : { ...row, replaces: row.replaces ?? undefined, updates: row.updates ?? undefined };
    },
    async sent(messageId: number, externalId: string | undefined): Promise<void> {
      await db.pool.query({
        name: 'outbox.sent',
        text: 'UPDATE outbox SET sent_at = $2, external_id = $3, last_error = NULL WHERE message_id = $1 AND sent_at IS NULL',
        values: [messageId, now(), externalId ?? null],
      });
    },
    async failed(messageId: number, reason: string, afterMs: number | undefined): Promise<void> {
      await db.pool.query(
        `UPDATE outbox SET last_error = $2, abandoned_at = CASE WHEN $3::float8 IS NULL THEN $4::timestamptz END,
           not_before = $4::timestamptz + coalesce($3::float8, 0) * interval '1 millisecond'
         WHERE message_id = $1 AND sent_at IS NULL`,
        [messageId, reason, afterMs ?? null, now()],
      );
    },
    /** Messages of a kind whose payload has that `key` and `value`, and that replace no other; oldest first. */
    async about(kind: string, key: string, value: string) {
      const { rows } = await db.pool.query<{ messageId: number; tenant: string; destination: string }>(
        `SELECT message_id::int AS "messageId", tenant, destination FROM outbox
         WHERE surface = $1 AND kind = $2 AND payload ->> $3 = $4 AND updates IS NULL AND abandoned_at IS NULL ORDER BY message_id`,
        [surface, kind, key, value],
      );
      return rows;
    },
  };
}
