import { attempt, CHANGE, type Found, type FoundPeriods, findComparison } from './comparison.ts';
import { readPeriod, withYearOf } from './grammar.ts';
import { type Draft, type PeriodContext, type ResolvedPeriod, settle } from './settle.ts';
import { type Token, tokenize } from './tokens.ts';
import type { Reading } from './words.ts';

const CUES = new Set(['over', 'for', 'within', 'during', 'across', 'the']);
const NOUNS = new Set(
  'trend trends window view history period report summary spend spending cost costs rolling trailing average avg'.split(
    ' ',
  ),
);
const YEAR_CUES = new Set(
  'in of for during since until till from to through between and vs versus than year by early mid late full whole all calendar'.split(
    ' ',
  ),
);

const WALKS = new Set(['me', 'us', 'go', 'going', 'look', 'looking', 'run', 'walk', 'them']);

/** Words after which 'may' is the verb. */
const AFTER_VERB = new Set(
  'i we you it he she they be have not also there this that the well help need want'.split(' '),
);
const BEFORE_VERB = new Set('i we you it he she they that which who what costs services this'.split(' '));

function isVerb(tokens: Token[], at: number): boolean {
  const text = tokens[at]?.text;
  if (text === 'may') return AFTER_VERB.has(tokens[at + 1]?.text ?? '') || BEFORE_VERB.has(tokens[at - 1]?.text ?? '');
  return text === 'march' && tokens[at - 1]?.text === 'to' && tokens[at + 1]?.text === 'on';
}

function accepts(tokens: Token[], at: number, reading: Reading): boolean {
  if (isVerb(tokens, at)) return false;
  // 'Walk me through last month' does not mean until then.
  if (tokens[at]?.text === 'through' && WALKS.has(tokens[at - 1]?.text ?? '')) return false;
  if (!reading.bare) return true;
  const before = tokens[at - 1]?.text ?? '';
  const after = tokens[reading.next]?.text ?? '';
  if (reading.draft.unit === 'year') return YEAR_CUES.has(before);
  if (before === 'than' || ['$', '€', '£'].includes(before)) return false;
  return CUES.has(before) || NOUNS.has(after) || before === '';
}

function toFound(question: string, tokens: Token[], at: number, reading: Reading, context: PeriodContext): Found {
  const start = tokens[at]?.start ?? 0;
  const end = tokens[reading.next - 1]?.end ?? start;
  const shared = {
    text: question.slice(start, end),
    start,
    end,
    at,
    next: reading.next,
    since: tokens[at]?.text === 'since',
  };
  const settled = attempt(() => settle(reading.draft, context));
  if ('problem' in settled) {
    // 'Compare this week to last week' runs backwards as a range, but names two periods all the same.
    const { ends } = settleEnds(reading.draft, context);
    if (ends && settled.problem.details?.reason === 'empty' && CHANGE.test(question))
      return { ...shared, period: ends[0], ends };
    return { ...shared, problem: settled.problem };
  }
  return { ...shared, period: settled.value, ...settleEnds(reading.draft, context) };
}

function settleEnds(draft: Draft, context: PeriodContext): { ends?: [ResolvedPeriod, ResolvedPeriod] } {
  if (!draft.ends) return {};
  const [first, second] = draft.ends;
  const settled = attempt((): [ResolvedPeriod, ResolvedPeriod] => [settle(first, context), settle(second, context)]);
  return 'value' in settled ? { ends: settled.value } : {};
}

/** Words that join two periods so closely that a year written after the second is also that of the first. */
const PAIRING = new Set(['and', 'or', 'vs', 'versus', 'v', 'to', 'with', 'against', 'than', 'compared', ',', '-', '/']);

/**
 * Every period a question names, in its order, with the comparison it asks for ('March vs April', 'compared to last month',
 * 'month over month', 'from X to Y' in a question about change). A period that cannot be used keeps its error.
 */
export function findPeriods(question: string, context: PeriodContext): FoundPeriods {
  const tokens = tokenize(question);
  const read: { at: number; reading: Reading }[] = [];
  for (let at = 0; at < tokens.length; at += 1) {
    const reading = readPeriod(tokens, at, context);
    if (reading === null || !accepts(tokens, at, reading)) continue;
    read.push({ at, reading });
    at = reading.next - 1;
  }
  const found = read.map(({ at, reading }, index) => {
    const next = read[index + 1];
    const paired = next && tokens.slice(reading.next, next.at).every(({ text }) => PAIRING.has(text));
    const draft = paired ? withYearOf(reading.draft, next.reading.draft) : reading.draft;
    return toFound(question, tokens, at, { ...reading, draft }, context);
  });
  const comparison = findComparison(question, tokens, found, context);
  // In 'the same month last year' last year is no period of its own.
  const spoken = comparison && comparison.base === undefined ? comparison.spans : [];
  const periods = found
    .filter(({ start, end }) => !spoken.some((span) => start >= span.start && end <= span.end))
    .map(({ at: _at, next: _next, since: _since, ...period }) => period);
  return { periods, comparison };
}
