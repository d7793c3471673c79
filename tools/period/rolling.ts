import { addDays, addUnits, type CalendarUnit, describeRange, startOfUnit } from './days.ts';
import { type Draft, lastDay, type PeriodContext, today } from './settle.ts';
import type { Token } from './tokens.ts';
import {
  anyPhrase,
  calendarDraft,
  dayDraft,
  isOne,
  type PointReader,
  problem,
  type Reading,
  type Rule,
  readCount,
  skipMark,
  skipWord,
  unitOf,
  word,
} from './words.ts';

/** N units that end with `end` (exclusive). */
export function rolling(count: number, unit: string, end: string, label: string, note?: string): Draft {
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

export const rollingRule: Rule = (tokens, at, context, point) => {
  const start = skipWord(tokens, at, 'the');
  let next = start;
  const lead = isOne(word(tokens, next), 'last past previous trailing prior preceding recent latest');
  if (lead) next += 1;
  const count = readCount(tokens, next);
  if (count === null) return null;
  next = skipMark(tokens, count.next);
  const whole = skipWord(tokens, next, 'full complete calendar whole completed');
  const unit = unitOf(word(tokens, whole));
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
  const ending = endingAt(tokens, next, context, point);
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
function endingAt(
  tokens: Token[],
  at: number,
  context: PeriodContext,
  readPoint: PointReader,
): { end: string; next: number } | null {
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
