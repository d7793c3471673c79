import { medianOf } from './statistics.ts';

/** One day of cost: what goes on steadily, and what comes once or twice a month, such as tax or a fee. */
export interface CostDay {
  date: string;
  steady: number;
  recurring: number;
}

/** What comes each month as a share of what is spent steadily, and on which day. */
export interface Recurring {
  /** Of the steady cost of its month; the middle of the last three whole months. */
  share: number;
  /** The amount of a month instead, where there is little steady cost to be a share of; then `share` is 0. */
  amount: number;
  dayOfMonth: number;
}

const MONTHS = 3;
/** What is as large as the rest of the month is not a share of it. */
const MOST_SHARE = 1;

/** Returns what recurs in the last whole months before `asOf`; a charge of one month alone does not. */
export function recurringOf(days: readonly CostDay[], asOf: string): Recurring {
  const months = new Map<string, { steady: number; recurring: number }>();
  const present = nextDay(asOf).slice(0, 7);
  for (const { date, steady, recurring } of days) {
    const month = date.slice(0, 7);
    if (month >= present) continue;
    const sums = months.get(month) ?? { steady: 0, recurring: 0 };
    months.set(month, { steady: sums.steady + steady, recurring: sums.recurring + recurring });
  }
  const last = [...months].sort(([one], [other]) => (one < other ? 1 : -1)).slice(0, MONTHS);
  const largest = days.filter(({ recurring }) => recurring !== 0).at(-1);
  const share = medianOf(last.map(([, { steady, recurring }]) => (steady > 0 ? recurring / steady : MOST_SHARE)));
  const isShare = share < MOST_SHARE;
  return {
    share: isShare ? share : 0,
    amount: isShare ? 0 : medianOf(last.map(([, { recurring }]) => recurring)),
    dayOfMonth: Number(largest?.date.slice(8) ?? 1),
  };
}

/**
 * Returns what recurs on each of the days ahead: its share of the month's steady cost, as forecast or, of the month under way, as it was
 * so far. What came already this month does not come again.
 */
export function recurringAhead(
  { share, amount, dayOfMonth }: Recurring,
  past: readonly CostDay[],
  ahead: readonly { date: string; steady: number }[],
): number[] {
  const sums = new Map<string, number>();
  const days = new Map<string, number>();
  for (const { date, steady } of [...past, ...ahead]) {
    const month = date.slice(0, 7);
    sums.set(month, (sums.get(month) ?? 0) + steady);
    days.set(month, (days.get(month) ?? 0) + 1);
  }
  const came = new Set(past.filter(({ recurring }) => recurring !== 0).map(({ date }) => date.slice(0, 7)));
  return ahead.map(({ date }) => {
    const month = date.slice(0, 7);
    const last = lastDayOf(month);
    if (came.has(month) || Number(date.slice(8)) !== Math.min(dayOfMonth, last)) return 0;
    // Of a month that the forecast does not reach the end of, the days known stand for all.
    return amount + (share * (sums.get(month) ?? 0) * last) / Math.min(last, days.get(month) ?? last);
  });
}

const lastDayOf = (month: string) =>
  new Date(Date.UTC(Number(month.slice(0, 4)), Number(month.slice(5)), 0)).getUTCDate();

/** The day after a day, YYYY-MM-DD. */
export const nextDay = (date: string, by = 1): string =>
  new Date(Date.parse(date) + by * 86_400_000).toISOString().slice(0, 10);
