import { expect, test } from 'vitest';
import { gatherSamples } from './hours.ts';

test('samples up to the full hour belong to the hour before it; percentiles are of the samples, the highest is the peak', () => {
  const samples = gatherSamples();
  for (let index = 1; index <= 20; index++) samples.add('a', 'cpu_cores', index * 180, index, index === 3 ? 99 : index);
  samples.add('a', 'cpu_cores', 3601, 5);
  samples.add('b', 'cpu_cores', 3600, 0.1);
  expect(samples.hours(0, 3600)).toEqual([
    {
      resourceId: 'a',
      metric: 'cpu_cores',
      hour: '1970-01-01T00:00:00.000Z',
      avg: 10.5,
      max: 99,
      p95: 19,
      sampleCount: 20,
    },
    {
      resourceId: 'b',
      metric: 'cpu_cores',
      hour: '1970-01-01T00:00:00.000Z',
      avg: 0.1,
      max: 0.1,
      p95: 0.1,
      sampleCount: 1,
    },
  ]);
  expect(samples.hours(3600, 7200).map(({ avg, sampleCount }) => [avg, sampleCount])).toEqual([[5, 1]]);
});

test('the mean of a constant is never above the highest', () => {
  const samples = gatherSamples();
  for (let index = 1; index <= 10; index++) samples.add('a', 'm', index, 0.1);
  const [hour] = samples.hours(0, 3600);
  expect(hour?.avg).toBeLessThanOrEqual(hour?.max ?? 0);
});
