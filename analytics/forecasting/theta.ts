import { minimise } from './simplex.ts';
import { lineThrough, meanOf } from './statistics.ts';

/**
 * Returns the Theta forecast of a series without season (Assimakopoulos and Nikolopoulos, 2000; the winner of the M3 competition): the
 * mean of its regression line and of the smoothed line that bends twice as much.
 */
export function theta(values: Float64Array, horizon: number): Float64Array {
  const { slope, intercept } = lineThrough(values);
  const level = smoothedLevel(values.map((value, at) => 2 * value - (intercept + slope * at)));
  return Float64Array.from({ length: horizon }, (_, step) => (intercept + slope * (values.length + step) + level) / 2);
}

/** The level after the last row of simple exponential smoothing with the constant and the first level of the smallest error. */
export function smoothedLevel(values: Float64Array): number {
  let level = 0;
  const run = (alpha: number, initial: number): number => {
    let squares = 0;
    level = initial;
    for (let at = 0; at < values.length; at++) {
      const miss = (values[at] as number) - level;
      squares += miss * miss;
      level += alpha * miss;
    }
    return squares;
  };
  const first = values[0] ?? 0;
  const spread = Math.abs(meanOf(values) - first) + 1e-9;
  const { point } = minimise(([alpha = 0, initial = 0]) => run(alpha, initial), [0.3, first], {
    low: [0.01, Number.NEGATIVE_INFINITY],
    high: [0.99, Number.POSITIVE_INFINITY],
    steps: [0.2, spread],
    evaluations: 80,
  });
  run(point[0] as number, point[1] as number);
  return level;
}
