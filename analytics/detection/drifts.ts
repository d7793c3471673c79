import { addDecimals, compareDecimals, subtractDecimals } from '../money.ts';
import { COST_DETECTION_SETTINGS, type CostDetectionSettings } from './cost-settings.ts';
import { DAY_MS, dateAt } from './days.ts';
import type { CostDay, CostIncident, CostSeries, IncidentDay } from './incidents.ts';

const WEEK = 7;
/** The weeks that must rise one after another, and those before them that show the old course. */
const RISING_WEEKS = 4;
const OLD_WEEKS = 8;
const NEEDED_DAYS = WEEK * (RISING_WEEKS + OLD_WEEKS);
/** No week of a slow rise has more than this share of it, or less than that one: a step has all of it in one. */
const MOST_IN_A_WEEK = 0.6;
const LEAST_IN_A_WEEK = 0.1;
const MAD_TO_DEVIATION = 1.4826;
/** As for single days: bills of fixed prices hardly deviate, and 2 percent of a week are no surprise. */
const LEAST_DEVIATION_SHARE = 0.02;

/** The course that the weeks before took: a straight line through their sums. */
interface Course {
  /** Day (as its number since 1970) at the end of the last week of the old course. */
  untilDay: number;
  /** The cost of that week on the line, what a week adds, and the usual distance of a week from the line. */
  level: number;
  slope: number;
  deviation: number;
}

interface NumberedDay extends CostDay {
  day: number;
}

/**
 * Returns the slow rises of one series, oldest first: cost that grows week after week beyond the course of the weeks before it, too slowly
 * for any day to be an incident. Weekly sums know no weekdays. The old course is a line through eight weeks (slopes by their median: P. K.
 * Sen, JASA 63, 1968); a falling one counts as level. As with incidents only a day and earlier ones are used, the course is frozen
 * when the rise is found, and days of `incidents` of the series belong to those.
 */
export function detectDrifts(
  series: CostSeries,
  incidents: readonly CostIncident[],
  settings: CostDetectionSettings = COST_DETECTION_SETTINGS,
): CostIncident[] {
  const lastSettled = Date.parse(series.dataThrough) / DAY_MS - settings.unsettledDays;
  const days = series.days
    .map(({ date, cost }) => ({ date, cost, day: dateAt(date).getTime() / DAY_MS }))
    .filter(({ day }) => day <= lastSettled);
  const told = incidents.map(({ detectedDate, endDate }) =>
    [detectedDate, endDate].map((date) => Date.parse(date) / DAY_MS),
  );
  const sums = prefixSums(days);
  const found: CostIncident[] = [];
  for (let index = NEEDED_DAYS; index <= days.length; index++) {
    const [first, last] = [days[index - NEEDED_DAYS] as NumberedDay, days[index - 1] as NumberedDay];
    if (last.day - first.day !== NEEDED_DAYS - 1 || !rises(sums, index)) continue;
    const course = courseBefore(sums, index, last.day);
    if (!isBeyond(sums, index, course, settings)) continue;
    const rising = last.day - RISING_WEEKS * WEEK;
    if (told.some(([from = 0, to = 0]) => from <= last.day && to > rising - WEEK)) continue;
    const { drift, resumeAt } = follow(days, index, course, settings, series);
    if (compareDecimals(drift.impact, settings.leastImpact) < 0) continue;
    found.push(drift);
    index = resumeAt + NEEDED_DAYS - RISING_WEEKS * WEEK;
  }
  return found;
}

/** `sums[n]` is the cost of the first n days. */
function prefixSums(days: readonly CostDay[]): Float64Array {
  const sums = new Float64Array(days.length + 1);
  for (const [index, { cost }] of days.entries()) sums[index + 1] = (sums[index] as number) + Number(cost);
  return sums;
}

/** The cost of the week so many weeks before the day at `end`. */
const weekBefore = (sums: Float64Array, end: number, weeks: number): number =>
  (sums[end - WEEK * weeks] as number) - (sums[end - WEEK * (weeks + 1)] as number);

/** Whether the last weeks rose one after another, none with nearly all of it. */
function rises(sums: Float64Array, end: number): boolean {
  const total = weekBefore(sums, end, 0) - weekBefore(sums, end, RISING_WEEKS);
  if (total <= 0) return false;
  for (let week = 0; week < RISING_WEEKS; week++) {
    const share = (weekBefore(sums, end, week) - weekBefore(sums, end, week + 1)) / total;
    if (share < LEAST_IN_A_WEEK || share > MOST_IN_A_WEEK) return false;
  }
  return true;
}

function courseBefore(sums: Float64Array, end: number, lastDay: number): Course {
  const weeks = Array.from({ length: OLD_WEEKS }, (_, index) =>
    weekBefore(sums, end, RISING_WEEKS + OLD_WEEKS - 1 - index),
  );
  const slopes = weeks.flatMap((later, index) =>
    weeks.slice(0, index).map((earlier, before) => (later - earlier) / (index - before)),
  );
  const slope = Math.max(0, medianOf(slopes));
  const level = medianOf(weeks.map((week, index) => week + slope * (OLD_WEEKS - 1 - index)));
  const distances = weeks.map((week, index) => Math.abs(week - (level - slope * (OLD_WEEKS - 1 - index))));
  const deviation = Math.max(MAD_TO_DEVIATION * medianOf(distances), LEAST_DEVIATION_SHARE * level);
  return { untilDay: lastDay - RISING_WEEKS * WEEK, level, slope, deviation };
}

/** Unlikely and relatively large, by the last week against the course. */
function isBeyond(sums: Float64Array, end: number, course: Course, settings: CostDetectionSettings): boolean {
  const expected = course.level + course.slope * RISING_WEEKS;
  const excess = weekBefore(sums, end, 0) - expected;
  return (
    excess >= settings.leastDeviations * course.deviation && excess >= (settings.leastDriftPercent / 100) * expected
  );
}

/** The rise from its first day over its course, for as long as it stays over it and is not the level yet. */
function follow(
  days: readonly NumberedDay[],
  found: number,
  course: Course,
  settings: CostDetectionSettings,
  { dataFrom, verdicts = [] }: CostSeries,
): { drift: CostIncident; resumeAt: number } {
  const before = found - WEEK * RISING_WEEKS;
  const factors = weekdayFactors(days.slice(before - WEEK * OLD_WEEKS, before));
  const judged = days.slice(before).map((day) => ({ ...day, ...expectedOf(day, course, factors) }));
  // Only by the days until it was found, so that it begins on the same day in every run.
  const rising = judged.slice(0, WEEK * RISING_WEEKS);
  const start = rising.findIndex((day, index) => isOver(day) && rising.slice(index, index + WEEK).every(isOver));
  const deviating: typeof judged = [];
  let closed: Pick<CostIncident, 'closedBecause' | 'closedDate'> = { closedBecause: null, closedDate: null };
  let back = 0;
  let end = before + Math.max(0, start);
  for (const day of judged.slice(Math.max(0, start))) {
    end += 1;
    const isBack = end > found && day.excess <= (settings.leastDriftPercent / 200) * day.expected;
    back = isBack ? back + 1 : 0;
    if (!isBack) deviating.push(day);
    const startDate = deviating[0]?.date ?? day.date;
    const isCalledExpected = verdicts.some(
      (said) =>
        said.verdict === 'expected' &&
        said.date <= day.date &&
        said.startDate >= startDate &&
        said.startDate <= day.date,
    );
    if (end >= found && isCalledExpected) closed = { closedBecause: 'verdict', closedDate: day.date };
    if (back >= WEEK) closed = { closedBecause: 'back_to_expected', closedDate: day.date };
    if (end >= found + settings.newLevelAfterDays) closed = { closedBecause: 'new_level', closedDate: day.date };
    if (closed.closedBecause !== null) break;
  }
  return {
    drift: {
      ...summarised(deviating, course),
      ...closed,
      status: closed.closedBecause === null ? 'open' : 'closed',
      detectedDate: days[found - 1]?.date ?? dataFrom,
    },
    resumeAt: end,
  };
}

interface ExpectedDay extends IncidentDay {
  expected: number;
  excess: number;
}

const isOver = ({ excess }: ExpectedDay): boolean => excess > 0;

function expectedOf({ day, date, cost }: NumberedDay, course: Course, factors: readonly number[]): ExpectedDay {
  const weeks = (day - course.untilDay + (WEEK - 1) / 2) / WEEK;
  const factor = factors[new Date(day * DAY_MS).getUTCDay()] ?? 1;
  const expected = Math.max(0, ((course.level + course.slope * weeks) / WEEK) * factor);
  return {
    date,
    cost,
    expectedCost: String(Math.round(expected * 100) / 100),
    expected,
    excess: Number(cost) - expected,
  };
}

/** What each weekday costs of a seventh of its week. */
function weekdayFactors(days: readonly NumberedDay[]): number[] {
  const total = days.reduce((sum, { cost }) => sum + Number(cost), 0);
  return Array.from({ length: WEEK }, (_, weekday) => {
    const own = days.filter(({ day }) => new Date(day * DAY_MS).getUTCDay() === weekday);
    return total <= 0 ? 1 : (own.reduce((sum, { cost }) => sum + Number(cost), 0) * WEEK) / total;
  });
}

function summarised(days: readonly ExpectedDay[], course: Course): CostIncident {
  const peak = days.reduce((peak, day) => (day.excess > peak.excess ? day : peak));
  const cost = addDecimals(...days.map((day) => day.cost));
  const expectedCost = addDecimals(...days.map((day) => day.expectedCost));
  return {
    kind: 'drift',
    status: 'open',
    closedBecause: null,
    closedDate: null,
    startDate: days[0]?.date ?? peak.date,
    detectedDate: peak.date,
    endDate: days.at(-1)?.date ?? peak.date,
    days: days.length,
    cost,
    expectedCost,
    impact: subtractDecimals(cost, expectedCost),
    peakDate: peak.date,
    peakCost: peak.cost,
    peakExpectedCost: peak.expectedCost,
    peakDeviations: Math.round((10 * peak.excess * WEEK) / course.deviation) / 10,
    peakPercent: peak.expected === 0 ? null : Math.round((1000 * peak.excess) / peak.expected) / 10,
    byDay: days.map(({ date, cost: spent, expectedCost: expected }) => ({ date, cost: spent, expectedCost: expected })),
  };
}

function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  const upper = sorted[sorted.length >> 1] ?? 0;
  return sorted.length % 2 === 1 ? upper : ((sorted[(sorted.length >> 1) - 1] ?? 0) + upper) / 2;
}
