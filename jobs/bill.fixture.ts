import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { DuckDBInstance } from '@duckdb/node-api';
import { type TestDatabase, testDatabase } from '../db/testing.ts';
import { log } from '../log.ts';
import { type IngestedAssembly, type IngestOptions, ingestBilling } from './load-bills.ts';

/** A line of a file: its columns by name. What a line lacks is empty. */
export type Line = Record<string, string>;

/** A line of CUR 2.0: one hour of one instance, unless `changes` say otherwise. */
export function curLine(changes: Line = {}): Line {
  return {
    bill_bill_type: 'Anniversary',
    bill_billing_entity: 'AWS',
    bill_billing_period_start_date: '2025-03-01T00:00:00.000Z',
    bill_billing_period_end_date: '2025-04-01T00:00:00.000Z',
    bill_payer_account_id: '111111111111',
    bill_payer_account_name: 'acme-payer',
    line_item_currency_code: 'USD',
    line_item_legal_entity: 'Amazon Web Services, Inc.',
    line_item_line_item_description: '$0.10 per hour',
    line_item_line_item_type: 'Usage',
    line_item_operation: 'RunInstances',
    line_item_product_code: 'AmazonEC2',
    line_item_resource_id: 'i-1',
    line_item_unblended_cost: '0.10',
    line_item_usage_account_id: '222222222222',
    line_item_usage_account_name: 'shop',
    line_item_usage_amount: '1',
    line_item_usage_start_date: '2025-03-03T10:00:00.000Z',
    line_item_usage_end_date: '2025-03-03T11:00:00.000Z',
    line_item_usage_type: 'BoxUsage:m5.large',
    pricing_public_on_demand_cost: '0.12',
    product_region_code: 'us-east-1',
    resource_tags: '{}',
    ...changes,
  };
}

/** A line of FOCUS 1.0 with the columns it can't be without, unless `changes` say otherwise. */
export function focusLine(changes: Line = {}): Line {
  return {
    BilledCost: '1.00',
    EffectiveCost: '1.00',
    BillingAccountId: 'acct-1',
    BillingCurrency: 'USD',
    BillingPeriodStart: '2025-03-01T00:00:00Z',
    BillingPeriodEnd: '2025-04-01T00:00:00Z',
    ChargeCategory: 'Usage',
    ChargePeriodStart: '2025-03-03T00:00:00Z',
    ChargePeriodEnd: '2025-03-04T00:00:00Z',
    ServiceName: 'Machines',
    ...changes,
  };
}

/** Returns a CSV file of lines, with every column that one of them has. */
export function csv(lines: Line[], newline = '\n'): string {
  const columns = [...new Set(lines.flatMap((line) => Object.keys(line)))];
  const rows = [columns, ...lines.map((line) => columns.map((column) => line[column] ?? ''))];
  return rows.map((row) => row.map(quote).join(',') + newline).join('');
}

function quote(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** A database of a test file's own and a folder for its bills. */
export interface BillTest extends TestDatabase {
  folder: string;
  /** Writes a file, gzipped if its name ends so, and returns its path. */
  write(name: string, content: string | Buffer | Line[]): string;
  /** Writes what a query of DuckDB returns as Parquet. */
  writeParquet(name: string, select: string): Promise<string>;
  load(paths: string | string[], options?: Partial<IngestOptions>): Promise<IngestedAssembly[]>;
  /** Loads what is one assembly. */
  loadOne(path: string | string[], options?: Partial<IngestOptions>): Promise<IngestedAssembly>;
  /** Returns the rows of a query of the database. */
  rows(sql: string): Promise<Record<string, unknown>[]>;
  /** Empties the tables that bills go to. */
  clear(): Promise<void>;
}

export async function openBillTest(): Promise<BillTest> {
  const database = await testDatabase();
  const folder = mkdtempSync(join(tmpdir(), 'penny-bills-'));
  const config = { PENNY_HOME: join(folder, 'home'), PENNY_ALLOCATION_TAGS: 'team,environment' };
  const { db } = database;
  const load: BillTest['load'] = (paths, options = {}) =>
    ingestBilling({
      paths: [paths].flat(),
      origin: 'file',
      config,
      db,
      log,
      now: new Date('2025-05-01T00:00:00Z'),
      ...options,
    });
  return {
    ...database,
    folder,
    write(name, content) {
      const path = join(folder, name);
      mkdirSync(dirname(path), { recursive: true });
      const bytes = Array.isArray(content) ? csv(content) : content;
      writeFileSync(path, name.endsWith('.gz') && !Buffer.isBuffer(bytes) ? gzipSync(bytes) : bytes);
      return path;
    },
    async writeParquet(name, select) {
      const path = join(folder, name);
      mkdirSync(dirname(path), { recursive: true });
      const instance = await DuckDBInstance.create(':memory:');
      const connection = await instance.connect();
      await connection.run(`COPY (${select}) TO '${path.replaceAll("'", "''")}' (FORMAT parquet)`);
      connection.closeSync();
      instance.closeSync();
      return path;
    },
    load,
    async loadOne(path, options) {
      const [assembly, ...others] = await load(path, options);
      if (assembly === undefined || others.length > 0) throw new Error(`${others.length + 1} assemblies were loaded`);
      return assembly;
    },
    rows: async (sql) => (await db.pool.query(sql)).rows,
    async clear() {
      const { rows } = await db.pool.query<{ relname: string }>(
        "SELECT relname FROM pg_inherits JOIN pg_class ON oid = inhrelid WHERE inhparent = 'billing'::regclass",
      );
      for (const { relname } of rows) await db.pool.query(`DROP TABLE "${relname}"`);
      await db.pool.query(
        'TRUNCATE billing, billing_loads, billing_load_periods, cost_daily, cost_daily_tagged, cost_rollup, cost_monthly, tag_sets, allocation_sets, accounts, resources CASCADE',
      );
    },
    async close() {
      await database.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
