import { createServer } from 'node:net';
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { PennyError } from '../errors.ts';
import { closeDb, connect, databaseError } from './client.ts';
import { billingLoads } from './schema/index.ts';
import { type TestDatabase, testDatabase } from './testing.ts';

let database: TestDatabase;

beforeAll(async () => {
  database = await testDatabase();
});

afterAll(async () => {
  await database.close();
});

test('money and counts come back as exact text, days as text, instants as Date, all in UTC', async () => {
  const { rows } = await database.db.pool.query(
    `SELECT 0.1 + 0.2 AS money, 12345678901234567890.123456789 AS exact, count(*) AS count, DATE '2026-11-24' AS day,
       TIMESTAMPTZ '2026-11-24 01:00+02' AS instant, (TIMESTAMPTZ '2026-11-24 01:00+02')::date AS utc_day,
       array[1.5, 2.25] AS amounts`,
  );
  expect(rows[0]).toEqual({
    money: '0.3',
    exact: '12345678901234567890.123456789',
    count: '1',
    day: '2026-11-24',
    instant: new Date('2026-11-23T23:00:00Z'),
    utc_day: '2026-11-23',
    amounts: [1.5, 2.25],
  });
});

test('the typed query builder reads and writes the columns by their names in the database', async () => {
  const uris = ['a.csv'];
  const values = {
    sourceId: 'focus',
    origin: 'file',
    uris: ['a.csv'],
    contentHash: 'x',
    lineCount: 3,
    rowCount: 2,
  } as const;
  await database.db.orm.insert(billingLoads).values({ ...values, uris, sums: {} });
  const [load] = await database.db.orm.select().from(billingLoads);
  expect(load).toMatchObject({ ...values, uris, isCurrent: true, ignoredColumns: [], supersededBy: null });
  expect(load?.loadedAt).toBeInstanceOf(Date);
  const found = await database.db.orm.execute(sql`SELECT source_id FROM billing_loads WHERE content_hash = ${'x'}`);
  expect(found.rows).toEqual([{ source_id: 'focus' }]);
});

test('keeps the options that the address itself brings', async () => {
  const url = new URL(database.url);
  url.searchParams.set('options', '-c work_mem=7MB');
  const db = connect(url.href);
  const { rows } = await db.pool.query(
    "SELECT current_setting('work_mem') AS memory, current_setting('TimeZone') AS zone",
  );
  expect(rows).toEqual([{ memory: '7MB', zone: 'UTC' }]);
  await closeDb(db);
});

test('a query over its statement_timeout is stopped and reported as such, and the connection goes on', async () => {
  const client = await database.db.pool.connect();
  await client.query("SET statement_timeout = '50ms'");
  const startedAt = performance.now();
  const error = await client.query('SELECT pg_sleep(30)').catch(databaseError);
  expect(error).toMatchObject({ code: 'query_timeout' });
  expect(performance.now() - startedAt).toBeLessThan(10_000);
  expect((await client.query('SELECT 1 AS n')).rows).toEqual([{ n: 1 }]);
  client.release(true);
});

test.each([
  [
    'a wrong password',
    (url: URL) => {
      url.password = 'Tr0ub4dor';
    },
    'password is wrong',
  ],
  [
    'an unknown database',
    (url: URL) => {
      url.pathname = '/nowhere';
    },
    'no such database',
  ],
  [
    'an unknown host',
    (url: URL) => {
      url.hostname = 'nowhere.invalid';
    },
    'host name',
  ],
  [
    'a server that demands no TLS',
    (url: URL) => {
      url.searchParams.set('sslmode', 'verify-full');
    },
    'TLS',
  ],
])('says what to do about %s, without the password', async (_what, spoil, words) => {
  const url = new URL(database.url);
  spoil(url);
  const error = await failureAt(url.href);
  expect(error.code).toBe('database_unavailable');
  expect(error.message).toContain(words);
  expect(JSON.stringify([error.message, error.details])).not.toContain(url.password);
});

test('says that nothing listens at an address', async () => {
  const server = createServer();
  const port = await new Promise<number>((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port));
  });
  await new Promise((resolve) => server.close(resolve));
  const error = await failureAt(`postgres://penny@127.0.0.1:${port}/penny`);
  expect(error.message).toContain('nothing listens');
});

test('refuses an address that is none', () => {
  expect(() => connect('not an address')).toThrow(PennyError);
});

test('goes on after the server closed its idle connections', async () => {
  const db = connect(database.url, { applicationName: 'penny idle' });
  await db.pool.query('SELECT 1');
  const lost = new Promise((resolve) => db.pool.once('error', resolve));
  await database.db.pool.query(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'penny idle'",
  );
  await lost;
  expect((await db.pool.query('SELECT 1 AS n')).rows).toEqual([{ n: 1 }]);
  await closeDb(db);
});

test('leaves errors of a statement as they are', async () => {
  const error = await database.db.pool.query('SELECT nothing').catch(databaseError);
  expect(error).not.toBeInstanceOf(PennyError);
  expect(error).toMatchObject({ code: '42703' });
});

async function failureAt(url: string): Promise<PennyError> {
  const db = connect(url);
  const error = await db.pool.query('SELECT 1').catch(databaseError);
  await closeDb(db);
  if (!(error instanceof PennyError)) throw new Error(`expected a PennyError, not ${String(error)}`);
  return error;
}

test('a connection that the server ends while it is in use fails its query, and nothing else', async () => {
  const client = await database.db.pool.connect();
  const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
  await client.query('BEGIN');
  await database.db.pool.query('SELECT pg_terminate_backend($1)', [rows[0]?.pid]);
  // Whether the driver has heard of it yet or hears of it now, its words are an outage to people.
  const failure = await client.query('SELECT 1').catch((error: unknown) => error);
  client.release(true);
  expect(databaseError(failure)).toMatchObject({ code: 'database_unavailable' });
  expect((await database.db.pool.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
});
