import { monthRule } from './dates.ts';
import { addDays, describeRange, firstOfMonth, yearOf } from './days.ts';
import { type PeriodContext, today } from './settle.ts';
import type { Token } from './tokens.ts';
import {
  anyPhrase,
  calendarDraft,
  isOne,
  MONTHS,
  ORDINALS,
  type Rule,
  readYear,
  skipMark,
  skipWord,
  unitOf,
  word,
} from './words.ts';

/** Q2, Q2 2025, second quarter of 2025, H1, first half of last year, 2025 Q1. */
export const quarterRule: Rule = (tokens, at, context) => {
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
    token?.kind === 'number' && /(st|nd|rd|th)$/.test(token.text) ? token.value : ORDINALS.get(token?.text ?? '');
  const unit = unitOf(word(tokens, skipMark(tokens, at + 1)));
  if (ordinal === undefined || ordinal < 1 || (unit !== 'quarter' && unit !== 'half')) return null;
  if (ordinal > (unit === 'half' ? 2 : 4)) return null;
  const next = skipMark(tokens, at + 1) + 1;
  const month = MONTHS.get(word(tokens, skipWord(tokens, skipWord(tokens, next, 'of'), 'the')));
  return unit === 'half' && month !== undefined ? null : { unit, index: ordinal, next };
}

/** 'first half of March': days 1 to 15, and the rest. */
export const halfMonthRule: Rule = (tokens, at, context, point) => {
  const start = skipWord(tokens, at, 'the');
  const ordinal = ORDINALS.get(word(tokens, start));
  if ((ordinal !== 1 && ordinal !== 2) || word(tokens, start + 1) !== 'half') return null;
  const month = monthRule(tokens, skipWord(tokens, start + 2, 'of'), context, point);
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

export const yearRule: Rule = (tokens, at, context) => {
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
