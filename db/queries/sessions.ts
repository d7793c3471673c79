import type pg from 'pg';
import type { Db } from '../client.ts';
import type { Principal } from '../principal.ts';
import type { SIGN_IN_METHODS } from '../schema/sessions.ts';
import { isGood } from './identities.ts';
import { type PrincipalRow, toPrincipal } from './users.ts';

export type SignInMethod = (typeof SIGN_IN_METHODS)[number];

/** A session that may be used, and whose it is. */
export interface Session {
  sessionId: string;
  method: SignInMethod;
  principal: Principal;
  expiresAt: Date;
  /** Whether its secret is due for a change, and was the present one. */
  rotationDue: boolean;
}

export interface NewSession {
  userId: string;
  identityId: string | null;
  method: SignInMethod;
  hash: string;
  rotateAfter: Date;
  expiresAt: Date;
}

/** Opens a session and returns its number. Sessions that ended long ago are forgotten on the way. */
export async function insertSession(client: pg.ClientBase, session: NewSession, now: Date): Promise<string> {
  await client.query("DELETE FROM sessions WHERE expires_at < $1::timestamptz - interval '30 days'", [now]);
  const { rows } = await client.query<{ id: string }>(
    `INSERT INTO sessions (user_id, identity_id, method, hash, rotate_after, expires_at, rotated_at, created_at, last_used_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $7, $7) RETURNING session_id AS id`,
    [session.userId, session.identityId, session.method, session.hash, session.rotateAfter, session.expiresAt, now],
  );
  return rows[0]?.id ?? '';
}

/**
 * The session whose secret has this hash; null when there is none or it is over: ended, expired, not used for longer than
 * `idleSeconds`, its identity taken back, its person disabled. Notes the use, to the minute. A secret that was replaced is good
 * for `graceSeconds` more, for requests that were under way; whoever comes with it later has a copy, so then the session ends.
 */
export async function sessionByHash(
  db: Db,
  hash: string,
  { now, idleSeconds, graceSeconds }: { now: Date; idleSeconds: number; graceSeconds: number },
): Promise<Session | null> {
  const { rows } = await db.pool.query<SessionRow>({
    name: 'sessions.by_hash',
    text: `WITH known AS (
  SELECT s.*, s.previous_hash = $1 AS replaced, s.previous_hash = $1 AND s.rotated_at < $2::timestamptz - make_interval(secs => $4) AS copied
  FROM sessions s WHERE (s.hash = $1 OR s.previous_hash = $1) AND s.revoked_at IS NULL AND s.expires_at > $2
    AND s.last_used_at > $2::timestamptz - make_interval(secs => $3)
), found AS (
  SELECT known.session_id, known.method, known.expires_at, known.rotate_after <= $2 AND NOT coalesce(known.replaced, false) AS due, known.last_used_at,
    u.user_id, u.email, u.name, u.role, u.scope, i.role AS most_role, i.scope AS most_scope,
    CASE WHEN i.platform = 'token' THEN i.identity_id END AS token_id
  FROM known JOIN users u USING (user_id) LEFT JOIN identities i ON i.identity_id = known.identity_id
  WHERE u.disabled_at IS NULL AND (i.identity_id IS NULL OR (${isGood('i', '$2')})) AND NOT coalesce(known.copied, false)
), used AS (
  UPDATE sessions SET last_used_at = $2 FROM found
  WHERE sessions.session_id = found.session_id AND found.last_used_at < $2::timestamptz - interval '1 minute'
), ended AS (
  UPDATE sessions SET revoked_at = $2 FROM known WHERE sessions.session_id = known.session_id AND known.copied
)
SELECT * FROM found`,
    values: [hash, now, idleSeconds, graceSeconds],
  });
  const [row] = rows;
  if (row === undefined) return null;
  const { session_id: sessionId, method, expires_at: expiresAt, due: rotationDue } = row;
  return { sessionId, method, expiresAt, rotationDue, principal: toPrincipal(row) };
}

interface SessionRow extends PrincipalRow {
  session_id: string;
  method: SignInMethod;
  expires_at: Date;
  due: boolean;
}

/** Gives a session another secret; false when a request at the same time was quicker. */
export async function rotateSession(
  db: Db,
  { from, to, now, rotateAfter }: { from: string; to: string; now: Date; rotateAfter: Date },
): Promise<boolean> {
  const { rowCount } = await db.pool.query(
    'UPDATE sessions SET previous_hash = hash, hash = $2, rotated_at = $3, rotate_after = $4 WHERE hash = $1 AND revoked_at IS NULL',
    [from, to, now, rotateAfter],
  );
  return rowCount === 1;
}

/** Has the sessions of a person get another secret with their next request: what they may do has changed. */
export async function rotateSoon(client: pg.ClientBase, userId: string, now: Date): Promise<void> {
  await client.query('UPDATE sessions SET rotate_after = $2 WHERE user_id = $1 AND revoked_at IS NULL', [userId, now]);
}

/** Ends one session, and returns whose it was; null when it was over. */
export async function endSession(client: pg.ClientBase, hash: string, now: Date): Promise<{ userId: string } | null> {
  const { rows } = await client.query<{ userId: string }>(
    `UPDATE sessions SET revoked_at = $2 WHERE (hash = $1 OR previous_hash = $1) AND revoked_at IS NULL
     RETURNING user_id AS "userId"`,
    [hash, now],
  );
  return rows[0] ?? null;
}

/** Ends every session of a person, and returns how many were open. */
export async function endSessionsOf(client: pg.ClientBase, userId: string, now: Date): Promise<number> {
  const { rowCount } = await client.query(
    'UPDATE sessions SET revoked_at = $2 WHERE user_id = $1 AND revoked_at IS NULL AND expires_at > $2',
    [userId, now],
  );
  return rowCount ?? 0;
}

/** Keeps a one-time link, and forgets those that have expired. */
export async function insertSignInLink(
  client: pg.ClientBase | pg.Pool,
  link: { hash: string; userId: string; expiresAt: Date },
  now: Date,
): Promise<void> {
  await client.query('DELETE FROM sign_in_links WHERE expires_at <= $1', [now]);
  await client.query('INSERT INTO sign_in_links (hash, user_id, expires_at) VALUES ($1, $2, $3)', [
    link.hash,
    link.userId,
    link.expiresAt,
  ]);
}

/** Uses a one-time link up, and returns whom it signs in; null when there is none, it has expired, or the person is disabled. */
export async function takeSignInLink(client: pg.ClientBase, hash: string, now: Date): Promise<string | null> {
  const { rows } = await client.query<{ userId: string }>(
    `DELETE FROM sign_in_links USING users WHERE hash = $1 AND expires_at > $2
       AND users.user_id = sign_in_links.user_id AND disabled_at IS NULL
     RETURNING sign_in_links.user_id AS "userId"`,
    [hash, now],
  );
  return rows[0]?.userId ?? null;
}
