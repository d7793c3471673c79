import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { packageRoot } from '../../config.ts';
import { PennyError } from '../../errors.ts';
import type { Person } from '../access/context.ts';
import type { Db } from '../client.ts';
import { storeBill } from '../queries/bill.fixture.ts';
import { ownDatabase, type TestDatabase } from '../testing.ts';
import type { Verdict } from './codes.ts';
import { runGuarded } from './execute.ts';

interface Statement {
  id: string;
  sql: string;
}

const corpus = (name: string): Statement[] =>
  readFileSync(join(packageRoot, 'evals', 'sql-guard', `${name}.jsonl`), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));

let database: TestDatabase;
let db: Db;

beforeAll(async () => {
  database = await ownDatabase();
  db = database.db;
  await storeBill(db, [
    { day: '2026-01-01', cost: '10', sub_account_id: '111', resource_id: 'i-mine', tags: { team: 'search' } },
    {
      day: '2026-01-02',
      cost: '4242.4242',
      sub_account_id: '222',
      resource_id: 'i-not-mine',
      service_name: 'Not Yours',
    },
  ]);
  await db.pool.query(
    `INSERT INTO users (email, name, role) VALUES ('not-yours@example.com', 'Not Yours', 'admin');
     INSERT INTO resources (resource_id, name, sub_account_id) VALUES ('i-mine', 'web', '111'), ('i-not-mine', 'Not Yours', '222')`,
  );
});

afterAll(async () => {
  await database.close();
});

const MINE: Person = {
  userId: '7b3c1a52-59d5-4a4c-8d3e-0d4a3a6f2f10',
  scope: { subAccountIds: ['111'], tags: [] },
};

test('every honest statement passes the parser and runs', async () => {
  const statements = corpus('honest');
  expect(statements.length).toBeGreaterThanOrEqual(200);
  for (const { id, sql } of statements) {
    const ran = await runGuarded(db, MINE, sql).catch((error: unknown) => `${id}: ${String(error)}`);
    expect(typeof ran === 'string' ? ran : 'ran').toBe('ran');
    expect(JSON.stringify(ran)).not.toMatch(/4242|not-mine|Not Yours/);
  }
});

/** All that must be the same afterwards: what is stored, what there is, who may do what, what is locked. Other tests make roles of their own. */
async function state(): Promise<unknown> {
  const { rows } = await db.pool.query(`SELECT
    (SELECT jsonb_agg(to_jsonb(billing) ORDER BY resource_id) FROM billing) AS bill,
    (SELECT jsonb_agg(to_jsonb(users) ORDER BY email) FROM users) AS users,
    (SELECT string_agg(oid::text || relname, ' ' ORDER BY oid) FROM pg_class WHERE relnamespace <> 'pg_toast'::regnamespace) AS relations,
    (SELECT string_agg(oid::text, ' ' ORDER BY oid) FROM pg_proc WHERE oid > 16384) AS functions,
    (SELECT jsonb_agg(to_jsonb(pg_roles) ORDER BY rolname) FROM pg_roles
      WHERE rolname !~ '^penny_' OR rolname LIKE '%' || (SELECT value FROM service_secrets WHERE name = 'role_suffix')) AS roles,
    (SELECT string_agg(datname, ' ' ORDER BY datname) FROM pg_database WHERE datname = current_database()) AS databases,
    (SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = database WHERE datname = current_database() AND locktype = 'advisory') AS locks,
    (SELECT count(*) FROM pg_largeobject_metadata) AS large_objects,
    (SELECT count(*) FROM pg_prepared_xacts) AS prepared`);
  return rows[0];
}

test('no attack changes, keeps or shows anything when the parser lets all of them through', async () => {
  // A text of a gigabyte is what the parser alone keeps away: below it is only the memory that the server may have.
  const statements = corpus('attacks').filter(({ id }) => !id.startsWith('growth-'));
  expect(statements.length).toBeGreaterThanOrEqual(400);
  const { rows: secrets } = await db.pool.query<{ value: string }>(
    "SELECT value FROM service_secrets WHERE name <> 'role_suffix'",
  );
  const marks = [
    '4242.4242',
    'i-not-mine',
    'Not Yours',
    'not-yours@',
    'root:x:0',
    ...secrets.map(({ value }) => value),
  ];
  const before = await state();
  const check = (): Verdict => ({ allowed: true, fingerprint: '', relations: ['costs'] });
  for (const { id, sql } of statements) {
    const shown = await runGuarded(db, MINE, sql, { check, limits: { timeoutMs: 400, rows: 200 } }).catch(
      (error: unknown) => {
        // Every failure is one of ours: with a code, and without words of Postgres.
        expect(error, `${id}: ${String(error)}`).toBeInstanceOf(PennyError);
        return (error as PennyError).message;
      },
    );
    const text = JSON.stringify(shown);
    for (const mark of marks) expect(text, id).not.toContain(mark);
  }
  expect(await state()).toEqual(before);
  // The connections of free SQL are as they were, for the next person.
  const settings = "SELECT current_setting('transaction_read_only'), current_setting('search_path'), current_user";
  const after = await runGuarded(db, MINE, settings, { check });
  expect(after.rows).toEqual([['on', 'ask', expect.stringMatching(/^penny_ask_/)]]);
}, 300_000);
