import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { packageRoot } from '../config.ts';
import { type TestDatabase, testDatabase } from '../db/testing.ts';
import { readScope, showScope } from './people.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.close());

function penny(...args: string[]) {
  const { status, stdout } = spawnSync(
    process.execPath,
    ['--import', 'tsx', join(packageRoot, 'cli/main.ts'), '--json', ...args],
    { encoding: 'utf8', cwd: packageRoot, env: { PATH: process.env.PATH, PENNY_DATABASE_URL: database.url } },
  );
  return { status, said: JSON.parse(stdout) };
}

test('people and tokens are managed from the terminal', () => {
  const scope = ['--scope', 'account:111', '--scope', 'tag:team=a=b,c'];
  const added = penny('user', 'add', 'lin@example.com', '--role', 'engineer', '--name', 'Lin', ...scope);
  const seen = { subAccountIds: ['111'], tags: [{ key: 'team', value: 'a=b,c' }] };
  expect(added).toMatchObject({ status: 0, said: { email: 'lin@example.com', name: 'Lin', scope: seen } });

  const made = penny(
    'token',
    'create',
    '--as',
    'lin@example.com',
    '--role',
    'viewer',
    '--expires',
    '7',
    '--name',
    'ci',
  );
  expect(made).toMatchObject({
    status: 0,
    said: { email: 'lin@example.com', role: 'viewer', name: 'ci', added: false },
  });
  expect(made.said.token).toMatch(/^penny_[\w-]{43}$/);
  const listed = penny('token', 'list');
  expect(listed.said).toMatchObject([{ tokenId: made.said.tokenId, name: 'ci', lastUsedAt: null, revokedAt: null }]);
  expect(JSON.stringify(listed.said)).not.toContain(made.said.token);
  expect(penny('token', 'revoke', made.said.tokenId).status).toBe(0);
  expect(penny('token', 'revoke', made.said.tokenId)).toMatchObject({
    status: 1,
    said: { error: { code: 'not_found' } },
  });

  const changed = penny('user', 'set', 'lin@example.com', '--disable', '--link', 'slack', 'T1', 'U1');
  expect(changed.said).toMatchObject({ disabled: true, scope: seen });
});

test('a token for somebody who is not there yet adds them, who sees nothing unless told', () => {
  const made = penny('token', 'create', '--as', 'robot@example.com', '--role', 'viewer');
  expect(made).toMatchObject({ status: 0, said: { added: true, role: 'viewer', scope: null } });
  const { said: users } = penny('user', 'list');
  expect(users.find(({ email }: { email: string }) => email === 'robot@example.com')).toMatchObject({
    role: 'viewer',
    scope: { subAccountIds: [], tags: [] },
  });
});

test('a one-time link is printed where Penny serves one machine', () => {
  expect(penny('user', 'link').said.link).toMatch(/^http:\/\/127\.0\.0\.1:3000\/sign-in#link=[\w-]{43}$/);
});

test.each([
  [['token', 'create', '--as', 'robot@example.com'], 'usage'],
  [['token', 'create', '--as', 'robot', '--role', 'viewer'], 'usage'],
  [['user', 'add', 'x@example.com', '--role', 'viewer', '--scope', 'everything'], 'usage'],
  [['user', 'set', 'local@penny.invalid', '--disable'], 'forbidden'],
])('penny %j is refused as %s', (args, code) => {
  const { status, said } = penny(...args);
  expect([status, said.error.code]).toEqual([code === 'usage' ? 2 : 1, code]);
});

test.each([
  [['all'], 'all'],
  [['none'], 'none'],
  [['account:1', 'tag:team=x'], 'account:1 tag:team=x'],
])('the scope %j is shown as %s', (values, shown) => {
  expect(showScope(readScope(values) ?? 'all')).toBe(shown);
});
