import type { Reconciliation } from '../db/queries/reconciliations.ts';
import { formatCell } from './format.ts';
import { addMonths, describeRange } from './period/days.ts';
import type { DateRange } from './tool.ts';

export const SOURCE_WORDS = { cost_explorer: 'Cost Explorer', invoice: 'the invoice' } as const;

const CAUSES: Record<string, string> = {
  tax: 'tax',
  credits: 'credits',
  refunds: 'refunds',
  support: 'support',
  marketplace: 'marketplace',
  late_data: 'late data: one side is older than the final bill',
  account_missing: 'the bill stored has nothing of this account',
};

/** Why stored and reference differ, in words; empty where that is not known. */
export function causeWords({ causes, billingCurrency }: Pick<Reconciliation, 'causes' | 'billingCurrency'>): string {
  return causes
    .map(({ cause, amount }) => {
      const words = CAUSES[cause] ?? cause;
      if (amount === null || cause === 'account_missing') return words;
      return `${words} ${formatCell(amount, 'money', billingCurrency, 'signed')}`;
    })
    .join(', ');
}

/**
 * What a reader of amounts of these days must know: one sentence for each month in them that is off, by its largest difference.
 * @param off months that are off, the largest difference of each first
 */
export function offNotes(off: readonly Reconciliation[], ranges: readonly DateRange[]): string[] {
  const months = [...new Set(off.map(({ billingMonth }) => billingMonth))];
  return months
    .filter((month) => ranges.some(({ start, end }) => month < end && addMonths(month, 1) > start))
    .map((month) => offNote(off.filter(({ billingMonth }) => billingMonth === month)));
}

function offNote([worst, ...others]: Reconciliation[]): string {
  if (worst === undefined) return '';
  const { billingMonth, covers, accountId, metric, billingCurrency, storedAmount, referenceAmount, source } = worst;
  const month = describeRange({ start: billingMonth, end: addMonths(billingMonth, 1) });
  const whose = covers === 'bill' ? `the bill of ${accountId}` : `account ${accountId}`;
  const money = (amount: string | null) => formatCell(amount, 'money', billingCurrency);
  const more =
    others.length === 0
      ? ''
      : ` ${others.length} more ${others.length === 1 ? 'comparison differs' : 'comparisons differ'} too.`;
  return `${month} does not reconcile: the ${metric.replace('_', ' ')} stored of ${whose} is ${money(storedAmount)}, ${
    source === null ? 'the reference' : SOURCE_WORDS[source]
  } says ${money(referenceAmount)}.${more}`;
}
