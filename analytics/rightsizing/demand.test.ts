import { describe, expect, it } from 'vitest';
import { cpuDemand, demandOf, memoryDemand, SIZING_PRESETS } from './demand.ts';
import type { MeasuredHour } from './measured-hours.ts';

/** Hours of `days` days from a Monday on, each at the level that `level` gives it. */
function hours(days: number, level: (day: number, hour: number) => number): MeasuredHour[] {
  return Array.from({ length: days * 24 }, (_, index) => {
    const value = level(Math.floor(index / 24), index % 24);
    const hour = new Date(Date.UTC(2026, 2, 2, index)).toISOString();
    return { hour, avg: value, max: value, p95: value, sampleCount: 12 };
  });
}

const steady = () => 40;
const plain = { percentile: 0.9, headroom: 0 };

describe('demandOf', () => {
  it('adds the headroom to a steady load, and nothing else', () => {
    expect(demandOf(hours(14, steady), { percentile: 0.995, headroom: 0.2 })).toMatchObject({
      level: expect.closeTo(40, 6),
      needed: expect.closeTo(50, 6),
      growth: 0,
      percentile: 0.995,
    });
  });

  it('says nothing of two days', () => {
    expect(demandOf(hours(2, steady), plain)).toBeUndefined();
  });

  it('leaves out what is rare within each day', () => {
    // Two hours of 24 are less than a tenth.
    expect(
      demandOf(
        hours(14, (_, hour) => (hour < 2 ? 90 : 10)),
        plain,
      )?.level,
    ).toBeCloseTo(10, 6);
    expect(
      demandOf(
        hours(14, (_, hour) => (hour < 3 ? 90 : 10)),
        plain,
      )?.level,
    ).toBeCloseTo(90, 6);
  });

  it('leaves no peak out when it saw fewer than fourteen days', () => {
    const spiky = (_: number, hour: number) => (hour === 0 ? 90 : 10);
    expect(demandOf(hours(14, spiky), plain)).toMatchObject({ level: expect.closeTo(10, 6), percentile: 0.9 });
    expect(demandOf(hours(13, spiky), plain)).toMatchObject({ level: expect.closeTo(90, 6), percentile: 1 });
  });

  it('carries the one busy day of each week, though it is a seventh of the samples', () => {
    const weekly = demandOf(
      hours(28, (day) => (day % 7 === 0 ? 70 : 10)),
      { percentile: 0.8, headroom: 0 },
    );
    expect(weekly?.busiestDay).toBeCloseTo(70, 6);
  });

  it('expects a busier day than it saw where days differ much, the more so the fewer it saw', () => {
    const uneven = (day: number) => [20, 35, 25, 40, 30][day % 5] ?? 0;
    const few = demandOf(hours(4, uneven), plain);
    const many = demandOf(hours(40, uneven), plain);
    // Mean 30 and standard deviation 9.13 of four days, 7.16 of forty.
    expect(few?.daysToCome).toBeCloseTo(30 + 2.353 * 9.1287 * Math.sqrt(1.25), 2);
    expect(many?.daysToCome).toBeCloseTo(30 + 1.7 * 7.1612 * Math.sqrt(1.025), 2);
  });

  it('follows a steady rise thirty days ahead', () => {
    const rising = demandOf(
      hours(14, (day) => 20 + day),
      plain,
    );
    expect(rising?.growth).toBeCloseTo(30, 6);
    // The bound of the next day already lies above the 33 of the last one.
    expect(rising?.level).toBeCloseTo(64.17, 2);
  });

  it('takes neither a fall nor an up and down for growth', () => {
    for (const level of [(day: number) => 50 - day, (day: number) => [20, 30, 10][day % 3] ?? 0])
      expect(demandOf(hours(14, level), plain)?.growth).toBe(0);
  });
});

it('counts each peak of memory, whatever the preset leaves out of CPU', () => {
  const spiky = hours(14, (_, hour) => (hour === 5 ? 72 : 30));
  const preset = SIZING_PRESETS['maximum savings'];
  expect(cpuDemand(spiky, preset)?.needed).toBeCloseTo(30, 6);
  expect(memoryDemand(spiky, preset)?.needed).toBeCloseTo(80, 6);
});
