import { createHash } from 'node:crypto';
import type { BillingSource } from '../contract.ts';

/** Raised by one when the code of this folder makes other charges of the same lines; what a source says as data counts by itself. */
const STAGING = 1;

/**
 * Returns what changes when lines of a source would become other charges or sums: a hash over its mapping, and over the tag keys that
 * sums keep. A bill that was loaded with another one is loaded anew.
 */
export function mappingVersion(source: BillingSource, allocationKeys: readonly string[]): string {
  const parts = JSON.stringify([STAGING, mappingOf(source), allocationKeys]);
  return createHash('sha256').update(parts).digest('hex').slice(0, 16);
}

function mappingOf({ columns, charge, money, lookups, nullTexts, summed }: BillingSource): unknown {
  return [columns, charge, money, lookups, nullTexts, summed === undefined ? null : mappingOf(summed)];
}
