import { expect, test } from 'vitest';
import { askedKind, kindOfAction, kindOfChange, type SeenChange } from './asked-for.ts';
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
  [
    'no more provisioned concurrency',
    configured({ memoryMib: 512, provisionedConcurrency: 5 }, { memoryMib: 512 }),
    'scaled',
  ],
  ['a newer version', configured({ version: '1.29' }, { version: '1.33' }), 'upgraded'],
  ['a field that is no longer told', configured({ instanceType: 'm5.large', sizeGib: 5 }, { sizeGib: 5 }), null],
])('%s', (_, change, kind) => {
  expect(kindOfChange(change)).toBe(kind);
});

test('a change is asked for by what does it; removing does what stopping asks for, resizing does not', () => {
  expect(askedKind('stop-instance', 'stopped')).toBe('stopped');
  expect(askedKind('stop-instance', 'removed')).toBe('removed');
  expect(askedKind('stop-ecs-service', 'scaled')).toBe('scaled');
  expect(askedKind('stop-instance', 'resized')).toBeUndefined();
  expect(askedKind('resize-instance', 'removed')).toBeUndefined();
  expect(askedKind('change-volume-type', 'resized')).toBe('resized');
  expect(askedKind('remove-provisioned-concurrency', 'scaled')).toBe('scaled');
  expect(askedKind('schedule-instance', 'stopped')).toBe('scheduled');
  expect(askedKind('buy-commitment', 'removed')).toBeUndefined();
});

test('an action is a change of the kind that its verb says', () => {
  const kinds = ['terminate-instance', 'release-address', 'set-lambda-memory', 'scale-group', 'buy-commitment'].map(
    kindOfAction,
  );
  expect(kinds).toEqual(['removed', 'removed', 'resized', 'scaled', undefined]);
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
