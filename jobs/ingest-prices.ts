import { CLOUDS } from '../clouds/registry.ts';
import { regionsInUse, storePrices } from '../db/prices.ts';
import type { Job, RunContext, RunOutcome } from './job.ts';

/** Keeps list prices: those that ship, for want of better ones, and those the clouds that are set up tell. */
export const ingestPricesJob: Job = {
  name: 'ingest-prices',
  title: 'Reads the list prices of the clouds; those that ship with Penny stand in for what is missing.',
  schedule: '50 4 * * *',
  timeoutMs: 2 * 3_600_000,
  retries: 2,
  run: (context) => loadPrices(context),
};

/** Stores the prices of `clouds` and returns how many are new. */
export async function loadPrices(
  { config, db, signal, progress }: Pick<RunContext, 'config' | 'db' | 'signal' | 'progress'>,
  clouds = CLOUDS,
): Promise<RunOutcome> {
  let rows = 0;
  for (const [done, cloud] of clouds.entries()) {
    progress({ done, total: clouds.length, text: `prices of ${cloud.title}` });
    const open = await cloud.open(config, signal);
    rows += await storePrices(db, open.shippedPrices());
    if (cloud.missing(config) !== undefined) continue;
    rows += await storePrices(db, await open.readPrices(await regionsInUse(db), signal));
  }
  return { rows };
}
