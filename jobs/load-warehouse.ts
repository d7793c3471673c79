import { createWriteStream, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { BillingSource } from '../clouds/contract.ts';
import { dailyQuery, type WarehouseTable } from '../clouds/warehouse/daily-query.ts';
import { askTrino, type Trino, type TrinoRows } from '../clouds/warehouse/trino.ts';
import { PennyError } from '../errors.ts';
import { type IngestedAssembly, type IngestOptions, ingestBilling } from './load-bills.ts';

/** A month of an export that lies in a table of Trino. */
export interface WarehouseLoad extends Omit<IngestOptions, 'paths' | 'origin'> {
  trino: Trino;
  /** Up to three names with points between, such as 'hive.billing.cur2'. */
  table: string;
  source: BillingSource;
  /** YYYY-MM */
  month: string;
  signal: AbortSignal;
}

/**
 * Loads a month that Trino sums to days: only its daily rows travel. They replace the month as any load of it does.
 * @throws PennyError `warehouse_unavailable`, `warehouse_failed`, `file_empty` when the table has nothing of the month, and what a load throws
 */
export async function loadFromWarehouse(load: WarehouseLoad): Promise<IngestedAssembly[]> {
  const { trino, source, month, signal, config } = load;
  const sql = dailyQuery(source, await describeTable(load), { month, dialect: 'trino' });
  const parent = join(config.PENNY_HOME, 'tmp');
  mkdirSync(parent, { recursive: true, mode: 0o700 });
  const folder = mkdtempSync(join(parent, 'warehouse-'));
  try {
    const path = join(folder, `${source.id}-${month}.csv`);
    await pipeline(Readable.from(csvOf(askTrino(trino, sql, signal))), createWriteStream(path), { signal });
    return await ingestBilling({ ...load, paths: [path], origin: 'file' });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Returns the columns of the table. */
export async function describeTable({
  trino,
  table,
  signal,
}: Pick<WarehouseLoad, 'trino' | 'table' | 'signal'>): Promise<WarehouseTable> {
  if (!/^\w+(\.\w+){0,2}$/.test(table)) {
    throw new PennyError('usage', `"${table}" is not a table such as hive.billing.cur2.`);
  }
  const name = table
    .split('.')
    .map((part) => `"${part}"`)
    .join('.');
  const columns: { name: string; type: string }[] = [];
  for await (const { rows } of askTrino(trino, `DESCRIBE ${name}`, signal)) {
    columns.push(...rows.map(([column, type]) => ({ name: String(column), type: String(type) })));
  }
  return { name, columns };
}

async function* csvOf(result: AsyncIterable<TrinoRows>): AsyncGenerator<string> {
  let hasHead = false;
  for await (const { columns, rows } of result) {
    if (!hasHead) yield line(columns.map(({ name }) => name));
    hasHead = true;
    yield rows.map(line).join('');
  }
}

/** NULL is nothing between two commas; the mapping leaves no empty texts. */
function line(values: TrinoRows['rows'][number]): string {
  const cells = values.map((value) => (value === null ? '' : `"${String(value).replaceAll('"', '""')}"`));
  return `${cells.join(',')}\n`;
}
