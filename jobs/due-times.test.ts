import { expect, test } from 'vitest';
import { missedSince, newestDue, nextDue } from './due-times.ts';

const at = (text: string) => new Date(text);

test('a due time counts from its own instant on', () => {
  expect(newestDue('*/10 * * * *', at('2026-11-24T12:20:00.000Z'))).toEqual(at('2026-11-24T12:20:00Z'));
  expect(newestDue('*/10 * * * *', at('2026-11-24T12:19:59.999Z'))).toEqual(at('2026-11-24T12:10:00Z'));
  expect(nextDue('*/10 * * * *', at('2026-11-24T12:20:00.000Z'))).toEqual(at('2026-11-24T12:30:00Z'));
});

test('schedules are in UTC, also where summer time begins', () => {
  expect(nextDue('30 2 * * *', at('2026-03-29T00:00:00Z'))).toEqual(at('2026-03-29T02:30:00Z'));
  expect(nextDue('30 1 * * *', at('2026-10-25T00:00:00Z'))).toEqual(at('2026-10-25T01:30:00Z'));
});

test('a schedule that never comes has no next due time', () => {
  expect(nextDue('0 0 30 2 *', at('2026-11-24T00:00:00Z'))).toBeNull();
  expect(newestDue('0 0 0 1 1 * 2099', at('2026-11-24T00:00:00Z'))).toBeUndefined();
});

test('missed due times are those after the last one, the oldest first, a hundred at most', () => {
  expect(missedSince('0 * * * *', at('2026-11-24T09:00:00Z'), at('2026-11-24T12:00:00Z'))).toEqual([
    at('2026-11-24T10:00:00Z'),
    at('2026-11-24T11:00:00Z'),
    at('2026-11-24T12:00:00Z'),
  ]);
  const all = missedSince('* * * * *', at('2026-11-01T00:00:00Z'), at('2026-11-24T12:00:00Z'));
  expect([all.length, all[0], all.at(-1)]).toEqual([100, at('2026-11-24T10:21:00Z'), at('2026-11-24T12:00:00Z')]);
});
