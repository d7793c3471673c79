import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findAssemblies } from './assemblies.ts';
import { withConstants } from './constants.ts';
import { type Engine, openEngine } from './engine.ts';
import { renderCharges } from './golden.fixture.ts';
import { groupFiles } from './scan.ts';
import { literal } from './sql.ts';

let home: string;
let engine: Engine;

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'penny-constants-'));
  engine = await openEngine(home);
});

afterAll(() => {
  engine.close();
  rmSync(home, { recursive: true, force: true });
});

const SAMPLE = new URL('../aws/billing/cur2.sample.csv', import.meta.url).pathname;
const LONG = 'x'.repeat(5_000);

/** Returns what is known of some columns of a CUR that is written as files of which each has the lines of its number. */
async function knownOf(name: string, files: readonly string[], columns: readonly string[]): Promise<unknown[]> {
  const folder = join(home, name);
  mkdirSync(folder);
  for (const [index, select] of files.entries()) {
    await engine.connection.run(
      `COPY (SELECT * REPLACE (${select}) FROM read_csv(${literal(SAMPLE)}, all_varchar = true)) TO ${literal(join(folder, `${index}.parquet`))} (FORMAT parquet)`,
    );
  }
  const { assemblies } = await findAssemblies(engine, [folder], 'auto');
  const entries = assemblies.flatMap((assembly) => assembly.files);
  const [group, ...others] = groupFiles(
    entries.map(({ file }) => file),
    [],
  );
  const layout = entries[0]?.layout;
  if (group === undefined || layout === undefined || others.length > 0) throw new Error('the files are not alike');
  const { used, places } = await withConstants(engine, group, layout);
  for (const list of places.values()) for (const { column } of list) expect(used).toContain(column);
  return columns.map((column) => used.find((one) => one.name === column)?.constant);
}

test('what all lines of all files say is known without reading them, and so are texts that are empty and columns without any', async () => {
  const select = `'AWS' AS bill_billing_entity, '' AS line_item_operation, CAST(NULL AS VARCHAR) AS product_sku`;
  const known = await knownOf(
    'agreed',
    [select, select],
    ['bill_billing_entity', 'line_item_operation', 'product_sku'],
  );
  expect(known).toEqual(['AWS', '', null]);
});

test('nothing is known of a column in which lines or files differ, whose lines are partly empty, or whose text is cut short', async () => {
  const differing = `CASE WHEN row_number() OVER () = 1 THEN 'a' ELSE 'b' END AS product_sku`;
  const partly = `CASE WHEN row_number() OVER () = 1 THEN 'a' END AS line_item_operation`;
  const rest = `'${LONG}' AS line_item_line_item_description, 'a' || chr(0) AS line_item_usage_type`;
  const known = await knownOf(
    'differing',
    [
      `'one' AS bill_payer_account_name, CAST(NULL AS VARCHAR) AS pricing_unit, ${differing}, ${partly}, ${rest}`,
      `'two' AS bill_payer_account_name, 'Hrs' AS pricing_unit, ${differing}, ${partly}, ${rest}`,
    ],
    [
      'bill_payer_account_name',
      'pricing_unit',
      'product_sku',
      'line_item_operation',
      'line_item_line_item_description',
      'line_item_usage_type',
    ],
  );
  expect(known).toEqual([undefined, undefined, undefined, undefined, undefined, undefined]);
});

test('a Parquet file becomes the charges that the same lines as CSV become', async () => {
  const path = join(home, 'sample.parquet');
  await engine.connection.run(
    `COPY (SELECT * FROM read_csv(${literal(SAMPLE)}, all_varchar = true)) TO ${literal(path)} (FORMAT parquet)`,
  );
  expect(await renderCharges(path)).toEqual(await renderCharges(SAMPLE));
});
