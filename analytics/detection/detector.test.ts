import { expect, test } from 'vitest';
import { createDetector, type Detection } from './detector.ts';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const START_MS = Date.UTC(2026, 0, 5);

/** Numbers in [-1, 1) that look random and are the same in every run. */
function noise(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 31 - 1;
  };
}

function run(rows: [number, number][]): Detection[] {
  const detect = createDetector();
  return rows.map(([atMs, value]) => detect(atMs, value));
}

function series(count: number, stepMs: number, valueAt: (index: number, atMs: number) => number): [number, number][] {
  return Array.from({ length: count }, (_, index) => [
    START_MS + index * stepMs,
    valueAt(index, START_MS + index * stepMs),
  ]);
}

const anomaliesOf = (detections: Detection[]) => detections.flatMap(({ anomaly }, index) => (anomaly ? [index] : []));

/** Office hours on weekdays, quieter nights and weekends. */
const office = (atMs: number) => {
  const at = new Date(atMs);
  const weekend = at.getUTCDay() % 6 === 0;
  return 100 + (weekend ? 0 : 80 * Math.max(0, Math.sin((Math.PI * (at.getUTCHours() - 6)) / 12)));
};

test('a score depends on its row and earlier ones alone', () => {
  const random = noise(1);
  const rows = series(1_500, HOUR_MS, (index, atMs) => office(atMs) + 5 * random() + (index === 900 ? 400 : 0));
  const whole = run(rows);
  for (const cut of [40, 901, 1_200]) expect(run(rows.slice(0, cut))).toEqual(whole.slice(0, cut));
});

test('scores are between 0 and 1 and 0.5 makes the anomaly', () => {
  const random = noise(2);
  for (const { score, anomaly } of run(series(600, HOUR_MS, (index) => (index % 97 === 0 ? 1e9 : random())))) {
    expect(score).toBeGreaterThanOrEqual(0);
    expect(score).toBeLessThanOrEqual(1);
    expect(anomaly).toBe(score >= 0.5);
  }
});

test('a spike over office hours is found on its row, and told once', () => {
  const random = noise(3);
  const detections = run(
    series(
      24 * 60,
      HOUR_MS,
      (index, atMs) => office(atMs) + 4 * random() + (index >= 1_200 && index < 1_206 ? 300 : 0),
    ),
  );
  expect(anomaliesOf(detections).filter((index) => index >= 1_200 && index < 1_230)).toEqual([1_200]);
  expect(anomaliesOf(detections.slice(24 * 28)).length).toBeLessThanOrEqual(4);
});

test('office hours are expected once they have been seen for some weeks', () => {
  const random = noise(4);
  const rows = series(24 * 56, HOUR_MS, (_, atMs) => office(atMs) + 4 * random());
  const late = run(rows).slice(24 * 49);
  const errors = late.map(({ expected }, index) => Math.abs(expected - office(rows[24 * 49 + index]?.[0] ?? 0)));
  expect(errors.reduce((sum, error) => sum + error, 0) / errors.length).toBeLessThan(8);
});

test('a value that is usual by day is an anomaly at night', () => {
  const random = noise(5);
  const night = 24 * 50 + 2;
  const detections = run(
    series(
      24 * 60,
      HOUR_MS,
      (index, atMs) => office(atMs) + 4 * random() + (index >= night && index < night + 4 ? 78 : 0),
    ),
  );
  expect(anomaliesOf(detections).some((index) => index >= night && index < night + 4)).toBe(true);
});

test('a level shift is told once and then becomes the expected', () => {
  const random = noise(6);
  const detections = run(series(400, DAY_MS, (index) => (index < 200 ? 100 : 160) + 2 * random()));
  expect(anomaliesOf(detections).filter((index) => index >= 200 && index < 210)).toEqual([200]);
  expect(detections[260]?.expected).toBeCloseTo(160, -1);
});

test('a line that stands still where there was noise is found', () => {
  const random = noise(7);
  const detections = run(series(2_000, 300_000, (index) => (index < 1_500 ? 50 + 10 * random() : 50)));
  expect(anomaliesOf(detections).some((index) => index >= 1_500 && index < 1_560)).toBe(true);
});

test('constant, empty-handed and tiny series raise nothing', () => {
  expect(anomaliesOf(run(series(500, DAY_MS, () => 42)))).toEqual([]);
  expect(anomaliesOf(run(series(500, DAY_MS, () => 0)))).toEqual([]);
  expect(anomaliesOf(run(series(5, DAY_MS, (index) => 10 ** index)))).toEqual([]);
});

test('gaps, irregular spacing, repeated and late timestamps give finite scores', () => {
  const random = noise(8);
  let atMs = START_MS;
  const rows = Array.from({ length: 800 }, (_, index): [number, number] => {
    atMs +=
      index % 50 === 0
        ? 3 * DAY_MS
        : index % 7 === 0
          ? 0
          : index % 31 === 0
            ? -HOUR_MS
            : 60_000 * (1 + Math.abs(random()) * 30);
    return [atMs, 10 + random()];
  });
  for (const { score, expected } of run(rows)) {
    expect(Number.isFinite(score)).toBe(true);
    expect(Number.isFinite(expected)).toBe(true);
  }
});

test('a history longer than what is kept goes on as before', () => {
  const random = noise(9);
  const rows = series(10_000, 300_000, (index) => 20 + random() + (index === 9_900 ? 60 : 0));
  expect(anomaliesOf(run(rows))).toContain(9_900);
});
