import { audit } from '../../db/audit/record.ts';
import type { Db } from '../../db/client.ts';
import { principalByIdentity, TOKEN_TENANT } from '../../db/queries/identities.ts';
import { PennyError } from '../../errors.ts';
import { identify } from '../identify.ts';
import { type LinkRules, linkAccount, type ProviderAccount } from './link-account.ts';
import { takeLinkCode } from './links.ts';
import { personaPrincipal } from './personas.ts';
import { hashOf } from './secret.ts';
import { openSession, type SessionLength, type SignedIn } from './sessions.ts';

/** How somebody signs in to the web. `persona` and `link` only ever come from this machine; the web sees to that. */
export type SignIn =
  | { method: 'persona'; persona: string }
  | { method: 'link'; code: string }
  | { method: 'token'; token: string }
  | { method: 'oidc'; account: ProviderAccount };

export interface SignInRules extends SessionLength, LinkRules {}

/**
 * Signs somebody in and opens their session, in the place of the one their browser had. What is refused stands in the audit log too.
 * @throws PennyError `unauthorized`, `forbidden`, `not_found`, each saying what to do
 */
export async function signIn(db: Db, how: SignIn, rules: SignInRules, now: Date, replaces?: string): Promise<SignedIn> {
  try {
    const found = await personOf(db, how, rules, now);
    return await openSession(db, { ...found, method: how.method, replaces }, rules, now);
  } catch (error) {
    if (error instanceof PennyError && error.status < 500) await noteRefusal(db, how, error.message, now);
    throw error;
  }
}

async function personOf(db: Db, how: SignIn, rules: SignInRules, now: Date) {
  switch (how.method) {
    case 'persona':
      return { principal: await personaPrincipal(db, how.persona), details: { persona: how.persona } };
    case 'link': {
      const email = await takeLinkCode(db, how.code, now);
      return { principal: await identify(db, { platform: 'local', email }, now) };
    }
    case 'token':
      return throughIdentity(db, { platform: 'token', tenant: TOKEN_TENANT, subject: hashOf(how.token) }, now);
    case 'oidc': {
      await linkAccount(db, how.account, rules, now);
      const { issuer: tenant, subject } = how.account;
      return throughIdentity(db, { platform: 'oidc', tenant, subject }, now);
    }
  }
}

async function throughIdentity(db: Db, key: Parameters<typeof principalByIdentity>[1], now: Date) {
  const found = await principalByIdentity(db, key, now);
  if (found === null) {
    throw new PennyError('unauthorized', 'The API token is not one of Penny, or was revoked, or has expired.');
  }
  const { identityId, ...principal } = found;
  return { principal, identityId };
}

async function noteRefusal(db: Db, how: SignIn, reason: string, now: Date): Promise<void> {
  const account = how.method === 'oidc' ? how.account : undefined;
  const known = account === undefined ? {} : { issuer: account.issuer, subject: account.subject };
  await audit(db.pool, {
    occurredAt: now,
    actorId: null,
    actor: account?.email ?? 'unknown',
    surface: 'web',
    event: 'session.refused',
    details: { method: how.method, reason, ...known },
  });
}
