import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { drawErd, erdFile } from './erd.ts';
import { type TestDatabase, testDatabase } from './testing.ts';

let database: TestDatabase;

beforeAll(async () => {
  database = await testDatabase();
});

afterAll(async () => {
  await database.close();
});

test('docs/erd.md is what the database is (npm run erd brings it up to date)', async () => {
  expect(readFileSync(erdFile, 'utf8')).toBe(await drawErd(database.db.pool));
});

test('refuses to leave a table out of the diagram', async () => {
  await database.db.pool.query('CREATE TABLE forgotten (id integer)');
  await expect(drawErd(database.db.pool)).rejects.toThrow('forgotten');
});
