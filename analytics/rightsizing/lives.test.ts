import { expect, test } from 'vitest';
import type { Verdict } from './check.ts';
import { type Alive, nextStep, type Step } from './lives.ts';

const NOW = new Date('2026-11-24T09:00:00Z');
const HOLDS = { verdict: 'recommend' } as Verdict;
const USED: Verdict = { verdict: 'keep', why: 'The CPU is used.', measured: [] };
const UNKNOWN: Verdict = { verdict: 'unknown', missing: ['cpu_utilization was not measured'] };
const OTHER: Verdict = { verdict: 'not concerned' };
const at = (state: string, changes: Partial<Alive> = {}): Alive => ({
  ...{ state, dismissedUntil: null, isGone: false, changedAt: null },
  ...changes,
});
const hoursAgo = (hours: number) => new Date(NOW.getTime() - hours * 3_600_000);

test.each<[string, Alive, Verdict | undefined, Step['to'] | undefined]>([
  ['open and still so', at('open'), HOLDS, undefined],
  ['open and used now', at('open'), USED, 'closed'],
  ['accepted and of another state', at('accepted'), OTHER, 'closed'],
  ['open and not to be judged', at('open'), UNKNOWN, undefined],
  ['open, and there is nothing left to look at', at('open'), undefined, 'closed'],
  ['open and gone', at('open', { isGone: true, changedAt: hoursAgo(40) }), undefined, 'closed'],
  [
    'gone since yesterday, which the tracker sees first',
    at('open', { isGone: true, changedAt: hoursAgo(35) }),
    undefined,
    undefined,
  ],
  ['changed since yesterday', at('accepted', { changedAt: hoursAgo(20) }), USED, undefined],
  ['dismissed for good and still so', at('dismissed'), HOLDS, undefined],
  ['dismissed for good and used now', at('dismissed'), USED, undefined],
  ['dismissed and gone', at('dismissed', { isGone: true, changedAt: hoursAgo(1) }), undefined, 'closed'],
  ['dismissed until tomorrow', at('dismissed', { dismissedUntil: '2026-11-25' }), HOLDS, undefined],
  ['dismissed until today', at('dismissed', { dismissedUntil: '2026-11-24' }), HOLDS, 'open'],
  ['dismissed until today and used now', at('dismissed', { dismissedUntil: '2026-11-24' }), USED, 'closed'],
  ['applied', at('applied'), USED, undefined],
  ['verified and found again', at('verified'), HOLDS, undefined],
])('%s', (_, alive, verdict, to) => {
  expect(nextStep(alive, verdict, NOW)?.to).toBe(to);
});

test('says why it ends', () => {
  expect(nextStep(at('open'), USED, NOW)?.reason).toBe('It does not hold any more. The CPU is used.');
});
