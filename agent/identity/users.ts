import { type AuditEntry, recordAudit } from '../../db/audit/record.ts';
import type { Db } from '../../db/client.ts';
import { mayActAs, NOTHING, type Principal, type Role, type Scope } from '../../db/principal.ts';
import { type IdentityKey, insertIdentity, ownerOfIdentity } from '../../db/queries/identities.ts';
import { endSessionsOf, rotateSoon } from '../../db/queries/sessions.ts';
import * as users from '../../db/queries/users.ts';
import { inTransaction } from '../../db/transaction.ts';
import { PennyError } from '../../errors.ts';

export type { User } from '../../db/queries/users.ts';

/** Who does something, and where. */
export interface Actor {
  principal: Principal;
  surface: AuditEntry['surface'];
}

export interface NewUser {
  email: string;
  name?: string | undefined;
  role: Role;
  scope?: Scope | undefined;
}

export interface UserChanges {
  name?: string | undefined;
  role?: Role | undefined;
  scope?: Scope | undefined;
  disabled?: boolean | undefined;
}

/** @throws PennyError `forbidden` unless `principal` may do what `least` may */
export function requireRole(principal: Principal, least: Role): void {
  if (mayActAs(principal.role, least)) return;
  throw new PennyError('forbidden', `That takes the role ${least}; yours is ${principal.role}.`);
}

/** Everybody, by e-mail address. @throws PennyError `forbidden` */
export async function listUsers(db: Db, principal: Principal): Promise<users.User[]> {
  requireRole(principal, 'admin');
  return users.listUsers(db.pool);
}

/**
 * Adds somebody, who sees nothing unless a scope is given.
 * @throws PennyError `forbidden`, `conflict` when the e-mail address is taken
 */
export async function addUser(db: Db, actor: Actor, given: NewUser, now: Date): Promise<users.User> {
  requireRole(actor.principal, 'admin');
  const { email, role, name = email, scope = role === 'admin' ? 'all' : NOTHING } = given;
  return inTransaction(db, async (client) => {
    const user = await users.insertUser(client, { email, name, role, scope }, now);
    if (user === null) throw new PennyError('conflict', `There is a user with the e-mail address ${email} already.`);
    const details = { email, name, role, scope };
    await recordAudit(client, auditOf(actor, 'user.added', { type: 'user', id: user.userId }, details, now));
    return user;
  });
}

/**
 * Changes what somebody may do and see; it counts from their next request on, and disabling ends their sessions.
 * @throws PennyError `forbidden`, `not_found`
 */
export async function changeUser(
  db: Db,
  actor: Actor,
  idOrEmail: string,
  changes: UserChanges,
  now: Date,
): Promise<users.User> {
  requireRole(actor.principal, 'admin');
  return inTransaction(db, async (client) => {
    const before = await lockPerson(client, idOrEmail, 'also disabled');
    const after = changed(before, changes);
    refuseLockout(actor.principal, before, after);
    await users.updateUser(client, after, now);
    await rotateSoon(client, before.userId, now);
    if (after.disabled) await endSessionsOf(client, before.userId, now);
    const details = { before: rightsOf(before), after: rightsOf(after) };
    await recordAudit(client, auditOf(actor, 'user.changed', { type: 'user', id: before.userId }, details, now));
    return after;
  });
}

/**
 * Makes an account of a platform an identity of somebody, on an administrator's word: for providers that do not verify e-mail addresses.
 * @throws PennyError `forbidden`, `not_found`, `conflict` when the account is somebody's already
 */
export async function linkUser(db: Db, actor: Actor, idOrEmail: string, key: IdentityKey, now: Date): Promise<void> {
  requireRole(actor.principal, 'admin');
  await inTransaction(db, async (client) => {
    const user = await lockPerson(client, idOrEmail);
    if ((await ownerOfIdentity(client, key)) !== null) {
      throw new PennyError('conflict', 'That account is linked to somebody already.');
    }
    await insertIdentity(client, user.userId, key, now);
    await recordAudit(client, auditOf(actor, 'identity.linked', { type: 'user', id: user.userId }, { ...key }, now));
  });
}

function changed(before: users.User, { name, role, scope, disabled }: UserChanges): users.User {
  const after = {
    ...before,
    name: name ?? before.name,
    role: role ?? before.role,
    disabled: disabled ?? before.disabled,
  };
  if (after.role === 'admin') return { ...after, scope: 'all' };
  // Who was an administrator saw everything for that reason alone.
  return { ...after, scope: scope ?? (before.role === 'admin' ? NOTHING : before.scope) };
}

/** Nobody locks the last one out who could let them in again: oneself, and the person at the machine. */
function refuseLockout({ userId }: Principal, before: users.User, after: users.User): void {
  const lesser = after.disabled || !mayActAs(after.role, before.role);
  if (before.userId === userId && lesser) {
    throw new PennyError('forbidden', 'You cannot take your own rights; another administrator can.');
  }
  if (before.email === users.LOCAL_EMAIL && lesser) {
    throw new PennyError('forbidden', 'The local administrator stands for whoever holds this machine, and stays.');
  }
}

/** A user by number or e-mail address. @throws PennyError `not_found` */
export async function lockPerson(
  client: Parameters<typeof users.lockUser>[0],
  idOrEmail: string,
  which: 'enabled' | 'also disabled' = 'enabled',
): Promise<users.User> {
  const user = await users.lockUser(client, idOrEmail);
  if (user !== null && (which === 'also disabled' || !user.disabled)) return user;
  throw new PennyError('not_found', `There is no user ${idOrEmail} who may sign in.`);
}

/** What an audit entry says about who did something. */
export function auditOf(
  { principal, surface }: Actor,
  event: string,
  subject: { type: string; id: string },
  details: Record<string, unknown>,
  now: Date,
): AuditEntry {
  const { userId, email, tokenId } = principal;
  const by = tokenId === undefined ? {} : { byToken: tokenId };
  return { occurredAt: now, actorId: userId, actor: email, surface, event, subject, details: { ...details, ...by } };
}

function rightsOf({ name, role, scope, disabled }: users.User) {
  return { name, role, scope, disabled };
}
