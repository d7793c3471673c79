import { monthRule } from './dates.ts';
import { addDays, addUnits, type CalendarUnit, describeRange } from './days.ts';
import type { Draft } from './settle.ts';
import type { Token } from './tokens.ts';
import { isOne, ORDINALS, type Rule, readCount, skipMark, skipWord, unitOf, word } from './words.ts';

/** Parts of a longer period: 'the first week of December', 'the last 3 days of last month', 'late November'. */

interface Part {
  /** Which one; -1 is the last. */
  ordinal: number;
  count: number;
  unit: CalendarUnit;
  next: number;
}

/** 'first week of', 'last 10 days of'. */
function readPart(tokens: Token[], at: number): Part | null {
  const start = skipWord(tokens, at, 'the');
  const token = tokens[start];
  const nth = token?.kind === 'number' && /(st|nd|rd|th)$/.test(token.text) ? token.value : undefined;
  const ordinal = nth ?? (isOne(word(tokens, start), 'last final') ? -1 : ORDINALS.get(word(tokens, start)));
  if (ordinal === undefined) return null;
  const counted = ordinal === 1 || ordinal === -1 ? readCount(tokens, start + 1) : null;
  const unitAt = skipMark(tokens, counted?.next ?? start + 1);
  const unit = unitOf(word(tokens, unitAt));
  if (unit !== 'day' && unit !== 'week' && unit !== 'month' && unit !== 'quarter') return null;
  if (!isOne(word(tokens, unitAt + 1), 'of in')) return null;
  return { ordinal, count: counted?.count ?? 1, unit, next: unitAt + 2 };
}

function cut({ ordinal, count, unit }: Part, whole: Draft): { start: string; end: string } {
  if (ordinal === -1) return { start: addUnits(whole.end, unit, -count), end: whole.end };
  const start = addUnits(whole.start, unit, ordinal - 1);
  const end = addUnits(start, unit, count);
  const beyond = end > whole.end;
  return { start, end: beyond ? whole.end : end };
}

export const partRule: Rule = (tokens, at, context, point) => {
  const part = readPart(tokens, at);
  if (part === null) return null;
  const whole = point(tokens, skipWord(tokens, part.next, 'the'), context);
  if (whole === null || whole.draft.problem || whole.draft.unit === 'day') return null;
  const range = cut(part, whole.draft);
  if (range.start < whole.draft.start || range.start >= range.end) return null;
  return { draft: { ...range, label: describeRange(range), kind: 'fixed', unit: 'range' }, next: whole.next };
};

const THIRDS = new Map([
  ['early', 0],
  ['beginning', 0],
  ['start', 0],
  ['mid', 1],
  ['middle', 1],
  ['late', 2],
  ['end', 2],
]);
const THIRD_WORDS = ['the first ten days', 'the days from the 11th to the 20th', 'the days from the 21st on'];

/** 'Early March' and 'the end of March' are read as thirds of the month, and the note says so. */
export const thirdRule: Rule = (tokens, at, context, point) => {
  const start = skipWord(tokens, at, 'the');
  const name = word(tokens, start);
  const third = THIRDS.get(name);
  if (third === undefined) return null;
  const after = skipWord(tokens, skipMark(tokens, start + 1), 'of');
  const month = monthRule(tokens, after, context, point);
  if (month === null || month.draft.unit !== 'month') return null;
  const first = month.draft.start;
  const range = {
    start: addDays(first, third * 10),
    end: third === 2 ? month.draft.end : addDays(first, third * 10 + 10),
  };
  const note = `"${name}" is read as ${THIRD_WORDS[third]}`;
  return { draft: { ...range, label: describeRange(range), kind: 'fixed', unit: 'range', note }, next: month.next };
};
