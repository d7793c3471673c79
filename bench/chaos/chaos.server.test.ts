import { expect, test } from 'vitest';
import { runChaos } from './run.ts';

// Minutes of killed processes; the whole of it is `npm run chaos:jobs`.
test('of forty runs on two workers that are killed, while Postgres restarts twice, none is lost or doubled', async () => {
  const report = await runChaos({
    ...{ jobs: 6, runsEach: 5, ticks: 10, partMs: 400 },
    faults: { throttle: 0.07, expire: 0.15, refuse: 0.1 },
    ...{ workers: 2, kills: 6, restarts: 2, killEveryMs: 2_500, seed: 3, patienceMs: 200_000 },
  });
  expect(report).toMatchObject({ runs: 40, done: 40, kills: 6, restarts: 2, lost: 0, doubled: 0, open: [] });
  expect(report.total).toBe(report.undisturbed);
  expect(report.attempts).toBeGreaterThan(40);
  for (const count of Object.values(report.faults)) expect(count).toBeGreaterThan(0);
}, 300_000);
