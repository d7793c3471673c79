import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TestDatabase, testDatabase } from '../testing.ts';
import { checkStatement } from './check.ts';
import { AGGREGATES, COLLECTING, FUNCTIONS } from './functions.ts';

interface Procedure {
  name: string;
  arity: number;
  volatility: 'i' | 's' | 'v';
  types: string[];
  definer: boolean;
}

let database: TestDatabase;
let procedures: Procedure[];

beforeAll(async () => {
  database = await testDatabase();
  const { rows } = await database.db.pool.query<Procedure>(
    `SELECT proname AS name, pronargs AS arity, provolatile AS volatility, prosecdef AS definer,
       (proargtypes::regtype[]::text[] || prorettype::regtype::text) AS types
     FROM pg_proc WHERE pronamespace = 'pg_catalog'::regnamespace`,
  );
  procedures = rows;
});

afterAll(() => database.close());

test('every function on the list is one of Postgres', () => {
  const names = new Set(procedures.map(({ name }) => name));
  expect([...FUNCTIONS].filter((name) => !names.has(name))).toEqual([]);
  expect([...COLLECTING].filter((name) => !AGGREGATES.has(name))).toEqual([]);
});

test('no function on the list changes anything, runs as its owner, or looks names up in the catalogs', () => {
  const listed = procedures.filter(({ name }) => FUNCTIONS.has(name));
  expect(listed.filter(({ volatility, definer }) => volatility === 'v' || definer)).toEqual([]);
  const touching = /^(reg|oid$|xml|tsquery|tsvector|refcursor|cstring|internal$|pg_)/;
  const names = listed.filter(({ types }) => types.some((type) => touching.test(type))).map(({ name }) => name);
  // The smallest and largest oid or place in the log, the length and the words of a text search vector: all of a value given.
  expect([...new Set(names)].sort()).toEqual(['length', 'max', 'min', 'unnest']);
});

test('no other function of Postgres passes, by its name, with its schema, or as an attribute of a value in FROM', async () => {
  const passed: string[] = [];
  const others = procedures.filter(({ name }) => !FUNCTIONS.has(name));
  expect(new Set(others.map(({ name }) => name)).size).toBeGreaterThan(2_000);
  for (const { name, arity } of others) {
    const args = Array.from({ length: arity }, () => "'1'").join(', ');
    for (const sql of [
      `SELECT "${name}"(${args})`,
      `SELECT count(*) FROM ask.costs WHERE pg_catalog."${name}"(${args}) IS NOT NULL`,
      `SELECT v."${name}" FROM unnest(ARRAY['1']) AS v`,
    ]) {
      if ((await checkStatement(sql)).allowed) passed.push(sql);
    }
  }
  // Names that the column of unnest itself may have.
  expect(passed.filter((sql) => !/"(unnest|value|key|ordinality)"/.test(sql))).toEqual([]);
});
