import { recordAudit } from '../../db/audit/record.ts';
import type { Db } from '../../db/client.ts';
import { mayActAs, type Principal, type Role, type Scope } from '../../db/principal.ts';
import * as identities from '../../db/queries/identities.ts';
import { inTransaction } from '../../db/transaction.ts';
import { PennyError } from '../../errors.ts';
import { hashOf, newSecret } from './secret.ts';
import { type Actor, auditOf, lockPerson, requireRole } from './users.ts';

export type { Token } from '../../db/queries/identities.ts';

export const TOKEN_DAYS = { default: 90, most: 365 };

export interface NewToken {
  /** Whose it is; default: the actor's own. Only administrators make tokens of others. */
  email?: string | undefined;
  role: Role;
  /** At most this is seen with it; default: what the person sees. */
  scope?: Scope | undefined;
  days?: number | undefined;
  name?: string | undefined;
}

/**
 * Makes an API token. The secret is in what this returns and nowhere else.
 * @throws PennyError `forbidden`, `not_found` (the person), `invalid_input`
 */
export async function createToken(
  db: Db,
  actor: Actor,
  given: NewToken,
  now: Date,
): Promise<identities.Token & { token: string }> {
  const { principal } = actor;
  refuseTokenOfToken(principal);
  const own = given.email === undefined || given.email.toLowerCase() === principal.email.toLowerCase();
  if (!own) requireRole(principal, 'admin');
  if (given.role === 'admin' && given.scope !== undefined) {
    throw new PennyError(
      'invalid_input',
      'A token of an administrator sees everything; choose a lower role for a scope.',
    );
  }
  const token = `penny_${newSecret()}`;
  const expiresAt = new Date(now.getTime() + daysOf(given) * 86_400_000);
  return inTransaction(db, async (client) => {
    const user = await lockPerson(client, own ? principal.userId : (given.email ?? ''));
    if (!mayActAs(user.role, given.role)) {
      throw new PennyError('forbidden', `${user.email} is ${user.role}; a token can do no more than its person.`);
    }
    const row = { name: given.name ?? null, role: given.role, scope: given.scope ?? null, expiresAt };
    const tokenId = await identities.insertToken(client, { ...row, userId: user.userId, hash: hashOf(token) }, now);
    const details = { of: user.email, ...row, expiresAt: expiresAt.toISOString() };
    await recordAudit(client, auditOf(actor, 'token.created', { type: 'token', id: tokenId }, details, now));
    return { tokenId, ...row, email: user.email, createdAt: now, lastUsedAt: null, revokedAt: null, token };
  });
}

/** Else a token that leaked could make others that outlive it. */
function refuseTokenOfToken({ tokenId }: Principal): void {
  if (tokenId === undefined) return;
  throw new PennyError('forbidden', 'A token cannot make a token. Sign in, or use "penny token create".');
}

function daysOf({ days = TOKEN_DAYS.default }: NewToken): number {
  if (Number.isInteger(days) && days >= 1 && days <= TOKEN_DAYS.most) return days;
  throw new PennyError('invalid_input', `A token is good for 1 to ${TOKEN_DAYS.most} days.`);
}

/** One's own tokens, or everybody's for an administrator; the newest first. */
export async function listTokens(db: Db, principal: Principal): Promise<identities.Token[]> {
  return identities.listTokens(db.pool, principal.role === 'admin' ? null : principal.userId);
}

/**
 * Takes a token back; it and the sessions made with it are good for nothing from then on.
 * @throws PennyError `not_found` when there is no such token, it was taken back before, or it is somebody else's
 */
export async function revokeToken(db: Db, actor: Actor, tokenId: string, now: Date): Promise<identities.Token> {
  const { principal } = actor;
  return inTransaction(db, async (client) => {
    const whose = principal.role === 'admin' ? null : principal.userId;
    const token = await identities.revokeToken(client, tokenId, whose, now);
    if (token === null) throw new PennyError('not_found', 'There is no such token, or it was taken back already.');
    const details = { of: token.email, name: token.name };
    await recordAudit(client, auditOf(actor, 'token.revoked', { type: 'token', id: tokenId }, details, now));
    return token;
  });
}
