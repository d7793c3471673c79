import { compareDecimals, type DecimalText } from '../money.ts';
import type { Level } from './check.ts';

/** A finding as far as it matters to which of several is counted. */
export interface Claimant {
  key: string;
  currency: string;
  monthly: DecimalText;
  risk: Level;
  effort: Level;
  claims: readonly string[];
  /** Somebody said no to it: then what it claims is free for others. */
  isDismissed: boolean;
}

const RANK: Record<Level, number> = { low: 0, medium: 1, high: 2 };

/**
 * Returns for each finding that gives way the key of the one it gives way to. Of two findings that claim the same charge the one
 * that saves more is counted; of equal ones the one of less risk, then of less effort. So no charge is saved twice.
 */
export function alternatives(findings: readonly Claimant[]): Map<string, string> {
  const taken = new Map<string, string>();
  const given = new Map<string, string>();
  for (const { key, claims, isDismissed } of [...findings].sort(before)) {
    const holder = claims.map((claim) => taken.get(claim)).find((known) => known !== undefined);
    if (holder !== undefined) given.set(key, holder);
    else if (!isDismissed) for (const claim of claims) taken.set(claim, key);
  }
  return given;
}

function before(one: Claimant, other: Claimant): number {
  return (
    compareDecimals(other.monthly, one.monthly) ||
    RANK[one.risk] - RANK[other.risk] ||
    RANK[one.effort] - RANK[other.effort] ||
    (one.key < other.key ? -1 : 1)
  );
}
