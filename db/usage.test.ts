import { Readable } from 'node:stream';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type TestDatabase, testDatabase } from './testing.ts';
import { countUsage, storeUsage, USAGE_COLUMNS, type UsageMonth } from './usage.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.close());
beforeEach(() => database.db.pool.query('TRUNCATE usage'));

test('measurements of a new month make its partition', async () => {
  const stored = await storeUsage(database.db, [
    month('2026-09', ['i-1,cpu_utilization,2026-09-30T23:00:00Z,4,20,15,12']),
    month('2026-10', [
      'i-1,cpu_utilization,2026-10-01T00:00:00Z,5,21,,12',
      'i-2,cpu_utilization,2026-10-01T00:00:00Z,6,22,9,12',
    ]),
  ]);
  expect(stored).toBe(3);
  const { rows } = await database.db.pool.query(
    'SELECT tableoid::regclass::text AS part, resource_id, avg, p95 FROM usage ORDER BY hour, resource_id',
  );
  expect(rows).toEqual([
    { part: 'usage_2026_09', resource_id: 'i-1', avg: 4, p95: 15 },
    { part: 'usage_2026_10', resource_id: 'i-1', avg: 5, p95: null },
    { part: 'usage_2026_10', resource_id: 'i-2', avg: 6, p95: 9 },
  ]);
});

test('the same measurements again change nothing, later ones of the same hour replace', async () => {
  const first = month('2026-10', ['i-1,cpu_utilization,2026-10-05T13:00:00Z,4,20,15,12']);
  await storeUsage(database.db, [first]);
  const before = await database.db.pool.query('SELECT ctid::text, xmin::text FROM usage');
  await storeUsage(database.db, [first]);
  expect((await database.db.pool.query('SELECT ctid::text, xmin::text FROM usage')).rows).toEqual(before.rows);

  await storeUsage(database.db, [month('2026-10', ['i-1,cpu_utilization,2026-10-05T13:00:00Z,7,30,15,12'])]);
  const { rows } = await database.db.pool.query('SELECT avg, max FROM usage');
  expect(rows).toEqual([{ avg: 7, max: 30 }]);
});

test('a month with a measurement that cannot be is stored not at all', async () => {
  const wrong = month('2026-11', [
    'i-1,cpu_utilization,2026-11-05T13:00:00Z,4,20,15,12',
    'i-1,cpu_utilization,2026-11-05T14:00:00Z,50,20,15,12',
  ]);
  await expect(storeUsage(database.db, [wrong])).rejects.toThrow('usage_finite');
  expect(await countUsage(database.db, '2026-11-01', '2026-12-01')).toBe(0);
});

test('a row of another month is refused', async () => {
  await expect(
    storeUsage(database.db, [month('2026-12', ['i-1,cpu_utilization,2026-11-30T13:00:00Z,4,20,15,12'])]),
  ).rejects.toThrow();
});

function month(id: string, rows: string[]): UsageMonth {
  const text = rows.map((row) => `${row}\n`).join('');
  return { month: id, feed: { columns: USAGE_COLUMNS, read: (consume) => consume(Readable.from([text])) } };
}
