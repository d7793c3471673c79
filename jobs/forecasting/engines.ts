import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as mstl from '@bsull/augurs/mstl';
import * as prophet from '@bsull/augurs/prophet';
import { optimizer } from '@bsull/augurs-prophet-wasmstan';
import ARIMA from 'arima';
import type { Engines } from '../../analytics/forecasting/engines.ts';

const DAY_SECONDS = 86_400;
/** Fourier terms of a season: half of its rows, at most as many as Prophet gives a year. */
const MOST_TERMS = 10;
/** Prophet's own number for a week of days. */
const TERMS_OF_A_WEEK = 3;

/** Returns the engines, loaded in this thread; their own loader fetches by URL, which Node does not do for files. */
export function loadEngines(): Engines {
  mstl.initSync({ module: wasmOf('mstl') });
  prophet.initSync({ module: wasmOf('prophet') });
  return { mstl: forecastMstl, prophet: forecastProphet, arima: forecastArima };
}

const wasmOf = (name: string) =>
  readFileSync(fileURLToPath(import.meta.resolve(`@bsull/augurs/${name}`)).replace(/\.js$/, '_bg.wasm'));

function forecastMstl(values: Float64Array, seasons: readonly number[], horizon: number): Float64Array | undefined {
  const model = mstl.MSTL.ets([...seasons]);
  return fitted(() => {
    model.fit(values);
    return model.predict(horizon).point;
  }, model);
}

function forecastProphet(values: Float64Array, seasons: readonly number[], horizon: number): Float64Array | undefined {
  const off = { type: 'manual', enabled: false } as const;
  const model = new prophet.Prophet({
    optimizer,
    uncertaintySamples: 0,
    dailySeasonality: off,
    weeklySeasonality: off,
    yearlySeasonality: off,
  });
  return fitted(() => {
    for (const season of seasons) {
      const fourierOrder = season === 7 ? TERMS_OF_A_WEEK : Math.min(MOST_TERMS, season >> 1);
      model.addSeasonality(`rows${season}`, { period: season, fourierOrder });
    }
    // A row is a day to Prophet; seasons are given in rows.
    const day = (row: number) => row * DAY_SECONDS;
    model.fit({ ds: Array.from(values, (_, row) => day(row)), y: Array.from(values) });
    const ahead = Array.from({ length: horizon }, (_, step) => day(values.length + step));
    return model.predict({ ds: ahead }).yhat.point;
  }, model);
}

const forecastArima: Engines['arima'] = (values, { p, d, q, season }, horizon) => {
  const { P, D, Q, rows } = season ?? { P: 0, D: 0, Q: 0, rows: 0 };
  // Conditional sum of squares: the exact likelihood takes seconds for long series.
  const model = new ARIMA({ p, d, q, P, D, Q, s: rows, method: 1, verbose: false });
  return fitted(
    () => {
      model.train(Array.from(values));
      return model.predict(horizon)[0];
    },
    { free: () => model.destroy() },
  );
};

/** What a model forecasts; a model that fails (too few rows, no convergence) throws texts, and then has no forecast. */
function fitted(work: () => ArrayLike<number>, model: { free(): void }): Float64Array | undefined {
  try {
    const forecast = Float64Array.from(work());
    return forecast.every(Number.isFinite) ? forecast : undefined;
  } catch {
    return undefined;
  } finally {
    model.free();
  }
}
