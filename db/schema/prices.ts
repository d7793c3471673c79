import { sql } from 'drizzle-orm';
import { bigint, check, date, jsonb, pgTable, text, unique } from 'drizzle-orm/pg-core';
import { decimal, instant, isCurrency, oneOf } from './columns.ts';
import { describe } from './describe.ts';

export const PRICING_CATEGORIES = ['Standard', 'Dynamic', 'Committed', 'Other'] as const;
export const PRICE_SOURCES = ['api', 'bulk list', 'snapshot'] as const;

export const prices = describe(
  pgTable(
    'prices',
    {
      priceId: bigint({ mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
      serviceProviderName: text().notNull(),
      serviceCode: text().notNull(),
      product: text().notNull(),
      regionId: text().notNull(),
      pricingCategory: text({ enum: PRICING_CATEGORIES }).notNull(),
      pricingUnit: text().notNull(),
      pricingCurrency: text().notNull(),
      listUnitPrice: decimal().notNull(),
      skuId: text(),
      attributes: jsonb().$type<Record<string, unknown>>().notNull().default({}),
      validFrom: date().notNull(),
      validTo: date(),
      source: text({ enum: PRICE_SOURCES }).notNull(),
      sourceDate: date().notNull(),
      sourceUrl: text(),
      fetchedAt: instant().notNull().defaultNow(),
    },
    (table) => [
      unique('prices_version').on(
        table.serviceProviderName,
        table.serviceCode,
        table.product,
        table.regionId,
        table.pricingCategory,
        table.pricingUnit,
        table.pricingCurrency,
        table.validFrom,
      ),
      oneOf('prices_pricing_category', table.pricingCategory, PRICING_CATEGORIES),
      oneOf('prices_source', table.source, PRICE_SOURCES),
      isCurrency('prices_currency', table.pricingCurrency),
      check('prices_amount', sql`${table.listUnitPrice} >= 0`),
      check('prices_validity', sql`${table.validFrom} < ${table.validTo}`),
    ],
  ),
  'List prices with the days they were true. A new price ends the one before and never overwrites it.',
  {
    priceId: 'Number of the price.',
    serviceProviderName: "Who sells, for example 'AWS'.",
    serviceCode: "The provider's code of the service, for example 'AmazonEC2'.",
    product: "What is sold, for example 'm5.large linux' or 'gp3 storage'.",
    regionId: "The region; 'global' for prices that hold everywhere.",
    pricingCategory: "'Standard' (on demand), 'Dynamic' (spot), 'Committed' or 'Other'.",
    pricingUnit: "What one price buys, for example 'Hrs' or 'GB-Mo'.",
    pricingCurrency: 'Currency of the price, ISO 4217.',
    listUnitPrice: 'Public price of one pricing_unit.',
    skuId: "The provider's id of what is priced; NULL where the source has none.",
    attributes: 'What else identifies it: vcpu, memory, operating system, term.',
    validFrom: 'First day it was true, as far as the source tells.',
    validTo: 'First day it was no longer true; NULL while it is.',
    source:
      "Where it is from: the pricing 'api', the provider's 'bulk list', or the dated 'snapshot' that ships with Penny.",
    sourceDate: 'Day of the source.',
    sourceUrl: 'Where the source can be read; NULL for an API.',
    fetchedAt: 'When it was stored.',
  },
);
