import { accuracyOf, backtest, errorsOf, forecastAll, originsOf, type Test } from './backtest.ts';
import { fillGaps } from './clean.ts';
import { combined, weightsOf } from './combine.ts';
import type { Engines } from './engines.ts';
import { spreadOf, spreadsFor } from './intervals.ts';
import { type History, historyOf, METHODS, type MethodName, type ModelName } from './methods.ts';
import { removeSeasons } from './seasons.ts';
import { meanOf } from './statistics.ts';

export interface ForecastOptions {
  /** How many rows ahead. */
  horizon: number;
  method: MethodName;
  /** Lengths of the seasons that the series may have, in rows, the shortest first. Empty: looked for in the series. */
  seasons: readonly number[];
  /** Percent of actual values that each interval shall hold. */
  levels: readonly number[];
}

/** An interval a level, in the order of the options; `low` and `high` a row ahead. */
export interface Interval {
  level: number;
  low: number[];
  high: number[];
}

export interface SeriesForecast {
  /** The expected value of each row ahead. */
  mean: number[];
  intervals: Interval[];
  /** How far the sum of the rows ahead, up to each, lay from its forecast in the past, as a root mean square (`spreadsFor` a level). */
  totalSpread: number[];
  /** The method, or what stood in for it where it does not fit the series. */
  method: string;
  /** The share each model has in the mean. */
  weights: Partial<Record<ModelName, number>>;
  /** The season by which MASE is scaled, and what the method erred in the past; `null` where the series is too short to tell. */
  season: number;
  backtest: { smape: number | null; mase: number | null; origins: number };
}

/** Lengths looked for where nothing is known of the rows, and how much better than without a season one has to foretell. */
const SEASONS_LOOKED_FOR = [4, 5, 7, 12, 24, 52, 168, 365];
const BETTER = 0.98;

/**
 * Returns the forecast of a series: its models, each fitted to the series with and without cleaning (whichever foretold better), weighted by
 * their errors in back-tests, with intervals as wide as past errors were at that distance. A row is `NaN` where it is missing; none of
 * `values` at all is a RangeError. The same input gives the same output.
 */
export function forecastSeries(values: Float64Array, options: ForecastOptions, engines: Engines): SeriesForecast {
  const { horizon, method } = options;
  if (!values.some(Number.isFinite) || values.some((value) => Math.abs(value) === Number.POSITIVE_INFINITY)) {
    throw new RangeError('A series needs rows that are finite numbers.');
  }
  const rows = fillGaps(values, options.seasons[0] ?? 1);
  const seasons = options.seasons.length > 0 ? options.seasons : searched(rows, horizon, engines);
  const season = seasons[0] ?? 1;
  const history = historyThatForetells(rows, seasons, horizon, engines);
  const { models: asked, rule } = METHODS[method] as { models: ModelName[]; rule: 'best' | 'weighted' | 'mean' };
  const forecasts = forecastAll(history, asked, horizon, engines);
  const standIn = forecasts.size === 0 ? forecastAll(history, ['naive'], horizon, engines) : forecasts;
  const models = [...standIn.keys()];
  const tests = backtest(history, models, originsOf(rows.length, season, horizon), horizon, engines).filter(
    ({ forecasts: had }) => had.size > 0,
  );
  const weights = weightsOf(models, tests, rule, rows.length / horizon);
  const floor = rows.every((value) => value >= 0) ? 0 : Number.NEGATIVE_INFINITY;
  const together = (parts: ReadonlyMap<ModelName, Float64Array>) =>
    combined(parts, weights, horizon).map((value) => Math.max(floor, value));
  const mean = together(standIn);
  const tested: Test[] = tests.map(({ known, actual, forecasts: parts }) => ({
    known,
    actual,
    forecast: together(parts),
  }));
  const spread = spreadOf(history, tested, horizon, engines);
  return {
    mean: Array.from(mean),
    intervals: options.levels.map((level) => intervalOf(level, mean, spread.steps, floor)),
    totalSpread: Array.from(spread.totals),
    method: forecasts.size === 0 && method !== 'naive' ? 'naive' : method,
    weights: Object.fromEntries(weights),
    season,
    backtest: { ...accuracyOf(rows, season, tested), origins: tested.length },
  };
}

function intervalOf(level: number, mean: Float64Array, spread: Float64Array, floor: number): Interval {
  const spreads = spreadsFor(level);
  const reach = (at: number) => spreads * (spread[at] as number);
  return {
    level,
    low: Array.from(mean, (value, at) => Math.max(floor, value - reach(at))),
    high: Array.from(mean, (value, at) => value + reach(at)),
  };
}

/** The season that is in the series and with which the judges foretell best; none where they do about as well without. */
function searched(rows: Float64Array, horizon: number, engines: Engines): number[] {
  const origins = originsOf(rows.length, 1, horizon, MOST_JUDGED);
  const errorOf = (seasons: number[]) =>
    meanOf(errorsOf(backtest({ rows, seasons, isCleaned: false }, JUDGES, origins, horizon, engines), JUDGES));
  let best: number[] = [];
  let least = BETTER * errorOf(best);
  for (const season of SEASONS_LOOKED_FOR.filter((one) => removeSeasons(rows, [one]).found.length > 0)) {
    const error = errorOf([season]);
    if (error < least) [best, least] = [[season], error];
  }
  return best;
}

/** Models that judge quickly whether cleaning helps, and how often they are asked. */
const JUDGES: ModelName[] = ['theta', 'damped'];
const MOST_JUDGED = 6;

/** The history with cleaning, unless the judges foretold better without. */
function historyThatForetells(
  rows: Float64Array,
  seasons: readonly number[],
  horizon: number,
  engines: Engines,
): History {
  const cleaned = historyOf(rows, seasons, true);
  if (cleaned.values.every((value, at) => value === rows[at])) return historyOf(rows, seasons, false);
  const origins = originsOf(rows.length, seasons[0] ?? 1, horizon, MOST_JUDGED);
  const errorOf = (isCleaned: boolean) =>
    meanOf(errorsOf(backtest({ rows, seasons, isCleaned }, JUDGES, origins, horizon, engines), JUDGES));
  return errorOf(false) < errorOf(true) ? historyOf(rows, seasons, false) : cleaned;
}
