import type { Db } from '../client.ts';
import { type Remediation, SELECT_REMEDIATION } from '../remediations/remediation.ts';
import type { ChatSurface } from './inbox.ts';

/** A message that shows a proposal as it no longer stands. */
export interface StaleCard {
  /** What makes the message that replaces it that message. */
  deduplicationKey: string;
  messageId: number;
  tenant: string;
  destination: string;
  remediation: Remediation;
}

/** What becomes of a proposal later than this is told in no card. */
const LOOKED_AFTER = '30 days';

/**
 * Returns the messages of kind `approval` whose remediation has moved on since they were written or replaced last, by whichever surface or job;
 * at most 50.
 */
export async function staleCards(db: Db, surface: ChatSurface, now: Date): Promise<StaleCard[]> {
  const { rows } = await db.pool.query<Omit<StaleCard, 'remediation'> & Remediation>({
    name: 'outbox.stale_cards',
    text: `WITH shown AS (
        SELECT message_id, message.tenant, destination, remediation.remediation_id, concat_ws(':', surface_name, 'card', message_id, remediation.state,
          (SELECT count(*) FROM approvals WHERE remediation_id = remediation.remediation_id)) AS key
        FROM (SELECT *, $1::text AS surface_name FROM outbox WHERE surface = $1 AND kind = 'approval' AND updates IS NULL
            AND abandoned_at IS NULL AND created_at > $2::timestamptz - interval '${LOOKED_AFTER}') AS message
          JOIN remediations AS remediation ON remediation.remediation_id::text = message.payload ->> 'remediationId'
        WHERE remediation.state <> 'pending' OR EXISTS (SELECT FROM approvals WHERE remediation_id = remediation.remediation_id)
      )
      SELECT shown.key AS "deduplicationKey", shown.message_id::int AS "messageId", shown.tenant, shown.destination, remediation.*
      FROM shown JOIN LATERAL (${SELECT_REMEDIATION} WHERE remediation.remediation_id = shown.remediation_id) AS remediation ON true
      WHERE NOT EXISTS (SELECT FROM outbox WHERE deduplication_key = shown.key)
      ORDER BY shown.message_id LIMIT 50`,
    values: [surface, now],
  });
  return rows.map(({ deduplicationKey, messageId, tenant, destination, ...remediation }) => ({
    ...{ deduplicationKey, messageId, tenant, destination },
    remediation,
  }));
}
