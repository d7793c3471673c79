import type { DateRange } from '../db/queries/dimensions.ts';

/** The periods a forecast can be asked of. */
export const AHEADS = [
  'this month',
  'this quarter',
  'this year',
  'next month',
  'next quarter',
  'next 30 days',
  'next 90 days',
  'next 180 days',
] as const;

export type Ahead = (typeof AHEADS)[number];

const MONTHS = { month: 1, quarter: 3, year: 12 };

/** Returns the days of a period: of the calendar around `now`, or as many as asked after the last day that the forecast knew. */
export function rangeAhead(ahead: Ahead, asOf: string, now: Date): DateRange {
  const [which, what, unit] = ahead.split(' ') as ['this' | 'next', string, string | undefined];
  if (unit === 'days') {
    const first = Date.parse(asOf) + DAY_MS;
    return { start: toDay(first), end: toDay(first + Number(what) * DAY_MS) };
  }
  const months = MONTHS[what as keyof typeof MONTHS];
  const begun = Math.floor(now.getUTCMonth() / months) * months + (which === 'next' ? months : 0);
  const day = (month: number) => toDay(Date.UTC(now.getUTCFullYear(), month, 1));
  return { start: day(begun), end: day(begun + months) };
}

/** Returns the months of a range, the first and the last cut where it begins and ends. */
export function monthsOf({ start, end }: DateRange): DateRange[] {
  const months: DateRange[] = [];
  for (let first = start; first < end; ) {
    const next = toDay(Date.UTC(Number(first.slice(0, 4)), Number(first.slice(5, 7)), 1));
    months.push({ start: first, end: next < end ? next : end });
    first = next;
  }
  return months;
}

const DAY_MS = 86_400_000;

const toDay = (instant: number) => new Date(instant).toISOString().slice(0, 10);
