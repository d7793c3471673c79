import { afterAll, beforeAll, expect, test } from 'vitest';
import { comments, storedComments } from './comments.ts';
import { migrateDatabase } from './migrate.ts';
import { type TestDatabase, testDatabase } from './testing.ts';

let database: TestDatabase;

beforeAll(async () => {
  database = await testDatabase();
});

afterAll(async () => {
  await database.close();
});

test('every table and every column of the database says what it means', async () => {
  const stored = await storedComments(database.db.pool);
  expect(stored.length).toBeGreaterThan(300);
  const silent = stored.filter(({ text }) => text === null || !/^\S.{3,}[.;]?$/s.test(text));
  expect(silent).toEqual([]);
});

test('the comments in the database are those of the definitions', async () => {
  const key = (comment: { table: string; column: string | null }): string => `${comment.table}.${comment.column ?? ''}`;
  const sorted = (list: { table: string; column: string | null; text: string | null }[]) =>
    list.map((comment) => [key(comment), comment.text]).sort();
  expect(sorted(await storedComments(database.db.pool))).toEqual(sorted(comments()));
});

test('a migration mends a comment that somebody changed', async () => {
  await database.db.pool.query("COMMENT ON TABLE billing IS 'x'; COMMENT ON COLUMN billing.billed_cost IS NULL");
  await migrateDatabase(database.url);
  const mended = (await storedComments(database.db.pool)).filter(({ table }) => table === 'billing');
  expect(mended).toEqual(expect.arrayContaining(comments().filter(({ table }) => table === 'billing')));
});
