import { expect, test } from 'vitest';
import { addUp, wholeOf } from './add-up.ts';

test('parts add up to the whole on each day, and the uncertain ones move most', () => {
  const parts = [
    { mean: [5_000, 5_000], uncertainty: 10 },
    { mean: [3_000, 3_000], uncertainty: 90 },
  ];
  const moved = addUp([8_100, 7_900], parts);
  expect(moved).toEqual([
    [5_010, 4_990],
    [3_090, 2_910],
  ]);
});

test('no part falls below nothing, and the rest is taken from the others', () => {
  const moved = addUp(
    [100],
    [
      { mean: [500], uncertainty: 1 },
      { mean: [20], uncertainty: 99 },
    ],
  );
  expect(moved.map(([day]) => day)).toEqual([100, 0]);
});

test('odd hundredths go to the largest part', () => {
  const moved = addUp(
    [1_001],
    [
      { mean: [700.4], uncertainty: 0 },
      { mean: [300.4], uncertainty: 0 },
    ],
  );
  expect(moved.flat().reduce((sum, day) => sum + day, 0)).toBe(1_001);
});

test('the whole lies between its own forecast and the sums of its parts, nearer to the more certain', () => {
  const [whole] = wholeOf({ mean: [1_000], uncertainty: 10 }, [[{ mean: [1_300], uncertainty: 20 }], []]);
  expect(whole).toBe(1_060);
});
