import { byDay, type MeasuredHour, percentileOf } from './measured-hours.ts';

/** How much of what was measured a size must carry, and how much more. Shares from 0 to 1. */
export interface SizingPreset {
  /** Of CPU, the samples that must be carried; memory must carry all, because what lacks memory is killed and not slowed. */
  cpuPercentile: number;
  /** Share of the new size that stays free. */
  cpuHeadroom: number;
  memoryHeadroom: number;
}

/** Source: AWS Compute Optimizer User Guide, "Rightsizing recommendation preferences". */
export const SIZING_PRESETS = {
  'maximum savings': { cpuPercentile: 0.9, cpuHeadroom: 0, memoryHeadroom: 0.1 },
  balanced: { cpuPercentile: 0.95, cpuHeadroom: 0.3, memoryHeadroom: 0.3 },
  default: { cpuPercentile: 0.995, cpuHeadroom: 0.2, memoryHeadroom: 0.2 },
  'maximum performance': { cpuPercentile: 0.995, cpuHeadroom: 0.3, memoryHeadroom: 0.3 },
} as const satisfies Record<string, SizingPreset>;

/** Returns the preset of that name. Throws a RangeError for a name that is none, since settings can be overridden. */
export function presetOf(name: string): SizingPreset {
  const preset = (SIZING_PRESETS as Readonly<Record<string, SizingPreset>>)[name];
  if (preset === undefined)
    throw new RangeError(`There is no preset '${name}'; there are ${Object.keys(SIZING_PRESETS).join(', ')}.`);
  return preset;
}

/** Days below which nothing is said, and below which every peak counts: what was rare in a few days need not be rare. */
export const SHORTEST_DAYS = 3;
export const FULL_DAYS = 14;
/** Days ahead that a lasting growth is followed. */
const AHEAD_DAYS = 30;

/** What a size must carry, in the unit of the metric. */
export interface Demand {
  /** With headroom: the capacity needed. */
  needed: number;
  /** Without headroom: the highest of the two below, and the growth. */
  level: number;
  /** The percentile of the busiest day: a day that comes again counts whole, however many quiet ones surround it. */
  busiestDay: number;
  /** What 19 of 20 days to come stay below, if they are like those measured. */
  daysToCome: number;
  /** By how much the days rise within the next thirty; 0 unless they rise steadily. */
  growth: number;
  days: number;
  /** The percentile used; 1 when the days are too few to leave any peak out. */
  percentile: number;
}

/**
 * Returns what a size must carry so that `percentile` of the samples of a day, and `headroom` of it besides, find room. Days stand
 * each for itself, so that a weekly or a nightly load is no rare peak; decision 0093 has the figures. Undefined when fewer than
 * three days were measured.
 */
export function demandOf(
  hours: readonly MeasuredHour[],
  { percentile, headroom }: { percentile: number; headroom: number },
): Demand | undefined {
  const days = byDay(hours);
  if (days.length < SHORTEST_DAYS) return undefined;
  const used = days.length < FULL_DAYS ? 1 : percentile;
  const levels = days.map((day) => percentileOf(day, used));
  const busiestDay = Math.max(...levels);
  const daysToCome = boundOfNextDay(levels);
  const growth = steadyRise(levels) * AHEAD_DAYS;
  const level = Math.max(busiestDay, daysToCome) + growth;
  return {
    ...{ needed: level / (1 - headroom), level, busiestDay, daysToCome, growth },
    ...{ days: days.length, percentile: used },
  };
}

export function cpuDemand(hours: readonly MeasuredHour[], preset: SizingPreset): Demand | undefined {
  return demandOf(hours, { percentile: preset.cpuPercentile, headroom: preset.cpuHeadroom });
}

export function memoryDemand(hours: readonly MeasuredHour[], preset: SizingPreset): Demand | undefined {
  return demandOf(hours, { percentile: 1, headroom: preset.memoryHeadroom });
}

/** Student's t that 19 of 20 stay below, by degrees of freedom from 2 on. */
const T_95 = [2.92, 2.353, 2.132, 2.015, 1.943, 1.895, 1.86, 1.833, 1.812, 1.796, 1.782, 1.771, 1.761, 1.753, 1.746];

/** The upper bound of a prediction interval of one more day. */
function boundOfNextDay(levels: readonly number[]): number {
  const count = levels.length;
  const mean = levels.reduce((sum, level) => sum + level, 0) / count;
  const variance = levels.reduce((sum, level) => sum + (level - mean) ** 2, 0) / (count - 1);
  const t = T_95[count - 3] ?? 1.7;
  return mean + t * Math.sqrt(variance * (1 + 1 / count));
}

/**
 * Returns the rise a day of a series of at least a week, 0 unless it rises steadily: the median of the slopes of all pairs (Theil
 * and Sen), when more pairs rise than chance explains one time in twenty (Mann and Kendall).
 */
function steadyRise(levels: readonly number[]): number {
  const count = levels.length;
  if (count < 7) return 0;
  const slopes = levels.flatMap((later, end) =>
    levels.slice(0, end).map((level, start) => (later - level) / (end - start)),
  );
  const rising = slopes.reduce((sum, slope) => sum + Math.sign(slope), 0);
  const z = (rising - 1) / Math.sqrt((count * (count - 1) * (2 * count + 5)) / 18);
  if (z < 1.645) return 0;
  slopes.sort((one, other) => one - other);
  return Math.max(0, slopes[Math.floor(slopes.length / 2)] ?? 0);
}
