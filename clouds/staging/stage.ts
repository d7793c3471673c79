import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import type { ChargeColumn } from '../../analytics/focus.ts';
import { PennyError } from '../../errors.ts';
import type { Assembly } from './assemblies.ts';
import type { Layout, Reading } from './columns.ts';
import { withConstants } from './constants.ts';
import { chargesSql, checkSummed, countUnread, sumLines, summedRows } from './daily.ts';
import { type Engine, oneThreadEach, query, together } from './engine.ts';
import { leavesOf, type StagedLeaf } from './leaves.ts';
import { EXCESS_DIGITS, emptyColumns, KEY_COLUMNS, moneyColumns, SUM_COLUMNS, TAG_KEY, withLow } from './lines.ts';
import { measuredReading, parquetReading, usualReading } from './numbers.ts';
import { findProblem, isAccounting } from './problems.ts';
import { type FileGroup, groupFiles, withScan } from './scan.ts';
import { literal } from './sql.ts';
import { createTagSets, stageTags } from './tags.ts';
import { addTotals, parquetTotals, stagedTotals, type TotalsByCurrency } from './totals.ts';

/** An assembly, summed to days, in the tables `daily` and `tag_sets` of the engine. */
export interface Staged {
  reading: Reading;
  /** Columns of a charge that are NULL on every row. */
  emptyColumns: ChargeColumn[];
  lines: number;
  leaves: StagedLeaf[];
  totals: TotalsByCurrency;
  /** Whether money is decimal in the files; binary floats add up to something a little different in another order. */
  isExact: boolean;
  /** How the files spell the money columns of the source, by canonical name. */
  spellings: Record<string, string>;
  ignoredColumns: string[];
  notes: string[];
}

interface Part {
  group: FileGroup;
  layout: Layout;
  isParquet: boolean;
}

/**
 * Returns an assembly summed to days. Everything is checked on the way: what comes out can be stored. `allocationKeys` are
 * the lower-cased keys of the tags that are kept in the daily sums.
 * @throws PennyError `value_invalid`, `value_unknown`, `file_unreadable`, `file_empty`, naming file, row and column
 */
export async function stageAssembly(
  engine: Engine,
  assembly: Assembly,
  allocationKeys: readonly string[],
): Promise<Staged> {
  const parts = await partsOf(engine, assembly);
  const reading = await sumExactly(engine, assembly, parts);
  await oneThreadEach(engine);
  await checkMonthFirst(engine, assembly, parts);
  await createDaily(engine, parts, reading);
  const empty = parts
    .map(({ layout }) => emptyColumns(layout, reading))
    .reduce((both, next) => both.filter((column) => next.includes(column)));
  const [, { totals, leaves, notes }] = await together(
    engine,
    (one) => stageAllTags(one, assembly, parts, allocationKeys),
    async (other) => ({
      totals: await totalsOf(other, parts, reading),
      leaves: await leavesOf(other, empty),
      notes: await notesOf(other, parts, reading),
    }),
  );
  const lines = [...totals.values()].reduce((sum, total) => sum + total.lines, 0);
  if (lines === 0) throw emptyFiles(assembly);
  return {
    reading,
    emptyColumns: empty,
    lines,
    leaves,
    totals,
    isExact: parts.every(isExact),
    spellings: spellingsOf(parts),
    ignoredColumns: [...new Set(parts.flatMap(({ layout }) => layout.ignored))],
    notes,
  };
}

/** Sums the lines of all files, and returns how their numbers had to be read for it. */
async function sumExactly(engine: Engine, assembly: Assembly, parts: readonly Part[]): Promise<Reading> {
  let reading = await firstReading(engine, parts);
  for (let attempt = 1; ; attempt++) {
    try {
      await sumParts(engine, parts, reading);
      if ((await excessDigits(engine, parts)) <= scaleOf(reading)) return reading;
      reading = await exactReading(engine, parts, reading);
    } catch (cause) {
      const problem = await findProblem(engine, assembly.files, cause);
      if (!reading.accounting && problem?.code === 'value_invalid' && (await isAccounting(engine, assembly.files))) {
        reading = { ...reading, accounting: true };
      } else {
        if (problem !== undefined || attempt > 2) throw problem ?? cause;
        reading = await exactReading(engine, parts, reading);
      }
    }
  }
}

/**
 * Dates such as 5/1/25 are read month first. A billing period that begins on another day than the first of January, but on
 * the first of a month when the day stands first, was written the other way round.
 */
async function checkMonthFirst(engine: Engine, assembly: Assembly, parts: readonly Part[]): Promise<void> {
  for (const [index, { layout }] of parts.entries()) {
    const [place] = layout.places.get(assembly.source.charge.billing_period_start) ?? [];
    if (place === undefined || place.column.type !== 'VARCHAR') continue;
    const { value, name: column } = place.column;
    const [wrong] = await query(
      engine,
      `SELECT ${value} AS text FROM ${summedRows(layout, `summed${index}`)} WHERE contains(${value}, '/') AND month(penny_time(${value})) = 1 AND day(penny_time(${value})) BETWEEN 2 AND 12 LIMIT 1`,
      z.object({ text: z.string() }),
    );
    if (wrong === undefined) continue;
    const file = assembly.files[0]?.file.path ?? '';
    throw new PennyError(
      'value_invalid',
      `${file}, column ${column}: "${wrong.text}" looks like a date with its day first; such dates are read month first. Write dates as 2025-03-31.`,
      { details: { file, column, value: wrong.text } },
    );
  }
}

async function stageAllTags(
  engine: Engine,
  assembly: Assembly,
  parts: readonly Part[],
  allocationKeys: readonly string[],
): Promise<void> {
  try {
    await createTagSets(engine);
    for (const [index, { layout, group }] of parts.entries())
      await stageTags(engine, `summed${index}`, layout, group, allocationKeys);
  } catch (cause) {
    throw (await findProblem(engine, assembly.files, cause)) ?? cause;
  }
}

async function notesOf(engine: Engine, parts: readonly Part[], reading: Reading): Promise<string[]> {
  let unread = 0;
  for (const [index, { layout }] of parts.entries())
    unread += await countUnread(engine, layout, reading, `summed${index}`);
  return [
    ...(reading.accounting
      ? ['Amounts are written with a sign of currency ("$50,000.00"); they were read as numbers.']
      : []),
    ...(unread > 0 ? [`${unread} ends of periods are no times and count as missing.`] : []),
  ];
}

async function partsOf(engine: Engine, { files, source }: Assembly): Promise<Part[]> {
  const parts: Part[] = [];
  for (const group of groupFiles(
    files.map(({ file }) => file),
    source.nullTexts,
  )) {
    const layout = files.find(({ file }) => file === group.files[0])?.layout;
    if (layout === undefined) throw new Error('a group of files has no file');
    const isParquet = group.files[0]?.format === 'parquet';
    parts.push({ group, isParquet, layout: isParquet ? await withConstants(engine, group, layout) : layout });
  }
  return parts;
}

async function firstReading(engine: Engine, parts: readonly Part[]): Promise<Reading> {
  const readings: Reading[] = [];
  for (const { group, layout, isParquet } of parts) {
    const usual = usualReading();
    const measure = (from: string) => parquetReading(engine, { layout, from, isParquet, reading: usual });
    readings.push(isParquet ? await withScan(engine, group, measure) : usual);
  }
  return readings.reduce((widest, next) => (scaleOf(next) > scaleOf(widest) ? next : widest));
}

function scaleOf({ layout }: Reading): number {
  return layout.kind === 'wide' ? Number.POSITIVE_INFINITY : layout.scale;
}

async function sumParts(engine: Engine, parts: readonly Part[], reading: Reading): Promise<void> {
  for (const [index, { group, layout, isParquet }] of parts.entries()) {
    const table = `summed${index}`;
    await withScan(engine, group, (from) => sumLines(engine, table, { layout, from, isParquet, reading }));
    await checkSummed(engine, layout, reading, table);
  }
}

async function excessDigits(engine: Engine, parts: readonly Part[]): Promise<number> {
  const tables = parts.map((_, index) => `SELECT max(${EXCESS_DIGITS}) AS digits FROM summed${index}`);
  const rows = await query(engine, tables.join(' UNION ALL '), z.object({ digits: z.coerce.number() }));
  return Math.max(0, ...rows.map(({ digits }) => digits));
}

async function exactReading(engine: Engine, parts: readonly Part[], reading: Reading): Promise<Reading> {
  const readings: Reading[] = [];
  for (const { group, layout, isParquet } of parts) {
    readings.push(
      isParquet ? reading : await withScan(engine, group, (from) => measuredReading(engine, layout, from, reading)),
    );
  }
  const widest = readings.reduce((most, next) => (scaleOf(next) > scaleOf(most) ? next : most));
  return scaleOf(widest) >= scaleOf(reading) ? widest : reading;
}

/** Creates the view `daily`: the charges of all files. */
async function createDaily(engine: Engine, parts: readonly Part[], reading: Reading): Promise<void> {
  const charges = parts.map(({ layout }, index) => chargesSql(layout, reading, `summed${index}`));
  const keys = [...KEY_COLUMNS, TAG_KEY].join(', ');
  const sums = [...withLow(SUM_COLUMNS, reading), 'x_line_count'];
  const [first] = charges;
  // Files with other columns than the rest may hold lines of the same day and kind.
  const all = charges.map((sql) => `SELECT ${keys}, ${sums.join(', ')} FROM ${sql}`).join(' UNION ALL ');
  const summed = `SELECT ${keys}, ${sums.map((name) => `sum(${name}) AS ${name}`).join(', ')} FROM (${all}) GROUP BY ${keys}`;
  await engine.connection.run(
    `CREATE OR REPLACE VIEW daily AS ${charges.length === 1 ? `SELECT * FROM ${first}` : summed}`,
  );
}

async function totalsOf(engine: Engine, parts: readonly Part[], reading: Reading): Promise<TotalsByCurrency> {
  let sums: TotalsByCurrency = new Map();
  for (const [index, { group, layout, isParquet }] of parts.entries()) {
    const staged = await stagedTotals(engine, `summed${index}`, layout, reading, isParquet);
    if (isParquet) {
      const read = await withScan(engine, group, (from) => parquetTotals(engine, { layout, from, isParquet, reading }));
      for (const [currency, totals] of staged) totals.read = read.get(currency) ?? {};
    }
    sums = addTotals(sums, staged);
  }
  return sums;
}

function isExact({ layout }: Part): boolean {
  const places = moneyColumns(layout).flatMap((name) => layout.places.get(name) ?? []);
  return places.every(({ column }) => !/DOUBLE|FLOAT/.test(column.type));
}

function spellingsOf(parts: readonly Part[]): Record<string, string> {
  const spelled = parts.flatMap(({ layout }) =>
    moneyColumns(layout).map((name) => [name, layout.places.get(name)?.[0]?.column.name ?? name] as const),
  );
  return Object.fromEntries(spelled.reverse());
}

function emptyFiles({ files }: Assembly): PennyError {
  const path = files[0]?.file.path ?? '';
  return new PennyError('file_empty', `${path} has a header but no lines.`, { details: { file: path } });
}

/**
 * Takes the numbers the database gave the tag sets, as CSV of content_hash, tag_set_id and allocation_set_id, and keeps them
 * in the table `tag_numbers` for the rows that follow.
 */
export async function numberTagSets(engine: Engine, numbers: Readable): Promise<void> {
  const path = join(engine.folder, 'tag-numbers.csv');
  await pipeline(numbers, createWriteStream(path));
  await engine.connection.run(`CREATE OR REPLACE TABLE tag_numbers AS
    SELECT ${TAG_KEY}, tag_set_id, allocation_set_id FROM tag_sets JOIN read_csv(${literal(path)}, auto_detect = false, header = false,
      columns = {'content_hash': 'VARCHAR', 'tag_set_id': 'BIGINT', 'allocation_set_id': 'BIGINT'}) USING (content_hash)`);
}
