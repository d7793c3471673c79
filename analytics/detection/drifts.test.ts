import { expect, test } from 'vitest';
import { COST_DETECTION_SETTINGS } from './cost-settings.ts';
import { detectDrifts } from './drifts.ts';
import { type CostDay, detectIncidents } from './incidents.ts';

const DAY_MS = 86_400_000;
const FIRST = '2026-01-05';
const settings = { ...COST_DETECTION_SETTINGS, unsettledDays: 0 };
const dateOf = (day: number) => new Date(Date.parse(FIRST) + day * DAY_MS).toISOString().slice(0, 10);
const usual = (day: number) => (day % 7 < 5 ? 70 : 60) * (1 + 0.02 * Math.sin(day * 12.9898));

const daysOf = (count: number, costAt: (day: number) => number): CostDay[] =>
  Array.from({ length: count }, (_, day) => ({ date: dateOf(day), cost: costAt(day).toFixed(2) }));

function driftsOf(days: CostDay[]) {
  const series = { days, dataFrom: FIRST, dataThrough: days.at(-1)?.date ?? FIRST };
  return detectDrifts(series, detectIncidents(series, settings), settings);
}

/** 0.35 more with each day from day 120 on. */
const creeping = (day: number) => usual(day) + 0.35 * Math.max(0, day - 120);

test('a bucket that grows by half a percent a day is found in its second month, from about where it began', () => {
  const [drift, ...others] = driftsOf(daysOf(160, creeping));
  expect(others).toEqual([]);
  expect(drift).toMatchObject({ kind: 'drift', status: 'open', detectedDate: expect.any(String) });
  expect(drift?.detectedDate && drift.detectedDate < dateOf(155)).toBe(true);
  const began = (Date.parse(drift?.startDate ?? '') - Date.parse(FIRST)) / DAY_MS;
  expect(Math.abs(began - 120)).toBeLessThanOrEqual(10);
  expect(Number(drift?.impact)).toBeGreaterThan(200);
});

test('a later run finds the same rise, grown, and in the end calls it the level', () => {
  const days = daysOf(200, creeping);
  const runs = [152, 158, 199].map((last) => driftsOf(days.slice(0, last + 1))[0]);
  expect(new Set(runs.map((drift) => `${drift?.startDate} ${drift?.detectedDate}`)).size).toBe(1);
  expect(Number(runs[1]?.impact)).toBeGreaterThan(Number(runs[0]?.impact));
  expect(runs.map((drift) => drift?.closedBecause)).toEqual([null, null, 'new_level']);
});

test('steady growth, a step, a single spike and noise are no slow rise', () => {
  expect(driftsOf(daysOf(300, (day) => usual(day) * 1.004 ** day))).toEqual([]);
  expect(driftsOf(daysOf(300, (day) => usual(day) * (day < 150 ? 1 : 1.18)))).toEqual([]);
  expect(driftsOf(daysOf(300, (day) => usual(day) + (day === 150 ? 400 : 0)))).toEqual([]);
  expect(driftsOf(daysOf(300, (day) => usual(day) * (1 + 0.15 * Math.sin(day * 78.233 + Math.sin(day)))))).toEqual([]);
});

test('what is worth less than the threshold, or went up after going down, is not told', () => {
  expect(driftsOf(daysOf(200, (day) => creeping(day) / 40))).toEqual([]);
  expect(driftsOf(daysOf(200, (day) => usual(day) - 0.2 * Math.min(day, 100)))).toEqual([]);
});

test('a series with missing days is not judged', () => {
  expect(driftsOf(daysOf(170, creeping).filter((_, day) => day % 10 !== 0))).toEqual([]);
});
