import { runRemediationChaos } from './chaos/remediations.ts';

/**
 * Prints what becomes of remediations of ten kinds on three workers that are killed with -9 a hundred times, before a call to AWS, after AWS has
 * carried it out and not yet answered, and while its answer is written down, while AWS throttles them. AWS is moto_server. Exit code 1 when a change
 * was made twice, in part, or is told otherwise by the remediation or the audit log. `chaos-remediations SEED` disturbs otherwise.
 */
const seed = Number(process.argv[2] ?? 7);
const report = await runRemediationChaos({
  ...{ remediations: 36, kills: 100, workers: 3, atOnce: 10, killShare: 0.05, throttle: 0.02 },
  ...{ seed, patienceMs: 480_000, tell: (line) => process.stderr.write(`${line}\n`) },
});
const { kills, ended } = report;
const total = kills.before + kills.after + kills.between;
const lines = [
  `seed               ${seed}`,
  `remediations       ${report.remediations} of ${report.kinds} kinds`,
  `applied            ${(ended.verified ?? 0) + (ended.undone ?? 0)}, of which undone ${ended.undone ?? 0}`,
  `not applied        ${ended.failed ?? 0}: what they rested on had changed`,
  `workers killed -9  ${total}: ${kills.before} before a call, ${kills.after} after it and before its answer, ${kills.between} some moments later`,
  `calls to AWS       ${report.calls}, of which throttled ${report.throttled}`,
  `wrong              ${report.wrong.length}`,
  `seconds            ${report.seconds}`,
  ...report.wrong.map((line) => `                   ${line}`),
];
const holds = report.wrong.length === 0 && total >= 100;
lines.push(holds ? 'Each was applied once or not at all, and the audit log tells which.' : 'FAILED');
process.stdout.write(`${lines.join('\n')}\n`);
if (!holds) process.exitCode = 1;
