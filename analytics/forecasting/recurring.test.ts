import { expect, test } from 'vitest';
import { nextDay, recurringAhead, recurringOf } from './recurring.ts';

/** 100 a day since June; a fee of a tenth of the month on the 1st of the next. */
const days = Array.from({ length: 140 }, (_, day) => {
  const date = nextDay('2026-06-01', day);
  return { date, steady: 100, recurring: date.endsWith('-01') && date > '2026-06-01' ? 310 : 0 };
});
const asOf = days.at(-1)?.date ?? '';

test('a fee that comes each month is a share of the month', () => {
  const { share, dayOfMonth } = recurringOf(days, asOf);
  expect(dayOfMonth).toBe(1);
  expect(share).toBeCloseTo(0.1, 2);
});

test('it comes again on its day, as a share of what is forecast', () => {
  const ahead = Array.from({ length: 45 }, (_, step) => ({ date: nextDay(asOf, step + 1), steady: 200 }));
  const fees = recurringAhead({ share: 0.1, amount: 0, dayOfMonth: 1 }, days, ahead);
  expect(ahead.flatMap(({ date }, step) => (fees[step] === 0 ? [] : [[date, fees[step]]]))).toEqual([
    ['2026-11-01', 600],
    ['2026-12-01', 620],
  ]);
});

test('what came once does not come again', () => {
  const once = days.map((day) => ({ ...day, recurring: day.date === '2026-09-01' ? 5_000 : 0 }));
  expect(recurringOf(once, asOf).share).toBe(0);
});

test('what comes monthly without anything beside it comes in the same amount', () => {
  const alone = days.map((day) => ({ ...day, steady: 0 }));
  expect(recurringOf(alone, asOf)).toEqual({ share: 0, amount: 310, dayOfMonth: 1 });
});
