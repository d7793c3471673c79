import type { Db } from '../client.ts';
import type { Principal } from '../principal.ts';

/** The e-mail address of the person at the machine itself, before any sign-in is set up. */
export const LOCAL_EMAIL = 'local@penny.invalid';

/**
 * The principal of the person at this machine: whoever reaches the database and the loopback address already holds
 * everything, so it is an administrator. Its row is made on first use; safe when several start at once.
 */
export async function localPrincipal(db: Db): Promise<Principal> {
  await db.pool.query(
    `INSERT INTO users (user_id, email, name, role) VALUES (gen_random_uuid(), $1, 'Local administrator', 'admin')
ON CONFLICT DO NOTHING`,
    [LOCAL_EMAIL],
  );
  const principal = await principalByEmail(db, LOCAL_EMAIL);
  if (principal === null) throw new Error('the local user was just written and is not there');
  return principal;
}

/** The user with this e-mail address (case does not matter) who may still sign in, or null. */
export async function principalByEmail(db: Db, email: string): Promise<Principal | null> {
  const { rows } = await db.pool.query<UserRow>(
    'SELECT user_id, email, name, role, scope FROM users WHERE lower(email) = lower($1) AND disabled_at IS NULL',
    [email],
  );
  const row = rows[0];
  if (row === undefined) return null;
  const { user_id: userId, name, role, scope } = row;
  return { userId, email: row.email, name, role, scope: role === 'admin' ? 'all' : (scope ?? NOTHING) };
}

interface UserRow {
  user_id: string;
  email: string;
  name: string;
  role: Principal['role'];
  scope: Principal['scope'] | null;
}

/** The scope of somebody who was given none. */
const NOTHING: Principal['scope'] = { subAccountIds: [], tags: [] };
