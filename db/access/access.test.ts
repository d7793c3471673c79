import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { packageRoot } from '../../config.ts';
import type { Db } from '../client.ts';
import { migrateDatabase } from '../migrate.ts';
import { storeBill } from '../queries/bill.fixture.ts';
import { ownDatabase, type TestDatabase } from '../testing.ts';
import { type Person, scopeStatement } from './context.ts';
import { ROW_POLICIES, SHARED_TABLES } from './policies.ts';
import { REVOKED_FUNCTIONS, revokeFunctions } from './revoked.ts';
import { readAccess } from './roles.ts';
import { ASK_VIEWS } from './views.ts';

let database: TestDatabase;
let db: Db;

beforeAll(async () => {
  database = await ownDatabase();
  db = database.db;
  await storeBill(db, [
    { day: '2026-01-01', cost: '10', sub_account_id: '111', resource_id: 'i-1', tags: { Team: 'Search' } },
    { day: '2026-01-01', cost: '20', sub_account_id: '222', resource_id: 'i-2', tags: { team: 'checkout' } },
    { day: '2026-01-02', cost: '40', sub_account_id: '333', resource_id: 'i-3', tags: { TEAM: 'search' } },
    { day: '2026-01-02', cost: '80' },
  ]);
  await db.pool.query(`
    INSERT INTO accounts (account_id, kind) VALUES ('payer', 'billing'), ('111', 'sub'), ('222', 'sub'), ('333', 'sub');
    INSERT INTO resources (resource_id, sub_account_id, tags) VALUES
      ('i-1', '111', '{"Team": "Search"}'), ('i-2', '222', '{"team": "checkout"}'), ('i-3', '333', '{"TEAM": "search"}');
    INSERT INTO resource_changes (resource_id, observed_at, kind, after)
      SELECT resource_id, '2026-01-02', 'created', '{}' FROM resources;
    CREATE TABLE usage_all PARTITION OF usage DEFAULT;
    INSERT INTO usage (resource_id, metric, hour, avg, max, sample_count)
      SELECT resource_id, 'cpu_utilization', '2026-01-02', 1, 2, 12 FROM resources;
    INSERT INTO anomalies (kind, series_key, dimensions, metric, billing_currency, direction, start_date, end_date, state, actual, expected,
        impact, score, baseline, detector, detector_version, settings)
      SELECT 'cost', key, dimensions::jsonb, 'effective_cost', 'USD', 'up', '2026-01-02', '2026-01-03', 'open', 2, 1, 1, 1, '{}', 'd', '1', '{}'
      FROM (VALUES ('all', '{}'), ('account', '{"sub_account_id": "222"}'), ('team', '{"tag:Team": "search"}')) AS of (key, dimensions)`);
});

afterAll(async () => {
  await database.close();
});

const someone = (scope: Person['scope']): Person => ({ userId: '7b3c1a52-59d5-4a4c-8d3e-0d4a3a6f2f10', scope });
const accounts = (...subAccountIds: string[]): Person => someone({ subAccountIds, tags: [] });
const team = (value: string): Person => someone({ subAccountIds: [], tags: [{ key: 'team', value }] });

/** What a statement gives to the role `ask`, after what `before` says; the transaction is rolled back. */
async function asked(text: string, before: (pid: number, scopeKey: string) => string): Promise<unknown[][]> {
  const { ask, scopeKey } = await db.readers.open();
  const client = await ask.connect();
  try {
    const { processID } = client as pg.PoolClient & { processID: number };
    await client.query(`BEGIN; ${before(processID, scopeKey)}`);
    return (await client.query({ text, rowMode: 'array' })).rows;
  } finally {
    await client.query('ROLLBACK');
    client.release();
  }
}

const askedBy = (person: Person, text: string): Promise<unknown[][]> =>
  asked(text, (pid, key) => scopeStatement(person, pid, key));

const TOTAL = 'SELECT sum(billed_cost) FROM ask.costs';

test.each([
  ['everything', someone('all'), '150'],
  ['two accounts', accounts('111', '222'), '30'],
  ['a tag, whatever its case', team('SEARCH'), '50'],
  [
    'an account and a tag are added',
    someone({ subAccountIds: ['222'], tags: [{ key: 'Team', value: 'search' }] }),
    '70',
  ],
  ['nothing', accounts(), null],
  ['an account that is not there', accounts("333' OR true --"), null],
])('a scope of %s sees its rows', async (_, person, total) => {
  expect(await askedBy(person, TOTAL)).toEqual([[total]]);
});

test('every view shows what belongs to the scope and no more', async () => {
  const seen = async (person: Person): Promise<Record<string, string>> => {
    const views = {
      accounts: 'account_id',
      resources: 'resource_id',
      resource_changes: 'resource_id',
      usage: 'resource_id',
      anomalies: 'series_key',
    };
    const list = Object.entries(views).map(
      ([view, column]) => `(SELECT string_agg(${column}, ' ' ORDER BY ${column}) FROM ask.${view})`,
    );
    const [row] = await askedBy(person, `SELECT ${list.join(', ')}`);
    return Object.fromEntries(Object.keys(views).map((view, index) => [view, String(row?.[index] ?? '')]));
  };
  const all = 'i-1 i-2 i-3';
  expect(await seen(someone('all'))).toEqual({
    accounts: '111 222 333 payer',
    resources: all,
    resource_changes: all,
    usage: all,
    anomalies: 'account all team',
  });
  // Who pays for what one sees is no secret.
  expect(await seen(accounts('222'))).toEqual({
    accounts: '222 payer',
    resources: 'i-2',
    resource_changes: 'i-2',
    usage: 'i-2',
    anomalies: 'account',
  });
  expect(await seen(team('search'))).toEqual({
    accounts: '111 333 payer',
    resources: 'i-1 i-3',
    resource_changes: 'i-1 i-3',
    usage: 'i-1 i-3',
    anomalies: 'team',
  });
  expect(await seen(accounts())).toEqual({
    accounts: '',
    resources: '',
    resource_changes: '',
    usage: '',
    anomalies: '',
  });
});

test('a scope that was made up, changed, taken from another connection or forgotten is refused', async () => {
  const everything = someone('all');
  const forgeries: ((pid: number, key: string) => string)[] = [
    (pid) => scopeStatement(everything, pid, '00'.repeat(32)),
    (pid, key) => scopeStatement(everything, pid + 1, key),
    (pid, key) => scopeStatement(accounts('111'), pid, key).replace('"all":false', '"all":true'),
    (pid, key) => scopeStatement(accounts('111'), pid, key).replace('"111"', '"222"'),
    () => "SET LOCAL penny.scope = ''",
    () => "SET LOCAL penny.scope = 'all'",
    () => 'SET LOCAL search_path = public',
  ];
  for (const forgery of forgeries) await expect(asked(TOTAL, forgery)).rejects.toMatchObject({ code: '42501' });
});

test('a statement cannot give itself another scope, even with the key-less words right', async () => {
  const change = `SELECT set_config('penny.scope', '{"all": true}|${'0'.repeat(64)}', true), (${TOTAL})`;
  await expect(askedBy(accounts('111'), change)).rejects.toMatchObject({ code: '42501' });
});

test('the role that free SQL runs as reads the views and nothing else', async () => {
  const { rows } = await db.pool.query<{ name: string }>(
    "SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')",
  );
  expect(rows.length).toBeGreaterThan(30);
  for (const { name } of rows) {
    await expect(askedBy(someone('all'), `SELECT FROM ${name}`), name).rejects.toMatchObject({ code: '42501' });
  }
  for (const { name } of ASK_VIEWS) await askedBy(someone('all'), `SELECT FROM ask.${name}`);
});

test('neither role can write, make anything or take on another role', async () => {
  const { reader, ask } = await db.readers.open();
  const owner = new URL(database.url).username;
  const statements = [
    'CREATE TABLE public.mine (id int)',
    'CREATE TABLE ask.mine (id int)',
    'CREATE TEMP TABLE mine (id int)',
    'CREATE FUNCTION ask.mine() RETURNS int LANGUAGE sql AS $$ SELECT 1 $$',
    'DELETE FROM public.billing',
    'UPDATE public.users SET role = $$admin$$',
    'INSERT INTO public.accounts (account_id, kind) VALUES ($$x$$, $$sub$$)',
    'DROP VIEW ask.usage',
    'DELETE FROM ask.accounts',
    `SET ROLE ${owner}`,
    'COPY (SELECT 1) TO PROGRAM $$true$$',
    'SELECT value FROM public.service_secrets',
    'SELECT * FROM public.users',
  ];
  for (const pool of [reader, ask]) {
    for (const statement of statements) {
      // Read-only is a setting of the role that it could change; its rights have to hold without.
      const client = await pool.connect();
      try {
        await client.query('SET default_transaction_read_only = off');
        if (pool === reader && statement.startsWith('DROP VIEW')) continue;
        await expect(client.query(statement), statement).rejects.toMatchObject({
          code: expect.stringMatching(/^42(501|809)|^55000$/),
        });
      } finally {
        await client.query('RESET ALL');
        client.release();
      }
    }
  }
});

test('what runs SQL in a text, changes settings, waits or locks cannot be called', async () => {
  const { ask } = await db.readers.open();
  const { rows } = await ask.query<{ name: string; allowed: string }>(
    `SELECT oid::regprocedure AS name, has_function_privilege(oid, 'EXECUTE') AS allowed FROM pg_proc
     WHERE pronamespace = 'pg_catalog'::regnamespace AND proname = ANY ($1)`,
    [REVOKED_FUNCTIONS],
  );
  expect(rows.length).toBeGreaterThan(60);
  expect(rows.filter(({ allowed }) => allowed !== 'f')).toEqual([]);
});

test('the compose file makes its database with the same statement', () => {
  const file = readFileSync(join(packageRoot, 'deploy/postgres/20-revoke.sql'), 'utf8');
  expect(file.split('\n').at(-2)).toBe(`${revokeFunctions('penny')};`);
});

test('every table the roles may read has a policy or is named as shared', async () => {
  const { reader } = await db.readers.open();
  const { rows } = await reader.query<{ name: string; guarded: boolean }>(
    `SELECT relname AS name, relrowsecurity AS guarded FROM pg_class
     WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND has_table_privilege(oid, 'SELECT') ORDER BY 1`,
  );
  expect(rows.filter(({ guarded }) => guarded).map(({ name }) => name)).toEqual(Object.keys(ROW_POLICIES).sort());
  expect(rows.filter(({ guarded }) => !guarded).map(({ name }) => name)).toEqual([...SHARED_TABLES].sort());
});

test('a second migration leaves the roles and their views as they are; a copy without its roles gets them again', async () => {
  const before = await readAccess(db.pool);
  const { rows } = await db.pool.query("SELECT 'ask.costs'::regclass::oid AS id");
  await migrateDatabase(database.url);
  expect(await readAccess(db.pool)).toEqual(before);
  expect((await db.pool.query("SELECT 'ask.costs'::regclass::oid AS id")).rows).toEqual(rows);
});
