import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { PennyError } from '../../errors.ts';
import { revokeFunctions } from '../access/revoked.ts';
import { type Account, accountOf, asAccount, chooseAccount } from './account.ts';
import type { Binaries } from './binaries.ts';
import { isAlive } from './postmaster.ts';

/** The embedded database's folder inside PENNY_HOME: the data, the password of its two roles, the server's log. */
export interface DatabaseFolder {
  home: string;
  path: string;
  data: string;
  logFile: string;
  password: string;
}

/** The role that owns the database `penny`. It is no superuser, as in production. */
export const OWNER = 'penny';

/**
 * Returns the database folder of `home`, made first if there is none. It is built under another name and then renamed, so
 * that a kill in between or a second start at the same time never leaves half a database.
 */
export function prepareFolder(home: string, binaries: Binaries, throwaway = false): DatabaseFolder {
  const path = join(home, 'postgres');
  if (!existsSync(path)) {
    makeHome(home);
    removeAbandoned(home);
    create(home, path, binaries, throwaway);
  }
  accountOf(path, binaries);
  return {
    home,
    path,
    data: join(path, 'data'),
    logFile: join(path, 'server.log'),
    password: readFileSync(join(path, 'password'), 'utf8'),
  };
}

function makeHome(home: string): void {
  if (existsSync(home)) return;
  mkdirSync(home, { recursive: true });
  // Nobody may list the folder; the account that runs Postgres for root has to pass through it.
  chmodSync(home, process.getuid?.() === 0 ? 0o711 : 0o700);
}

function create(home: string, path: string, binaries: Binaries, throwaway: boolean): void {
  const building = join(home, `postgres.new-${process.pid}`);
  mkdirSync(building, { mode: 0o700 });
  try {
    const account = chooseAccount(building, binaries);
    const password = randomBytes(24).toString('base64url');
    const passwordFile = join(building, 'password');
    writeFileSync(passwordFile, password, { mode: 0o600 });
    if ('uid' in account) chownSync(passwordFile, account.uid, account.gid);
    const options = throwaway ? ['--no-sync'] : [];
    initialize(join(building, 'data'), passwordFile, account, binaries, options);
    makeRoles(join(building, 'data'), password, account, binaries);
    moveInto(building, path);
  } finally {
    rmSync(building, { recursive: true, force: true });
  }
}

function initialize(data: string, passwordFile: string, account: Account, binaries: Binaries, options: string[]): void {
  run(account, binaries.initdb, binaries.env, [
    `--pgdata=${data}`,
    '--username=postgres',
    `--pwfile=${passwordFile}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    '--locale=C',
    // Sorts as C does, yet knows the case of every letter; the same on each platform.
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    '--no-instructions',
    ...options,
  ]);
}

function makeRoles(data: string, password: string, account: Account, binaries: Binaries): void {
  const runIn = (database: string, statements: string[]): void => {
    const input = statements.map((statement) => `${statement};\n`).join('');
    run(account, binaries.postgres, binaries.env, ['--single', '-D', data, database], input);
  };
  // What the template lacks, every database made of it lacks.
  runIn('template1', [`CREATE ROLE ${OWNER} LOGIN CREATEROLE CREATEDB PASSWORD '${password}'`, revokeFunctions(OWNER)]);
  runIn('postgres', [`CREATE DATABASE ${OWNER} OWNER ${OWNER}`, `REVOKE CONNECT ON DATABASE ${OWNER} FROM PUBLIC`]);
}

function run(account: Account, program: string, env: Record<string, string>, args: string[], input = ''): void {
  const child = asAccount(account, program, args, env);
  const { status, error, stdout, stderr } = spawnSync(child.command, child.args, {
    ...child.options,
    input,
    encoding: 'utf8',
  });
  // The single-user server reports a failed statement in its output only.
  if (status === 0 && !/^.*(ERROR|FATAL):/m.test(stderr)) return;
  throw new PennyError(
    'database_unavailable',
    'The embedded Postgres could not be set up; the log has what it said. Set PENNY_DATABASE_URL to use another Postgres.',
    { cause: error ?? new Error(`${stdout}\n${stderr}`.trim()) },
  );
}

function moveInto(building: string, path: string): void {
  try {
    renameSync(building, path);
  } catch (error) {
    // Another start was quicker: its folder is as good.
    if (!existsSync(path)) throw error;
  }
}

function removeAbandoned(home: string): void {
  for (const name of readdirSync(home)) {
    const builder = /^postgres\.new-(\d+)$/.exec(name);
    if (builder && !isAlive(Number(builder[1]))) rmSync(join(home, name), { recursive: true, force: true });
  }
}
