import type { Db } from '../db/client.ts';
import { beat, type Hold, lockHold } from '../db/queries/job-runs.ts';
import type { JobProgress } from '../db/schema/job-runs.ts';
import { inTransaction } from '../db/transaction.ts';
import { PennyError } from '../errors.ts';
import type { Log } from '../log.ts';
import type { RunContext } from './job.ts';
import { repeat } from './repeat.ts';

/** A try's hold on its run, as long as no other worker has taken it over. */
export interface KeptHold {
  lost: AbortSignal;
  /** Aborted when somebody asked that the run be stopped. */
  cancelled: AbortSignal;
  transaction: RunContext['transaction'];
  end(): Promise<void>;
}

/** Shows each second that the worker lives and how far it is, and learns whether the run is still its own and wanted. */
export function keepHold(db: Db, hold: Hold, log: Log, progress: () => JobProgress | null): KeptHold {
  const lost = new AbortController();
  const cancelled = new AbortController();
  const look = async (): Promise<void> => {
    const { held, cancelRequested } = await beat(db.pool, hold, progress());
    if (!held) lost.abort(new PennyError('conflict', 'Another worker has taken the run over.'));
    if (cancelRequested) cancelled.abort(new PennyError('conflict', 'The run was cancelled.'));
  };
  return {
    lost: lost.signal,
    cancelled: cancelled.signal,
    transaction: (work) =>
      inTransaction(db, async (client) => {
        const result = await work(client);
        if (await lockHold(client, hold)) return result;
        throw new PennyError('conflict', 'Another worker has taken the run over; nothing was written.');
      }),
    // A beat that does not get through is no reason to stop: the next may, and without any the queue takes the run away.
    end: repeat(look, log, 'a job could not show that it lives'),
  };
}
