import { expect, test } from 'vitest';
import { calendar } from './calendar.ts';

test('covers whole months up to the day before now', () => {
  const { months, days, date, ago } = calendar(new Date('2026-11-24T08:00:00Z'), 14);
  expect(months).toHaveLength(14);
  expect(date(0)).toBe('2025-10-01');
  expect(date(days - 1)).toBe('2026-11-23');
  expect(date(ago(1))).toBe('2026-11-23');
  expect(months.at(-1)).toMatchObject({ id: '2026-11', start: '2026-11-01', end: '2026-12-01', daysInMonth: 30 });
});

test.each([
  ['on the first of a month the month before is the last one, and full', '2026-03-01T00:30:00Z', '2026-02', '2026-02'],
  ['within a month the one before is the last full one', '2026-03-02T00:00:00Z', '2026-03', '2026-02'],
  ['a leap day is a day', '2028-03-01T12:00:00Z', '2028-02', '2028-02'],
])('%s', (_, now, last, full) => {
  const { months, lastFullMonth } = calendar(new Date(now), 3);
  expect(months.at(-1)?.id).toBe(last);
  expect(lastFullMonth.id).toBe(full);
});

test('a month has its invoice five days after it ended', () => {
  const invoiced = (now: string) => calendar(new Date(now), 3).months.map((month) => month.invoiced);
  expect(invoiced('2026-11-05T23:59:59Z')).toEqual([true, false, false]);
  expect(invoiced('2026-11-06T00:00:00Z')).toEqual([true, true, false]);
});

test('knows the days of the week', () => {
  const { weekday, days } = calendar(new Date('2026-11-24T08:00:00Z'), 2);
  expect(weekday(days)).toBe(2);
  expect(weekday(days - 2)).toBe(0);
});

test.each([1, 61, 2.5])('refuses %d months', (months) => {
  expect(() => calendar(new Date(), months)).toThrow('from 2 to 60');
});
