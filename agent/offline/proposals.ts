import type { DoneCall, Turn } from './history.ts';
import type { Plan } from './plan.ts';
import { toCount } from './read.ts';
import { rowIndex } from './rows.ts';

/** Verbs by which somebody wants done what was recommended. Approving is none of them: that takes a button, and somebody else. */
const WANTS =
  /^\W*(?:(?:ok|okay|yes|please|pls|penny|then|and|so|now|great|can you|could you|would you|will you|go ahead and|let'?s|let us)[\s,]+)*(?:stop|shut down|turn off|delete|remove|terminate|release|resize|rightsize|downsize|convert|migrate|scale|clean up|apply|propose|request|do|fix|schedule|change)\b/i;

/** Orders that can be taken back, and recommendations that cannot: nobody is to approve more than was asked for. */
const STOPS = /\b(stop|shut down|turn off)\b/i;
const FINAL = /\b(terminate|delete|remove|release)\b/i;

const ALL = /\b(all|both|them|these|those|everything|each)\b/i;
const SOME = /\b(?:first|top|largest|biggest) (\d{1,2}|[a-z]+)\b/i;
const PRONOUN = /\b(it|that|this)\b/i;

/** The most that is proposed at once without being counted. */
const MOST = 20;

/**
 * The proposal that an order such as 'stop the first two' asks for, after recommendations were shown; null where it asks for none. The numbers
 * come from the result, never from the text.
 */
export function proposalOf(question: string, history: readonly Turn[]): Plan | null {
  if (!WANTS.test(question)) return null;
  // A turn that only asked back showed nothing else meanwhile.
  const shown = history
    .findLast(({ calls }) => calls.length > 0)
    ?.calls.findLast(({ tool }) => tool === 'find_recommendations');
  const ids = shown === undefined ? [] : idsOf(shown);
  if (ids.length === 0) return null;
  const chosen = chooseRows(question, ids);
  if (chosen === null) {
    const text = 'Which of them? Say for example "the first two", "number three" or "all of them".';
    return { kind: 'clarify', text, options: ['The first one', 'The first two', 'All of them'] };
  }
  if (chosen.length === 0) return null;
  const more = STOPS.test(question) && wordsOf(shown, chosen).some((what) => FINAL.test(what));
  if (more) {
    const text =
      'What is recommended there ends things for good, which is more than to stop them. Ask to have it proposed if that is what you want; it says exactly what would be done.';
    return { kind: 'clarify', text, options: [question.replace(STOPS, 'propose').replace(/^\W*propose/i, 'Propose')] };
  }
  return {
    kind: 'call',
    calls: [{ tool: 'propose_remediation', input: { recommendationIds: chosen }, shape: { subject: '' } }],
    caveats: [],
  };
}

function idsOf({ result }: DoneCall): number[] {
  if (result?.status !== 'ok') return [];
  return (result.tables[0]?.rows ?? []).flatMap(({ recommendation_id: id }) => {
    const number = Number(id);
    return id === null || id === undefined || !Number.isSafeInteger(number) ? [] : [number];
  });
}

/** What is recommended in the rows of these numbers. */
function wordsOf(shown: DoneCall | undefined, ids: readonly number[]): string[] {
  const rows = shown?.result?.tables[0]?.rows ?? [];
  return rows.flatMap(({ recommendation_id: id, what }) => (ids.includes(Number(id)) ? [String(what ?? '')] : []));
}

function chooseRows(question: string, ids: readonly number[]): number[] | null {
  const some = SOME.exec(question)?.[1];
  const count = some === undefined ? null : /^\d+$/.test(some) ? Number(some) : toCount(some);
  if (count !== null) return ids.slice(0, Math.min(count, MOST));
  const index = rowIndex(question);
  if (index !== null) return ids.at(index) === undefined ? [] : [ids.at(index) as number];
  if (ALL.test(question)) return ids.slice(0, MOST);
  if (ids.length === 1 || PRONOUN.test(question)) return ids.length === 1 ? [...ids] : null;
  return null;
}
