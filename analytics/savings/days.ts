/** Calendar arithmetic on UTC days written YYYY-MM-DD, which compare as text. */

const DAY_MS = 86_400_000;

export const addDays = (day: string, days: number): string =>
  new Date(Date.parse(day) + days * DAY_MS).toISOString().slice(0, 10);

/** Days from the first day to the other; negative when that lies before. */
export const daysBetween = (from: string, to: string): number =>
  Math.round((Date.parse(to) - Date.parse(from)) / DAY_MS);

/** 0 is Sunday. */
export const weekdayOf = (day: string): number => new Date(day).getUTCDay();

export const earliest = (...days: string[]): string => days.toSorted()[0] ?? '';
export const latest = (...days: string[]): string => days.toSorted().at(-1) ?? '';
