import type pg from 'pg';
import type { Db } from '../client.ts';
import type { Principal, Role, Scope } from '../principal.ts';
import type { PLATFORMS } from '../schema/users.ts';
import { type PrincipalRow, toPrincipal } from './users.ts';

/** By what a platform knows somebody; unique. */
export interface IdentityKey {
  platform: (typeof PLATFORMS)[number];
  /** Where the subject is unique: the issuer, the Slack workspace, the Teams tenant; 'penny' for tokens. */
  tenant: string;
  /** For a token its hash. */
  subject: string;
}

/** Where tokens are unique. */
export const TOKEN_TENANT = 'penny';

/** An API token without its secret. */
export interface Token {
  tokenId: string;
  name: string | null;
  email: string;
  role: Role;
  /** Null: as the person. */
  scope: Scope | null;
  createdAt: Date;
  lastUsedAt: Date | null;
  expiresAt: Date;
  revokedAt: Date | null;
}

/**
 * The person behind an identity, with no more rights than it allows; null when it is unknown, revoked or expired, or the person
 * may no longer sign in. Notes the use, to the minute.
 */
export async function principalByIdentity(
  db: Db,
  { platform, tenant, subject }: IdentityKey,
  now: Date,
): Promise<(Principal & { identityId: string }) | null> {
  const { rows } = await db.pool.query<PrincipalRow & { identity_id: string }>({
    name: 'identities.principal',
    text: `WITH found AS (
  SELECT u.user_id, u.email, u.name, u.role, u.scope, i.identity_id, i.role AS most_role, i.scope AS most_scope, i.last_used_at,
    CASE WHEN i.platform = 'token' THEN i.identity_id END AS token_id
  FROM identities i JOIN users u USING (user_id)
  WHERE i.platform = $1 AND i.tenant = $2 AND i.subject = $3 AND u.disabled_at IS NULL AND ${isGood('i', '$4')}
), used AS (
  UPDATE identities SET last_used_at = $4 FROM found
  WHERE identities.identity_id = found.identity_id AND coalesce(found.last_used_at < $4::timestamptz - interval '1 minute', true)
)
SELECT * FROM found`,
    values: [platform, tenant, subject, now],
  });
  const [row] = rows;
  return row === undefined ? null : { ...toPrincipal(row), identityId: row.identity_id };
}

/** The condition that an identity of the alias `identity` may be used at `now`. */
export function isGood(identity: string, now: string): string {
  return `${identity}.revoked_at IS NULL AND coalesce(${identity}.expires_at > ${now}, true)`;
}

/** Whose identity this is, whether it may be used or not; null when it is unknown. */
export async function ownerOfIdentity(
  client: pg.ClientBase,
  { platform, tenant, subject }: IdentityKey,
): Promise<{ userId: string; usable: boolean } | null> {
  const { rows } = await client.query(
    `SELECT user_id AS "userId", disabled_at IS NULL AND revoked_at IS NULL AS usable
     FROM identities JOIN users USING (user_id) WHERE platform = $1 AND tenant = $2 AND subject = $3`,
    [platform, tenant, subject],
  );
  return rows[0] ?? null;
}

/** Whether this person is known to the tenant of a platform by some subject already. */
export async function isLinked(
  client: pg.ClientBase,
  userId: string,
  { platform, tenant }: Omit<IdentityKey, 'subject'>,
): Promise<boolean> {
  const { rowCount } = await client.query(
    'SELECT FROM identities WHERE user_id = $1 AND platform = $2 AND tenant = $3 AND revoked_at IS NULL',
    [userId, platform, tenant],
  );
  return (rowCount ?? 0) > 0;
}

/** Links an identity to a person. */
export async function insertIdentity(
  client: pg.ClientBase,
  userId: string,
  { platform, tenant, subject }: IdentityKey,
  now: Date,
): Promise<void> {
  await client.query(
    'INSERT INTO identities (user_id, platform, tenant, subject, created_at) VALUES ($1, $2, $3, $4, $5)',
    [userId, platform, tenant, subject, now],
  );
}

/** The number of a new token. */
export async function insertToken(
  client: pg.ClientBase,
  token: Pick<Token, 'name' | 'role' | 'scope' | 'expiresAt'> & { userId: string; hash: string },
  now: Date,
): Promise<string> {
  const { rows } = await client.query<{ id: string }>(
    `INSERT INTO identities (user_id, platform, tenant, subject, label, role, scope, expires_at, created_at)
     VALUES ($1, 'token', $2, $3, $4, $5, $6, $7, $8) RETURNING identity_id AS id`,
    [
      token.userId,
      TOKEN_TENANT,
      token.hash,
      token.name,
      token.role,
      token.scope === null ? null : JSON.stringify(token.scope),
      token.expiresAt,
      now,
    ],
  );
  return rows[0]?.id ?? '';
}

/** The tokens of one person, or of everybody (null), the newest first. */
export async function listTokens(client: pg.ClientBase | pg.Pool, userId: string | null): Promise<Token[]> {
  const { rows } = await client.query<Token>(
    `SELECT ${TOKEN_COLUMNS} FROM identities JOIN users USING (user_id)
     WHERE platform = 'token' AND ($1::uuid IS NULL OR user_id = $1) ORDER BY identities.created_at DESC, identity_id`,
    [userId],
  );
  return rows;
}

/** The token just taken back; null when there is none of this number, of this person unless that is null, or it was taken back before. */
export async function revokeToken(
  client: pg.ClientBase,
  tokenId: string,
  userId: string | null,
  now: Date,
): Promise<Token | null> {
  const { rows } = await client.query<Token>(
    `UPDATE identities SET revoked_at = $3 FROM users
     WHERE users.user_id = identities.user_id AND platform = 'token' AND identity_id::text = $1
       AND ($2::uuid IS NULL OR identities.user_id = $2) AND revoked_at IS NULL
     RETURNING ${TOKEN_COLUMNS}`,
    [tokenId, userId, now],
  );
  return rows[0] ?? null;
}

const TOKEN_COLUMNS = `identity_id AS "tokenId", label AS name, email, identities.role, identities.scope, identities.created_at AS "createdAt",
  last_used_at AS "lastUsedAt", expires_at AS "expiresAt", revoked_at AS "revokedAt"`;
