import { expect, test } from 'vitest';
import { type BillPair, reconcile, type SplitCost, settledAt } from './reconcile.ts';

const NOW = new Date('2026-11-20T00:00:00Z');
const THRESHOLD = { percent: '0.5', amount: '1' };

const cost = (total: string, parts: Partial<SplitCost> = {}): SplitCost => ({
  ...{ total, tax: '0', credits: '0', refunds: '0', support: '0', marketplace: '0' },
  ...parts,
});
/** A reference that is one number, as an invoice is. */
const whole = (total: string): SplitCost => ({
  ...{ total, tax: null, credits: null, refunds: null, support: null, marketplace: null },
});
const pair = (stored: SplitCost | null, reference: SplitCost | null, more: Partial<BillPair> = {}): BillPair => ({
  ...{ month: '2026-09-01', stored, reference, isMonthLoaded: true },
  loadedAt: new Date('2026-10-15T00:00:00Z'),
  fetchedAt: new Date('2026-10-16T00:00:00Z'),
  ...more,
});
const judge = (...given: Parameters<typeof pair>) => {
  const { status, difference, causes } = reconcile(pair(...given), THRESHOLD, NOW);
  return [status, difference, causes.map(({ cause, amount }) => `${cause} ${amount}`).join(', ')];
};

test.each([
  ['equal to the last digit', '1000.00000001', '1000.00000001', 'ok', '0'],
  ['half a percent of a large amount', '1005', '1000', 'ok', '5'],
  ['more than that', '1005.00000001', '1000', 'off', '5.00000001'],
  ['one unit of a small amount', '3', '2', 'ok', '1'],
  ['less than the reference', '994', '1000', 'off', '-6'],
  ['of a negative reference the size counts', '-1005', '-1000', 'ok', '-5'],
  ['nothing against nothing', '0', '0', 'ok', '0'],
])('%s', (_, stored, reference, status, difference) => {
  expect(judge(cost(stored), whole(reference))).toEqual([status, difference, '']);
});

test.each([
  ['an invoice without tax', { tax: '80' }, '1000', 'tax 80'],
  ['an invoice before credits', { credits: '-80' }, '1160', 'credits -80'],
  ['marketplace on an invoice of its own', { marketplace: '100', tax: '20' }, '980', 'marketplace 100'],
  ['two parts when one does not do', { tax: '30', support: '50' }, '1000', 'tax 30, support 50'],
  ['the fewest parts', { tax: '80', support: '30', marketplace: '50' }, '1000', 'tax 80'],
])('explains %s', (_, parts, reference, causes) => {
  const difference = String(1080 - Number(reference));
  expect(judge(cost('1080', parts), whole(reference))).toEqual(['explained', difference, causes]);
});

test('explains by what differs in a part where the reference is split, and leaves what is in both alone', () => {
  const stored = cost('1080', { tax: '80' });
  expect(judge(stored, { ...cost('1100', { tax: '100' }), marketplace: null })).toEqual([
    'explained',
    '-20',
    'tax -20',
  ]);
  expect(judge(stored, { ...cost('1000', { tax: '80' }), marketplace: null })).toEqual(['off', '80', '']);
});

test('takes no part for an explanation that leaves more than the threshold', () => {
  expect(judge(cost('1080', { tax: '60' }), whole('1000'))).toEqual(['off', '80', '']);
});

test.each([
  ['the month is not final', { month: '2026-11-01' }, 'explained'],
  [
    'the month before is final',
    { month: '2026-10-01', loadedAt: new Date('2026-11-10T00:00:00Z'), fetchedAt: new Date('2026-11-09T00:00:00Z') },
    'off',
  ],
  ['the bill was loaded before it was final', { loadedAt: new Date('2026-10-02T00:00:00Z') }, 'explained'],
  ['the reference is older than the final bill', { fetchedAt: new Date('2026-10-02T00:00:00Z') }, 'explained'],
  ['both are of the final bill', {}, 'off'],
  [
    'the bill is the newer of two early ones',
    { loadedAt: new Date('2026-10-03T00:00:00Z'), fetchedAt: new Date('2026-10-02T00:00:00Z') },
    'explained',
  ],
])('late data: %s', (_, more, status) => {
  const { causes, status: found } = reconcile(pair(cost('900'), whole('1000'), more), THRESHOLD, NOW);
  expect(found).toBe(status);
  expect(causes).toEqual(status === 'off' ? [] : [{ cause: 'late_data', amount: null }]);
});

test('a month is final seven days after its end', () => {
  expect(settledAt('2026-12-01')).toEqual(new Date('2027-01-08T00:00:00Z'));
  const onTheLastDay = new Date('2026-10-07T23:59:59Z');
  expect(reconcile(pair(cost('900'), whole('1000')), THRESHOLD, onTheLastDay).status).toBe('explained');
});

test('an account that the stored bill lacks is off; a month without any stored bill, or without a reference, is unknown', () => {
  expect(judge(null, whole('1000'))).toEqual(['off', '-1000', 'account_missing -1000']);
  expect(judge(null, whole('0.5'))).toEqual(['ok', '-0.5', '']);
  expect(judge(null, whole('1000'), { isMonthLoaded: false })).toEqual(['unknown', null, '']);
  expect(judge(cost('1000'), null)).toEqual(['unknown', null, '']);
});
