import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { log } from '../../log.ts';
import type { Db } from '../client.ts';
import { ownDatabase, type TestDatabase } from '../testing.ts';
import { appendAnchor, newestAnchor, readAnchors } from './anchor.ts';
import { chainPending } from './chain.ts';
import { anchorFile, anchorNow } from './keep.ts';
import { exportAudit, listAudit } from './list.ts';
import { type AuditEntry, audit, recordAudit } from './record.ts';
import { verifyAudit } from './verify.ts';

let database: TestDatabase;
let db: Db;
let folder: string;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'penny-audit-'));
  database = await ownDatabase();
  db = database.db;
});

afterEach(async () => {
  await database.close();
  rmSync(folder, { recursive: true });
});

const NOW = new Date('2026-11-24T09:00:00.123Z');
const entry = (id: number): AuditEntry => ({
  occurredAt: NOW,
  actorId: null,
  actor: 'ada@example.com',
  surface: 'cli',
  event: 'token.created',
  subject: { type: 'token', id: String(id) },
  details: { name: `„${id}“ \\ "q" \u0001 \u2028 💸`, amount: '12.50', nested: { z: 1, a: [true, null] } },
});

async function fill(count: number): Promise<void> {
  for (let id = 1; id <= count; id += 1) await recordAudit(db.pool, entry(id));
  await chainPending(db.pool);
}

/** Runs a statement as somebody who has the password of a superuser and switches the triggers off. */
async function tamper(statement: string): Promise<void> {
  const { rows } = await db.pool.query("SELECT current_setting('port') AS port, current_database() AS name");
  const url = new URL(database.url);
  const client = new pg.Client({ ...superuser(url), port: Number(rows[0].port), database: rows[0].name });
  await client.connect();
  await client.query(`SET session_replication_role = replica; ${statement}`);
  await client.end();
}

const superuser = ({ hostname, password }: URL): pg.ClientConfig => ({
  host: hostname,
  user: 'postgres',
  password: decodeURIComponent(password),
});

test('what happened stands in the log in order, chained, and is verified', async () => {
  await fill(12);
  expect(await verifyAudit(db.pool, [])).toMatchObject({ entries: 12, pending: 0, broken: null });
  const { rows } = await db.pool.query('SELECT * FROM audit_log WHERE entry_id = 7');
  expect(rows[0]).toMatchObject({ occurred_at: NOW, subject_id: '7', details: entry(7).details });
});

test('an entry is there exactly when the transaction that wrote it is', async () => {
  const client = await db.pool.connect();
  await client.query('BEGIN');
  await recordAudit(client, entry(1));
  await client.query('ROLLBACK');
  client.release();
  expect(await chainPending(db.pool)).toBe(0);
});

test('entries written at once from many places each get a place of their own', async () => {
  await Promise.all(Array.from({ length: 60 }, (_, id) => audit(db.pool, entry(id))));
  await Promise.all([chainPending(db.pool), chainPending(db.pool), chainPending(db.pool)]);
  while ((await verifyAudit(db.pool, [])).entries < 60) await chainPending(db.pool);
  expect(await verifyAudit(db.pool, [])).toMatchObject({ entries: 60, broken: null });
});

test.each([
  ['an edited actor', "UPDATE audit_log SET actor = 'eve' WHERE entry_id = 5", 5],
  ['edited details', 'UPDATE audit_log SET details = details || \'{"amount": "0"}\' WHERE entry_id = 5', 5],
  [
    'an instant moved by a microsecond',
    "UPDATE audit_log SET occurred_at = occurred_at + interval '1 microsecond' WHERE entry_id = 9",
    9,
  ],
  ['a deleted entry', 'DELETE FROM audit_log WHERE entry_id = 4', 5],
  ['a deleted first entry', 'DELETE FROM audit_log WHERE entry_id = 1', 2],
  [
    'two entries that changed places',
    'UPDATE audit_log SET entry_id = CASE entry_id WHEN 3 THEN -4 ELSE -3 END WHERE entry_id IN (3, 4); UPDATE audit_log SET entry_id = -entry_id WHERE entry_id < 0',
    3,
  ],
  [
    'a new hash for changed contents',
    "UPDATE audit_log SET actor = 'eve' WHERE entry_id = 5; UPDATE audit_log AS entry SET hash = encode(sha256(convert_to(audit_text(entry), 'UTF8')), 'hex') WHERE entry_id = 5",
    6,
  ],
])('%s is found where it is', async (_, statement, entryId) => {
  await fill(10);
  await tamper(`ALTER TABLE audit_log DROP CONSTRAINT audit_log_entry_id; ${statement}`);
  expect((await verifyAudit(db.pool, [])).broken).toMatchObject({ entryId });
});

test('an end that was cut off, or a chain made anew, breaks the anchors', async () => {
  await fill(10);
  const file = join(folder, 'anchors.jsonl');
  const anchor = await newestAnchor(db.pool, NOW);
  if (anchor === undefined) throw new Error('there is no anchor');
  expect(appendAnchor(file, anchor)).toBe(true);
  expect(appendAnchor(file, anchor)).toBe(false);
  expect(await verifyAudit(db.pool, readAnchors(file))).toMatchObject({ entries: 10, anchors: 1, broken: null });

  await tamper('DELETE FROM audit_log WHERE entry_id > 8');
  expect((await verifyAudit(db.pool, [])).broken).toBe(null);
  expect((await verifyAudit(db.pool, readAnchors(file))).broken).toMatchObject({ entryId: 9 });

  await fill(2);
  expect((await verifyAudit(db.pool, [])).broken).toBe(null);
  // Two other entries stand where the old ones were; the same contents at another moment have another hash only by their facts.
  await tamper('DELETE FROM audit_log WHERE entry_id = 10');
  await recordAudit(db.pool, entry(99));
  await chainPending(db.pool);
  expect((await verifyAudit(db.pool, readAnchors(file))).broken).toMatchObject({ entryId: 10 });
});

test('the role that the service runs as can add, and neither change, delete nor empty', async () => {
  await fill(1);
  const statements = [
    'UPDATE audit_log SET actor = actor',
    'DELETE FROM audit_log',
    'TRUNCATE audit_log',
    'ALTER TABLE audit_log DISABLE TRIGGER ALL',
    'ALTER FUNCTION chain_audit_log() RENAME TO other',
    'DROP TRIGGER audit_log_no_change ON audit_log',
  ];
  for (const statement of statements) {
    await expect(db.pool.query(statement), statement).rejects.toMatchObject({ code: '42501' });
  }
  // Place and hash come from the database, whatever is asked for.
  await db.pool.query(
    `INSERT INTO audit_log VALUES (77, now(), NULL, 'eve', 'cli', 'forged', NULL, NULL, '{}', repeat('0', 64), repeat('a', 64))`,
  );
  expect(await verifyAudit(db.pool, [])).toMatchObject({ entries: 2, broken: null });
});

test('a file with a line that is no anchor is refused by its line', async () => {
  const file = join(folder, 'anchors.jsonl');
  appendAnchor(file, { entryId: 1, hash: 'a'.repeat(64), at: NOW.toISOString() });
  expect(readAnchors(file)).toHaveLength(1);
  expect(readAnchors(join(folder, 'none.jsonl'))).toEqual([]);
  appendFileSync(file, '{"entryId": 2}\n');
  expect(() => readAnchors(file)).toThrow('line 2');
});

test('anchors are written once for each newest entry, and everything is exported in order', async () => {
  const config = { PENNY_HOME: folder, PENNY_AUDIT_ANCHORS: undefined };
  await recordAudit(db.pool, entry(1));
  await anchorNow(db, config, log, NOW);
  await anchorNow(db, config, log, NOW);
  await fill(2);
  await anchorNow(db, config, log, NOW);
  const anchors = readAnchors(anchorFile(config));
  expect(anchors.map(({ entryId }) => entryId)).toEqual([1, 3]);
  expect(await verifyAudit(db.pool, anchors)).toMatchObject({ entries: 3, anchors: 2, broken: null });
  const exported = [];
  for await (const page of exportAudit(db.pool)) exported.push(...page);
  expect(exported.map(({ entryId }) => entryId)).toEqual([1, 2, 3]);
  expect(exported[0]).toMatchObject({ occurredAt: '2026-11-24T09:00:00.123000Z', details: entry(1).details });
  expect((await listAudit(db.pool, { event: 'token.created' }, { limit: 2 })).map(({ entryId }) => entryId)).toEqual([
    3, 2,
  ]);
  expect(await listAudit(db.pool, { actor: 'nobody' }, { limit: 2 })).toEqual([]);
  expect((await listAudit(db.pool, { subjectType: 'token', since: NOW }, { limit: 9, before: 2 })).length).toBe(1);
});
