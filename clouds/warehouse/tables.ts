import { PennyError } from '../../errors.ts';
import type { BillingSource, Warehouse } from '../contract.ts';
import { monthsQuery, type WarehouseTable } from './daily-query.ts';

/** A table of a warehouse that holds an export. */
export interface WarehouseExport {
  warehouse: Warehouse;
  /** Up to three names with points between, such as 'hive.billing.cur2'. */
  table: string;
  source: BillingSource;
  signal: AbortSignal;
}

/**
 * Returns the columns of the table, and its name as FROM has it.
 * @throws PennyError `usage` when the name is none, `not_found`, and what the warehouse throws
 */
export async function describeTable({
  warehouse,
  table,
  signal,
}: Omit<WarehouseExport, 'source'>): Promise<WarehouseTable> {
  const [catalog, schema, name] = partsOf(table, warehouse);
  const sql = `SELECT column_name, data_type FROM "${catalog}".information_schema.columns WHERE table_schema = '${schema}' AND table_name = '${name}' ORDER BY ordinal_position`;
  const columns = (await warehouse.rows(sql, signal)).map(([column, type]) => ({
    name: String(column),
    type: String(type),
  }));
  if (columns.length === 0) {
    throw new PennyError('not_found', `${warehouse.title} has no table ${[catalog, schema, name].join('.')}.`);
  }
  return { name: `"${catalog}"."${schema}"."${name}"`, columns };
}

/** The names of the catalog, the schema and the table, as the engine spells them. */
function partsOf(table: string, { title, within }: Warehouse): string[] {
  const given = table.toLowerCase().split('.');
  const parts = [...within.slice(0, 3 - given.length), ...given];
  if (/^\w+(\.\w+){0,2}$/.test(table) && parts.length === 3) return parts;
  throw new PennyError('usage', `"${table}" does not name a table of ${title} in full, such as hive.billing.cur2.`);
}

/** Returns the months (YYYY-MM) that the table bills, the oldest first. */
export async function monthsOf(
  { warehouse, source, signal }: Omit<WarehouseExport, 'table'>,
  described: WarehouseTable,
): Promise<string[]> {
  const rows = await warehouse.rows(monthsQuery(source, described, 'trino'), signal);
  const months = rows.map(([month]) => String(month).slice(0, 7));
  return [...new Set(months.filter((month) => /^\d{4}-\d\d$/.test(month)))].sort();
}
