import { setTimeout as pause } from 'node:timers/promises';
import { readConfig } from '../../config.ts';
import { connect } from '../../db/client.ts';
import { inTransaction } from '../../db/transaction.ts';
import { applyRemediationsJob } from '../../jobs/apply-remediations.ts';
import type { RunContext } from '../../jobs/job.ts';
import { log } from '../../log.ts';

/**
 * A worker as a process of its own, to be killed: `remediation-worker URL`. It runs the job that applies remediations again and again, and does
 * not wait for its turn: unlike in the service, all workers run it at once, and take over at once from one that died. Where AWS is, the keys
 * and the role come from the environment, as they do elsewhere.
 */
const [url = ''] = process.argv.slice(2);
log.level = 'fatal';
const db = connect(url, { max: 10 });
const config = readConfig();
for (;;) {
  const now = new Date();
  const { signal } = new AbortController();
  const transaction: RunContext['transaction'] = (work) => inTransaction(db, work);
  const context = { ...{ now, dueAt: now, signal, log, db, config, transaction }, progress: () => {} };
  // AWS may take no more calls just now; the next run goes on.
  await applyRemediationsJob.run(context).catch((error: unknown) => log.warn({ err: error }, 'a run failed'));
  await pause(100);
}
