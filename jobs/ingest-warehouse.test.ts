import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { CHARGE_COLUMNS } from '../analytics/focus.ts';
import { cur2 } from '../clouds/aws/billing/cur2.ts';
import type { Warehouse } from '../clouds/contract.ts';
import { csvLine } from '../clouds/warehouse/csv.ts';
import { UNREADABLE } from '../clouds/warehouse/daily-source.ts';
import { readConfig } from '../config.ts';
import { type TestDatabase, testDatabase } from '../db/testing.ts';
import { inTransaction } from '../db/transaction.ts';
import { log } from '../log.ts';
import { ingestWarehouseJob, loadTables } from './ingest-warehouse.ts';

let database: TestDatabase;
let home: string;
beforeAll(async () => {
  database = await testDatabase();
  home = mkdtempSync(join(tmpdir(), 'penny-warehouse-'));
});
afterAll(async () => {
  await database.close();
  rmSync(home, { recursive: true, force: true });
});

const NAMES = [...Object.keys(CHARGE_COLUMNS), UNREADABLE, 'x_line_count', 'x_daily_of_aws_cur_2'];

/** The line of a day and account. */
function line(month: string, day: string, cost: string): string {
  const values: Record<string, string> = {
    billing_period_start: `${month}-01 00:00:00.000`,
    billing_period_end: `${new Date(Date.UTC(Number(month.slice(0, 4)), Number(month.slice(5)))).toISOString().slice(0, 10)} 00:00:00.000`,
    charge_period_start: `${month}-${day} 00:00:00.000`,
    charge_period_end: `${month}-${String(Number(day) + 1).padStart(2, '0')} 00:00:00.000`,
    ...{ billing_account_id: '111111111111', service_provider_name: 'AWS', service_name: 'Amazon S3' },
    ...{ charge_category: 'Usage', billing_currency: 'USD', billed_cost: cost, effective_cost: cost },
    ...{ [UNREADABLE]: '0', x_line_count: '24', x_daily_of_aws_cur_2: 'aws-cur-2' },
  };
  return csvLine(NAMES.map((name) => values[name] ?? null));
}

/** A warehouse with a table of these months, which notes what it is asked. */
function warehouseOf(months: Record<string, string[]>): {
  warehouse: Warehouse;
  asked: string[];
  tokens: (string | undefined)[];
} {
  const asked: string[] = [];
  const tokens: (string | undefined)[] = [];
  const warehouse: Warehouse = {
    title: 'A warehouse',
    within: ['lake', 'billing'],
    async rows(sql) {
      if (sql.includes('information_schema'))
        return [...Object.keys(cur2.columns), 'billing_period'].map((name) => [name, 'varchar']);
      return Object.keys(months).map((month) => [month]);
    },
    async *csv(sql, { token }) {
      const month = /"billing_period" = '([\d-]+)'/.exec(sql)?.[1] ?? '';
      asked.push(month);
      tokens.push(token);
      yield csvLine(NAMES);
      // Chunks end where they will.
      const text = (months[month] ?? []).join('');
      yield text.slice(0, 100);
      yield Buffer.from(text.slice(100));
      return { bytesRead: 5_000_000_000 };
    },
  };
  return { warehouse, asked, tokens };
}

function run(warehouse: Warehouse, dueAt = new Date('2026-11-24T06:30:00Z')) {
  const config = readConfig({ PENNY_HOME: home, PENNY_WAREHOUSE_TABLES: 'cur2 = aws-cur-2' });
  return loadTables(
    {
      ...{
        now: dueAt,
        dueAt,
        signal: new AbortController().signal,
        log: log.child({}, { level: 'silent' }),
        progress: () => undefined,
        db: database.db,
        config,
      },
      transaction: (work: (client: pg.ClientBase) => Promise<never>) => inTransaction(database.db, work),
    },
    async () => warehouse,
  );
}

const stored = async () =>
  (
    await database.db.pool.query(
      `SELECT to_char(billing_period_start AT TIME ZONE 'UTC', 'YYYY-MM') AS month, trim_scale(sum(billed_cost))::text AS cost FROM billing GROUP BY 1 ORDER BY 1`,
    )
  ).rows.map(({ month, cost }) => `${month} ${cost}`);

const MONTHS = {
  '2026-07': [line('2026-07', '01', '7')],
  '2026-08': [line('2026-08', '01', '8')],
  '2026-09': [line('2026-09', '01', '9'), line('2026-09', '02', '0.5')],
  '2026-10': [line('2026-10', '01', '10')],
};

test('every month is loaded at first, then those that may be restated; what is the same is not stored again', async () => {
  const first = warehouseOf(MONTHS);
  expect(await run(first.warehouse)).toEqual({ rows: 5 });
  expect(first.asked).toEqual(['2026-07', '2026-08', '2026-09', '2026-10']);
  expect(await stored()).toEqual(['2026-07 7', '2026-08 8', '2026-09 9.5', '2026-10 10']);

  // An engine gives the same rows in another order.
  const again = warehouseOf({ ...MONTHS, '2026-09': [...MONTHS['2026-09']].reverse() });
  expect(await run(again.warehouse)).toEqual({ rows: 0 });
  expect(again.asked).toEqual(['2026-08', '2026-09', '2026-10']);

  const restated = warehouseOf({ ...MONTHS, '2026-09': [line('2026-09', '01', '9.25')] });
  expect(await run(restated.warehouse)).toEqual({ rows: 1 });
  expect(await stored()).toEqual(['2026-07 7', '2026-08 8', '2026-09 9.25', '2026-10 10']);
});

test('a month that was loaded from elsewhere, or with another mapping, is loaded anew', async () => {
  await database.db.pool.query(
    `UPDATE billing_loads SET mapping_version = 'of before', content_hash = 'of before' WHERE 'warehouse:cur2#2026-07' = ANY (uris)`,
  );
  const { warehouse, asked } = warehouseOf(MONTHS);
  expect(await run(warehouse)).toEqual({ rows: 3 });
  expect(asked).toContain('2026-07');
  const later = warehouseOf(MONTHS);
  expect(await run(later.warehouse)).toEqual({ rows: 0 });
  expect(later.asked).not.toContain('2026-07');
});

test('each try of a due time asks with the same token, another due time with another', async () => {
  const tries = [warehouseOf(MONTHS), warehouseOf(MONTHS), warehouseOf(MONTHS)];
  const due = [new Date('2026-11-25T06:30:00Z'), new Date('2026-11-25T06:30:00Z'), new Date('2026-11-26T06:30:00Z')];
  for (const [index, { warehouse }] of tries.entries()) await run(warehouse, due[index]);
  const [first, second, other] = tries.map(({ tokens }) => tokens.join());
  expect(second).toBe(first);
  expect(other).not.toBe(first);
});

test('the job rests until tables and an engine are set', () => {
  const missing = (settings: Record<string, string>) => ingestWarehouseJob.missing?.(readConfig(settings));
  expect(missing({})).toContain('PENNY_WAREHOUSE_TABLES');
  expect(missing({ PENNY_WAREHOUSE_TABLES: 'cur2=aws-cur-2' })).toContain('PENNY_TRINO_URL');
  expect(missing({ PENNY_WAREHOUSE_TABLES: 'cur2=aws-cur-2', PENNY_ATHENA_DATABASE: 'billing' })).toBeUndefined();
  expect(() => readConfig({ PENNY_TRINO_URL: 'http://trino', PENNY_ATHENA_DATABASE: 'billing' })).toThrow(
    /one of them/,
  );
});

test('a format that is not known is told', async () => {
  const config = readConfig({ PENNY_WAREHOUSE_TABLES: 'cur2=csv' });
  const { warehouse } = warehouseOf({});
  const context = { config } as Parameters<typeof loadTables>[0];
  await expect(loadTables(context, async () => warehouse)).rejects.toMatchObject({ code: 'invalid_config' });
});
