import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type pg from 'pg';
import { kindOfAction } from '../analytics/savings/asked-for.ts';
import { loadDemo } from '../cli/demo.ts';
import type { RemediationTruth, Truth } from '../clouds/demo/truth-shape.ts';
import { clock, readConfig } from '../config.ts';
import { migrateDatabase } from '../db/migrate.ts';
import { openDatabase } from '../db/open.ts';
import { recordSaving } from '../db/savings/record.ts';
import { inTransaction } from '../db/transaction.ts';
import { measureSavings, settledBy } from '../jobs/track-savings.ts';
import { log } from '../log.ts';

/**
 * Prints what the savings tracker measures on demo estates beside what was planted in them, change by change, and when it found the
 * planted regression. The bill is shown to it as it grew: week by week, and day by day once something was taken back. Each change is
 * recorded twice: with its day, as Penny's own are, and as an inventory notices it up to a week later. Seeds are arguments.
 */
const SEEDS = process.argv.slice(2).map(Number);
const TOLERANCE = 0.05;

interface Found {
  measured: number;
  states: string[];
  regressedOn: string | null;
  foundOn: string | null;
  confidence: string[];
}

const misses: string[] = [];

async function benchSeed(seed: number): Promise<void> {
  const home = mkdtempSync(join(tmpdir(), 'penny-savings-'));
  const settings = readConfig();
  const config = { ...settings, PENNY_HOME: home, PENNY_DATABASE_URL: undefined };
  const database = await openDatabase(config, log);
  try {
    await migrateDatabase(database.url);
    const folder = join(home, 'estate');
    await loadDemo({ config, db: database.db, now: clock(settings)(), seed, out: folder, log });
    const truth = JSON.parse(readFileSync(join(folder, 'truth.json'), 'utf8')) as Truth;
    const began = performance.now();
    const run = (delayDays: number) => rolledBack((client) => simulate(client, truth, delayDays), database.db);
    const [dated, noticed] = [await run(0), await run(5)];
    print(truth, dated, noticed, performance.now() - began);
  } finally {
    await database.close();
    rmSync(home, { recursive: true, force: true });
  }
}

class RolledBack<Value> extends Error {
  readonly value: Value;
  constructor(value: Value) {
    super('rolled back');
    this.value = value;
  }
}

async function rolledBack<Value>(
  work: (client: pg.ClientBase) => Promise<Value>,
  db: Parameters<typeof inTransaction>[0],
): Promise<Value> {
  try {
    await inTransaction(db, async (client) => {
      throw new RolledBack(await work(client));
    });
  } catch (error) {
    if (error instanceof RolledBack) return error.value as Value;
    throw error;
  }
  throw new Error('nothing was rolled back');
}

const addDays = (day: string, days: number): string =>
  new Date(Date.parse(day) + days * 86_400_000).toISOString().slice(0, 10);

async function simulate(client: pg.ClientBase, truth: Truth, delayDays: number): Promise<Found[]> {
  const { through, from } = truth.estate;
  for (const [index, one] of truth.remediations.entries()) await record(client, one, index, delayDays);
  const dates = truth.remediations.map(({ date }) => date).sort();
  const reverted = truth.remediations.flatMap(({ revertedOn }) => revertedOn ?? []).sort()[0] ?? through;
  const foundOn = new Map<string, string>();
  for (
    let day = addDays(dates[0] ?? through, 10);
    day <= addDays(through, 1);
    day = addDays(day, day < reverted ? 7 : 1)
  ) {
    const now = new Date(`${day}T09:00:00Z`);
    // On a morning the bill reaches the day before.
    await measureSavings(client, { settledEnd: settledBy(addDays(day, -1), now), dataFrom: from, now });
    const { rows } = await client.query<{ subject: string }>("SELECT subject FROM savings WHERE state = 'regressed'");
    for (const { subject } of rows) if (!foundOn.has(subject)) foundOn.set(subject, day);
  }
  const found: Found[] = [];
  for (const { resourceIds } of truth.remediations) found.push(await readFound(client, resourceIds, foundOn));
  return found;
}

async function record(client: pg.ClientBase, one: RemediationTruth, index: number, delayDays: number): Promise<void> {
  const kind = kindOfAction(one.action);
  if (kind === undefined) throw new Error(`What kind of change is ${one.action}?`);
  const about = { actor: { actorId: null, actor: 'bench', surface: 'job' as const }, now: new Date() };
  for (const [position, subject] of one.resourceIds.entries()) {
    await recordSaving(
      client,
      {
        ...{
          subject,
          resourceId: subject,
          recommendationId: null,
          kind,
          currency: 'USD',
          estimatedMonthlySavings: null,
        },
        ...{ origin: delayDays === 0 ? 'penny' : 'outside', changeDate: addDays(one.date, delayDays) },
        changeId: delayDays === 0 ? null : -1 - index * 1000 - position,
      },
      about,
    );
  }
}

async function readFound(
  client: pg.ClientBase,
  subjects: readonly string[],
  foundOn: ReadonlyMap<string, string>,
): Promise<Found> {
  const { rows } = await client.query(
    `SELECT coalesce(sum(realized_savings), 0)::float AS measured, array_agg(DISTINCT state) AS states,
       array_agg(DISTINCT coalesce(confidence, '-')) AS confidence, max(measurement ->> 'regressedOn') AS "regressedOn"
     FROM savings WHERE subject = ANY ($1)`,
    [subjects],
  );
  return { ...rows[0], foundOn: subjects.flatMap((subject) => foundOn.get(subject) ?? []).sort()[0] ?? null };
}

function print(truth: Truth, dated: readonly Found[], noticed: readonly Found[], elapsedMs: number): void {
  const { seed, through } = truth.estate;
  const lines = [`seed ${seed}, bill to ${through}; USD a month (planted: of 30.4 days, measured: of 730 hours)`];
  lines.push(row('change', 'on', 'planted', 'measured', 'off', 'noticed later', 'off', 'state'));
  const sums = [0, 0, 0];
  for (const [index, one] of truth.remediations.entries()) {
    const [own, late] = [dated[index], noticed[index]];
    if (own === undefined || late === undefined) continue;
    const planted = Number(one.realizedMonthlySavings);
    for (const [at, amount] of [planted, own.measured, late.measured].entries()) sums[at] = (sums[at] ?? 0) + amount;
    const state = `${own.states.join('/')} (${own.confidence.join('/')})`;
    lines.push(
      row(
        ...[one.action, one.date, planted.toFixed(2), own.measured.toFixed(2), off(own.measured, planted)],
        ...[late.measured.toFixed(2), off(late.measured, planted), `${state}${regression(one, own)}`],
      ),
    );
    for (const [how, found] of Object.entries({ dated: own, noticed: late })) {
      if (isOff(found.measured, planted)) misses.push(`  seed ${seed}: ${one.action} of ${one.date}, ${how}`);
      if ((one.revertedOn === undefined) !== (found.regressedOn === null))
        misses.push(`  seed ${seed}: regression of ${one.action} of ${one.date}, ${how}`);
    }
  }
  const [planted = 0, own = 0, late = 0] = sums;
  lines.push(
    row('sum', '', planted.toFixed(2), own.toFixed(2), off(own, planted), late.toFixed(2), off(late, planted), ''),
  );
  process.stdout.write(`${lines.join('\n')}\nmeasured in ${(elapsedMs / 1000).toFixed(1)} s\n\n`);
}

function regression({ revertedOn }: RemediationTruth, { regressedOn, foundOn }: Found): string {
  if (revertedOn === undefined) return '';
  if (regressedOn === null || foundOn === null) return `; undone on ${revertedOn}, not found`;
  const days = (Date.parse(foundOn) - Date.parse(revertedOn)) / 86_400_000;
  return `; undone on ${revertedOn}, dated ${regressedOn}, found ${days} days later`;
}

const isOff = (measured: number, planted: number): boolean => Math.abs(measured / planted - 1) > TOLERANCE;

const off = (measured: number, planted: number): string => `${((measured / planted - 1) * 100).toFixed(2)}%`;

function row(...cells: string[]): string {
  const [first = '', ...rest] = cells;
  const last = rest.pop() ?? '';
  return `  ${first.padEnd(20)}${rest.map((cell) => cell.padStart(15)).join('')}  ${last}`;
}

log.level = 'error';
for (const seed of SEEDS.length > 0 ? SEEDS : [7, 11, 23]) await benchSeed(seed);
process.stdout.write(
  misses.length === 0 ? 'All within 5 percent.\n' : `Not within 5 percent, or not found:\n${misses.join('\n')}\n`,
);
process.exitCode = misses.length === 0 ? 0 : 1;
