import type { Evidence, MetricSummary } from './evidence.ts';
import type { MeasuredHour } from './measured-hours.ts';

const DAY = 10;

/**
 * Returns what the hours of one metric say together; undefined without hours. `possibleHours` are those of the window in which
 * there could have been a measurement.
 */
export function summarize(
  hours: readonly MeasuredHour[],
  { windowDays, possibleHours, byWeekHour }: { windowDays: number; possibleHours: number; byWeekHour?: boolean },
): MetricSummary | undefined {
  if (hours.length === 0) return undefined;
  const daySums = new Map<string, number>();
  let [samples, sum, max, most] = [0, 0, Number.NEGATIVE_INFINITY, 1];
  for (const { hour, avg, max: highest, sampleCount } of hours) {
    const counted = avg * sampleCount;
    samples += sampleCount;
    sum += counted;
    max = Math.max(max, highest);
    most = Math.max(most, sampleCount);
    const day = hour.slice(0, DAY);
    daySums.set(day, (daySums.get(day) ?? 0) + counted);
  }
  return {
    ...{ windowDays, hours: hours.length, possibleHours, samples, avg: sum / samples, max, sum },
    maxDaySum: Math.max(...daySums.values()),
    days: daySums.size,
    sampleSeconds: 3600 / most,
    measured: hours,
    ...(byWeekHour ? { maxByWeekHour: weekOf(hours) } : {}),
  };
}

function weekOf(hours: readonly MeasuredHour[]): (number | null)[] {
  const week: (number | null)[] = Array.from({ length: 168 }, () => null);
  for (const { hour, max } of hours) {
    const at = new Date(hour);
    const index = ((at.getUTCDay() + 6) % 7) * 24 + at.getUTCHours();
    week[index] = Math.max(week[index] ?? max, max);
  }
  return week;
}

/** The share of the hours it could have that a metric has a measurement for, from 0 to 1. */
export function measuredShare({ hours, possibleHours }: MetricSummary): number {
  return possibleHours === 0 ? 0 : Math.min(1, hours / possibleHours);
}

/**
 * Returns what is missing, in words, of the metrics a verdict needs: those without a measurement, and those measured in too
 * small a share of the hours, or on too few days, as of what was made only days ago. Empty: all are there.
 */
export function missingMetrics(
  metrics: Evidence['metrics'],
  names: readonly string[],
  minimumShare: number,
  fewestDays = 0,
): string[] {
  return names.flatMap((name) => {
    const metric = metrics[name];
    if (metric === undefined) return `${name} was not measured`;
    if (metric.days < fewestDays) return `${name} was measured on ${metric.days} days, ${fewestDays} are needed`;
    const share = measuredShare(metric);
    if (share >= minimumShare) return [];
    return `${name} was measured in ${Math.floor(share * 100)} percent of the hours, ${Math.ceil(minimumShare * 100)} are needed`;
  });
}
