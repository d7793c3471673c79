import type { DateRange } from '../tool.ts';

/** Calendar arithmetic on UTC days written YYYY-MM-DD, which compare as text. Nothing here reads a clock. */

const DAY_MS = 86_400_000;

export const MONTH_NAMES = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
] as const;

export const WEEKDAY_NAMES = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'] as const;

const toMs = (day: string): number => Date.parse(`${day}T00:00:00Z`);

const fromMs = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

/** The UTC day of an instant. */
export const dayOf = (instant: Date): string => fromMs(instant.getTime());

export const yearOf = (day: string): number => Number(day.slice(0, 4));

/** 1 to 12. */
export const monthOf = (day: string): number => Number(day.slice(5, 7));

export const dayOfMonth = (day: string): number => Number(day.slice(8, 10));

/** 0 is Monday. */
export const weekdayOf = (day: string): number => (new Date(toMs(day)).getUTCDay() + 6) % 7;

export const daysInMonth = (year: number, month: number): number => new Date(Date.UTC(year, month, 0)).getUTCDate();

/** The day, or null when there is none such (30 February). */
export function makeDay(year: number, month: number, day: number): string | null {
  if (month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) return null;
  return fromMs(Date.UTC(year, month - 1, day));
}

export const firstOfMonth = (year: number, month: number): string => fromMs(Date.UTC(year, month - 1, 1));

export const addDays = (day: string, days: number): string => fromMs(toMs(day) + days * DAY_MS);

/** The same day of the month, `months` later; the month's last day when it is shorter. */
export function addMonths(day: string, months: number): string {
  const index = yearOf(day) * 12 + monthOf(day) - 1 + months;
  const year = Math.floor(index / 12);
  const month = (index % 12) + 1;
  return fromMs(Date.UTC(year, month - 1, Math.min(dayOfMonth(day), daysInMonth(year, month))));
}

/** Days from the first to the second, which may be negative. */
export const daysBetween = (from: string, to: string): number => Math.round((toMs(to) - toMs(from)) / DAY_MS);

export type CalendarUnit = 'day' | 'week' | 'month' | 'quarter' | 'half' | 'year';

export const MONTHS_IN = { month: 1, quarter: 3, half: 6, year: 12 } as const;

/** The first day of the unit that holds this day; weeks start on Monday. */
export function startOfUnit(day: string, unit: CalendarUnit): string {
  if (unit === 'day') return day;
  if (unit === 'week') return addDays(day, -weekdayOf(day));
  const months = MONTHS_IN[unit];
  return firstOfMonth(yearOf(day), Math.floor((monthOf(day) - 1) / months) * months + 1);
}

/** `count` units later (earlier when negative). */
export function addUnits(day: string, unit: CalendarUnit, count: number): string {
  if (unit === 'day') return addDays(day, count);
  if (unit === 'week') return addDays(day, 7 * count);
  return addMonths(day, MONTHS_IN[unit] * count);
}

const longDay = (day: string): string => `${dayOfMonth(day)} ${MONTH_NAMES[monthOf(day) - 1]} ${yearOf(day)}`;

/** A range in words, its last day included: '3 March 2026', 'March 2026', '2025', '10 to 14 November 2025'. */
export function describeRange({ start, end }: DateRange): string {
  const last = addDays(end, -1);
  if (last === start) return longDay(start);
  const year = yearOf(start);
  if (start === `${year}-01-01` && end === `${year + 1}-01-01`) return String(year);
  if (dayOfMonth(start) === 1 && end === addMonths(start, 1)) return `${MONTH_NAMES[monthOf(start) - 1]} ${year}`;
  if (dayOfMonth(start) === 1 && end === addMonths(start, 3) && monthOf(start) % 3 === 1) {
    return `Q${Math.ceil(monthOf(start) / 3)} ${year}`;
  }
  if (year !== yearOf(last)) return `${longDay(start)} to ${longDay(last)}`;
  if (monthOf(start) !== monthOf(last)) {
    return `${dayOfMonth(start)} ${MONTH_NAMES[monthOf(start) - 1]} to ${longDay(last)}`;
  }
  return `${dayOfMonth(start)} to ${longDay(last)}`;
}
