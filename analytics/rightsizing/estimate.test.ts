import { expect, test } from 'vitest';
import type { SavedShare } from './check.ts';
import { estimateOf } from './estimate.ts';
import type { Charge } from './evidence.ts';

const BILL = { start: '2026-10-22', end: '2026-11-21', days: 30 };
const charge = (changes: Partial<Charge>): Charge => ({
  ...{ usageType: 'BoxUsage:m5.large', operation: null, pricingUnit: 'Hrs', instanceType: 'm5.large', currency: 'USD' },
  ...{ quantity: '720', listCost: '96', effectiveCost: '72', coveredCost: '0' },
  ...changes,
});
const part = (charges: Charge[], savedShare = '1', resourceId = 'i-1'): SavedShare => ({
  ...{ resourceId, charges, savedShare, why: 'all charges' },
});

test('a month has 730 hours, whatever the bill window', () => {
  expect(estimateOf([part([charge({})])], BILL)).toMatchObject({ monthly: '73', listMonthly: '97.333333' });
  expect(estimateOf([part([charge({})])], { ...BILL, days: 10 })).toMatchObject({ monthly: '219' });
});

test('takes the share, and of it what a commitment pays for apart', () => {
  const covered = charge({ coveredCost: '36' });
  expect(estimateOf([part([covered], '0.5')], BILL)).toMatchObject({ monthly: '36.5', coveredMonthly: '18.25' });
});

test('what the bill does not say at list prices is unknown, not nothing', () => {
  expect(estimateOf([part([charge({}), charge({ listCost: null })])], BILL)?.listMonthly).toBeNull();
});

test('never adds currencies: the first one counts', () => {
  const parts = [part([charge({})]), part([charge({ currency: 'EUR', effectiveCost: '5' })], '1', 'i-2')];
  expect(estimateOf(parts, BILL)).toMatchObject({ currency: 'USD', monthly: '73' });
});

test('claims each charge that it saves of, and none that it leaves alone', () => {
  const parts = [part([charge({})]), part([charge({ usageType: 'EBS:VolumeUsage.gp3' })], '0', 'vol-1')];
  expect(estimateOf(parts, BILL)?.claims).toEqual(['i-1\nBoxUsage:m5.large\n\nm5.large']);
});

test('adds amounts that are no share of charges', () => {
  const amount = { monthly: '12.5', currency: 'USD', why: 'better coverage' };
  expect(estimateOf([amount], BILL)).toMatchObject({ monthly: '12.5', listMonthly: '12.5', claims: [] });
});

test.each([
  ['no charge', [part([])]],
  ['no share', [part([charge({})], '0')]],
  ['charges of nothing', [part([charge({ effectiveCost: '0' })])]],
  ['no part', []],
])('is nothing with %s', (_, parts) => {
  expect(estimateOf(parts, BILL)).toBeUndefined();
});
