import { expect, test } from 'vitest';
import { gridOf } from './calendar.ts';

const days = (...texts: string[]) => texts.map((text) => Date.parse(text));
const ahead = (texts: string[], count = 2) => {
  const grid = gridOf(days(...texts), false);
  return Array.from({ length: count }, (_, step) => new Date(grid.at(grid.length + step)).toISOString().slice(0, 10));
};

test('days, weeks, months, quarters and years go on as they were', () => {
  expect(ahead(['2026-02-26', '2026-02-27', '2026-02-28'])).toEqual(['2026-03-01', '2026-03-02']);
  expect(ahead(['2026-01-05', '2026-01-12', '2026-01-19'])).toEqual(['2026-01-26', '2026-02-02']);
  expect(ahead(['2025-11-01', '2025-12-01', '2026-01-01'])).toEqual(['2026-02-01', '2026-03-01']);
  expect(ahead(['2025-07-01', '2025-10-01', '2026-01-01'])).toEqual(['2026-04-01', '2026-07-01']);
  expect(ahead(['2024-01-01', '2025-01-01', '2026-01-01'])).toEqual(['2027-01-01', '2028-01-01']);
});

test('last days of months stay last days', () => {
  expect(ahead(['2025-11-30', '2025-12-31', '2026-01-31'], 3)).toEqual(['2026-02-28', '2026-03-31', '2026-04-30']);
});

test('days without weekends go on without them', () => {
  const weekdays = Array.from({ length: 28 }, (_, day) => new Date(Date.UTC(2026, 0, 5 + day)))
    .filter((date) => date.getUTCDay() % 6 !== 0)
    .map((date) => date.toISOString().slice(0, 10));
  expect(ahead(weekdays, 6)).toEqual([
    '2026-02-02',
    '2026-02-03',
    '2026-02-04',
    '2026-02-05',
    '2026-02-06',
    '2026-02-09',
  ]);
});

test('missing rows leave places', () => {
  expect(gridOf(days('2026-01-01', '2026-01-02', '2026-01-05', '2026-01-06'), false).places).toEqual([0, 1, 4, 5]);
  expect(gridOf([1, 2, 5], true)).toMatchObject({ places: [0, 1, 4], length: 5 });
});

test('the seasons follow from the distance of the rows', () => {
  const every = (ms: number) =>
    gridOf(
      Array.from({ length: 20 }, (_, row) => row * ms),
      false,
    ).seasons;
  expect(every(3_600_000)).toEqual([24, 168]);
  expect(every(86_400_000)).toEqual([7, 365]);
  expect(every(7 * 86_400_000)).toEqual([52]);
  expect(gridOf(days('2025-11-01', '2025-12-01', '2026-01-01'), false).seasons).toEqual([12]);
});

test('rows without any spacing are refused', () => {
  expect(() => gridOf([0, 1, 2, 1e7], true)).toThrow(RangeError);
});
