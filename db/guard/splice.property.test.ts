import { beforeAll, expect, test } from 'vitest';

import { checkStatement } from './check.ts';
import type { GuardCode } from './codes.ts';
import { corpus } from './corpus.fixture.ts';
import { parserReady, parseSelect } from './parse.ts';

/** Expressions that must never pass, each with why. */
const EVIL: [expression: string, code: GuardCode][] = [
  ['pg_sleep(1)', 'function_not_allowed'],
  ['pg_catalog.pg_sleep(1)', 'function_not_allowed'],
  ['U&"pg\\005fsleep"(1)', 'function_not_allowed'],
  ["pg_read_file('/etc/passwd')", 'function_not_allowed'],
  ["set_config('app.scope', '*', true)", 'function_not_allowed'],
  ["ask.sum('1')", 'function_not_allowed'],
  ["query_to_xml('SELECT 1', true, false, '')", 'function_not_allowed'],
  ['current_user', 'function_not_allowed'],
  ['(SELECT email FROM users LIMIT 1)', 'relation_not_allowed'],
  ['(SELECT passwd FROM pg_catalog.pg_shadow)', 'relation_not_allowed'],
  ['EXISTS (SELECT 1 FROM public.billing)', 'relation_not_allowed'],
  ['ARRAY(SELECT table_name FROM information_schema.tables)', 'relation_not_allowed'],
  ["'users'::regclass", 'type_not_allowed'],
  ["CAST('1' AS public.users)", 'type_not_allowed'],
  ['(1 OPERATOR(evil.+) 2)', 'operator_not_allowed'],
  ["('/etc/passwd'::text).pg_read_file", 'construct_not_allowed'],
  ["(SELECT p.pg_read_file FROM unnest(ARRAY['/']) AS p)", 'column_unknown'],
  ['(WITH RECURSIVE r AS (SELECT 1) SELECT 1 FROM r)', 'construct_not_allowed'],
  ['(SELECT 1 FROM costs FOR UPDATE)', 'locks'],
  ['(WITH d AS (DELETE FROM public.billing RETURNING 1) SELECT 1 FROM d)', 'writes'],
  ['(SELECT count(*) FROM generate_series(1, 1000000000))', 'unbounded'],
  ["JSON_VALUE('{}', '$')", 'construct_not_allowed'],
  ['xmlelement(name a)', 'construct_not_allowed'],
];

const RELATIONS = [
  'users',
  'public.billing',
  'pg_catalog.pg_authid',
  'information_schema.tables',
  '"Costs"',
  'pg_temp.costs',
];

interface Place {
  start: number;
  length: number;
}

beforeAll(() => parserReady());

/** Where the nodes of a kind stand in a statement and how long the names are that they are written with. */
function placesOf(sql: string, tag: string): Place[] {
  const bytes = Buffer.from(sql);
  const locations: number[] = [];
  const look = (tree: unknown): void => {
    if (typeof tree !== 'object' || tree === null) return;
    for (const [key, value] of Object.entries(tree)) {
      if (key === tag) locations.push((value as { location?: number }).location ?? 0);
      look(value);
    }
  };
  look(parseSelect(sql));
  return [...new Set(locations)].map((location) => {
    const start = bytes.subarray(0, location).toString().length;
    const name = /^("[^"]+"|[\p{L}\p{N}_]+)(\s*\.\s*("[^"]+"|[\p{L}\p{N}_]+|\*))*/u.exec(sql.slice(start))?.[0] ?? '';
    return { start, length: name.length };
  });
}

const spliced = (sql: string, { start, length }: Place, text: string): string =>
  sql.slice(0, start) + text + sql.slice(start + length);

test('refuses what is forbidden in place of any column of any honest statement', async () => {
  const wrong: string[] = [];
  let tried = 0;
  let turn = 0;
  for (const { id, sql } of corpus('honest')) {
    for (const place of placesOf(sql, 'ColumnRef')) {
      const name = sql.slice(place.start, place.start + place.length);
      // TABLE x is short for SELECT * FROM x, and what is subscripted stands without brackets only when it is a column.
      if (/^$|\*$/.test(name) || /^TABLE/.test(sql) || sql[place.start + place.length] === '[') continue;
      for (let round = 0; round < 3; round++) {
        const [expression, code] = EVIL[turn++ % EVIL.length] ?? ['', 'writes'];
        const verdict = await checkStatement(spliced(sql, place, `coalesce(${expression}, ${name})`));
        tried++;
        if (verdict.allowed || !isExpected(verdict.code, code)) {
          wrong.push(`${id}: ${expression} for ${name}: ${verdict.allowed ? 'allowed' : verdict.code}`);
        }
      }
    }
  }
  expect(wrong).toEqual([]);
  expect(tried).toBeGreaterThan(3_000);
});

test('refuses what is forbidden in place of any literal of any honest statement', async () => {
  const wrong: string[] = [];
  let turn = 0;
  for (const { id, sql } of corpus('honest')) {
    for (const place of placesOf(sql, 'A_Const')) {
      const literal = /^('(?:[^']|'')*'|\d+(\.\d+)?)/.exec(sql.slice(place.start))?.[0];
      if (literal === undefined) continue;
      const [expression, code] = EVIL[turn++ % EVIL.length] ?? ['', 'writes'];
      const verdict = await checkStatement(spliced(sql, { ...place, length: literal.length }, `(${expression})`));
      // A literal behind its type, as in interval '1 day', can be nothing else; with brackets the type becomes a function.
      const other = /^(syntax_error|function_not_allowed)$/;
      const fine = !verdict.allowed && (isExpected(verdict.code, code) || other.test(verdict.code));
      if (!fine) wrong.push(`${id}: ${expression} for ${literal}: ${verdict.allowed ? 'allowed' : verdict.code}`);
    }
  }
  expect(wrong).toEqual([]);
});

test('refuses another relation in place of any relation of any honest statement', async () => {
  const wrong: string[] = [];
  let turn = 0;
  for (const { id, sql } of corpus('honest')) {
    for (const place of placesOf(sql, 'RangeVar')) {
      const relation = RELATIONS[turn++ % RELATIONS.length] ?? '';
      const verdict = await checkStatement(spliced(sql, place, relation));
      if (verdict.allowed || verdict.code !== 'relation_not_allowed') {
        wrong.push(`${id}: ${relation}: ${verdict.allowed ? 'allowed' : verdict.code}`);
      }
    }
  }
  expect(wrong).toEqual([]);
});

/** Where an argument must be a constant, that it is none is said before what it is. */
const isExpected = (code: GuardCode, expected: GuardCode): boolean =>
  code === expected || code === 'unbounded' || code === 'construct_not_allowed';
