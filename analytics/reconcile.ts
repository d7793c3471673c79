import { addDecimals, compareDecimals, type DecimalText, multiplyDecimals, subtractDecimals } from './money.ts';

/** A cost and the parts of it that bills and references treat differently; a part is null where the cost is not split. */
export interface SplitCost {
  total: DecimalText;
  tax: DecimalText | null;
  credits: DecimalText | null;
  refunds: DecimalText | null;
  support: DecimalText | null;
  marketplace: DecimalText | null;
}

/** What is stored of a month beside what somebody else says it cost; null where one side has nothing. */
export interface BillPair {
  /** First day of the month. */
  month: string;
  stored: SplitCost | null;
  reference: SplitCost | null;
  /** Whether any bill of the month is stored, so that an account without charges has none. */
  isMonthLoaded: boolean;
  loadedAt: Date | null;
  fetchedAt: Date | null;
}

/** A difference up to `percent` of the reference, or up to `amount` in its currency, is none. */
export interface ReconcileThreshold {
  percent: DecimalText;
  amount: DecimalText;
}

export type Cause = (typeof PARTS)[number] | 'late_data' | 'account_missing';

export interface Reconciled {
  status: 'ok' | 'explained' | 'off' | 'unknown';
  storedAmount: DecimalText | null;
  referenceAmount: DecimalText | null;
  /** Stored less reference. */
  difference: DecimalText | null;
  /** What accounts for the difference; the amount is null where it can't be told. */
  causes: { cause: Cause; amount: DecimalText | null }[];
}

const PARTS = ['tax', 'credits', 'refunds', 'support', 'marketplace'] as const;

/** Days after a month's end until when refunds, credits and support still come; AWS finalizes by the 6th or 7th. */
const SETTLING_DAYS = 7;
const DAY_MS = 86_400_000;

/** Returns the instant from which a month's bill no longer changes by itself. */
export function settledAt(month: string): Date {
  const first = new Date(`${month}T00:00:00Z`);
  return new Date(Date.UTC(first.getUTCFullYear(), first.getUTCMonth() + 1, 1) + SETTLING_DAYS * DAY_MS);
}

/**
 * Returns how a month stands: `ok` within the threshold; `explained` when the fewest parts (tax, credits, refunds, support,
 * marketplace) account for what exceeds it, or one side is older than the final bill; `off` beyond it without either; `unknown`
 * when there is nothing to compare.
 */
export function reconcile(pair: BillPair, threshold: ReconcileThreshold, now: Date): Reconciled {
  const { reference } = pair;
  const stored = pair.stored ?? (pair.isMonthLoaded ? NOTHING : null);
  const amounts = { storedAmount: stored?.total ?? null, referenceAmount: reference?.total ?? null };
  if (stored === null || reference === null) return { status: 'unknown', ...amounts, difference: null, causes: [] };
  const difference = subtractDecimals(stored.total, reference.total);
  const allowed = allowedDifference(reference.total, threshold);
  const judged = { ...amounts, difference };
  if (isWithin(difference, allowed)) return { status: 'ok', ...judged, causes: [] };
  if (pair.stored === null)
    return { status: 'off', ...judged, causes: [{ cause: 'account_missing', amount: difference }] };
  const parts = fewestParts(difference, allowed, differingParts(stored, reference));
  if (parts !== undefined) return { status: 'explained', ...judged, causes: parts };
  if (isLate(pair, now)) return { status: 'explained', ...judged, causes: [{ cause: 'late_data', amount: null }] };
  return { status: 'off', ...judged, causes: [] };
}

const NOTHING: SplitCost = { total: '0', tax: '0', credits: '0', refunds: '0', support: '0', marketplace: '0' };

function allowedDifference(reference: DecimalText, { percent, amount }: ReconcileThreshold): DecimalText {
  const share = multiplyDecimals(multiplyDecimals(sizeOf(reference), percent), '0.01');
  return compareDecimals(share, amount) > 0 ? share : amount;
}

function isWithin(amount: DecimalText, allowed: DecimalText): boolean {
  return compareDecimals(sizeOf(amount), allowed) <= 0;
}

function sizeOf(amount: DecimalText): DecimalText {
  return compareDecimals(amount, '0') < 0 ? subtractDecimals('0', amount) : amount;
}

interface Part {
  cause: (typeof PARTS)[number];
  amount: DecimalText;
}

/** Where the reference gives a part, what differs in it; where it does not, the part may be left out of it whole. */
function differingParts(stored: SplitCost, reference: SplitCost): Part[] {
  return PARTS.map((cause) => ({
    cause,
    amount: subtractDecimals(stored[cause] ?? '0', reference[cause] ?? '0'),
  })).filter(({ amount }) => compareDecimals(amount, '0') !== 0);
}

/** The fewest parts that leave no more than `allowed` of the difference; of as many, those that leave least. */
function fewestParts(difference: DecimalText, allowed: DecimalText, parts: Part[]): Part[] | undefined {
  return subsetsOf(parts)
    .map((chosen) => ({ chosen, rest: sizeOf(subtractDecimals(difference, addDecimals(...amountsOf(chosen)))) }))
    .filter(({ rest }) => compareDecimals(rest, allowed) <= 0)
    .sort((one, other) => one.chosen.length - other.chosen.length || compareDecimals(one.rest, other.rest))[0]?.chosen;
}

const amountsOf = (parts: Part[]): DecimalText[] => parts.map(({ amount }) => amount);

function subsetsOf(parts: Part[]): Part[][] {
  const sets: Part[][] = [[]];
  for (const part of parts) sets.push(...sets.map((set) => [...set, part]));
  return sets.slice(1);
}

/** Whether the month still changes, or one side dates from when it did and the other is newer. */
function isLate({ month, loadedAt, fetchedAt }: BillPair, now: Date): boolean {
  const settled = settledAt(month);
  if (now < settled) return true;
  if (loadedAt === null || fetchedAt === null) return false;
  return (loadedAt < settled && loadedAt < fetchedAt) || (fetchedAt < settled && fetchedAt < loadedAt);
}
