import { backtest, originsOf, type Test } from './backtest.ts';
import type { Engines } from './engines.ts';
import type { History } from './methods.ts';
import { meanOf, medianOf } from './statistics.ts';

/** Back-tests of a quick model, from which the spread of errors is learned. */
const MOST_SHADOWS = 16;

/** How far actual values lie from forecasts, as a root mean square: of each step ahead, and of the sum of all steps up to it. */
export interface Spread {
  steps: Float64Array;
  totals: Float64Array;
}

/**
 * Returns the spread of errors: what a quick model (Theta) missed at many moments of the past, smoothed over steps, never falling, and scaled
 * to the errors of the method itself where both were tested. `tested` are the method's own.
 */
export function spreadOf(history: History, tested: readonly Test[], horizon: number, engines: Engines): Spread {
  const origins = shadowOrigins(history.rows.length, history.seasons[0] ?? 1, horizon);
  const shadows = backtest(history, ['theta'], origins, horizon, engines).flatMap(({ known, actual, forecasts }) => {
    const forecast = forecasts.get('theta');
    return forecast === undefined ? [] : [{ known, actual, forecast }];
  });
  if (shadows.length === 0) return withoutTests(history, horizon);
  const ratio = ratioOf(tested, shadows) * caution(shadows, horizon);
  const misses = shadows.map(({ actual, forecast }) => actual.map((value, at) => value - (forecast[at] as number)));
  return {
    steps: widening(misses, horizon).map((spread) => ratio * spread),
    totals: widening(misses.map(runningSum), horizon).map((spread) => ratio * spread),
  };
}

const CAUTION = 0.5;

/** How much wider a spread has to be that is known from few errors: from windows that do not overlap, of which there may be one or two. */
function caution(shadows: readonly Test[], horizon: number): number {
  const known = shadows.map((shadow) => shadow.known);
  const windows = 1 + (Math.max(...known) - Math.min(...known)) / horizon;
  return Math.sqrt(1 + CAUTION / windows);
}

function runningSum(values: Float64Array): Float64Array {
  let sum = 0;
  return values.map((value) => {
    sum += value;
    return sum;
  });
}

/** The root mean square at each step over all moments, smoothed, and at least that of the step before. */
function widening(misses: readonly Float64Array[], horizon: number): Float64Array {
  const squares = Float64Array.from({ length: horizon }, (_, at) =>
    meanOf(misses.map((miss) => (miss[at] as number) ** 2)),
  );
  let widest = 0;
  return smoothedOver(squares).map((square) => {
    widest = Math.max(widest, Math.sqrt(square));
    return widest;
  });
}

function shadowOrigins(rows: number, season: number, horizon: number): number[] {
  const possible = originsOf(rows, season, horizon, Number.MAX_SAFE_INTEGER);
  const last = possible.at(-1);
  if (last === undefined) return [];
  const first = rows - horizon;
  const count = Math.min(MOST_SHADOWS, first - last + 1);
  const reach = Math.min(first - last, (count - 1) * Math.max(1, Math.ceil(horizon / 2)));
  return [
    ...new Set(Array.from({ length: count }, (_, at) => first - Math.round((at * reach) / Math.max(1, count - 1)))),
  ];
}

/** How much the method errs against the quick model at the moments at which both were tested, within bounds. */
function ratioOf(tested: readonly Test[], shadows: readonly Test[]): number {
  const size = (tests: readonly Test[]) =>
    meanOf(
      tests.flatMap(({ actual, forecast }) =>
        Array.from(actual, (value, at) => Math.abs(value - (forecast[at] as number))),
      ),
    );
  const both = tested.filter(({ known }) => shadows.some((shadow) => shadow.known === known));
  const other = shadows.filter(({ known }) => both.some((test) => test.known === known));
  const quick = size(other);
  if (both.length === 0 || quick === 0) return 1;
  return Math.min(1.5, Math.max(0.6, size(both) / quick));
}

/** Means over a quarter of the step's distance to both sides, which few back-tests need. */
function smoothedOver(squares: Float64Array): Float64Array {
  return squares.map((_, at) => {
    const reach = Math.max(1, Math.ceil(at / 4));
    return meanOf(squares.subarray(Math.max(0, at - reach), at + reach + 1));
  });
}

/** Without any test: the usual step of the series without seasons, growing with the root of the distance. */
function withoutTests({ adjusted: { values } }: History, horizon: number): Spread {
  const steps = values.subarray(1).map((value, at) => Math.abs(value - (values[at] as number)));
  const usual =
    steps.length >= 2 ? 1.4826 * Math.max(medianOf(steps), meanOf(steps) / 2) : UNKNOWN * Math.abs(values.at(-1) ?? 0);
  const spread = Float64Array.from({ length: horizon }, (_, at) => usual * Math.sqrt(at + 1));
  return { steps: spread, totals: runningSum(spread) };
}

/** Of one or two rows nothing is known; a third of the value is a guess that says so. */
const UNKNOWN = 0.3;

/** Degrees of freedom and scale of Student's distribution, which standardised errors of past forecasts follow (docs/forecasts.md). */
const FREEDOM = 5;
const SCALE = 0.84;

/** How many spreads to both sides hold `level` percent of errors. */
export const spreadsFor = (level: number): number => SCALE * studentQuantile(0.5 + level / 200, FREEDOM);

/** The quantile of Student's distribution, found by halving over its distribution function for five degrees of freedom. */
function studentQuantile(share: number, freedom: number): number {
  let [low, high] = [0, 200];
  for (let round = 0; round < 60; round++) {
    const middle = (low + high) / 2;
    if (studentShare(middle, freedom) < share) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** The distribution function for an odd number of degrees of freedom (Abramowitz and Stegun, 26.7.3). */
function studentShare(value: number, freedom: number): number {
  const angle = Math.atan(value / Math.sqrt(freedom));
  const cosine = Math.cos(angle);
  let term = cosine;
  let sum = cosine;
  for (let power = 3; power <= freedom - 2; power += 2) {
    term *= ((power - 1) / power) * cosine * cosine;
    sum += term;
  }
  return 0.5 + (angle + Math.sin(angle) * sum) / Math.PI;
}
