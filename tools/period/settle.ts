import { PennyError } from '../../errors.ts';
import type { DateRange } from '../tool.ts';
import {
  addDays,
  addMonths,
  addUnits,
  type CalendarUnit,
  dayOf,
  dayOfMonth,
  daysBetween,
  describeRange,
} from './days.ts';

/** What the grammar needs to know of the world: the present, and the first and last day (inclusive) of the data. */
export interface PeriodContext {
  now: Date;
  dataThrough: string | null;
  dataFrom?: string | null;
}

/**
 * A period as days `[start, end)` in UTC. `label` names it as a reader would ('last 30 days', 'March 2026'). `kind`:
 * rolling (N units ending with the data), calendar (a named unit), fixed (dates). `toDate`: a unit still in progress, cut
 * at the last day of data. `note` says what a reader must know to read it right.
 */
export interface ResolvedPeriod {
  range: DateRange;
  label: string;
  kind: 'rolling' | 'calendar' | 'fixed';
  unit: CalendarUnit | 'range';
  toDate: boolean;
  note?: string;
}

/** A period as written, before it is laid against the data. */
export interface Draft {
  start: string;
  end: string;
  label: string;
  kind: ResolvedPeriod['kind'];
  unit: ResolvedPeriod['unit'];
  note?: string;
  /** The two ends of 'from X to Y', which a comparison reads as two periods. */
  ends?: [Draft, Draft];
  /** The year was not written: the most recent one was taken. */
  yearAssumed?: boolean;
  problem?: { reason: PeriodProblem; message: string; suggestions: string[] };
}

/** Why a period cannot be used: `details.reason` of a `period_unknown` error. */
export type PeriodProblem = 'unparsed' | 'invalid' | 'empty' | 'future' | 'outside_data' | 'data_stale';

/** How many days the data may lie behind before 'last N days' no longer means the days up to its end. */
export const STALE_AFTER_DAYS = 7;

export function periodError(reason: PeriodProblem, message: string, suggestions: string[]): PennyError {
  const hint =
    suggestions.length > 0 ? ` Write for example ${suggestions.map((text) => `"${text}"`).join(' or ')}.` : '';
  return new PennyError('period_unknown', `${message}${hint}`, { details: { reason, suggestions } });
}

export const today = (context: PeriodContext): string => dayOf(context.now);

/** The last day that counts: the last of the data, never one in the future; yesterday where nothing is loaded yet. */
export function lastDay(context: PeriodContext): string {
  const present = today(context);
  if (context.dataThrough === null) return addDays(present, -1);
  const ahead = context.dataThrough > present;
  return ahead ? present : context.dataThrough;
}

export const canonical = (range: DateRange): string => `${range.start}..${range.end}`;

function refuseUnusable(draft: Draft, context: PeriodContext): void {
  if (draft.problem) throw periodError(draft.problem.reason, draft.problem.message, draft.problem.suggestions);
  const present = today(context);
  const last = lastDay(context);
  const words = describeRange(draft);
  if (draft.start >= draft.end) {
    throw periodError('empty', `The period "${draft.label}" ends before it starts.`, ['last 30 days']);
  }
  if (draft.start > present) {
    throw periodError('future', `The period "${draft.label}" (${words}) lies in the future.`, [
      'this month',
      'last 30 days',
    ]);
  }
  if (draft.start > last) {
    const suggestions = [canonical({ start: addDays(last, -29), end: addDays(last, 1) }), 'last month'];
    throw periodError('outside_data', `There is no data for "${draft.label}" yet: it reaches ${last}.`, suggestions);
  }
  if (context.dataFrom && draft.end <= context.dataFrom) {
    const message = `There is no data for "${draft.label}" (${words}): it starts on ${context.dataFrom}.`;
    throw periodError('outside_data', message, [`since ${context.dataFrom}`]);
  }
  if (draft.kind === 'rolling' && daysBetween(last, present) > STALE_AFTER_DAYS) {
    const days = daysBetween(draft.start, draft.end);
    const message = `The data ends on ${last}, ${daysBetween(last, present)} days ago, so "${draft.label}" has none.`;
    throw periodError('data_stale', message, [canonical({ start: addDays(last, 1 - days), end: addDays(last, 1) })]);
  }
}

function notesFor(draft: Draft, end: string, context: PeriodContext): string[] {
  const notes = draft.note ? [draft.note] : [];
  const present = today(context);
  const last = lastDay(context);
  const behind = daysBetween(last, present);
  if (draft.kind === 'rolling' && behind > 1) {
    notes.push(`the data reaches ${last}, ${behind} days ago, and the period ends there`);
  } else if (end < draft.end && draft.kind === 'fixed') {
    notes.push(`counts up to ${last}, the last day of data`);
  } else if (end === draft.end && draft.kind !== 'rolling' && addDays(last, 1) < end) {
    notes.push(`the data ends on ${last}, so the days after it are missing`);
  }
  if (context.dataFrom && draft.start < context.dataFrom) notes.push(`the data starts on ${context.dataFrom}`);
  return notes;
}

/**
 * The period laid against the data: a unit still in progress ends with the last day of data.
 * @throws PennyError `period_unknown` with `details.reason` and what to write instead
 */
export function settle(draft: Draft, context: PeriodContext): ResolvedPeriod {
  refuseUnusable(draft, context);
  const inProgress = draft.end > addDays(today(context), 1) || draft.end > addDays(lastDay(context), 1);
  const closed = draft.end <= today(context);
  const end = inProgress && !closed ? addDays(lastDay(context), 1) : draft.end;
  const notes = notesFor(draft, end, context);
  return {
    range: { start: draft.start, end },
    label: draft.label,
    kind: draft.kind,
    unit: draft.unit,
    toDate: draft.kind === 'calendar' && !closed && draft.unit !== 'day',
    ...(notes.length > 0 ? { note: notes.join('; ') } : {}),
  };
}

const wholeMonths = ({ start, end }: DateRange): number =>
  dayOfMonth(start) === 1 && dayOfMonth(end) === 1 ? Math.round(daysBetween(start, end) / 30.4375) : 0;

function moved(resolved: ResolvedPeriod, range: DateRange): ResolvedPeriod {
  return { range, label: describeRange(range), kind: 'fixed', unit: resolved.unit, toDate: false };
}

/** Both ends moved by months; the end by its last day inside, so that a short month keeps its last day. */
const shiftMonths = ({ start, end }: DateRange, months: number): DateRange => ({
  start: addMonths(start, months),
  end: addDays(addMonths(addDays(end, -1), months), 1),
});

/**
 * The period just before: for whole calendar months the same number of them, for a unit in progress the same days of the
 * unit before, for a weekend the weekend before, otherwise the same number of days.
 */
export function previousPeriod(resolved: ResolvedPeriod): ResolvedPeriod {
  const { range, unit } = resolved;
  const months = wholeMonths(range);
  if (months > 0) return moved(resolved, { start: addMonths(range.start, -months), end: range.start });
  if (resolved.toDate && unit === 'week') return moved(resolved, shiftDays(range, -7));
  if (resolved.toDate && unit !== 'range' && unit !== 'day') {
    const shifted = shiftMonths(range, unit === 'month' ? -1 : unit === 'quarter' ? -3 : unit === 'half' ? -6 : -12);
    return moved(resolved, { start: addUnits(range.start, unit, -1), end: shifted.end });
  }
  if (/weekend/.test(resolved.label)) return moved(resolved, shiftDays(range, -7));
  return moved(resolved, shiftDays(range, -daysBetween(range.start, range.end)));
}

const shiftDays = ({ start, end }: DateRange, days: number): DateRange => ({
  start: addDays(start, days),
  end: addDays(end, days),
});

/** The same days one year earlier; 29 February becomes 28 February, whole months stay whole. */
export function samePeriodLastYear(resolved: ResolvedPeriod): ResolvedPeriod {
  const { start, end } = resolved.range;
  if (wholeMonths(resolved.range) > 0) {
    return moved(resolved, { start: addMonths(start, -12), end: addMonths(end, -12) });
  }
  return moved(resolved, shiftMonths(resolved.range, -12));
}
