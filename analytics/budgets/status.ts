import {
  addDecimals,
  compareDecimals,
  type DecimalText,
  divideDecimals,
  multiplyDecimals,
  subtractDecimals,
} from '../money.ts';

/** How budgets are judged. `version` is stored with each alert. */
export const SETTINGS = {
  version: '1',
  /** The newest days of a bill that may still change. */
  unsettledDays: 2,
  /** The settled days whose average is the pace: whole weeks, so that weekends count as often as they are. */
  paceDays: 7,
  /** Fees of the first of a month say nothing of its pace. */
  leastDays: 3,
} as const;

/** What is known of a budget in one of its periods. Money is decimal text in the currency of the budget. */
export interface BudgetInputs {
  /** `[start, end)` in UTC days. */
  period: { start: string; end: string };
  /** The last day of the bill. */
  dataThrough: string;
  /** What the budget allows; null when it follows a forecast and there is none yet. */
  limit: DecimalText | null;
  /** What was spent in the period so far. */
  spent: DecimalText;
  /** What the days of the period that the bill does not hold yet are forecast to cost; null when nobody forecast them all. */
  forecastRest: DecimalText | null;
  /** What the last settled days came to, `paceDays` of them; null when the bill holds fewer. */
  paceTotal: DecimalText | null;
  /** Shares of the limit, in percent, at which people are told. */
  thresholdPercents: readonly DecimalText[];
}

export interface Crossing {
  kind: 'actual' | 'forecast' | 'burn rate';
  thresholdPercent: DecimalText;
  /** What was, or is to be, spent by the end of the period. */
  amount: DecimalText;
}

/** How a budget stands. Percent are shares of the limit; null is unknown. */
export interface BudgetStatus {
  spentPercent: DecimalText | null;
  remaining: DecimalText | null;
  forecast: DecimalText | null;
  forecastPercent: DecimalText | null;
  /** The pace of the last settled days as a share of an even one: at 100 the budget lasts just to the end of the period. */
  burnRatePercent: DecimalText | null;
  /** What the period comes to at that pace. */
  paceEnd: DecimalText | null;
  /** The day on which the budget is used up at that pace, when that is before the end of the period. */
  usedUpOn: string | null;
  daysLeft: number;
  crossings: Crossing[];
}

const DAY_MS = 86_400_000;
const addDays = (day: string, days: number): string =>
  new Date(Date.parse(day) + days * DAY_MS).toISOString().slice(0, 10);
const daysBetween = (from: string, to: string): number => Math.round((Date.parse(to) - Date.parse(from)) / DAY_MS);

/** Returns how a budget stands, and which of its thresholds are crossed. */
export function statusOf(inputs: BudgetInputs): BudgetStatus {
  const { period, dataThrough, limit, spent, forecastRest, paceTotal } = inputs;
  const nextDay = addDays(dataThrough, 1);
  const daysLeft = Math.max(0, daysBetween(nextDay, period.end));
  const days = daysBetween(period.start, period.end);
  const isOver = daysLeft === 0;
  const forecast = isOver ? spent : forecastRest === null ? null : addDecimals(spent, forecastRest);
  const pace = paceTotal === null ? null : divideDecimals(paceTotal, String(SETTINGS.paceDays));
  const paceEnd = isOver ? spent : pace === null ? null : addDecimals(spent, multiplyDecimals(pace, String(daysLeft)));
  const percentOf = (amount: DecimalText | null): DecimalText | null =>
    amount === null || limit === null ? null : divideDecimals(multiplyDecimals(amount, '100'), limit, 4);
  const status = {
    spentPercent: percentOf(spent),
    remaining: limit === null ? null : subtractDecimals(limit, spent),
    forecast,
    forecastPercent: percentOf(forecast),
    burnRatePercent: pace === null ? null : percentOf(multiplyDecimals(pace, String(days))),
    paceEnd,
    usedUpOn:
      limit === null || pace === null || isOver ? null : usedUpOn({ limit, spent, pace, nextDay, end: period.end }),
    daysLeft,
  };
  const settled = daysBetween(period.start, addDays(nextDay, -SETTINGS.unsettledDays));
  return {
    ...status,
    crossings: crossingsOf(inputs, { ...status, isOver, settled, paceEndPercent: percentOf(paceEnd) }),
  };
}

function usedUpOn({
  limit,
  spent,
  pace,
  nextDay,
  end,
}: Record<'limit' | 'spent' | 'pace' | 'nextDay' | 'end', string>): string | null {
  const left = subtractDecimals(limit, spent);
  if (compareDecimals(left, '0') <= 0) return null;
  if (compareDecimals(pace, '0') <= 0) return null;
  const day = addDays(nextDay, Math.min(Math.floor(Number(left) / Number(pace)), 5000));
  return day < end ? day : null;
}

interface Judged extends Omit<BudgetStatus, 'crossings'> {
  isOver: boolean;
  settled: number;
  paceEndPercent: DecimalText | null;
}

/**
 * That half of a budget is spent is worth a word, that half of it will be is none: forecast and pace are held to the thresholds from
 * 100 percent on, and to 100 where there is none.
 */
function crossingsOf({ thresholdPercents, spent }: BudgetInputs, judged: Judged): Crossing[] {
  const thresholds = thresholdPercents.toSorted(compareDecimals);
  const whole = thresholds.filter((threshold) => compareDecimals(threshold, '100') >= 0);
  const ahead = whole.length > 0 ? whole : ['100'];
  const reaches = (percent: DecimalText | null) => (threshold: DecimalText) =>
    percent !== null && compareDecimals(percent, threshold) >= 0;
  const crossing = (kind: Crossing['kind'], amount: DecimalText | null) => (thresholdPercent: DecimalText) =>
    amount === null ? [] : [{ kind, thresholdPercent, amount }];
  const { forecast, forecastPercent, burnRatePercent, paceEnd, paceEndPercent, isOver, settled } = judged;
  const isTelling = !isOver && settled >= SETTINGS.leastDays;
  return [
    ...thresholds.filter(reaches(judged.spentPercent)).flatMap(crossing('actual', spent)),
    ...(isOver ? [] : ahead.filter(reaches(forecastPercent)).flatMap(crossing('forecast', forecast))),
    ...(isTelling
      ? ahead.filter(reaches(burnRatePercent)).filter(reaches(paceEndPercent)).flatMap(crossing('burn rate', paceEnd))
      : []),
  ];
}
