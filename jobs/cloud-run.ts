import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { CloudRun, OpenCloud } from '../clouds/contract.ts';
import { openClouds } from '../clouds/registry.ts';
import { PennyError } from '../errors.ts';
import type { RunContext, RunOutcome } from './job.ts';

/** What of a cloud was read: rows, and the places that could not be, with the reason. */
interface CloudOutcome {
  rows: number;
  /** Whether anything was read at all. */
  isEmpty: boolean;
  gaps: readonly { accountId: string; regionId: string; reason: string }[];
}

/**
 * Does `read` for each cloud that is set up, with a folder that is gone afterwards. Places that could not be read are logged;
 * when nothing could be, the run has failed.
 * @throws PennyError what `read` throws; `cloud_unavailable` when there are only gaps
 */
export async function readClouds(
  context: Pick<RunContext, 'config' | 'signal' | 'progress' | 'log'>,
  read: (cloud: OpenCloud, run: CloudRun) => Promise<CloudOutcome>,
  open: () => Promise<OpenCloud[]> = () => openClouds(context.config, context.signal),
): Promise<RunOutcome> {
  const parent = join(context.config.PENNY_HOME, 'tmp');
  mkdirSync(parent, { recursive: true, mode: 0o700 });
  let rows = 0;
  for (const cloud of await open()) {
    const folder = mkdtempSync(join(parent, 'cloud-'));
    try {
      const onProgress = (done: number, total: number) => context.progress({ done, total, text: 'reading regions' });
      const outcome = await read(cloud, { folder, signal: context.signal, onProgress });
      const { gaps } = outcome;
      if (gaps.length > 0)
        context.log.warn({ gaps: gaps.slice(0, 20), count: gaps.length }, 'parts of a cloud could not be read');
      if (outcome.isEmpty && gaps[0] !== undefined) throw new PennyError('cloud_unavailable', gaps[0].reason);
      context.log.info({ calls: cloud.calls() }, 'a cloud was read');
      rows += outcome.rows;
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
  return { rows };
}
