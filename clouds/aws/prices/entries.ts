import { isDecimal, plainDecimal } from '../../../analytics/money.ts';
import type { CloudPrice } from '../../contract.ts';
import { PRODUCTS, type PricedProducts } from './products.ts';

/** A product of the price list with its on-demand prices, one a tier, wherever it was read. */
export interface Entry {
  sku: string;
  /** By the names that the Price List Query API gives them. */
  attributes: Readonly<Record<string, string>>;
  /** YYYY-MM-DD */
  effectiveDate: string;
  /** `beginRange` is '0', or missing, for the first. */
  tiers: readonly { beginRange: string | undefined; amounts: Readonly<Record<string, string>> }[];
}

/** Where a price was read, and when that was published. */
export type Origin = Pick<CloudPrice, 'source' | 'sourceDate' | 'sourceUrl'>;

/** Returns the rules of products by what is asked for them: rules that ask the same are answered by one question. */
export function questions(): PricedProducts[][] {
  const byQuestion = new Map<string, PricedProducts[]>();
  for (const rule of PRODUCTS) {
    const question = JSON.stringify([rule.serviceCode, rule.filters]);
    byQuestion.set(question, [...(byQuestion.get(question) ?? []), rule]);
  }
  return [...byQuestion.values()];
}

/** The attributes that are kept with a price. */
export const KEPT = ['vcpu', 'memory', 'operatingSystem', 'processorArchitecture', 'usagetype'] as const;

/** Returns the price of an entry under our name; undefined when it is not one the rule is about, or costs nothing. */
export function priceOf(entry: Entry, rule: PricedProducts, regionId: string, origin: Origin): CloudPrice | undefined {
  const { sku, attributes } = entry;
  const product = rule.nameOf(attributes);
  const first = entry.tiers.find(({ beginRange }) => beginRange === undefined || beginRange === '0');
  const [pricingCurrency, amount] = Object.entries(first?.amounts ?? {})[0] ?? [];
  if (product === undefined || pricingCurrency === undefined || amount === undefined || !isDecimal(amount))
    return undefined;
  const listUnitPrice = plainDecimal(amount);
  // What costs nothing here is paid for elsewhere, such as hours that a host of one's own covers.
  if (!/[1-9]/.test(listUnitPrice)) return undefined;
  const { serviceCode, unit: pricingUnit } = rule;
  const kept = KEPT.flatMap((name) => (attributes[name] === undefined ? [] : [[name, attributes[name]]]));
  return {
    ...{ serviceProviderName: 'AWS', serviceCode, product, regionId, pricingUnit, pricingCurrency, listUnitPrice },
    ...{ skuId: sku, attributes: Object.fromEntries(kept), validFrom: entry.effectiveDate, ...origin },
  };
}

/** Returns the prices without those of a product that comes with several: none of them would be known to be the right one. */
export function withoutDoubts(prices: readonly CloudPrice[]): CloudPrice[] {
  const byProduct = new Map<string, CloudPrice[]>();
  for (const price of prices) {
    const key = `${price.product} ${price.pricingUnit}`;
    byProduct.set(key, [...(byProduct.get(key) ?? []), price]);
  }
  return [...byProduct.values()].flatMap((same) =>
    new Set(same.map(({ listUnitPrice }) => listUnitPrice)).size === 1 ? same.slice(0, 1) : [],
  );
}
