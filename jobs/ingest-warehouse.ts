import type { BillingSource, Warehouse } from '../clouds/contract.ts';
import { EXPORTS, missingWarehouse, openWarehouse } from '../clouds/registry.ts';
import { describeTable, monthsOf, type WarehouseExport } from '../clouds/warehouse/tables.ts';
import type { Config } from '../config.ts';
import { isDelivered } from '../db/billing/deliveries.ts';
import { PennyError } from '../errors.ts';
import type { Job, RunContext, RunOutcome } from './job.ts';
import { mappingVersions } from './load-bills.ts';
import { loadFromWarehouse, warehouseUri } from './load-warehouse.ts';

/** Loads what a warehouse holds of the bill. Each query costs money there, so it is asked once a day. */
export const ingestWarehouseJob: Job = {
  name: 'ingest-warehouse',
  title: 'Loads the billing exports that a warehouse sums to days where they lie.',
  schedule: '30 6 * * *',
  timeoutMs: 8 * 3_600_000,
  retries: 3,
  missing: (config) =>
    config.PENNY_WAREHOUSE_TABLES === undefined
      ? 'Set PENNY_WAREHOUSE_TABLES to the tables of the bill.'
      : missingWarehouse(config),
  run: (context) => loadTables(context),
};

/** Months that a cloud may still restate: the newest and two before it. */
const RESTATED = 3;

/** Loads of each table the months that are not loaded yet, and anew those that may have been restated. */
export async function loadTables(
  context: RunContext,
  open: (config: Config) => Promise<Warehouse> = openWarehouse,
): Promise<RunOutcome> {
  const warehouse = await open(context.config);
  let rows = 0;
  for (const { table, source } of tablesOf(context.config))
    rows += await loadTable(context, { warehouse, table, source, signal: context.signal });
  return { rows };
}

async function loadTable(context: RunContext, from: WarehouseExport): Promise<number> {
  const { config, db, log, now, dueAt, signal } = context;
  const { table } = from;
  const described = await describeTable(from);
  const months = await monthsOf(from, described);
  const newest = months.slice(-RESTATED);
  const mappings = mappingVersions(config);
  let rows = 0;
  for (const [done, month] of months.entries()) {
    signal.throwIfAborted();
    context.progress({ done, total: months.length, text: `${table}: ${month}` });
    const isKnown = await isDelivered(db, [warehouseUri({ table, month })], mappings);
    if (isKnown && !newest.includes(month)) continue;
    const progress = ({ text }: { text?: string }) =>
      context.progress({ done, total: months.length, text: `${month}: ${text ?? 'loading'}` });
    const token = `${dueAt.toISOString()} ${table} ${month}`;
    const made = await loadFromWarehouse({ ...from, described, month, token, config, db, log, now, progress });
    for (const { status, dailyRows, notes } of made) {
      log.info({ table, month, status, dailyRows, notes }, 'a month was read from a warehouse');
      if (status === 'loaded') rows += dailyRows;
    }
  }
  return rows;
}

function tablesOf({ PENNY_WAREHOUSE_TABLES }: Config): { table: string; source: BillingSource }[] {
  return (PENNY_WAREHOUSE_TABLES ?? '').split(',').map((text) => {
    const [table = '', format = ''] = text.split('=').map((part) => part.trim());
    const source = EXPORTS.find(({ id }) => id === format);
    if (source !== undefined) return { table, source };
    const known = EXPORTS.map(({ id }) => id).join(', ');
    throw new PennyError('invalid_config', `PENNY_WAREHOUSE_TABLES: there is no format ${format}; there are ${known}.`);
  });
}
