import { removeSeasons } from './seasons.ts';
import { medianOf } from './statistics.ts';

/** 1.4826 median absolute deviations are a standard deviation of normal noise. */
const TO_DEVIATION = 1.4826;
/** Deviations beyond which a row stands out of the rows around it (Hampel; ten to each side). */
const OUTLIER_DEVIATIONS = 4.5;
const REACH = 10;
/** A series of which more rows stand out is wild, and stays as it is. */
const MOST_OUTLIERS = 0.05;
/** Deviations of the usual step beyond which a step may be a new level, and how much of it must last. */
const SHIFT_DEVIATIONS = 6;
const LASTING = 0.6;
const MOST_SHIFTS = 3;
const LEAST_ROWS = 20;

/**
 * Returns the series for models to learn from: without rows that stand out once, and with what lies before a lasting jump moved to the level
 * after it. Rows are compared without their seasons, and steps with the usual step, so a series that wanders has neither.
 */
export function clean(values: Float64Array, seasons: readonly number[]): Float64Array {
  if (values.length < LEAST_ROWS) return values;
  const isPositive = values.every((value) => value > 0);
  const adjusted = removeSeasons(values, seasons).values;
  const bare = isPositive ? adjusted.map(Math.log) : adjusted;
  const corrections = new Float64Array(values.length);
  correctOutliers(bare, corrections);
  correctShifts(
    bare.map((value, at) => value + (corrections[at] as number)),
    corrections,
    seasons[0] ?? 1,
  );
  return values.map((value, at) => {
    const correction = corrections[at] as number;
    return isPositive ? value * Math.exp(correction) : value + correction;
  });
}

/** Missing rows become the mean of the rows one season before and after, or lie on the line between their neighbours. */
export function fillGaps(rows: Float64Array, season: number): Float64Array {
  const known = [...rows.keys()].filter((at) => !Number.isNaN(rows[at]));
  let next = 0;
  return rows.map((value, at) => {
    if (!Number.isNaN(value)) return value;
    while (next < known.length && (known[next] as number) < at) next += 1;
    const around = [rows[at - season], rows[at + season]].filter(
      (other) => other !== undefined && !Number.isNaN(other),
    );
    if (season > 1 && around.length > 0)
      return around.reduce((sum: number, other) => sum + (other as number), 0) / around.length;
    const [left, right] = [known[next - 1], known[next]];
    if (left === undefined || right === undefined) return (rows[(left ?? right) as number] as number) ?? 0;
    const share = (at - left) / (right - left);
    return (rows[left] as number) * (1 - share) + (rows[right] as number) * share;
  });
}

/** Notes what takes outliers back to the median around them. */
function correctOutliers(bare: Float64Array, corrections: Float64Array): void {
  const deviations = bare.map((value, at) => value - medianOf(around(bare, at)));
  const usual = TO_DEVIATION * medianOf(deviations.map(Math.abs));
  if (usual === 0) return;
  const isOut = (at: number) => Math.abs(deviations[at] as number) > OUTLIER_DEVIATIONS * usual;
  const out = [...deviations.keys()].filter(isOut);
  // Two and more at the end may be a new level.
  const isNews = isOut(bare.length - 1) && isOut(bare.length - 2);
  const taken = isNews ? out.filter((at) => at < bare.length - REACH) : out;
  if (out.length > MOST_OUTLIERS * bare.length) return;
  for (const at of taken) corrections[at] = -(deviations[at] as number);
}

const around = (values: Float64Array, at: number) =>
  values.subarray(Math.max(0, at - REACH), Math.min(values.length, at + REACH + 1));

/** Notes what moves rows before lasting jumps to the level after. */
function correctShifts(bare: Float64Array, corrections: Float64Array, season: number): void {
  const window = Math.max(5, Math.min(season, 14));
  const steps = bare.subarray(1).map((value, at) => value - (bare[at] as number));
  const usual = TO_DEVIATION * medianOf(steps.map(Math.abs));
  if (usual === 0) return;
  const shifts: { at: number; size: number }[] = [];
  for (let at = window; at <= bare.length - window; at++) {
    const step = steps[at - 1] as number;
    if (Math.abs(step) <= SHIFT_DEVIATIONS * usual) continue;
    const size = medianOf(bare.subarray(at, at + window)) - medianOf(bare.subarray(at - window, at));
    if (size * step > 0 && Math.abs(size) >= LASTING * Math.abs(step)) shifts.push({ at, size });
  }
  const taken = shifts.sort((one, other) => Math.abs(other.size) - Math.abs(one.size)).slice(0, MOST_SHIFTS);
  for (const { at, size } of taken)
    for (let row = 0; row < at; row++) corrections[row] = (corrections[row] as number) + size;
}
