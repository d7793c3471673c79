import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { curLegacy } from '../aws/billing/cur-legacy.ts';
import { cur2 } from '../aws/billing/cur2.ts';
import type { BillingSource } from '../contract.ts';
import { focus } from '../focus/billing/focus.ts';
import { type Engine, openEngine, query } from '../staging/engine.ts';
import { identifier, literal } from '../staging/sql.ts';
import { dailyQuery, monthsQuery, type WarehouseTable } from './daily-query.ts';
import { describeSample, monthsOf, tableOf } from './sample.fixture.ts';
import { describeTable } from './tables.ts';
import { openTrino as startTrino, type TrinoServer } from './trino.fixture.ts';
import { askTrino, openTrino, type TrinoRows } from './trino.ts';

let home: string;
let engine: Engine;
let server: TrinoServer;

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'penny-warehouse-'));
  engine = await openEngine(home);
  server = await startTrino();
}, 300_000);

afterAll(async () => {
  await server?.stop();
  engine.close();
  rmSync(home, { recursive: true, force: true });
});

async function ask(sql: string): Promise<TrinoRows['rows']> {
  const found: TrinoRows['rows'] = [];
  const trino = { url: server.url, user: 'test' };
  for await (const { rows } of askTrino(trino, sql, new AbortController().signal)) found.push(...rows);
  return found;
}

/** Copies the table `sample` of DuckDB into Trino, value by value, with the names that a warehouse gives the columns. */
async function copied({ columns }: WarehouseTable, source: BillingSource, name: string): Promise<WarehouseTable> {
  const table = `memory.default.${name}`;
  const texts = columns.map(({ name: column, type }) =>
    type.startsWith('MAP')
      ? `CAST(to_json(${identifier(column)}) AS VARCHAR)`
      : `CAST(${identifier(column)} AS VARCHAR)`,
  );
  const rows = await query(
    engine,
    `SELECT [${texts.join(', ')}] AS texts FROM sample`,
    z.object({ texts: z.array(z.string().nullable()) }),
  );
  const types = columns.map(({ type }) => (type === 'TIMESTAMP' ? 'TIMESTAMP(6)' : type));
  const cast = (text: string | null, type: string) => {
    const value = text === null ? 'NULL' : literal(text);
    return type.startsWith('MAP') ? `CAST(json_parse(${value}) AS ${type})` : `CAST(${value} AS ${type})`;
  };
  const named = columns.map(({ name: column }, index) => `${identifier(source.canonical(column))} ${types[index]}`);
  await ask(`CREATE TABLE ${table} (${named.join(', ')})`);
  const values = rows.map((row) => `(${row.texts.map((text, index) => cast(text, types[index] ?? '')).join(', ')})`);
  await ask(`INSERT INTO ${table} VALUES ${values.join(', ')}`);
  const warehouse = openTrino({ url: server.url, user: 'test' });
  return describeTable({ warehouse, table, signal: new AbortController().signal });
}

/** A row as text in which both engines write the same value in the same way. */
function comparable(row: readonly unknown[]): string {
  return row
    .map((value) => {
      const text = value === null || value === undefined ? '.' : String(value);
      if (/^-?\d+\.\d+$/.test(text)) return text.replace(/\.?0+$/, '');
      if (/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.0+)?$/.test(text)) return text.slice(0, 19);
      return text.startsWith('{') ? JSON.stringify(Object.entries(JSON.parse(text)).sort()) : text;
    })
    .join(' | ');
}

test.each([
  ['CUR 2.0 with numbers, times and maps', cur2, true],
  ['CUR 2.0 of text', cur2, false],
  ['the legacy report with numbers and times', curLegacy, true],
  ['FOCUS with numbers and times', focus, true],
  ['FOCUS of text', focus, false],
] as [string, BillingSource, boolean][])(
  'Trino makes of %s the daily rows that DuckDB makes, to the last digit',
  async (_, source, typed) => {
    const sample = await describeSample(engine, source);
    const here = await tableOf(engine, sample, typed);
    const there = await copied(here, source, `${source.id.replaceAll('-', '_')}_${typed ? 'typed' : 'text'}`);
    const months = await monthsOf(engine, source, sample);
    const told = await ask(monthsQuery(source, there, 'trino'));
    expect(told.map(([month]) => String(month).slice(0, 7)).sort()).toEqual(months);
    let compared = 0;
    for (const month of months) {
      const expected = await query(
        engine,
        `SELECT [CAST(COLUMNS(*) AS VARCHAR)] AS texts FROM (${dailyQuery(source, here, { month, dialect: 'duckdb' })})`,
        z.record(z.string(), z.array(z.string().nullable())),
      );
      const found = await ask(dailyQuery(source, there, { month, dialect: 'trino' }));
      expect(found.map(comparable).sort()).toEqual(expected.map((row) => comparable(Object.values(row).flat())).sort());
      compared += found.length;
    }
    expect(compared).toBeGreaterThan(5);
  },
);

test('a result as CSV has its head line, also without rows, and how much was read', async () => {
  const warehouse = openTrino({ url: server.url, user: 'test' });
  const chunks: unknown[] = [];
  const result = warehouse.csv("SELECT 'a' AS x, CAST(NULL AS VARCHAR) AS y WHERE 1 = 0", {
    signal: new AbortController().signal,
  });
  for (;;) {
    const { done, value } = await result.next();
    if (done) {
      expect(value.bytesRead).toBe(0);
      break;
    }
    chunks.push(value);
  }
  expect(chunks.join('')).toBe('"x","y"\n');
});

test('a statement that Trino refuses is told with its reason', async () => {
  await expect(ask('SELECT * FROM memory.default.nowhere')).rejects.toMatchObject({
    code: 'warehouse_failed',
    message: expect.stringContaining('TABLE_NOT_FOUND'),
  });
});
