import { spawn, spawnSync } from 'node:child_process';
import { closeSync, openSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { accountOf, asAccount } from './account.ts';
import type { Binaries } from './binaries.ts';
import type { DatabaseFolder } from './folder.ts';

/** What a running server wrote into its folder. */
export interface Postmaster {
  pid: number;
  port: number;
}

/**
 * Returns the server that runs on `data`, or undefined. The note of a server that is gone is removed even when its process
 * number has since gone to another program (as happens in containers), which would keep Postgres from starting.
 */
export function findPostmaster(data: string): Postmaster | undefined {
  const note = readNote(data);
  if (note === undefined) return undefined;
  const [pid, , , port] = note.split('\n').map(Number);
  if (pid === undefined || !(pid > 0)) {
    if (isOld(noteOf(data))) rmSync(noteOf(data), { force: true });
    return undefined;
  }
  if (!isAlive(pid)) return undefined;
  if (isPostgres(pid, data)) return { pid, port: port ?? 0 };
  if (readNote(data) === note) rmSync(noteOf(data), { force: true });
  return undefined;
}

/** Starts a server on the folder and returns when it has written its note or ended; `false` if it ended. */
export async function startPostmaster(
  folder: DatabaseFolder,
  binaries: Binaries,
  throwaway: boolean,
): Promise<boolean> {
  const port = await freePort();
  const all = { ...SETTINGS, ...(throwaway ? THROWAWAY : {}), port: String(port) };
  const args = ['-D', folder.data, ...Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`])];
  const {
    command,
    args: commandArgs,
    options,
  } = asAccount(accountOf(folder.path, binaries), binaries.postgres, args, binaries.env);
  const log = openSync(folder.logFile, 'w', 0o600);
  // In a process group of its own, so that Ctrl-C in the terminal reaches Penny alone, which then stops it in order.
  const child = spawn(command, commandArgs, { ...options, detached: true, stdio: ['ignore', log, log] });
  closeSync(log);
  let ended = false;
  child.once('exit', () => {
    ended = true;
  });
  child.once('error', () => {
    ended = true;
  });
  child.unref();
  while (!ended && readNote(folder.data)?.startsWith(`${child.pid}\n`) !== true) await pause(10);
  return !ended;
}

/** Stops the server at once but in order (running queries are rolled back) and returns when it is gone. */
export async function stopPostmaster({ pid }: Postmaster, data: string, binaries: Binaries): Promise<void> {
  if (process.platform === 'win32') {
    spawnSync(binaries.pgCtl, ['stop', '-m', 'fast', '-D', data], { stdio: 'ignore' });
    return;
  }
  process.kill(pid, 'SIGINT');
  const deadline = Date.now() + 30_000;
  while (isAlive(pid) && Date.now() < deadline) await pause(5);
}

/** Whether a process runs; one that has ended and waits for its parent to notice does not. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EPERM')) return false;
  }
  return !isZombie(pid);
}

// In a container nobody may clear away what a killed process leaves behind.
function isZombie(pid: number): boolean {
  try {
    return /\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

const SETTINGS: Record<string, string> = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  timezone: 'UTC',
  log_timezone: 'UTC',
  shared_buffers: '256MB',
  work_mem: '32MB',
  maintenance_work_mem: '128MB',
  max_wal_size: '2GB',
  // Nobody copies its log: a new partition is written once, not twice.
  wal_level: 'minimal',
  max_wal_senders: '0',
  // A question over two years locks every partition it reads.
  max_locks_per_transaction: '256',
  jit: 'off',
};

const THROWAWAY = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' };

const noteOf = (data: string): string => join(data, 'postmaster.pid');

function readNote(data: string): string | undefined {
  try {
    return readFileSync(noteOf(data), 'utf8');
  } catch {
    return undefined;
  }
}

/** An empty note is a server about to write it, unless it has been so for long: then it died at that very moment. */
function isOld(file: string): boolean {
  return Date.now() - (statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? Date.now()) > 10_000;
}

function isPostgres(pid: number, data: string): boolean {
  if (process.platform === 'win32') return true;
  const command = commandOf(pid);
  return command === undefined || (command.includes('postgres') && command.includes(data));
}

function commandOf(pid: number): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    const { status, stdout } = spawnSync('ps', ['-ww', '-o', 'command=', '-p', String(pid)], { encoding: 'utf8' });
    return status === 0 ? stdout : undefined;
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
