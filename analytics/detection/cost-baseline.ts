/** What a day was expected to cost from the days before it. */
export interface CostExpectation {
  expected: number;
  /** The usual distance from it; never below 2 percent of it, as bills of fixed prices have none. */
  deviation: number;
}

/** A baseline over days of one series that can be asked about a day, taught one, and frozen by not being taught. */
export interface CostBaseline {
  /** How many days it was taught. */
  days: number;
  expect(date: Date): CostExpectation;
  learn(date: Date, cost: number): void;
  /**
   * Remembers that a day stood out, without teaching the level: what stands out on that day of two months becomes expected, and what
   * stands out every few days is no longer unlikely.
   */
  remember(date: Date, excess: number): void;
  /** Moves the level by the median of these amounts, and keeps what is known of weekdays, months and residuals. */
  shift(amounts: readonly number[]): void;
}

const LEVEL_DAYS = 14;
const RESIDUAL_DAYS = 56;
const WEEKS = 8;
const LEAST_WEEKS = 2;
const MONTHS = 3;
const LEAST_MONTHS = 2;
const LEAST_SHARE = 0.02;
const MOST_DRIFT_SHARE = 0.1;
const LEAST_DEVIATION = 0.01;
const MAD_TO_DEVIATION = 1.4826;

/**
 * Returns an empty baseline: the median of the last 14 days without their weekday's factor, carried on by the drift from the 14 days before;
 * times the median factor of that weekday over eight weeks; plus what that day of the month cost more in the months before. Its deviation
 * is the median absolute residual of 56 days, or half of what every twentieth exceeds, for costs that come and go. Medians, so single days move nothing (F. R. Hampel, JASA 69, 1974).
 */
export function createCostBaseline(): CostBaseline {
  const factors = Array.from({ length: 7 }, () => 1);
  const ratios: number[][] = Array.from({ length: 7 }, () => []);
  const costs: number[][] = Array.from({ length: 7 }, () => []);
  const leveled: number[] = [];
  const residuals: number[] = [];
  const monthly = new Map<number, number[]>();
  // Of the days taught so far; brought up to date with each.
  let recent = 0;
  let level = 0;
  let usualDeviation = 0;

  // Where most days cost nothing a factor says nothing; what that weekday cost does.
  const ofWeekday = (weekday: number): number => {
    if (level > 0) return level * (factors[weekday] ?? 1);
    const seen = costs[weekday] ?? [];
    return seen.length < LEAST_WEEKS ? level : median(seen);
  };
  const ofMonth = (date: Date): number => {
    const seen = monthly.get(date.getUTCDate()) ?? [];
    return seen.length < LEAST_MONTHS ? 0 : median(seen);
  };
  return {
    days: 0,
    expect(date) {
      const expected = ofWeekday(date.getUTCDay()) + ofMonth(date);
      return { expected, deviation: Math.max(usualDeviation, LEAST_SHARE * Math.abs(expected), LEAST_DEVIATION) };
    },
    learn(date, cost) {
      const weekday = date.getUTCDay();
      const usual = cost - ofMonth(date);
      const remembered = monthly.get(date.getUTCDate());
      // A fee that stays away is forgotten in the months after.
      if (remembered !== undefined) keep(remembered, cost - ofWeekday(weekday), MONTHS);
      if (leveled.length > 0) keep(residuals, Math.abs(cost - this.expect(date).expected), RESIDUAL_DAYS);
      const now = leveled.length === 0 ? usual : recent;
      const seen = ratios[weekday] ?? [];
      keep(costs[weekday] ?? [], usual, WEEKS);
      if (now > 0) keep(seen, usual / now, WEEKS);
      if (seen.length >= LEAST_WEEKS) factors[weekday] = Math.max(LEAST_SHARE, median(seen));
      keep(leveled, usual / (factors[weekday] ?? 1), 2 * LEVEL_DAYS);
      recent = median(leveled, Math.max(0, leveled.length - LEVEL_DAYS), leveled.length);
      level = carriedOn(leveled, recent);
      usualDeviation = deviationOf(residuals);
      this.days += 1;
    },
    remember(date, excess) {
      keep(residuals, Math.abs(excess), RESIDUAL_DAYS);
      usualDeviation = deviationOf(residuals);
      const seen = monthly.get(date.getUTCDate()) ?? [];
      // What is known already of that day was part of what was expected of it.
      keep(seen, excess + ofMonth(date), MONTHS);
      monthly.set(date.getUTCDate(), seen);
    },
    shift(amounts) {
      const by = median(amounts);
      for (const list of [leveled, ...costs]) list.splice(0, list.length, ...list.map((value) => value + by));
      recent += by;
      level += by;
    },
  };
}

function keep(list: number[], value: number, most: number): void {
  list.push(value);
  if (list.length > most) list.shift();
}

/** The level of the next day: what moves more than a tenth in two weeks is a step, which ends, and no growth, which goes on. */
function carriedOn(leveled: readonly number[], recent: number): number {
  if (leveled.length < 2 * LEVEL_DAYS) return recent;
  const most = MOST_DRIFT_SHARE * Math.abs(recent);
  return recent + Math.max(-most, Math.min(most, (recent - median(leveled, 0, LEVEL_DAYS)) / 2));
}

function deviationOf(residuals: readonly number[]): number {
  if (residuals.length === 0) return 0;
  const usual = median(residuals) * MAD_TO_DEVIATION;
  // `median` leaves them sorted in `scratch`.
  return Math.max(usual, (scratch[Math.floor(0.95 * residuals.length)] as number) / 2);
}

const scratch = new Float64Array(RESIDUAL_DAYS);

/** The median of `values[start..end)`, 0 of none; at most 56 of them. */
function median(values: readonly number[], start = 0, end = values.length): number {
  const count = end - start;
  if (count === 0) return 0;
  for (let index = 0; index < count; index++) {
    const value = values[start + index] as number;
    let place = index;
    for (; place > 0 && (scratch[place - 1] as number) > value; place--) scratch[place] = scratch[place - 1] as number;
    scratch[place] = value;
  }
  const upper = scratch[count >> 1] as number;
  return count % 2 === 1 ? upper : ((scratch[(count >> 1) - 1] as number) + upper) / 2;
}
