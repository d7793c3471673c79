import { expect, test } from 'vitest';
import { hourMissingFrom, hourOf, hourToReadFrom } from './usage-spans.ts';

const TO = new Date('2026-03-10T12:00:00Z');
const KEPT = 455 * 24;

test.each<[string, string | null, string]>([
  ['a place never read is read from 45 days back', null, '2026-01-24T12:00:00Z'],
  ['some hours before the last one are read again', '2026-03-10T11:00:00Z', '2026-03-09T23:00:00Z'],
  ['after a gap it is read from where it ended', '2026-02-01T00:00:00Z', '2026-01-31T12:00:00Z'],
  ['nothing is asked for that is kept no more', '2024-01-01T00:00:00Z', '2024-12-10T12:00:00Z'],
  ['an old due time run again reads the hours before it', '2026-03-20T00:00:00Z', '2026-03-10T00:00:00Z'],
])('%s', (_, readThrough, from) => {
  const known = readThrough === null ? null : new Date(readThrough);
  expect(hourToReadFrom(known, TO, KEPT)).toEqual(new Date(from));
});

test('a source that keeps two weeks is first read from two weeks back', () => {
  expect(hourToReadFrom(null, TO, 14 * 24)).toEqual(new Date('2026-02-24T12:00:00Z'));
});

test('what is due within an hour reads up to its beginning', () => {
  expect(hourOf(new Date('2026-03-10T12:40:00Z'))).toEqual(TO);
});

test.each<[string, string | null, string | null, string | undefined]>([
  ['what the first inventory saw misses nothing', null, null, undefined],
  ['nor does what was there when its place was read', '2026-03-10T07:59:00Z', null, undefined],
  ['an inventory may have told of it after that', '2026-03-10T08:00:00Z', null, '2026-01-24T12:00:00Z'],
  ['what is new is read from when it was made', '2026-03-10T11:30:00Z', '2026-03-08T10:20:00Z', '2026-03-08T10:00:00Z'],
  ['but no further back than all else', '2026-03-10T11:30:00Z', '2020-01-01T00:00:00Z', '2026-01-24T12:00:00Z'],
])('%s', (_, appearedAt, createdAt, from) => {
  const resource = { appearedAt: appearedAt === null ? null : new Date(appearedAt), createdAt };
  expect(hourMissingFrom(resource, new Date('2026-03-10T11:00:00Z'), TO, KEPT)?.toISOString()).toBe(
    from === undefined ? undefined : new Date(from).toISOString(),
  );
});

test('where nothing was read nothing is missing: all of it is read', () => {
  expect(hourMissingFrom({ appearedAt: TO, createdAt: null }, null, TO, KEPT)).toBeUndefined();
});
