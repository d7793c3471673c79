import { expect, test } from 'vitest';
import { type CostEvent, type CostSeries, forecastCosts } from './cost.ts';
import type { SeriesForecast } from './forecast.ts';
import { nextDay } from './recurring.ts';

const series = (
  level: CostSeries['level'],
  dimensions: CostSeries['dimensions'],
  cost: number,
  days = 60,
): CostSeries => ({
  ...{ level, dimensions, currency: 'USD' },
  days: Array.from({ length: days }, (_, day) => ({ date: nextDay('2026-01-01', day), steady: cost, recurring: 0 })),
});

/** Goes on with the last value, give or take ten. */
const goesOn = (values: Float64Array, { horizon }: { horizon: number }): Promise<SeriesForecast> => {
  const last = values.at(-1) ?? 0;
  const line = (value: number) => new Array<number>(horizon).fill(value);
  return Promise.resolve({
    mean: line(last),
    intervals: [80, 95].map((level) => ({ level, low: line(last - level / 10), high: line(last + level / 10) })),
    totalSpread: line(10),
    ...{ method: 'auto', weights: {}, season: 7, backtest: { smape: 1, mase: 1, origins: 4 } },
  });
};

const options = { from: '2026-01-01', asOf: '2026-03-01', horizon: 3, events: [] as CostEvent[] };
const parts = [
  series('organisation', {}, 110),
  series('account', { sub_account_id: 'a' }, 80),
  series('account', null, 20),
];

test('parts and the whole meet between their forecasts, and ranges move along', async () => {
  const [whole, ...accounts] = await forecastCosts(parts, options, goesOn);
  const mean = Number(whole?.points[0]?.mean);
  expect(mean).toBeGreaterThan(100);
  expect(mean).toBeLessThan(110);
  expect(accounts.reduce((sum, { points }) => sum + Number(points[0]?.mean), 0)).toBeCloseTo(mean, 9);
  // What agreeing moved it by widens its ranges.
  expect(Number(whole?.points[0]?.lo80)).toBeCloseTo(mean - Math.hypot(8, 110 - mean), 1);
  expect(Number(whole?.points[0]?.hi95)).toBeCloseTo(mean + Math.hypot(9.5, 110 - mean), 1);
});

test('an event adds to the whole and to its parts from its day on, and not after the horizon', async () => {
  const event = (date: string): CostEvent => ({
    ...{ kind: 'commitment ends', subject: 'plan', date, currency: 'USD' },
    parts: [{ account: 'a', service: null, team: null, perDay: 7 }],
  });
  const events = [event('2026-03-03'), event('2026-03-05')];
  const [whole, a, nobody] = await forecastCosts(parts, { ...options, events }, goesOn);
  const rises = (one: typeof whole) => Number(one?.points[1]?.mean) - Number(one?.points[0]?.mean);
  expect(rises(whole)).toBeCloseTo(7, 1);
  expect(rises(a)).toBeCloseTo(7, 1);
  expect(rises(nobody)).toBeCloseTo(0, 1);
  expect(whole?.events).toEqual([{ kind: 'commitment ends', subject: 'plan', date: '2026-03-03', perDay: 7 }]);
});

test('a series that has ended is forecast as nothing', async () => {
  const ended = series('account', { sub_account_id: 'gone' }, 50, 40);
  const [, gone] = await forecastCosts([series('organisation', {}, 0), ended], options, goesOn);
  expect(gone?.points.map(({ mean }) => mean)).toEqual(['0.00', '0.00', '0.00']);
});
