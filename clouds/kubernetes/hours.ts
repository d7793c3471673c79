import type { UsageHour } from '../contract.ts';

const HOUR_SECONDS = 3600;

/** Samples of metrics of resources, gathered by the hour. */
export interface Samples {
  /**
   * Adds a sample that tells of the time before `seconds`. `peak` is the highest value in that time, where more than the sample is
   * known of it.
   */
  add(resourceId: string, metric: string, seconds: number, value: number, peak?: number): void;
  /** Returns the hours of `[from, to)` (in seconds) that have samples. */
  hours(from: number, to: number): UsageHour[];
}

/** Returns an empty gathering. */
export function gatherSamples(): Samples {
  const byHour = new Map<
    string,
    { row: [resourceId: string, metric: string, hour: number]; values: number[]; peak: number }
  >();
  return {
    add(resourceId, metric, seconds, value, peak = value) {
      // What was measured up to the full hour belongs to the hour before it.
      const hour = (Math.ceil(seconds / HOUR_SECONDS) - 1) * HOUR_SECONDS;
      const key = `${hour} ${metric} ${resourceId}`;
      const known = byHour.get(key);
      if (known === undefined) byHour.set(key, { row: [resourceId, metric, hour], values: [value], peak });
      else {
        known.values.push(value);
        known.peak = Math.max(known.peak, peak);
      }
    },
    hours: (from, to) =>
      [...byHour.values()].flatMap(({ row: [resourceId, metric, hour], values, peak }) =>
        hour < from || hour >= to ? [] : hourOf(resourceId, metric, hour, values, peak),
      ),
  };
}

function hourOf(resourceId: string, metric: string, hour: number, values: number[], peak: number): UsageHour {
  values.sort((a, b) => a - b);
  const max = Math.max(peak, values.at(-1) ?? peak);
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return {
    ...{ resourceId, metric, hour: new Date(hour * 1000).toISOString() },
    // Of a constant, the mean of many samples may differ from the highest in its last digit.
    avg: Math.min(mean, max),
    max,
    p95: values[Math.ceil(values.length * 0.95) - 1] ?? max,
    sampleCount: values.length,
  };
}
