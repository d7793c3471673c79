import { spawnSync } from 'node:child_process';
import { chownSync, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Account, accountOf, asAccount, chooseAccount } from './account.ts';
import { findBinaries } from './binaries.ts';

const isRoot = process.getuid?.() === 0;
const NOBODY = { uid: 65_534, gid: 65_534 };

let parent: string;
let folder: string;

beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'penny-account-'));
  folder = join(parent, 'postgres');
  mkdirSync(folder, { mode: 0o700 });
});

afterEach(() => {
  rmSync(parent, { recursive: true, force: true });
});

test('the account chosen for a folder is not root and is found again from the folder', () => {
  const binaries = findBinaries(join(parent, 'libraries'));
  const account = chooseAccount(folder, binaries);
  expect(userOf(account)).not.toBe(0);
  expect(accountOf(folder, binaries)).toEqual(account);
});

test.runIf(isRoot && process.platform === 'linux')(
  'an account with a pass reaches and writes its folder below one that only root may enter',
  () => {
    chownSync(folder, NOBODY.uid, NOBODY.gid);
    const inside = join(folder, 'written');
    const without = run({ kind: 'other', ...NOBODY }, ['/bin/mkdir', inside]);
    expect(without.status).not.toBe(0);
    const account: Account = { kind: 'pass', ...NOBODY };
    expect(run(account, ['/bin/mkdir', inside]).status).toBe(0);
    expect(statSync(inside).uid).toBe(NOBODY.uid);
    expect(userOf(account)).toBe(NOBODY.uid);
  },
);

function userOf(account: Account): number {
  return Number(run(account, ['/usr/bin/id', '-u']).stdout);
}

function run(account: Account, [command = '', ...args]: string[]): { status: number | null; stdout: string } {
  const child = asAccount(account, command, args, {});
  const { status, stdout } = spawnSync(child.command, child.args, { ...child.options, encoding: 'utf8' });
  return { status, stdout: String(stdout) };
}
