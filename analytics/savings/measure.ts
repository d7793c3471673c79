import { type DecimalText, divideDecimals, multiplyDecimals, roundDecimal, subtractDecimals } from '../money.ts';
import type { DayCharge, Days } from './charges.ts';
import { addDays, daysBetween, earliest } from './days.ts';
import type { ChangeKind } from './levers.ts';
import { SETTINGS } from './settings.ts';
import {
  type Comparison,
  compare,
  savedShare,
  savedShareOn,
  type Unmeasurable,
  type Yardstick,
  yardstickOf,
} from './yardstick.ts';

/** A change whose saving is asked for. */
export interface Change {
  kind: ChangeKind;
  /** First day (UTC) with the new state, whole or in part. */
  date: string;
}

/** Which days of the bill say something. */
export interface Bounds {
  /** First day on which the resource was as it was before the change. */
  notBefore: string;
  /** The day it was changed again, if it was. */
  changedAgainOn?: string | undefined;
  /** First day that may still change on the bill. */
  settledEnd: string;
}

export type Confidence = 'low' | 'medium' | 'high';

/** What the bill shows was saved. Money is decimal text in the currency of the charges, a month is 730 hours. */
export interface Measured {
  /** Negative when it costs more. Net of commitments: what of them lies idle since is not saved. */
  monthlySavings: DecimalText;
  /** The same at list prices. */
  listMonthlySavings: DecimalText;
  /** What of the commitments that paid for it before is unused since, a month; '0' where none did. */
  idleCommitment: DecimalText;
  confidence: Confidence;
  basis: string;
  baseline: Days;
  measured: Days;
  perDayBefore: DecimalText;
  perDayExpected: DecimalText;
  perDayAfter: DecimalText;
  /** Use a day and cost of a unit of it, before and after; absent where the bill does not say what was used. */
  usage?: {
    of: string;
    before: DecimalText;
    after: DecimalText;
    priceBefore: DecimalText;
    priceAfter: DecimalText | null;
  };
  /** Share of the cost that commitments paid for, before and after. */
  covered: { before: number; after: number };
  variation: number;
}

/** A look at a change some time later. */
export interface HoldingCheck {
  /** Days after the change. */
  day: number;
  start: string;
  end: string;
  monthlySavings: DecimalText;
  holds: boolean;
}

export type Tracked =
  | { state: 'waiting'; until: string }
  | ({ state: 'unmeasurable' } & Unmeasurable)
  | {
      state: 'measured' | 'holding' | 'regressed';
      measured: Measured;
      checks: HoldingCheck[];
      /** The newest whole week looked at. */
      newest: HoldingCheck | null;
      /** Since when the saving is gone. */
      regressedOn: string | null;
      /** Commitments that paid for the resource before are no longer used as much: what of a saving that takes away is to be looked up. */
      freedPerDay: DecimalText;
    };

/** What commitments cost unused, a day, in the days before and after, and how much of them all resources together freed. */
export interface IdleCommitments {
  before: DecimalText;
  after: DecimalText;
  freedByAll: DecimalText;
}

/**
 * Returns how a change stands by the charges of the bill: what it saved, and whether it still does. Stateless, so that a restated
 * bill gives another figure.
 * @param charges of the resource, and of what its change moved elsewhere, from eight weeks before the change on
 */
export function track(
  change: Change,
  charges: readonly DayCharge[],
  bounds: Bounds,
  idle: IdleCommitments | null = null,
): Tracked {
  const yardstick = yardstickOf(change, charges, bounds.notBefore);
  if ('reason' in yardstick) return { state: 'unmeasurable', ...yardstick };
  const start = addDays(change.date, 1);
  const last = earliest(bounds.settledEnd, bounds.changedAgainOn ?? bounds.settledEnd);
  const weeks = weeksWithIt(yardstick, start, Math.min(SETTINGS.weeks, Math.floor(daysBetween(start, last) / 7)));
  if (weeks < 1) {
    if (last < bounds.settledEnd)
      return { state: 'unmeasurable', reason: `It was changed again on ${last}, within a week.` };
    return { state: 'waiting', until: addDays(start, 7 + SETTINGS.unsettledDays) };
  }
  const window = { start, end: addDays(start, 7 * weeks) };
  const comparison = compare(yardstick, window);
  const measured = measurementOf(yardstick, window, comparison, idle);
  const later = lookLater(yardstick, change, window, bounds.settledEnd, measured, comparison);
  return { ...later, measured, freedPerDay: freedPerDay(yardstick, comparison) };
}

/** How many of the first weeks have the saving of those before them: a change that is undone in the third has two. */
function weeksWithIt(yardstick: Yardstick, start: string, most: number): number {
  for (let weeks = 1; weeks < most; weeks++) {
    const next = addDays(start, 7 * weeks);
    const sofar = savedShare(compare(yardstick, { start, end: next }));
    const share = savedShare(compare(yardstick, { start: next, end: addDays(next, 7) }));
    if (isLost(share, sofar)) return weeks;
  }
  return most;
}

/** A change that saved nothing has nothing to lose, and a week without use says nothing. */
function isLost(share: number | undefined, measured: number | undefined): boolean {
  return share !== undefined && measured !== undefined && measured > 0 && share < SETTINGS.holdsFrom * measured;
}

const monthly = (perDays: DecimalText, days: number): DecimalText =>
  divideDecimals(multiplyDecimals(perDays, SETTINGS.monthDays), String(days), 4);

function savingOf({ expected, actual, days }: Comparison): DecimalText {
  return monthly(subtractDecimals(expected, actual.effective), days);
}

function measurementOf(
  yardstick: Yardstick,
  window: Days,
  comparison: Comparison,
  idle: IdleCommitments | null,
): Measured {
  const { before, baseline, baselineDays, variation, lever, byUnitPrice } = yardstick;
  const { actual, expected, expectedList, days } = comparison;
  const covered = {
    before: share(before.covered, before.effective),
    after: share(actual.covered, actual.effective),
  };
  const idleCommitment = idle === null ? '0' : idleShare(freedPerDay(yardstick, comparison), idle);
  const known = { baselineDays, days, byUnitPrice, variation, covered, isGone: Number(actual.effective) === 0 };
  return {
    monthlySavings: subtractDecimals(savingOf(comparison), idleCommitment),
    listMonthlySavings: monthly(subtractDecimals(expectedList, actual.list), days),
    idleCommitment,
    confidence: confidenceIn(known),
    basis: basisOf(known, lever.name, idleCommitment),
    baseline,
    measured: window,
    perDayBefore: divideDecimals(before.effective, String(baselineDays), 6),
    perDayExpected: divideDecimals(expected, String(days), 6),
    perDayAfter: divideDecimals(actual.effective, String(days), 6),
    ...(byUnitPrice ? { usage: usageOf(yardstick, comparison) } : {}),
    covered,
    variation: Math.round(variation * 1e4) / 1e4,
  };
}

function usageOf({ lever, before, baselineDays }: Yardstick, { actual, days }: Comparison): Measured['usage'] {
  return {
    of: lever.name,
    before: divideDecimals(before.used, String(baselineDays), 6),
    after: divideDecimals(actual.used, String(days), 6),
    priceBefore: divideDecimals(before.effective, before.used),
    priceAfter: Number(actual.used) === 0 ? null : divideDecimals(actual.effective, actual.used),
  };
}

const share = (part: DecimalText, whole: DecimalText): number =>
  Number(whole) === 0 ? 0 : Math.round((Number(part) / Number(whole)) * 1e4) / 1e4;

/** What commitments pay less for it a day; '0' when they pay as much or more. */
function freedPerDay({ before, baselineDays }: Yardstick, { actual, days }: Comparison): DecimalText {
  const freed = subtractDecimals(
    divideDecimals(before.covered, String(baselineDays)),
    divideDecimals(actual.covered, String(days)),
  );
  return Number(freed) > 0 ? freed : '0';
}

/** Of what commitments cost unused since, the part that goes with this change, a month: as it freed of what all together did. */
function idleShare(freed: DecimalText, { before, after, freedByAll }: IdleCommitments): DecimalText {
  const more = subtractDecimals(after, before);
  if (Number(more) <= 0 || Number(freed) === 0 || Number(freedByAll) <= 0) return '0';
  const part = divideDecimals(multiplyDecimals(more, freed), freedByAll);
  return monthly(Number(part) < Number(freed) ? part : freed, 1);
}

interface Known {
  baselineDays: number;
  days: number;
  byUnitPrice: boolean;
  variation: number;
  covered: { before: number; after: number };
  isGone: boolean;
}

/** Sure of four weeks against four that hardly vary; unsure of one week, of days far apart, and where a commitment came or went. */
function confidenceIn({ baselineDays, days, byUnitPrice, variation, covered, isGone }: Known): Confidence {
  const moved = isGone ? 0 : Math.abs(covered.before - covered.after);
  if (days < 14 || baselineDays < 14 || variation > 0.5 || moved > 0.25) return 'low';
  const isSteady = variation <= (byUnitPrice ? 0.1 : 0.15);
  return days >= 28 && baselineDays >= 28 && isSteady && moved <= 0.05 ? 'high' : 'medium';
}

function basisOf(
  { baselineDays, days, byUnitPrice, covered, isGone }: Known,
  lever: string,
  idle: DecimalText,
): string {
  const how = byUnitPrice
    ? `unit price of ${baselineDays} days before times the ${lever} of ${days} days after`
    : `${days} days after against ${baselineDays} days before, in whole weeks`;
  const notes = [
    ...(covered.before > 0 ? [`commitments paid for ${percent(covered.before)} of it before`] : []),
    ...(!isGone && Math.abs(covered.before - covered.after) > 0.05 ? [`for ${percent(covered.after)} after`] : []),
    ...(Number(idle) > 0 ? [`${roundDecimal(idle, 2)} a month of them is unused since and not counted as saved`] : []),
  ];
  return ['bill', how, ...notes].join(', ').replace('bill, ', 'bill: ');
}

const percent = (part: number): string => `${Math.round(part * 100)} percent`;

function lookLater(
  yardstick: Yardstick,
  change: Change,
  window: Days,
  settledEnd: string,
  { monthlySavings, idleCommitment }: Measured,
  comparison: Comparison,
) {
  const measured = savedShare(comparison);
  const look = (day: number, end: string): HoldingCheck => {
    const week = { start: addDays(end, -7), end };
    const found = compare(yardstick, week);
    const saved = subtractDecimals(savingOf(found), idleCommitment);
    return { day, ...week, monthlySavings: saved, holds: !isLost(savedShare(found), measured) };
  };
  const isSaving = Number(monthlySavings) > 0;
  const checks = !isSaving
    ? []
    : SETTINGS.holdingDays.flatMap((day) => {
        const end = addDays(change.date, day + 1);
        return end <= settledEnd ? [look(day, end)] : [];
      });
  const newest =
    isSaving && settledEnd > window.end ? look(daysBetween(change.date, settledEnd) - 1, settledEnd) : null;
  const isGone = newest !== null && !newest.holds;
  const state = isGone
    ? ('regressed' as const)
    : checks.some(({ holds }) => holds)
      ? ('holding' as const)
      : ('measured' as const);
  return { state, checks, newest, regressedOn: isGone ? lostSince(yardstick, window, settledEnd, measured) : null };
}

/** The first of the last days that are all without the saving. */
function lostSince(yardstick: Yardstick, window: Days, settledEnd: string, measured: number | undefined): string {
  let since = settledEnd;
  for (let day = addDays(settledEnd, -1); day >= window.start; day = addDays(day, -1)) {
    const share = savedShareOn(yardstick, day);
    if (share !== undefined && !isLost(share, measured)) break;
    since = day;
  }
  return since;
}
