import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Warehouse } from '../clouds/contract.ts';
import { dailyQuery, type WarehouseTable } from '../clouds/warehouse/daily-query.ts';
import { describeTable, type WarehouseExport } from '../clouds/warehouse/tables.ts';
import { nameFiles } from '../db/billing/deliveries.ts';
import { type IngestedAssembly, type IngestOptions, ingestBilling } from './load-bills.ts';
import { inWorkFolder } from './work-folder.ts';

export interface WarehouseLoad extends WarehouseExport, Omit<IngestOptions, 'paths' | 'origin' | 'signal'> {
  /** YYYY-MM */
  month: string;
  /** The table, when its columns are known already. */
  described?: WarehouseTable;
  /** The same for each try of one run: a query that a try before has begun is taken up. */
  token?: string;
}

/**
 * Loads a month that a warehouse sums to days: only its daily rows travel. They replace the month as any load of it does.
 * @throws PennyError `warehouse_unavailable`, `warehouse_failed`, `file_empty` when the table has nothing of the month, and what a load throws
 */
export async function loadFromWarehouse(load: WarehouseLoad): Promise<IngestedAssembly[]> {
  const { warehouse, source, month, signal, config, token } = load;
  const sql = dailyQuery(source, load.described ?? (await describeTable(load)), { month, dialect: 'trino' });
  load.progress?.({ done: 0, text: `${warehouse.title} sums ${month}` });
  return inWorkFolder(config, 'warehouse', async (folder) => {
    const path = join(folder, `${source.id}-${month}.csv`);
    const result = warehouse.csv(sql, { signal, ...(token === undefined ? {} : { token }) });
    const { contents, bytesRead } = await save(result, path, signal);
    const assemblies = await ingestBilling({ ...load, paths: [path], origin: 'warehouse', contents });
    return Promise.all(assemblies.map((one) => named(one, load, bytesRead)));
  });
}

/** Returns how a month of a table is named in the record of loads. */
export function warehouseUri({ table, month }: Pick<WarehouseLoad, 'table' | 'month'>): string {
  return `warehouse:${table}#${month}`;
}

async function named(
  assembly: IngestedAssembly,
  load: WarehouseLoad,
  bytesRead: number | null,
): Promise<IngestedAssembly> {
  const uri = warehouseUri(load);
  await nameFiles(load.db, assembly.loadId, [uri]);
  const note = bytesRead === null ? [] : [`${load.warehouse.title} read ${inBytes(bytesRead)} for it.`];
  return { ...assembly, file: uri, files: [uri], notes: [...assembly.notes, ...note] };
}

function inBytes(bytes: number): string {
  const power = bytes < 1000 ? 0 : Math.min(Math.floor(Math.log10(bytes) / 3), 4);
  return `${(bytes / 1000 ** power).toFixed(power === 0 ? 0 : 1)} ${['bytes', 'kB', 'MB', 'GB', 'TB'][power]}`;
}

/**
 * Writes the result to a file, and returns what tells it from others whatever the order of its lines: engines give them in another one each
 * time, and to have them sorted there would need one machine that holds all.
 */
async function save(
  result: ReturnType<Warehouse['csv']>,
  path: string,
  signal: AbortSignal,
): Promise<{ contents: string; bytesRead: number | null }> {
  const lines = sumOfLines();
  let bytesRead: number | null = null;
  const told = async function* () {
    for (;;) {
      const { done, value } = await result.next();
      if (done) {
        bytesRead = value.bytesRead;
        return;
      }
      lines.add(value);
      yield value;
    }
  };
  try {
    await pipeline(Readable.from(told()), createWriteStream(path, { mode: 0o600 }), { signal });
  } finally {
    await result.return({ bytesRead: null });
  }
  return { contents: lines.sum(), bytesRead };
}

/** Adds up hashes of lines: of the same lines the sum is the same. */
function sumOfLines(): { add(chunk: string | Uint8Array): void; sum(): string } {
  let rest = Buffer.alloc(0);
  let sum = 0n;
  const addLine = (line: Uint8Array): void => {
    const hash = createHash('sha256').update(line).digest('hex');
    sum = BigInt.asUintN(256, sum + BigInt(`0x${hash}`));
  };
  return {
    add(chunk) {
      let bytes = Buffer.concat([rest, Buffer.from(chunk as Uint8Array)]);
      for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10)) {
        addLine(bytes.subarray(0, end));
        bytes = bytes.subarray(end + 1);
      }
      rest = bytes;
    },
    sum() {
      if (rest.length > 0) addLine(rest);
      rest = Buffer.alloc(0);
      return sum.toString(16).padStart(64, '0');
    },
  };
}
