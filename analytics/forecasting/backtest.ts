import { mase, naiveError, smape } from './accuracy.ts';
import type { Engines } from './engines.ts';
import { type History, historyOf, MODELS, type ModelName } from './methods.ts';
import { meanOf } from './statistics.ts';

/** What models said at a moment of the past, and what came. */
export interface Origin {
  /** How many rows were known. */
  known: number;
  actual: Float64Array;
  forecasts: Map<ModelName, Float64Array>;
}

/** A forecast of the method as a whole at a moment of the past, and what came. */
export interface Test {
  known: number;
  actual: Float64Array;
  forecast: Float64Array;
}

/** How much of the history the first forecast of a back-test must know. */
export const LEAST_KNOWN = 10;
const MOST_ORIGINS = 4;

/**
 * Returns where back-tests begin, the newest first: half a horizon apart, each with a full horizon after it, and none where less than a
 * third of the rows or two seasons would be known.
 */
export function originsOf(rows: number, season: number, horizon: number, most = MOST_ORIGINS): number[] {
  const least = Math.max(LEAST_KNOWN, Math.min(2 * season + 3, rows >> 1), Math.floor(rows / 3));
  const step = Math.max(1, Math.floor(horizon / 2));
  const origins: number[] = [];
  for (let known = rows - horizon; known >= least && origins.length < most; known -= step) origins.push(known);
  return origins;
}

/** Returns what each model would have said at each origin, each fitted anew to what was known then. */
export function backtest(
  { rows, seasons, isCleaned }: Pick<History, 'rows' | 'seasons' | 'isCleaned'>,
  models: readonly ModelName[],
  origins: readonly number[],
  horizon: number,
  engines: Engines,
): Origin[] {
  return origins.map((known) => ({
    known,
    actual: rows.slice(known, known + horizon),
    forecasts: forecastAll(historyOf(rows.slice(0, known), seasons, isCleaned), models, horizon, engines),
  }));
}

/** Returns the forecasts of the models that fit, without those that are not finite or beyond all measure. */
export function forecastAll(
  history: History,
  models: readonly ModelName[],
  horizon: number,
  engines: Engines,
): Map<ModelName, Float64Array> {
  const forecasts = new Map<ModelName, Float64Array>();
  for (const model of models) {
    const forecast = MODELS[model](history, horizon, engines);
    if (forecast !== undefined && isSane(forecast, history.values)) forecasts.set(model, forecast);
  }
  return forecasts;
}

/** How many ranges of the history a forecast may leave it by, for each of the history's lengths it looks ahead, and at least. */
const MOST_RANGES = 3;

function isSane(forecast: Float64Array, values: Float64Array): boolean {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  const room = MOST_RANGES * (high - low) * (1 + forecast.length / values.length);
  return forecast.every((value) => value >= low - room && value <= high + room);
}

/** Returns the mean absolute error of each model over the origins where all have a forecast. */
export function errorsOf(origins: readonly Origin[], models: readonly ModelName[]): number[] {
  return models.map((model) =>
    meanOf(
      origins.flatMap(({ actual, forecasts }) => {
        const forecast = forecasts.get(model);
        return forecast === undefined
          ? []
          : [meanOf(actual.map((value, step) => Math.abs(value - (forecast[step] as number))))];
      }),
    ),
  );
}

/** Returns the errors of the method as a whole at the origins, as the M4 competition defines them; `null` where they are not defined. */
export function accuracyOf(
  values: Float64Array,
  season: number,
  tested: readonly Test[],
): { smape: number | null; mase: number | null } {
  if (tested.length === 0) return { smape: null, mase: null };
  const scaled = tested
    .filter(({ known }) => naiveError(values.subarray(0, known), season) > 0)
    .map(({ known, actual, forecast }) => mase(actual, forecast, values.subarray(0, known), season));
  return {
    smape: meanOf(tested.map(({ actual, forecast }) => smape(actual, forecast))),
    mase: scaled.length === 0 ? null : meanOf(scaled),
  };
}
