import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type pg from 'pg';
import { PennyError } from '../errors.ts';
import type { Log } from '../log.ts';
import { type Binaries, findBinaries } from './embedded/binaries.ts';
import { type DatabaseFolder, OWNER, prepareFolder } from './embedded/folder.ts';
import { findPostmaster, type Postmaster, startPostmaster, stopPostmaster } from './embedded/postmaster.ts';
import * as presence from './embedded/presence.ts';

/** A running embedded server as this process uses it. */
export interface Embedded {
  /** The database `penny` as its owner, who is no superuser. */
  url: string;
  /** Leaves the server, and stops it when no other process uses it. */
  close(): Promise<void>;
}

export interface EmbeddedOptions {
  /** Hold the folder as the only one who does so, until close or death; others may still join without. */
  exclusive?: boolean;
  /** The data need not outlive a power cut, as in tests: quicker. Counts for the process that starts the server. */
  throwaway?: boolean;
}

const START_TIMEOUT_MS = 60_000;

/**
 * Returns the Postgres of the folder `home` (PENNY_HOME), started unless it runs. Processes share one server: each holds a
 * lock in it that dies with the process, whoever leaves last stops it, and a watcher inside the server does so when the
 * last one was killed.
 * @throws PennyError `database_busy` when `exclusive` and another process is so already; `database_unavailable` when
 *   Postgres cannot be started here
 */
export async function openEmbedded(home: string, log: Log, options: EmbeddedOptions = {}): Promise<Embedded> {
  const binaries = findBinaries(join(resolve(home), 'postgres-libraries'));
  const throwaway = options.throwaway ?? false;
  const folder = prepareFolder(resolve(home), binaries, throwaway);
  const { client, postmaster } = await joinOrStart(folder, binaries, throwaway);
  if (options.exclusive) await takeOrLeave(client, folder);
  await presence.ensureWatcher(client, folder, postmaster);
  presence.rest(client);
  log.debug({ pid: postmaster.pid, port: postmaster.port, folder: folder.path }, 'embedded Postgres is ready');
  let closing: Promise<void> | undefined;
  return {
    url: `postgres://${OWNER}:${folder.password}@127.0.0.1:${postmaster.port}/${OWNER}?sslmode=disable`,
    close() {
      closing ??= leave(client, postmaster, folder, binaries);
      return closing;
    },
  };
}

/** Stops the server of the folder whoever uses it, if one runs. */
export async function stopEmbedded(home: string): Promise<void> {
  const data = join(resolve(home), 'postgres', 'data');
  const postmaster = findPostmaster(data);
  if (postmaster) await stopPostmaster(postmaster, data, findBinaries(join(resolve(home), 'postgres-libraries')));
}

async function joinOrStart(
  folder: DatabaseFolder,
  binaries: Binaries,
  throwaway: boolean,
): Promise<{ client: pg.Client; postmaster: Postmaster }> {
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (Date.now() < deadline) {
    const postmaster = findPostmaster(folder.data);
    const client = postmaster && (await presence.join(folder, postmaster));
    if (client) return { client, postmaster };
    // A start fails when another process was quicker, or when a server that was killed is not quite gone: look again.
    if (!postmaster) await startPostmaster(folder, binaries, throwaway);
    await pause(20);
  }
  throw new PennyError(
    'database_unavailable',
    `The embedded Postgres in ${folder.path} did not start. Its log is ${folder.logFile}.`,
    { cause: new Error(readFileSync(folder.logFile, 'utf8').slice(-4000)) },
  );
}

async function takeOrLeave(client: pg.Client, folder: DatabaseFolder): Promise<void> {
  const holder = await presence.takeExclusive(client);
  if (holder === undefined) return;
  await client.end();
  throw new PennyError(
    'database_busy',
    `Penny is running already on the folder ${folder.home} (process ${holder}). Stop that process, or set PENNY_HOME to another folder.`,
    { details: { pid: holder, folder: folder.home } },
  );
}

async function leave(
  client: pg.Client,
  postmaster: Postmaster,
  folder: DatabaseFolder,
  binaries: Binaries,
): Promise<void> {
  // A server that is gone already needs no goodbye.
  const last = await presence.leave(client).catch(() => false);
  if (last) await stopPostmaster(postmaster, folder.data, binaries);
  await client.end().catch(() => {});
}
