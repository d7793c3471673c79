import { missingCloud } from '../clouds/registry.ts';
import { readClouds } from './cloud-run.ts';
import type { Job } from './job.ts';
import { loadInventory } from './load-inventory.ts';

/** Keeps the inventory as it is. */
export const ingestInventoryJob: Job = {
  name: 'ingest-inventory',
  title: 'Reads what the accounts of the clouds hold, and notes what changed.',
  schedule: '15 */6 * * *',
  timeoutMs: 3 * 3_600_000,
  retries: 2,
  missing: missingCloud,
  run: (context) =>
    readClouds(context, async (cloud, run) => {
      const { resources, parts, gaps } = await loadInventory({ cloud, db: context.db, now: context.now, ...run });
      return { rows: resources, isEmpty: parts === 0, gaps };
    }),
};
