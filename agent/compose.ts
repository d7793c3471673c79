import type { ErrorCode, PennyError } from '../errors.ts';
import type { Receipt } from '../tools/tool.ts';
import type { Answer } from './answer.ts';
import { plainWords } from './plain.ts';
import type { TurnResult } from './results.ts';
import type { TurnOutcome } from './turn.ts';

const STATUS_MARK = /^\s*\[(clarify|refused)\]\s*/i;

type Status = Answer['status'];

/** The answer a surface renders: checked text, the tables and chart of the results, a receipt for each call. */
export function composeAnswer(queryId: string, threadId: string, outcome: TurnOutcome, results: TurnResult[]): Answer {
  const ok = results.filter(({ result }) => result.status === 'ok');
  const mark = STATUS_MARK.exec(outcome.text)?.[1]?.toLowerCase() as Status | undefined;
  const kwargs = outcome.message.additional_kwargs as { answerStatus?: Status; followUps?: string[] };
  const words = plainWords(outcome.text.replace(STATUS_MARK, '')).trim();
  const usable = words !== '' && outcome.unsupported.length === 0;
  const status = kwargs.answerStatus ?? mark ?? statusOf(results, usable);
  const charts = ok.flatMap(({ result }) => (result.status === 'ok' && result.data.chart ? [result.data.chart] : []));
  return {
    queryId,
    threadId,
    status: usable || ok.length > 0 ? status : 'failed',
    text: usable ? withBasis(words, ok) : withoutWords(ok),
    tables: ok.flatMap(({ result }) => (result.status === 'ok' ? result.data.tables.map(shownTable) : [])),
    ...(charts[0] === undefined ? {} : { chart: charts[0] }),
    receipts: receiptsOf(results),
    proposals: ok.flatMap(({ result }) => (result.status === 'ok' ? (result.data.proposals ?? []) : [])),
    followUps: (kwargs.followUps ?? []).slice(0, 3),
  };
}

/** The answer of a turn that broke: says what happened, and keeps the receipts of what did run. */
export function failedAnswer(queryId: string, threadId: string, failure: PennyError, results: TurnResult[]): Answer {
  const advice = ADVICE[failure.code] ?? 'Please try again.';
  return {
    queryId,
    threadId,
    status: 'failed',
    text: `${failure.message} ${advice}`,
    tables: [],
    receipts: receiptsOf(results),
    proposals: [],
    followUps: [],
  };
}

const ADVICE: Partial<Record<ErrorCode, string>> = {
  model_timeout: 'Please ask again, perhaps for less at once.',
  model_rate_limited: 'Please ask again in a minute; if it stays like this, its quota may be used up.',
  model_unavailable: 'Please try again; if it stays like this, tell whoever runs Penny.',
};

function receiptsOf(results: TurnResult[]): Receipt[] {
  return results.flatMap(({ result }) =>
    result.status === 'ok' || result.status === 'no_data' ? [result.receipt] : [],
  );
}

/** The status of an answer that does not name one itself: what the tools said, the most telling first. */
function statusOf(results: TurnResult[], usable: boolean): Status {
  const statuses = new Set(results.map(({ result }) => result.status));
  if (statuses.has('ok')) return 'answered';
  if (statuses.has('no_data')) return 'no_data';
  if (statuses.has('denied')) return 'refused';
  if (statuses.has('error')) return 'failed';
  return usable ? 'refused' : 'failed';
}

function shownTable({
  title,
  columns,
  rows,
}: {
  title: string;
  columns: { name: string; kind: string; unit: string | null }[];
  rows: Answer['tables'][number]['rows'];
}): Answer['tables'][number] {
  return { title, columns: columns.map(({ name, kind, unit }) => ({ name, kind, unit })), rows };
}

const BASIS: Record<string, string> = {
  effective_cost: 'Effective cost (amortized)',
  billed_cost: 'Billed cost (as invoiced)',
  contracted_cost: 'Contracted cost (negotiated prices)',
  list_cost: 'List cost (public prices)',
};

/** "Effective cost (amortized), credits excluded, 2026-09-25 to 2026-11-23; data through 2026-11-23." or '' for a receipt of no cost. */
export function basisSentence(receipt: Receipt): string {
  if (receipt.costBasis === undefined) return '';
  const lastDay = receipt.period === undefined ? undefined : dayBefore(receipt.period.end);
  const parts = [
    BASIS[receipt.costBasis] ?? receipt.costBasis,
    receipt.credits === undefined ? '' : `credits ${receipt.credits}`,
    receipt.period === undefined
      ? ''
      : receipt.period.start === lastDay
        ? receipt.period.start
        : `${receipt.period.start} to ${lastDay}`,
  ].filter((part) => part !== '');
  const through = receipt.dataThrough === null ? '' : `; data through ${receipt.dataThrough}`;
  return `${parts.join(', ')}${through}.`;
}

function dayBefore(day: string): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) - 86_400_000).toISOString().slice(0, 10);
}

/** Adds the basis, credits rule and period where the words do not name them, so that no cost stands without its kind. */
function withBasis(words: string, ok: TurnResult[]): string {
  const receipt = ok
    .map(({ result }) => (result.status === 'ok' ? result.receipt : undefined))
    .find((one) => one?.costBasis);
  if (receipt === undefined) return words;
  const names = new RegExp(receipt.costBasis?.replace('_', '[ _]') ?? '', 'i');
  const complete =
    names.test(words) &&
    /credit/i.test(words) &&
    (receipt.period === undefined || words.includes(receipt.period.start));
  return complete ? words : `${words}\n\n${basisSentence(receipt)}`;
}

/** What is said when the words could not be trusted: the table speaks alone. */
function withoutWords(ok: TurnResult[]): string {
  const receipts = ok.flatMap(({ result }) => (result.status === 'ok' ? [result.receipt] : []));
  if (receipts.length === 0)
    return 'I could not put together an answer whose numbers I can stand behind. Please ask again, or more exactly.';
  const basis = [...new Set(receipts.map(basisSentence))].filter((sentence) => sentence !== '').join(' ');
  return `I could not write this up with numbers I can stand behind, so the tables below speak for themselves.${basis === '' ? '' : ` ${basis}`}`;
}
