import { expect, test } from 'vitest';
import { alternatives, type Claimant } from './deduplicate.ts';

const finding = (key: string, monthly: string, claims: string[], changes: Partial<Claimant> = {}): Claimant => ({
  ...{ key, monthly, claims, currency: 'USD', risk: 'medium', effort: 'low', isDismissed: false },
  ...changes,
});

test('of two that claim a charge the larger saving counts', () => {
  const given = alternatives([
    finding('smaller', '40', ['i/hours']),
    finding('gone', '100', ['i/hours', 'vol/storage']),
  ]);
  expect([...given]).toEqual([['smaller', 'gone']]);
});

test('those that claim different charges of one resource both count', () => {
  expect(alternatives([finding('resize', '40', ['i/hours']), finding('gp3', '5', ['vol/storage'])]).size).toBe(0);
});

test('what gives way takes nothing, so that a third one still counts', () => {
  const given = alternatives([
    finding('group', '100', ['i/hours']),
    finding('both', '60', ['i/hours', 'vol/storage']),
    finding('gp3', '5', ['vol/storage']),
  ]);
  expect([...given]).toEqual([['both', 'group']]);
});

test('of equal savings the one of less risk counts, then of less effort', () => {
  expect([...alternatives([finding('a', '10', ['x'], { risk: 'high' }), finding('b', '10.0', ['x'])])]).toEqual([
    ['a', 'b'],
  ]);
  expect([...alternatives([finding('a', '10', ['x'], { effort: 'high' }), finding('b', '10', ['x'])])]).toEqual([
    ['a', 'b'],
  ]);
});

test('what somebody said no to gives way to nobody and leaves its charges to others', () => {
  const given = alternatives([
    finding('gone', '100', ['i/hours'], { isDismissed: true }),
    finding('smaller', '40', ['i/hours']),
  ]);
  expect(given.size).toBe(0);
});

test('amounts are compared as decimals, not as text', () => {
  expect([...alternatives([finding('a', '9', ['x']), finding('b', '10', ['x'])])]).toEqual([['a', 'b']]);
});
