import { createHash } from 'node:crypto';
import pg from 'pg';
import { ACCESS_FUNCTIONS } from './functions.ts';
import { ROW_POLICIES } from './policies.ts';
import { ensureRoles, grants } from './roles.ts';
import { ASK_VIEWS } from './views.ts';

/**
 * Brings roles, row policies and the views of schema `ask` in line with their definitions, all or nothing.
 * It is not a migration, since what it makes holds no data: when a definition has changed, all of it is made anew.
 */
export async function applyAccess(client: pg.ClientBase): Promise<void> {
  await client.query('BEGIN');
  try {
    await bringInLine(client);
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  }
}

async function bringInLine(client: pg.ClientBase): Promise<void> {
  const access = await ensureRoles(client);
  const { rows } = await client.query<{ database: string }>('SELECT current_database() AS database');
  const statements = [...DEFINITIONS, ...grants(access, rows[0]?.database ?? '')];
  const version = createHash('sha256').update(statements.join('\n')).digest('hex');
  if (version === (await appliedVersion(client))) return;
  await client.query([...statements, `COMMENT ON SCHEMA access IS '${version}'`].join(';\n'));
}

async function appliedVersion(client: pg.ClientBase): Promise<string | undefined> {
  const { rows } = await client.query<{ version: string | null }>(
    "SELECT obj_description(to_regnamespace('access'), 'pg_namespace') AS version",
  );
  return rows[0]?.version ?? undefined;
}

// Dropping a schema of functions drops the policies that use them.
const DEFINITIONS = [
  'DROP SCHEMA IF EXISTS ask CASCADE',
  'DROP SCHEMA IF EXISTS access CASCADE',
  'CREATE SCHEMA access',
  'CREATE SCHEMA ask',
  "COMMENT ON SCHEMA ask IS 'What may be asked with SQL: one view a noun, each showing what the person who asks may see.'",
  ACCESS_FUNCTIONS,
  ...Object.entries(ROW_POLICIES).flatMap(([table, condition]) => [
    `ALTER TABLE public.${table} ENABLE ROW LEVEL SECURITY`,
    `CREATE POLICY scope ON public.${table} FOR SELECT USING (${condition})`,
  ]),
  ...ASK_VIEWS.flatMap(({ name, sql, description, columns }) => [
    `CREATE VIEW ask.${name} AS ${sql}`,
    `COMMENT ON VIEW ask.${name} IS ${pg.escapeLiteral(description)}`,
    ...columns.map(
      (column) => `COMMENT ON COLUMN ask.${name}.${column.name} IS ${pg.escapeLiteral(column.description)}`,
    ),
  ]),
];
