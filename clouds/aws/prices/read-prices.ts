import { PricingClient, paginateGetProducts } from '@aws-sdk/client-pricing';
import { z } from 'zod';
import { isDecimal, plainDecimal } from '../../../analytics/money.ts';
import { PennyError } from '../../../errors.ts';
import type { CloudPrice } from '../../contract.ts';
import type { Aws } from '../clients.ts';
import type { AwsPlace } from '../place.ts';
import { PRODUCTS, type PricedProducts } from './products.ts';

/** The price list is served from here for all regions. */
const PRICING_REGION = 'us-east-1';

const entry = z.object({
  product: z.object({ sku: z.string(), attributes: z.record(z.string(), z.string()).default({}) }),
  publicationDate: z.iso.datetime(),
  terms: z.object({
    OnDemand: z
      .record(
        z.string(),
        z.object({
          effectiveDate: z.iso.datetime(),
          priceDimensions: z.record(
            z.string(),
            z.object({ beginRange: z.string().optional(), pricePerUnit: z.record(z.string(), z.string()) }),
          ),
        }),
      )
      .optional(),
  }),
});
type Entry = z.infer<typeof entry>;

/**
 * Returns the on-demand prices of the price list in these regions; of tiers the first one, which all pay. A product that comes
 * with several prices is left out: none of them would be known to be the right one.
 * @throws PennyError `value_invalid` for an entry that can't be read; `cloud_denied`, `cloud_unavailable`, `cloud_budget`
 */
export async function readPrices(aws: Aws, regions: readonly string[], signal?: AbortSignal): Promise<CloudPrice[]> {
  const place = aws.home(PRICING_REGION);
  try {
    const prices: CloudPrice[] = [];
    for (const regionId of regions) {
      // Rules that ask the same are answered by one question.
      for (const rules of groups()) {
        signal?.throwIfAborted();
        prices.push(...withoutDoubts(await readProducts(place, rules, regionId)));
      }
    }
    return prices;
  } finally {
    place.close();
  }
}

function groups(): PricedProducts[][] {
  const byQuestion = new Map<string, PricedProducts[]>();
  for (const rule of PRODUCTS) {
    const question = JSON.stringify([rule.serviceCode, rule.filters]);
    byQuestion.set(question, [...(byQuestion.get(question) ?? []), rule]);
  }
  return [...byQuestion.values()];
}

async function readProducts(place: AwsPlace, rules: PricedProducts[], regionId: string): Promise<CloudPrice[]> {
  const [first] = rules;
  if (first === undefined) return [];
  const filters = { ...first.filters, regionCode: regionId };
  const Filters = Object.entries(filters).map(([Field, Value]) => ({ Type: 'TERM_MATCH' as const, Field, Value }));
  const prices: CloudPrice[] = [];
  const asked = { ServiceCode: first.serviceCode, Filters };
  for await (const { PriceList } of paginateGetProducts(
    { client: place.client(PricingClient), pageSize: 100 },
    asked,
  )) {
    for (const text of PriceList ?? []) {
      const read = parse(String(text));
      prices.push(...rules.flatMap((rule) => priceOf(read, rule, regionId) ?? []));
    }
  }
  return prices;
}

function parse(text: string): Entry {
  try {
    return entry.parse(JSON.parse(text));
  } catch (cause) {
    throw new PennyError('value_invalid', 'An entry of the AWS price list is not as it is known.', { cause });
  }
}

function priceOf(read: Entry, rule: PricedProducts, regionId: string): CloudPrice | undefined {
  const { sku, attributes } = read.product;
  const product = rule.nameOf(attributes);
  const [term] = Object.values(read.terms.OnDemand ?? {});
  if (product === undefined || term === undefined) return undefined;
  const first = Object.values(term.priceDimensions).find(
    ({ beginRange }) => beginRange === undefined || beginRange === '0',
  );
  const [pricingCurrency, amount] = Object.entries(first?.pricePerUnit ?? {})[0] ?? [];
  if (pricingCurrency === undefined || amount === undefined || !isDecimal(amount)) return undefined;
  const listUnitPrice = plainDecimal(amount);
  // What costs nothing here is paid for elsewhere, such as hours that a host of one's own covers.
  if (!/[1-9]/.test(listUnitPrice)) return undefined;
  const { serviceCode, unit } = rule;
  const known = ['vcpu', 'memory', 'operatingSystem', 'processorArchitecture', 'usagetype'].flatMap((name) => {
    const value = attributes[name];
    return value === undefined ? [] : [[name, value]];
  });
  return {
    ...{
      serviceProviderName: 'AWS',
      serviceCode,
      product,
      regionId,
      pricingUnit: unit,
      pricingCurrency,
      listUnitPrice,
    },
    skuId: sku,
    attributes: Object.fromEntries(known),
    validFrom: term.effectiveDate.slice(0, 10),
    source: 'api',
    sourceDate: read.publicationDate.slice(0, 10),
    sourceUrl: null,
  };
}

function withoutDoubts(prices: readonly CloudPrice[]): CloudPrice[] {
  const byProduct = new Map<string, CloudPrice[]>();
  for (const price of prices) {
    const key = `${price.product} ${price.pricingUnit}`;
    byProduct.set(key, [...(byProduct.get(key) ?? []), price]);
  }
  return [...byProduct.values()].flatMap((same) =>
    new Set(same.map(({ listUnitPrice }) => listUnitPrice)).size === 1 ? same.slice(0, 1) : [],
  );
}
