import { expect, test } from 'vitest';
import { ecsUnscaled } from './ecs-unscaled.ts';
import { evidenceOf, flat, type Given } from './evidence.fixture.ts';
import type { MeasuredHour } from './measured-hours.ts';
import { settingsOf } from './thresholds.ts';

const NOW = new Date('2026-11-24T00:00:00Z');

/** CPU of ten tasks by day (12 hours) and at night. */
function service(day: number, night: number, more: Record<string, unknown> = { autoscaling: false }): Given {
  const level = flat(0);
  const measured = level.measured.map((hour) => {
    const value = Number(hour.hour.slice(11, 13)) < 12 ? day : night;
    return { ...hour, avg: value, max: value, p95: value };
  });
  return {
    resource: {
      type: 'ecs:service',
      state: 'active',
      configuration: { launchType: 'FARGATE', desiredTasks: 10, ...more },
    },
    metrics: { cpu_utilization: { ...level, measured } },
    related: { tasks: [{ resource: { resourceId: 'task/1' }, charges: [{ usageType: 'USE1-Fargate-GB-Hours' }] }] },
  };
}

const verdictOf = (given: Given) => ecsUnscaled.evaluate(evidenceOf(given), settingsOf('ecs-unscaled'), NOW);

test.each<[string, Given, string]>([
  ['busy by day, quiet at night', service(70, 14), 'recommend'],
  // Ten tasks by day and six at night are a fifth less.
  ['a fifth of the task hours', service(70, 42), 'recommend'],
  ['less than a fifth', service(70, 42.1), 'keep'],
  ['busy at all hours', service(65, 60), 'keep'],
  ['one that scales', service(70, 14, { autoscaling: true }), 'keep'],
  ['two tasks', service(70, 14, { autoscaling: false, desiredTasks: 2 }), 'keep'],
  ['no word on scaling', service(70, 14, {}), 'unknown'],
  [
    'as many tasks running at all hours',
    { ...service(70, 14, {}), metrics: { ...service(70, 14).metrics, running_tasks: 10 } },
    'recommend',
  ],
  [
    'fewer tasks running at times',
    {
      ...service(70, 14, {}),
      metrics: {
        ...service(70, 14).metrics,
        running_tasks: { ...flat(10), measured: [{ ...(flat(4).measured[0] as MeasuredHour) }, ...flat(10).measured] },
      },
    },
    'keep',
  ],
  ['no metric', { ...service(70, 14), metrics: {} }, 'unknown'],
  ['one on EC2', service(70, 14, { launchType: 'EC2' }), 'not concerned'],
])('%s', (_, given, verdict) => {
  expect(verdictOf(given).verdict).toBe(verdict);
});

test('saves the task hours that no hour needed, and keeps two tasks', () => {
  expect(verdictOf(service(70, 1))).toMatchObject({
    action: { parameters: { minTasks: 2, maxTasks: 10 } },
    savings: [{ resourceId: 'task/1', savedShare: '0.4' }],
  });
});
