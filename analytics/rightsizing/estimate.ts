import {
  addDecimals,
  compareDecimals,
  type DecimalText,
  divideDecimals,
  multiplyDecimals,
  roundDecimal,
} from '../money.ts';
import type { SavedShare, SavingsPart } from './check.ts';
import type { BillWindow, Charge } from './evidence.ts';

/** Hours of a month, as AWS prices and its calculator count them. */
const MONTH_HOURS = '730';
const SCALE = 6;

/** What a change would save in a month of 730 hours, in one currency. Money is decimal text. */
export interface Estimate {
  currency: string;
  /** Net of discounts and commitments: of the effective cost. */
  monthly: DecimalText;
  /** At list prices; null where the bill does not say. */
  listMonthly: DecimalText | null;
  /** The part of `monthly` that a commitment pays for: saved only when something else uses the commitment then. */
  coveredMonthly: DecimalText;
  parts: EstimatePart[];
  /** The charges touched: two recommendations that share one cannot both be had. */
  claims: string[];
}

export interface EstimatePart {
  resourceId: string | null;
  why: string;
  monthly: DecimalText;
  listMonthly: DecimalText | null;
  /** The prices compared: product, amount, source and date. */
  prices: { product: string; regionId: string; amount: DecimalText; currency: string; source: string; date: string }[];
}

/**
 * Returns what these parts come to; undefined when they are nothing: no charge is touched, or none is saved. Charges in another
 * currency than the first one are left out, which `parts` shows.
 */
export function estimateOf(parts: readonly SavingsPart[], bill: BillWindow): Estimate | undefined {
  const currency = currencyOf(parts);
  if (currency === undefined) return undefined;
  const amounts = parts.map((part) => amountsOf(part, bill, currency));
  const monthly = addDecimals(...amounts.map((one) => one.monthly));
  if (compareDecimals(round(monthly), '0') <= 0) return undefined;
  return {
    currency,
    monthly: round(monthly),
    listMonthly: sumOrNull(amounts.map(({ listMonthly }) => listMonthly)),
    coveredMonthly: round(addDecimals(...amounts.map(({ coveredMonthly }) => coveredMonthly))),
    parts: parts.map((part, index) => shown(part, amounts[index] as Amounts)),
    claims: [...new Set(parts.flatMap((part) => ('charges' in part ? claimsOf(part, currency) : [])))],
  };
}

/** Returns the estimate of a change that saves nothing by itself. */
export function noSavings(currency: string): Estimate {
  return { currency, monthly: '0', listMonthly: '0', coveredMonthly: '0', parts: [], claims: [] };
}

function currencyOf(parts: readonly SavingsPart[]): string | undefined {
  for (const part of parts) {
    const currency = 'charges' in part ? part.charges[0]?.currency : part.currency;
    if (currency !== undefined) return currency;
  }
  return undefined;
}

interface Amounts {
  monthly: DecimalText;
  listMonthly: DecimalText | null;
  coveredMonthly: DecimalText;
}

function amountsOf(part: SavingsPart, { days }: BillWindow, currency: string): Amounts {
  if (!('charges' in part)) {
    const monthly = part.currency === currency ? part.monthly : '0';
    return { monthly, listMonthly: monthly, coveredMonthly: '0' };
  }
  const charges = part.charges.filter((charge) => charge.currency === currency);
  const saved = (costs: readonly DecimalText[]): DecimalText =>
    divideDecimals(
      multiplyDecimals(multiplyDecimals(addDecimals('0', ...costs), part.savedShare), MONTH_HOURS),
      String(days * 24),
      SCALE + 4,
    );
  const lists = charges.map(({ listCost }) => listCost);
  return {
    monthly: saved(charges.map(({ effectiveCost }) => effectiveCost)),
    listMonthly: lists.includes(null) ? null : saved(lists as DecimalText[]),
    coveredMonthly: saved(charges.map(({ coveredCost }) => coveredCost)),
  };
}

function sumOrNull(amounts: readonly (DecimalText | null)[]): DecimalText | null {
  return amounts.includes(null) ? null : round(addDecimals('0', ...(amounts as DecimalText[])));
}

const round = (amount: DecimalText): DecimalText => roundDecimal(amount, SCALE);

function shown(part: SavingsPart, { monthly, listMonthly }: Amounts): EstimatePart {
  return {
    resourceId: 'charges' in part ? part.resourceId : null,
    why: part.why,
    monthly: round(monthly),
    listMonthly: listMonthly === null ? null : round(listMonthly),
    prices: (part.prices ?? []).map(({ product, regionId, listUnitPrice, currency, source, sourceDate }) => ({
      ...{ product, regionId, amount: listUnitPrice, currency, source, date: sourceDate },
    })),
  };
}

function claimsOf({ resourceId, charges, savedShare }: SavedShare, currency: string): string[] {
  if (compareDecimals(savedShare, '0') === 0) return [];
  return charges.filter((charge) => charge.currency === currency).map((charge) => claimOf(resourceId, charge));
}

function claimOf(resourceId: string, { usageType, operation, instanceType }: Charge): string {
  return [resourceId, usageType, operation, instanceType].join('\n');
}
