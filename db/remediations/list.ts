import { z } from 'zod';
import type { Db } from '../client.ts';
import type { Principal } from '../principal.ts';
import { decodeCursor, encodeCursor } from '../queries/cursor.ts';
import { readSnapshot } from '../queries/snapshot.ts';
import { isRemediationId, type Remediation, type RemediationState, SELECT_REMEDIATION } from './remediation.ts';

export interface RemediationPage {
  state?: RemediationState | undefined;
  limit: number;
  cursor?: string | undefined;
}

const place = z.tuple([z.iso.datetime(), z.uuid()]);

/**
 * Returns a page of what was proposed, newest first: what one proposed oneself, and what would change resources one may see.
 * @throws PennyError `invalid_input` (the cursor)
 */
export async function listRemediations(
  db: Db,
  principal: Principal,
  { state, limit, cursor }: RemediationPage,
): Promise<{ items: Remediation[]; nextCursor?: string }> {
  const [at = null, id = null] = cursor === undefined ? [] : decodeCursor(place, cursor);
  const ids = await visibleIds(
    db,
    principal,
    `SELECT remediation_id AS id FROM remediations WHERE ($1::text IS NULL OR state = $1)
       AND ($2::timestamptz IS NULL OR (requested_at, remediation_id) < ($2, $3::uuid))
     ORDER BY requested_at DESC, remediation_id DESC LIMIT $4`,
    [state ?? null, at, id, limit + 1],
  );
  const items = await remediationsOf(db, ids.slice(0, limit));
  const last = items.at(-1);
  if (ids.length <= limit || last === undefined) return { items };
  return { items, nextCursor: encodeCursor([last.requestedAt.toISOString(), last.remediationId]) };
}

/** Returns one of them; undefined when there is none that one may see. */
export async function showRemediation(
  db: Db,
  principal: Principal,
  remediationId: string,
): Promise<Remediation | undefined> {
  if (!isRemediationId(remediationId)) return undefined;
  const ids = await visibleIds(
    db,
    principal,
    'SELECT remediation_id AS id FROM remediations WHERE remediation_id = $1',
    [remediationId],
  );
  return (await remediationsOf(db, ids))[0];
}

/** The person's own rights tell which; who approved is read with the service's, since people are no reader's business. */
async function visibleIds(db: Db, principal: Principal, query: string, values: unknown[]): Promise<string[]> {
  return readSnapshot(db, principal, undefined, async (client) => {
    const { rows } = await client.query<{ id: string }>(query, values);
    return rows.map(({ id }) => id);
  });
}

async function remediationsOf(db: Db, ids: readonly string[]): Promise<Remediation[]> {
  const { rows } = await db.pool.query<Remediation>(
    `${SELECT_REMEDIATION} WHERE remediation.remediation_id = ANY ($1)
     ORDER BY remediation.requested_at DESC, remediation.remediation_id DESC`,
    [ids],
  );
  return rows;
}
