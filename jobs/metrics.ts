import { Gauge, Histogram } from 'prom-client';
import type { Db } from '../db/client.ts';
import { countRuns } from '../db/queries/job-runs.ts';
import { JOB_STATES } from '../db/schema/job-runs.ts';
import type { Log } from '../log.ts';
import { registry } from '../metrics.ts';

const SECONDS = [0.1, 0.5, 1, 5, 15, 60, 300, 900, 3600, 14_400];

const runSeconds = new Histogram({
  name: 'penny_job_duration_seconds',
  help: 'Seconds a try at a job took in this process, by the state it left the run in.',
  labelNames: ['job', 'state'] as const,
  buckets: SECONDS,
  registers: [registry],
});

/** Counts a try at a job. */
export function observeRun(job: string, state: string, seconds: number): void {
  runSeconds.observe({ job, state }, seconds);
}

/**
 * Shows the runs by state and the age of the last success of each job; read from the database when Prometheus asks, so every replica
 * shows the same.
 */
export function showRuns(db: Db, log: Log): void {
  let counting: Promise<void> | undefined;
  // Prometheus asks for both gauges at once, and neither may be shown before both are set.
  const count = (): Promise<void> => {
    counting ??= setGauges().finally(() => {
      counting = undefined;
    });
    return counting;
  };
  const age = gauge('penny_job_last_success_age_seconds', 'Seconds since a job last succeeded.', ['job'], count);
  const runs = gauge('penny_job_runs', 'Runs on record, by job and state.', ['job', 'state'], count);

  async function setGauges(): Promise<void> {
    const counted = await countRuns(db).catch((err: unknown) => {
      log.warn({ err }, 'the runs of the jobs could not be counted');
      return [];
    });
    runs.reset();
    age.reset();
    for (const { job, states, successAgeSeconds } of counted) {
      for (const state of JOB_STATES) runs.set({ job, state }, states[state] ?? 0);
      if (successAgeSeconds !== null) age.set({ job }, successAgeSeconds);
    }
  }
}

/** A gauge in the place of an earlier one of the same name, whose database is closed. */
function gauge(name: string, help: string, labelNames: string[], collect: () => Promise<void>): Gauge {
  registry.removeSingleMetric(name);
  return new Gauge({ name, help, labelNames, registers: [registry], collect });
}
