import { addDecimals, type DecimalText } from '../money.ts';
import { addDays } from './days.ts';
import type { Lever } from './levers.ts';

/** What one kind of use of a resource cost on one day, tax and credits left out. Money is decimal text in one currency. */
export interface DayCharge {
  /** UTC day, YYYY-MM-DD. */
  day: string;
  usageType: string | null;
  effectiveCost: DecimalText;
  /** Null where the bill does not say. */
  listCost: DecimalText | null;
  /** The part of the effective cost that a commitment pays for. */
  coveredCost: DecimalText;
  quantity: DecimalText;
}

/** `[start, end)` in UTC days. */
export interface Days {
  start: string;
  end: string;
}

/** What the charges that a change touches come to. */
export interface Sums {
  effective: DecimalText;
  list: DecimalText;
  covered: DecimalText;
  /** What was used; '0' where nothing says it. */
  used: DecimalText;
}

export const NOTHING: Sums = { effective: '0', list: '0', covered: '0', used: '0' };

/** Returns the sums of each day that has a charge which the lever touches or which says what was used. */
export function sumDays(charges: readonly DayCharge[], lever: Lever): Map<string, Sums> {
  const days = new Map<string, Sums>();
  for (const charge of charges) {
    const isTouched = lever.touches(charge.usageType);
    const drives = lever.drives?.(charge.usageType) === true;
    if (!isTouched && !drives) continue;
    const one: Sums = {
      effective: isTouched ? charge.effectiveCost : '0',
      list: isTouched ? (charge.listCost ?? charge.effectiveCost) : '0',
      covered: isTouched ? charge.coveredCost : '0',
      used: drives ? charge.quantity : '0',
    };
    days.set(charge.day, addSums(days.get(charge.day) ?? NOTHING, one));
  }
  return days;
}

/** Returns the sums of a stretch of days. */
export function sumOf(days: ReadonlyMap<string, Sums>, { start, end }: Days): Sums {
  let sum = NOTHING;
  for (let day = start; day < end; day = addDays(day, 1)) sum = addSums(sum, days.get(day) ?? NOTHING);
  return sum;
}

function addSums(one: Sums, other: Sums): Sums {
  return {
    effective: addDecimals(one.effective, other.effective),
    list: addDecimals(one.list, other.list),
    covered: addDecimals(one.covered, other.covered),
    used: addDecimals(one.used, other.used),
  };
}
