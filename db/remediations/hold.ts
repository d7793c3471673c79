import type pg from 'pg';

/** Who works on which remediation. A hold ends with the process that has it, however that dies. */
export interface Holds {
  /** Returns whether it is this worker's now; false while another one works on it. */
  take(remediationId: string): Promise<boolean>;
  release(remediationId: string): Promise<void>;
  close(): void;
}

/**
 * Returns holds of one worker. A worker that was taken for dead and is not may still be at a change when the next one comes, and two that did
 * the same change at once could both make what is to be made once.
 */
export async function openHolds(pool: pg.Pool): Promise<Holds> {
  const client = await pool.connect();
  // A connection that is lost ends with its locks; what is written after that is refused as the run is not this worker's any more.
  let broken: Error | undefined;
  client.on('error', (error) => {
    broken = error;
  });
  let before: Promise<unknown> = Promise.resolve();
  const ask = (what: 'pg_try_advisory_lock' | 'pg_advisory_unlock', id: string): Promise<boolean> => {
    // One question at a time: a connection takes no second one meanwhile.
    const asked = before.then(() =>
      client.query<{ so: boolean }>(`SELECT ${what}(hashtextextended($1, 0)) AS so`, [id]),
    );
    before = asked.catch(() => undefined);
    return asked.then(({ rows }) => rows[0]?.so === true);
  };
  return {
    take: (id) => ask('pg_try_advisory_lock', id),
    async release(id) {
      await ask('pg_advisory_unlock', id);
    },
    close: () => client.release(broken ?? true),
  };
}
