import { PricingClient, paginateGetProducts } from '@aws-sdk/client-pricing';
import { z } from 'zod';
import { PennyError } from '../../../errors.ts';
import type { CloudPrice } from '../../contract.ts';
import type { Aws } from '../clients.ts';
import type { AwsPlace } from '../place.ts';
import { type Entry, priceOf, questions, withoutDoubts } from './entries.ts';
import type { PricedProducts } from './products.ts';

/** The price list is served from here for all regions. */
const PRICING_REGION = 'us-east-1';

const product = z.object({
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

/**
 * Returns the on-demand prices of the price list in these regions; of tiers the first one, which all pay. A product that comes
 * with several prices is left out: none of them would be known to be the right one.
 * @throws PennyError `value_invalid` for an entry that can't be read; `cloud_denied`, `cloud_unavailable`, `cloud_budget`
 */
export async function readPrices(aws: Aws, regions: readonly string[]): Promise<CloudPrice[]> {
  const place = aws.home(PRICING_REGION);
  try {
    const prices: CloudPrice[] = [];
    for (const regionId of regions) {
      for (const rules of questions()) {
        prices.push(...withoutDoubts(await readProducts(place, rules, regionId)));
      }
    }
    return prices;
  } finally {
    place.close();
  }
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
      const { entry, sourceDate } = parse(String(text));
      const origin = { source: 'api' as const, sourceDate, sourceUrl: null };
      if (entry !== undefined) prices.push(...rules.flatMap((rule) => priceOf(entry, rule, regionId, origin) ?? []));
    }
  }
  return prices;
}

/** Returns an entry without its other terms, such as those of reservations; undefined when it has no on-demand price. */
function parse(text: string): { entry: Entry | undefined; sourceDate: string } {
  const read = parsed(text);
  const sourceDate = read.publicationDate.slice(0, 10);
  const [term] = Object.values(read.terms.OnDemand ?? {});
  if (term === undefined) return { entry: undefined, sourceDate };
  const tiers = Object.values(term.priceDimensions).map(({ beginRange, pricePerUnit: amounts }) => ({
    beginRange,
    amounts,
  }));
  return { entry: { ...read.product, effectiveDate: term.effectiveDate.slice(0, 10), tiers }, sourceDate };
}

function parsed(text: string): z.infer<typeof product> {
  try {
    return product.parse(JSON.parse(text));
  } catch (cause) {
    throw new PennyError('value_invalid', 'An entry of the AWS price list is not as it is known.', { cause });
  }
}
