import type { Answer } from '../../agent/answer.ts';
import { dayText, periodText } from './dates.ts';

export type Receipt = Answer['receipts'][number];

const COST_BASES: Record<string, string> = {
  effective_cost: 'Effective cost',
  billed_cost: 'Billed cost',
  contracted_cost: 'Contracted cost',
  list_cost: 'List cost',
};

export function costBasisText(costBasis: string): string {
  return COST_BASES[costBasis] ?? costBasis;
}

export function creditsText(credits: NonNullable<Receipt['credits']>): string {
  return credits === 'included' ? 'credits included' : 'credits left out';
}

/** What a reader needs to know of an answer's numbers in one line: basis, period, credits, how far the data reaches. */
export function basisLine(receipts: Receipt[]): string {
  const parts = receipts.flatMap(({ costBasis, period, credits, dataThrough }) => [
    costBasis === undefined ? '' : costBasisText(costBasis),
    period === undefined ? '' : periodText(period),
    credits === undefined ? '' : creditsText(credits),
    dataThrough === null ? '' : `data through ${dayText(dataThrough)}`,
  ]);
  return [...new Set(parts.filter((part) => part !== ''))].join(' · ');
}

/** The notes of an answer's receipts, each once, without those that its text says already. */
export function notesOf({ text, receipts }: Pick<Answer, 'text' | 'receipts'>): string[] {
  return [...new Set(receipts.flatMap(({ notes }) => notes))].filter((note) => !text.includes(note));
}

/** What the periods in an answer's tables and chart are steps of, where all its calls agree: `month`, `day`, ... */
export function granularityOf(receipts: Receipt[]): string | undefined {
  const [granularity, ...others] = new Set(receipts.map(({ arguments: given }) => given.granularity));
  return others.length === 0 && typeof granularity === 'string' ? granularity : undefined;
}
