import { createHash, randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { readMigrationFiles } from 'drizzle-orm/migrator';
import pg from 'pg';
import { inject } from 'vitest';
import { log } from '../log.ts';
import { closeDb, codeOf, connect, type Db } from './client.ts';
import { comments } from './comments.ts';
import { openEmbedded } from './embedded.ts';
import { migrateDatabase, migrationsFolder } from './migrate.ts';

/** A database of a test's own. */
export interface TestDatabase {
  db: Db;
  url: string;
  close(): Promise<void>;
}

/**
 * Returns a fresh, migrated database on the one embedded server of the test run, cloned from a template in some tens of
 * milliseconds. `close` drops it; the server ends with the run.
 */
export async function testDatabase(options: { max?: number } = {}): Promise<TestDatabase> {
  const server = await testServer();
  const template = await templateOf(server);
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  await administer(server, `CREATE DATABASE ${name} TEMPLATE ${template} STRATEGY FILE_COPY`);
  const url = onDatabase(server, name);
  const db = connect(url, options);
  return {
    db,
    url,
    async close() {
      await closeDb(db);
      await drop(server, name);
    },
  };
}

/** Returns a fresh database without any schema, for tests of the migrations themselves. */
export async function emptyDatabase(): Promise<{ url: string; close(): Promise<void> }> {
  const server = await testServer();
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  await administer(server, `CREATE DATABASE ${name}`);
  return {
    url: onDatabase(server, name),
    close: () => drop(server, name),
  };
}

/**
 * Returns a database that was migrated itself, in about a second: the rights of its roles on the database, and who owns the audit log,
 * are not copied with a template.
 */
export async function ownDatabase(): Promise<TestDatabase> {
  const { url, close } = await emptyDatabase();
  await migrateDatabase(url);
  const db = connect(url);
  return {
    db,
    url,
    async close() {
      await closeDb(db);
      await close();
    },
  };
}

let server: Promise<string> | undefined;
let template: Promise<string> | undefined;

function testServer(): Promise<string> {
  server ??= openEmbedded(inject('databaseHome'), log, { throwaway: true }).then(({ url }) => url);
  return server;
}

function templateOf(url: string): Promise<string> {
  template ??= makeTemplate(url);
  return template;
}

async function makeTemplate(url: string): Promise<string> {
  const migrations = readMigrationFiles({ migrationsFolder }).map((migration) => migration.hash);
  const version = createHash('sha256')
    .update(JSON.stringify([migrations, comments()]))
    .digest('hex');
  const name = `template_${version.slice(0, 16)}`;
  await withClient(url, async (client) => {
    await client.query("SELECT pg_advisory_lock(hashtext('template'))");
    const { rowCount } = await client.query('SELECT FROM pg_database WHERE datname = $1', [name]);
    if (rowCount === 1) return;
    await client.query(`DROP DATABASE IF EXISTS ${name}_new WITH (FORCE)`);
    await client.query(`CREATE DATABASE ${name}_new`);
    await migrateDatabase(onDatabase(url, `${name}_new`));
    await client.query(`ALTER DATABASE ${name}_new RENAME TO ${name}`);
  });
  return name;
}

/** Postgres may be cleaning up in the database at that moment, and only a superuser ends that; it ends by itself in a moment. */
async function drop(server: string, name: string): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await administer(server, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
    } catch (error) {
      if (codeOf(error) !== '42501' || attempt === DROP_ATTEMPTS) throw error;
      await pause(100);
    }
  }
}

const DROP_ATTEMPTS = 100;

async function administer(url: string, statement: string): Promise<void> {
  await withClient(url, (client) => client.query(statement));
}

async function withClient<Result>(url: string, use: (client: pg.Client) => Promise<Result>): Promise<Result> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}

function onDatabase(url: string, name: string): string {
  const changed = new URL(url);
  changed.pathname = `/${name}`;
  return changed.href;
}
