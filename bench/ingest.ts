import { execFile, execFileSync } from 'node:child_process';
import { createReadStream, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { from as copyFrom } from 'pg-copy-streams';
import { readConfig } from '../config.ts';
import type { Db } from '../db/client.ts';
import { migrateDatabase } from '../db/migrate.ts';
import { openDatabase } from '../db/open.ts';
import { ingestBilling } from '../jobs/load-bills.ts';
import { log } from '../log.ts';
import { LIMIT_COLUMNS, limitSelect, openBenchDuck, writeBill } from './bill.ts';

/**
 * Prints how fast a bill is loaded, and how much slower that is than the least it could take, measured in the same run: DuckDB
 * scans and groups the same file to CSV, then psql copies that into a bare table. Of several rounds the best of each counts,
 * because other work on the machine only ever makes one slower. Also prints the peak memory of the process that loads.
 *
 *   npm run bench:ingest -- --lines 2000000 --formats parquet,csv.gz --rounds 3
 */
const AIM_RATIO = 1.25;
const AIM_MEMORY_GIB = 1.5;

const BARE_TABLE = 'DROP TABLE IF EXISTS bench_limit; CREATE TABLE bench_limit (LIKE billing)';

const { values } = parseArgs({
  options: {
    lines: { type: 'string', default: '2000000' },
    formats: { type: 'string', default: 'parquet,csv.gz' },
    rounds: { type: 'string', default: '3' },
    // What a process of its own does, so that its memory is not counted: writes the bill, or groups it to a CSV file.
    write: { type: 'string' },
    group: { type: 'string' },
    to: { type: 'string' },
  },
});
log.level = 'error';
if (values.write !== undefined) await writeBill(await openBenchDuck(), Number(values.lines), values.write);
else if (values.group !== undefined) await groupBill(values.group, values.to ?? '');
else await bench(values.formats.split(','), Number(values.rounds));

interface Load {
  lines: number;
  dailyRows: number;
  seconds: number;
}

interface Limit {
  group: number;
  copy: number;
  rows: number;
  by: string;
}

async function bench(formats: string[], rounds: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'penny-bench-'));
  const config = { ...readConfig(), PENNY_HOME: join(folder, 'home'), PENNY_DATABASE_URL: undefined };
  const database = await openDatabase(config, log);
  try {
    await migrateDatabase(database.url);
    for (const format of formats) {
      const path = join(folder, `bill.${format}`);
      inProcess(['--lines', values.lines, '--write', path]);
      const loads: Load[] = [];
      const limits: Limit[] = [];
      for (let round = 0; round < rounds; round++) {
        limits.push(await measureLimit(database.db, database.url, folder, path));
        loads.push(await load(database.db, config, path));
      }
      report(
        format,
        path,
        best(loads, ({ seconds }) => seconds),
        best(limits, ({ group, copy }) => group + copy),
      );
    }
    const peakGib = process.resourceUsage().maxRSS / 2 ** 20;
    print(`peak memory ${peakGib.toFixed(2)} GiB (aim ${AIM_MEMORY_GIB})`);
  } finally {
    await database.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

function report(format: string, path: string, { lines, dailyRows, seconds }: Load, limit: Limit): void {
  const least = limit.group + limit.copy;
  const mib = (statSync(path).size / 2 ** 20).toFixed(0);
  print(`${format}: ${lines} lines, ${mib} MiB, ${dailyRows} daily rows (limit: ${limit.rows})`);
  print(
    `  limit     ${least.toFixed(2)} s (scan and group to CSV ${limit.group.toFixed(2)}, ${limit.by} ${limit.copy.toFixed(2)})`,
  );
  print(`  pipeline  ${seconds.toFixed(2)} s, ${(lines / seconds / 1000).toFixed(0)} thousand lines a second`);
  print(`  ratio     ${(seconds / least).toFixed(2)} (aim ${AIM_RATIO})`);
}

function best<Item>(items: readonly Item[], seconds: (item: Item) => number): Item {
  return items.reduce((least, next) => (seconds(next) < seconds(least) ? next : least));
}

function inProcess(args: string[]): string {
  const script = fileURLToPath(import.meta.url);
  return execFileSync(process.execPath, [...process.execArgv, script, ...args], { encoding: 'utf8' });
}

async function load(db: Db, config: ReturnType<typeof readConfig>, path: string): Promise<Load> {
  // The same contents would be left alone.
  await db.pool.query("UPDATE billing_loads SET content_hash = content_hash || ' ' || load_id");
  const began = performance.now();
  const [assembly] = await ingestBilling({ paths: [path], origin: 'file', config, db, log, now: new Date() });
  return {
    lines: assembly?.rows ?? 0,
    dailyRows: assembly?.dailyRows ?? 0,
    seconds: (performance.now() - began) / 1000,
  };
}

async function groupBill(path: string, csv: string): Promise<void> {
  const duck = await openBenchDuck();
  const began = performance.now();
  await duck.run(`COPY (${limitSelect(path)}) TO '${csv}' (FORMAT csv, HEADER false)`);
  print(String((performance.now() - began) / 1000));
}

async function measureLimit(db: Db, url: string, folder: string, path: string): Promise<Limit> {
  const csv = join(folder, 'limit.csv');
  const group = Number(inProcess(['--group', path, '--to', csv]));
  await db.pool.query(BARE_TABLE);
  const began = performance.now();
  const by = await copyIn(db, url, csv);
  const copy = (performance.now() - began) / 1000;
  const { rows } = await db.pool.query<{ count: string }>('SELECT count(*) FROM bench_limit');
  await db.pool.query('DROP TABLE bench_limit');
  rmSync(csv);
  return { group, copy, rows: Number(rows[0]?.count), by };
}

/** Copies with psql, or without it where there is none. */
async function copyIn(db: Db, url: string, csv: string): Promise<string> {
  const target = `bench_limit (${LIMIT_COLUMNS.join(', ')})`;
  try {
    await promisify(execFile)('psql', [url, '-q', '-c', `\\copy ${target} from '${csv}' (format csv)`]);
    return 'psql \\copy';
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
    const client = await db.pool.connect();
    await pipeline(createReadStream(csv), client.query(copyFrom(`COPY ${target} FROM STDIN (FORMAT csv)`)));
    client.release();
    return 'COPY';
  }
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
