import { readPeriod } from './period/grammar.ts';
import {
  canonical,
  type Draft,
  type PeriodContext,
  periodError,
  previousPeriod,
  type ResolvedPeriod,
  samePeriodLastYear,
  settle,
} from './period/settle.ts';
import { type Token, tokenize } from './period/tokens.ts';

export type { FoundComparison, FoundPeriod, FoundPeriods } from './period/comparison.ts';
export { describeRange } from './period/days.ts';
export { findPeriods } from './period/find.ts';
export {
  type PeriodContext,
  type PeriodProblem,
  previousPeriod,
  type ResolvedPeriod,
  STALE_AFTER_DAYS,
  samePeriodLastYear,
} from './period/settle.ts';

const LEADS = new Set(['in', 'during', 'for', 'over', 'within', 'on', 'at', 'of', 'the', 'period', 'only']);

function readAll(text: string, context: PeriodContext): Draft {
  const tokens: Token[] = tokenize(text.trim());
  let at = 0;
  for (;;) {
    const reading = readPeriod(tokens, at, context);
    if (reading !== null && reading.next === tokens.length) return reading.draft;
    if (!LEADS.has(tokens[at]?.text ?? '')) break;
    at += 1;
  }
  const suggestions = ['last 30 days', 'this month', 'March 2026', '2026-03-01..2026-04-01'];
  throw periodError('unparsed', `The period "${text.trim().slice(0, 80)}" could not be understood.`, suggestions);
}

/**
 * The period a text names, as UTC days `[start, end)`: rolling ('last 30 days', ending with the last day of data), calendar
 * ('last month', 'Q1 2025', 'month to date') or fixed ('3 March 2026', '2026-03-01..2026-04-01', end exclusive).
 * @throws PennyError `period_unknown`; `details.reason` tells nonsense, the future, an empty range and days without data
 * apart, `details.suggestions` holds texts that would work
 */
export function resolvePeriod(text: string, context: PeriodContext): ResolvedPeriod {
  return settle(readAll(text, context), context);
}

/** The text that resolves to exactly these days again, 'YYYY-MM-DD..YYYY-MM-DD' with the end left out. */
export const periodText = (period: ResolvedPeriod): string => canonical(period.range);

const PREVIOUS = /^(the )?(previous|prior|preceding|last)( (period|one))?$|^(the )?(period|one) before$/;
const LAST_YEAR =
  /^((the )?(same|this) (period|time|month|quarter|week|days?) )?(of |in |a )?(the )?(last|previous|prior) year$|^(a|one) year (ago|earlier|before)$|^yoy$|^year[- ]over[- ]year$|^(the )?same (period|time|month|quarter|week|days?) (a|one) year (ago|earlier|before)$|^(the )?year before$/;

/**
 * The period to compare with: 'previous period', 'same period last year', or any period text.
 * @throws PennyError `period_unknown` as `resolvePeriod` does
 */
export function resolveComparison(text: string, current: ResolvedPeriod, context: PeriodContext): ResolvedPeriod {
  const words = text.trim().toLowerCase().replace(/\s+/g, ' ');
  if (PREVIOUS.test(words)) return previousPeriod(current);
  if (LAST_YEAR.test(words) && !(words === 'last year' && current.unit === 'year')) return samePeriodLastYear(current);
  return resolvePeriod(text, context);
}
