import { expect, test } from 'vitest';
import { flat } from './evidence.fixture.ts';
import { missingMetrics, summarize } from './measured.ts';

// 2026-11-23 is a Monday.
const hour = (day: number, at: number, avg: number, max: number, sampleCount = 12) => ({
  hour: new Date(Date.UTC(2026, 10, day, at)).toISOString(),
  ...{ avg, max, p95: max, sampleCount },
});

test('sums up days, hours of the week and samples', () => {
  const hours = [hour(16, 3, 10, 50), hour(23, 3, 20, 40), hour(23, 4, 30, 60, 6)];
  expect(summarize(hours, { windowDays: 14, possibleHours: 336, byWeekHour: true })).toMatchObject({
    ...{ hours: 3, samples: 30, max: 60, sum: 540, avg: 18, days: 2, maxDaySum: 420, sampleSeconds: 300 },
    maxByWeekHour: expect.objectContaining({ 3: 50, 4: 60, 5: null }),
  });
});

test('nothing is made of no hours', () => {
  expect(summarize([], { windowDays: 14, possibleHours: 336 })).toBeUndefined();
});

test('names what was not measured, and what was measured too seldom', () => {
  const metrics = { cpu: { ...flat(1), hours: 168 }, network: { ...flat(1), hours: 100 } };
  expect(missingMetrics(metrics, ['cpu', 'network', 'disk'], 0.5)).toEqual([
    'network was measured in 29 percent of the hours, 50 are needed',
    'disk was not measured',
  ]);
});
