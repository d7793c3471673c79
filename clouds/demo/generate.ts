import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { EXPORT_NAME, prepareCur, writeMonth } from './cur.ts';
import { type Duck, openDuck } from './duck.ts';
import type { Estate } from './estate.ts';
import { type InventoryFile, writeInventories } from './inventory.ts';
import { makeCharges, type Span } from './lines.ts';
import { type PlanOptions, plan } from './plan.ts';
import { loadPlan } from './tables.ts';
import { keepTruth, makeTruth, prepareTruth } from './truth.ts';
import type { Truth } from './truth-shape.ts';
import { keepQuantities, loadSeries, writeUsage } from './usage.ts';

/** Lines of the months that are made together; bounds the memory a large estate takes. */
const LINES_AT_ONCE = 800_000;

/** The files of a generated estate; each is written when it is asked for, the billing export first. */
export interface GeneratedEstate {
  estate: Estate;
  /** Folder of the billing export: `data/` and `metadata/` by billing period, as AWS Data Exports delivers it. */
  billingFolder: string;
  truth: Truth;
  /** Both return the folder or files they wrote. */
  writeUsage(): Promise<string>;
  writeInventories(): Promise<InventoryFile[]>;
  close(): void;
}

/**
 * Generates an estate into a folder: its billing export and `truth.json` at once, hourly metrics (`usage/`) and
 * inventories (`inventory/`) on demand. The same options give the same bytes.
 */
export async function generateEstate(options: PlanOptions & { folder: string }): Promise<GeneratedEstate> {
  const { folder, seed } = options;
  const estate = plan(options);
  mkdirSync(folder, { recursive: true });
  const work = join(folder, '.work');
  mkdirSync(work, { recursive: true });
  const duck = await openDuck(work);
  const close = () => {
    duck.close();
    rmSync(work, { recursive: true, force: true });
  };
  try {
    await loadPlan(duck, estate, seed);
    await loadSeries(duck, estate);
    await prepareTruth(duck, estate);
    await prepareCur(duck, estate);
    for (const span of spans(estate)) await writeSpan(duck, estate, span, folder, seed);
    const truth = await makeTruth(duck, estate, seed);
    writeFileSync(join(folder, 'truth.json'), `${JSON.stringify(truth, null, 2)}\n`);
    return {
      estate,
      billingFolder: join(folder, EXPORT_NAME),
      truth,
      async writeUsage() {
        const usage = join(folder, 'usage');
        await writeUsage(duck, estate, usage);
        return usage;
      },
      writeInventories: () => writeInventories(estate, join(folder, 'inventory')),
      close,
    };
  } catch (error) {
    close();
    throw error;
  }
}

/** Months grouped so that each group has no more lines than are made at once; a month that has more stands alone. */
function spans(estate: Estate): Span[] {
  const daily = estate.streams.length;
  const groups: Span[] = [];
  let lines = 0;
  for (const [index, month] of estate.calendar.months.entries()) {
    const own = daily * (month.endDay - month.firstDay);
    const group = groups.at(-1);
    if (group && lines + own <= LINES_AT_ONCE) {
      group.last = index;
      lines += own;
    } else {
      groups.push({ first: index, last: index });
      lines = own;
    }
  }
  return groups;
}

async function writeSpan(duck: Duck, estate: Estate, span: Span, folder: string, seed: number): Promise<void> {
  await makeCharges(duck, estate, span);
  await keepTruth(duck, estate);
  await keepQuantities(duck);
  // The order of the lines is that of the table on the left of the joins; both cores work, on a file each.
  const queue = estate.calendar.months.slice(span.first, span.last + 1);
  await Promise.all(
    (await duck.writers()).map(async (writer) => {
      for (let month = queue.shift(); month; month = queue.shift())
        await writeMonth(writer, estate, month, folder, seed);
    }),
  );
}
