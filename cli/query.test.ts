import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { packageRoot } from '../config.ts';
import { storeBill } from '../db/queries/bill.fixture.ts';
import { type TestDatabase, testDatabase } from '../db/testing.ts';

let database: TestDatabase;
let home: string;

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'penny-query-'));
  database = await testDatabase();
  await storeBill(database.db, [
    { day: '2026-01-01', cost: '10.10', sub_account_id: '111' },
    { day: '2026-01-01', cost: '20.20', sub_account_id: '222' },
  ]);
  await database.db.pool.query(
    `INSERT INTO users (email, name, role, scope) VALUES ('nobody@example.com', 'Nobody', 'viewer', NULL),
       ('one@example.com', 'One', 'viewer', '{"subAccountIds": ["111"], "tags": []}')`,
  );
});

afterAll(async () => {
  await database.close();
  rmSync(home, { recursive: true });
});

function penny(...given: string[]) {
  const args = ['--import', 'tsx', join(packageRoot, 'cli', 'main.ts'), ...given];
  const env = { PATH: process.env.PATH, PENNY_DATABASE_URL: database.url, PENNY_HOME: home, PENNY_LOG_LEVEL: 'error' };
  return spawnSync(process.execPath, args, { encoding: 'utf8', cwd: packageRoot, env });
}

const TOTAL = 'SELECT sum(effective_cost) AS cost FROM ask.costs';

test('answers one JSON document with money as text, as far as the person may see', () => {
  const document = JSON.parse(penny('query', TOTAL, '--as', 'one@example.com', '--json').stdout);
  expect(document).toMatchObject({
    columns: [{ name: 'cost', type: 'numeric' }],
    rows: [['10.10']],
    rowCount: 1,
    truncated: false,
    receipt: { sql: TOTAL, relations: ['costs'], dataThrough: '2026-01-01' },
  });
  expect(JSON.parse(penny('query', TOTAL, '--json').stdout).rows).toEqual([['30.30']]);
});

test('tells a narrower view, no access and a refusal apart from an empty bill, and audits each statement', () => {
  const narrow = penny('query', `${TOTAL} WHERE sub_account_id = '222'`, '--as', 'one@example.com');
  expect(narrow.stdout).toContain('Only what one@example.com may see is counted.');
  const none = penny('query', TOTAL, '--as', 'nobody@example.com');
  expect([none.status, JSON.parse(none.stderr).error.code]).toEqual([1, 'forbidden']);
  const refused = penny('query', 'DELETE FROM ask.costs');
  expect([refused.status, JSON.parse(refused.stderr).error.code]).toEqual([1, 'sql_refused']);
  expect(penny('audit', 'verify').stdout).toContain('chained without a gap');
  const events = penny('audit', 'export')
    .stdout.trim()
    .split('\n')
    .map((line) => JSON.parse(line).event);
  expect(events).toEqual(expect.arrayContaining(['sql.queried', 'sql.refused']));
});
