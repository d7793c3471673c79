import type { CostRequest, CostTotals } from '../db/queries/costs.ts';
import { formatCell } from './format.ts';

/** What a reader must know to read the amounts right: what is left out, what is in, what cannot be told. */
export function amountNotes(
  request: Pick<CostRequest, 'metric' | 'includeCredits'>,
  totals: readonly CostTotals[],
): string[] {
  const notes = totals.flatMap((one) => currencyNotes(request, one));
  if (totals.length > 1) {
    const currencies = totals.map(({ currency }) => currency).join(', ');
    notes.push(`The bill has several currencies (${currencies}); each is summed and ranked apart.`);
  }
  return notes;
}

function currencyNotes(
  { metric, includeCredits }: Pick<CostRequest, 'metric' | 'includeCredits'>,
  { currency, credits, tax, unknownFor }: CostTotals,
): string[] {
  const shown = (amount: string): string => formatCell(amount, 'money', currency);
  const notes: string[] = [];
  if (credits !== '0') notes.push(`Credits of ${shown(credits)} are ${includeCredits ? 'included' : 'left out'}.`);
  if (tax !== '0') notes.push(`Tax of ${shown(tax)} is included.`);
  if (unknownFor !== null && unknownFor !== '0') {
    notes.push(
      `The bill gives no ${metric} for charges of ${shown(unknownFor)} effective cost; the sum leaves them out.`,
    );
  }
  if (currency === 'XXX') notes.push('The bill names no currency.');
  return notes;
}

/** Says how much of the total stands beyond the rows shown. */
export function limitNotes(totals: readonly CostTotals[], limit: number): string[] {
  return totals
    .filter(({ groups }) => groups > limit)
    .map(({ groups, rest, currency }) => {
      const others = rest === null ? '' : `; everything not shown adds up to ${formatCell(rest, 'money', currency)}`;
      return `${limit} of ${groups} are shown${others}.`;
    });
}
