import type { Db } from '../client.ts';
import type { CHANNEL_SURFACES } from '../schema/notifications.ts';

export type ChatSurface = (typeof CHANNEL_SURFACES)[number];

/** An event of a chat platform; `attempts` counts this time. */
export interface KeptEvent {
  tenant: string;
  eventId: string;
  body: Record<string, unknown>;
  attempts: number;
}

/** Whoever takes an event has this long before somebody else may. Answers take seconds. */
const HELD = '5 minutes';

/** The inbox of a chat platform over the table `chat_events`; see the docstrings of its table. */
export function createInbox(db: Db, surface: ChatSurface, now: () => Date) {
  const key = (event: Pick<KeptEvent, 'tenant' | 'eventId'>) => [surface, event.tenant, event.eventId];
  return {
    async keep({ tenant, eventId, body }: Pick<KeptEvent, 'tenant' | 'eventId' | 'body'>): Promise<boolean> {
      const { rowCount } = await db.pool.query({
        name: 'chat_events.keep',
        text: `INSERT INTO chat_events (surface, tenant, event_id, body, received_at, not_before)
          VALUES ($1, $2, $3, $4, $5, $5) ON CONFLICT DO NOTHING`,
        values: [surface, tenant, eventId, JSON.stringify(body, withoutNul), now()],
      });
      return rowCount === 1;
    },
    async take(): Promise<KeptEvent | undefined> {
      const { rows } = await db.pool.query<KeptEvent>({
        name: 'chat_events.take',
        text: `UPDATE chat_events SET attempts = attempts + 1, not_before = $2::timestamptz + interval '${HELD}'
          WHERE (surface, tenant, event_id) = (SELECT surface, tenant, event_id FROM chat_events
            WHERE surface = $1 AND not_before <= $2 AND handled_at IS NULL AND abandoned_at IS NULL
            ORDER BY not_before LIMIT 1 FOR UPDATE SKIP LOCKED)
          RETURNING tenant, event_id AS "eventId", body, attempts`,
        values: [surface, now()],
      });
      return rows[0];
    },
    async handled(event: KeptEvent): Promise<void> {
      await db.pool.query({
        name: 'chat_events.handled',
        text: `UPDATE chat_events SET handled_at = $4, body = NULL, last_error = NULL
          WHERE surface = $1 AND tenant = $2 AND event_id = $3 AND handled_at IS NULL AND abandoned_at IS NULL`,
        values: [...key(event), now()],
      });
    },
    /** A try that failed is repeated after 2, 4, 8 ... seconds. */
    async failed(event: KeptEvent, reason: string, giveUp: boolean): Promise<void> {
      await db.pool.query(
        `UPDATE chat_events SET last_error = $5, abandoned_at = CASE WHEN $6 THEN $4::timestamptz END,
           not_before = $4::timestamptz + least(power(2, attempts), 300) * interval '1 second'
         WHERE surface = $1 AND tenant = $2 AND event_id = $3 AND handled_at IS NULL AND abandoned_at IS NULL`,
        [...key(event), now(), reason, giveUp],
      );
    },
  };
}

/** Postgres keeps no NUL in text, and no question needs one. */
const withoutNul = (_key: string, value: unknown) => (typeof value === 'string' ? value.replaceAll('\0', '') : value);
