import type { Db } from '../../db/client.ts';
import type { Principal } from '../../db/principal.ts';
import { insertSignInLink, takeSignInLink } from '../../db/queries/sessions.ts';
import { lockUser } from '../../db/queries/users.ts';
import { inTransaction } from '../../db/transaction.ts';
import { PennyError } from '../../errors.ts';
import { hashOf, newSecret } from './secret.ts';

/** Minutes a one-time link is good for. */
export const LINK_MINUTES = 15;

/** The code of a link that signs `principal` in, once, within `LINK_MINUTES`, on this machine. */
export async function makeLinkCode(db: Db, principal: Principal, now: Date): Promise<string> {
  const code = newSecret();
  const expiresAt = new Date(now.getTime() + LINK_MINUTES * 60_000);
  await insertSignInLink(db.pool, { hash: hashOf(code), userId: principal.userId, expiresAt }, now);
  return code;
}

/** The address of a link. The code stands behind the '#', so that no log of requests and no Referer ever holds it. */
export function linkAddress(base: string, code: string): string {
  return `${base.replace(/\/$/, '')}/sign-in#link=${code}`;
}

/**
 * The e-mail address of whom a code signs in; it is used up by this.
 * @throws PennyError `unauthorized` when it was used, has expired or never was
 */
export async function takeLinkCode(db: Db, code: string, now: Date): Promise<string> {
  const email = await inTransaction(db, async (client) => {
    const userId = await takeSignInLink(client, hashOf(code), now);
    return userId === null ? null : ((await lockUser(client, userId))?.email ?? null);
  });
  if (email !== null) return email;
  throw new PennyError(
    'unauthorized',
    'The link was used already or has expired. Get another with "penny user link" in a terminal on this machine.',
  );
}
