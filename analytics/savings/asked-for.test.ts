import { expect, test } from 'vitest';
import { isAskedFor, kindOfChange, type SeenChange } from './asked-for.ts';
import { addDays } from './days.ts';
import { locateChange } from './locate.ts';

const configured = (before: object, after: object): SeenChange => ({
  kind: 'changed',
  before: { configuration: before },
  after: { configuration: after },
});

test.each<[string, SeenChange, string | null]>([
  ['a resource that is gone', { kind: 'deleted', before: {}, after: null }, 'removed'],
  ['a new one', { kind: 'created', before: null, after: {} }, null],
  ['a stop', { kind: 'changed', before: { state: 'running' }, after: { state: 'stopped' } }, 'stopped'],
  ['a start', { kind: 'changed', before: { state: 'stopped' }, after: { state: 'running' } }, null],
  ['a new tag', { kind: 'changed', before: { tags: {} }, after: { tags: { team: 'search' } } }, null],
  ['another type', configured({ instanceType: 'm5.xlarge' }, { instanceType: 'm5.large' }), 'resized'],
  ['a larger type', configured({ instanceType: 'a', vcpus: 2 }, { instanceType: 'b', vcpus: 8 }), null],
  ['less memory', configured({ memoryMib: 3072 }, { memoryMib: 768 }), 'resized'],
  ['fewer nodes', configured({ nodes: 4 }, { nodes: 3 }), 'scaled'],
  ['more nodes', configured({ nodes: 3 }, { nodes: 4 }), null],
  ['a field that is no longer told', configured({ instanceType: 'm5.large', sizeGib: 5 }, { sizeGib: 5 }), null],
])('%s', (_, change, kind) => {
  expect(kindOfChange(change)).toBe(kind);
});

test('a change is asked for by what does it; removing does what stopping asks for, resizing does not', () => {
  expect(isAskedFor('stop-instance', 'stopped')).toBe(true);
  expect(isAskedFor('stop-instance', 'removed')).toBe(true);
  expect(isAskedFor('stop-instance', 'resized')).toBe(false);
  expect(isAskedFor('resize-instance', 'removed')).toBe(false);
  expect(isAskedFor('modify-volume', 'resized')).toBe(true);
  expect(isAskedFor('buy-savings-plan', 'removed')).toBe(false);
});

test('finds on the bill the day of a change that an inventory noticed days later', () => {
  for (const day of ['2026-09-01', '2026-09-04', '2026-09-08']) {
    expect(locateChange((at) => (at < day ? 20 + (at.length % 3) : 5), '2026-09-08')).toBe(day);
  }
});

test('without a step it is the day it was noticed on', () => {
  const noise = new Map(Array.from({ length: 60 }, (_, index) => [addDays('2026-08-01', index), index % 2]));
  expect(locateChange((day) => noise.get(day) ?? 0, '2026-09-08')).toBe('2026-09-08');
});
