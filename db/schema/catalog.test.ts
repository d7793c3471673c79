import { is } from 'drizzle-orm';
import { toSnakeCase } from 'drizzle-orm/casing';
import { getTableConfig, PgDialect, PgTable } from 'drizzle-orm/pg-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { type TestDatabase, testDatabase } from '../testing.ts';
import * as schema from './index.ts';

const tables = Object.values(schema).filter((value) => is(value, PgTable));
const dialect = new PgDialect({ casing: 'snake_case' });

let database: TestDatabase;

beforeAll(async () => {
  database = await testDatabase();
});

afterAll(async () => {
  await database.close();
});

test('the database has exactly the tables of the definitions', async () => {
  const { rows } = await database.db.pool.query(
    `SELECT relname FROM pg_class
     WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition`,
  );
  expect(rows.map((row) => row.relname).sort()).toEqual(tables.map((table) => getTableConfig(table).name).sort());
});

test('every table has exactly the columns of its definition, with the same type, emptiness and default', async () => {
  for (const table of tables) {
    const { name, columns } = getTableConfig(table);
    const { rows } = await database.db.pool.query(
      `SELECT attname AS name, format_type(atttypid, atttypmod) AS type, attnotnull AS not_null,
         atthasdef OR attidentity <> '' AS has_default
       FROM pg_attribute WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum`,
      [`public.${name}`],
    );
    const defined = columns.map((column) => ({
      name: toSnakeCase(column.name),
      type: column.getSQLType(),
      not_null: column.notNull,
      has_default: column.hasDefault || column.generated !== undefined || column.generatedIdentity !== undefined,
    }));
    const stored = rows.map((row) => ({ ...row, type: shortType(row.type) }));
    // The order may differ: a column added later stands last in the database.
    expect(byName(stored), name).toEqual(byName(defined));
  }
});

test('every table has exactly the checks of its definition', async () => {
  await database.db.pool.query('CREATE SCHEMA definition');
  for (const table of tables) {
    const { name, checks } = getTableConfig(table);
    // Postgres rewrites the expression of a check, so the definition's is put through Postgres as well.
    await database.db.pool.query(`CREATE TABLE definition."${name}" (LIKE public."${name}")`);
    for (const check of checks) {
      const expression = dialect.sqlToQuery(check.value).sql;
      await database.db.pool.query(
        `ALTER TABLE definition."${name}" ADD CONSTRAINT "${check.name}" CHECK (${expression})`,
      );
    }
    expect(await checksOf(`public.${name}`), name).toEqual(await checksOf(`definition.${name}`));
  }
});

test('the bill is partitioned by billing period, usage by hour', async () => {
  const { rows } = await database.db.pool.query(
    `SELECT relname AS table, pg_get_partkeydef(oid) AS key FROM pg_class
     WHERE relkind = 'p' AND NOT relispartition AND relnamespace = 'public'::regnamespace ORDER BY relname`,
  );
  expect(rows).toEqual([
    { table: 'billing', key: 'RANGE (billing_period_start)' },
    { table: 'usage', key: 'RANGE (hour)' },
  ]);
});

test('every money column is numeric and stands beside its currency', async () => {
  const { rows } = await database.db.pool.query(
    `SELECT class.relname AS table, attname AS column, format_type(atttypid, atttypmod) AS type,
       EXISTS (SELECT FROM pg_attribute AS currency
         WHERE currency.attrelid = class.oid AND currency.attname IN ('billing_currency', 'pricing_currency')) AS has_currency
     FROM pg_class AS class JOIN pg_attribute ON attrelid = class.oid
     WHERE class.relnamespace = 'public'::regnamespace AND class.relkind IN ('r', 'p') AND NOT class.relispartition
       AND attname ~ '(^|_)(cost|price|savings|amount|impact)$'`,
  );
  expect(rows.length).toBeGreaterThan(20);
  // The alert of a budget is in the currency of the budget.
  const alone = rows.filter((row) => row.table !== 'budget_alerts');
  expect(alone.filter((row) => !row.has_currency || row.type !== 'numeric')).toEqual([]);
});

const checksSchema = z.array(z.object({ name: z.string(), definition: z.string() }));

async function checksOf(table: string): Promise<z.infer<typeof checksSchema>> {
  const { rows } = await database.db.pool.query(
    `SELECT conname AS name, pg_get_constraintdef(oid) AS definition FROM pg_constraint
     WHERE conrelid = $1::regclass AND contype = 'c' ORDER BY conname`,
    [table],
  );
  return checksSchema.parse(rows);
}

function byName<Named extends { name: string }>(columns: Named[]): Named[] {
  return [...columns].sort((one, other) => (one.name < other.name ? -1 : 1));
}

/** Postgres spells out what drizzle abbreviates. */
function shortType(type: string): string {
  return type.replace('time without time zone', 'time');
}
