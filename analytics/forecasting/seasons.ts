import { centredMeans, meanOf } from './statistics.ts';

/** A series without its seasons, and the way back for rows to come. */
export interface Adjusted {
  values: Float64Array;
  restore(forecast: Float64Array): Float64Array;
  /** The seasons that were found, in rows, and how much of what deviates from the trend each explains (0..1), out of sample. */
  found: { season: number; explains: number }[];
}

/** How much of the deviations from the trend a season has to explain of cycles it has not seen. */
const LEAST_EXPLAINED = 0.1;
/** How fast older cycles are forgotten: each counts this much of the one after it. The one that foretells best is taken. */
const DECAYS = [0.9, 0.7, 0.5, 0.3];
/** How many cycles are foretold to judge a season. */
const JUDGED_CYCLES = 8;

/** Returns the series without those of the seasons, shortest first, that foretell their next cycle. */
export function removeSeasons(values: Float64Array, seasons: readonly number[]): Adjusted {
  return seasons.reduce<Adjusted>(
    (adjusted, season) => {
      const next = removeSeason(adjusted.values, season);
      if (next === undefined) return adjusted;
      return {
        values: next.values,
        restore: (forecast) => adjusted.restore(next.restore(forecast)),
        found: [...adjusted.found, { season, explains: next.explains }],
      };
    },
    { values, restore: (forecast) => forecast, found: [] },
  );
}

interface Figures {
  /** What each place of the season adds to the (logarithm of the) trend; their mean is 0. */
  figures: Float64Array;
  explains: number;
}

/**
 * Returns the series without one season, or `undefined` when the season does not foretell cycles it has not seen. Figures are means of the
 * deviations from the trend (of logarithms where all values are above 0), newer cycles counting more, shrunk by how well they foretold.
 */
function removeSeason(values: Float64Array, season: number) {
  if (season < 2 || values.length < 2 * season + 2) return undefined;
  const isPositive = values.every((value) => value > 0);
  const level = isPositive ? values.map(Math.log) : values;
  const means = centredMeans(level, season);
  const deviations = level.map((value, at) => value - (means[at] as number));
  const first = judgeSeason(deviations, season);
  if (first === undefined || first.explains < LEAST_EXPLAINED) return undefined;
  fillEnds(deviations, level, first.figures, season);
  const second = judgeSeason(deviations, season);
  if (second === undefined || second.explains < LEAST_EXPLAINED) return undefined;
  const figure = (at: number) => second.figures[at % season] as number;
  const length = values.length;
  return {
    explains: second.explains,
    values: values.map((value, at) => (isPositive ? value / Math.exp(figure(at)) : value - figure(at))),
    restore: (forecast: Float64Array) =>
      forecast.map((value, step) =>
        isPositive ? value * Math.exp(figure(length + step)) : value + figure(length + step),
      ),
  };
}

/** Deviations where the centred means do not reach: from means over ever fewer rows of the series without its first figures. */
function fillEnds(deviations: Float64Array, level: Float64Array, figures: Float64Array, season: number): void {
  const last = level.length - 1;
  const half = season >> 1;
  const bare = level.map((value, at) => value - (figures[at % season] as number));
  for (let at = 0; at <= last; at++) {
    if (!Number.isNaN(deviations[at])) continue;
    const reach = Math.min(half, Math.max(2, Math.min(at, last - at)));
    const near = bare.subarray(Math.max(0, at - reach), Math.min(last, at + reach) + 1);
    deviations[at] = (level[at] as number) - meanOf(near);
  }
}

/** The figures, forgetting as fast as foretells best: each of the newest cycles is foretold from those before it. */
function judgeSeason(deviations: Float64Array, season: number): Figures | undefined {
  const cycles = Math.ceil(deviations.length / season);
  let best: (Figures & { shrink: number }) | undefined;
  for (const decay of DECAYS) {
    let both = 0;
    let foretold = 0;
    let actual = 0;
    let rows = 0;
    for (let cycle = 0; cycle < Math.min(cycles - 1, JUDGED_CYCLES); cycle++) {
      const figures = figuresOf(deviations, season, decay, cycle + 1);
      const end = deviations.length - cycle * season;
      for (let at = Math.max(0, end - season); at < end; at++) {
        const deviation = deviations[at] as number;
        if (Number.isNaN(deviation)) continue;
        const figure = figures[at % season] as number;
        both += figure * deviation;
        foretold += figure * figure;
        actual += deviation * deviation;
        rows += 1;
      }
    }
    if (rows < season / 2 || !(actual > 0) || !(foretold > 0)) continue;
    const shrink = Math.min(1, Math.max(0, both / foretold));
    const explains = (2 * shrink * both - shrink * shrink * foretold) / actual;
    if (best !== undefined && explains <= best.explains) continue;
    best = { shrink, explains, figures: figuresOf(deviations, season, decay, 0) };
  }
  return best && { explains: best.explains, figures: best.figures.map((figure) => figure * (best?.shrink ?? 1)) };
}

/** The weighted mean of the deviations at each place, from the cycle `from` back; the newest cycle is 0. */
function figuresOf(deviations: Float64Array, season: number, decay: number, from: number): Float64Array {
  const sums = new Float64Array(season);
  const weights = new Float64Array(season);
  let weight = 1;
  let left = season;
  for (let at = deviations.length - 1 - from * season; at >= 0; at--) {
    const deviation = deviations[at] as number;
    if (!Number.isNaN(deviation)) {
      const place = at % season;
      sums[place] = (sums[place] as number) + weight * deviation;
      weights[place] = (weights[place] as number) + weight;
    }
    if (--left === 0) {
      left = season;
      weight *= decay;
    }
  }
  const figures = sums.map((sum, place) => (weights[place] ? sum / (weights[place] as number) : 0));
  const mean = meanOf(figures);
  return figures.map((figure) => figure - mean);
}
