import { expect, test } from 'vitest';
import type { Anomaly } from '../analytics/detection/anomalies.ts';
import type { Mover } from '../analytics/detection/cause.ts';
import type { FoundIncident } from '../analytics/detection/grouping.ts';
import { explainAnomalies, type FoundCause, filtersOf } from './find-causes.ts';

/** Two days of so much more than usual, in some series. */
function found(dimensions: Record<string, string>, excess: number, usual: number): FoundIncident {
  const byDay = ['2026-03-02', '2026-03-03'].map((date) => ({
    ...{ date, cost: String(usual + excess), expectedCost: String(usual) },
  }));
  const [first, last] = ['2026-03-02', '2026-03-03'];
  return {
    ...{ seriesKey: JSON.stringify(dimensions), dimensions, currency: 'USD' },
    incident: {
      ...{ kind: 'increase', status: 'open', closedBecause: null, closedDate: null, days: 2, byDay },
      ...{ startDate: first, detectedDate: first, endDate: last, peakDate: first },
      ...{ cost: String(2 * (usual + excess)), expectedCost: String(2 * usual), impact: String(2 * excess) },
      ...{ peakCost: '0', peakExpectedCost: '0', peakDeviations: 9, peakPercent: 50 },
    },
  };
}

const mover = (dimension: string, value: string, share: number): Mover => ({
  ...{ dimension, value, name: null, cost: '0', previous: '0', change: '0', share: String(share), isAll: false },
});

const causeFrom = (movers: Mover[]): FoundCause => ({ cause: {} as FoundCause['cause'], movers, dimensions: {} });

const machines = found({ sub_account_id: 'reporting', service_name: 'EC2' }, 100, 80);
const gateway = found({ service_name: 'EC2', x_usage_type: 'NatGateway-Bytes' }, 83, 40);

const outline = (anomalies: Anomaly[]) =>
  anomalies.map(({ role, dimensions }) => `${role} ${Object.values(dimensions).join(' ')}`).sort();

test('what grew as much on the same day is another problem when the bill says so, and is then explained itself', async () => {
  const asked: string[] = [];
  const { anomalies, causes } = await explainAnomalies([machines, gateway], new Map(), async ({ dimensions }) => {
    asked.push(Object.values(dimensions).join(' '));
    return causeFrom([mover('x_usage_type', 'BoxUsage', 98.5), mover('x_usage_type', 'NatGateway-Bytes', 1.5)]);
  });
  expect(outline(anomalies)).toEqual(['lead EC2 NatGateway-Bytes', 'lead reporting EC2']);
  expect(asked).toEqual(['reporting EC2', 'EC2 NatGateway-Bytes']);
  expect(causes.size).toBe(2);
});

test('the same cost in another series stays a view, and what people were told of stays where it was', async () => {
  const same = await explainAnomalies([machines, gateway], new Map(), async () =>
    causeFrom([mover('x_usage_type', 'natgateway-bytes', 80)]),
  );
  expect(outline(same.anomalies)).toEqual(['lead reporting EC2', 'view EC2 NatGateway-Bytes']);
  const [lead, view] = same.anomalies;
  const known = new Map([[view?.id ?? '', lead?.id ?? '']]);
  const later = await explainAnomalies([machines, gateway], known, async () => causeFrom([]));
  expect(outline(later.anomalies)).toEqual(outline(same.anomalies));
});

test('the charges of a series are its dimensions, in its currency, without credits and tax', () => {
  expect(filtersOf({ dimensions: { 'tag:team': 'shop', x_usage_type: 'GB' }, currency: 'EUR' })).toEqual([
    { dimension: { kind: 'tag', key: 'team' }, operator: 'in', values: ['shop'] },
    { dimension: { kind: 'column', column: 'x_usage_type' }, operator: 'in', values: ['GB'] },
    { dimension: { kind: 'column', column: 'billing_currency' }, operator: 'in', values: ['EUR'] },
    { dimension: { kind: 'column', column: 'charge_category' }, operator: 'in', values: ['Usage', 'Purchase'] },
  ]);
});
