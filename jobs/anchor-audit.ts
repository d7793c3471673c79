import { anchorNow } from '../db/audit/keep.ts';
import type { Job } from './job.ts';

/** Writes the newest hash of the audit log down outside of the database. */
export const anchorAuditJob: Job = {
  name: 'anchor-audit',
  title: 'Writes the newest hash of the audit log to the file of anchors.',
  schedule: '*/10 * * * *',
  timeoutMs: 120_000,
  retries: 3,
  run: async ({ db, config, log, now }) => ({ rows: (await anchorNow(db, config, log, now)) ? 1 : 0 }),
};
