import { join } from 'node:path';
import { readMigrationFiles } from 'drizzle-orm/migrator';
import { drizzle } from 'drizzle-orm/node-postgres';
import { migrate } from 'drizzle-orm/node-postgres/migrator';
import pg from 'pg';
import { packageRoot } from '../config.ts';
import { PennyError } from '../errors.ts';
import { applyAccess } from './access/apply.ts';
import { asAuditor } from './access/roles.ts';
import { codeOf, databaseError } from './client.ts';
import { applyComments } from './comments.ts';
import { installQueue } from './queue.ts';

/** Where the SQL migrations lie, in a checkout and in the package. */
export const migrationsFolder = join(packageRoot, 'db', 'migrations');

// One number for all processes of Penny, so that of several that start at once one migrates and the others wait.
const LOCK = 727_002;

/**
 * Brings the database at `url` to the newest schema, all or nothing, and its comments, roles, policies and the queue of the jobs in
 * line. Does nothing when it is there already.
 * @throws PennyError `database_unavailable`; `database_schema` when a migration fails, with Postgres's words as the cause
 */
export async function migrateDatabase(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url, application_name: `penny migrate ${process.pid}` });
  client.on('error', () => {});
  try {
    await client.connect();
    await client.query('SET statement_timeout = 0');
    await client.query('SELECT pg_advisory_lock($1)', [LOCK]);
    await asAuditor(client, async () => {
      await migrate(drizzle({ client }), { migrationsFolder });
      await applyComments(client);
      await applyAccess(client);
    });
    await installQueue(client);
  } catch (error) {
    const translated = databaseError(error);
    if (translated instanceof PennyError) throw translated;
    throw new PennyError(
      'database_schema',
      `The schema could not be brought up to date (${codeOf(error) ?? 'error'}).`,
      {
        cause: error,
      },
    );
  } finally {
    await client.end().catch(() => {});
  }
}

/**
 * Returns how many migrations of this version of Penny the database lacks; 0 means it is up to date. For `/readyz` and
 * for commands that do not migrate by themselves.
 */
export async function missingMigrations(pool: pg.Pool): Promise<number> {
  const all = readMigrationFiles({ migrationsFolder });
  const { rows } = await pool.query<{ exists: boolean }>(
    "SELECT to_regclass('drizzle.__drizzle_migrations') IS NOT NULL AS exists",
  );
  if (rows[0]?.exists !== true) return all.length;
  const applied = await pool.query<{ last: string | null }>(
    'SELECT max(created_at) AS last FROM drizzle.__drizzle_migrations',
  );
  return all.filter((migration) => migration.folderMillis > Number(applied.rows[0]?.last ?? 0)).length;
}
