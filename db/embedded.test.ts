import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { packageRoot } from '../config.ts';
import { PennyError } from '../errors.ts';
import { log } from '../log.ts';
import { isAlive } from './embedded/postmaster.ts';
import { openEmbedded, stopEmbedded } from './embedded.ts';

const isRoot = process.getuid?.() === 0;

// Each test has a folder with a space in its name, so that nothing breaks on one.
let parent: string;
let home: string;
let prepared: string;
const holders: ChildProcess[] = [];

beforeAll(async () => {
  prepared = mkdtempSync(join(tmpdir(), 'penny-prepared-'));
  if (isRoot) chmodSync(prepared, 0o711);
  const { close } = await openEmbedded(prepared, log, { throwaway: true });
  await close();
});

afterAll(() => {
  rmSync(prepared, { recursive: true, force: true });
});

beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'penny-embedded-'));
  chmodSync(parent, 0o755);
  home = join(parent, 'penny home');
});

/** Fills the home with a database that was made before, which is quicker than making one. */
function copyPrepared(): void {
  spawnSync('cp', ['-a', prepared, home]);
}

afterEach(async () => {
  for (const holder of holders.splice(0)) if (holder.exitCode === null) holder.kill('SIGKILL');
  await stopEmbedded(home);
  rmSync(parent, { recursive: true, force: true });
});

test('starts a server only this machine can reach, with a password in a file only its owner can read, and stops it at close', async () => {
  const { url, close } = await openEmbedded(home, log);
  const password = join(home, 'postgres', 'password');

  expect(await sql(url, "SELECT current_setting('listen_addresses') AS value")).toEqual([{ value: '127.0.0.1' }]);
  expect(await sql(url, 'SELECT usesuper AS value FROM pg_user WHERE usename = current_user')).toEqual([
    { value: false },
  ]);
  expect(statSync(password).mode & 0o777).toBe(0o600);
  expect(new URL(url).password).toBe(readFileSync(password, 'utf8'));
  await expect(sql(url.replace(/:[^:@]+@/, ':wrong@'), 'SELECT 1')).rejects.toMatchObject({ code: '28P01' });

  const server = serverPid();
  await close();
  expect(isAlive(server)).toBe(false);
});

test('keeps its rows over a normal end and a new start', async () => {
  copyPrepared();
  const first = await openEmbedded(home, log);
  await sql(first.url, 'CREATE TABLE kept AS SELECT 41 AS n');
  await first.close();
  const second = await openEmbedded(home, log);
  expect(await sql(second.url, 'SELECT n FROM kept')).toEqual([{ n: 41 }]);
  await second.close();
});

test('goes on with the server of a process that was killed, and finds every committed row', async () => {
  copyPrepared();
  const holder = await hold(home);
  await sql(holder.url, 'CREATE TABLE kept AS SELECT 1 AS n');
  const server = serverPid();
  await kill(holder.process);

  const next = await openEmbedded(home, log);
  expect(serverPid()).toBe(server);
  expect(await sql(next.url, 'SELECT n FROM kept')).toEqual([{ n: 1 }]);
  await next.close();
  expect(isAlive(server)).toBe(false);
});

test('recovers every committed row when the server itself was killed too', async () => {
  copyPrepared();
  const holder = await hold(home);
  await sql(holder.url, 'CREATE TABLE kept (n integer)', ...range(1, 10).map((n) => `INSERT INTO kept VALUES (${n})`));
  process.kill(serverPid(), 'SIGKILL');
  await kill(holder.process);

  const next = await openEmbedded(home, log);
  expect(await sql(next.url, 'SELECT count(*) AS n, sum(n) AS sum FROM kept')).toEqual([{ n: '10', sum: '55' }]);
  await next.close();
});

test('refuses a second exclusive user of a folder with the process and the folder, and lets others join', async () => {
  copyPrepared();
  const owner = await hold(home, '--exclusive');
  const refusal = await openEmbedded(home, log, { exclusive: true }).catch((error: unknown) => error);
  if (!(refusal instanceof PennyError)) throw new Error('a second exclusive user was let in');
  expect(refusal.code).toBe('database_busy');
  expect(refusal.message).toContain(`process ${owner.process.pid}`);
  expect(refusal.message).toContain(home);

  const server = serverPid();
  const joined = await openEmbedded(home, log);
  expect(joined.url).toBe(owner.url);
  await joined.close();
  expect(isAlive(server)).toBe(true);

  await release(owner.process);
  expect(isAlive(server)).toBe(false);
});

test('gives the folder to the next exclusive user after the first was killed', async () => {
  copyPrepared();
  const owner = await hold(home, '--exclusive');
  await kill(owner.process);
  await expect
    .poll(async () =>
      openEmbedded(home, log, { exclusive: true }).then(
        (next) => next.close(),
        () => 'busy',
      ),
    )
    .toBeUndefined();
});

test('lets a process that joined go on after the owner was killed, and stop the server when it leaves', async () => {
  copyPrepared();
  const owner = await hold(home, '--exclusive');
  const server = serverPid();
  const joined = await openEmbedded(home, log);
  await kill(owner.process);

  // Longer than the watcher's round: it must see that somebody is left.
  expect(await sql(joined.url, 'SELECT pg_sleep(3), 1 AS n')).toMatchObject([{ n: 1 }]);
  await joined.close();
  expect(isAlive(server)).toBe(false);
});

test('leaves no server behind when every process was killed', async () => {
  copyPrepared();
  const holder = await hold(home);
  const server = serverPid();
  await kill(holder.process);
  await expect.poll(() => isAlive(server), { timeout: 20_000, interval: 200 }).toBe(false);
});

test('makes one database when several start at once in an empty folder', async () => {
  const opened = await Promise.all([hold(home), hold(home), openEmbedded(home, log)]);
  expect(new Set(opened.map(({ url }) => url)).size).toBe(1);
  await opened[2].close();
  await Promise.all([release(opened[0].process), release(opened[1].process)]);
  await expect.poll(() => existsSync(join(home, 'postgres', 'data', 'postmaster.pid'))).toBe(false);
});

test('starts although a note of an earlier server names a process number that now belongs to another program', async () => {
  copyPrepared();
  const first = await openEmbedded(home, log);
  const note = readFileSync(noteFile(), 'utf8');
  await first.close();
  writeFileSync(noteFile(), note.replace(/^\d+/, String(process.pid)));

  const second = await openEmbedded(home, log);
  expect(await sql(second.url, 'SELECT 1 AS n')).toEqual([{ n: 1 }]);
  await second.close();
});

test.runIf(isRoot && othersMayRead(packageRoot))('says whose folder it is when it may not use it', async () => {
  copyPrepared();
  chmodSync(home, 0o755);
  const holder = await hold(home, '', 12_345);
  expect(holder.error).toMatchObject({ code: 'database_unavailable' });
});

test.runIf(isRoot)('works for root in a folder that only root may enter', async () => {
  chmodSync(parent, 0o700);
  const { url, close } = await openEmbedded(home, log);
  expect(await sql(url, 'SELECT 1 AS n')).toEqual([{ n: 1 }]);
  await close();
});

test.runIf(isRoot && othersMayRead(packageRoot))('works for an ordinary user', async () => {
  mkdirSync(home);
  chownSync(home, 12_345, 12_345);
  const holder = await hold(home, '--exclusive', 12_345);
  expect(await sql(holder.url, 'SELECT 1 AS n')).toEqual([{ n: 1 }]);
  expect(statSync(join(home, 'postgres', 'data')).uid).toBe(12_345);
  const server = serverPid();
  await release(holder.process);
  expect(isAlive(server)).toBe(false);
});

const heldSchema = z.object({
  url: z.string().default(''),
  error: z.object({ code: z.string(), message: z.string() }).optional(),
});

type Held = z.infer<typeof heldSchema> & { process: ChildProcess };

async function hold(folder: string, mode = '', uid?: number): Promise<Held> {
  const script = join(packageRoot, 'db', 'testing', 'hold-home.ts');
  const child = spawn(process.execPath, ['--import', 'tsx', script, folder, mode], {
    cwd: packageRoot,
    stdio: ['pipe', 'pipe', 'inherit'],
    ...(uid === undefined ? {} : { uid, gid: uid }),
  });
  holders.push(child);
  const [line] = await once(createInterface(child.stdout), 'line');
  return { ...heldSchema.parse(JSON.parse(String(line))), process: child };
}

async function kill(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL');
  await once(child, 'exit');
}

async function release(child: ChildProcess): Promise<void> {
  child.stdin?.end();
  await once(child, 'exit');
}

/** Runs statements, each a transaction of its own; returns the rows of the last. */
async function sql(url: string, ...statements: string[]): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => {});
  await client.connect();
  try {
    let rows: unknown[] = [];
    for (const statement of statements) rows = (await client.query(statement)).rows;
    return rows;
  } finally {
    await client.end();
  }
}

function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

function noteFile(): string {
  return join(home, 'postgres', 'data', 'postmaster.pid');
}

function serverPid(): number {
  return Number(readFileSync(noteFile(), 'utf8').split('\n')[0]);
}

function othersMayRead(folder: string): boolean {
  const up = join(folder, '..');
  return (statSync(folder).mode & 0o005) === 0o005 && (up === folder || othersMayRead(up));
}
