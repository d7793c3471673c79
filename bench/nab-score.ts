/**
 * The scorer of the Numenta Anomaly Benchmark, written from its rules (A. Lavin and S. Ahmad, "Evaluating Real-time Anomaly
 * Detection Algorithms", ICMLA 2015, arXiv 1510.03336; weights and details as in numenta/NAB).
 */
export interface NabProfile {
  name: string;
  truePositive: number;
  falsePositive: number;
  falseNegative: number;
}

export const NAB_PROFILES: readonly NabProfile[] = [
  { name: 'standard', truePositive: 1, falsePositive: 0.11, falseNegative: 1 },
  { name: 'reward_low_FP_rate', truePositive: 1, falsePositive: 0.22, falseNegative: 1 },
  { name: 'reward_low_FN_rate', truePositive: 1, falsePositive: 0.11, falseNegative: 2 },
];

/** One series: a score for each row, and its anomaly windows as row indexes, both ends included, in order. */
export interface ScoredSeries {
  scores: ArrayLike<number>;
  windows: readonly (readonly [number, number])[];
}

/** Returns how many rows at the beginning are not scored: 15 percent, at most 750. */
export function probationRows(rows: number): number {
  return Math.min(Math.floor(0.15 * rows), 750);
}

/** Returns the weight of a position: 1 far before the end of a window, 0 at it, -1 far behind it. */
export function positionWeight(position: number): number {
  return position > 3 ? -1 : 2 / (1 + Math.exp(5 * position)) - 1;
}

/** Returns what one detection at `row` is worth before weights: in (0, 1] inside of a window, in [-1, 0) outside of all. */
export function unitValue(
  row: number,
  windows: ScoredSeries['windows'],
): { value: number; window: number | undefined } {
  const window = windows.findIndex(([left, right]) => row >= left && row <= right);
  if (window >= 0) {
    const [left, right] = windows[window] as readonly [number, number];
    const position = -(right - row + 1) / (right - left + 1);
    return { value: positionWeight(position) / positionWeight(-1), window };
  }
  const before = windows.findLast(([, right]) => right < row);
  if (before === undefined) return { value: -1, window: undefined };
  const [left, right] = before;
  // A window of one row has no width to decay over: right behind it a detection already counts in full.
  return { value: positionWeight((row - right) / (right - left)), window: undefined };
}

/** Returns the score of all series at one threshold, 0 for a silent detector and 100 for a perfect one. */
export function nabScore(series: readonly ScoredSeries[], threshold: number, profile: NabProfile): number {
  let raw = 0;
  let windows = 0;
  for (const one of series) {
    raw += rawScore(one, threshold, profile);
    windows += one.windows.length;
  }
  return normalised(raw, windows, profile);
}

function rawScore({ scores, windows }: ScoredSeries, threshold: number, profile: NabProfile): number {
  const found = new Set<number>();
  let raw = 0;
  for (let row = probationRows(scores.length); row < scores.length; row++) {
    if ((scores[row] ?? 0) < threshold) continue;
    const { value, window } = unitValue(row, windows);
    if (window === undefined) raw += profile.falsePositive * value;
    // Rows come in order, so the first detection in a window is the one worth most.
    else if (!found.has(window)) {
      found.add(window);
      raw += profile.truePositive * value;
    }
  }
  return raw - profile.falseNegative * (windows.length - found.size);
}

function normalised(raw: number, windows: number, { truePositive, falseNegative }: NabProfile): number {
  return (100 * (raw + falseNegative * windows)) / ((truePositive + falseNegative) * windows);
}

/**
 * Returns the threshold with the best score over all series, and that score; among the distinct scores and 1.1, which is never.
 * One pass from the highest score down: each row that becomes a detection changes the sum by its own worth alone.
 */
export function bestThreshold(
  series: readonly ScoredSeries[],
  profile: NabProfile,
): { threshold: number; score: number } {
  const rows = series.flatMap(({ scores, windows }, index) =>
    Array.from({ length: scores.length - probationRows(scores.length) }, (_, offset) => {
      const row = offset + probationRows(scores.length);
      return { score: scores[row] ?? 0, series: index, ...unitValue(row, windows) };
    }),
  );
  rows.sort((one, other) => other.score - one.score);
  const windows = series.reduce((sum, one) => sum + one.windows.length, 0);
  const found = new Map<string, number>();
  let raw = -profile.falseNegative * windows;
  let best = { threshold: 1.1, raw };
  rows.forEach(({ score, series: index, value, window }, position) => {
    if (window === undefined) raw += profile.falsePositive * value;
    else {
      const key = `${index} ${window}`;
      const before = found.get(key);
      if (before === undefined) raw += profile.falseNegative + profile.truePositive * value;
      else raw += profile.truePositive * Math.max(0, value - before);
      found.set(key, Math.max(value, before ?? 0));
    }
    if (rows[position + 1]?.score !== score && raw > best.raw) best = { threshold: score, raw };
  });
  return { threshold: best.threshold, score: normalised(best.raw, windows, profile) };
}
