import {
  type Charge,
  type Evidence,
  type MetricSummary,
  type Price,
  priceBook,
  type RelatedEvidence,
} from './evidence.ts';
import { summarize } from './measured.ts';

/** Parts of evidence that a row of a golden table names; what it leaves out is unremarkable. */
export interface Given {
  resource?: Partial<Evidence['resource']>;
  /** A number stands for a metric that is always at this level. */
  metrics?: Record<string, Partial<MetricSummary> | number>;
  charges?: (Partial<Charge> & { usageType: string })[];
  history?: Partial<Evidence['history']>;
  related?: Record<string, Pick<Given, 'resource' | 'metrics' | 'charges'>[]>;
  prices?: (Partial<Price> & { product: string; listUnitPrice: string })[];
}

/** The evidence for a resource of which the row says only what matters to it. */
export function evidenceOf(given: Given): Evidence {
  return {
    ...relatedOf(given),
    bill: { start: '2026-10-22', end: '2026-11-21', days: 30 },
    history: { observedSince: '2026-01-01T00:00:00Z', changes: [], ...given.history },
    related: Object.fromEntries(
      Object.entries(given.related ?? {}).map(([name, several]) => [name, several.map(relatedOf)]),
    ),
    prices: priceBook((given.prices ?? []).map(priceOf)),
  };
}

function relatedOf({ resource, metrics, charges }: Pick<Given, 'resource' | 'metrics' | 'charges'>): RelatedEvidence {
  return {
    resource: {
      resourceId: 'r-1',
      name: 'one',
      type: 'ec2:instance',
      serviceName: 'Amazon Elastic Compute Cloud',
      subAccountId: '111122223333',
      regionId: 'us-east-1',
      availabilityZone: 'us-east-1a',
      state: 'running',
      tags: {},
      configuration: {},
      createdAt: '2025-01-01T00:00:00Z',
      inventoriedAt: '2026-11-24T00:00:00Z',
      ...resource,
    },
    metrics: Object.fromEntries(
      Object.entries(metrics ?? {}).map(([name, metric]) => [
        name,
        typeof metric === 'number' ? flat(metric) : { ...flat(metric.max ?? 0), ...metric },
      ]),
    ),
    charges: (charges ?? []).map(chargeOf),
  };
}

/** A metric at one level, sampled every five minutes over two weeks. */
export function flat(level: number): MetricSummary {
  const hours = Array.from({ length: 336 }, (_, index) => ({
    hour: new Date(Date.UTC(2026, 10, 10, index)).toISOString(),
    ...{ avg: level, max: level, p95: level, sampleCount: 12 },
  }));
  return summarize(hours, { windowDays: 14, possibleHours: 336 }) as MetricSummary;
}

function chargeOf(given: Partial<Charge> & { usageType: string }): Charge {
  return {
    ...{ operation: null, pricingUnit: null, instanceType: null, currency: 'USD' },
    ...{ quantity: '720', listCost: '100', effectiveCost: '100', coveredCost: '0' },
    ...given,
  };
}

function priceOf(given: Partial<Price> & { product: string; listUnitPrice: string }): Price {
  return {
    ...{ serviceCode: 'AmazonEC2', regionId: 'us-east-1', pricingUnit: 'Hrs', currency: 'USD' },
    ...{ attributes: {}, source: 'snapshot', sourceDate: '2026-07-20' },
    ...given,
  };
}
