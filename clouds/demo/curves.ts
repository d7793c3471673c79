import type { Calendar } from './calendar.ts';

/**
 * How a quantity moves over the days of the estate. The factor is 1 on a weekday at the end of the estate, so a plan states
 * quantities as they are today and the curve says how they came there.
 */
export interface Curve {
  /** Growth a month of 30.4 days: 0.02 is 2 %. */
  growth?: number;
  /** Saturday's and Sunday's factor. */
  weekend?: number;
  /** The part of the day the thing runs on weekdays, for what is switched on and off. */
  weekday?: number;
  /** Lasting changes: from that day on the level is `factor` times what it was before. */
  steps?: { day: number; factor: number }[];
  /** Follows the shop's visitors, and so takes part in its campaigns. */
  visitors?: boolean;
}

/** A planned peak of the shop: known to the business, so no anomaly. */
export interface Campaign {
  fromDay: number;
  toDay: number;
  factor: number;
}

/** Monday to Friday: people do most early in the week. Indexed by weekday, Sunday first. */
const WEEK = [1.015, 1.025, 1.01, 1, 0.995, 0.97, 0.985];

/**
 * The factor of each day, rounded to 9 places so that it is the same text everywhere. `mood` is what the visitors of each day
 * have in common: weather, news, holidays.
 */
export function factors(curve: Curve, calendar: Calendar, campaigns: Campaign[], mood: number[]): number[] {
  const monthly = 1 + (curve.growth ?? 0);
  const last = calendar.days - 1;
  return Array.from({ length: calendar.days }, (_, day) => {
    let factor = monthly ** ((day - last) / 30.4);
    factor *= isWeekend(calendar, day) ? (curve.weekend ?? 1) : (curve.weekday ?? 1);
    for (const step of curve.steps ?? []) if (day < step.day) factor /= step.factor;
    if (curve.weekend !== undefined && curve.weekday === undefined) factor *= WEEK[calendar.weekday(day)] ?? 1;
    if (curve.visitors) {
      factor *= mood[day] ?? 1;
      for (const peak of campaigns) if (day >= peak.fromDay && day < peak.toDay) factor *= peak.factor;
    }
    return Math.round(factor * 1e9) / 1e9;
  });
}

function isWeekend(calendar: Calendar, day: number): boolean {
  const weekday = calendar.weekday(day);
  return weekday === 0 || weekday === 6;
}
