import {
  addDays,
  addUnits,
  type CalendarUnit,
  describeRange,
  firstOfMonth,
  MONTH_NAMES,
  WEEKDAY_NAMES,
  yearOf,
} from './days.ts';
import { type Draft, type PeriodContext, type PeriodProblem, today } from './settle.ts';
import type { Token } from './tokens.ts';

/** A period read from `tokens[from..next)`. `bare`: only a period when the words around it say so ('30 days', '2025'). */
export interface Reading {
  draft: Draft;
  next: number;
  bare?: boolean;
}

/** Reads one kind of period at a token; `point` reads any kind, for those that hold another. */
export type Rule = (tokens: Token[], at: number, context: PeriodContext, point: PointReader) => Reading | null;

export type PointReader = (tokens: Token[], at: number, context: PeriodContext) => Reading | null;

/** Words are looked up in maps: as keys of an object, 'constructor' would find one. */
const UNIT_WORDS = new Map<string, CalendarUnit | 'hour' | 'weekend' | 'fortnight'>();
for (const [unit, names] of Object.entries({
  hour: 'hour hours hr hrs h',
  day: 'day days d',
  week: 'week weeks wk wks w',
  weekend: 'weekend weekends',
  fortnight: 'fortnight fortnights',
  month: 'month months mo mos mth mths m',
  quarter: 'quarter quarters qtr qtrs q',
  half: 'half halves semester',
  year: 'year years yr yrs y',
})) {
  for (const name of names.split(' ')) UNIT_WORDS.set(name, unit as CalendarUnit);
}

/** The unit a word names, short forms included. */
export const unitOf = (name: string) => UNIT_WORDS.get(name);

export const MONTHS = new Map<string, number>();
for (const [index, name] of MONTH_NAMES.entries()) {
  MONTHS.set(name.toLowerCase(), index + 1).set(name.slice(0, 3).toLowerCase(), index + 1);
}
MONTHS.set('sept', 9);

export const WEEKDAYS = new Map<string, number>();
for (const [index, name] of WEEKDAY_NAMES.entries()) {
  WEEKDAYS.set(name.toLowerCase(), index).set(`${name.toLowerCase()}s`, index);
  if (!['Sunday', 'Saturday', 'Wednesday'].includes(name)) WEEKDAYS.set(name.slice(0, 3).toLowerCase(), index);
}
for (const [name, index] of [
  ['tues', 1],
  ['thurs', 3],
  ['weds', 2],
] as const)
  WEEKDAYS.set(name, index);

export const ORDINALS = new Map([
  ['first', 1],
  ['second', 2],
  ['third', 3],
  ['fourth', 4],
]);

export const word = (tokens: Token[], at: number): string => (tokens[at]?.kind === 'word' ? tokens[at].text : '');
export const mark = (tokens: Token[], at: number): string => (tokens[at]?.kind === 'mark' ? tokens[at].text : '');
export const isOne = (text: string, options: string): boolean => text !== '' && options.split(' ').includes(text);
export const skipMark = (tokens: Token[], at: number, marks = '-'): number =>
  isOne(mark(tokens, at), marks) ? at + 1 : at;
export const skipWord = (tokens: Token[], at: number, words: string): number =>
  isOne(word(tokens, at), words) ? at + 1 : at;

/** The place after these words, hyphens between them allowed, or -1. */
export function phrase(tokens: Token[], at: number, words: string): number {
  let next = at;
  for (const [index, expected] of words.split(' ').entries()) {
    if (index > 0) next = skipMark(tokens, next);
    if (!expected.split('|').includes(word(tokens, next))) return -1;
    next += 1;
  }
  return next;
}

export function anyPhrase(tokens: Token[], at: number, phrases: string[]): number {
  return Math.max(-1, ...phrases.map((words) => phrase(tokens, at, words)));
}

export function problem(reason: PeriodProblem, label: string, message: string, suggestions: string[]): Draft {
  return { start: '', end: '', label, kind: 'fixed', unit: 'range', problem: { reason, message, suggestions } };
}

export function calendarDraft(start: string, unit: CalendarUnit, label: string): Draft {
  return { start, end: addUnits(start, unit, 1), label, kind: 'calendar', unit };
}

export function dayDraft(day: string, label: string = describeRange({ start: day, end: addDays(day, 1) })): Draft {
  return { start: day, end: addDays(day, 1), label, kind: 'fixed', unit: 'day' };
}

export const monthDraft = (year: number, month: number): Draft =>
  calendarDraft(firstOfMonth(year, month), 'month', `${MONTH_NAMES[month - 1]} ${year}`);

/** A year after a month, quarter or half: '2025', "'25", 'last year', 'this year'. */
export function readYear(tokens: Token[], at: number, context: PeriodContext): { year: number; next: number } | null {
  let next = skipMark(tokens, at, ', / -');
  next = skipWord(tokens, next, 'of in');
  const apostrophe = isOne(mark(tokens, next), "' ’");
  const token = tokens[next + (apostrophe ? 1 : 0)];
  if (token?.kind === 'number' && /^\d+$/.test(token.text)) {
    if (!apostrophe && token.value >= 1990 && token.value < 2100) return { year: token.value, next: next + 1 };
    if (apostrophe && token.value < 100) return { year: 2000 + token.value, next: next + 2 };
  }
  const relative = skipWord(tokens, next, 'the');
  const thisYear = yearOf(today(context));
  const after = anyPhrase(tokens, relative, ['last|previous|prior year']);
  if (after > 0) return { year: thisYear - 1, next: after };
  const current = anyPhrase(tokens, relative, ['this|current year']);
  return current > 0 ? { year: thisYear, next: current } : null;
}

/** A count before a unit: '30', 'seven', 'a couple of', 'twenty-four'. */
export function readCount(tokens: Token[], at: number): { count: number; next: number; vague?: boolean } | null {
  const couple = anyPhrase(tokens, skipWord(tokens, at, 'a'), ['couple of', 'couple']);
  if (couple > 0) return { count: 2, next: couple };
  const few = anyPhrase(tokens, skipWord(tokens, at, 'a'), ['few', 'several']);
  if (few > 0) return { count: 3, next: few, vague: true };
  const token = tokens[at];
  if (token?.kind === 'number' && /^\d[\d,]*$/.test(token.text)) return { count: token.value, next: at + 1 };
  if (token?.kind !== 'word' || Number.isNaN(token.value)) return null;
  const tens = token.value >= 20 && token.value < 100;
  const digit = tokens[skipMark(tokens, at + 1)];
  if (tens && digit?.kind === 'word' && digit.value < 10) {
    return { count: token.value + digit.value, next: skipMark(tokens, at + 1) + 1 };
  }
  return { count: token.value, next: at + 1 };
}

export const PAST = 'last previous prior past preceding';
export const PRESENT = 'this current';
export const FUTURE = 'next coming upcoming following';
