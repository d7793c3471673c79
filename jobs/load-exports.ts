import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import type { ExportGroup, OpenCloud } from '../clouds/contract.ts';
import { cloudOf } from '../clouds/registry.ts';
import type { Config } from '../config.ts';
import { isDelivered, nameFiles } from '../db/billing/deliveries.ts';
import type { JobProgress } from '../db/schema/job-runs.ts';
import { PennyError } from '../errors.ts';
import { type IngestedAssembly, type IngestOptions, ingestBilling, mappingVersions } from './load-bills.ts';

export interface ExportOptions extends Omit<IngestOptions, 'paths' | 'origin' | 'config'> {
  /** Where the exports lie, such as 's3://bucket/prefix'; all in the store of one cloud. */
  uris: readonly string[];
  /** 'YYYY-MM': leaves earlier months out. */
  since?: string;
  config: Config;
  /** The cloud they lie in; unset: the one whose URIs begin like these. */
  cloud?: OpenCloud;
}

/** What became of the exports. */
export interface LoadedExports {
  /** Their files are named by their URIs. */
  assemblies: IngestedAssembly[];
  /** Months whose files are those that are loaded already; nothing of them was fetched. */
  unchangedMonths: (string | null)[];
  notes: string[];
}

/**
 * Loads the newest deliveries of billing exports in a cloud's store and returns what became of them. A month is fetched only
 * when one of its files changed, and is gone from the disk again before the next one comes.
 * @throws PennyError what `ingestBilling` and `findExports` throw; `file_unreadable` when the disk has no room for a month
 */
export async function loadExports(options: ExportOptions): Promise<LoadedExports> {
  const { uris, since, config, db, signal } = options;
  const cloud = options.cloud ?? (await openCloudOf(uris, options));
  const found = await cloud.findExports(uris, since ? { since } : {});
  const loaded: LoadedExports = { assemblies: [], unchangedMonths: [], notes: found.notes };
  const mappings = mappingVersions(config);
  const total = found.groups.length;
  for (const [done, group] of found.groups.entries()) {
    signal?.throwIfAborted();
    const month = group.month ?? 'the export';
    const tell = (text: string): void => options.progress?.({ done, total, text });
    tell(`fetching ${month}`);
    const progress = ({ text }: JobProgress): void => (text === undefined ? undefined : tell(`${month}: ${text}`));
    if (await isDelivered(db, group.uris, mappings)) loaded.unchangedMonths.push(group.month);
    else loaded.assemblies.push(...(await loadGroup(group, { ...options, progress })));
  }
  options.progress?.({ done: total, total });
  return loaded;
}

async function openCloudOf(
  uris: readonly string[],
  { config, signal }: Pick<ExportOptions, 'config' | 'signal'>,
): Promise<OpenCloud> {
  const clouds = new Set(uris.map(cloudOf));
  const [cloud] = clouds;
  if (cloud === undefined || clouds.size > 1)
    throw new PennyError('invalid_input', 'Name places of one store at a time, such as s3://bucket/prefix.');
  return cloud.open(config, signal);
}

async function loadGroup(group: ExportGroup, options: ExportOptions): Promise<IngestedAssembly[]> {
  const { config, db, signal } = options;
  const parent = join(config.PENNY_HOME, 'tmp');
  mkdirSync(parent, { recursive: true, mode: 0o700 });
  await refuseWithoutRoom(parent, group);
  const folder = realpathSync(mkdtempSync(join(parent, 'exports-')));
  const scheme = group.uris[0]?.replace(/\/\/.*$/s, '//') ?? '';
  const nameOf = (path: string) => `${scheme}${relative(folder, path).split(sep).join('/')}`;
  try {
    const paths = await group.fetch(folder, signal);
    const assemblies = await ingestBilling({ ...options, paths, origin: 's3' });
    const tagged = new Map(group.uris.map((uri) => [uri.replace(/#[^#]*$/, ''), uri]));
    for (const { loadId, files } of assemblies) {
      // A single load has also those files that hold the same as others and were therefore left out.
      const own = files.map((file) => tagged.get(nameOf(file)) ?? nameOf(file));
      await nameFiles(db, loadId, assemblies.length === 1 ? group.uris : own);
    }
    return assemblies.map((one) => ({ ...one, file: nameOf(one.file), files: one.files.map(nameOf) }));
  } catch (error) {
    throw withUris(error, folder + sep, scheme);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A month needs its own room and about as much again for what is computed of it. */
async function refuseWithoutRoom(folder: string, { bytes, month }: ExportGroup): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  if (bytes * 2 <= bavail * bsize) return;
  const [needed, free] = [bytes * 2, bavail * bsize].map((size) => `${(size / 1e9).toFixed(1)} GB`);
  throw new PennyError(
    'file_unreadable',
    `The files of ${month ?? 'the export'} need ${needed} in PENNY_HOME, where ${free} are free.`,
  );
}

/** An error names files by where they lay for a moment; people know them by their URIs. */
function withUris(error: unknown, folder: string, scheme: string): unknown {
  if (!(error instanceof PennyError)) return error;
  const told = (text: string) => text.replaceAll(folder, scheme);
  const { file, loaded, ...details } = error.details ?? {};
  return new PennyError(error.code, told(error.message), {
    details: {
      ...details,
      ...(typeof file === 'string' ? { file: told(file) } : {}),
      ...(Array.isArray(loaded) ? { loaded: loaded.map((path) => told(String(path))) } : {}),
    },
    cause: error,
  });
}
