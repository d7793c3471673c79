import type { Db } from '../db/client.ts';
import type { Principal } from '../db/principal.ts';
import { principalByIdentity, TOKEN_TENANT } from '../db/queries/identities.ts';
import { localPrincipal, principalByEmail } from '../db/queries/users.ts';
import { PennyError } from '../errors.ts';
import { hashOf } from './identity/secret.ts';
import { resumeSession } from './identity/sessions.ts';

/** A platform's verified word on who is there. */
export type Identity =
  /** The person at the machine itself, or the user whom they choose to be. */
  | { platform: 'local'; email?: string }
  /** An API token, as it came in a header. */
  | { platform: 'token'; token: string }
  /** The secret of a session, as it came in a cookie. `local`: the request came from this machine and nobody passed it on. */
  | { platform: 'session'; secret: string; local: boolean }
  /** Whom the platform has authenticated; `tenant` is the issuer, the workspace or the tenant. */
  | { platform: 'oidc' | 'slack' | 'teams'; tenant: string; subject: string };

/**
 * The principal of an identity: the one door to Penny. It is built anew for each request, so that a changed role, a disabled
 * person or a revoked token counts at once.
 * @throws PennyError `not_found` when no user has that e-mail address; `unauthorized` when the identity is not, or no longer, one
 *   of a person here
 */
export async function identify(db: Db, identity: Identity, now = new Date()): Promise<Principal> {
  switch (identity.platform) {
    case 'local':
      return identity.email === undefined ? localPrincipal(db) : userOf(db, identity.email);
    case 'token':
      return tokenHolder(db, identity.token, now);
    case 'session':
      return (await resumeSession(db, identity, now)).principal;
    default:
      return linkedPerson(db, identity, now);
  }
}

async function userOf(db: Db, email: string): Promise<Principal> {
  const principal = await principalByEmail(db, email);
  if (principal === null) throw new PennyError('not_found', `There is no user with the e-mail address ${email}.`);
  return principal;
}

const TOKEN = /^penny_[\w-]{43}$/;

async function tokenHolder(db: Db, token: string, now: Date): Promise<Principal> {
  const found = TOKEN.test(token)
    ? await principalByIdentity(db, { platform: 'token', tenant: TOKEN_TENANT, subject: hashOf(token) }, now)
    : null;
  if (found === null)
    throw new PennyError('unauthorized', 'The API token is not one of Penny, or was revoked, or has expired.');
  return withoutIdentity(found);
}

async function linkedPerson(
  db: Db,
  key: { platform: 'oidc' | 'slack' | 'teams'; tenant: string; subject: string },
  now: Date,
): Promise<Principal> {
  const found = await principalByIdentity(db, key, now);
  if (found === null)
    throw new PennyError('unauthorized', 'Nobody here is linked to that account. Ask an administrator of Penny.');
  return withoutIdentity(found);
}

function withoutIdentity({ identityId: _, ...principal }: Principal & { identityId: string }): Principal {
  return principal;
}
