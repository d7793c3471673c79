import { Readable } from 'node:stream';
import type {
  CloudRun,
  CloudUsage,
  MeasuredRegion,
  MeasuredResource,
  OpenCloud,
  UsageHour,
} from '../clouds/contract.ts';
import type { Db } from '../db/client.ts';
import {
  type InventoriedResource,
  listInventoried,
  listUsageReads,
  noteUsageReads,
  storeUsage,
  USAGE_COLUMNS,
  type UsageRead,
} from '../db/usage.ts';
import { hourMissingFrom, hourToReadFrom } from './usage-spans.ts';

/** The job whose progress is noted, region by region. */
const JOB = 'ingest-usage';

/** How much was measured, in how many regions, and where that was not possible. */
export interface LoadedUsage {
  rows: number;
  /** Regions read to the end. */
  regions: number;
  gaps: CloudUsage['gaps'];
}

/**
 * Reads how the resources of a billing account were used in the hours before `to`, each region from where it was last read to the
 * end, what is new in its inventory from further back, and stores it in place of what is known of these hours. The resources are those of the inventory.
 * @throws PennyError what `readUsage` throws, `database_unavailable`
 */
export async function loadUsage({
  cloud,
  db,
  billingAccountId,
  to,
  ...run
}: CloudRun & {
  cloud: Pick<OpenCloud, 'readUsage' | 'usageKeptHours'>;
  db: Db;
  billingAccountId: string;
  to: Date;
}): Promise<LoadedUsage> {
  const reads = await listUsageReads(db, JOB);
  const regions = byRegion(await listInventoried(db, billingAccountId), reads, to, cloud.usageKeptHours);
  const usage = await cloud.readUsage(run, { regions, to });
  try {
    const rows = await storeHours(db, usage.hours, firstHour(regions, to), to);
    await noteUsageReads(db, JOB, usage.complete, to);
    return { rows, regions: usage.complete.length, gaps: usage.gaps };
  } finally {
    usage.close();
  }
}

/** Stores measured hours of [from, to) and returns how many there were. */
export function storeHours(db: Db, hours: AsyncIterable<UsageHour>, from: Date, to: Date): Promise<number> {
  const months = monthsBetween(from, to).map((month) => ({
    month,
    feed: {
      columns: USAGE_COLUMNS,
      read: <Result>(consume: (rows: Readable) => Promise<Result>) => consume(Readable.from(csvOf(hours, month))),
    },
  }));
  return storeUsage(db, months);
}

type Place = Pick<UsageRead, 'accountId' | 'regionId'>;

function byRegion(
  resources: readonly InventoriedResource[],
  reads: readonly UsageRead[],
  to: Date,
  keptHours: number,
): MeasuredRegion[] {
  const regions = new Map<string, MeasuredRegion & { resources: MeasuredResource[]; through: Date | null }>();
  for (const { appearedAt, ...resource } of resources) {
    const { accountId, regionId, createdAt } = resource;
    const key = `${accountId} ${regionId}`;
    const through = regions.get(key)?.through ?? readThrough(reads, resource);
    const region = regions.get(key) ?? {
      ...{ accountId, regionId, through, from: hourToReadFrom(through, to, keptHours), resources: [] },
    };
    regions.set(key, region);
    const missing = hourMissingFrom({ appearedAt, createdAt }, through, to, keptHours);
    region.resources.push(missing !== undefined && missing < region.from ? { ...resource, from: missing } : resource);
  }
  return [...regions.values()];
}

/** Returns how far a place was read; null when it never was. */
export function readThrough(reads: readonly UsageRead[], { accountId, regionId }: Place): Date | null {
  return reads.find((one) => one.accountId === accountId && one.regionId === regionId)?.readThrough ?? null;
}

function firstHour(regions: readonly MeasuredRegion[], to: Date): Date {
  let first = to.getTime();
  for (const { from, resources } of regions)
    for (const start of [from, ...resources.flatMap((one) => one.from ?? [])]) first = Math.min(first, start.getTime());
  return new Date(first);
}

function monthsBetween(from: Date, to: Date): string[] {
  const months: string[] = [];
  for (let month = from.getUTCMonth(); Date.UTC(from.getUTCFullYear(), month) < to.getTime(); month++)
    months.push(new Date(Date.UTC(from.getUTCFullYear(), month)).toISOString().slice(0, 7));
  return months;
}

async function* csvOf(hours: AsyncIterable<UsageHour>, month: string): AsyncGenerator<string> {
  for await (const { resourceId, metric, hour, avg, max, p95, sampleCount } of hours) {
    if (!hour.startsWith(month)) continue;
    yield `"${resourceId.replaceAll('"', '""')}",${metric},${hour},${avg},${max},${p95 ?? ''},${sampleCount}\n`;
  }
}
