import { sql } from 'drizzle-orm';
import { type AnyPgColumn, check, numeric, text, timestamp } from 'drizzle-orm/pg-core';

/** An instant, read as a Date. */
export const instant = () => timestamp({ withTimezone: true, mode: 'date' });

/** An exact decimal, read as text: money and quantities never pass through a float. */
export const decimal = () => numeric({ mode: 'string' });

/** The four costs of FOCUS. Every sum must stay within one billing_currency. */
export const fourCosts = () => ({
  billedCost: decimal().notNull(),
  effectiveCost: decimal().notNull(),
  contractedCost: decimal(),
  listCost: decimal(),
});

export const FOUR_COSTS = {
  billedCost: 'What the invoice charges, in billing_currency. Sums tie to the invoice.',
  effectiveCost:
    'Amortized cost after all discounts, in billing_currency: what "spend" and "cost" mean unless asked otherwise.',
  contractedCost:
    'Cost at negotiated prices before commitment discounts, in billing_currency; NULL where the bill does not say.',
  listCost: 'Cost at public list prices, in billing_currency; NULL where the bill does not say.',
};

/** The dimensions that the daily rollups keep. */
export const rollupDimensions = () => ({
  billingCurrency: text().notNull(),
  billingAccountId: text().notNull(),
  subAccountId: text(),
  serviceProviderName: text(),
  serviceName: text(),
  serviceCategory: text(),
  regionId: text(),
  chargeCategory: text().notNull(),
  pricingCategory: text(),
  commitmentDiscountStatus: text(),
  publisherName: text(),
  billingPeriodStart: instant().notNull(),
});

export const ROLLUP_DIMENSIONS = {
  billingCurrency:
    "Currency of the costs, ISO 4217; 'XXX' when the bill names none. Different currencies are never added.",
  billingAccountId:
    "Who pays: the AWS payer account, the Azure billing account; 'unspecified' when the bill does not say.",
  subAccountId: 'The AWS linked account, Azure subscription or Google Cloud project that used it; NULL when none.',
  serviceProviderName: "Who sells the service, for example 'AWS'.",
  serviceName: "The service in the provider's own words, for example 'Amazon Elastic Compute Cloud'.",
  serviceCategory: "The FOCUS category of the service, for example 'Compute' or 'Storage'.",
  regionId: "The provider's region id, for example 'us-east-1'; NULL for global charges.",
  chargeCategory: 'Usage, Purchase, Tax, Credit or Adjustment. Credits are left out of spend and shown apart.',
  pricingCategory:
    "How the price was set: 'Standard', 'Dynamic' (spot), 'Committed' or 'Other'; NULL for charges without a price.",
  commitmentDiscountStatus: "'Used' or 'Unused' share of a commitment; NULL for charges outside commitments.",
  publisherName: 'Who made the service; differs from the provider for marketplace purchases.',
  billingPeriodStart: 'First instant (UTC) of the month whose invoice holds the charge.',
};

/** A constraint that a column holds one of `values`; NULL passes, as in every CHECK. */
export const oneOf = (name: string, column: AnyPgColumn, values: readonly string[]) =>
  check(name, sql`${column} IN (${sql.raw(values.map((value) => `'${value}'`).join(', '))})`);

/** A constraint that a column holds an ISO 4217 code. */
export const isCurrency = (name: string, column: AnyPgColumn) => check(name, sql`${column} ~ '^[A-Z]{3}$'`);
