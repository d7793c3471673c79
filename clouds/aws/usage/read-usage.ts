import { join } from 'node:path';
import { PennyError } from '../../../errors.ts';
import type { CloudRun, CloudUsage, MeasuredResource, UsageHour } from '../../contract.ts';
import { eachOf } from '../../pool.ts';
import { openSpool } from '../../spool.ts';
import type { Aws } from '../clients.ts';
import { gapReason } from '../errors.ts';
import { HOURS_PER_CALL, inBatches, readBatch } from './metric-data.ts';
import { seriesOf } from './series.ts';

/** Regions read at the same time. */
const AT_ONCE = 4;

const HOUR_MS = 3_600_000;

/**
 * Returns what CloudWatch has of resources, hour by hour. A region that can't be read is a gap; hours of others, and those
 * read before it failed, are there all the same.
 * @throws PennyError `invalid_input` when `from` or `to` is no full hour; `cloud_budget`
 */
export async function readUsage(
  aws: Aws,
  { folder, signal, onProgress }: CloudRun,
  { resources, from, to }: { resources: readonly MeasuredResource[]; from: Date; to: Date },
): Promise<CloudUsage> {
  const span = { from: from.getTime(), to: to.getTime() };
  if (span.from % HOUR_MS !== 0 || span.to % HOUR_MS !== 0)
    throw new PennyError('invalid_input', 'Usage is read from a full hour to a full hour.');
  const spool = openSpool<UsageHour>(join(folder, 'usage.jsonl'));
  const gaps: CloudUsage['gaps'] = [];
  try {
    const only = await aws.onlyAccount();
    const regions = byRegion(resources.filter(({ accountId }) => only === null || only === accountId));
    let done = 0;
    await eachOf(
      regions,
      AT_ONCE,
      async ({ accountId, regionId, resources: own }) => {
        const place = aws.place({ accountId, region: regionId });
        try {
          for (const batch of inBatches(await seriesOf(place, own))) {
            for (const part of spansOf(span)) {
              signal?.throwIfAborted();
              for (const hour of await readBatch(place, batch, part)) await spool.add(hour);
            }
          }
        } catch (error) {
          gaps.push({ accountId, regionId, reason: gapReason(error) });
        } finally {
          place.close();
        }
        onProgress?.(++done, regions.length);
      },
      signal,
    );
    return { hours: await spool.read(), gaps, close: () => spool.remove() };
  } catch (error) {
    spool.remove();
    throw error;
  }
}

interface RegionOfResources {
  accountId: string;
  regionId: string;
  resources: MeasuredResource[];
}

function byRegion(resources: readonly MeasuredResource[]): RegionOfResources[] {
  const regions = new Map<string, RegionOfResources>();
  for (const resource of resources) {
    const { accountId, regionId } = resource;
    const key = `${accountId} ${regionId}`;
    const known = regions.get(key);
    if (known === undefined) regions.set(key, { accountId, regionId, resources: [resource] });
    else known.resources.push(resource);
  }
  return [...regions.values()];
}

function spansOf({ from, to }: { from: number; to: number }): { from: number; to: number }[] {
  const length = HOURS_PER_CALL * HOUR_MS;
  return Array.from({ length: Math.ceil((to - from) / length) }, (_, index) => ({
    from: from + index * length,
    to: Math.min(to, from + (index + 1) * length),
  }));
}
