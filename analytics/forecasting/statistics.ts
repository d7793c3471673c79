export function meanOf(values: ArrayLike<number>): number {
  let sum = 0;
  for (let at = 0; at < values.length; at++) sum += values[at] as number;
  return values.length === 0 ? 0 : sum / values.length;
}

/** Returns the middle value, or the mean of the two in the middle; 0 for none. */
export const medianOf = (values: ArrayLike<number>): number => quantileOf(values, 0.5);

/** Returns the quantile at `share` (0..1) by linear interpolation between the sorted values; 0 for none. */
export function quantileOf(values: ArrayLike<number>, share: number): number {
  if (values.length === 0) return 0;
  const sorted = Float64Array.from(values).sort();
  const place = share * (sorted.length - 1);
  const below = Math.floor(place);
  const lower = sorted[below] as number;
  return lower + (place - below) * ((sorted[below + 1] ?? lower) - lower);
}

/** The straight line of least squares through the rows 0, 1, 2, ... */
export function lineThrough(values: Float64Array): { slope: number; intercept: number } {
  const middle = (values.length - 1) / 2;
  const mean = meanOf(values);
  let covariance = 0;
  let variance = 0;
  for (let at = 0; at < values.length; at++) {
    covariance += (at - middle) * ((values[at] as number) - mean);
    variance += (at - middle) ** 2;
  }
  const slope = variance === 0 ? 0 : covariance / variance;
  return { slope, intercept: mean - slope * middle };
}

/** The mean of a season around each row; `NaN` within half a season of the ends. */
export function centredMeans(values: Float64Array, season: number): Float64Array {
  const half = season >> 1;
  const means = new Float64Array(values.length).fill(Number.NaN);
  // Of an even season the two ends count by half.
  const ends = season % 2 === 0 ? 0.5 : 1;
  for (let at = half; at + half < values.length; at++) {
    let sum = ends * ((values[at - half] as number) + (values[at + half] as number));
    for (let near = at - half + 1; near < at + half; near++) sum += values[near] as number;
    means[at] = sum / season;
  }
  return means;
}
