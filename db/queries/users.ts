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

/** The active user with this e-mail address (case does not matter), or null. */
export async function principalByEmail(db: Db, email: string): Promise<Principal | null> {
  const { rows } = await db.pool.query('SELECT user_id, email, name, role FROM users WHERE lower(email) = lower($1)', [
    email,
  ]);
  const row = rows[0];
  if (row === undefined) return null;
  return { userId: row.user_id, email: row.email, name: row.name, role: row.role, scope: 'all' };
}
