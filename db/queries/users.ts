import type pg from 'pg';
import type { Db } from '../client.ts';
import { commonScope, lowerRole, NOTHING, type Principal, type Role, type Scope } from '../principal.ts';

/** The e-mail address of the person at the machine itself, before any sign-in is set up. */
export const LOCAL_EMAIL = 'local@penny.invalid';

/** A person as administrators see them. */
export interface User {
  userId: string;
  email: string;
  name: string;
  role: Role;
  scope: Scope;
  disabled: boolean;
  createdAt: Date;
}

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
  const { rows } = await db.pool.query<PrincipalRow>(
    'SELECT user_id, email, name, role, scope FROM users WHERE lower(email) = lower($1) AND disabled_at IS NULL',
    [email],
  );
  return rows[0] === undefined ? null : toPrincipal(rows[0]);
}

/** A row of users, and what the identity they came by allows at most. */
export interface PrincipalRow extends pg.QueryResultRow {
  user_id: string;
  email: string;
  name: string;
  role: Role;
  scope: Scope | null;
  most_role?: Role | null;
  most_scope?: Scope | null;
  token_id?: string | null;
}

/** The principal of a person: no more than their own rights, and no more than those of the identity they came by. */
export function toPrincipal(row: PrincipalRow): Principal {
  const { most_role: mostRole, most_scope: mostScope, token_id: tokenId } = row;
  return {
    userId: row.user_id,
    email: row.email,
    name: row.name,
    role: mostRole ? lowerRole(row.role, mostRole) : row.role,
    scope: commonScope(scopeOf(row), mostScope ?? 'all'),
    ...(tokenId ? { tokenId } : {}),
  };
}

function scopeOf({ role, scope }: { role: Role; scope: Scope | null }): Scope {
  return role === 'admin' ? 'all' : (scope ?? NOTHING);
}

/** Everybody who was ever added, by e-mail address. */
export async function listUsers(client: pg.ClientBase | pg.Pool): Promise<User[]> {
  const { rows } = await client.query<UserRow>(`${SELECT_USER} ORDER BY lower(email)`);
  return rows.map(toUser);
}

/** The user with this number or e-mail address, disabled or not, held until the end of the transaction; null when there is none. */
export async function lockUser(client: pg.ClientBase, idOrEmail: string): Promise<User | null> {
  const { rows } = await client.query<UserRow>(
    `${SELECT_USER} WHERE user_id::text = $1 OR lower(email) = lower($1) FOR UPDATE`,
    [idOrEmail],
  );
  return rows[0] === undefined ? null : toUser(rows[0]);
}

/** The user just added; null when somebody has that e-mail address already. */
export async function insertUser(
  client: pg.ClientBase,
  user: Pick<User, 'email' | 'name' | 'role' | 'scope'>,
  now: Date,
): Promise<User | null> {
  const { rows } = await client.query<UserRow>(
    `INSERT INTO users (email, name, role, scope, created_at) VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT DO NOTHING RETURNING ${USER_COLUMNS}`,
    [user.email, user.name, user.role, JSON.stringify(user.scope), now],
  );
  return rows[0] === undefined ? null : toUser(rows[0]);
}

/** Writes what a person is called, may do and may see; `disabled` takes effect with their next request. */
export async function updateUser(client: pg.ClientBase, user: User, now: Date): Promise<void> {
  await client.query(
    `UPDATE users SET name = $2, role = $3, scope = $4, disabled_at = CASE WHEN $5 THEN coalesce(disabled_at, $6) END
     WHERE user_id = $1`,
    [user.userId, user.name, user.role, JSON.stringify(user.scope), user.disabled, now],
  );
}

const USER_COLUMNS = 'user_id, email, name, role, scope, disabled_at, created_at';
const SELECT_USER = `SELECT ${USER_COLUMNS} FROM users`;

interface UserRow extends PrincipalRow {
  disabled_at: Date | null;
  created_at: Date;
}

function toUser(row: UserRow): User {
  return {
    userId: row.user_id,
    email: row.email,
    name: row.name,
    role: row.role,
    scope: scopeOf(row),
    disabled: row.disabled_at !== null,
    createdAt: row.created_at,
  };
}

/** The names of accounts by their ids, as far as they have one. */
export async function accountNames(db: Db, ids: string[]): Promise<Map<string, string>> {
  const { rows } = await db.pool.query<{ id: string; name: string }>(
    'SELECT account_id AS id, name FROM accounts WHERE account_id = ANY ($1) AND name IS NOT NULL',
    [ids],
  );
  return new Map(rows.map(({ id, name }) => [id, name]));
}

/** The e-mail addresses of people by their ids. */
export async function emailsOf(client: pg.ClientBase, ids: readonly string[]): Promise<Map<string, string>> {
  const { rows } = await client.query<{ id: string; email: string }>(
    'SELECT user_id AS id, email FROM users WHERE user_id = ANY ($1::uuid[])',
    [ids],
  );
  return new Map(rows.map(({ id, email }) => [id, email]));
}
