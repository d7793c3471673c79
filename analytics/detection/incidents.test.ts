import { expect, test } from 'vitest';
import { COST_DETECTION_SETTINGS } from './cost-settings.ts';
import { type CostDay, detectIncidents } from './incidents.ts';

const DAY_MS = 86_400_000;
const FIRST = '2026-01-05';

/** A day's date by its place; day 0 is a Monday. */
const dateOf = (day: number) => new Date(Date.parse(FIRST) + day * DAY_MS).toISOString().slice(0, 10);

/** 300 a weekday and 180 at weekends, a little uneven, the same in every run. */
const usual = (day: number) => (day % 7 < 5 ? 300 : 180) * (1 + 0.02 * Math.sin(day * 12.9898));

function daysOf(count: number, costAt: (day: number) => number | undefined): CostDay[] {
  return Array.from({ length: count }, (_, day) => ({ date: dateOf(day), cost: costAt(day) })).flatMap(
    ({ date, cost }) => (cost === undefined ? [] : [{ date, cost: cost.toFixed(2) }]),
  );
}

function incidentsOf(days: CostDay[], dataThrough = days.at(-1)?.date ?? FIRST, settings = {}) {
  const series = { days, dataFrom: FIRST, dataThrough };
  return detectIncidents(series, { ...COST_DETECTION_SETTINGS, unsettledDays: 0, ...settings });
}

test('weekends, a steady growth and a dip at the end raise nothing', () => {
  expect(incidentsOf(daysOf(120, usual))).toEqual([]);
  expect(incidentsOf(daysOf(200, (day) => usual(day) * 1.005 ** day))).toEqual([]);
  expect(incidentsOf(daysOf(120, (day) => (day > 100 ? usual(day) / 3 : usual(day))))).toEqual([]);
});

test('a spike of three days is one incident, with its start, its end and what it cost', () => {
  const incidents = incidentsOf(daysOf(120, (day) => (day >= 100 && day < 103 ? usual(day) + 200 : usual(day))));
  expect(incidents).toHaveLength(1);
  expect(incidents[0]).toMatchObject({
    kind: 'increase',
    status: 'closed',
    closedBecause: 'back_to_expected',
    startDate: dateOf(100),
    detectedDate: dateOf(100),
    endDate: dateOf(102),
    days: 3,
  });
  expect(Number(incidents[0]?.impact)).toBeGreaterThan(550);
  expect(Number(incidents[0]?.impact)).toBeLessThan(650);
});

test('a weekend that costs as much as a weekday is found against the weekend', () => {
  const incidents = incidentsOf(daysOf(110, (day) => (day === 103 ? 300 : usual(day))));
  expect(incidents).toMatchObject([{ startDate: dateOf(103), days: 1 }]);
});

test('an incident grows day by day under the same start, against a frozen baseline, until the level is new', () => {
  const days = daysOf(140, (day) => (day < 100 ? usual(day) : usual(day) * 1.6));
  const seen = [101, 110, 119].map((last) => incidentsOf(days.slice(0, last + 1)));
  expect(seen.map((incidents) => incidents.map(({ startDate, status }) => `${startDate} ${status}`))).toEqual(
    Array.from({ length: 3 }, () => [`${dateOf(100)} open`]),
  );
  const impacts = seen.map(([incident]) => Number(incident?.impact));
  expect(impacts[1]).toBeGreaterThan((impacts[0] ?? 0) * 4);
  expect(seen[2]?.[0]?.peakPercent).toBeGreaterThan(50);
  const all = incidentsOf(days);
  expect(all).toHaveLength(1);
  expect(all[0]).toMatchObject({ status: 'closed', closedBecause: 'new_level', days: 21, endDate: dateOf(120) });
});

test('a finding needs all three: unlikely, relatively large, and worth money', () => {
  const spike = (cost: (day: number) => number, excess: number) =>
    incidentsOf(daysOf(110, (day) => cost(day) + (day === 100 ? excess : 0))).length;
  expect(spike(() => 10_000, 1_500)).toBe(0);
  expect(spike(() => 10, 30)).toBe(0);
  expect(spike((day) => 300 + 120 * Math.sin(day * 12.9898), 150)).toBe(0);
  expect(spike(() => 100, 60)).toBe(1);
});

test('a small excess is told once it has added up', () => {
  const incidents = incidentsOf(daysOf(110, (day) => (day < 100 ? 40 : 55)));
  expect(incidents).toMatchObject([{ startDate: dateOf(100), detectedDate: dateOf(103) }]);
});

test('unsettled days are not judged', () => {
  const days = daysOf(101, (day) => (day === 100 ? 900 : usual(day)));
  const series = { days, dataFrom: FIRST, dataThrough: dateOf(100) };
  expect(detectIncidents(series)).toEqual([]);
  expect(detectIncidents({ ...series, dataThrough: dateOf(102) })).toHaveLength(1);
});

test('a spike that comes back within three days is the same incident, later it is another', () => {
  const spikesAt = (...at: number[]) =>
    incidentsOf(daysOf(130, (day) => (at.includes(day) ? usual(day) + 300 : usual(day)))).map(({ startDate, days }) => [
      startDate,
      days,
    ]);
  expect(spikesAt(100, 103)).toEqual([[dateOf(100), 2]]);
  expect(spikesAt(100, 110)).toEqual([
    [dateOf(100), 1],
    [dateOf(110), 1],
  ]);
});

test('a fee on the first of the month is expected from the third month on', () => {
  const isFirst = (day: number) => dateOf(day).endsWith('-01');
  const incidents = incidentsOf(daysOf(200, (day) => usual(day) + (isFirst(day) ? 400 : 0)));
  expect(incidents.map(({ startDate }) => startDate).filter((date) => date >= '2026-04-02')).toEqual([]);
  const doubled = incidentsOf(daysOf(200, (day) => usual(day) + (isFirst(day) ? (day > 170 ? 1_200 : 400) : 0)));
  expect(doubled.at(-1)).toMatchObject({ startDate: '2026-07-01' });
});

test('a series that begins later than the data is new, and one that begins with them is not', () => {
  const late = daysOf(160, (day) => (day < 60 ? undefined : usual(day)));
  expect(incidentsOf(late.slice(0, 10))).toMatchObject([
    { kind: 'new', status: 'open', startDate: dateOf(60), expectedCost: '0', peakPercent: null, peakDeviations: null },
  ]);
  expect(incidentsOf(late)).toMatchObject([{ kind: 'new', status: 'closed', closedBecause: 'new_level' }]);
  expect(incidentsOf(daysOf(160, (day) => (day < 60 ? undefined : 2)))).toEqual([]);
  expect(incidentsOf(daysOf(10, usual))).toEqual([]);
});

test('a series that falls silent closes its incident, and its silence is no zero', () => {
  const days = daysOf(130, (day) => (day > 102 && day < 120 ? undefined : day >= 100 && day <= 102 ? 900 : usual(day)));
  expect(incidentsOf(days)).toMatchObject([{ status: 'closed', endDate: dateOf(102), days: 3 }]);
  expect(incidentsOf(days.slice(0, 103), dateOf(102))).toMatchObject([{ status: 'open' }]);
  expect(incidentsOf(days.slice(0, 103), dateOf(110))).toMatchObject([{ status: 'closed' }]);
});

test('a day is judged by it and earlier ones: later days change no start', () => {
  const days = daysOf(160, (day) => usual(day) + (day % 37 === 30 ? 250 : 0));
  const whole = incidentsOf(days).map(({ startDate }) => startDate);
  for (const last of [70, 105, 130]) {
    const part = incidentsOf(days.slice(0, last + 1)).map(({ startDate }) => startDate);
    expect(part).toEqual(whole.filter((date) => date <= dateOf(last)));
  }
});

test('a job that runs on Sundays is expected where all other days cost nothing', () => {
  expect(incidentsOf(daysOf(120, (day) => (day % 7 === 6 ? 80 : 0)))).toEqual([]);
  const more = incidentsOf(daysOf(120, (day) => (day % 7 === 6 ? (day === 111 ? 400 : 80) : 0)));
  expect(more).toMatchObject([{ startDate: dateOf(111), expectedCost: '80' }]);
});

test('a cost that comes and goes is told a few times and then no longer', () => {
  const incidents = incidentsOf(daysOf(300, (day) => 20 + (Math.sin(day * 12.9898) > 0.6 ? 100 : 0)));
  expect(incidents.length).toBeLessThan(8);
  expect(incidents.filter(({ startDate }) => startDate > dateOf(100))).toEqual([]);
});

test('decreases are found when asked for', () => {
  const days = daysOf(110, (day) => (day >= 100 ? usual(day) / 2 : usual(day)));
  const [incident] = incidentsOf(days, dateOf(109), { findDecreases: true });
  expect(incident).toMatchObject({ kind: 'decrease', status: 'open', startDate: dateOf(100) });
  expect(Number(incident?.impact)).toBeLessThan(-500);
});

test('days out of order are refused', () => {
  const days = daysOf(30, usual).reverse();
  expect(() => incidentsOf(days)).toThrow('The days are not in order');
  expect(incidentsOf([])).toEqual([]);
});

test('a level that somebody calls expected is the baseline from that day on, weekends included', () => {
  const days = daysOf(170, (day) => usual(day) + (day >= 100 ? 100 : 0));
  const series = { days, dataFrom: FIRST, dataThrough: dateOf(169) };
  const verdicts = [{ startDate: dateOf(100), verdict: 'expected' as const, date: dateOf(104) }];
  const settings = { ...COST_DETECTION_SETTINGS, unsettledDays: 0, findDecreases: true };
  expect(detectIncidents({ ...series, verdicts }, settings)).toMatchObject([
    { startDate: dateOf(100), closedBecause: 'verdict', closedDate: dateOf(104), days: 5 },
  ]);
});

test('after a verdict "expected" the next rise is found at once, and without it only once the level is new', () => {
  const days = daysOf(125, (day) => usual(day) + (day >= 100 ? 100 : 0) + (day >= 110 && day < 112 ? 250 : 0));
  const series = { days, dataFrom: FIRST, dataThrough: dateOf(124) };
  const verdicts = [{ startDate: dateOf(100), verdict: 'expected' as const, date: dateOf(104) }];
  const starts = (given: typeof verdicts) =>
    detectIncidents({ ...series, verdicts: given }, { ...COST_DETECTION_SETTINGS, unsettledDays: 0 }).map(
      ({ startDate }) => startDate,
    );
  expect(starts([])).toEqual([dateOf(100)]);
  expect(starts(verdicts)).toEqual([dateOf(100), dateOf(110)]);
});

test('what somebody calls wrong teaches the baseline, so that the like is not told so soon again', () => {
  const spikes = [95, 110, 125];
  const days = daysOf(140, (day) => usual(day) + (spikes.some((from) => day >= from && day < from + 4) ? 120 : 0));
  const series = { days, dataFrom: FIRST, dataThrough: dateOf(139) };
  const verdicts = spikes.map((from) => ({ startDate: dateOf(from), verdict: 'wrong' as const, date: dateOf(from) }));
  const count = (given: typeof verdicts) =>
    detectIncidents({ ...series, verdicts: given }, { ...COST_DETECTION_SETTINGS, unsettledDays: 0 }).length;
  expect(count([])).toBe(3);
  expect(count(verdicts)).toBeLessThan(3);
});

test('a monthly fee that grows is told once, and after two months the larger one is expected', () => {
  const fee = (day: number) => (new Date(dateOf(day)).getUTCDate() !== 1 ? 0 : day < 150 ? 300 : 500);
  const incidents = incidentsOf(daysOf(330, (day) => usual(day) + fee(day)));
  expect(incidents.filter(({ startDate }) => startDate >= dateOf(220))).toEqual([]);
});
