import { type SpawnOptions, spawnSync } from 'node:child_process';
import { chownSync, readFileSync, statSync } from 'node:fs';
import { userInfo } from 'node:os';
import { PennyError } from '../../errors.ts';
import type { Binaries } from './binaries.ts';

/**
 * As whom Postgres runs, because it refuses to run as root: `same` as this process; `other` account; in a `namespace` of
 * the kernel where this process's own user has another number (the files stay root's); or, in containers that forbid
 * namespaces, an account that may `pass` through folders closed to it.
 */
export type Account =
  | { kind: 'same' }
  | { kind: 'other'; uid: number; gid: number }
  | { kind: 'namespace' }
  | { kind: 'pass'; uid: number; gid: number };

const PASS = ['--inh-caps=+dac_override', '--ambient-caps=+dac_override'];
const NAMESPACE = ['-U', '--map-user=65534', '--map-group=65534'];

/** Returns the program, arguments and options for `spawn` that run `command` as `account`. */
export function asAccount(
  account: Account,
  command: string,
  args: string[],
  env: Record<string, string>,
): { command: string; args: string[]; options: SpawnOptions } {
  const options: SpawnOptions = process.platform === 'win32' ? {} : { env: { ...UNIX_ENV, ...env } };
  if (account.kind === 'namespace') return { command: 'unshare', args: [...NAMESPACE, command, ...args], options };
  if (account.kind === 'pass') {
    const ids = [`--reuid=${account.uid}`, `--regid=${account.gid}`, '--clear-groups'];
    return { command: 'setpriv', args: [...ids, ...PASS, command, ...args], options };
  }
  if (account.kind === 'other') return { command, args, options: { ...options, uid: account.uid, gid: account.gid } };
  return { command, args, options };
}

// A fixed environment: locale and PG* variables of whoever starts Penny must not change the database.
const UNIX_ENV = { LC_ALL: 'C', TZ: 'UTC', PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' };

/**
 * Returns the account for a new, empty `folder` and gives the folder to it: this user; for root the account `postgres`,
 * else `nobody`, whichever can reach both the programs and the folder; else a namespace; else `nobody` with a pass.
 * @throws PennyError `database_unavailable` when root has none of them
 */
export function chooseAccount(folder: string, binaries: Binaries): Account {
  if (process.getuid?.() !== 0) return ownAccount();
  const others = ['postgres', 'nobody'].map(lookUp).filter((account) => account !== undefined);
  const passing = others.map(({ uid, gid }): Account => ({ kind: 'pass', uid, gid }));
  for (const account of [...others, { kind: 'namespace' } as const, ...passing]) {
    if ('uid' in account) chownSync(folder, account.uid, account.gid);
    else chownSync(folder, 0, 0);
    if (canRun(account, folder, binaries)) return account;
  }
  throw new PennyError(
    'database_unavailable',
    `Postgres does not run as root, and no other account can reach ${folder}. Run Penny as an ordinary user, set PENNY_HOME to a folder that others may enter, or set PENNY_DATABASE_URL.`,
  );
}

/**
 * Returns the account of an existing database folder: its owner decides.
 * @throws PennyError `database_unavailable` when it belongs to somebody whom this process may not act for
 */
export function accountOf(folder: string, binaries: Binaries): Account {
  const me = process.getuid?.();
  if (me === undefined) return { kind: 'same' };
  const { uid, gid } = statSync(folder);
  if (me === 0 && uid === 0) return { kind: 'namespace' };
  if (me === 0) {
    const other: Account = { kind: 'other', uid, gid };
    return canRun(other, folder, binaries) ? other : { kind: 'pass', uid, gid };
  }
  if (uid === me) return ownAccount();
  throw new PennyError(
    'database_unavailable',
    `The database folder ${folder} belongs to another user (${uid}). Run Penny as that user or set PENNY_HOME to a folder of your own.`,
  );
}

// Postgres insists on a user with a name, but a container may run under a bare number: in a namespace that is `nobody`.
function ownAccount(): Account {
  try {
    userInfo();
    return { kind: 'same' };
  } catch {
    return { kind: 'namespace' };
  }
}

function lookUp(name: string): { kind: 'other'; uid: number; gid: number } | undefined {
  let accounts: string;
  try {
    accounts = readFileSync('/etc/passwd', 'utf8');
  } catch {
    return undefined;
  }
  const fields = accounts.match(new RegExp(`^${name}:[^:]*:(\\d+):(\\d+):`, 'm'));
  return fields ? { kind: 'other', uid: Number(fields[1]), gid: Number(fields[2]) } : undefined;
}

function canRun(account: Account, folder: string, binaries: Binaries): boolean {
  const script = 'test -w "$1" && test -x "$1" && "$0" --version >/dev/null';
  const probe = asAccount(account, '/bin/sh', ['-c', script, binaries.postgres, folder], binaries.env);
  return spawnSync(probe.command, probe.args, { ...probe.options, stdio: 'ignore' }).status === 0;
}
