import { expect, test } from 'vitest';
import {
  bestThreshold,
  NAB_PROFILES,
  type NabProfile,
  nabScore,
  positionWeight,
  probationRows,
  unitValue,
} from './nab-score.ts';

const [standard, lowFalsePositives, lowFalseNegatives] = NAB_PROFILES as [NabProfile, NabProfile, NabProfile];

/** A series of `rows` with the score 1 at the rows named and 0 elsewhere. */
const fired = (rows: number, at: number[], windows: [number, number][]) => ({
  scores: Array.from({ length: rows }, (_, row) => (at.includes(row) ? 1 : 0)),
  windows,
});

test('the first 15 percent of rows, at most 750, are not scored', () => {
  expect([0, 6, 7, 1127, 5000, 22695].map(probationRows)).toEqual([0, 0, 1, 169, 750, 750]);
});

test('the weight of a position is the scaled sigmoid, cut off three windows behind', () => {
  // 2 / (1 + e^-5) - 1, 2 / (1 + e^-2.5) - 1, 0, and their mirror images.
  expect(positionWeight(-1)).toBeCloseTo(0.98661, 5);
  expect(positionWeight(-0.5)).toBeCloseTo(0.84828, 5);
  expect(positionWeight(0)).toBe(0);
  expect(positionWeight(1)).toBeCloseTo(-0.98661, 5);
  expect(positionWeight(3.01)).toBe(-1);
});

test('a detection is worth 1 on the first row of a window, less on later ones, and costs more the further behind', () => {
  const windows: [number, number][] = [[20, 29]];
  expect(unitValue(20, windows)).toEqual({ value: 1, window: 0 });
  // Row 25 of ten: y = -(29 - 25 + 1) / 10 = -0.5, so 0.84828 / 0.98661.
  expect(unitValue(25, windows).value).toBeCloseTo(0.85979, 4);
  // The last row: y = -1/10, so (2 / (1 + e^-0.5) - 1) / 0.98661 = 0.24492 / 0.98661.
  expect(unitValue(29, windows).value).toBeCloseTo(0.24824, 4);
  expect(unitValue(10, windows)).toEqual({ value: -1, window: undefined });
  // Row 38: y = (38 - 29) / (10 - 1) = 1.
  expect(unitValue(38, windows).value).toBeCloseTo(-0.98661, 5);
  expect(unitValue(99, windows).value).toBe(-1);
});

test('silence scores 0 and the first row of each window alone scores 100, in every profile', () => {
  const windows: [number, number][] = [
    [20, 29],
    [60, 69],
  ];
  for (const profile of NAB_PROFILES) {
    expect(nabScore([fired(100, [], windows)], 0.5, profile)).toBe(0);
    expect(nabScore([fired(100, [20, 60], windows)], 0.5, profile)).toBe(100);
  }
});

test('more detections in a window change nothing, one outside costs, one in the first rows does not count', () => {
  const windows: [number, number][] = [[40, 49]];
  expect(nabScore([fired(100, [40, 41, 49], windows)], 0.5, standard)).toBe(100);
  expect(nabScore([fired(100, [3, 14, 40], windows)], 0.5, standard)).toBe(100);
  // One false alert before any window costs 0.11 of the two points between silence (-1) and perfection (+1).
  expect(nabScore([fired(100, [15, 40], windows)], 0.5, standard)).toBeCloseTo(100 - 5.5, 10);
  expect(nabScore([fired(100, [15, 40], windows)], 0.5, lowFalsePositives)).toBeCloseTo(100 - 11, 10);
  // With misses at two points the span is three: 0.11 / 3.
  expect(nabScore([fired(100, [15, 40], windows)], 0.5, lowFalseNegatives)).toBeCloseTo(100 - 11 / 3, 10);
});

test('a missed window costs, and a series without windows can only cost', () => {
  const two: [number, number][] = [
    [40, 49],
    [80, 89],
  ];
  // One of two found: raw 1 - 1 = 0 between -2 and 2; with misses at two points 1 - 2 = -1 between -4 and 2.
  expect(nabScore([fired(100, [40], two)], 0.5, standard)).toBe(50);
  expect(nabScore([fired(100, [40], two)], 0.5, lowFalseNegatives)).toBe(50);
  expect(nabScore([fired(100, [40, 80], two), fired(100, [50], [])], 0.5, standard)).toBeCloseTo(100 - 2.75, 10);
});

test('the threshold chosen is the one with the best score, and never firing when every detection costs', () => {
  const scores = Array.from({ length: 100 }, () => 0);
  scores[40] = 0.7;
  scores[20] = 0.9;
  scores[30] = 0.6;
  const series = [{ scores, windows: [[40, 49]] as [number, number][] }];
  expect(bestThreshold(series, standard)).toEqual({ threshold: 0.7, score: nabScore(series, 0.7, standard) });
  expect(bestThreshold(series, standard).score).toBeCloseTo(94.5, 10);
  const wrong = [
    { scores: scores.map((score, row) => (row === 40 ? 0 : score)), windows: [[99, 99]] as [number, number][] },
  ];
  expect(bestThreshold(wrong, { ...standard, falseNegative: 0.01, truePositive: 0.01 })).toEqual({
    threshold: 1.1,
    score: 0,
  });
});
