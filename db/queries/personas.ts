import type pg from 'pg';
import type { Role, Scope } from '../principal.ts';

/** Whether there is a bill and all of it is the demo estate. */
export async function isDemoAlone(client: pg.ClientBase | pg.Pool): Promise<boolean> {
  const { rows } = await client.query<{ alone: boolean | null }>(
    "SELECT bool_and(origin = 'demo') AS alone FROM billing_loads WHERE is_current",
  );
  return rows[0]?.alone === true;
}

/** The id of the account of this name; null when there is none. */
export async function accountIdByName(client: pg.ClientBase | pg.Pool, name: string): Promise<string | null> {
  const { rows } = await client.query<{ id: string }>(
    "SELECT account_id AS id FROM accounts WHERE name = $1 AND kind = 'sub' ORDER BY account_id LIMIT 1",
    [name],
  );
  return rows[0]?.id ?? null;
}

/** The number of the user of this e-mail address, added or brought back to just these rights. */
export async function upsertUser(
  client: pg.ClientBase,
  user: { email: string; name: string; role: Role; scope: Scope },
): Promise<string> {
  const { rows } = await client.query<{ id: string }>(
    `INSERT INTO users (email, name, role, scope) VALUES ($1, $2, $3, $4)
     ON CONFLICT (lower(email)) DO UPDATE SET name = excluded.name, role = excluded.role, scope = excluded.scope, disabled_at = NULL
     RETURNING user_id AS id`,
    [user.email, user.name, user.role, JSON.stringify(user.scope)],
  );
  return rows[0]?.id ?? '';
}
