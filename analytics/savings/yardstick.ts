import { addDecimals, type DecimalText, divideDecimals, multiplyDecimals } from '../money.ts';
import { type DayCharge, type Days, type Sums, sumDays, sumOf } from './charges.ts';
import { addDays, daysBetween, latest, weekdayOf } from './days.ts';
import { type ChangeKind, type Lever, leverOf } from './levers.ts';
import { SETTINGS } from './settings.ts';

/** What the charges of a change came to before it, and thereby what they would have come to after it. */
export interface Yardstick {
  lever: Lever;
  days: ReadonlyMap<string, Sums>;
  baseline: Days;
  before: Sums;
  baselineDays: number;
  /** Whether use is known and its unit price is what is compared; else whole weeks are. */
  byUnitPrice: boolean;
  /** How far the days of the baseline lie apart, their weekday aside: standard deviation as a share of the mean. */
  variation: number;
}

/** Why the bill cannot tell what a change saved. */
export interface Unmeasurable {
  reason: string;
}

/**
 * Returns what to measure a change against: up to four whole weeks before it, begun anew where the resource or its last change is
 * younger.
 * @param notBefore first day of which the charges say what they cost before the change
 */
export function yardstickOf(
  change: { kind: ChangeKind; date: string },
  charges: readonly DayCharge[],
  notBefore: string,
): Yardstick | Unmeasurable {
  const lever = leverOf(
    change.kind,
    charges.map(({ usageType }) => usageType),
  );
  const first = latest(addDays(change.date, -7 * SETTINGS.weeks), notBefore);
  const weeks = Math.floor(daysBetween(first, change.date) / 7);
  if (weeks < 1) return { reason: 'It cost something for less than a week before the change.' };
  const baseline = { start: addDays(change.date, -7 * weeks), end: change.date };
  const days = sumDays(charges, lever);
  const before = sumOf(days, baseline);
  if (Number(before.effective) === 0 && Number(before.list) === 0) {
    return { reason: `The bill shows no such charges in the ${7 * weeks} days before the change.` };
  }
  const byUnitPrice = Number(before.used) > 0;
  const variation = variationOf(days, baseline, byUnitPrice);
  return { lever, days, baseline, before, baselineDays: 7 * weeks, byUnitPrice, variation };
}

/** What the charges came to in some days, and what they would have come to without the change. */
export interface Comparison {
  days: number;
  actual: Sums;
  expected: DecimalText;
  expectedList: DecimalText;
}

/** Returns the comparison of some whole weeks, or of single days by their weekday. */
export function compare(yardstick: Yardstick, window: Days): Comparison {
  const actual = sumOf(yardstick.days, window);
  const days = daysBetween(window.start, window.end);
  const { before, byUnitPrice, baselineDays } = yardstick;
  const [amount, of] = byUnitPrice ? [actual.used, before.used] : [String(days), String(baselineDays)];
  const scaled = (cost: DecimalText) => divideDecimals(multiplyDecimals(cost, amount), of);
  return { days, actual, expected: scaled(before.effective), expectedList: scaled(before.list) };
}

/** Returns what share of the expected cost a day saved; undefined when nothing was expected. Weekdays are compared with their like. */
export function savedShareOn(yardstick: Yardstick, day: string): number | undefined {
  const { days, before, byUnitPrice } = yardstick;
  const actual = sumOf(days, { start: day, end: addDays(day, 1) });
  const expected = byUnitPrice
    ? (Number(before.effective) / Number(before.used)) * Number(actual.used)
    : meanOn(yardstick, weekdayOf(day));
  return expected > 0 ? 1 - Number(actual.effective) / expected : undefined;
}

/** Returns what share of the expected cost some whole weeks saved; undefined when nothing was expected. */
export function savedShare({ expected, actual }: Comparison): number | undefined {
  return Number(expected) > 0 ? 1 - Number(actual.effective) / Number(expected) : undefined;
}

function meanOn({ days, baseline, baselineDays }: Yardstick, weekday: number): number {
  const costs: DecimalText[] = [];
  for (let day = baseline.start; day < baseline.end; day = addDays(day, 1)) {
    if (weekdayOf(day) === weekday) costs.push(days.get(day)?.effective ?? '0');
  }
  return Number(addDecimals(...costs)) / (baselineDays / 7);
}

/** The residual of each day from the mean of its weekday, of costs or of unit prices. */
function variationOf(days: ReadonlyMap<string, Sums>, { start, end }: Days, byUnitPrice: boolean): number {
  const byWeekday = new Map<number, number[]>();
  for (let day = start; day < end; day = addDays(day, 1)) {
    const { effective, used } = days.get(day) ?? { effective: '0', used: '0' };
    if (byUnitPrice && Number(used) === 0) continue;
    const value = byUnitPrice ? Number(effective) / Number(used) : Number(effective);
    byWeekday.set(weekdayOf(day), [...(byWeekday.get(weekdayOf(day)) ?? []), value]);
  }
  const values = [...byWeekday.values()];
  const residuals = values.flatMap((own) => own.map((value) => value - mean(own)));
  const level = mean(values.flat());
  return level === 0 ? 0 : Math.sqrt(mean(residuals.map((residual) => residual ** 2))) / level;
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
