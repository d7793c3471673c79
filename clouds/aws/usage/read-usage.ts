import { join } from 'node:path';
import { PennyError } from '../../../errors.ts';
import type { CloudRun, CloudUsage, MeasuredRegion, MeasuredResource, UsageHour } from '../../contract.ts';
import { eachOf } from '../../pool.ts';
import { openSpool } from '../../spool.ts';
import type { Aws } from '../clients.ts';
import { gapReason } from '../errors.ts';
import { HOURS_PER_CALL, inBatches, readBatch } from './metric-data.ts';
import { type Series, seriesOf } from './series.ts';

/** Regions read at the same time. */
const AT_ONCE = 4;

const HOUR_MS = 3_600_000;

/**
 * CloudWatch keeps values of an hour, which are the ones asked for, for 455 days; those of five minutes for 63.
 * Source: Amazon CloudWatch User Guide, "Metrics retention".
 */
export const KEPT_HOURS = 455 * 24;

/**
 * Returns what CloudWatch has of resources, hour by hour. A region that can't be read is a gap; hours of others, and those
 * read before it failed, are there all the same. A region of an account that can't be read at all is neither.
 * @throws PennyError `invalid_input` when a `from` or `to` is no full hour; `cloud_budget`
 */
export async function readUsage(
  aws: Aws,
  { folder, signal, onProgress }: CloudRun,
  { regions, to }: { regions: readonly MeasuredRegion[]; to: Date },
): Promise<CloudUsage> {
  const starts = regions.flatMap(({ from, resources }) => [from, ...resources.flatMap((one) => one.from ?? [])]);
  if ([to, ...starts].some((instant) => instant.getTime() % HOUR_MS !== 0))
    throw new PennyError('invalid_input', 'Usage is read from a full hour to a full hour.');
  const spool = openSpool<UsageHour>(join(folder, 'usage.jsonl'));
  const complete: CloudUsage['complete'] = [];
  const gaps: CloudUsage['gaps'] = [];
  try {
    const only = await aws.onlyAccount();
    const own = regions.filter(({ accountId }) => only === null || only === accountId);
    let done = 0;
    await eachOf(
      own,
      AT_ONCE,
      async ({ accountId, regionId, resources, from }) => {
        const place = aws.place({ accountId, region: regionId });
        try {
          const asked = byStart(await seriesOf(place, resources), resources, from);
          for (const { batch, part } of callsFor(asked, to)) {
            signal?.throwIfAborted();
            for (const hour of await readBatch(place, batch, part)) await spool.add(hour);
          }
          complete.push({ accountId, regionId });
        } catch (error) {
          gaps.push({ accountId, regionId, reason: gapReason(error) });
        } finally {
          place.close();
        }
        onProgress?.(++done, own.length);
      },
      signal,
    );
    return { hours: await spool.read(), complete, gaps, close: () => spool.remove() };
  } catch (error) {
    spool.remove();
    throw error;
  }
}

/** Returns series by the instant (in milliseconds) they are read from. */
function byStart(
  series: readonly Series[],
  resources: readonly MeasuredResource[],
  from: Date,
): ReadonlyMap<number, Series[]> {
  const own = new Map(resources.map((one) => [one.resourceId, one.from ?? from]));
  const starts = new Map<number, Series[]>();
  for (const one of series) {
    const start = (own.get(one.resourceId) ?? from).getTime();
    const known = starts.get(start);
    if (known === undefined) starts.set(start, [one]);
    else known.push(one);
  }
  return starts;
}

/** Yields what to ask in one call each. */
function* callsFor(
  asked: ReadonlyMap<number, Series[]>,
  to: Date,
): Generator<{ batch: Series[]; part: { from: number; to: number } }> {
  for (const [from, series] of asked)
    for (const batch of inBatches(series))
      for (const part of spansOf({ from, to: to.getTime() })) yield { batch, part };
}

function spansOf({ from, to }: { from: number; to: number }): { from: number; to: number }[] {
  const length = HOURS_PER_CALL * HOUR_MS;
  return Array.from({ length: Math.ceil((to - from) / length) }, (_, index) => ({
    from: from + index * length,
    to: Math.min(to, from + (index + 1) * length),
  }));
}
