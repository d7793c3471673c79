import type { Freshness } from '../db/queries/freshness.ts';
import { addMonths, daysBetween, describeRange, startOfUnit } from './period/days.ts';
import { type ResolvedPeriod, resolveComparison, resolvePeriod } from './period.ts';
import type { ToolContext } from './tool.ts';

/** The days a question is about and, where it compares, the days it compares with. */
export interface Periods {
  current: ResolvedPeriod;
  previous: ResolvedPeriod | undefined;
  /** Set where the days to compare with lie wholly before the data, so that there is nothing to compare with. */
  missingComparison: string | undefined;
  /** What a reader must know to read the numbers of these days right. */
  notes: string[];
}

/**
 * The periods that the texts name, laid against the data.
 * @throws PennyError `period_unknown`
 */
export function choosePeriods(
  { period, compareTo }: { period: string; compareTo?: string | undefined },
  { now }: ToolContext,
  freshness: Freshness,
): Periods {
  const { dataThrough, dataFrom } = freshness;
  const known = { now, dataThrough, dataFrom };
  const current = resolvePeriod(period, known);
  // What lies before the data is compared all the same, and a note says so: a new estate has no earlier days.
  const previous =
    compareTo === undefined ? undefined : resolveComparison(compareTo, current, { now, dataThrough, dataFrom: null });
  const missing = previous !== undefined && dataFrom !== null && previous.range.end <= dataFrom;
  return {
    current,
    previous: missing ? undefined : previous,
    missingComparison: missing
      ? `There is nothing to compare with: the data starts on ${dataFrom}, after ${previous.label}.`
      : undefined,
    notes: notesOn(current, missing ? undefined : previous, freshness, now),
  };
}

function notesOn(
  current: ResolvedPeriod,
  previous: ResolvedPeriod | undefined,
  freshness: Freshness,
  now: Date,
): string[] {
  const notes = [...noteOf('Period', current), ...noteOf('Compared period', previous)];
  const { dataThrough, dataFrom, invoiceOpen } = freshness;
  if (dataThrough === null) return notes;
  const { end } = current.range;
  const behind = daysBetween(dataThrough, now.toISOString().slice(0, 10));
  if (behind > 1 && end > dataThrough && !current.note?.includes(dataThrough)) {
    notes.push(`The data reaches ${dataThrough}, ${behind} days ago.`);
  }
  const touchesLastDays = end >= dataThrough && current.range.start <= dataThrough;
  if (invoiceOpen && touchesLastDays) {
    notes.push(`The last two days of data, up to ${dataThrough}, are not settled: the bill may still change.`);
  }
  if (previous) notes.push(...notesOnComparison(current, previous, dataFrom));
  return [...notes, ...missingMonths(current, freshness), ...(previous ? missingMonths(previous, freshness) : [])];
}

function noteOf(what: string, period: ResolvedPeriod | undefined): string[] {
  if (period?.note === undefined) return [];
  return [`${what}: ${period.note}.`];
}

function notesOnComparison(current: ResolvedPeriod, previous: ResolvedPeriod, dataFrom: string | null): string[] {
  const notes: string[] = [];
  const days = daysBetween(current.range.start, current.range.end);
  const daysBefore = daysBetween(previous.range.start, previous.range.end);
  if (days !== daysBefore) {
    notes.push(
      `The periods differ in length: ${days} days (${current.label}) and ${daysBefore} days (${previous.label}).`,
    );
  }
  if (dataFrom !== null && previous.range.start < dataFrom) {
    notes.push(`The data starts on ${dataFrom}, so the period compared with is not covered in full.`);
  }
  return notes;
}

const LISTED_MONTHS = 3;

/** A month between the first and last day of data without any charge was not loaded, and its 0 is no amount. */
function missingMonths({ range }: ResolvedPeriod, { billingPeriods, dataFrom, dataThrough }: Freshness): string[] {
  if (billingPeriods === null || dataFrom === null || dataThrough === null) return [];
  const loaded = new Set(billingPeriods.map(({ month }) => month));
  const missing: string[] = [];
  let month = startOfUnit(range.start < dataFrom ? dataFrom : range.start, 'month');
  for (; month < range.end && month <= dataThrough; month = addMonths(month, 1)) {
    if (!loaded.has(month)) missing.push(month);
  }
  if (missing.length === 0) return [];
  const names = missing
    .slice(0, LISTED_MONTHS)
    .map((first) => describeRange({ start: first, end: addMonths(first, 1) }));
  const more = missing.length > LISTED_MONTHS ? [`${missing.length - LISTED_MONTHS} more months`] : [];
  return [`No bill is loaded for ${[...names, ...more].join(', ')}: what is missing counts as 0.`];
}
