import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { curLegacy } from '../aws/billing/cur-legacy.ts';
import { cur2 } from '../aws/billing/cur2.ts';
import type { BillingSource } from '../contract.ts';
import { focus } from '../focus/billing/focus.ts';
import { findAssemblies } from '../staging/assemblies.ts';
import { type Engine, openEngine } from '../staging/engine.ts';
import { renderCharges } from '../staging/golden.fixture.ts';
import { stageAssembly } from '../staging/stage.ts';
import { dailyQuery } from './daily-query.ts';
import { describeSample, monthsOf, tableOf } from './sample.fixture.ts';

let home: string;
let engine: Engine;

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'penny-warehouse-'));
  engine = await openEngine(home);
});

afterAll(() => {
  engine.close();
  rmSync(home, { recursive: true, force: true });
});

/** The daily rows of every month of the sample, as a Parquet file. */
async function summed(source: BillingSource, typed: boolean, changes = ''): Promise<string> {
  const sample = await describeSample(engine, source);
  const table = await tableOf(engine, sample, typed, changes);
  const months = await monthsOf(engine, source, sample);
  const queries = months.map((month) => `(${dailyQuery(source, table, { month, dialect: 'duckdb' })})`);
  const path = join(home, `${source.id}-${typed}.parquet`);
  await engine.connection.run(`COPY (${queries.join(' UNION ALL ')}) TO '${path}' (FORMAT parquet)`);
  return path;
}

/** The lines themselves, as a CSV file. */
async function lines(source: BillingSource, changes: string): Promise<string> {
  await tableOf(engine, await describeSample(engine, source), false, changes);
  const path = join(home, `${source.id}.csv`);
  await engine.connection.run(`COPY sample TO '${path}' (FORMAT csv, HEADER)`);
  return path;
}

// A warehouse keeps 18 digits behind the point; the load of the lines themselves keeps more.
const EIGHTEEN_DIGITS = `DELETE FROM sample WHERE length("BilledCost") > 20`;

/** Without what differs on purpose: how the file is called, and how many lines it has. */
const comparable = (text: string): string =>
  text
    .split('\n')
    .slice(1)
    .filter((line) => !line.startsWith('x_line_count'))
    .join('\n');

test.each([
  ['CUR 2.0 with numbers, times and maps', cur2, true, ''],
  ['CUR 2.0 of text', cur2, false, ''],
  ['the legacy report with numbers and times', curLegacy, true, ''],
  ['FOCUS with numbers and times', focus, true, EIGHTEEN_DIGITS],
  ['FOCUS of text', focus, false, EIGHTEEN_DIGITS],
])('what a warehouse sums of %s is loaded as what the lines themselves become', async (_, source, typed, changes) => {
  const direct = await renderCharges(await lines(source, changes));
  expect(comparable(await renderCharges(await summed(source, typed, changes)))).toBe(comparable(direct));
});

test('a line of a kind that is not known, or without its cost, stops the load of the sums', async () => {
  const load = async (changes: string) => {
    const path = await summed(cur2, true, changes);
    const { assemblies } = await findAssemblies(engine, [path], 'auto');
    const [assembly] = assemblies;
    return assembly === undefined ? undefined : stageAssembly(await openEngine(home), assembly, []);
  };
  await expect(
    load(`UPDATE sample SET "line_item_line_item_type" = 'Surprise' WHERE "line_item_line_item_type" = 'Tax'`),
  ).rejects.toMatchObject({
    code: 'value_invalid',
    message: expect.stringContaining('charge_category'),
  });
  await expect(
    load(
      "INSERT INTO sample SELECT * REPLACE (NULL AS line_item_unblended_cost) FROM sample WHERE line_item_line_item_type = 'Tax'",
    ),
  ).rejects.toMatchObject({
    message: expect.stringContaining('x_unreadable_lines'),
  });
});

test('reads one month, and of a partitioned table that part alone', () => {
  const columns = Object.keys(cur2.columns).map((name) => ({ name, type: 'varchar' }));
  const sql = dailyQuery(
    cur2,
    { name: 'cur', columns: [...columns, { name: 'billing_period', type: 'varchar' }] },
    { month: '2026-02', dialect: 'trino' },
  );
  expect(sql).toContain(`FROM cur WHERE "billing_period" = '2026-02'`);
  expect(sql).toContain(`bill_billing_period_start_date < CAST('2026-02-01' AS DATE) + INTERVAL '1' MONTH`);
});

test('refuses a column it cannot read and a table that lacks one', () => {
  const columns = Object.keys(cur2.columns).map((name) => ({ name, type: 'varchar' }));
  const of = (changed: typeof columns) => () =>
    dailyQuery(cur2, { name: 'cur', columns: changed }, { month: '2026-02', dialect: 'trino' });
  expect(of([...columns, { name: 'resource_tags', type: 'row(a varchar)' }])).toThrow(
    /resource_tags is of the type ROW/,
  );
  expect(of(columns.filter(({ name }) => name !== 'line_item_unblended_cost'))).toThrow(
    /line_item_unblended_cost is missing/,
  );
});
