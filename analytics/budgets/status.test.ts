import { expect, test } from 'vitest';
import { periodAround } from './period.ts';
import { type BudgetInputs, statusOf } from './status.ts';

const november = (changes: Partial<BudgetInputs> = {}): BudgetInputs => ({
  period: { start: '2026-11-01', end: '2026-12-01' },
  dataThrough: '2026-11-10',
  limit: '3000',
  spent: '1000',
  forecastRest: '2000',
  paceTotal: '700',
  thresholdPercents: ['80', '100'],
  ...changes,
});

const crossed = (inputs: BudgetInputs) =>
  statusOf(inputs).crossings.map(({ kind, thresholdPercent, amount }) => `${kind} ${thresholdPercent}: ${amount}`);

test.each([
  ['2026-11-24', 'month', '2026-11-01', '2026-12-01'],
  ['2026-11-24', 'quarter', '2026-10-01', '2027-01-01'],
  ['2026-01-01', 'quarter', '2026-01-01', '2026-04-01'],
  ['2026-11-24', 'year', '2026-01-01', '2027-01-01'],
] as const)('%s lies in the %s from %s to %s', (day, period, start, end) => {
  expect(periodAround(day, period)).toEqual({ start, end });
});

test('a budget that is spent evenly burns at 100 percent and lasts to the end', () => {
  expect(statusOf(november({ thresholdPercents: ['110'] }))).toEqual({
    spentPercent: '33.3333',
    remaining: '2000',
    forecast: '3000',
    forecastPercent: '100',
    burnRatePercent: '100',
    paceEnd: '3000',
    usedUpOn: null,
    daysLeft: 20,
    crossings: [],
  });
});

test('what was spent crosses each threshold it reaches', () => {
  expect(crossed(november({ spent: '2399.99', forecastRest: '0', paceTotal: '0' }))).toEqual([]);
  expect(crossed(november({ spent: '2400', forecastRest: '0', paceTotal: '0' }))).toEqual(['actual 80: 2400']);
  expect(
    crossed(november({ spent: '3300', forecastRest: null, paceTotal: '0', thresholdPercents: ['110', '50', '100'] })),
  ).toEqual(['actual 50: 3300', 'actual 100: 3300', 'actual 110: 3300']);
});

test('a forecast is held to the thresholds from 100 percent on, and to 100 where there is none', () => {
  expect(crossed(november({ forecastRest: '1900', paceTotal: '0' }))).toEqual([]);
  expect(crossed(november({ forecastRest: '2100', paceTotal: '0', thresholdPercents: ['50'] }))).toEqual([
    'forecast 100: 3100',
  ]);
  expect(crossed(november({ forecastRest: '2300', paceTotal: '0', thresholdPercents: ['80', '110', '150'] }))).toEqual([
    'forecast 110: 3300',
  ]);
});

test('a pace that uses the budget up early is told, with the day', () => {
  const fast = november({ forecastRest: null, paceTotal: '1400' });
  expect(crossed(fast)).toEqual(['burn rate 100: 5000']);
  expect(statusOf(fast).usedUpOn).toBe('2026-11-21');
  expect(statusOf(fast).burnRatePercent).toBe('200');
});

test('a fast week that leaves the budget enough is no alarm, nor are the fees of the first days', () => {
  expect(crossed(november({ spent: '100', forecastRest: null, paceTotal: '710', dataThrough: '2026-11-10' }))).toEqual(
    [],
  );
  expect(crossed(november({ dataThrough: '2026-11-04', spent: '900', forecastRest: null, paceTotal: '7000' }))).toEqual(
    [],
  );
  expect(
    crossed(november({ dataThrough: '2026-11-05', spent: '900', forecastRest: null, paceTotal: '7000' })),
  ).toHaveLength(1);
});

test('nothing is known of a budget that follows a forecast which is not there', () => {
  expect(statusOf(november({ limit: null, forecastRest: null, paceTotal: null }))).toMatchObject({
    spentPercent: null,
    remaining: null,
    forecast: null,
    burnRatePercent: null,
    crossings: [],
  });
});

test('of a period that is over only what was spent counts', () => {
  const over = november({ dataThrough: '2026-11-30', spent: '3100', forecastRest: null, paceTotal: '7000' });
  expect(crossed(over)).toEqual(['actual 80: 3100', 'actual 100: 3100']);
  expect(statusOf(over).forecast).toBe('3100');
});
