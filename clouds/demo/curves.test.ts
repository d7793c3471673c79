import { expect, test } from 'vitest';
import { calendar } from './calendar.ts';
import { factors } from './curves.ts';

const days = calendar(new Date('2026-11-24T08:00:00Z'), 6);
const flat = days.months.flatMap(() => [] as number[]);

test('a curve without anything is 1 on every day', () => {
  expect(new Set(factors({}, days, [], flat))).toEqual(new Set([1]));
});

test('growth ends at 1 and began lower', () => {
  const curve = factors({ growth: 0.1 }, days, [], flat);
  expect(curve.at(-1)).toBe(1);
  expect(1 / (curve.at(-1 - 30) ?? 0)).toBeCloseTo(1.1, 2);
});

test('what is switched on for half of weekdays rests on weekends', () => {
  const curve = factors({ weekday: 0.5, weekend: 0 }, days, [], flat);
  const byWeekday = [0, 1, 2, 3, 4, 5, 6].map((weekday) => curve.find((_, day) => days.weekday(day) === weekday));
  expect(byWeekday).toEqual([0, 0.5, 0.5, 0.5, 0.5, 0.5, 0]);
});

test('a step lifts every day from its own on', () => {
  const curve = factors({ steps: [{ day: 100, factor: 4 }] }, days, [], flat);
  expect([curve[99], curve[100]]).toEqual([0.25, 1]);
});

test('only what visitors do takes part in a campaign and in the mood of the day', () => {
  const campaign = [{ fromDay: 10, toDay: 12, factor: 2 }];
  const mood = Array.from({ length: days.days }, () => 1.1);
  expect(factors({}, days, campaign, mood)[10]).toBe(1);
  const visitors = factors({ visitors: true }, days, campaign, mood);
  expect([visitors[9], visitors[10], visitors[12]]).toEqual([1.1, 2.2, 1.1]);
});
