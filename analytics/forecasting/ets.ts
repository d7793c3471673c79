import { minimise } from './simplex.ts';
import { centredMeans, lineThrough, meanOf } from './statistics.ts';

/** A form of exponential smoothing in the state space of Hyndman, Koehler, Ord and Snyder (2008): none, additive, multiplicative, damped. */
export interface EtsForm {
  error: 'A' | 'M';
  trend: 'N' | 'A' | 'Ad';
  season: 'N' | 'A' | 'M';
}

/** A form fitted to a series: what it forecasts and how well it fits. */
export interface EtsFit {
  form: EtsForm;
  parameters: Float64Array;
  aicc: number;
  forecast(horizon: number): Float64Array;
}

const MOST_SEASON = 24;

/** The forms that are stable for a series: multiplicative ones need values above 0, a season at least two of it. */
export function etsForms(values: Float64Array, season: number): EtsForm[] {
  const isPositive = values.every((value) => value > 0);
  const hasSeason = season > 1 && season <= MOST_SEASON && values.length >= 2 * season + 3;
  const forms: EtsForm[] = [];
  for (const trend of ['N', 'A', 'Ad'] as const) {
    if (trend !== 'N' && values.length < 6) continue;
    for (const error of isPositive ? (['A', 'M'] as const) : (['A'] as const)) {
      forms.push({ error, trend, season: 'N' });
      if (!hasSeason) continue;
      forms.push({ error, trend, season: 'A' });
      if (error === 'M') forms.push({ error, trend, season: 'M' });
    }
  }
  return forms;
}

/** Returns the fit of the form with the smallest corrected Akaike criterion. */
export function bestEts(values: Float64Array, season: number, forms = etsForms(values, season)): EtsFit {
  const fits = forms.map((form) => fitEts(values, season, form));
  return fits.reduce((best, fit) => (fit.aicc < best.aicc ? fit : best));
}

/**
 * Returns the fit of one form. Smoothing constants, damping, first level and first trend are those of the largest likelihood; the first
 * season is that of a classical decomposition. `start` begins the search at the parameters of an earlier fit and makes it short.
 */
export function fitEts(values: Float64Array, season: number, form: EtsForm, start?: Float64Array): EtsFit {
  const initial = firstStates(values, season, form);
  const span = initial.span;
  const isTrended = form.trend !== 'N';
  const isDamped = form.trend === 'Ad';
  const isSeasonal = form.season !== 'N';
  // In this order: alpha, beta / alpha, gamma / (1 - alpha), phi, first level, first trend.
  const bounds: [low: number, high: number, first: number, step: number][] = [[1e-4, 0.9999, 0.3, 0.25]];
  if (isTrended) bounds.push([1e-4, 0.9999, 0.1, 0.15]);
  if (isSeasonal) bounds.push([1e-4, 0.9999, 0.1, 0.15]);
  if (isDamped) bounds.push([0.8, 0.98, 0.95, -0.05]);
  bounds.push([Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, initial.level, span]);
  if (isTrended) bounds.push([Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, initial.trend, span / 5]);
  const state = new EtsState(values, season, form, initial.season);
  const first = start === undefined ? bounds.map(([, , value]) => value) : Array.from(start);
  const { point, cost } = minimise((parameters) => state.run(parameters), first, {
    low: bounds.map(([low]) => low),
    high: bounds.map(([, high]) => high),
    steps: bounds.map(([, , , step]) => step / (start === undefined ? 1 : 3)),
    evaluations: (start === undefined ? 45 : 15) * bounds.length,
  });
  const free = bounds.length + 1 + (isSeasonal ? season - 1 : 0);
  const room = values.length - free - 1;
  const aicc = cost + 2 * free + (room > 0 ? (2 * free * (free + 1)) / room : Number.MAX_VALUE / 4);
  return { form, parameters: point, aicc, forecast: (horizon) => state.forecast(point, horizon) };
}

function firstStates(values: Float64Array, season: number, form: EtsForm) {
  const isMultiplicative = form.season === 'M';
  let index = new Float64Array(form.season === 'N' ? 0 : season);
  let adjusted = values;
  if (form.season !== 'N') {
    // Only the beginning: what the season was at first, which may have changed since.
    const early = values.subarray(0, Math.min(values.length, 4 * season + 1));
    index = Float64Array.from(
      early.length >= 2 * season + 1 && centredMeans(early, season).some((mean) => !Number.isNaN(mean))
        ? seasonalIndex(early, season, isMultiplicative)
        : index.fill(isMultiplicative ? 1 : 0),
    );
    if (isMultiplicative) index = index.map((factor) => Math.max(factor, 0.01));
    adjusted = values.map((value, at) => {
      const figure = index[at % season] as number;
      return isMultiplicative ? value / figure : value - figure;
    });
  }
  const head = adjusted.subarray(0, Math.max(Math.min(10, values.length), Math.min(2 * season, values.length)));
  const { slope, intercept } = lineThrough(head);
  const spread = Math.sqrt(
    head.reduce((sum, value, at) => sum + (value - intercept - slope * at) ** 2, 0) / head.length,
  );
  const level = form.trend === 'N' ? head.reduce((sum, value) => sum + value, 0) / head.length : intercept - slope;
  return { season: index, level, trend: slope, span: spread + 1e-6 * Math.abs(level) + 1e-12 };
}

/** Runs a form through a series, over and over with other parameters, in memory that is taken once. */
class EtsState {
  private readonly values: Float64Array;
  private readonly season: number;
  private readonly form: EtsForm;
  private readonly firstSeason: Float64Array;
  private readonly seasonal: Float64Array;
  private level = 0;
  private trend = 0;
  private phi = 1;

  constructor(values: Float64Array, season: number, form: EtsForm, firstSeason: Float64Array) {
    this.values = values;
    this.season = season;
    this.form = form;
    this.firstSeason = firstSeason;
    this.seasonal = new Float64Array(firstSeason.length);
  }

  /** Returns minus twice the logarithm of the likelihood, without its constant. */
  run(parameters: Float64Array): number {
    const { values, season, seasonal } = this;
    const isMultiplicativeError = this.form.error === 'M';
    const isTrended = this.form.trend !== 'N';
    const kind = this.form.season;
    let next = 0;
    const alpha = parameters[next++] as number;
    const beta = isTrended ? alpha * (parameters[next++] as number) : 0;
    const gamma = kind === 'N' ? 0 : (1 - alpha) * (parameters[next++] as number);
    const phi = this.form.trend === 'Ad' ? (parameters[next++] as number) : 1;
    let level = parameters[next++] as number;
    let trend = isTrended ? (parameters[next++] as number) : 0;
    seasonal.set(this.firstSeason);
    let squares = 0;
    let logs = 0;
    let place = 0;
    for (let at = 0; at < values.length; at++) {
      const value = values[at] as number;
      const base = level + phi * trend;
      const figure = kind === 'N' ? 0 : (seasonal[place] as number);
      const expected = kind === 'N' ? base : kind === 'A' ? base + figure : base * figure;
      const miss = value - expected;
      if (isMultiplicativeError) {
        if (expected <= 1e-12) return Number.MAX_VALUE;
        squares += (miss / expected) ** 2;
        logs += Math.log(expected);
      } else squares += miss * miss;
      if (kind === 'M') {
        level = base + (alpha * miss) / figure;
        trend = phi * trend + (beta * miss) / figure;
        seasonal[place] = figure + (gamma * miss) / (base || 1e-12);
        if (base <= 0 || (seasonal[place] as number) <= 0) return Number.MAX_VALUE;
      } else {
        level = base + alpha * miss;
        trend = phi * trend + beta * miss;
        if (kind === 'A') seasonal[place] = figure + gamma * miss;
      }
      if (++place === season) place = 0;
    }
    this.level = level;
    this.trend = trend;
    this.phi = phi;
    return values.length * Math.log(squares + 1e-300) + 2 * logs;
  }

  forecast(parameters: Float64Array, horizon: number): Float64Array {
    this.run(parameters);
    let damping = 0;
    let power = 1;
    return Float64Array.from({ length: horizon }, (_, step) => {
      power *= this.phi;
      damping += power;
      const base = this.level + damping * this.trend;
      const figure = this.seasonal[(this.values.length + step) % this.season] as number;
      return this.form.season === 'N' ? base : this.form.season === 'A' ? base + figure : base * figure;
    });
  }
}

/** A factor (mean 1) or a term (mean 0) for each place of the season: the mean of what deviates from the centred means. */
function seasonalIndex(values: Float64Array, season: number, isMultiplicative: boolean): Float64Array {
  const means = centredMeans(values, season);
  const sums = new Float64Array(season);
  const counts = new Float64Array(season);
  for (let at = 0; at < values.length; at++) {
    const mean = means[at] as number;
    if (Number.isNaN(mean)) continue;
    const deviation = isMultiplicative ? (values[at] as number) / mean : (values[at] as number) - mean;
    sums[at % season] = (sums[at % season] as number) + deviation;
    counts[at % season] = (counts[at % season] as number) + 1;
  }
  const index = sums.map((sum, place) => (counts[place] ? sum / (counts[place] as number) : isMultiplicative ? 1 : 0));
  const centre = meanOf(index);
  return index.map((figure) => (isMultiplicative ? figure / centre : figure - centre));
}
