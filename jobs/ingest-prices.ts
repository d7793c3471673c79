import { CLOUDS } from '../clouds/registry.ts';
import { listDays, regionsInUse, storePrices } from '../db/prices.ts';
import type { Job, RunContext, RunOutcome } from './job.ts';
import { inWorkFolder } from './work-folder.ts';

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
  for (const cloud of clouds) {
    const text = `prices of ${cloud.title}`;
    progress({ done: 0, total: 1, text });
    const open = await cloud.open(config, signal);
    rows += await storePrices(db, open.shippedPrices());
    if (cloud.missing(config) !== undefined) continue;
    const asked = { regions: await regionsInUse(db), known: await listDays(db) };
    const onProgress = (done: number, total: number) => progress({ done, total, text });
    const read = (folder: string) => open.readPrices({ folder, signal, onProgress }, asked);
    rows += await storePrices(db, await inWorkFolder(config, 'prices', read));
  }
  return { rows };
}
