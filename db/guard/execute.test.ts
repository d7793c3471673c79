import { setImmediate } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Person } from '../access/context.ts';
import { closeDb, connect, type Db } from '../client.ts';
import { storeBill } from '../queries/bill.fixture.ts';
import { ownDatabase, type TestDatabase } from '../testing.ts';
import { runGuarded, type SqlOptions } from './execute.ts';

let database: TestDatabase;
let db: Db;

beforeAll(async () => {
  database = await ownDatabase();
  db = database.db;
  await storeBill(db, [
    {
      day: '2026-01-01',
      cost: '10.123456789012',
      sub_account_id: '111',
      service_name: 'Amazon EC2',
      tags: { team: 'search' },
    },
    { day: '2026-01-01', cost: '20', sub_account_id: '222', service_name: 'secret of team checkout' },
    { day: '2026-01-02', cost: '40', sub_account_id: '111', service_name: 'Amazon S3' },
  ]);
});

afterAll(async () => {
  await database.close();
});

const someone = (scope: Person['scope']): Person => ({ userId: '7b3c1a52-59d5-4a4c-8d3e-0d4a3a6f2f10', scope });
const ALL = someone('all');
const ONE = someone({ subAccountIds: ['111'], tags: [] });
const run = (sql: string, options: SqlOptions = {}, person = ALL) => runGuarded(db, person, sql, options);
/** The layers below the parser alone. */
const unparsed: SqlOptions = { check: () => ({ allowed: true, fingerprint: '', relations: ['costs'] }) };

test('returns columns with their types, money as text, numbers, instants and JSON', async () => {
  const sql = `SELECT service_name, sum(effective_cost) AS cost, count(*)::int AS charges, min(charge_period_start) AS since,
    max(charge_period_start)::date AS day, bool_or(tags = '{}') AS bare, jsonb_agg(DISTINCT tags) AS tags
    FROM costs WHERE sub_account_id = '111' GROUP BY 1 ORDER BY 1`;
  const { elapsedMs, fingerprint, ...result } = await run(sql);
  expect(fingerprint).toMatch(/^[0-9a-f]{8,}$/);
  expect(elapsedMs).toBeGreaterThan(0);
  expect(result).toEqual({
    columns: [
      { name: 'service_name', type: 'text' },
      { name: 'cost', type: 'numeric' },
      { name: 'charges', type: 'integer' },
      { name: 'since', type: 'timestamp with time zone' },
      { name: 'day', type: 'date' },
      { name: 'bare', type: 'boolean' },
      { name: 'tags', type: 'jsonb' },
    ],
    rows: [
      ['Amazon EC2', '10.123456789012', 1, '2026-01-01T00:00:00Z', '2026-01-01', false, [{ team: 'search' }]],
      ['Amazon S3', '40', 1, '2026-01-02T00:00:00Z', '2026-01-02', true, [{}]],
    ],
    rowCount: 2,
    truncated: false,
    relations: ['costs'],
  });
});

test('a person sees the rows of their scope, whatever the statement says', async () => {
  const total = 'SELECT sum(effective_cost) FROM ask.costs';
  expect((await run(total)).rows).toEqual([['70.123456789012']]);
  expect((await run(total, {}, ONE)).rows).toEqual([['50.123456789012']]);
  expect((await run(`${total} WHERE sub_account_id = '222' OR true`, {}, ONE)).rows).toEqual([['50.123456789012']]);
});

test('a refusal says which rule it breaks and what to write instead', async () => {
  await expect(run('DELETE FROM ask.costs')).rejects.toMatchObject({
    code: 'sql_refused',
    details: { code: 'writes' },
  });
  await expect(run('SELECT * FROM public.billing')).rejects.toMatchObject({
    details: { code: 'relation_not_allowed' },
  });
});

test.each([
  ['a second statement', 'SELECT 1; DELETE FROM billing'],
  ['a second statement after a commit', 'SELECT 1; COMMIT; DROP TABLE public.users'],
  ['leaving the read-only transaction', 'COMMIT'],
  ['a write', 'DELETE FROM ask.accounts'],
  ['a write inside a query', 'WITH gone AS (DELETE FROM public.billing RETURNING 1) SELECT * FROM gone'],
  ['the tables behind the views', 'SELECT * FROM public.billing'],
  ['the secrets of the service', 'SELECT * FROM public.service_secrets'],
  ['the people', 'SELECT email FROM public.users'],
  ['another scope', "SELECT set_config('penny.scope', 'x', true)"],
  ['another role', 'SET ROLE postgres'],
  ['a longer time limit', "SELECT set_config('statement_timeout', '0', false)"],
  ['SQL in a text', "SELECT query_to_xml('SELECT 1', true, true, '')"],
  ['SQL in a text for statistics', "SELECT * FROM ts_stat('SELECT ''a''::tsvector')"],
  ['files', "SELECT pg_read_file('/etc/passwd')"],
  ['a folder', "SELECT * FROM pg_ls_dir('/')"],
  ['a large object', "SELECT lo_import('/etc/passwd')"],
  ['waiting', 'SELECT pg_sleep(10)'],
  ['a lock', 'SELECT pg_advisory_lock(1)'],
  ['rows locked', 'SELECT * FROM ask.costs FOR UPDATE'],
  ['a message', "SELECT pg_notify('a', 'b')"],
  ['the log of changes', "SELECT pg_logical_emit_message(true, 'a', 'b')"],
  ['a code block', 'DO $$ BEGIN PERFORM 1; END $$'],
  ['a program', "COPY (SELECT 1) TO PROGRAM 'true'"],
  ['a temporary table', 'CREATE TEMP TABLE x AS SELECT 1'],
  ['a table made by a SELECT', 'SELECT 1 INTO TEMP x'],
  ['other sessions', 'SELECT pg_terminate_backend(1)'],
  ['the configuration', 'SELECT pg_reload_conf()'],
  ['a prepared statement', 'PREPARE x AS SELECT 1'],
  ['a running analysis', 'EXPLAIN ANALYZE SELECT 1'],
])('without the parser the database itself refuses %s', async (_, sql) => {
  const before = await db.pool.query(
    'SELECT (SELECT count(*) FROM billing) AS rows, (SELECT count(*) FROM users) AS users',
  );
  await expect(run(sql, unparsed)).rejects.toMatchObject({ code: expect.stringMatching(/^sql_(refused|failed)$/) });
  const after = await db.pool.query(
    'SELECT (SELECT count(*) FROM billing) AS rows, (SELECT count(*) FROM users) AS users',
  );
  expect(after.rows).toEqual(before.rows);
  // And nothing of it is left on the connection for the next person.
  expect((await run('SELECT count(*) FROM costs', {}, ONE)).rows).toEqual([['2']]);
});

test('a statement that costs too much is refused before it runs, and one that takes too long is ended', async () => {
  const many = Array.from({ length: 9 }, (_, index) => `generate_series(1, 100000) AS g${index}`).join(', ');
  await expect(run(`SELECT count(*) FROM ${many}`, unparsed)).rejects.toMatchObject({
    details: { code: 'too_expensive' },
  });
  const long = 'SELECT count(*) FROM generate_series(1, 300000000)';
  const limits = { timeoutMs: 150, planCost: 1e15 };
  await expect(run(long, { ...unparsed, limits })).rejects.toMatchObject({ code: 'query_timeout' });
}, 10_000);

test('the transaction is read-only and takes its limits along, whatever the role was set to', async () => {
  const { rows } = await db.pool.query<{ role: string }>(
    "SELECT rolname AS role FROM pg_roles WHERE rolname LIKE 'penny_ask_%'",
  );
  const settings = { default_transaction_read_only: 'off', statement_timeout: '0', search_path: 'public' };
  for (const { role } of rows) {
    for (const [name, value] of Object.entries(settings))
      await db.pool.query(`ALTER ROLE ${role} SET ${name} = '${value}'`);
  }
  const other = connect(database.url);
  const shown = await runGuarded(
    other,
    ALL,
    "SELECT current_setting('transaction_read_only'), current_setting('statement_timeout'), current_setting('search_path')",
    unparsed,
  );
  await closeDb(other);
  expect(shown.rows).toEqual([['on', '15s', 'ask']]);
});

test('rows and bytes beyond the limits are cut, and that is said', async () => {
  const many = 'SELECT n FROM generate_series(1, 5000) AS n';
  const cut = await run(many, { ...unparsed, limits: { rows: 250 } });
  expect([cut.rowCount, cut.truncated, cut.rows.at(-1)]).toEqual([250, true, [250]]);
  const exact = await run('SELECT n FROM generate_series(1, 250) AS n', { ...unparsed, limits: { rows: 250 } });
  expect([exact.rowCount, exact.truncated]).toEqual([250, false]);
  const wide = await run("SELECT repeat('x', 10000) FROM generate_series(1, 5000)", {
    ...unparsed,
    limits: { bytes: 100_000 },
  });
  expect([wide.rowCount, wide.truncated]).toEqual([10, true]);
});

test('an abort ends the statement on the server', async () => {
  const stop = new AbortController();
  const long = run('SELECT count(*) FROM generate_series(1, 1000000000) AS marked', {
    ...unparsed,
    signal: stop.signal,
    limits: { planCost: 1e15 },
  });
  const ended = expect(long).rejects.toThrow('gone');
  const active = `SELECT FROM pg_stat_activity WHERE query LIKE '%marked%' AND state = 'active' AND pid <> pg_backend_pid()
    AND query NOT LIKE '%EXPLAIN%' AND datname = current_database()`;
  while ((await db.pool.query(active)).rowCount === 0) await setImmediate();
  stop.abort(new Error('gone'));
  await ended;
  while ((await db.pool.query(active)).rowCount !== 0) await setImmediate();
}, 10_000);

test.each([
  ['SELECT efective_cost FROM costs', /no column "efective_cost"\. Did you mean effective_cost/],
  ['SELECT service_name, sum(effective_cost) FROM costs', /GROUP BY/],
  ['SELECT 1 / (effective_cost - effective_cost) FROM costs', /nullif/],
  ["SELECT 'x' + effective_cost FROM costs", /cannot be read as the type/],
])('%s is explained without words of Postgres', async (sql, message) => {
  await expect(run(sql, unparsed)).rejects.toMatchObject({
    code: 'sql_failed',
    message: expect.stringMatching(message),
  });
});

test('a failure never shows what stands in a row', async () => {
  const error = await run('SELECT CAST(string_agg(service_name, $$ $$) AS int) FROM costs').catch((caught) => caught);
  expect(error.code).toBe('sql_failed');
  expect(JSON.stringify([error.message, error.details])).not.toContain('secret');
});

test('fifty people at once each see their own rows', async () => {
  const people = Array.from({ length: 50 }, (_, index) => (index % 2 === 0 ? ALL : ONE));
  const results = await Promise.all(people.map((person) => run('SELECT count(*) FROM costs', {}, person)));
  expect(results.map(({ rows }) => rows[0]?.[0])).toEqual(people.map((person) => (person === ALL ? '3' : '2')));
});
