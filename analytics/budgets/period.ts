export type BudgetPeriod = 'month' | 'quarter' | 'year';

const MONTHS: Record<BudgetPeriod, number> = { month: 1, quarter: 3, year: 12 };

/** Returns the calendar month, quarter or year that a day (UTC, YYYY-MM-DD) lies in, `[start, end)`. */
export function periodAround(day: string, period: BudgetPeriod): { start: string; end: string } {
  const months = MONTHS[period];
  const index = Number(day.slice(0, 4)) * 12 + Number(day.slice(5, 7)) - 1;
  const first = index - (index % months);
  return { start: firstOfMonth(first), end: firstOfMonth(first + months) };
}

const firstOfMonth = (index: number): string =>
  new Date(Date.UTC(Math.floor(index / 12), index % 12, 1)).toISOString().slice(0, 10);
