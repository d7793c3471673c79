import { meanOf } from './statistics.ts';

/** The last value, again and again. */
export const naive = (values: Float64Array, horizon: number): Float64Array =>
  new Float64Array(horizon).fill(values.at(-1) ?? 0);

/** What was one season ago. */
export function seasonalNaive(values: Float64Array, season: number, horizon: number): Float64Array {
  if (values.length < season) return naive(values, horizon);
  return Float64Array.from(
    { length: horizon },
    (_, step) => values[values.length - season + (step % season)] as number,
  );
}

/** The mean of the last rows, half as many as are forecast but at least three (a simple moving average). */
export function movingAverage(values: Float64Array, horizon: number): Float64Array {
  const rows = Math.max(3, Math.ceil(horizon / 2));
  return new Float64Array(horizon).fill(meanOf(values.subarray(Math.max(0, values.length - rows))));
}
