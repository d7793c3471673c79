import { addDays, addMonths, addUnits, type CalendarUnit, startOfUnit, weekdayOf } from './days.ts';
import { rolling } from './rolling.ts';
import { type Draft, lastDay, type PeriodContext, today } from './settle.ts';
import type { Token } from './tokens.ts';
import {
  anyPhrase,
  calendarDraft,
  dayDraft,
  FUTURE,
  isOne,
  PAST,
  PRESENT,
  phrase,
  problem,
  type Reading,
  type Rule,
  skipMark,
  skipWord,
  unitOf,
  word,
} from './words.ts';

const toDate = (unit: CalendarUnit, context: PeriodContext): Draft =>
  calendarDraft(startOfUnit(today(context), unit), unit, unit === 'day' ? 'today' : `this ${unit}`);
/** 'Mois dernier' and 'mes pasado' say 'last month' the other way round; 'ce mois' and 'este mes' say 'this month'. */
export const romanceUnit: Rule = (tokens, at, context) => {
  const start = skipWord(tokens, at, 'le la el');
  const unit = unitOf(word(tokens, start));
  const present = today(context);
  if (isOne(word(tokens, start), 'ce cette este esta')) {
    const own = unitOf(word(tokens, start + 1));
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

/** 'last month', 'this quarter so far', 'previous week', 'past year', 'next month', 'this fiscal year'. */
export const relativeUnit: Rule = (tokens, at, context, point) => {
  const reading = readRelative(tokens, at, context, point);
  const fiscal = isOne(word(tokens, skipWord(tokens, at, 'the') + 1), 'fiscal financial');
  if (reading === null || !fiscal) return reading;
  return { ...reading, draft: { ...reading.draft, note: 'fiscal periods are read as calendar periods' } };
};

const readRelative: Rule = (tokens, at, context) => {
  let next = skipWord(tokens, at, 'the');
  const lead = word(tokens, next);
  if (!isOne(lead, `${PAST} ${PRESENT} ${FUTURE} trailing`)) return null;
  next = skipWord(tokens, next + 1, 'full complete calendar whole billing fiscal financial');
  const full = next > skipWord(tokens, at, 'the') + 1;
  const unit = unitOf(word(tokens, next));
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

const TO_DATE = new Map<string, CalendarUnit>([
  ['wtd', 'week'],
  ['mtd', 'month'],
  ['qtd', 'quarter'],
  ['ytd', 'year'],
]);

export const toDateRule: Rule = (tokens, at, context) => {
  const before = isOne(word(tokens, at), 'last previous prior') ? TO_DATE.get(word(tokens, at + 1)) : undefined;
  if (before)
    return {
      draft: lastToDate(addUnits(startOfUnit(today(context), before), before, -1), before, context),
      next: at + 2,
    };
  const short = TO_DATE.get(word(tokens, at));
  if (short) return { draft: toDate(short, context), next: at + 1 };
  const start = skipWord(tokens, at, 'the');
  const unit = unitOf(word(tokens, start));
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
  const after = soFar > 0 ? unitOf(word(tokens, soFar)) : undefined;
  if (after === undefined || after === 'hour' || after === 'weekend' || after === 'fortnight') return null;
  return { draft: toDate(after, context), next: soFar + 1 };
};

export const dayWords: Rule = (tokens, at, context) => {
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
  const begun = beginningOf(tokens, at, context);
  if (begun) return begun;
  const all = anyPhrase(tokens, skipWord(tokens, at, 'of from since'), [
    'all time',
    'to date',
    'so far',
    'thus far',
    'up to now',
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
  if (all > 0 && word(tokens, all) !== 'of') return { draft: allTime(context), next: all };
  return null;
};

/** '(since) the beginning of the year': the unit so far. */
function beginningOf(tokens: Token[], at: number, context: PeriodContext): Reading | null {
  const start = skipWord(tokens, skipWord(tokens, at, 'since from'), 'the');
  const next = anyPhrase(tokens, start, ['beginning|start of the|this']);
  const unit = next > 0 ? unitOf(word(tokens, next)) : undefined;
  if (unit !== 'week' && unit !== 'month' && unit !== 'quarter' && unit !== 'year') return null;
  return { draft: toDate(unit, context), next: next + 1 };
}

const allTime = (context: PeriodContext): Draft => ({
  start: context.dataFrom ?? '2000-01-01',
  end: addDays(lastDay(context), 1),
  label: 'all time',
  kind: 'fixed',
  unit: 'range',
});
