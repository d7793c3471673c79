import { describe, expect, test } from 'vitest';
import type { DayCharge } from './charges.ts';
import { addDays, weekdayOf } from './days.ts';
import { type Bounds, type Tracked, track } from './measure.ts';

const CHANGE = '2026-09-01';
const days = (from: string, count: number) => Array.from({ length: count }, (_, index) => addDays(from, index));

function charges(
  usageType: string,
  costOf: (day: string) => number | [cost: number, quantity: number],
  { from = addDays(CHANGE, -28), count = 150, ...others }: Partial<DayCharge> & { from?: string; count?: number } = {},
): DayCharge[] {
  return days(from, count).map((day) => {
    const given = costOf(day);
    const [cost, quantity] = Array.isArray(given) ? given : [given, 0];
    const effectiveCost = cost.toFixed(6);
    return {
      day,
      usageType,
      effectiveCost,
      listCost: effectiveCost,
      coveredCost: '0',
      quantity: String(quantity),
      ...others,
    };
  });
}

const since = (day: string, before: number, after: number) => (at: string) => (at < day ? before : after);
const bounds = (settledEnd: string, more: Partial<Bounds> = {}): Bounds => ({
  notBefore: '2025-01-01',
  settledEnd,
  ...more,
});

function measured(tracked: Tracked) {
  if (!('measured' in tracked)) throw new Error(JSON.stringify(tracked));
  return tracked;
}

const removed = { kind: 'removed' as const, date: CHANGE };
const resized = { kind: 'resized' as const, date: CHANGE };

describe('what a change saved', () => {
  test('waits until a whole week after it is settled', () => {
    const gone = charges('EBS:VolumeUsage.gp2', since(CHANGE, 24, 0));
    expect(track(removed, gone, bounds('2026-09-08'))).toEqual({ state: 'waiting', until: '2026-09-11' });
    expect(track(removed, gone, bounds('2026-09-09')).state).toBe('measured');
  });

  test('is the cost of the weeks before less that of the weeks after, for a month of 730 hours', () => {
    const { measured: result } = measured(track(removed, charges('x', since(CHANGE, 24, 0)), bounds('2026-09-30')));
    expect(result).toMatchObject({
      monthlySavings: '730',
      listMonthlySavings: '730',
      confidence: 'high',
      basis: 'bill: 28 days after against 28 days before, in whole weeks',
      baseline: { start: '2026-08-04', end: CHANGE },
      measured: { start: '2026-09-02', end: '2026-09-30' },
      perDayBefore: '24',
      perDayAfter: '0',
    });
  });

  test('leaves out the day of the change itself, which is half of each', () => {
    const cost = (day: string) => (day < CHANGE ? 24 : day === CHANGE ? 13 : 0);
    expect(measured(track(removed, charges('x', cost), bounds('2026-09-09'))).measured.monthlySavings).toBe('730');
  });

  test('knows weekends: a machine that was off on them saves nothing by being off on them', () => {
    const isWeekend = (day: string) => [0, 6].includes(weekdayOf(day));
    const same = charges('x', (day) => (isWeekend(day) ? 0 : 10));
    for (const settledEnd of ['2026-09-09', '2026-09-18', '2026-10-01'])
      expect(measured(track(removed, same, bounds(settledEnd))).measured.monthlySavings).toBe('0');
  });

  test('takes more use after a resize for use and not for cost: unit price times use', () => {
    const hours = (day: string): [number, number] => (day < CHANGE ? [24, 24] : [20, 40]);
    const { measured: result } = measured(track(resized, charges('BoxUsage:m5.large', hours), bounds('2026-10-01')));
    // 40 hours a day would have cost 40 before, and cost 20.
    expect(result.monthlySavings).toBe('608.3333');
    expect(result.usage).toEqual({
      of: 'instance hours',
      before: '24',
      after: '40',
      priceBefore: '1',
      priceAfter: '0.5',
    });
    expect(result.basis).toBe('bill: unit price of 28 days before times the instance hours of 28 days after');
  });

  test('measures the memory of a function by its requests', () => {
    const memory = charges('USE1-Lambda-GB-Second', (day) => (day < CHANGE ? [40, 1] : [20, 1]));
    const requests = charges('USE1-Request', (day) => (day < CHANGE ? [1, 1000] : [2, 2000]));
    const { measured: result } = measured(track(resized, [...memory, ...requests], bounds('2026-10-01')));
    // Twice the requests would have cost 80; the requests themselves are not touched.
    expect(result.perDayExpected).toBe('80');
    expect(result.perDayAfter).toBe('20');
  });

  test('counts only the charges that a resize touches', () => {
    const machine = charges('EUW1-BoxUsage:m5.xlarge', (day) => (day < CHANGE ? [10, 24] : [5, 24]));
    const traffic = charges('EUW1-DataTransfer-Out-Bytes', since(CHANGE, 100, 3));
    expect(measured(track(resized, [...machine, ...traffic], bounds('2026-10-01'))).measured.perDayBefore).toBe('10');
  });

  test('counts the disks with the machines that a group has fewer of, and not their traffic', () => {
    const machines = charges('BoxUsage:m5.large', since(CHANGE, 40, 20));
    const disks = charges('EBS:VolumeUsage.gp3', since(CHANGE, 8, 4));
    const traffic = charges('DataTransfer-Out-Bytes', since(CHANGE, 100, 3));
    const scaled = track({ kind: 'scaled', date: CHANGE }, [...machines, ...disks, ...traffic], bounds('2026-10-01'));
    expect([measured(scaled).measured.perDayBefore, measured(scaled).measured.perDayAfter]).toEqual(['48', '24']);
  });

  test('is negative where it costs more, and has nothing to hold', () => {
    const tracked = measured(track(removed, charges('x', since(CHANGE, 10, 12)), bounds('2026-12-10')));
    expect(tracked.measured.monthlySavings).toBe('-60.8333');
    expect([tracked.state, tracked.checks]).toEqual(['measured', []]);
  });

  test('counts a snapshot that was made in the place of a volume against it', () => {
    const volume = charges('EBS:VolumeUsage.gp2', since(CHANGE, 24, 0));
    const snapshot = charges('EBS:SnapshotUsage', since(CHANGE, 0, 4));
    expect(measured(track(removed, [...volume, ...snapshot], bounds('2026-10-01'))).measured.perDayAfter).toBe('4');
  });

  test('begins its baseline where the resource, or its last change, is younger than four weeks', () => {
    const young = charges('x', since(CHANGE, 24, 0));
    const { baseline, confidence } = measured(
      track(removed, young, bounds('2026-10-01', { notBefore: '2026-08-16' })),
    ).measured;
    expect([baseline.start, confidence]).toEqual(['2026-08-18', 'medium']);
  });

  test('says why the bill cannot tell', () => {
    const cost = charges('x', since(CHANGE, 24, 0));
    const reasonOf = (tracked: Tracked) => ('reason' in tracked ? tracked.reason : tracked.state);
    expect(reasonOf(track(removed, cost, bounds('2026-10-01', { notBefore: '2026-08-27' })))).toBe(
      'It cost something for less than a week before the change.',
    );
    expect(reasonOf(track(removed, [], bounds('2026-10-01')))).toBe(
      'The bill shows no such charges in the 28 days before the change.',
    );
    expect(reasonOf(track(removed, cost, bounds('2026-10-01', { changedAgainOn: '2026-09-06' })))).toBe(
      'It was changed again on 2026-09-06, within a week.',
    );
  });

  test('is less sure of few days and of costs that vary', () => {
    const wild = charges('x', (day) => (day < CHANGE ? 10 + 9 * (Number(day.slice(8)) % 2) * (weekdayOf(day) % 2) : 0));
    const steady = charges('x', since(CHANGE, 24, 0));
    const sureness = (cost: DayCharge[], end: string) =>
      measured(track(removed, cost, bounds(end))).measured.confidence;
    expect([sureness(steady, '2026-09-10'), sureness(steady, '2026-09-20'), sureness(steady, '2026-10-01')]).toEqual([
      'low',
      'medium',
      'high',
    ]);
    expect(sureness(wild, '2026-10-01')).toBe('medium');
  });
});

describe('commitments', () => {
  const covered = charges('x', since(CHANGE, 24, 0)).map((one) => ({
    ...one,
    listCost: '36',
    coveredCost: one.effectiveCost,
  }));
  const shown = (tracked: Tracked) => {
    const { monthlySavings, idleCommitment, basis } = measured(tracked).measured;
    return [monthlySavings, idleCommitment, basis.split(', ').slice(2).join(', ')];
  };
  const at = bounds('2026-10-01');

  test('that others use instead leave the saving as the bill shows it', () => {
    expect(shown(track(removed, covered, at, { before: '1', after: '1', freedByAll: '24' }))).toEqual([
      '730',
      '0',
      'commitments paid for 100 percent of it before',
    ]);
  });

  test('that nobody uses take the saving away', () => {
    expect(shown(track(removed, covered, at, { before: '1', after: '25', freedByAll: '24' }))).toEqual([
      '0',
      '730',
      'commitments paid for 100 percent of it before, 730 a month of them is unused since and not counted as saved',
    ]);
  });

  test('that several changes freed are shared among them', () => {
    expect(shown(track(removed, covered, at, { before: '0', after: '24', freedByAll: '48' }))[0]).toBe('365');
  });
});

describe('whether it holds', () => {
  const undone = (on: string) => charges('x', (day) => (day < CHANGE || day >= on ? 24 : 6));

  test('is checked after 30, 60 and 90 days', () => {
    const cost = charges('x', since(CHANGE, 24, 6));
    const checksAt = (end: string) =>
      measured(track(removed, cost, bounds(end))).checks.map(({ day, holds }) => [day, holds]);
    expect(checksAt('2026-10-01')).toEqual([]);
    expect(checksAt('2026-10-02')).toEqual([[30, true]]);
    expect(checksAt('2026-12-10')).toEqual([
      [30, true],
      [60, true],
      [90, true],
    ]);
    expect(measured(track(removed, cost, bounds('2026-10-02'))).state).toBe('holding');
  });

  test('a change that is undone is a regression within a week, dated on the day the cost came back', () => {
    const cost = undone('2026-10-20');
    const states = days('2026-10-19', 9).map((end) => measured(track(removed, cost, bounds(end))));
    expect(states.map(({ state }) => state)).toEqual([...Array(5).fill('holding'), ...Array(4).fill('regressed')]);
    expect(states.at(-1)?.regressedOn).toBe('2026-10-20');
    expect(states.at(-1)?.measured.monthlySavings).toBe('547.5');
  });

  test('a change that is undone while it is being measured keeps what it saved until then', () => {
    const {
      state,
      measured: result,
      regressedOn,
    } = measured(track(removed, undone('2026-09-16'), bounds('2026-10-01')));
    expect([state, result.measured.end, result.monthlySavings, regressedOn]).toEqual([
      'regressed',
      '2026-09-16',
      '547.5',
      '2026-09-16',
    ]);
  });

  test('less use is no regression where the saving is one of price', () => {
    const half = (day: string): [number, number] => (day < CHANGE ? [24, 24] : day < '2026-10-10' ? [12, 24] : [1, 2]);
    const tracked = measured(track(resized, charges('BoxUsage:m5.large', half), bounds('2026-10-30')));
    expect([tracked.state, tracked.newest?.holds]).toEqual(['holding', true]);
  });
});
