import { createReadStream, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { type Command, InvalidArgumentError } from 'commander';
import { z } from 'zod';
import { type GeneratedEstate, generateEstate } from '../clouds/demo/generate.ts';
import type { MonthTotal } from '../clouds/demo/truth-shape.ts';
import { openEngine, query } from '../clouds/staging/engine.ts';
import { feedCsv } from '../clouds/staging/pipes.ts';
import { literal } from '../clouds/staging/sql.ts';
import type { Config } from '../config.ts';
import { hasOwnBill } from '../db/billing/loads.ts';
import type { Db } from '../db/client.ts';
import { dropDemo, isDemoLoaded } from '../db/demo.ts';
import { type InventoryResource, storeInventory } from '../db/inventory.ts';
import { migrateDatabase } from '../db/migrate.ts';
import { openDatabase } from '../db/open.ts';
import type { JobProgress } from '../db/schema/job-runs.ts';
import { countUsage, storeUsage, USAGE_COLUMNS } from '../db/usage.ts';
import { ingestBilling } from '../jobs/load-bills.ts';
import type { Log } from '../log.ts';
import { action } from './context.ts';
import { progressDisplay } from './progress.ts';

export interface DemoOptions {
  config: Pick<Config, 'PENNY_HOME' | 'PENNY_ALLOCATION_TAGS'>;
  db: Db;
  /** The estate ends with the day before. */
  now: Date;
  seed?: number;
  months?: number;
  scale?: number;
  /** Keeps the generated files in this folder. */
  out?: string;
  log: Log;
  signal?: AbortSignal;
  /** Called once questions about the last months can be answered; earlier months, inventories and usage follow. */
  onBilling?: () => unknown;
  progress?: (progress: JobProgress) => void;
}

/** What the demo estate is and what was done with it. Amounts are USD as decimal text. */
export interface DemoReport {
  status: 'loaded' | 'unchanged';
  seed: number;
  scale: number;
  from: string;
  through: string;
  accounts: number;
  services: number;
  resources: number;
  lines: number;
  usageRows: number;
  lastFullMonth: { month: string; amortized: string; unblended: string };
  wasteMonthly: string;
  wasteShare: number;
  billingSeconds: number;
  seconds: number;
  out: string | null;
  /** Whether a bill of one's own is loaded too: totals then hold both. */
  besideOwnBill: boolean;
}

export function registerDemo(program: Command): void {
  program
    .command('demo')
    .description('generate and load the demo estate, in the place of an earlier one')
    .option('--months <n>', 'billing months, the current one included', wholeNumber(2, 60), 14)
    .option('--seed <n>', 'another seed is another estate', wholeNumber(0, 2 ** 31 - 1), 7)
    .option('--scale <n>', 'multiplies the resources', wholeNumber(1, 1000), 1)
    .option('--out <dir>', 'also keep its exports, metrics, inventories and truth.json in this folder')
    .action(
      action<[{ months: number; seed: number; scale: number; out?: string }]>(
        async ({ config, log, now, print, signal, json }, flags) => {
          const database = await openDatabase(config, log);
          const display = progressDisplay({ silent: json });
          try {
            await migrateDatabase(database.url);
            const shared = { config, db: database.db, now: now(), log, signal, progress: display.show };
            const report = await loadDemo({ ...shared, ...flags });
            display.end();
            print(report, renderDemo(report));
          } finally {
            display.end();
            await database.close();
          }
        },
      ),
    );
}

function wholeNumber(low: number, high: number) {
  return (text: string): number => {
    const value = Number(text);
    if (Number.isInteger(value) && value >= low && value <= high) return value;
    throw new InvalidArgumentError(`It must be a whole number from ${low} to ${high}.`);
  };
}

/**
 * Generates the demo estate and loads it as a user's files are loaded: the bill first, then inventories and usage. The estate
 * that is loaded already is left alone; any other demo estate is replaced. A bill loaded from files is never touched.
 */
export async function loadDemo(options: DemoOptions): Promise<DemoReport> {
  const started = performance.now();
  const since = () => Math.round((performance.now() - started) / 100) / 10;
  const { seed = 7, months = 14, scale = 1, now, out } = options;
  const folder = out === undefined ? temporaryFolder(options.config.PENNY_HOME) : resolve(out);
  // A step a month of the bill, one for inventories and one for metrics.
  const total = months + 2;
  const tell = (done: number, text?: string): void =>
    options.progress?.({ done, total, ...(text === undefined ? {} : { text }) });
  try {
    tell(0, 'making the estate');
    const made = await generateEstate({ now, seed, months, scale, folder });
    try {
      let billingSeconds = 0;
      const status = await loadBilling(options, made, tell, () => {
        billingSeconds = since();
        options.onBilling?.();
      });
      tell(months, 'inventories');
      await loadInventories(options, made);
      tell(months + 1, 'metrics');
      const usageRows = await loadUsage(options, made, status);
      tell(total);
      return {
        status,
        ...describe(made),
        usageRows,
        billingSeconds,
        seconds: since(),
        out: out === undefined ? null : folder,
        besideOwnBill: await hasOwnBill(options.db),
      };
    } finally {
      made.close();
    }
  } finally {
    if (out === undefined) rmSync(folder, { recursive: true, force: true });
  }
}

function temporaryFolder(home: string): string {
  const parent = join(home, 'tmp');
  mkdirSync(parent, { recursive: true, mode: 0o700 });
  return mkdtempSync(join(parent, 'demo-'));
}

/** Months that must be in before questions make sense: 60 days and the 60 before them, and months side by side. */
const MONTHS_FIRST = 5;

/** Loads the newest months first and calls `onRecent` once they are in; the earlier ones follow. */
async function loadBilling(
  options: DemoOptions,
  made: GeneratedEstate,
  tell: (done: number, text?: string) => void,
  onRecent: () => void,
): Promise<DemoReport['status']> {
  const { config, db, now, log, signal } = options;
  const { totals, estate } = made.truth;
  const periods = totals.map(({ month, lines, unblended }) => ({ start: `${month}-01`, lines, billedCost: unblended }));
  if (!(await isDemoLoaded(db, estate.payerAccountId, periods)) && (await dropDemo(db))) {
    log.info('another demo estate is replaced');
  }
  const ingest = (paths: string[], before: number) => {
    const progress = ({ done, text }: JobProgress): void => tell(before + done, text);
    return ingestBilling({ paths, origin: 'demo', config, db, log, now, progress, ...(signal ? { signal } : {}) });
  };
  const newestFirst = await manifestsOf(made.billingFolder);
  const loads = await ingest(newestFirst.slice(0, MONTHS_FIRST), 0);
  onRecent();
  if (newestFirst.length > MONTHS_FIRST) loads.push(...(await ingest(newestFirst.slice(MONTHS_FIRST), MONTHS_FIRST)));
  return loads.every((load) => load.status === 'unchanged') ? 'unchanged' : 'loaded';
}

/** The manifests of an export's billing periods, the newest period first. */
async function manifestsOf(billingFolder: string): Promise<string[]> {
  const folder = join(billingFolder, 'metadata');
  const files = await readdir(folder, { recursive: true });
  return files
    .filter((file) => file.endsWith('Manifest.json'))
    .sort()
    .reverse()
    .map((file) => join(folder, file));
}

async function loadInventories({ db }: DemoOptions, made: GeneratedEstate): Promise<void> {
  for (const { observedAt, file } of await made.writeInventories()) {
    const billingAccountId = made.truth.estate.payerAccountId;
    await storeInventory(db, { observedAt, billingAccountId, resources: readLines(file) });
  }
}

async function* readLines(file: string): AsyncIterable<InventoryResource> {
  for await (const line of createInterface({ input: createReadStream(file) }))
    yield JSON.parse(line) as InventoryResource;
}

async function loadUsage(
  { config, db }: DemoOptions,
  made: GeneratedEstate,
  status: DemoReport['status'],
): Promise<number> {
  const from = `read_parquet(${literal(`${await made.writeUsage()}/*.parquet`)})`;
  const engine = await openEngine(config.PENNY_HOME);
  try {
    const months = await query(
      engine,
      `SELECT strftime(hour, '%Y-%m') AS month, min(hour)::text AS first, max(hour)::text AS last, count(*)::integer AS count FROM ${from} GROUP BY 1 ORDER BY 1`,
      z.object({ month: z.string(), first: z.string(), last: z.string(), count: z.number() }),
    );
    const rows = months.reduce((sum, { count }) => sum + count, 0);
    const [first, last] = [months[0], months.at(-1)];
    if (!first || !last) return 0;
    const end = new Date(Date.parse(`${last.last.replace(' ', 'T')}Z`) + 3_600_000).toISOString();
    if (status === 'unchanged' && (await countUsage(db, `${first.first}Z`, end)) >= rows) return rows;
    const select = (month: string) =>
      `SELECT resource_id, metric, strftime(hour, '%Y-%m-%dT%H:%M:%SZ'), avg, max, p95, sample_count FROM ${from} WHERE strftime(hour, '%Y-%m') = ${literal(month)}`;
    return await storeUsage(
      db,
      months.map(({ month }) => ({
        month,
        feed: { columns: USAGE_COLUMNS, read: (consume) => feedCsv(engine, select(month), consume) },
      })),
    );
  } finally {
    engine.close();
  }
}

function describe({ estate, truth }: GeneratedEstate) {
  const month = truth.totals.find((one) => one.month === truth.wasteMonth) as MonthTotal;
  const { seed, scale, from, through } = truth.estate;
  return {
    ...{ seed, scale, from, through },
    accounts: truth.accounts.length,
    services: new Set(truth.services.map(({ service }) => service)).size,
    resources: estate.resources.length,
    lines: truth.totals.reduce((sum, { lines }) => sum + lines, 0),
    lastFullMonth: { month: month.month, amortized: toCents(month.amortized), unblended: toCents(month.unblended) },
    wasteMonthly: truth.wasteTotal.expectedSaving,
    wasteShare: truth.wasteTotal.shareOfSpend,
  };
}

/** Cuts decimal text to cents. */
function toCents(amount: string): string {
  return amount.replace(/(\.\d\d)\d*$/, '$1');
}

function renderDemo(report: DemoReport): string {
  const { lastFullMonth, wasteShare } = report;
  return [
    report.status === 'unchanged'
      ? 'This demo estate is loaded already; nothing was changed.'
      : 'The demo estate is loaded.',
    `  ${report.accounts} accounts, ${report.services} services, ${report.resources} resources; seed ${report.seed}, scale ${report.scale}`,
    `  ${report.from} to ${report.through}: ${report.lines} bill lines, ${report.usageRows} hours of metrics`,
    `  ${lastFullMonth.month}: ${lastFullMonth.amortized} USD amortized without credits, ${lastFullMonth.unblended} USD on the bill`,
    `  Planted waste: ${report.wasteMonthly} USD a month, ${(wasteShare * 100).toFixed(1)} percent of spend`,
    `  Questions could be answered after ${report.billingSeconds} s; all was done after ${report.seconds} s`,
    ...(report.out === null ? [] : [`  Files: ${report.out}`]),
    ...(report.besideOwnBill
      ? ['  A bill of your own is loaded too: totals now hold both. Another PENNY_HOME keeps them apart.']
      : []),
  ].join('\n');
}
