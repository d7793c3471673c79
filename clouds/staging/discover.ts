import { realpathSync, statSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { basename, dirname, join, resolve, sep } from 'node:path';
import { PennyError } from '../../errors.ts';
import type { Manifest } from '../contract.ts';
import { MANIFEST_READERS } from '../registry.ts';
import { readJson, sniffFile } from './files.ts';
import { type FoundManifest, newestManifests } from './newest.ts';

/** Files to load: those of one delivery when a manifest says so, else one file whose billing periods are not known yet. */
export interface Found {
  paths: string[];
  /** Path of the manifest that names them. */
  manifest?: string;
  /** Version of the format that the manifest names. */
  version: string | null;
}

export interface Discovery {
  found: Found[];
  /** What was left out and why, for the report. */
  notes: string[];
}

const DATA_NAME = /(\.(csv|gz|parquet|tsv)|\/[^./]+)$/i;

/**
 * Returns the files that `paths` mean: files, folders (with all below them) and manifests. Of the deliveries a manifest
 * tells apart only the newest one is read; a file reached twice is read once.
 * @throws PennyError `not_found`, `file_unreadable`, `file_empty`, `source_unknown`
 */
export async function discover(paths: readonly string[]): Promise<Discovery> {
  const notes: string[] = [];
  const files = new Set<string>();
  const manifests: FoundManifest[] = [];
  for (const path of paths) {
    const root = existing(path);
    const isFolder = statSync(root).isDirectory();
    for (const file of isFolder ? await walk(root) : [root]) {
      if (/\.json$/i.test(file) || (!isFolder && (await sniffFile(file)) === 'json')) {
        const manifest = await readManifest(file);
        if (manifest !== undefined) manifests.push({ path: file, manifest, modified: statSync(file).mtimeMs });
        else if (!isFolder) throw unknownJson(file);
      } else if (!isFolder || DATA_NAME.test(slashed(file))) files.add(file);
      else notes.push(`${file} was left out: its name is not that of a bill.`);
    }
    if (isFolder && files.size === 0 && manifests.length === 0) {
      throw new PennyError('file_empty', `The folder ${path} holds no bill (CSV, gzip or Parquet).`);
    }
  }
  return byManifest([...files], manifests, notes);
}

function byManifest(files: string[], manifests: FoundManifest[], notes: string[]): Discovery {
  const newest = newestManifests(manifests);
  const taken = new Set<string>();
  const found: Found[] = [...newest.values()].map(({ path, manifest }) => {
    const listed = [...new Set(manifest.keys.map((key) => locate(key, path, files)))];
    for (const file of listed) taken.add(file);
    return { paths: listed, manifest: path, version: manifest.version };
  });
  for (const { path, manifest } of manifests) {
    if (newest.get(manifest.series)?.path === path) continue;
    notes.push(`${path} was left out: a newer delivery of the same billing period is there.`);
    for (const key of manifest.keys) {
      const older = find(key, path, files);
      if (older !== undefined) taken.add(older);
    }
  }
  const current = new Map(found.flatMap(({ paths }) => paths.map(deliveryOf)).map(({ parent, own }) => [parent, own]));
  const loose = files.filter((file) => !taken.has(file));
  for (const [parent, own] of newestDeliveries(loose)) if (!current.has(parent)) current.set(parent, own);
  for (const file of loose) {
    const { parent, own } = deliveryOf(file);
    if (DELIVERY.test(basename(own)) && current.get(parent) !== own) {
      notes.push(`${file} was left out: a newer delivery of the same billing period is there.`);
    } else found.push({ paths: [file], version: null });
  }
  return { found, notes };
}

// Deliveries that are kept beside each other lie in folders named by an id or by time and id.
const DELIVERY = /^([\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}|\d{4}-\d{2}-\d{2}T.*)$/i;

function deliveryOf(file: string): { parent: string; own: string } {
  return { parent: dirname(dirname(file)), own: dirname(file) };
}

/** Returns, for each folder that holds deliveries, the newest one, without the help of a manifest. */
function newestDeliveries(files: string[]): Map<string, string> {
  const newest = new Map<string, string>();
  for (const { parent, own } of files.map(deliveryOf)) {
    if (!DELIVERY.test(basename(own))) continue;
    const known = newest.get(parent) ?? own;
    if (known !== own && ![known, own].every((folder) => /^\d{4}-/.test(basename(folder)))) {
      throw new PennyError(
        'invalid_input',
        `${parent} holds several deliveries, and no manifest says which one is the newest. Name the folder of one of them.`,
      );
    }
    if (own >= known) newest.set(parent, own);
  }
  return newest;
}

function locate(key: string, manifest: string, files: string[]): string {
  const found = find(key, manifest, files);
  if (found !== undefined) return found;
  throw new PennyError(
    'file_unreadable',
    `${manifest} names ${key}, which is not there. Copy the whole delivery, or name the files themselves.`,
    { details: { file: manifest } },
  );
}

/** Returns where a file of a manifest lies here: keys begin with buckets and prefixes that a local copy may lack. */
function find(key: string, manifest: string, files: string[]): string | undefined {
  const parts = key
    .replace(/^s3:\/\/[^/]+\//, '')
    .split('/')
    .filter((part) => part !== '');
  if (parts.includes('..')) return undefined;
  const home = dirname(manifest);
  const folders = home.split(sep).map((_, index, all) => all.slice(0, all.length - index).join(sep) || sep);
  for (let from = 0; from < parts.length; from++) {
    const tail = parts.slice(from).join(sep);
    const [known, ...others] = files.filter((file) => file.endsWith(sep + tail));
    if (known !== undefined && others.length === 0) return known;
    // A bare file name is looked for beside the manifest only.
    for (const folder of from === parts.length - 1 ? [home] : folders) {
      const path = join(folder, tail);
      if (isFile(path)) return realpathSync(path);
    }
  }
  return undefined;
}

async function readManifest(path: string): Promise<Manifest | undefined> {
  const document = await readJson(path);
  for (const read of MANIFEST_READERS) {
    const manifest = read(document, slashed(path));
    if (manifest !== undefined) return manifest;
  }
  return undefined;
}

/** Returns the files below a folder, each once, also where links make a circle. Hidden ones are none of a bill's. */
async function walk(folder: string, seen = new Set<string>()): Promise<string[]> {
  const paths: string[] = [];
  for (const name of (await readdir(folder)).sort()) {
    if (/^[._]/.test(name)) continue;
    const path = existing(join(folder, name));
    if (seen.has(path)) continue;
    seen.add(path);
    const status = statSync(path);
    if (status.isDirectory()) paths.push(...(await walk(path, seen)));
    else if (status.isFile()) paths.push(path);
  }
  return paths;
}

function existing(path: string): string {
  if (/^s3:\/\//i.test(path)) {
    throw new PennyError(
      'invalid_input',
      `${path}: only files and folders are read here. "penny ingest billing" reads it over the AWS connection (docs/aws.md).`,
    );
  }
  try {
    return realpathSync(resolve(path));
  } catch (cause) {
    throw new PennyError('not_found', `There is no file or folder ${path}.`, { details: { file: path }, cause });
  }
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}

function slashed(path: string): string {
  return path.split(sep).join('/');
}

function unknownJson(path: string): PennyError {
  return new PennyError(
    'source_unknown',
    `${path} is JSON but no manifest of a billing export. Name the CSV or Parquet files.`,
    {
      details: { file: path },
    },
  );
}
