import type { DecimalText } from '../money.ts';
import type { MeasuredHour } from './measured-hours.ts';

/**
 * What a check may know of one resource, read from stored data and handed over as plain values. What is not known is absent or
 * null: no measurement is not a measurement of zero.
 */
export interface Evidence {
  resource: ResourceFacts;
  /** What the check asked for, by the metric's name; one without a single hour in its window is absent. */
  metrics: Readonly<Record<string, MetricSummary>>;
  /** The resource's own charges in the bill window, tax and credits left out. Empty: the bill has none. */
  charges: readonly Charge[];
  bill: BillWindow;
  history: History;
  /** What the check asked for, by the relation's name, each with its own metrics and charges; absent relations are empty lists. */
  related: Readonly<Record<string, readonly RelatedEvidence[]>>;
  /** List prices in the resource's region. */
  prices: PriceBook;
}

/** As the inventory has it, else the bill. */
export interface ResourceFacts {
  resourceId: string;
  name: string | null;
  type: string;
  serviceName: string | null;
  subAccountId: string | null;
  regionId: string | null;
  availabilityZone: string | null;
  /** The cloud's own word, for example 'running'; null when only the bill knows the resource. */
  state: string | null;
  tags: Readonly<Record<string, string>>;
  /** Null when only the bill knows the resource. */
  configuration: Readonly<Record<string, unknown>> | null;
  /** ISO 8601; null when the cloud does not say. */
  createdAt: string | null;
  /** When the inventory last saw it, ISO 8601. */
  inventoriedAt: string | null;
}

export type RelatedEvidence = Pick<Evidence, 'resource' | 'metrics' | 'charges'>;

/**
 * One metric of one resource over the window that was asked for. Percentiles are of the samples, as near as the four figures kept
 * of each hour tell them (`percentileOf`).
 */
export interface MetricSummary {
  windowDays: number;
  /** Hours with a measurement, and hours of the window that the resource existed in. */
  hours: number;
  possibleHours: number;
  samples: number;
  /** Mean of all samples. */
  avg: number;
  /** Highest sample. */
  max: number;
  /** Sum of all samples: for a counter what was counted. */
  sum: number;
  /** The largest sum of one UTC day. */
  maxDaySum: number;
  /** Days with a measurement. */
  days: number;
  /** How far apart samples are, in seconds, in the hour that has most of them. */
  sampleSeconds: number;
  /** The hours themselves, oldest first. */
  measured: readonly MeasuredHour[];
  /** Highest sample of each hour of the week (UTC, 0 is Monday 00:00), null where nothing was measured; only when asked for. */
  maxByWeekHour?: readonly (number | null)[];
}

/** Charges of one kind of use of one resource in the bill window, in one currency. Money is decimal text. */
export interface Charge {
  usageType: string | null;
  operation: string | null;
  pricingUnit: string | null;
  instanceType: string | null;
  currency: string;
  quantity: DecimalText;
  /** Null where the bill does not say. */
  listCost: DecimalText | null;
  effectiveCost: DecimalText;
  /** The part of the effective cost that a commitment (reservation, Savings Plan) pays for. */
  coveredCost: DecimalText;
}

/** The last full 30 settled days of the bill. Days are UTC, YYYY-MM-DD, `[start, end)`. */
export interface BillWindow {
  start: string;
  end: string;
  /** Days of it in which the resource existed; at least 1. */
  days: number;
}

/** What inventories have seen of the resource. */
export interface History {
  /** Since when it is watched, ISO 8601: the first inventory that is known to have seen it; null when none has. */
  observedSince: string | null;
  /** Oldest first. `before` and `after` hold the fields that changed: name, state, tags, configuration. */
  changes: readonly ResourceChange[];
}

export interface ResourceChange {
  /** ISO 8601; it happened since the inventory before. */
  observedAt: string;
  kind: 'created' | 'changed' | 'deleted';
  before: Readonly<Record<string, unknown>> | null;
  after: Readonly<Record<string, unknown>> | null;
}

/** A list price and where it is from. */
export interface Price {
  serviceCode: string;
  /** For example 'm5.large linux' or 'gp3 storage'. */
  product: string;
  regionId: string;
  pricingUnit: string;
  currency: string;
  listUnitPrice: DecimalText;
  attributes: Readonly<Record<string, unknown>>;
  source: string;
  /** YYYY-MM-DD. */
  sourceDate: string;
}

/** The list prices of one region. */
export interface PriceBook {
  /** Returns the price of a product by its name and unit; undefined when it is not known. */
  of(product: string, pricingUnit: string): Price | undefined;
  /** All of them. */
  all: readonly Price[];
}

/** Returns the price book of one region over its prices. */
export function priceBook(prices: readonly Price[]): PriceBook {
  const byName = new Map(prices.map((price) => [`${price.product}\n${price.pricingUnit}`, price]));
  return { of: (product, pricingUnit) => byName.get(`${product}\n${pricingUnit}`), all: prices };
}

/** Returns a text of a resource's configuration; undefined when it is not known. */
export function textOf(resource: ResourceFacts, key: string): string | undefined {
  const value = resource.configuration?.[key];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** Returns a number of a resource's configuration; undefined when it is not known. */
export function numberOf(resource: ResourceFacts, key: string): number | undefined {
  const value = resource.configuration?.[key];
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}
