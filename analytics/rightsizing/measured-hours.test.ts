import { describe, expect, it } from 'vitest';
import { byDay, type MeasuredHour, meanOf, percentileOf } from './measured-hours.ts';

const hour = (figures: Partial<MeasuredHour>): MeasuredHour => ({
  hour: '2026-03-02T00:00:00Z',
  avg: 10,
  max: 10,
  p95: 10,
  sampleCount: 12,
  ...figures,
});

describe('percentileOf', () => {
  it('is the level itself where all samples are alike', () => {
    expect(percentileOf([hour({}), hour({})], 0.5)).toBeCloseTo(10, 6);
  });

  it('is the highest sample for all of them', () => {
    expect(percentileOf([hour({}), hour({ avg: 20, p95: 60, max: 93 })], 1)).toBe(93);
  });

  it('counts an hour by its samples', () => {
    const hours = [hour({ sampleCount: 60 }), hour({ avg: 50, max: 50, p95: 50, sampleCount: 20 })];
    expect(percentileOf(hours, 0.75)).toBeCloseTo(10, 6);
    expect(percentileOf(hours, 0.76)).toBeCloseTo(50, 6);
  });

  it('spreads samples evenly around the mean up to the p95, and from there to the highest', () => {
    // 95 of 100 samples lie evenly between 0 and 40, five between 40 and 80: their mean is 22.
    const one = hour({ avg: 22, p95: 40, max: 80, sampleCount: 100 });
    expect(percentileOf([one], 0.475)).toBeCloseTo(20, 4);
    expect(percentileOf([one], 0.95)).toBeCloseTo(40, 4);
    expect(percentileOf([one], 0.99)).toBeCloseTo(72, 4);
  });

  it('takes samples to reach the highest where no p95 is known, so that it is not too low', () => {
    expect(percentileOf([hour({ avg: 30, p95: null, max: 50 })], 0.995)).toBeCloseTo(49.8, 1);
  });

  it('stays within what was measured when the figures do not fit each other', () => {
    const odd = percentileOf([hour({ avg: 9.9, p95: 2, max: 10 })], 0.5);
    expect(odd).toBeGreaterThan(0);
    expect(odd).toBeLessThanOrEqual(10);
  });

  it('knows nothing without hours', () => {
    expect(percentileOf([], 0.5)).toBeNaN();
  });
});

it('puts hours to their days, oldest first', () => {
  const at = (iso: string) => hour({ hour: iso });
  const days = byDay([at('2026-03-03T01:00:00Z'), at('2026-03-02T23:00:00Z'), at('2026-03-03T00:00:00Z')]);
  expect(days.map((own) => own.length)).toEqual([1, 2]);
});

it('averages several series hour by hour, over those that have the hour', () => {
  const later = '2026-03-02T01:00:00Z';
  const series = [[hour({}), hour({ hour: later, avg: 4, max: 8, p95: 8 })], [hour({ avg: 20, max: 30, p95: null })]];
  expect(meanOf(series)).toEqual([
    hour({ avg: 15, max: 20, p95: null }),
    hour({ hour: later, avg: 4, max: 8, p95: 8 }),
  ]);
});
