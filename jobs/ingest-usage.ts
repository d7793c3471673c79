import { missingCloud } from '../clouds/registry.ts';
import { lastMeasured } from '../db/usage.ts';
import { readClouds } from './cloud-run.ts';
import type { Job } from './job.ts';
import { loadUsage } from './load-usage.ts';

const HOUR_MS = 3_600_000;

/** How far back the first run reads, and any after a long pause. */
const HOURS_BACK = 14 * 24;

/** Measurements may come late: these last hours are read once more. */
const HOURS_AGAIN = 3;

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
      const to = new Date(Math.floor(dueAt.getTime() / HOUR_MS) * HOUR_MS);
      const earliest = new Date(to.getTime() - HOURS_BACK * HOUR_MS);
      const from = hoursToRead(await lastMeasured(db, billingAccountId, earliest), earliest);
      const { rows, gaps } = await loadUsage({ cloud, db, billingAccountId, from, to, ...run });
      return { rows, isEmpty: rows === 0, gaps };
    }),
};

/** Returns the first hour to read: some before the last one known, but none before `earliest`. */
export function hoursToRead(last: Date | null, earliest: Date): Date {
  if (last === null) return earliest;
  return new Date(Math.max(earliest.getTime(), last.getTime() - HOURS_AGAIN * HOUR_MS));
}
