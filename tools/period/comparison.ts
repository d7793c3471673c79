import { PennyError } from '../../errors.ts';
import { addDays, addMonths, addUnits, type CalendarUnit, daysBetween, describeRange, startOfUnit } from './days.ts';
import {
  canonical,
  type Draft,
  lastDay,
  type PeriodContext,
  previousPeriod,
  type ResolvedPeriod,
  samePeriodLastYear,
  settle,
  today,
} from './settle.ts';
import type { Token } from './tokens.ts';

/** A place in the question, as character positions `[start, end)`. */
export interface Span {
  start: number;
  end: number;
}

/** A period that a question names; `problem` instead of `period` where it cannot be used. `ends`: both ends of 'from X to Y'. */
export interface FoundPeriod extends Span {
  text: string;
  period?: ResolvedPeriod;
  problem?: PennyError;
  ends?: [ResolvedPeriod, ResolvedPeriod];
}

/**
 * A comparison that a question asks for. `compareTo` is what `query_costs` takes; `current` is absent where only the other
 * side was named ('compared to March'); `base` is the other side's days where they were named; `over` is the unit of
 * 'month over month'. `spans` are the words that said so.
 */
export interface FoundComparison {
  current?: ResolvedPeriod;
  compareTo: string;
  base?: ResolvedPeriod;
  over?: CalendarUnit;
  /** The unit of 'the month before', where nothing says before what. */
  before?: CalendarUnit;
  spans: Span[];
}

export interface FoundPeriods {
  periods: FoundPeriod[];
  comparison: FoundComparison | null;
}

/** A found period with its place among the tokens. */
export interface Found extends FoundPeriod {
  at: number;
  next: number;
  since: boolean;
}

/** Words of change, which make two periods out of 'from X to Y'. */
export const CHANGE =
  /\b(chang\w*|compar\w*|differ\w*|delta|varia\w+|increas\w*|decreas\w*|grow\w*|grew|grown|ris\w+|rose|drop\w*|fall\w*|fell|jump\w*|spik\w*|went|gone|go(?:es|ing)? (?:up|down)|up|(?<!\b(?:break|breaks|broken|breaking|drill|narrow)\s(?:\w+\s)?)down|why|evol\w+|more|less|higher|lower)\b/i;

const COMPARE = /\b(compar\w*|differ\w*|delta|versus|vs|chang\w*|evol\w+)\b/i;

/** Runs what may fail with `period_unknown` and returns its error instead. */
export function attempt<T>(run: () => T): { value: T } | { problem: PennyError } {
  try {
    return { value: run() };
  } catch (error) {
    if (error instanceof PennyError && error.code === 'period_unknown') return { problem: error };
    throw error;
  }
}

const UNIT_OVER: [RegExp, CalendarUnit][] = [
  [/\b(?:month[- ](?:over|on|to)[- ]month|mom|m\/m)\b/i, 'month'],
  [/\b(?:week[- ](?:over|on|to)[- ]week|wow|w\/w)\b/i, 'week'],
  [/\b(?:quarter[- ](?:over|on|to)[- ]quarter|qoq|q\/q)\b/i, 'quarter'],
  [/\b(?:year[- ](?:over|on|to)[- ]year|yoy|y\/y)\b/i, 'year'],
  [/\b(?:day[- ](?:over|on|to)[- ]day|dod|d\/d)\b/i, 'day'],
];

const LAST_YEAR =
  /\b(?:(?:the )?(?:same|this) (?:period|time|month|quarter|week|days?|point)(?: (?:of|in|a))?(?: the)? (?:last|previous|prior) year|(?:last|previous|prior) year(?:'s)? same (?:period|time|month|quarter|week)|(?:the )?same (?:period|time|month|quarter|week|days?) (?:a|one) year (?:ago|earlier|before)|(?:a|one) year (?:ago|earlier|before|prior)|(?:the )?year (?:before|earlier|prior))\b/i;

const SAME_BEFORE =
  /\b(?:(?:the )?(?:previous|prior|preceding|last|earlier) (?:period|one|time ?frame|window|cycle)|(?:the )?(?:period|day|week|month|quarter|\d+ days|\d+ weeks|\d+ months) (?:before(?: (?:that|it|this))?|prior|earlier|preceding)|(?:the )?same (?:period|time|days|point) (?:of|in)? ?(?:the )?(?:last|previous|prior) (?:day|week|month|quarter))\b/i;

const unitBefore = (words: string): CalendarUnit | undefined =>
  /^(?:the )?(day|week|month|quarter|year) (?:before|prior|earlier)/i.exec(words)?.[1]?.toLowerCase() as
    | CalendarUnit
    | undefined;

function match(question: string, pattern: RegExp): Span | null {
  const found = pattern.exec(question);
  return found ? { start: found.index, end: found.index + found[0].length } : null;
}

const overlaps = (a: Span, b: Span): boolean => a.start < b.end && b.start < a.end;

/** Whether the question names the words at `span` as the other side ('vs', 'than', 'compared to' before it). */
const CONNECTORS = new Set([
  'compare',
  'vs',
  'versus',
  'v',
  'against',
  'than',
  'compared',
  'comparing',
  'comparison',
  'relative',
  'opposed',
]);
const WEAK = new Set(['and', 'to', 'with', 'from', 'over', 'or', 'by']);
const PASSED = new Set(
  "the in during for of what we spent was were is had my our it that those costs cost spend bill one 's".split(' '),
);

function connector(tokens: Token[], at: number): { kind: 'strong' | 'weak'; from: number } | null {
  let place = at - 1;
  while (place >= 0 && PASSED.has(tokens[place]?.text ?? '')) place -= 1;
  const text = tokens[place]?.text ?? '';
  if (CONNECTORS.has(text)) return { kind: 'strong', from: place };
  if (!WEAK.has(text)) return null;
  const before = tokens[place - 1]?.text ?? '';
  if (CONNECTORS.has(before)) return { kind: 'strong', from: place - 1 };
  // 'Compare EC2 to last month': the verb stands before what is compared.
  const compares = tokens.slice(0, place).some((token) => /^compar(e|ing)$/.test(token.text));
  if (compares && (text === 'to' || text === 'with')) return { kind: 'strong', from: place };
  return { kind: 'weak', from: place };
}

const sameRange = (a: ResolvedPeriod, b: ResolvedPeriod): boolean =>
  a.range.start === b.range.start && a.range.end === b.range.end;

/**
 * What `compareTo` says for a pair. A unit in progress is compared with the same days of the unit before (or of last year),
 * never with the whole of it: half a month against a month would always look like a fall.
 */
function compareText(current: ResolvedPeriod, base: ResolvedPeriod): string {
  if (sameRange(current, base)) return 'previous period';
  const previous = previousPeriod(current);
  const lastYear = samePeriodLastYear(current);
  const starts = (period: ResolvedPeriod): boolean =>
    period.range.start === base.range.start && current.unit === base.unit;
  if (sameRange(previous, base) || (current.toDate && starts(previous))) return 'previous period';
  if (sameRange(lastYear, base) || (current.toDate && starts(lastYear))) return 'same period last year';
  return canonical(base.range);
}

function pair(a: ResolvedPeriod, b: ResolvedPeriod, spans: Span[]): FoundComparison {
  const [base, current] = a.range.start <= b.range.start && !sameRange(a, b) ? [a, b] : [b, a];
  return { current, base, compareTo: compareText(current, base), spans };
}

/** The period that stands against a base named alone: 'compared to last week' is about this week. */
function counterpart(base: ResolvedPeriod, context: PeriodContext): ResolvedPeriod | undefined {
  if (base.unit === 'range') return undefined;
  const unit = base.unit;
  const start = startOfUnit(today(context), unit);
  if (addUnits(start, unit, -1) !== base.range.start) return undefined;
  const draft: Draft = { start, end: addUnits(start, unit, 1), label: `this ${unit}`, kind: 'calendar', unit };
  const settled = attempt(() => settle(draft, context));
  return 'value' in settled ? settled.value : undefined;
}

function unitOver(
  unit: CalendarUnit,
  spans: Span[],
  named: ResolvedPeriod | undefined,
  context: PeriodContext,
): FoundComparison {
  const compareTo = unit === 'year' ? 'same period last year' : 'previous period';
  if (named) return { current: named, compareTo, over: unit, spans };
  const present = today(context);
  const yearToDate = startOfUnit(present, 'year');
  const covered = context.dataFrom ? addUnits(yearToDate, 'year', -1) >= context.dataFrom : false;
  const whole = unit === 'year' && !covered ? 'month' : unit;
  const draft: Draft =
    unit === 'year' && covered
      ? { start: yearToDate, end: addUnits(yearToDate, 'year', 1), label: 'this year', kind: 'calendar', unit: 'year' }
      : unit === 'day'
        ? {
            start: lastDay(context),
            end: addDays(lastDay(context), 1),
            label: 'last day',
            kind: 'rolling',
            unit: 'range',
          }
        : {
            start: addUnits(startOfUnit(present, whole), whole, -1),
            end: startOfUnit(present, whole),
            label: `last ${whole}`,
            kind: 'calendar',
            unit: whole,
          };
  const settled = attempt(() => settle(draft, context));
  return { ...('value' in settled ? { current: settled.value } : {}), compareTo, over: unit, spans };
}

const PAIRED_UNITS = new Set(['month', 'quarter', 'half', 'year', 'week']);

function endsCompared(question: string, found: Found): boolean {
  if (!found.ends || found.since || !CHANGE.test(question)) return false;
  const [first, second] = found.ends;
  if (PAIRED_UNITS.has(first.unit) && PAIRED_UNITS.has(second.unit)) return true;
  const days = daysBetween(first.range.start, second.range.start);
  return first.unit === 'day' && second.unit === 'day' && (days === 1 || /\bcompar|\bvs\b|\bversus\b/i.test(question));
}

/**
 * 'December to November' is read as eleven months, since a range runs forward; set against each other the two are neighbours.
 * A first end that fits a year later, nearer to the second, is that one.
 */
function nearEnds(found: Found & { ends: [ResolvedPeriod, ResolvedPeriod] }, context: PeriodContext): Found['ends'] {
  const [first, second] = found.ends;
  const start = addMonths(first.range.start, 12);
  const closer = daysBetween(first.range.start, second.range.start) > daysBetween(second.range.start, start);
  if (first.unit === 'day' || /\b(19|20)\d\d\b/.test(found.text) || start > lastDay(context) || !closer)
    return found.ends;
  const range = { start, end: addMonths(first.range.end, 12) };
  return [{ ...first, range, label: describeRange(range) }, second];
}

/** The comparison a question asks for, out of the periods it names and the words around them. */
export function findComparison(
  question: string,
  tokens: Token[],
  found: Found[],
  context: PeriodContext,
): FoundComparison | null {
  const usable = found.filter((one) => one.period !== undefined);
  const [first, second] = usable;
  for (const [pattern, unit] of UNIT_OVER) {
    const span = match(question, pattern);
    if (span) return unitOver(unit, [span], usable.find((one) => !overlaps(one, span))?.period, context);
  }
  for (const [pattern, compareTo] of [
    [LAST_YEAR, 'same period last year'],
    [SAME_BEFORE, 'previous period'],
  ] as const) {
    const span = match(question, pattern);
    if (span) {
      const current = usable.find((one) => !overlaps(one, span))?.period;
      const before = current ? undefined : unitBefore(question.slice(span.start, span.end));
      return { ...(current ? { current } : {}), compareTo, ...(before ? { before } : {}), spans: [span] };
    }
  }
  if (first?.period && second?.period && usable.length === 2) {
    const joint = connector(tokens, second.at);
    const spans = joint ? [{ start: tokens[joint.from]?.start ?? 0, end: second.start }] : [];
    if (isSameBefore(first, second))
      return { current: first.period, compareTo: 'previous period', spans: [second, ...spans] };
    if (joint?.kind === 'strong') return pair(first.period, second.period, spans);
    if (joint?.kind === 'weak' && COMPARE.test(question)) return pair(first.period, second.period, spans);
    if (/\b(?:compare|than)\b/i.test(question)) return pair(first.period, second.period, spans);
    return null;
  }
  if (first?.period === undefined || usable.length !== 1) return null;
  const ends = first.ends && nearEnds({ ...first, ends: first.ends }, context);
  if (endsCompared(question, first) && ends) return pair(ends[0], ends[1], []);
  return single(question, tokens, { ...first, period: first.period }, context);
}

/** 'The last 3 months against the previous 3 months': the second is what comes before the first. */
function isSameBefore(first: Found, second: Found): boolean {
  const [, count] = /^(?:the )?(?:last|past) (\S+ (?:months?|quarters?|years?|weeks?|days?))$/i.exec(first.text) ?? [];
  return count !== undefined && new RegExp(`^(?:the )?(?:previous|prior|preceding) ${count}$`, 'i').test(second.text);
}

function single(
  question: string,
  tokens: Token[],
  found: Found & { period: ResolvedPeriod },
  context: PeriodContext,
): FoundComparison | null {
  const base = found.since ? found.ends?.[0] : found.period;
  if (base === undefined) return null;
  const joint = connector(tokens, found.at);
  const since = found.since && CHANGE.test(question);
  const risen = joint?.kind === 'weak' && tokens[joint.from]?.text === 'from' && CHANGE.test(question);
  if (!since && joint?.kind !== 'strong' && !risen) return null;
  const current = counterpart(base, context);
  if (since && current === undefined) return null;
  const spans =
    joint && !since
      ? [{ start: tokens[joint.from]?.start ?? 0, end: found.end }]
      : [{ start: found.start, end: found.end }];
  return {
    ...(current ? { current } : {}),
    base,
    compareTo: current ? compareText(current, base) : canonical(base.range),
    spans,
  };
}
