import { PennyError } from '../../../errors.ts';
import type { ExportGroup } from '../../contract.ts';
import { eachOf } from '../../pool.ts';
import { type FoundManifest, newestManifests } from '../../staging/newest.ts';
import type { AwsPlace } from '../place.ts';
import { readAwsManifest } from './manifest.ts';
import { copyObject, listObjects, pathOf, readText, type StoredObject, uriOf } from './s3.ts';

/** Objects read at the same time. */
const AT_ONCE = 6;

const MANIFEST = /-Manifest\.json$/;
const DATA = /\.(csv|gz|parquet|tsv)$/i;

/** What is loaded together: the manifests of a month with the files they name, or files that no manifest names. */
interface Delivery {
  month: string | null;
  manifest: StoredObject | null;
  files: StoredObject[];
}

/**
 * Returns the newest deliveries at `uris` by month, the oldest first. Manifests decide which files belong together and which
 * delivery is the newest; below a URI without any, each file that looks like a bill counts.
 */
export async function findExports(
  place: AwsPlace,
  uris: readonly string[],
  { since }: { since?: string } = {},
): Promise<{ groups: ExportGroup[]; notes: string[] }> {
  const notes: string[] = [];
  const deliveries: Delivery[] = [];
  for (const uri of uris) {
    const objects = (await listObjects(place, uri)).filter((object) => isSince(monthOf(object.key), since));
    const found = objects.some(({ key }) => MANIFEST.test(key))
      ? await byManifest(place, objects, notes)
      : looseFiles(objects);
    deliveries.push(...found);
    if (found.length === 0) notes.push(`${uri} holds no bill${since === undefined ? '' : ` since ${since}`}.`);
  }
  const months = [...new Set(deliveries.map(({ month }) => month))].sort((a, b) => ((a ?? '') < (b ?? '') ? -1 : 1));
  const groups = months.map((month) =>
    groupOf(
      place,
      month,
      deliveries.filter((delivery) => delivery.month === month),
    ),
  );
  return { groups, notes };
}

async function byManifest(place: AwsPlace, objects: readonly StoredObject[], notes: string[]): Promise<Delivery[]> {
  const manifests: (FoundManifest & { object: StoredObject })[] = [];
  await eachOf(
    objects.filter(({ key }) => MANIFEST.test(key)),
    AT_ONCE,
    async (object) => {
      const path = `${object.bucket}/${object.key}`;
      const manifest = readAwsManifest(documentOf(await readText(place, object)), path);
      if (manifest === undefined) notes.push(`${uriOf(object)} was left out: it is no manifest of a billing export.`);
      else manifests.push({ path, manifest, modified: object.modified, object });
    },
  );
  const newest = [...newestManifests(manifests).values()];
  if (manifests.length > newest.length)
    notes.push(
      `${manifests.length - newest.length} deliveries were left out: newer ones of the same billing period are there.`,
    );
  const byUri = new Map(objects.map((object) => [uriOf(object), object]));
  return newest.map(({ manifest, object }) => ({
    month: monthOf(object.key),
    manifest: object,
    files: [...new Set(manifest.keys)].map((key) => fileOf(key, object, byUri)),
  }));
}

/** Manifests name their files by URI, or by key within their own bucket. */
function fileOf(key: string, manifest: StoredObject, byUri: ReadonlyMap<string, StoredObject>): StoredObject {
  const uri = key.startsWith('s3://') ? key : `s3://${manifest.bucket}/${key.replace(/^\/+/, '')}`;
  const found = byUri.get(uri);
  if (found !== undefined) return found;
  throw new PennyError(
    'file_unreadable',
    `${uriOf(manifest)} names ${uri}, which is not there or not below the path that was named. Name the whole export.`,
  );
}

function looseFiles(objects: readonly StoredObject[]): Delivery[] {
  return objects
    .filter(({ key }) => DATA.test(key) && !key.split('/').some((part) => /^[._]/.test(part)))
    .map((object) => ({ month: monthOf(object.key), manifest: null, files: [object] }));
}

function groupOf(place: AwsPlace, month: string | null, deliveries: readonly Delivery[]): ExportGroup {
  const files = [...new Map(deliveries.flatMap((one) => one.files).map((file) => [uriOf(file), file])).values()];
  return {
    month,
    uris: files.map((file) => uriOf(file, { tagged: true })).sort(),
    bytes: files.reduce((sum, { size }) => sum + size, 0),
    async fetch(folder, signal) {
      const toLoad = deliveries.flatMap(({ manifest, files: named }) => (manifest === null ? named : [manifest]));
      const all = [...new Set([...files, ...toLoad])];
      await eachOf(all, AT_ONCE, (object) => copyObject(place, object, folder, signal), signal);
      return toLoad.map((object) => pathOf(object, folder));
    },
  };
}

/** Returns the billing month that a key names: BILLING_PERIOD=2025-03, year=2025/month=3 or 20250301-20250401. */
export function monthOf(key: string): string | null {
  const [, year, month] =
    /BILLING_PERIOD=(\d{4})-(\d{2})/i.exec(key) ??
    /year=(\d{4})\/month=(\d{1,2})(?:\/|$)/i.exec(key) ??
    /(?:^|\/)(\d{4})(\d{2})\d{2}-\d{8}\//.exec(key) ??
    [];
  return year === undefined || month === undefined ? null : `${year}-${month.padStart(2, '0')}`;
}

function isSince(month: string | null, since: string | undefined): boolean {
  return since === undefined || month === null || month >= since;
}

function documentOf(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\ufeff/, ''));
  } catch {
    return undefined;
  }
}
