import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { CLOUDS, cloudOf } from '../clouds/registry.ts';
import type { Config } from '../config.ts';
import { PennyError } from '../errors.ts';
import type { Job, RunContext, RunOutcome } from './job.ts';
import { type IngestedAssembly, ingestBilling } from './load-bills.ts';
import { loadExports } from './load-exports.ts';

/** Loads what is new or has changed in the folders and the stores that are watched. */
export const ingestBillingJob: Job = {
  name: 'ingest-billing',
  title: 'Loads the billing exports that are new or have changed.',
  schedule: '*/10 * * * *',
  timeoutMs: 4 * 3_600_000,
  retries: 3,
  missing: (config) =>
    watchedPaths(config).length === 0
      ? 'Set PENNY_BILLING_PATHS to the folders, files or stores of the bill.'
      : undefined,
  run: (context) => loadWatched(context, seen),
};

/** What the watched paths held when this process last loaded them. After a restart all is looked at again, which changes nothing. */
const seen = new Map<string, string>();

/** A file that was written to so lately may still be growing, and half a bill is a wrong bill. */
const SETTLED_MS = 60_000;

/** What the files and folders of a machine are loaded with, and the places of a store. */
interface Loaders {
  files: typeof ingestBilling;
  exports: typeof loadExports;
}

/** Loads what is watched and has changed since, each store by itself, then files and folders. */
export async function loadWatched(
  context: RunContext,
  loaded: Map<string, string>,
  load: Loaders = { files: ingestBilling, exports: loadExports },
): Promise<RunOutcome> {
  const { config, db, log, now, signal, progress } = context;
  const all = watchedPaths(config);
  let rows = 0;
  for (const cloud of CLOUDS) {
    const uris = all.filter((path) => cloudOf(path) === cloud);
    if (uris.length === 0) continue;
    // A store tells what changed by the tags of its files.
    const { assemblies } = await load.exports({ uris, config, db, log, now, signal, progress });
    rows += countRows(assemblies);
  }
  const paths = all.filter((path) => cloudOf(path) === undefined);
  return { rows: rows + (paths.length === 0 ? 0 : await loadFiles(context, paths, loaded, load)) };
}

/** Loads all the files there are, unless they are what was loaded last: a billing period may be spread over files, old and new. */
async function loadFiles(
  { config, db, log, now, signal, progress }: RunContext,
  paths: string[],
  loaded: Map<string, string>,
  load: Loaders,
): Promise<number> {
  const key = paths.join(',');
  const files = (await Promise.all(paths.map(listFiles))).flat();
  const newest = Math.max(...files.map(({ modifiedMs }) => modifiedMs));
  // The file system has the real clock, whatever PENNY_NOW says.
  if (newest > Date.now() - SETTLED_MS) {
    log.info('a billing export was just written; it is loaded once it has been left alone for a minute');
    return 0;
  }
  const state = JSON.stringify(files);
  if (files.length === 0 || loaded.get(key) === state) return 0;
  const made = await load.files({ paths, origin: 'file', config, db, log, now, signal, progress });
  loaded.set(key, state);
  return countRows(made);
}

function countRows(assemblies: readonly IngestedAssembly[]): number {
  return assemblies.reduce((sum, { status, dailyRows }) => sum + (status === 'loaded' ? dailyRows : 0), 0);
}

function watchedPaths({ PENNY_BILLING_PATHS }: Config): string[] {
  return (PENNY_BILLING_PATHS ?? '')
    .split(',')
    .map((path) => path.trim())
    .filter((path) => path !== '');
}

interface WatchedFile {
  path: string;
  size: number;
  modifiedMs: number;
}

async function listFiles(path: string): Promise<WatchedFile[]> {
  const found = await stat(path).catch((cause: unknown) => {
    throw new PennyError('not_found', `${path} of PENNY_BILLING_PATHS cannot be read.`, { cause });
  });
  if (!found.isDirectory()) return [{ path, size: found.size, modifiedMs: found.mtimeMs }];
  const entries = (await readdir(path, { recursive: true })).sort();
  const files = await Promise.all(
    entries.map(async (entry) => {
      const { size, mtimeMs, isFile } = await inFolder(join(path, entry));
      return isFile ? [{ path: join(path, entry), size, modifiedMs: mtimeMs }] : [];
    }),
  );
  return files.flat();
}

/** A file that went away since it was listed is none. */
async function inFolder(path: string): Promise<{ size: number; mtimeMs: number; isFile: boolean }> {
  const found = await stat(path).catch(() => undefined);
  return { size: found?.size ?? 0, mtimeMs: found?.mtimeMs ?? 0, isFile: found?.isFile() ?? false };
}
