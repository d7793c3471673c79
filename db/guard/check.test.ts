import { expect, test } from 'vitest';

import { checkSelect, checkStatement } from './check.ts';
import { Refusal } from './codes.ts';
import { corpus } from './corpus.fixture.ts';
import { parserReady, parseSelect } from './parse.ts';

const codeOf = async (sql: string): Promise<string> => {
  const verdict = await checkStatement(sql);
  return verdict.allowed ? 'allowed' : verdict.code;
};

const hintOf = async (sql: string): Promise<string> => {
  const verdict = await checkStatement(sql);
  return verdict.allowed ? 'allowed' : `${verdict.reason} ${verdict.hint}`;
};

test('refuses every hostile statement of the evals for its reason, and says why', async () => {
  const cases = corpus('attacks');
  expect(cases.length).toBeGreaterThanOrEqual(300);
  const wrong: string[] = [];
  for (const { id, sql, code } of cases) {
    const verdict = await checkStatement(sql);
    if (verdict.allowed || verdict.code !== code || verdict.reason === '') wrong.push(id);
  }
  expect(wrong).toEqual([]);
});

test('lets every honest statement of the evals through', async () => {
  const cases = corpus('honest');
  expect(cases.length).toBeGreaterThanOrEqual(200);
  const wrong: string[] = [];
  for (const { id, sql } of cases) if ((await codeOf(sql)) !== 'allowed') wrong.push(id);
  expect(wrong).toEqual([]);
});

test('no statement stands twice in the evals', () => {
  const cases = [...corpus('attacks'), ...corpus('honest')];
  expect(new Set(cases.map(({ id }) => id)).size).toBe(cases.length);
  expect(new Set(cases.map(({ sql }) => sql)).size).toBe(cases.length);
});

test('tells which views are read, CTEs aside, and gives one fingerprint to statements that differ in constants', async () => {
  const read = (service: string) =>
    checkStatement(
      `WITH c AS (SELECT * FROM costs WHERE service_name = '${service}') SELECT a.name FROM ask.accounts a JOIN c ON c.sub_account_id = a.account_id`,
    );
  const [first, second] = [await read('AWS Lambda'), await read('Amazon CloudFront')];
  expect(first).toMatchObject({ allowed: true, relations: ['accounts', 'costs'] });
  expect(first).toEqual(second);
  expect(first).toMatchObject({ fingerprint: expect.stringMatching(/^[0-9a-f]{16}$/) });
});

test('says what to write instead of an unknown name', async () => {
  expect(await hintOf('SELECT * FROM ask.cost')).toContain('ask.costs');
  expect(await hintOf('SELECT * FROM billing')).toContain('ask.anomalies');
  expect(await hintOf('WITH daily AS (SELECT 1 AS x FROM costs) SELECT x FROM daly')).toContain('daily');
  expect(await hintOf('SELECT stdev(billed_cost) FROM costs')).toContain('stddev');
  expect(await hintOf("SELECT date_format(charge_period_start, '%Y') FROM costs")).toContain('to_char');
  expect(await hintOf('SELECT median(billed_cost) FROM costs')).toContain('percentile_cont(0.5)');
  expect(await hintOf('SELECT servce_name FROM costs')).toContain('service_name');
  expect(await hintOf('SELECT impact FROM costs')).toContain('ask.anomalies');
  expect(await hintOf('SELECT billed_cost::numerc FROM costs')).toContain('numeric');
});

test('repeats of a text only a short piece on one line', async () => {
  const verdict = await checkStatement(`SELECT * FROM "a\n${'b'.repeat(500)}"`);
  expect(verdict.allowed ? '' : verdict.reason).toMatch(/^.{1,120}$/);
});

test('a CTE is known after its definition, in its own statement and below it', async () => {
  expect(await codeOf('WITH a AS (SELECT 1 AS x), b AS (SELECT x FROM a) SELECT (SELECT max(x) FROM b)')).toBe(
    'allowed',
  );
  expect(await codeOf('WITH b AS (SELECT x FROM a), a AS (SELECT 1 AS x) SELECT x FROM b')).toBe(
    'relation_not_allowed',
  );
  expect(await codeOf('SELECT 1 FROM (WITH a AS (SELECT 1 AS x) SELECT x FROM a) q, a')).toBe('relation_not_allowed');
});

test('a text that reads nothing may not end in a comment; one that reads a view may', async () => {
  expect(await codeOf('SELECT 1')).toBe('allowed');
  expect(await codeOf('((SELECT 1)) --')).toBe('construct_not_allowed');
  expect(await codeOf("SELECT '--'")).toBe('allowed');
  expect(await codeOf('SELECT count(*) FROM costs -- all of them')).toBe('allowed');
});

test('an alias of a function in FROM has its own columns and calls nothing', async () => {
  const from = "FROM unnest(ARRAY['/etc/passwd'])";
  expect(await codeOf(`SELECT p ${from} AS p`)).toBe('allowed');
  expect(await codeOf(`SELECT p.p ${from} AS p`)).toBe('allowed');
  expect(await codeOf(`SELECT p.path ${from} AS p(path)`)).toBe('allowed');
  expect(await codeOf(`SELECT p.pg_read_file ${from} AS p`)).toBe('column_unknown');
  expect(await codeOf(`SELECT p.pg_read_file, 1 AS pg_read_file ${from} AS p`)).toBe('column_unknown');
  expect(await codeOf(`SELECT (SELECT p.pg_read_file FROM costs AS p LIMIT 1) ${from} AS p`)).toBe('column_unknown');
  const other = "(SELECT max(p.ts_stat) FROM unnest(ARRAY['a']) AS p(ts_stat))";
  expect(await codeOf(`SELECT p.ts_stat, ${other} ${from} AS p(x)`)).toBe('column_unknown');
  const json = `FROM jsonb_array_elements_text('["SELECT 1"]')`;
  expect(await codeOf(`SELECT ts_stat.value ${json} AS ts_stat`)).toBe('allowed');
  expect(await codeOf(`SELECT ts_stat.ts_stat ${json} AS ts_stat`)).toBe('column_unknown');
  expect(await codeOf(`SELECT "coalesce".ts_stat, 1 AS ts_stat FROM coalesce('SELECT 1', '')`)).not.toBe('allowed');
  expect(await codeOf("SELECT text.ts_stat, 1 AS ts_stat FROM CAST('SELECT 1' AS text)")).not.toBe('allowed');
});

test('refuses a tree with a field or a node that the grammar does not have, wherever it stands', async () => {
  await parserReady();
  const sql = `WITH c AS (SELECT service_name, sum(billed_cost) FILTER (WHERE tags ? 'a') OVER (PARTITION BY region_id) AS x
    FROM ask.costs AS k JOIN ask.accounts a ON a.account_id = k.sub_account_id) SELECT CASE WHEN x > 1::numeric(10, 2)
    THEN (SELECT max(name) FROM accounts) END FROM c, generate_series(1, 2) AS g(n) GROUP BY ROLLUP (x, service_name)
    ORDER BY x DESC LIMIT 3`;
  expect(() => checkSelect(parseSelect(sql))).not.toThrow();
  const places = bodiesOf(parseSelect(sql)).length;
  expect(places).toBeGreaterThan(60);
  for (let place = 0; place < places; place++) {
    const tree = parseSelect(sql);
    const body = bodiesOf(tree)[place] ?? {};
    body.newInPostgres19 = true;
    expect(() => checkSelect(tree), JSON.stringify(body)).toThrow(Refusal);
  }
});

/** Every object of a tree, wrappers and bodies alike, but for the values of literals, in which nothing can hang. */
function bodiesOf(tree: unknown): Record<string, unknown>[] {
  if (Array.isArray(tree)) return tree.flatMap(bodiesOf);
  if (typeof tree !== 'object' || tree === null) return [];
  const body = tree as Record<string, unknown>;
  return [body, ...Object.entries(body).flatMap(([key, value]) => (/^[ifs]val$/.test(key) ? [] : bodiesOf(value)))];
}

test('goes on as before after hundreds of statements made to break the parser', async () => {
  const honest = corpus('honest').slice(0, 40);
  const before = await Promise.all(honest.map(({ sql }) => checkStatement(sql)));
  const bombs = corpus('attacks').filter(({ id }) => /^(text|depth|growth)-/.test(id));
  const long = ['+1', '(', '::text', ' AND true', 'NOT ', ' UNION SELECT 1'].map(
    (part) => `SELECT 1${part.repeat(20_000)}`,
  );
  for (let round = 0; round < 8; round++) {
    for (const sql of [...bombs.map((bomb) => bomb.sql), ...long]) expect(await codeOf(sql)).not.toBe('allowed');
  }
  expect(await Promise.all(honest.map(({ sql }) => checkStatement(sql)))).toEqual(before);
});
