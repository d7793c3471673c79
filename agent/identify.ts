import type { Db } from '../db/client.ts';
import type { Principal } from '../db/principal.ts';
import { localPrincipal, principalByEmail } from '../db/queries/users.ts';
import { PennyError } from '../errors.ts';

/** A platform's verified word on who is there. `local` is the person at the machine itself. */
export type Identity = { platform: 'local'; email?: string };

/**
 * The principal of an identity.
 * @throws PennyError `not_found` when no user has that e-mail address
 */
export async function identify(db: Db, identity: Identity): Promise<Principal> {
  if (identity.email === undefined) return localPrincipal(db);
  const principal = await principalByEmail(db, identity.email);
  if (principal === null)
    throw new PennyError('not_found', `There is no user with the e-mail address ${identity.email}.`);
  return principal;
}
