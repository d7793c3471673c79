import {
  addDays,
  addMonths,
  addUnits,
  type CalendarUnit,
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
import { type Draft, lastDay, type PeriodContext, type PeriodProblem, today } from './settle.ts';
import type { Token } from './tokens.ts';

/** A period read from `tokens[from..next)`. `bare`: only a period when the words around it say so ('30 days', '2025'). */
export interface Reading {
  draft: Draft;
  next: number;
  bare?: boolean;
}

type Rule = (tokens: Token[], at: number, context: PeriodContext) => Reading | null;

const UNITS: Record<string, CalendarUnit | 'hour' | 'weekend' | 'fortnight'> = {};
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
  for (const name of names.split(' ')) UNITS[name] = unit as CalendarUnit;
}

const MONTHS = new Map<string, number>();
for (const [index, name] of MONTH_NAMES.entries()) {
  MONTHS.set(name.toLowerCase(), index + 1).set(name.slice(0, 3).toLowerCase(), index + 1);
}
MONTHS.set('sept', 9);

const WEEKDAYS = new Map<string, number>();
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

const ORDINALS: Record<string, number> = { first: 1, second: 2, third: 3, fourth: 4, last: -1 };

const word = (tokens: Token[], at: number): string => (tokens[at]?.kind === 'word' ? tokens[at].text : '');
const mark = (tokens: Token[], at: number): string => (tokens[at]?.kind === 'mark' ? tokens[at].text : '');
const isOne = (text: string, options: string): boolean => text !== '' && options.split(' ').includes(text);
const skipMark = (tokens: Token[], at: number, marks = '-'): number => (isOne(mark(tokens, at), marks) ? at + 1 : at);
const skipWord = (tokens: Token[], at: number, words: string): number => (isOne(word(tokens, at), words) ? at + 1 : at);

/** The place after these words, hyphens between them allowed, or -1. */
function phrase(tokens: Token[], at: number, words: string): number {
  let next = at;
  for (const [index, expected] of words.split(' ').entries()) {
    if (index > 0) next = skipMark(tokens, next);
    if (!expected.split('|').includes(word(tokens, next))) return -1;
    next += 1;
  }
  return next;
}

function anyPhrase(tokens: Token[], at: number, phrases: string[]): number {
  return Math.max(-1, ...phrases.map((words) => phrase(tokens, at, words)));
}

function problem(reason: PeriodProblem, label: string, message: string, suggestions: string[]): Draft {
  return { start: '', end: '', label, kind: 'fixed', unit: 'range', problem: { reason, message, suggestions } };
}

function calendarDraft(start: string, unit: CalendarUnit, label: string): Draft {
  return { start, end: addUnits(start, unit, 1), label, kind: 'calendar', unit };
}

function dayDraft(day: string, label: string = describeRange({ start: day, end: addDays(day, 1) })): Draft {
  return { start: day, end: addDays(day, 1), label, kind: 'fixed', unit: 'day' };
}

const monthDraft = (year: number, month: number): Draft =>
  calendarDraft(firstOfMonth(year, month), 'month', `${MONTH_NAMES[month - 1]} ${year}`);

/** A year after a month, quarter or half: '2025', "'25", 'last year', 'this year'. */
function readYear(tokens: Token[], at: number, context: PeriodContext): { year: number; next: number } | null {
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
function readCount(tokens: Token[], at: number): { count: number; next: number; vague?: boolean } | null {
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

/** N units that end with `end` (exclusive). */
function rolling(count: number, unit: string, end: string, label: string, note?: string): Draft {
  const shared = { end, label, kind: 'rolling' as const, unit: 'range' as const, ...(note ? { note } : {}) };
  if (count < 1 || count > 4000) {
    return problem('invalid', label, `"${label}" is no period that can be counted.`, ['last 30 days']);
  }
  if (unit === 'hour') {
    const days = Math.ceil(count / 24);
    const text = days === 1 ? 'the last full day' : `the last ${days} days`;
    return {
      ...shared,
      start: addDays(end, -days),
      note: `the bill is daily, so "${label}" is read as ${text} of data`,
    };
  }
  if (unit === 'weekend') {
    const monday = startOfUnit(end, 'week');
    return { ...shared, kind: 'fixed', start: addDays(monday, -2 - 7 * (count - 1)), end: monday };
  }
  if (unit === 'fortnight') return { ...shared, start: addDays(end, -14 * count) };
  return { ...shared, start: addUnits(end, unit as CalendarUnit, -count) };
}

const plural = (count: number, unit: string): string =>
  count === 1 ? unit : `${unit}${unit === 'half' ? '-years' : 's'}`;

const rollingRule: Rule = (tokens, at, context) => {
  const start = skipWord(tokens, at, 'the');
  let next = start;
  const lead = isOne(word(tokens, next), 'last past previous trailing prior preceding recent latest');
  if (lead) next += 1;
  const count = readCount(tokens, next);
  if (count === null) return null;
  next = skipMark(tokens, count.next);
  const whole = skipWord(tokens, next, 'full complete calendar whole completed');
  const unit = UNITS[word(tokens, whole)];
  if (unit === undefined) return null;
  const letter = isOne(word(tokens, whole), 'd h w m q y');
  const apart = tokens[count.next - 1]?.end !== tokens[whole]?.start;
  if (letter && !lead && (apart || word(tokens, whole) === 'm')) return null;
  next = whole + 1;
  const label = `last ${count.count === 1 ? '' : `${count.count} `}${plural(count.count, unit)}`;
  const note = count.vague ? `"few" is read as ${count.count}` : undefined;
  const present = today(context);
  if (isOne(word(tokens, next), 'ago')) return agoReading(count.count, unit, next + 1, present);
  // 'The previous 3 months' are calendar months as 'the previous month' is one; 'the last 3 months' end with the data.
  const before = isOne(word(tokens, start), 'previous prior preceding') && ['month', 'quarter', 'year'].includes(unit);
  if ((whole > count.next || before) && unit !== 'hour' && unit !== 'weekend' && unit !== 'fortnight') {
    const end = startOfUnit(present, unit);
    return {
      draft: {
        start: addUnits(end, unit, -count.count),
        end,
        label: `last ${count.count} full ${plural(count.count, unit)}`,
        kind: 'fixed',
        unit: 'range',
      },
      next,
    };
  }
  const ending = endingAt(tokens, next, context);
  if (ending) {
    const draft = rolling(
      count.count,
      unit,
      ending.end,
      `${count.count} ${plural(count.count, unit)} to ${addDays(ending.end, -1)}`,
    );
    return { draft: { ...draft, kind: 'fixed' }, next: ending.next };
  }
  return { draft: rolling(count.count, unit, addDays(lastDay(context), 1), label, note), next, bare: !lead };
};

/** 'ending 2026-01-31', 'up to 31 January': the day after it. */
function endingAt(tokens: Token[], at: number, context: PeriodContext): { end: string; next: number } | null {
  const lead = anyPhrase(tokens, at, ['ending', 'ending on|with|at', 'up to', 'to', 'until|till|through|before']);
  if (lead < 0) return null;
  const point = readPoint(tokens, lead, context);
  if (point === null || point.draft.problem || point.bare) return null;
  return { end: word(tokens, lead - 1) === 'before' ? point.draft.start : point.draft.end, next: point.next };
}

function agoReading(count: number, unit: string, next: number, present: string): Reading | null {
  const label = `${count} ${plural(count, unit)} ago`;
  if (unit === 'day') return { draft: dayDraft(addDays(present, -count)), next };
  if (unit === 'hour') return { draft: dayDraft(addDays(present, -Math.ceil(count / 24))), next };
  if (unit === 'weekend' || unit === 'fortnight') return null;
  const start = addUnits(startOfUnit(present, unit as CalendarUnit), unit as CalendarUnit, -count);
  const draft = calendarDraft(start, unit as CalendarUnit, label);
  return { draft: { ...draft, label: unit === 'week' ? label : describeRange(draft) }, next };
}

const toDate = (unit: CalendarUnit, context: PeriodContext): Draft =>
  calendarDraft(startOfUnit(today(context), unit), unit, unit === 'day' ? 'today' : `this ${unit}`);

const PAST = 'last previous prior past preceding';
const PRESENT = 'this current';
/** 'Mois dernier' and 'mes pasado' say 'last month' the other way round; 'ce mois' and 'este mes' say 'this month'. */
const romanceUnit: Rule = (tokens, at, context) => {
  const start = skipWord(tokens, at, 'le la el');
  const unit = UNITS[word(tokens, start)];
  const present = today(context);
  if (isOne(word(tokens, start), 'ce cette este esta')) {
    const own = UNITS[word(tokens, start + 1)];
    if (own === 'week' || own === 'month' || own === 'year' || own === 'quarter')
      return { draft: toDate(own, context), next: start + 2 };
  }
  if (unit !== 'week' && unit !== 'month' && unit !== 'year' && unit !== 'quarter') return null;
  if (!isOne(word(tokens, start + 1), 'dernier dernière passé passée pasado pasada')) return null;
  return {
    draft: calendarDraft(addUnits(startOfUnit(present, unit), unit, -1), unit, `last ${unit}`),
    next: start + 2,
  };
};

const FUTURE = 'next coming upcoming following';

/** 'last month', 'this quarter so far', 'previous week', 'past year', 'next month'. */
const relativeUnit: Rule = (tokens, at, context) => {
  let next = skipWord(tokens, at, 'the');
  const lead = word(tokens, next);
  if (!isOne(lead, `${PAST} ${PRESENT} ${FUTURE} trailing`)) return null;
  next = skipWord(tokens, next + 1, 'full complete calendar whole billing');
  const full = next > skipWord(tokens, at, 'the') + 1;
  const unit = UNITS[word(tokens, next)];
  if (unit === undefined || word(tokens, next).length === 1) return null;
  next += 1;
  const present = today(context);
  const end = addDays(lastDay(context), 1);
  if (isOne(lead, FUTURE)) return { draft: futureDraft(`${lead} ${unit}`), next };
  if (unit === 'weekend') return { draft: weekendDraft(isOne(lead, PRESENT), present), next };
  if (unit === 'hour' || unit === 'fortnight') return { draft: rolling(1, unit, end, `last ${unit}`), next };
  if (isOne(lead, PRESENT)) {
    const so = anyPhrase(tokens, next, ['so far', 'to date', 'until now']);
    return { draft: toDate(unit, context), next: so > 0 ? so : next };
  }
  if (!full && (isOne(lead, 'past trailing') || unit === 'day')) {
    return { draft: rolling(1, unit, end, `last ${unit === 'day' ? 'day' : `1 ${unit}`}`), next };
  }
  const start = addUnits(startOfUnit(present, unit), unit, -1);
  const same = anyPhrase(tokens, next, ['to date']);
  if (same > 0 && unit !== 'day') return { draft: lastToDate(start, unit, context), next: same };
  return { draft: calendarDraft(start, unit, `last ${unit}`), next };
};

/** 'last month to date': the days of the unit before that answer to those of this one. */
function lastToDate(start: string, unit: CalendarUnit, context: PeriodContext): Draft {
  const last = lastDay(context);
  const end = addDays(
    unit === 'week' ? addDays(last, -7) : addMonths(last, -{ day: 0, month: 1, quarter: 3, half: 6, year: 12 }[unit]),
    1,
  );
  return { start, end, label: `last ${unit} to date`, kind: 'fixed', unit: 'range' };
}

function futureDraft(label: string): Draft {
  const message = `The period "${label}" lies in the future, and the bill only knows the past.`;
  return problem('future', label, message, ['this month', 'last 30 days']);
}

function weekendDraft(current: boolean, present: string): Draft {
  const monday = startOfUnit(present, 'week');
  const saturday = current || weekdayOf(present) === 6 ? addDays(monday, 5) : addDays(monday, -2);
  const start = !current && weekdayOf(present) === 6 ? addDays(monday, -2) : saturday;
  return {
    start,
    end: addDays(start, 2),
    label: current ? 'this weekend' : 'last weekend',
    kind: 'fixed',
    unit: 'range',
  };
}

const TO_DATE: Record<string, CalendarUnit> = { wtd: 'week', mtd: 'month', qtd: 'quarter', ytd: 'year' };

const toDateRule: Rule = (tokens, at, context) => {
  const short = TO_DATE[word(tokens, at)];
  if (short) return { draft: toDate(short, context), next: at + 1 };
  const start = skipWord(tokens, at, 'the');
  const unit = UNITS[word(tokens, start)];
  if (
    unit !== undefined &&
    word(tokens, start).length > 1 &&
    unit !== 'hour' &&
    unit !== 'weekend' &&
    unit !== 'fortnight'
  ) {
    const next = anyPhrase(tokens, skipMark(tokens, start + 1), ['to date', 'so far']);
    if (next > 0) return { draft: toDate(unit, context), next };
  }
  const soFar = phrase(tokens, at, 'so far this|the');
  const after = soFar > 0 ? UNITS[word(tokens, soFar)] : undefined;
  if (after === undefined || after === 'hour' || after === 'weekend' || after === 'fortnight') return null;
  return { draft: toDate(after, context), next: soFar + 1 };
};

const dayWords: Rule = (tokens, at, context) => {
  const present = today(context);
  const before = phrase(tokens, skipWord(tokens, at, 'the'), 'day before yesterday');
  if (before > 0) return { draft: dayDraft(addDays(present, -2), 'the day before yesterday'), next: before };
  const text = word(tokens, at);
  if (text === 'today') return { draft: { ...dayDraft(present, 'today'), kind: 'calendar' }, next: at + 1 };
  if (text === 'yesterday') return { draft: dayDraft(addDays(present, -1), 'yesterday'), next: at + 1 };
  if (text === 'overnight') {
    return { draft: rolling(1, 'day', addDays(lastDay(context), 1), 'last day'), next: at + 1 };
  }
  if (text === 'tomorrow') return { draft: futureDraft('tomorrow'), next: at + 1 };
  if (isOne(text, 'weekend') || phrase(tokens, at, 'the weekend') > 0) {
    return { draft: weekendDraft(false, present), next: skipWord(tokens, at, 'the') + 1 };
  }
  const all = anyPhrase(tokens, skipWord(tokens, at, 'of from since'), [
    'all time',
    'all-time',
    'entire|whole|full history',
    'the entire|whole|full history',
    'all history|data|dates|months',
    'all the data',
    'ever',
    'the beginning',
    'the start',
    'the beginning of time',
    'lifetime',
    'day one',
  ]);
  if (all > 0) return { draft: allTime(context), next: all };
  return null;
};

const allTime = (context: PeriodContext): Draft => ({
  start: context.dataFrom ?? '2000-01-01',
  end: addDays(lastDay(context), 1),
  label: 'all time',
  kind: 'fixed',
  unit: 'range',
});

/** 'last Tuesday', 'on Monday', 'Friday last week'. */
const weekdayRule: Rule = (tokens, at, context) => {
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

/** Q2, Q2 2025, second quarter of 2025, H1, first half of last year, 2025 Q1. */
const quarterRule: Rule = (tokens, at, context) => {
  const present = today(context);
  let next = skipWord(tokens, at, 'the');
  const leading =
    tokens[next]?.kind === 'number' && (tokens[next]?.value ?? 0) >= 1990 ? readYear(tokens, next, context) : null;
  if (leading) next = skipMark(tokens, leading.next);
  const found = readPart(tokens, next);
  if (found === null) return null;
  const months = found.unit === 'quarter' ? 3 : 6;
  const year = leading ?? readYear(tokens, found.next, context) ?? readFiscalYear(tokens, found.next);
  const month = (found.index - 1) * months + 1;
  const assumed = firstOfMonth(yearOf(present), month) > present ? yearOf(present) - 1 : yearOf(present);
  const chosen = year?.year ?? assumed;
  const label =
    found.unit === 'quarter'
      ? `Q${found.index} ${chosen}`
      : `${found.index === 1 ? 'first' : 'second'} half of ${chosen}`;
  const draft = calendarDraft(firstOfMonth(chosen, month), found.unit, label);
  return {
    draft: { ...draft, ...(year ? {} : { yearAssumed: true }) },
    next: leading ? found.next : (year?.next ?? found.next),
  };
};

function readPart(tokens: Token[], at: number): { unit: 'quarter' | 'half'; index: number; next: number } | null {
  const short = /^([qh])([1-4])$/.exec(word(tokens, at));
  if (short) {
    const unit = short[1] === 'q' ? 'quarter' : 'half';
    const index = Number(short[2]);
    return unit === 'half' && index > 2 ? null : { unit, index, next: at + 1 };
  }
  const number = tokens[at + 1]?.value ?? Number.NaN;
  if (isOne(word(tokens, at), 'quarter half') && number >= 1 && number <= (word(tokens, at) === 'half' ? 2 : 4)) {
    return { unit: word(tokens, at) as 'quarter' | 'half', index: number, next: at + 2 };
  }
  const token = tokens[at];
  const ordinal =
    token?.kind === 'number' && /(st|nd|rd|th)$/.test(token.text) ? token.value : ORDINALS[token?.text ?? ''];
  const unit = UNITS[word(tokens, skipMark(tokens, at + 1))];
  if (ordinal === undefined || ordinal < 1 || (unit !== 'quarter' && unit !== 'half')) return null;
  if (ordinal > (unit === 'half' ? 2 : 4)) return null;
  const next = skipMark(tokens, at + 1) + 1;
  const month = MONTHS.get(word(tokens, skipWord(tokens, skipWord(tokens, next, 'of'), 'the')));
  return unit === 'half' && month !== undefined ? null : { unit, index: ordinal, next };
}

/** 'first half of March': days 1 to 15, and the rest. */
const halfMonthRule: Rule = (tokens, at, context) => {
  const start = skipWord(tokens, at, 'the');
  const ordinal = ORDINALS[word(tokens, start)];
  if ((ordinal !== 1 && ordinal !== 2) || word(tokens, start + 1) !== 'half') return null;
  const month = monthRule(tokens, skipWord(tokens, start + 2, 'of'), context);
  if (month === null || month.draft.unit !== 'month') return null;
  const middle = addDays(month.draft.start, 15);
  const range = ordinal === 1 ? { start: month.draft.start, end: middle } : { start: middle, end: month.draft.end };
  return { draft: { ...range, label: describeRange(range), kind: 'fixed', unit: 'range' }, next: month.next };
};

function readFiscalYear(tokens: Token[], at: number): { year: number; next: number } | null {
  const joined = /^(?:fy|cy)(\d{2}|\d{4})$/.exec(word(tokens, at));
  if (joined) return { year: fullYear(Number(joined[1])), next: at + 1 };
  const lead = anyPhrase(tokens, at, ['fy', 'cy', 'fiscal year', 'fiscal', 'financial year', 'calendar year']);
  if (lead < 0) return null;
  const token = tokens[skipMark(tokens, lead, "' ’")];
  if (token?.kind !== 'number' || !/^(\d{2}|\d{4})$/.test(token.text)) return null;
  return { year: fullYear(token.value), next: skipMark(tokens, lead, "' ’") + 1 };
}

const fullYear = (year: number): number => (year < 100 ? 2000 + year : year);

const yearRule: Rule = (tokens, at, context) => {
  const fiscal = readFiscalYear(tokens, at);
  if (fiscal) {
    const part = readPart(tokens, fiscal.next);
    if (part) {
      const months = part.unit === 'quarter' ? 3 : 6;
      const start = firstOfMonth(fiscal.year, (part.index - 1) * months + 1);
      return {
        draft: calendarDraft(start, part.unit, `${part.unit === 'quarter' ? 'Q' : 'H'}${part.index} ${fiscal.year}`),
        next: part.next,
      };
    }
    const draft = calendarDraft(firstOfMonth(fiscal.year, 1), 'year', String(fiscal.year));
    const named = tokens[at]?.text.startsWith('f') === true;
    return {
      draft: named ? { ...draft, note: `fiscal year ${fiscal.year} is read as the calendar year` } : draft,
      next: fiscal.next,
    };
  }
  const start = skipWord(tokens, skipWord(tokens, at, 'the'), 'year');
  const token = tokens[start];
  if (token?.kind !== 'number' || !/^(19|20)\d{2}$/.test(token.text)) return null;
  const draft = calendarDraft(firstOfMonth(token.value, 1), 'year', token.text);
  return { draft, next: start + 1, bare: start === at && !readsAsYear(tokens, at, context) };
};

/** Whether a bare number such as 2025 is more likely a year than a count or an amount. */
function readsAsYear(tokens: Token[], at: number, context: PeriodContext): boolean {
  const value = tokens[at]?.value ?? 0;
  const recent = value >= 2010 && value <= yearOf(today(context)) + 1;
  const before = tokens[at - 1]?.text ?? '';
  const after = tokens[at + 1]?.text ?? '';
  const amount = isOne(before, 'over under above below than top first limit exceeding least most $ € £');
  return recent && !amount && !isOne(after, 'dollars usd eur euros rows instances resources results services bucks');
}

/** 'March', 'March 2026', 'last March', '3 March 2026', 'March 3rd', 'Nov 10-14', 'the 3rd of March', 'March last year'. */
const monthRule: Rule = (tokens, at, context) => {
  let next = skipWord(tokens, at, 'the');
  next = anyPhrase(tokens, next, ['month of']) > 0 ? next + 2 : next;
  const lead = isOne(word(tokens, next), `${PAST} ${PRESENT}`) ? word(tokens, next) : '';
  const early = isOne(word(tokens, next), 'early mid late') ? 1 : 0;
  next = skipMark(tokens, next + (lead || early ? 1 : 0));
  const dayFirst = readDayNumber(tokens, next);
  if (dayFirst) {
    const second =
      mark(tokens, dayFirst.next) === '-' || word(tokens, dayFirst.next) === 'to'
        ? readDayNumber(tokens, dayFirst.next + 1)
        : null;
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
  if (UNITS[word(tokens, at + 1)] !== undefined && tokens[at + 1]?.start === token.end) return null;
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
const numericRule: Rule = (tokens, at) => {
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
const weekRule: Rule = (tokens, at, context) => {
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
  return longest(POINTS.map((rule) => rule(tokens, at, context)));
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
  return longest([readPoint(tokens, at, context), rangeRule(tokens, at, context), openRule(tokens, at, context)]);
}
