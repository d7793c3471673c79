import { expect, test } from 'vitest';
import { agoText, axisText, bucketOf, dayText, minuteText, periodText, spanText } from './dates.ts';

test.each([
  ['2026-09-30', '30 Sep 2026'],
  ['2026-09', 'Sep 2026'],
  ['2026-Q3', 'Q3 2026'],
  ['2026-13-01', '2026-13-01'],
  ['soon', 'soon'],
])('writes the day %s as %s', (date, text) => {
  expect(dayText(date)).toBe(text);
});

test.each([
  ['2026-10-03', '3 Oct'],
  ['2026-10', 'Oct 2026'],
  ['2026-Q3', 'Q3 2026'],
  ['Amazon EC2', 'Amazon EC2'],
])('labels %s as %s', (label, text) => {
  expect(axisText(label)).toBe(text);
});

test.each([
  ['2026-07-01', 'month', '2026-07'],
  ['2026-07-01', 'quarter', '2026-Q3'],
  ['2026-10-01', 'quarter', '2026-Q4'],
  ['2026-07-01', 'week', '2026-07-01'],
  ['2026-07-01', undefined, '2026-07-01'],
  ['2026-07-13', 'month', '2026-07-13'],
  ['storefront', 'month', 'storefront'],
])('the day %s by %s stands for %s', (date, granularity, bucket) => {
  expect(bucketOf(date, granularity)).toBe(bucket);
});

test.each([
  [{ start: '2026-09-01', end: '2026-10-01' }, '1 Sep 2026 to 30 Sep 2026'],
  [{ start: '2026-02-28', end: '2026-03-01' }, '28 Feb 2026'],
  [{ start: 'x', end: 'y' }, 'x to y'],
])('writes the period %j with its last day', (period, text) => {
  expect(periodText(period)).toBe(text);
});

test.each([
  [new Date(2026, 10, 24, 0, 1), 'Today'],
  [new Date(2026, 10, 23, 23, 59), 'Yesterday'],
  [new Date(2026, 9, 3, 12), '3 Oct 2026'],
])('says when %s was', (instant, text) => {
  expect(agoText(instant, new Date(2026, 10, 24, 9))).toBe(text);
});

test('an instant is written to the minute, in UTC', () => {
  expect(minuteText('2026-11-24T00:05:59+01:00')).toBe('23 Nov 23:05');
});

test.each([
  [350, '350 ms'],
  [4_230, '4.2 s'],
  [185_900, '3 min 5 s'],
  [7_860_000, '2 h 11 min'],
])('%d milliseconds are %s', (ms, text) => {
  expect(spanText(ms)).toBe(text);
});
