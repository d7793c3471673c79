import { errorsOf, type Origin } from './backtest.ts';
import type { ModelName } from './methods.ts';
import { medianOf } from './statistics.ts';

export type Weights = Map<ModelName, number>;

/** At most how steeply errors become weights: 2 is the inverse of squared errors (Bates and Granger, 1969). */
const STEEPEST = 2;
/** Rows a horizon at which back-tests are believed to that degree; with fewer the weights come closer to being equal. */
const ROWS_A_HORIZON = 20;

/**
 * Returns the weights of models (they add up to 1): inverse powers of their errors in back-tests where history is long against the horizon,
 * and ever more alike where it is short, as few errors say little of the next.
 */
export function weightsOf(
  models: readonly ModelName[],
  origins: readonly Origin[],
  rule: 'best' | 'weighted' | 'mean',
  rowsPerHorizon: number,
): Weights {
  const errors = errorsOf(origins, models);
  if (origins.length === 0 || rule === 'mean')
    return normalised(
      models,
      models.map(() => 1),
    );
  if (rule === 'best') {
    const best = errors.indexOf(Math.min(...errors));
    return normalised(
      models,
      models.map((_, at) => (at === best ? 1 : 0)),
    );
  }
  const usual = medianOf(errors) || 1;
  const steepness = STEEPEST * Math.min(1, rowsPerHorizon / ROWS_A_HORIZON);
  return normalised(
    models,
    errors.map((error) => (error / usual + FLOOR) ** -steepness),
  );
}

/** Keeps a model that hit by chance from speaking alone. */
const FLOOR = 0.05;

function normalised(models: readonly ModelName[], weights: readonly number[]): Weights {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return new Map(models.map((model, at) => [model, (weights[at] as number) / total]));
}

/** Returns the weighted mean of the forecasts there are; weights of missing ones go to the others. */
export function combined(
  forecasts: ReadonlyMap<ModelName, Float64Array>,
  weights: Weights,
  horizon: number,
): Float64Array {
  const mean = new Float64Array(horizon);
  let total = 0;
  for (const [model, forecast] of forecasts) {
    const weight = weights.get(model) ?? 0;
    total += weight;
    for (let step = 0; step < horizon; step++)
      mean[step] = (mean[step] as number) + weight * (forecast[step] as number);
  }
  return total > 0 ? mean.map((sum) => sum / total) : mean.fill(Number.NaN);
}
