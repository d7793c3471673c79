import { runChaos } from './chaos/run.ts';

/**
 * Prints what becomes of 300 runs on three workers that are killed with -9 fifty times, while Postgres is restarted twice, once in order and
 * once as after a crash, and the cloud that the runs read throttles them and ends their credentials. Exit code 1 when a run is lost or doubled, or the amounts differ
 * from those of an undisturbed run. `chaos-jobs SEED` disturbs otherwise.
 */
const seed = Number(process.argv[2] ?? 7);
const report = await runChaos({
  ...{ jobs: 20, runsEach: 12, ticks: 60, partMs: 500 },
  faults: { throttle: 0.05, expire: 0.05, refuse: 0.03 },
  ...{ workers: 3, kills: 50, restarts: 2, killEveryMs: 2_500, seed, patienceMs: 900_000 },
  tell: (line) => process.stderr.write(`${line}\n`),
});
const holds = report.lost === 0 && report.doubled === 0 && report.total === report.undisturbed;
const lines = [
  `seed               ${seed}`,
  `runs               ${report.runs}`,
  `done               ${report.done}`,
  `attempts           ${report.attempts} (${report.takenOver} runs took more than one)`,
  `workers killed -9  ${report.kills}`,
  `Postgres restarts  ${report.restarts}`,
  `throttled          ${report.faults.throttled} of ${report.faults.calls} calls to the cloud`,
  `credentials ended  ${report.faults.ended} before their time, told by ${report.faults.expired} calls`,
  `roles assumed      ${report.faults.assumed}; ${report.faults.refused} times refused, as one's own credentials had ended`,
  `lost               ${report.lost}`,
  `doubled            ${report.doubled}`,
  `sum of amounts     ${report.total}`,
  `undisturbed        ${report.undisturbed}`,
  `seconds            ${report.seconds}`,
  ...report.open.map((run) => `not done           ${run}`),
  holds ? 'Nothing was lost and nothing doubled.' : 'FAILED',
];
process.stdout.write(`${lines.join('\n')}\n`);
if (!holds) process.exitCode = 1;
