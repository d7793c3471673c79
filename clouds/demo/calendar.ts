import { PennyError } from '../../errors.ts';

const DAY_MS = 86_400_000;

/** A billing month of the estate: `[firstDay, endDay)` as day numbers; the last month may end before the calendar month does. */
export interface Month {
  /** YYYY-MM */
  id: string;
  firstDay: number;
  endDay: number;
  /** First day of the month and of the next one, YYYY-MM-DD. */
  start: string;
  end: string;
  daysInMonth: number;
  /** AWS issues invoices within days of the month's end; until then a line has no invoice id. */
  invoiced: boolean;
}

/** The days the estate covers, numbered from 0; `days` is the first day not covered, which is the day of `now`. */
export interface Calendar {
  now: Date;
  days: number;
  months: Month[];
  /** The last month whose days are all covered. */
  lastFullMonth: Month;
  /** YYYY-MM-DD of a day number. */
  date(day: number): string;
  /** 0 = Sunday. */
  weekday(day: number): number;
  /** The day number `count` days before today: `ago(1)` is yesterday, the last day covered. */
  ago(count: number): number;
}

/**
 * The calendar that ends with the day before `now` (UTC) and starts `months` billing months earlier, the month of the last
 * day included.
 * @throws PennyError `invalid_input` when months is not a whole number from 2 to 60
 */
export function calendar(now: Date, months: number): Calendar {
  if (!Number.isInteger(months) || months < 2 || months > 60) {
    throw new PennyError('invalid_input', 'The number of months must be a whole number from 2 to 60.');
  }
  const today = Math.floor(now.getTime() / DAY_MS);
  const last = new Date((today - 1) * DAY_MS);
  const origin = utcDay(last.getUTCFullYear(), last.getUTCMonth() - months + 1);
  const list = Array.from({ length: months }, (_, index) =>
    month(last.getUTCFullYear(), last.getUTCMonth() - months + 1 + index, origin, today, now),
  );
  const full = list.filter((one) => one.endDay - one.firstDay === one.daysInMonth);
  const days = today - origin;
  return {
    now,
    days,
    months: list,
    lastFullMonth: full.at(-1) as Month,
    date: (day) => new Date((origin + day) * DAY_MS).toISOString().slice(0, 10),
    weekday: (day) => (origin + day + 4) % 7,
    ago: (count) => days - count,
  };
}

function month(year: number, index: number, origin: number, today: number, now: Date): Month {
  const first = utcDay(year, index);
  const next = utcDay(year, index + 1);
  const iso = (day: number) => new Date(day * DAY_MS).toISOString().slice(0, 10);
  return {
    id: iso(first).slice(0, 7),
    firstDay: first - origin,
    endDay: Math.min(next, today) - origin,
    start: iso(first),
    end: iso(next),
    daysInMonth: next - first,
    invoiced: now.getTime() >= (next + 5) * DAY_MS,
  };
}

function utcDay(year: number, monthIndex: number): number {
  return Date.UTC(year, monthIndex, 1) / DAY_MS;
}
