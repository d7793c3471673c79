import { minimise } from './simplex.ts';
import { centredMeans, meanOf } from './statistics.ts';

/**
 * Returns the forecast of complex exponential smoothing (Svetunkov, Kourentzes and Ord, 2022): a level and what it carries along, which
 * together follow level and trend without a choice between them; with a season that is added and changes, or none (1).
 */
export function complexSmoothing(values: Float64Array, season: number, horizon: number): Float64Array {
  const first = firstFigures(values, season);
  const places = first.length;
  const seasonal = new Float64Array(places);
  const firstLevel = meanOf(
    values.subarray(0, Math.max(10, places)).map((value, at) => value - (first[at % places] as number)),
  );
  let level = 0;
  let carried = 0;
  const run = (parameters: Float64Array): number => {
    const [real, imaginary, gamma = 0] = parameters as unknown as [number, number, number?];
    if (!isStable(real, imaginary)) return Number.MAX_VALUE;
    level = firstLevel;
    carried = firstLevel / 1.1;
    seasonal.set(first);
    let squares = 0;
    // Forwards, backwards and forwards again, after which the first states matter no more.
    for (let pass = 0; pass < 3; pass++) {
      squares = 0;
      for (let step = 0; step < values.length; step++) {
        const at = pass === 1 ? values.length - 1 - step : step;
        const figure = seasonal[at % places] as number;
        const miss = (values[at] as number) - level - figure;
        squares += miss * miss;
        const before = level;
        level = before - (1 - imaginary) * carried + (real - imaginary) * miss;
        carried = before + (1 - real) * carried + (real + imaginary) * miss;
        if (places > 1) seasonal[at % places] = figure + gamma * miss;
      }
    }
    return squares;
  };
  const { point } = minimise(run, places > 1 ? [1.3, 1, 0.1] : [1.3, 1], {
    low: [0.01, 0.01, 0],
    high: [2, 2, 0.9],
    steps: [0.1, -0.05, 0.1],
    evaluations: 80,
  });
  run(point);
  const [real, imaginary] = point as unknown as [number, number];
  return Float64Array.from({ length: horizon }, (_, step) => {
    const expected = level + (seasonal[(values.length + step) % places] as number);
    const before = level;
    level = before - (1 - imaginary) * carried;
    carried = before + (1 - real) * carried;
    return expected;
  });
}

/** The region in which the smoothing forgets the past. */
const isStable = (real: number, imaginary: number) =>
  (real - 2.5) ** 2 + imaginary ** 2 > 1.25 &&
  (real - 0.5) ** 2 + (imaginary - 1) ** 2 > 0.25 &&
  (real - 1.5) ** 2 + (imaginary - 0.5) ** 2 < 1.5;

/** Terms of a classical decomposition; a single 0 without season. */
export function firstFigures(values: Float64Array, season: number): Float64Array {
  if (season < 2 || values.length < 2 * season + 1) return new Float64Array(1);
  const means = centredMeans(values, season);
  const sums = new Float64Array(season);
  const counts = new Float64Array(season);
  values.forEach((value, at) => {
    if (Number.isNaN(means[at])) return;
    sums[at % season] = (sums[at % season] as number) + value - (means[at] as number);
    counts[at % season] = (counts[at % season] as number) + 1;
  });
  const terms = sums.map((sum, place) => (counts[place] ? sum / (counts[place] as number) : 0));
  const mean = meanOf(terms);
  return terms.map((term) => term - mean);
}
