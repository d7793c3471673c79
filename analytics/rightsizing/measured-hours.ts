/** What was measured in an hour, the way CloudWatch sums samples up. A single sample is an hour of one. */
export interface MeasuredHour {
  /** Start of the hour, ISO 8601 in UTC. */
  hour: string;
  avg: number;
  max: number;
  /** Null where the source does not give it. */
  p95: number | null;
  sampleCount: number;
}

/**
 * Returns the level that `share` (0 to 1) of the samples of these hours do not exceed, in the unit of the metric; NaN without
 * hours. The samples themselves are not known, only four figures of each hour: they are taken to lie evenly up to the p95 so that
 * the mean is right, and evenly from there to the maximum.
 */
export function percentileOf(hours: readonly MeasuredHour[], share: number): number {
  if (hours.length === 0) return Number.NaN;
  const shapes = hours.map(shapeOf);
  const total = shapes.reduce((sum, { samples }) => sum + samples, 0);
  const samplesUpTo = (level: number) =>
    shapes.reduce((sum, shape) => sum + shape.samples * shareUpTo(shape, level), 0);
  let [low, high] = [0, Math.max(...shapes.map(({ top }) => top))];
  if (share >= 1 || high <= 0) return high;
  // Forty halvings leave a part in a million million.
  for (let step = 0; step < 40; step++) {
    const middle = (low + high) / 2;
    if (samplesUpTo(middle) >= share * total) high = middle;
    else low = middle;
  }
  return high;
}

interface Shape {
  samples: number;
  low: number;
  /** Where the body of the samples ends, and their share in it. */
  knee: number;
  body: number;
  top: number;
}

function shapeOf({ avg, max, p95, sampleCount }: MeasuredHour): Shape {
  if (p95 === null || sampleCount === 1)
    return { samples: sampleCount, low: Math.min(max, Math.max(0, 2 * avg - max)), knee: max, body: 1, top: max };
  const knee = Math.min(p95, max);
  const bodyMean = (avg - 0.05 * ((knee + max) / 2)) / 0.95;
  const low = Math.min(knee, Math.max(0, 2 * bodyMean - knee));
  return { samples: sampleCount, low, knee, body: 0.95, top: max };
}

function shareUpTo({ low, knee, body, top }: Shape, level: number): number {
  if (level >= top) return 1;
  if (level >= knee) return body + ((1 - body) * (level - knee)) / (top - knee);
  return level <= low ? 0 : (body * (level - low)) / (knee - low);
}

/** Returns the hours by the UTC day they are in, oldest first. */
export function byDay(hours: readonly MeasuredHour[]): MeasuredHour[][] {
  const days = new Map<string, MeasuredHour[]>();
  for (const hour of hours) {
    const day = hour.hour.slice(0, 10);
    const known = days.get(day);
    if (known === undefined) days.set(day, [hour]);
    else known.push(hour);
  }
  return [...days].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, own]) => own);
}

/**
 * Returns the mean of several series hour by hour, such as of the nodes of a group; an hour counts those that have it. Highest samples
 * are taken to fall together, so that the mean is not too low.
 */
export function meanOf(series: readonly (readonly MeasuredHour[])[]): MeasuredHour[] {
  const byHour = new Map<string, MeasuredHour[]>();
  for (const one of series.flat()) {
    const known = byHour.get(one.hour);
    if (known === undefined) byHour.set(one.hour, [one]);
    else known.push(one);
  }
  return [...byHour].map(([hour, several]) => {
    const mean = (of: (one: MeasuredHour) => number) => several.reduce((sum, one) => sum + of(one), 0) / several.length;
    return {
      hour,
      avg: mean(({ avg }) => avg),
      max: mean(({ max }) => max),
      p95: several.every(({ p95 }) => p95 !== null) ? mean(({ p95, max }) => p95 ?? max) : null,
      sampleCount: Math.max(...several.map(({ sampleCount }) => sampleCount)),
    };
  });
}
