import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { missingPrometheus, openClusters } from '../clouds/registry.ts';
import { PennyError } from '../errors.ts';
import type { Job, RunContext, RunOutcome } from './job.ts';
import { loadWorkloads } from './load-workloads.ts';
import { hourOf } from './usage-spans.ts';

/** Keeps what runs in Kubernetes clusters, and the hours of its use up to the last full one. */
export const ingestWorkloadsJob: Job = {
  name: 'ingest-workloads',
  title: 'Reads what runs in Kubernetes clusters and how it was used in the last hours.',
  schedule: '50 * * * *',
  timeoutMs: 3 * 3_600_000,
  retries: 2,
  missing: missingPrometheus,
  run: readWorkloads,
};

/** As the job. Clusters that nobody knows are logged; when no cluster could be read, the run has failed. */
async function readWorkloads({ config, db, now, dueAt, signal, progress, log }: RunContext): Promise<RunOutcome> {
  const parent = join(config.PENNY_HOME, 'tmp');
  mkdirSync(parent, { recursive: true, mode: 0o700 });
  const folder = mkdtempSync(join(parent, 'workloads-'));
  try {
    const loaded = await loadWorkloads({
      ...{ source: await openClusters(config, now, signal), db, now, to: hourOf(dueAt), folder, signal },
      onProgress: (done, total) => progress({ done, total, text: 'reading hours' }),
    });
    const { rows, clusters, workloads, readThrough, gaps, reason } = loaded;
    log.info({ clusters, workloads, readThrough }, 'what runs in clusters was read');
    if (gaps.length > 0) log.warn({ gaps: gaps.slice(0, 20), count: gaps.length }, 'clusters could not be read');
    const [gap] = gaps;
    if (clusters === 0 && gap !== undefined) throw new PennyError('cloud_unavailable', gap.reason);
    if (reason !== null) throw new PennyError('cloud_unavailable', reason);
    return { rows };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
