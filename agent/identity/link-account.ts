import { type AuditEntry, recordAudit } from '../../db/audit/record.ts';
import type { Db } from '../../db/client.ts';
import { mayActAs, NOTHING, type Role } from '../../db/principal.ts';
import { type IdentityKey, insertIdentity, isLinked, ownerOfIdentity } from '../../db/queries/identities.ts';
import { rotateSoon } from '../../db/queries/sessions.ts';
import { insertUser, lockUser, type User, updateUser } from '../../db/queries/users.ts';
import { inTransaction } from '../../db/transaction.ts';
import { PennyError } from '../../errors.ts';

type Client = Parameters<typeof recordAudit>[0] & Parameters<typeof lockUser>[0];

/** What an OpenID Connect provider vouches for, from a token that was checked. */
export interface ProviderAccount {
  issuer: string;
  subject: string;
  email: string | undefined;
  emailVerified: boolean;
  name: string | undefined;
  groups: string[];
}

export interface LinkRules {
  /** The role of somebody who signs in for the first time and whom nobody added; `off`: they may not. */
  autoCreate: 'off' | 'viewer' | 'engineer';
  /** The role of each group; with any, the provider decides on roles at each sign-in. */
  groupRoles: ReadonlyMap<string, Role>;
}

/** The roles of `group=role,group=role`, which the configuration has checked. */
export function readGroupRoles(text: string): Map<string, Role> {
  const pairs = text.split(',').filter((pair) => pair.trim() !== '');
  return new Map(pairs.map((pair) => pair.split('=').map((part) => part.trim()) as [string, Role]));
}

/**
 * Makes an account of the provider an identity of a person here. On its first sign-in it is linked to the user of its e-mail
 * address, if the provider has verified that, or else becomes a new user who sees nothing yet.
 * @throws PennyError `forbidden`, saying what to do, when the account may not sign in here
 */
export async function linkAccount(db: Db, account: ProviderAccount, rules: LinkRules, now: Date): Promise<void> {
  const key: IdentityKey = { platform: 'oidc', tenant: account.issuer, subject: account.subject };
  await inTransaction(db, async (client) => {
    const known = await ownerOfIdentity(client, key);
    if (known !== null && !known.usable) throw refusal('Your access was switched off.');
    const user = known === null ? await userFor(client, account, rules, now) : await userOf(client, known.userId);
    if (known === null) await link(client, user, key, now);
    await takeRole(client, user, account, rules, now);
  });
}

const refusal = (reason: string): PennyError => new PennyError('forbidden', `${reason} Ask an administrator of Penny.`);

async function userOf(client: Client, userId: string): Promise<User> {
  const user = await lockUser(client, userId);
  if (user === null) throw new Error('an identity without its user');
  return user;
}

/** The user whom an account that is not known yet belongs to. */
async function userFor(client: Client, account: ProviderAccount, rules: LinkRules, now: Date): Promise<User> {
  const { email, emailVerified } = account;
  if (email === undefined) throw refusal('Your identity provider told Penny no e-mail address of yours.');
  // Whoever may write any address into their profile would otherwise become whomever they like.
  if (!emailVerified) throw refusal(`Your identity provider has not verified the address ${email}.`);
  const user = await lockUser(client, email);
  if (user === null) return addUser(client, account, email, rules, now);
  if (user.disabled) throw refusal('Your access was switched off.');
  if (isInternal(email)) throw refusal(`Nobody can own the address ${email}.`);
  // An address that was given to another person brings that person no rights of the one before.
  if (await isLinked(client, user.userId, { platform: 'oidc', tenant: account.issuer })) {
    throw refusal(`The address ${email} belongs to another account of your identity provider.`);
  }
  return user;
}

/** Addresses of users who stand for a machine or a part, not for a person (RFC 2606). */
function isInternal(email: string): boolean {
  return /(^|[.@])invalid$/i.test(email);
}

async function addUser(
  client: Client,
  account: ProviderAccount,
  email: string,
  { autoCreate }: LinkRules,
  now: Date,
): Promise<User> {
  if (autoCreate === 'off') throw refusal(`Nobody has added ${email} yet.`);
  if (isInternal(email)) throw refusal(`Nobody can own the address ${email}.`);
  const added = { email, name: account.name ?? email, role: autoCreate, scope: NOTHING };
  const user = await insertUser(client, added, now);
  if (user === null) throw new PennyError('conflict');
  await recordAudit(client, entryOf(user, 'user.added', now, added));
  return user;
}

async function link(client: Client, user: User, key: IdentityKey, now: Date): Promise<void> {
  await insertIdentity(client, user.userId, key, now);
  const { platform, tenant, subject } = key;
  await recordAudit(client, entryOf(user, 'identity.linked', now, { platform, tenant, subject }));
}

/** Gives the user the role of their groups, where groups decide; leaving a group takes effect as well as joining one. */
async function takeRole(
  client: Client,
  user: User,
  { groups }: ProviderAccount,
  { groupRoles }: LinkRules,
  now: Date,
): Promise<void> {
  if (groupRoles.size === 0) return;
  const roles = groups.flatMap((group) => groupRoles.get(group) ?? []);
  const role = roles.reduce<Role>((best, one) => (mayActAs(one, best) ? one : best), 'viewer');
  if (role === user.role) return;
  // Who was an administrator saw everything for that reason alone.
  const changed = { ...user, role, scope: user.role === 'admin' ? NOTHING : user.scope };
  await updateUser(client, changed, now);
  await rotateSoon(client, user.userId, now);
  await recordAudit(
    client,
    entryOf(user, 'user.changed', now, { before: { role: user.role }, after: { role }, because: 'groups' }),
  );
}

function entryOf(user: User, event: string, now: Date, details: Record<string, unknown>): AuditEntry {
  const { userId, email } = user;
  return {
    occurredAt: now,
    actorId: userId,
    actor: email,
    surface: 'web',
    event,
    subject: { type: 'user', id: userId },
    details,
  };
}
