import { monthRule, numericRule, weekdayRule, weekRule } from './dates.ts';
import { addDays, addMonths, describeRange, yearOf } from './days.ts';
import { partRule, thirdRule } from './parts.ts';
import { halfMonthRule, quarterRule, yearRule } from './quarters.ts';
import { dayWords, relativeUnit, romanceUnit, toDateRule } from './relative.ts';
import { rollingRule } from './rolling.ts';
import { type Draft, lastDay, type PeriodContext } from './settle.ts';
import type { Token } from './tokens.ts';
import { anyPhrase, isOne, mark, type Reading, type Rule, word } from './words.ts';

const POINTS: Rule[] = [
  numericRule,
  rollingRule,
  relativeUnit,
  romanceUnit,
  toDateRule,
  dayWords,
  weekdayRule,
  quarterRule,
  halfMonthRule,
  partRule,
  thirdRule,
  monthRule,
  weekRule,
  yearRule,
];

const longest = (readings: (Reading | null)[]): Reading | null =>
  readings.reduce<Reading | null>(
    (best, reading) => (reading && reading.next > (best?.next ?? 0) ? reading : best),
    null,
  );

/** One period without an open end or a second end. */
export function readPoint(tokens: Token[], at: number, context: PeriodContext): Reading | null {
  return longest(POINTS.map((rule) => rule(tokens, at, context, readPoint)));
}

/** The first end takes the year of the second ('Nov to Jan 2026' starts in 2025). */
export function withYearOf(first: Draft, second: Draft): Draft {
  if (!first.yearAssumed || first.problem || second.problem || second.yearAssumed) return first;
  let shifted = moveToYear(first, yearOf(second.start));
  if (shifted.start > second.start) shifted = moveToYear(first, yearOf(second.start) - 1);
  return shifted;
}

function moveToYear(draft: Draft, year: number): Draft {
  const months = (year - yearOf(draft.start)) * 12;
  const range = { start: addMonths(draft.start, months), end: addMonths(draft.end, months) };
  return { ...draft, ...range, label: describeRange(range), yearAssumed: false };
}

/** The period from the first to the second, the second included. */
export function span(from: Draft, to: Draft): Draft {
  const faulty = [from, to].find((draft) => draft.problem);
  if (faulty) return faulty;
  let first = withYearOf(from, to);
  if (first.yearAssumed && to.yearAssumed && first.start > to.start) first = moveToYear(first, yearOf(first.start) - 1);
  const range = { start: first.start, end: to.end };
  const label = range.start < range.end ? describeRange(range) : `${first.label} to ${to.label}`;
  return { ...range, label, kind: 'fixed', unit: 'range', ends: [first, to] };
}

/** 'from March onwards', 'March and later', or just 'from 2026-03-01'. */
function openEnd(tokens: Token[], at: number, first: Reading, context: PeriodContext): Reading | null {
  const led = word(tokens, at) === 'from';
  const onwards = anyPhrase(tokens, first.next, ['onwards|onward', 'and later', 'forward']);
  if (onwards > 0) return { draft: since(first.draft, context), next: onwards };
  const on = word(tokens, first.next) === 'on' ? first.next + 1 : first.next;
  return led ? { draft: since(first.draft, context), next: on, bare: first.draft.unit !== 'day' } : null;
}

const rangeRule: Rule = (tokens, at, context) => {
  const lead = isOne(word(tokens, at), 'from between');
  const first = readPoint(tokens, at + (lead ? 1 : 0), context);
  if (first === null || (first.bare && !lead)) return null;
  // 'Between 3 and 5 December' is one reading already.
  if (word(tokens, at) === 'between' && first.draft.unit === 'range' && first.draft.kind === 'fixed') return first;
  const joint = first.next;
  if (mark(tokens, joint).startsWith('..')) {
    const end = readPoint(tokens, joint + 1, context);
    if (end === null) return null;
    if (first.draft.problem || end.draft.problem || end.draft.unit !== 'day')
      return { draft: span(first.draft, end.draft), next: end.next };
    const range = { start: first.draft.start, end: end.draft.start };
    const label = range.start < range.end ? describeRange(range) : `${range.start}..${range.end}`;
    return { draft: { ...range, label, kind: 'fixed', unit: 'range' }, next: end.next };
  }
  const joins = word(tokens, at) === 'between' ? 'and to' : 'to through thru until till';
  const dash = mark(tokens, joint) === '-' || (mark(tokens, joint) === '/' && tokens[at]?.kind === 'iso');
  if (!dash && !isOne(word(tokens, joint), joins)) return openEnd(tokens, at, first, context);
  if (isOne(word(tokens, joint + 1), 'now date present')) {
    return { draft: since(first.draft, context), next: joint + 2 };
  }
  const second = readPoint(tokens, joint + 1, context);
  if (second === null) return null;
  return { draft: span(first.draft, second.draft), next: second.next };
};

/** From the start of a period to the end of the data. */
function since(draft: Draft, context: PeriodContext): Draft {
  if (draft.problem) return draft;
  return {
    start: draft.start,
    end: addDays(lastDay(context), 1),
    label: `since ${describeStart(draft)}`,
    kind: 'fixed',
    unit: 'range',
    ends: [draft, draft],
  };
}

const describeStart = (draft: Draft): string => describeRange({ start: draft.start, end: addDays(draft.start, 1) });

const openRule: Rule = (tokens, at, context) => {
  const lead = anyPhrase(tokens, at, [
    'since',
    'since the start|beginning of',
    'starting',
    'starting from|on|in',
    'ever since',
    'after',
    'until|till|before',
    'up to',
    'through|thru',
  ]);
  if (lead < 0) return null;
  const point = readPoint(tokens, lead, context);
  if (point === null || (point.bare && point.draft.unit !== 'year')) return null;
  if (point.draft.problem) return { draft: point.draft, next: point.next };
  const opening = word(tokens, at);
  if (isOne(opening, 'since starting ever')) return { draft: since(point.draft, context), next: point.next };
  if (opening === 'after') {
    const draft = since({ ...point.draft, start: point.draft.end }, context);
    return { draft: { ...draft, label: `after ${point.draft.label}` }, next: point.next };
  }
  const end = opening === 'before' ? point.draft.start : point.draft.end;
  const start = context.dataFrom ?? '2000-01-01';
  return {
    draft: {
      start,
      end,
      label: `${opening === 'before' ? 'before' : 'until'} ${point.draft.label}`,
      kind: 'fixed',
      unit: 'range',
    },
    next: point.next,
  };
};

/** The longest period that starts at this token, or null. */
export function readPeriod(tokens: Token[], at: number, context: PeriodContext): Reading | null {
  return longest([
    readPoint(tokens, at, context),
    rangeRule(tokens, at, context, readPoint),
    openRule(tokens, at, context, readPoint),
  ]);
}
