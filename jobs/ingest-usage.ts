import { missingCloud } from '../clouds/registry.ts';
import { readClouds } from './cloud-run.ts';
import type { Job } from './job.ts';
import { loadUsage } from './load-usage.ts';
import { hourOf } from './usage-spans.ts';

/** Keeps the hours of use up to the last full one. */
export const ingestUsageJob: Job = {
  name: 'ingest-usage',
  title: 'Reads how the resources of the clouds were used in the last hours.',
  schedule: '40 * * * *',
  timeoutMs: 3 * 3_600_000,
  retries: 2,
  missing: missingCloud,
  run: (context) =>
    readClouds(context, async (cloud, run) => {
      const { db, dueAt } = context;
      const billingAccountId = await cloud.billingAccount();
      const { rows, regions, gaps } = await loadUsage({ cloud, db, billingAccountId, to: hourOf(dueAt), ...run });
      return { rows, isEmpty: regions === 0, gaps };
    }),
};
