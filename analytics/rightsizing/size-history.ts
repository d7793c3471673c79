import type { Evidence } from './evidence.ts';
import type { MeasuredHour } from './measured-hours.ts';

/**
 * Returns the measured hours of a metric since the resource last changed in one of these fields of its configuration: a utilisation
 * measured at another size says nothing of this one. Empty when the metric is not there.
 */
export function hoursAtThisSize(
  { metrics, history }: Pick<Evidence, 'metrics' | 'history'>,
  metric: string,
  fields: readonly string[],
): readonly MeasuredHour[] {
  const measured = metrics[metric]?.measured ?? [];
  const since = history.changes
    .filter(({ before, after }) => fields.some((field) => fieldOf(before, field) !== fieldOf(after, field)))
    .at(-1)?.observedAt;
  if (since === undefined) return measured;
  const from = Date.parse(since);
  return measured.filter(({ hour }) => Date.parse(hour) >= from);
}

/** Returns how often inventories have seen a field of the configuration change. */
export function countChanges({ history }: Pick<Evidence, 'history'>, field: string): number {
  return history.changes.filter(
    ({ kind, before, after }) => kind === 'changed' && fieldOf(before, field) !== fieldOf(after, field),
  ).length;
}

/** A change holds whole configurations, or nothing of them when they did not change. */
function fieldOf(state: Readonly<Record<string, unknown>> | null, field: string): unknown {
  const configuration = state?.configuration;
  return typeof configuration === 'object' && configuration !== null
    ? (configuration as Record<string, unknown>)[field]
    : undefined;
}
