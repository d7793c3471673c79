import { join } from 'node:path';
import type { Config } from '../../config.ts';
import type { Log } from '../../log.ts';
import type { Db } from '../client.ts';
import { appendAnchor, newestAnchor } from './anchor.ts';
import { chainPending } from './chain.ts';

const SWEEP_MS = 2_000;

/** Where anchors are written. */
export function anchorFile({ PENNY_AUDIT_ANCHORS, PENNY_HOME }: AnchorConfig): string {
  return PENNY_AUDIT_ANCHORS ?? join(PENNY_HOME, 'audit-anchors.jsonl');
}

type AnchorConfig = Pick<Config, 'PENNY_AUDIT_ANCHORS' | 'PENNY_HOME'>;

/** Chains what waits and writes an anchor, to the file and to the log, unless the newest one stands there. Returns whether it did. */
export async function anchorNow(db: Db, config: AnchorConfig, log: Log, now: Date): Promise<boolean> {
  await chainPending(db.pool);
  const anchor = await newestAnchor(db.pool, now);
  if (anchor === undefined || !appendAnchor(anchorFile(config), anchor)) return false;
  log.info({ ...anchor }, 'anchor of the audit log');
  return true;
}

/**
 * Chains entries that their writer did not get to, every two seconds. The function it returns ends that, with a last anchor; those
 * before are the job `anchor-audit`'s.
 */
export function keepAudit(db: Db, config: AnchorConfig, log: Log, now: () => Date): () => Promise<void> {
  const warn = (err: unknown): void => log.warn({ err }, 'the audit log could not be kept up; it is tried again');
  const sweep = setInterval(() => chainPending(db.pool).catch(warn), SWEEP_MS);
  return async () => {
    clearInterval(sweep);
    await anchorNow(db, config, log, now()).catch(warn);
  };
}
