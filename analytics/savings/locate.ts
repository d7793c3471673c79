import { addDays } from './days.ts';
import { SETTINGS } from './settings.ts';

/** How much less the days must vary around two levels than around one for a step to be seen. */
const STEP_SHARE = 0.5;
const AROUND_DAYS = 7;

/**
 * Returns the day on which a daily cost stepped from one level to another, of those on which a change may have happened that an
 * inventory noticed on `noticedOn`: an inventory sees that something changed, the bill on which day. Without a clear step it is the
 * day it was noticed on.
 */
export function locateChange(costOf: (day: string) => number, noticedOn: string): string {
  const first = addDays(noticedOn, -SETTINGS.searchDays);
  const from = addDays(first, -AROUND_DAYS);
  const days = SETTINGS.searchDays + 2 * AROUND_DAYS;
  const costs = Array.from({ length: days }, (_, index) => costOf(addDays(from, index)));
  const whole = spread(costs);
  let best = { at: -1, spread: STEP_SHARE * whole };
  for (let at = AROUND_DAYS; at <= AROUND_DAYS + SETTINGS.searchDays; at++) {
    const split = spread(costs.slice(0, at)) + spread(costs.slice(at));
    if (split < best.spread) best = { at, spread: split };
  }
  return best.at < 0 ? noticedOn : addDays(from, best.at);
}

/** Sum of squares around the mean. */
function spread(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
}
