const dates = new Map<string, Date>();

/** Returns midnight (UTC) of a day, YYYY-MM-DD. Kept: the same days come with every series, and to read them is a fifth of the work. */
export function dateAt(day: string): Date {
  const known = dates.get(day);
  if (known !== undefined) return known;
  const date = new Date(`${day}T00:00:00Z`);
  dates.set(day, date);
  return date;
}

export const DAY_MS = 86_400_000;
