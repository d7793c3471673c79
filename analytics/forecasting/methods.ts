import { clean } from './clean.ts';
import { complexSmoothing } from './complex-smoothing.ts';
import type { ArimaOrder, Engines } from './engines.ts';
import { bestEts, fitEts } from './ets.ts';
import { type Adjusted, removeSeasons } from './seasons.ts';
import { movingAverage, naive, seasonalNaive } from './simple.ts';
import { theta } from './theta.ts';

/** What a model is given: a complete series and the seasons it may have, in rows, the shortest first. */
export interface History {
  /** As it was, and as models learn from it: without outliers, at its present level, where that foretells better. */
  rows: Float64Array;
  values: Float64Array;
  isCleaned: boolean;
  seasons: readonly number[];
  /** The values without the seasons they were found to have. */
  adjusted: Adjusted;
}

export function historyOf(rows: Float64Array, seasons: readonly number[], isCleaned: boolean): History {
  const values = isCleaned ? clean(rows, seasons) : rows;
  return { rows, values, isCleaned, seasons, adjusted: removeSeasons(values, seasons) };
}

/** Returns the forecast of the next rows, or `undefined` where the model does not fit such a series. */
type Model = (history: History, horizon: number, engines: Engines) => Float64Array | undefined;

/** Rows that a model looks at; older ones cost time and say little. */
const MOST_ROWS = 1_000;
const recent = (values: Float64Array, rows = MOST_ROWS) => values.subarray(Math.max(0, values.length - rows));

/** A model of the series without its seasons, which are put back; for at least so many rows. */
const withoutSeasons =
  (
    leastRows: number,
    model: (values: Float64Array, horizon: number, engines: Engines) => Float64Array | undefined,
  ): Model =>
  ({ adjusted }, horizon, engines) => {
    if (adjusted.values.length < leastRows) return undefined;
    const forecast = model(recent(adjusted.values), horizon, engines);
    return forecast && adjusted.restore(forecast);
  };

/** A model that has the season itself; only for a season that was found and is no longer than `longest`. */
const withSeason =
  (
    longest: number,
    model: (values: Float64Array, season: number, horizon: number, engines: Engines) => Float64Array | undefined,
  ): Model =>
  ({ values, adjusted }, horizon, engines) => {
    const season = adjusted.found[0]?.season;
    return season === undefined || season > longest ? undefined : model(recent(values), season, horizon, engines);
  };

const arima = (order: ArimaOrder) =>
  withoutSeasons(12, (values, horizon, engines) => engines.arima(values, order, horizon));

const smoothing = (trend: 'N' | 'A' | 'Ad') =>
  withoutSeasons(trend === 'N' ? 2 : 6, (values, horizon) =>
    fitEts(values, 1, { error: 'A', trend, season: 'N' }).forecast(horizon),
  );

/** A longer season than a day of hours changes its figures too seldom to be learned while it goes on. */
const LONGEST_LEARNED = 24;

export const MODELS = {
  naive: withoutSeasons(1, naive),
  'seasonal-naive': ({ values, seasons }, horizon) => seasonalNaive(values, seasons[0] ?? 1, horizon),
  sma: withoutSeasons(1, movingAverage),
  ses: smoothing('N'),
  holt: smoothing('A'),
  damped: smoothing('Ad'),
  theta: withoutSeasons(4, theta),
  ets: withoutSeasons(6, (values, horizon) => bestEts(values, 1).forecast(horizon)),
  'ets-seasonal': withSeason(LONGEST_LEARNED, (values, season, horizon) => bestEts(values, season).forecast(horizon)),
  ces: withoutSeasons(8, (values, horizon) => complexSmoothing(values, 1, horizon)),
  'ces-seasonal': withSeason(LONGEST_LEARNED, complexSmoothing),
  'arima-111': arima({ p: 1, d: 1, q: 1 }),
  'arima-212': arima({ p: 2, d: 1, q: 2 }),
  sarima: withSeason(12, (values, rows, horizon, engines) =>
    engines.arima(values, { p: 0, d: 1, q: 1, season: { P: 0, D: 1, Q: 1, rows } }, horizon),
  ),
  mstl: ({ values, adjusted }, horizon, engines) => {
    const seasons = adjusted.found.map(({ season }) => season);
    return (seasons[0] ?? LONGEST_LEARNED + 1) > LONGEST_LEARNED
      ? undefined
      : engines.mstl(recent(values, 1_500), seasons, horizon);
  },
  // Two of a season, as Prophet itself asks of a year.
  prophet({ values, seasons }, horizon, engines) {
    const shown = seasons.filter((season) => values.length >= 2 * season);
    return values.length < 12 ? undefined : engines.prophet(recent(values, 1_500), shown, horizon);
  },
} satisfies Record<string, Model>;

export type ModelName = keyof typeof MODELS;

/**
 * What a person may ask for: which models stand behind a method, and whether the one with the smallest error in back-tests speaks, all of
 * them weighted by those errors, or all alike.
 */
export const METHODS = {
  auto: {
    models: [
      'theta',
      'ets',
      'damped',
      'ces',
      'arima-111',
      'arima-212',
      'ets-seasonal',
      'ces-seasonal',
      'sarima',
      'mstl',
      'prophet',
    ],
    rule: 'weighted',
  },
  prophet: { models: ['prophet'], rule: 'best' },
  arima: { models: ['arima-111', 'arima-212', 'sarima'], rule: 'best' },
  ets: { models: ['ets', 'ets-seasonal'], rule: 'best' },
  theta: { models: ['theta'], rule: 'best' },
  ces: { models: ['ces', 'ces-seasonal'], rule: 'best' },
  mstl: { models: ['mstl'], rule: 'best' },
  comb: { models: ['ses', 'holt', 'damped'], rule: 'mean' },
  sma: { models: ['sma'], rule: 'best' },
  naive: { models: ['naive'], rule: 'best' },
  'seasonal-naive': { models: ['seasonal-naive'], rule: 'best' },
} satisfies Record<string, { models: ModelName[]; rule: 'best' | 'weighted' | 'mean' }>;

export type MethodName = keyof typeof METHODS;
