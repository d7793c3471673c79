import { chargesOf } from './charges.ts';
import type { Evidence } from './evidence.ts';
import { missingMetrics } from './measured.ts';

/**
 * Returns the share of the bill window, from 0 to 1, in which an instance ran, by the hours it was billed for; undefined when the
 * bill has none. What is switched off at night is not measured at night, and that is no lack of data.
 */
export function ranShare({ charges, bill }: Pick<Evidence, 'charges' | 'bill'>): number | undefined {
  const hours = chargesOf(charges, 'compute')
    .filter(({ pricingUnit }) => pricingUnit === null || /^h(ou)?rs?$/i.test(pricingUnit))
    .reduce((sum, { quantity }) => sum + Number(quantity), 0);
  return hours > 0 ? Math.min(1, hours / (bill.days * 24)) : undefined;
}

/** As `missingMetrics`, of the hours in which the instance ran. */
export function missingWhileRunning(evidence: Evidence, names: readonly string[], minimumShare: number): string[] {
  return missingMetrics(evidence.metrics, names, minimumShare * (ranShare(evidence) ?? 1));
}
