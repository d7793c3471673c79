import { fitEts } from '../analytics/forecasting/ets.ts';
import { centredMeans, meanOf } from '../analytics/forecasting/statistics.ts';
import { theta } from '../analytics/forecasting/theta.ts';

/**
 * The benchmark methods as the M4 competition defines them: a season is taken out by multiplicative decomposition where the
 * autocorrelation at its lag passes a test at 90 percent, then the method runs and the season is put back.
 */
export const BENCHMARKS: Record<string, (values: Float64Array, season: number, horizon: number) => Float64Array> = {
  Naive2: adjusted((values, horizon) => new Float64Array(horizon).fill(values.at(-1) ?? 0)),
  Theta: adjusted(theta),
  Comb: adjusted((values, horizon) => {
    const trends = values.length < 6 ? (['N'] as const) : (['N', 'A', 'Ad'] as const);
    const parts = trends.map((trend) => fitEts(values, 1, { error: 'A', trend, season: 'N' }).forecast(horizon));
    return Float64Array.from({ length: horizon }, (_, step) => meanOf(parts.map((part) => part[step] as number)));
  }),
};

function adjusted(method: (values: Float64Array, horizon: number) => Float64Array) {
  return (values: Float64Array, season: number, horizon: number): Float64Array => {
    if (!isSeasonal(values, season)) return method(values, horizon);
    const factors = factorsOf(values, season);
    const factor = (at: number) => factors[at % season] as number;
    const forecast = method(
      values.map((value, at) => value / factor(at)),
      horizon,
    );
    return forecast.map((value, step) => value * factor(values.length + step));
  };
}

function autocorrelation(values: Float64Array, lag: number): number {
  const mean = meanOf(values);
  let covariance = 0;
  let variance = 0;
  for (let at = 0; at < values.length; at++) {
    const deviation = (values[at] as number) - mean;
    variance += deviation * deviation;
    if (at >= lag) covariance += deviation * ((values[at - lag] as number) - mean);
  }
  return variance === 0 ? 0 : covariance / variance;
}

function isSeasonal(values: Float64Array, season: number): boolean {
  if (season < 2 || values.length < 3 * season || !values.every((value) => value > 0)) return false;
  let squares = 1;
  for (let lag = 1; lag < season; lag++) squares += 2 * autocorrelation(values, lag) ** 2;
  return Math.abs(autocorrelation(values, season)) > 1.645 * Math.sqrt(squares / values.length);
}

function factorsOf(values: Float64Array, season: number): Float64Array {
  const means = centredMeans(values, season);
  const sums = new Float64Array(season);
  const counts = new Float64Array(season);
  values.forEach((value, at) => {
    if (Number.isNaN(means[at])) return;
    sums[at % season] = (sums[at % season] as number) + value / (means[at] as number);
    counts[at % season] = (counts[at % season] as number) + 1;
  });
  const factors = sums.map((sum, place) => sum / Math.max(1, counts[place] as number) || 1);
  const mean = meanOf(factors);
  return factors.map((factor) => factor / mean);
}
