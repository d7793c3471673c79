import { COSTS, type Cost } from '../analytics/focus.ts';
import { areNear, compareDecimals, type DecimalText, plainDecimal } from '../analytics/money.ts';
import type { BillingSource } from '../clouds/contract.ts';
import type { Staged } from '../clouds/staging/stage.ts';
import type { StoredSums } from '../db/billing/store-load.ts';
import { PennyError } from '../errors.ts';

/** A sum as it was read from the files and as the database holds it; `stored` is null for what is only read. */
export interface ReportedSum {
  read: DecimalText;
  stored: DecimalText | null;
  /** The column of the bill that holds it. */
  focusColumn: Cost | null;
}

/**
 * By currency and column. The money columns of the file come under their names there, then those of the four costs that no
 * column of the file is: what the mapping makes of the lines, and what is stored.
 */
export type ReportedSums = Record<string, Record<string, ReportedSum>>;

// Floats come out a little different when they are added in another order.
const FLOAT_TOLERANCE = 1e-9;

/**
 * Checks that what is stored is what the lines of the files add up to: to the last digit, in every currency.
 * @throws PennyError `totals_differ`
 */
export function checkTotals({ totals }: Pick<Staged, 'totals'>, stored: StoredSums): void {
  for (const currency of new Set([...totals.keys(), ...stored.keys()])) {
    const read: Record<string, DecimalText | null> = {
      ...totals.get(currency)?.costs,
      x_line_count: String(totals.get(currency)?.lines ?? 0),
    };
    const kept = stored.get(currency) ?? {};
    const column = [...COSTS, 'x_line_count'].find((name) => !isSame(read[name] ?? null, kept[name] ?? null));
    if (column === undefined) continue;
    throw new PennyError(
      'totals_differ',
      `The sum of ${column} in ${currency} would be stored as ${kept[column] ?? 'nothing'}, but the files hold ${read[column] ?? 'nothing'}; nothing was stored.`,
      { details: { currency, column, read: read[column], stored: kept[column] } },
    );
  }
}

function isSame(first: DecimalText | null, second: DecimalText | null): boolean {
  return first === null || second === null ? first === second : compareDecimals(first, second) === 0;
}

/** Returns the sums of a load for its report. */
export function reportedSums(
  source: BillingSource,
  { totals, spellings, isExact }: Pick<Staged, 'totals' | 'spellings' | 'isExact'>,
  stored: StoredSums,
): ReportedSums {
  return Object.fromEntries(
    [...totals].map(([currency, { costs, read }]) => {
      const kept = stored.get(currency) ?? {};
      const ofFile = Object.entries(read).map(
        ([column, sum]) =>
          [
            spellings[column] ?? column,
            fileSum(sum, source.money[column] ?? null, kept, isExact ? 0 : FLOAT_TOLERANCE),
          ] as const,
      );
      const there = new Set(ofFile.map(([, { focusColumn }]) => focusColumn));
      const ofCharge = COSTS.flatMap((cost) => {
        const sum = costs[cost];
        if (sum === null || there.has(cost)) return [];
        return [[cost, { read: sum, stored: plainDecimal(kept[cost] ?? '0'), focusColumn: cost }] as const];
      });
      return [currency, Object.fromEntries([...ofFile, ...ofCharge])];
    }),
  );
}

/** A column that the mapping changes on some lines is not stored as it is; what became of it has a sum of its own. */
function fileSum(
  read: DecimalText,
  cost: Cost | null,
  kept: Readonly<Record<string, string | null>>,
  tolerance: number,
): ReportedSum {
  const stored = cost === null ? null : (kept[cost] ?? null);
  if (stored === null || !areNear(read, stored, tolerance)) return { read, stored: null, focusColumn: null };
  return { read, stored: plainDecimal(stored), focusColumn: cost };
}
