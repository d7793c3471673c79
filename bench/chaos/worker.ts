import { readConfig } from '../../config.ts';
import { connect } from '../../db/client.ts';
import { openQueue } from '../../db/queue.ts';
import { startEngine } from '../../jobs/engine.ts';
import { log } from '../../log.ts';
import { chaosJobs, randomOf, type Workload } from './jobs.ts';

/**
 * A worker as a process of its own, to be killed: `worker URL WORKLOAD SEED LAST`, the clock stands still at LAST. Where the cloud is and the keys
 * to it come from the environment, as they do elsewhere.
 */
const [url = '', workload = '', seed = '', last = ''] = process.argv.slice(2);
log.level = 'fatal';
const config = readConfig();
const db = connect(url, { max: 10 });
const jobs = chaosJobs(JSON.parse(workload) as Workload, randomOf(Number(seed)));
const now = () => new Date(Math.min(Date.now(), Number(last)));
const queue = await openQueueAtLast();
await startEngine({ jobs, db, queue, config, log, now, slots: 4, pollSeconds: 0.5 });

/** Postgres may be away just now. */
async function openQueueAtLast(): ReturnType<typeof openQueue> {
  for (;;) {
    try {
      return await openQueue(db, log, { watch: true });
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
}
