import { expect, test } from 'vitest';
import { tokenBuckets } from './token-bucket.ts';

test('lets a burst through, then says how long to wait, then refills', () => {
  let now = 0;
  const take = tokenBuckets({ burst: 2, perSecond: 0.5 }, () => now);
  expect([take('a'), take('a'), take('a')]).toEqual([0, 0, 2]);
  now = 1000;
  expect(take('a')).toBe(1);
  now = 2000;
  expect([take('a'), take('a')]).toEqual([0, 2]);
});

test('counts every key on its own', () => {
  const take = tokenBuckets({ burst: 1, perSecond: 1 }, () => 0);
  expect([take('a'), take('b'), take('a')]).toEqual([0, 0, 1]);
});

test('forgets the key unused longest instead of growing without end', () => {
  const take = tokenBuckets({ burst: 1, perSecond: 0.001 }, () => 0);
  take('first');
  for (let index = 0; index < 9_999; index++) take(`k${index}`);
  expect(take('first')).toBeGreaterThan(0);
  for (let index = 0; index < 10_000; index++) take(`n${index}`);
  expect(take('first')).toBe(0);
});
