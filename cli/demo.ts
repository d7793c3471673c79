import { createReadStream } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { type Command, InvalidArgumentError } from 'commander';
import { z } from 'zod';
import { type GeneratedEstate, generateEstate } from '../clouds/demo/generate.ts';
import { type Engine, openEngine, query } from '../clouds/staging/engine.ts';
import { feedCsv } from '../clouds/staging/pipes.ts';
import { literal } from '../clouds/staging/sql.ts';
import type { Config } from '../config.ts';
import { hasOwnBill } from '../db/billing/loads.ts';
import type { Db } from '../db/client.ts';
import { type InventoryResource, storeInventory } from '../db/inventory.ts';
import { migrateDatabase } from '../db/migrate.ts';
import { openDatabase } from '../db/open.ts';
import { storeUsage, USAGE_COLUMNS } from '../db/usage.ts';
import { PennyError } from '../errors.ts';
import { ingestBilling } from '../jobs/ingest-billing.ts';
import type { Log } from '../log.ts';
import { formatCell } from '../tools/format.ts';
import { action } from './context.ts';

export interface DemoOptions {
  config: Config;
  db: Db;
  log: Log;
  now: Date;
  seed?: number;
  months?: number;
  scale?: number;
  /** Where to leave the exports, metrics, inventories and truth.json; without it they are removed after loading. */
  out?: string;
  signal?: AbortSignal;
  /** Called when the bill can be asked about, before usage and inventories are in. */
  onBill?: () => void;
}

/** What was loaded. Money is decimal text in USD. */
export interface DemoSummary {
  status: 'loaded' | 'unchanged';
  seed: number;
  months: number;
  scale: number;
  accounts: number;
  resources: number;
  lines: number;
  lastFullMonth: { month: string; effectiveCost: string } | null;
  plantedWaste: { findings: number; monthlySaving: string; share: string };
  measurements: number;
  out: string | null;
  elapsedMs: number;
}

const whole = (smallest: number, largest: number) => (text: string) => {
  const number = Number(text);
  if (Number.isInteger(number) && number >= smallest && number <= largest) return number;
  throw new InvalidArgumentError(`Give a whole number from ${smallest} to ${largest}.`);
};

export function registerDemo(program: Command): void {
  program
    .command('demo')
    .description('generate and load the demo estate')
    .option('--months <n>', 'months of data up to now', whole(2, 36), 14)
    .option('--seed <n>', 'the same seed gives the same estate', whole(0, 2 ** 31), 7)
    .option('--scale <n>', 'how many times the usual number of resources', whole(1, 1000), 1)
    .option('--out <dir>', 'also leave the exports, metrics, inventories and truth.json there')
    .action(
      action<[{ months: number; seed: number; scale: number; out?: string }]>(
        async ({ config, log, now, print, signal }, flags) => {
          const database = await openDatabase(config, log);
          try {
            await migrateDatabase(database.url);
            const summary = await loadDemo({ config, db: database.db, log, now: now(), signal, ...flags });
            print(summary, renderSummary(summary));
          } finally {
            await database.close();
          }
        },
      ),
    );
}

/**
 * Generates the demo estate and loads it as a user's files are loaded: the bill through the same ingester, then usage and
 * inventories. Loading the same estate again changes nothing, another one takes its place, and a bill of one's own is never
 * mixed with it.
 * @throws PennyError `conflict` when the database holds a bill of its own
 */
export async function loadDemo(options: DemoOptions): Promise<DemoSummary> {
  const { config, db, log, now, signal, seed = 7, months = 14, scale = 1 } = options;
  const began = performance.now();
  if (await hasOwnBill(db)) {
    throw new PennyError(
      'conflict',
      'This database holds a bill of your own, and the demo estate would be added to its totals. Set PENNY_HOME to another folder for the demo.',
    );
  }
  const folder = options.out === undefined ? await temporaryFolder(config) : resolve(options.out);
  const estate = await generateEstate({ folder, now, seed, months, scale });
  try {
    const loads = await ingestBilling({
      paths: [estate.billingFolder],
      origin: 'demo',
      config,
      db,
      log,
      now,
      ...(signal ? { signal } : {}),
    });
    options.onBill?.();
    const measurements = await loadUsage(config, db, await estate.writeUsage());
    for (const inventory of await estate.writeInventories()) {
      await storeInventory(db, {
        observedAt: inventory.observedAt,
        billingAccountId: estate.estate.organisation.payer.id,
        resources: readInventory(inventory.file),
      });
    }
    return {
      status: loads.every(({ status }) => status === 'unchanged') ? 'unchanged' : 'loaded',
      seed,
      months,
      scale,
      lines: loads.reduce((sum, { rows }) => sum + rows, 0),
      measurements,
      out: options.out === undefined ? null : folder,
      elapsedMs: performance.now() - began,
      ...described(estate),
    };
  } finally {
    estate.close();
    if (options.out === undefined) await rm(folder, { recursive: true, force: true });
  }
}

async function temporaryFolder({ PENNY_HOME }: Config): Promise<string> {
  const parent = join(PENNY_HOME, 'tmp');
  await mkdir(parent, { recursive: true, mode: 0o700 });
  return mkdtemp(join(parent, 'demo-'));
}

/** Loads the metrics file a month at a time; returns how many measurements it holds. */
async function loadUsage(config: Config, db: Db, file: string): Promise<number> {
  const engine = await openEngine(config.PENNY_HOME);
  try {
    const source = `read_parquet(${literal(file)})`;
    const months = await query(
      engine,
      `SELECT DISTINCT strftime(hour, '%Y-%m') AS month FROM ${source} ORDER BY month`,
      z.object({ month: z.string() }),
    );
    return await storeUsage(
      db,
      months.map(({ month }) => ({ month, feed: usageFeed(engine, source, month) })),
    );
  } finally {
    engine.close();
  }
}

function usageFeed(engine: Engine, source: string, month: string) {
  const select = `SELECT ${USAGE_COLUMNS.join(', ')} FROM ${source} WHERE strftime(hour, '%Y-%m') = ${literal(month)}`;
  return {
    columns: USAGE_COLUMNS,
    read: <Result>(consume: Parameters<typeof feedCsv<Result>>[2]) => feedCsv(engine, select, consume),
  };
}

async function* readInventory(file: string): AsyncGenerator<InventoryResource> {
  for await (const line of createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY })) {
    if (line !== '') yield JSON.parse(line) as InventoryResource;
  }
}

function described({
  estate,
  truth,
}: GeneratedEstate): Pick<DemoSummary, 'accounts' | 'resources' | 'lastFullMonth' | 'plantedWaste'> {
  const full = truth.totals.find(({ month }) => month === truth.wasteMonth);
  return {
    accounts: estate.organisation.accounts.length,
    resources: estate.resources.length,
    lastFullMonth: full === undefined ? null : { month: full.month, effectiveCost: full.amortized },
    plantedWaste: {
      findings: truth.waste.length,
      monthlySaving: truth.wasteTotal.expectedSaving,
      share: (100 * truth.wasteTotal.shareOfSpend).toFixed(1),
    },
  };
}

function renderSummary(summary: DemoSummary): string {
  const { status, accounts, resources, lines, measurements, lastFullMonth, plantedWaste, out } = summary;
  const count = (value: number) => formatCell(value, 'count', 'count');
  const usd = (value: string) => formatCell(value, 'money', 'USD');
  return [
    status === 'unchanged' ? 'The demo estate is loaded already; nothing changed.' : 'The demo estate is loaded.',
    `  ${count(accounts)} accounts, ${count(resources)} resources, ${count(lines)} bill lines over ${summary.months} months, ${count(measurements)} hourly measurements`,
    lastFullMonth === null ? '' : `  ${lastFullMonth.month}: ${usd(lastFullMonth.effectiveCost)} effective cost`,
    `  planted waste: ${count(plantedWaste.findings)} findings worth ${usd(plantedWaste.monthlySaving)} a month (${plantedWaste.share}% of spend)`,
    out === null ? '' : `  exports, metrics, inventories and truth.json: ${out}`,
    `  took ${(summary.elapsedMs / 1000).toFixed(1)} s`,
  ]
    .filter((line) => line !== '')
    .join('\n');
}
