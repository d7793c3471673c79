import { expect, test } from 'vitest';
import { forecastSeries } from '../../analytics/forecasting/forecast.ts';
import { METHODS, type MethodName } from '../../analytics/forecasting/methods.ts';
import { loadEngines } from './engines.ts';

const engines = loadEngines();
const forecast = (values: readonly number[], horizon = 6, seasons: number[] = [], method: MethodName = 'auto') =>
  forecastSeries(Float64Array.from(values), { horizon, method, seasons, levels: [80, 95] }, engines);

const rows = (count: number, value: (row: number) => number) => Array.from({ length: count }, (_, row) => value(row));
/** Noise of -1..1 that is the same each time: a hash of the row. */
function noise(row: number): number {
  let bits = Math.imul(row + 1, 0x9e3779b1);
  bits = Math.imul(bits ^ (bits >>> 15), 0x85ebca77);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae3d);
  return ((bits ^ (bits >>> 16)) >>> 0) / 2 ** 31 - 1;
}
const weekly = (row: number) => 100 + (row % 7 < 2 ? -30 : 0) + 2 * noise(row);

test('a week goes on as it was', () => {
  const { mean } = forecast(rows(140, weekly), 14, [7]);
  const came = rows(14, (step) => weekly(140 + step));
  expect(Math.max(...mean.map((value, step) => Math.abs(value - (came[step] ?? 0))))).toBeLessThan(5);
});

test('a series whose season nobody named is searched for one', () => {
  expect(forecast(rows(140, weekly), 14).season).toBe(7);
  expect(forecast(rows(140, noise), 14).season).toBe(1);
});

test('a jump of the level and single spikes do not lead it astray', () => {
  const jumped = (row: number) => (row < 90 ? 1 : 1.4) * weekly(row) * (row === 40 || row === 120 ? 3 : 1);
  const { mean } = forecast(rows(140, jumped), 28, [7]);
  const error = mean.reduce((sum, value, step) => sum + Math.abs(value - 1.4 * weekly(140 + step)), 0) / 28;
  expect(error).toBeLessThan(8);
});

test('intervals nest, hold the mean and widen', () => {
  const { mean, intervals } = forecast(
    rows(120, (row) => 50 + row + 8 * noise(row)),
    12,
  );
  const [narrow, wide] = intervals;
  mean.forEach((value, step) => {
    const order = [wide?.low[step], narrow?.low[step], value, narrow?.high[step], wide?.high[step]] as number[];
    expect([...order].sort((one, other) => one - other)).toEqual(order);
  });
  const width = (step: number) => (wide?.high[step] ?? 0) - (wide?.low[step] ?? 0);
  expect(width(11)).toBeGreaterThanOrEqual(width(0));
});

test('intervals hold about as many actual values as they say', () => {
  let held = 0;
  for (let series = 0; series < 30; series++) {
    const values = rows(132, (row) => 500 + 3 * noise(series * 1_000 + row));
    const { intervals } = forecast(values.slice(0, 120), 12, [], 'theta');
    held += values.slice(120).filter((value, step) => {
      const [interval] = intervals;
      return interval !== undefined && value >= (interval.low[step] ?? 0) && value <= (interval.high[step] ?? 0);
    }).length;
  }
  expect(held / 360).toBeGreaterThan(0.7);
  expect(held / 360).toBeLessThan(0.95);
});

const ODD: [what: string, values: number[]][] = [
  ['one row', [5]],
  ['two rows', [5, 6]],
  ['nothing but zeros', rows(60, () => 0)],
  ['a constant', rows(60, () => 7)],
  ['negative values', rows(60, (row) => -100 - row + noise(row))],
  ['values around zero', rows(60, noise)],
  ['mostly zeros', rows(90, (row) => (row % 9 === 0 ? 4 : 0))],
  ['huge values', rows(60, (row) => 1e15 * (1 + 0.1 * noise(row)))],
  ['tiny values', rows(60, (row) => 1e-9 * (2 + noise(row)))],
  ['growth by halves', rows(40, (row) => 1.5 ** row)],
  ['gaps', rows(60, (row) => (row % 5 === 0 ? Number.NaN : weekly(row)))],
];

for (const method of Object.keys(METHODS) as MethodName[]) {
  test(`${method} says something finite of every odd series`, () => {
    for (const [what, values] of ODD) {
      const { mean, intervals } = forecast(values, 20, [7], method);
      const all = [...mean, ...intervals.flatMap(({ low, high }) => [...low, ...high])];
      expect(all.every(Number.isFinite), what).toBe(true);
      if (values.every((value) => value >= 0)) expect(Math.min(...all), what).toBeGreaterThanOrEqual(0);
    }
  });
}

test('nothing but zeros, and a constant, go on without doubt', () => {
  expect(
    forecast(
      rows(60, () => 0),
      3,
      [7],
    ),
  ).toMatchObject({ mean: [0, 0, 0], intervals: [{ high: [0, 0, 0] }, {}] });
  for (const value of forecast(
    rows(60, () => 7),
    3,
    [7],
  ).mean)
    expect(value).toBeCloseTo(7, 6);
});

test('a series too short for a method gets the last value, and says so', () => {
  expect(forecast([5, 6], 2, [], 'arima')).toMatchObject({ mean: [6, 6], method: 'naive', backtest: { smape: null } });
});

test('the same rows give the same forecast', () => {
  const values = rows(150, (row) => weekly(row) + row / 10);
  expect(forecast(values, 20, [7])).toEqual(forecast(values, 20, [7]));
});

test('rows that are not there, or not finite, are refused', () => {
  expect(() => forecast([])).toThrow(RangeError);
  expect(() => forecast([Number.NaN, Number.NaN])).toThrow(RangeError);
  expect(() => forecast([1, Number.POSITIVE_INFINITY])).toThrow(RangeError);
});
