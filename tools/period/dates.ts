import {
  addDays,
  dayOfMonth,
  daysInMonth,
  describeRange,
  firstOfMonth,
  MONTH_NAMES,
  makeDay,
  monthOf,
  startOfUnit,
  WEEKDAY_NAMES,
  weekdayOf,
  yearOf,
} from './days.ts';
import { type Draft, type PeriodContext, today } from './settle.ts';
import type { Token } from './tokens.ts';
import {
  anyPhrase,
  calendarDraft,
  dayDraft,
  isOne,
  MONTHS,
  mark,
  monthDraft,
  PAST,
  PRESENT,
  problem,
  type Reading,
  type Rule,
  readYear,
  skipMark,
  skipWord,
  unitOf,
  WEEKDAYS,
  word,
} from './words.ts';

/** 'last Tuesday', 'on Monday', 'Friday last week'. */
export const weekdayRule: Rule = (tokens, at, context) => {
  const start = skipWord(tokens, at, 'the');
  const lead = isOne(word(tokens, start), `${PAST} ${PRESENT}`) ? word(tokens, start) : '';
  const name = word(tokens, start + (lead ? 1 : 0));
  const weekday = WEEKDAYS.get(name);
  if (weekday === undefined) return null;
  const present = today(context);
  let next = start + (lead ? 2 : 1);
  const ofLast = anyPhrase(tokens, skipWord(tokens, next, 'of'), ['last|previous week']);
  const monday = startOfUnit(present, 'week');
  const label = (day: string): string =>
    `${WEEKDAY_NAMES[weekday]}, ${describeRange({ start: day, end: addDays(day, 1) })}`;
  if (ofLast > 0) {
    next = ofLast;
    const day = addDays(monday, weekday - 7);
    return { draft: dayDraft(day, label(day)), next };
  }
  const back = (weekdayOf(present) - weekday + 7) % 7;
  const day = addDays(present, back === 0 && isOne(lead, PAST) ? -7 : -back);
  return { draft: dayDraft(day, label(day)), next, bare: lead === '' && name.length < 4 };
};

/** 'March', 'March 2026', 'last March', '3 March 2026', 'March 3rd', 'Nov 10-14', 'the 3rd of March', 'March last year'. */
export const monthRule: Rule = (tokens, at, context) => {
  let next = skipWord(tokens, at, 'the');
  next = anyPhrase(tokens, next, ['month of']) > 0 ? next + 2 : next;
  const lead = isOne(word(tokens, next), `${PAST} ${PRESENT}`) ? word(tokens, next) : '';
  next = skipMark(tokens, next + (lead ? 1 : 0));
  const dayFirst = readDayNumber(tokens, next);
  if (dayFirst) {
    const between = word(tokens, at - 1) === 'between' && word(tokens, dayFirst.next) === 'and';
    const joined =
      mark(tokens, dayFirst.next) === '-' || isOne(word(tokens, dayFirst.next), 'to through until') || between;
    const second = joined ? readDayNumber(tokens, skipWord(tokens, dayFirst.next + 1, 'the')) : null;
    const monthAt = skipWord(tokens, (second ?? dayFirst).next, 'of');
    const month = MONTHS.get(word(tokens, monthAt));
    return month === undefined ? null : dated(tokens, monthAt + 1, month, dayFirst.day, second?.day, context);
  }
  const month = MONTHS.get(word(tokens, next));
  if (month === undefined) return null;
  next += 1;
  const day = readDayNumber(tokens, skipWord(tokens, next, 'the'));
  if (day) {
    const joins = mark(tokens, day.next) === '-' || isOne(word(tokens, day.next), 'to through thru until');
    const second = joins ? readDayNumber(tokens, skipWord(tokens, day.next + 1, 'the')) : null;
    const monthAfter = second ? MONTHS.has(word(tokens, skipWord(tokens, second.next, 'of'))) : false;
    const days = second && !monthAfter ? second : day;
    return dated(tokens, days.next, month, day.day, second && !monthAfter ? second.day : undefined, context);
  }
  const year = readYear(tokens, next, context);
  if (year) return { draft: monthDraft(year.year, month), next: year.next };
  return { draft: { ...monthDraft(recentYear(month, lead, context), month), yearAssumed: true }, next };
};

/** The year of the last such month that has begun; with 'last', of the last one before this month. */
function recentYear(month: number, lead: string, context: PeriodContext): number {
  const present = today(context);
  const passed = isOne(lead, PAST) ? month < monthOf(present) : month <= monthOf(present);
  return yearOf(present) - (passed ? 0 : 1);
}

function readDayNumber(tokens: Token[], at: number): { day: number; next: number } | null {
  const token = tokens[at];
  if (token?.kind !== 'number' || !/^\d{1,2}(st|nd|rd|th)?$/.test(token.text)) return null;
  if (unitOf(word(tokens, at + 1)) !== undefined && tokens[at + 1]?.start === token.end) return null;
  return { day: token.value, next: at + 1 };
}

function dated(
  tokens: Token[],
  at: number,
  month: number,
  first: number,
  second: number | undefined,
  context: PeriodContext,
): Reading {
  const written = readYear(tokens, at, context);
  const year = written?.year ?? recentYearOfDay(month, first, context);
  const next = written?.next ?? at;
  const start = makeDay(year, month, first);
  const last = makeDay(year, month, second ?? first);
  const yearAssumed = written ? {} : { yearAssumed: true };
  if (start === null || last === null) {
    const name = MONTH_NAMES[month - 1] ?? '';
    const message = `${name} ${year} has ${daysInMonth(year, month)} days, so there is no ${name} ${start === null ? first : second}.`;
    return {
      draft: problem('invalid', name, message, [`${daysInMonth(year, month)} ${name} ${year}`, `${name} ${year}`]),
      next,
    };
  }
  if (second === undefined) return { draft: { ...dayDraft(start), ...yearAssumed }, next };
  const range = { start, end: addDays(last, 1) };
  return { draft: { ...range, label: describeRange(range), kind: 'fixed', unit: 'range', ...yearAssumed }, next };
}

function recentYearOfDay(month: number, day: number, context: PeriodContext): number {
  const present = today(context);
  const passed = month < monthOf(present) || (month === monthOf(present) && day <= dayOfMonth(present));
  return yearOf(present) - (passed ? 0 : 1);
}

/** ISO days and months, 03/2026, 13/02/2026. */
export const numericRule: Rule = (tokens, at) => {
  const token = tokens[at];
  if (token === undefined) return null;
  const [a = 0, b = 0, c = 0] = token.text.split(/[-/.]/).map(Number);
  if (token.kind === 'iso') return { draft: numericDay(a, b, c, token.raw), next: at + 1 };
  if (token.kind === 'iso-month') return { draft: monthDraft(a, b), next: at + 1 };
  if (token.kind === 'slash-month') return { draft: monthDraft(b, a), next: at + 1 };
  if (token.kind !== 'slash-day') return null;
  if (a > 12 || token.text.includes('.')) return { draft: numericDay(c, b, a, token.raw), next: at + 1 };
  if (b > 12 || a === b) return { draft: numericDay(c, a, b, token.raw), next: at + 1 };
  const pad = (value: number): string => String(value).padStart(2, '0');
  const options = [`${c}-${pad(a)}-${pad(b)}`, `${c}-${pad(b)}-${pad(a)}`];
  return { draft: problem('invalid', token.raw, `"${token.raw}" can be two different days.`, options), next: at + 1 };
};

function numericDay(year: number, month: number, day: number, raw: string): Draft {
  const found = makeDay(year, month, day);
  if (found !== null) return dayDraft(found);
  const inMonth = month >= 1 && month <= 12;
  const last = inMonth ? `${year}-${String(month).padStart(2, '0')}-${daysInMonth(year, month)}` : `${year}-12-31`;
  return problem('invalid', raw, `There is no day "${raw}".`, [last]);
}

/** 'the week of 3 March', 'week ending 2026-03-08', 'week 12 of 2026'. */
export const weekRule: Rule = (tokens, at, context, readPoint) => {
  const start = skipWord(tokens, at, 'the');
  if (word(tokens, start) !== 'week') return null;
  const token = tokens[start + 1];
  if (token?.kind === 'number' && token.value >= 1 && token.value <= 53) {
    const year = readYear(tokens, start + 2, context);
    const monday = startOfUnit(
      firstOfMonth(year?.year ?? yearOf(today(context)), 1).replace('-01-01', '-01-04'),
      'week',
    );
    const draft = calendarDraft(addDays(monday, 7 * (token.value - 1)), 'week', `week ${token.value}`);
    return { draft, next: year?.next ?? start + 2 };
  }
  const lead = anyPhrase(tokens, start + 1, [
    'of',
    'starting|beginning|commencing',
    'starting|beginning on',
    'from',
    'ending|to',
    'ending on',
  ]);
  if (lead < 0) return null;
  const point = readPoint(tokens, lead, context);
  if (point === null || point.draft.unit !== 'day') return null;
  const ending = isOne(word(tokens, start + 1), 'ending to');
  const first =
    word(tokens, start + 1) === 'of'
      ? startOfUnit(point.draft.start, 'week')
      : ending
        ? addDays(point.draft.end, -7)
        : point.draft.start;
  const range = { start: first, end: addDays(first, 7) };
  return { draft: { ...range, label: describeRange(range), kind: 'fixed', unit: 'week' }, next: point.next };
};
