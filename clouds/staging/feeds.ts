import type { Readable } from 'node:stream';
import { CHARGE_COLUMNS, type ChargeColumn, COSTS } from '../../analytics/focus.ts';
import type { Reading } from './columns.ts';
import type { Engine } from './engine.ts';
import type { StagedLeaf } from './leaves.ts';
import { SUM_COLUMNS, TAG_KEY, withLow } from './lines.ts';
import { feedCsv } from './pipes.ts';
import { literal } from './sql.ts';
import type { Staged } from './stage.ts';
import { sumText } from './totals.ts';

/** Rows for a table of the database: which columns, and the way to get at them. They may be read once each time. */
export interface CsvFeed {
  columns: readonly string[];
  /** What all rows say in columns that they leave out, as text. */
  constants?: Readonly<Record<string, string>>;
  /** Returns what `consume` makes of the rows as CSV without a header; NULL is an empty field. */
  read<Result>(consume: (rows: Readable) => Promise<Result>): Promise<Result>;
}

function feed(engine: Engine, columns: Readonly<Record<string, string>>, from: string): CsvFeed {
  const select = `SELECT ${Object.entries(columns)
    .map(([name, sql]) => `${sql} AS ${name}`)
    .join(', ')} FROM ${from}`;
  return { columns: Object.keys(columns), read: (consume) => feedCsv(engine, select, consume) };
}

/** Returns every distinct set of tags: its hash, the tags, the folded ones (NULL for the same) and the allocation tags among these, as JSON. */
export function tagSetsFeed(engine: Engine): CsvFeed {
  const columns = ['content_hash', 'tags', 'folded', 'allocation'];
  return feed(engine, asTheyAre(columns), '(SELECT DISTINCT ON (content_hash) * FROM tag_sets)');
}

/** Returns the daily rows of one leaf, for the table `billing`, once the tag sets are numbered. */
export function chargesFeed(
  engine: Engine,
  { reading, emptyColumns, leaves }: Pick<Staged, 'reading' | 'emptyColumns' | 'leaves'>,
  { billingAccountId, month }: Pick<StagedLeaf, 'billingAccountId' | 'month'>,
  loadId: number,
): CsvFeed {
  const leaf = leaves.find((other) => other.billingAccountId === billingAccountId && other.month === month);
  const constants = leaf?.constants ?? {};
  const columns: Record<string, string> = {};
  for (const column of Object.keys(CHARGE_COLUMNS) as ChargeColumn[]) {
    if (emptyColumns.includes(column) || column in constants) continue;
    columns[column] = chargeText(column, reading);
  }
  const where = `billing_account_id = ${literal(billingAccountId)} AND date_trunc('month', billing_period_start) = DATE ${literal(month)}`;
  const texts = [...new Set(Object.values(LIKELY_EQUAL))].map(
    (name) => `${sumText(name, reading.layout)} AS ${textOf(name)}`,
  );
  const rows = feed(
    engine,
    { ...columns, tag_set_id: 'tag_set_id', x_line_count: 'x_line_count' },
    `(SELECT *, ${texts.join(', ')} FROM daily LEFT JOIN tag_numbers USING (${TAG_KEY}) WHERE ${where})`,
  );
  const said = Object.entries(constants).filter((entry): entry is [string, string] => entry[1] !== null);
  return { ...rows, constants: { ...Object.fromEntries(said), load_id: String(loadId) } };
}

// What most charges have the same number in is written as text once.
const LIKELY_EQUAL: Partial<Record<ChargeColumn, ChargeColumn>> = {
  effective_cost: 'billed_cost',
  contracted_cost: 'billed_cost',
  consumed_quantity: 'pricing_quantity',
};

function textOf(column: ChargeColumn): string {
  return `${column}__text`;
}

function chargeText(column: ChargeColumn, { layout }: Reading): string {
  if (SUM_COLUMNS.includes(column)) {
    const other = LIKELY_EQUAL[column];
    if (Object.values(LIKELY_EQUAL).includes(column)) return textOf(column);
    const text = sumText(column, layout);
    if (other === undefined || layout.kind === 'wide') return text;
    return `CASE WHEN ${column} = ${other} THEN ${textOf(other)} ELSE ${text} END`;
  }
  // A charge period begins and ends at midnight: the day says as much as the instant does, and is read faster.
  const isDay = column === 'charge_period_start' || column === 'charge_period_end';
  return isDay ? `CAST(${column} AS DATE)` : column;
}

/** The dimensions of the daily sums. */
const DAILY_DIMENSIONS = [
  'billing_currency',
  'billing_account_id',
  'sub_account_id',
  'service_provider_name',
  'service_name',
  'service_category',
  'region_id',
  'charge_category',
  'pricing_category',
  'commitment_discount_status',
  'publisher_name',
  'billing_period_start',
] as const satisfies readonly ChargeColumn[];

const ALLOCATION = 'allocation_set_id';

/** Coarser sums: their name, whether they are kept by day or by month, and the columns they keep besides `always`. */
export interface CoarseSums {
  always: readonly string[];
  rollups: readonly { name: string; grain: 'day' | 'month'; columns: readonly string[] }[];
  monthly: MonthlySums;
}

/** The bill summed to months: its columns, its sums, and the sums that are not mixed with charges that lack them. */
export interface MonthlySums {
  columns: readonly ChargeColumn[];
  sums: readonly ChargeColumn[];
  apart: readonly ChargeColumn[];
}

/**
 * Prepares what the feeds of months, accounts and resources read, as tables. It needs no numbers of tag sets, so that these can
 * be stored meanwhile.
 */
export async function prepareMonths(
  engine: Engine,
  { reading, leaves }: Pick<Staged, 'reading' | 'leaves'>,
  monthly: MonthlySums,
): Promise<void> {
  await createTables(engine, {
    monthly_sums: monthlySums(reading, monthly, constantsOf(leaves)),
    load_accounts: ACCOUNTS,
    load_resources: resources(),
  });
}

/**
 * Prepares what the feeds of daily and coarser sums read. The tag sets must be numbered. `sums`, from which they all are made,
 * are the charges without their resources, prices and descriptions.
 */
export async function prepareSums(
  engine: Engine,
  { reading, leaves }: Pick<Staged, 'reading' | 'leaves'>,
  coarse: CoarseSums,
): Promise<void> {
  const kept = new Set<string>([
    ...DAILY_DIMENSIONS,
    ...coarse.always,
    ...coarse.rollups.flatMap(({ columns }) => columns),
    ALLOCATION,
  ]);
  const from = `daily LEFT JOIN tag_numbers USING (${TAG_KEY})`;
  const day = 'CAST(charge_period_start AS DATE) AS charge_date';
  await createTables(engine, {
    sums: groupedSql([...kept], [day, costSums(reading)], from, constantsOf(leaves)),
    coarse_sums: coarseSums(reading, coarse),
  });
}

async function createTables(engine: Engine, tables: Readonly<Record<string, string>>): Promise<void> {
  for (const [table, select] of Object.entries(tables))
    await engine.connection.run(`CREATE OR REPLACE TABLE ${table} AS ${select}`);
}

type Constants = StagedLeaf['constants'];

/** What all rows of a bill agree in, of its texts. */
function constantsOf(leaves: readonly StagedLeaf[]): Constants {
  const [first = {}, ...others] = leaves.map(({ constants }) => constants);
  const agreed = Object.entries(first).filter(
    ([column, value]) =>
      CHARGE_COLUMNS[column as ChargeColumn] === 'text' &&
      others.every((constants) => constants[column as ChargeColumn] === value),
  );
  return Object.fromEntries(agreed);
}

/** SQL for rows grouped by all that is not summed. What all of them agree in is put back afterwards: to group by it takes time. */
function groupedSql(columns: readonly string[], others: readonly string[], from: string, constants: Constants): string {
  const said = new Map(Object.entries(constants).filter(([column]) => columns.includes(column)));
  const grouped = columns.filter((column) => !said.has(column));
  const back = [...said].map(
    ([column, value]) => `CAST(${value === null ? 'NULL' : literal(value)} AS VARCHAR) AS ${column}`,
  );
  return `SELECT ${['*', ...back].join(', ')} FROM (SELECT ${[...grouped, ...others].join(', ')} FROM ${from} GROUP BY ALL)`;
}

/** Returns the rows of `cost_monthly`: the bill summed to months. Its rows are fewer, so they get the numbers of their tag sets. */
export function monthlySumsFeed(engine: Engine, { layout }: Reading, { columns, sums }: MonthlySums): CsvFeed {
  const texts = Object.fromEntries(sums.map((name) => [name, sumText(name, layout)]));
  const kept = asTheyAre(['month_start', ...columns, 'tag_set_id', 'x_line_count']);
  return feed(engine, { ...kept, ...texts }, `monthly_sums LEFT JOIN tag_numbers USING (${TAG_KEY})`);
}

function monthlySums(reading: Reading, { columns, sums, apart }: MonthlySums, constants: Constants): string {
  const month = `CAST(date_trunc('month', charge_period_start) AS DATE) AS month_start`;
  const known = apart.map((name, index) => `${name} IS NULL AS apart_${index}`);
  const summed = [...withLow([...sums], reading), 'x_line_count'].map((name) => `sum(${name}) AS ${name}`);
  return groupedSql(columns, [month, TAG_KEY, ...known, ...summed], 'daily', constants);
}

function costSums(reading: Reading): string {
  return [...withLow(COSTS, reading), 'x_line_count'].map((name) => `sum(${name}) AS ${name}`).join(', ');
}

/** Returns the rows of `cost_daily` or, split further by the allocation tags, of `cost_daily_tagged`. */
export function dailySumsFeed(engine: Engine, reading: Reading, options: { tagged: boolean }): CsvFeed {
  const dimensions = ['charge_date', ...DAILY_DIMENSIONS, ...(options.tagged ? [ALLOCATION] : [])];
  const sql = `(SELECT ${dimensions.join(', ')}, ${costSums(reading)} FROM sums GROUP BY ALL)`;
  return feed(engine, { ...asTheyAre([...dimensions, 'x_line_count']), ...costTexts(reading) }, sql);
}

/** Returns the rows of `cost_rollup`: all the coarser sums, each under its name. */
export function coarseSumsFeed(engine: Engine, reading: Reading, coarse: CoarseSums): CsvFeed {
  const columns = asTheyAre(['rollup', 'period_start', ...coarseColumns(coarse), 'x_line_count']);
  return feed(engine, { ...columns, ...costTexts(reading) }, 'coarse_sums');
}

function coarseColumns({ always, rollups }: CoarseSums): string[] {
  return [...new Set([...always, ...rollups.flatMap(({ columns }) => columns)])];
}

function coarseSums(reading: Reading, coarse: CoarseSums): string {
  const selects = coarse.rollups.map(({ name, grain, columns }) => {
    const kept = new Set([...coarse.always, ...columns]);
    const start = grain === 'month' ? `date_trunc('month', charge_date)` : 'charge_date';
    const list = coarseColumns(coarse).map((column) => `${kept.has(column) ? column : 'NULL'} AS ${column}`);
    return `SELECT ${literal(name)} AS rollup, CAST(${start} AS DATE) AS period_start, ${list.join(', ')}, ${costSums(reading)} FROM sums GROUP BY ALL`;
  });
  return selects.join(' UNION ALL ');
}

function asTheyAre(names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, name]));
}

function costTexts({ layout }: Reading): Record<string, string> {
  return Object.fromEntries(COSTS.map((cost) => [cost, sumText(cost, layout)]));
}

/** Returns the accounts of the bill: who pays, and the accounts below. */
export function accountsFeed(engine: Engine): CsvFeed {
  const names = ['account_id', 'name', 'kind', 'billing_account_id', 'service_provider_name'];
  return feed(engine, asTheyAre([...names, 'first_seen_date', 'last_seen_date']), 'load_accounts');
}

const ACCOUNTS = `
  WITH seen AS MATERIALIZED (SELECT billing_account_id, billing_account_name, sub_account_id, sub_account_name, service_provider_name,
      CAST(min(charge_period_start) AS DATE) AS first_seen_date, CAST(max(charge_period_start) AS DATE) AS last_seen_date
    FROM daily GROUP BY ALL)
  SELECT billing_account_id AS account_id, max_by(billing_account_name, last_seen_date) AS name, 'billing' AS kind, billing_account_id,
    max_by(service_provider_name, last_seen_date) AS service_provider_name, min(first_seen_date) AS first_seen_date, max(last_seen_date) AS last_seen_date
  FROM seen WHERE billing_account_id <> 'unspecified' GROUP BY billing_account_id
  UNION ALL SELECT sub_account_id, max_by(sub_account_name, last_seen_date), 'sub', max_by(billing_account_id, last_seen_date),
    max_by(service_provider_name, last_seen_date), min(first_seen_date), max(last_seen_date)
  FROM seen WHERE sub_account_id IS NOT NULL AND sub_account_id NOT IN (SELECT billing_account_id FROM seen) GROUP BY sub_account_id`;

const RESOURCE_COLUMNS = {
  name: 'resource_name',
  type: 'resource_type',
  service_name: 'service_name',
  service_provider_name: 'service_provider_name',
  billing_account_id: 'billing_account_id',
  sub_account_id: 'sub_account_id',
  region_id: 'region_id',
  availability_zone: 'availability_zone',
};

/**
 * Returns the resources of the bill as its last day shows them; of several charges of that day the greatest one says what a
 * resource is. Shares of an instance (split cost allocation) are none. The tag sets must be numbered.
 */
export function resourcesFeed(engine: Engine): CsvFeed {
  const names = ['resource_id', ...Object.keys(RESOURCE_COLUMNS), 'first_seen_date', 'last_seen_date', 'tag_set_id'];
  return feed(engine, asTheyAre(names), `load_resources LEFT JOIN tag_numbers USING (${TAG_KEY})`);
}

function resources(): string {
  // A day and, within it, millionths of the currency, in one number. A value that is NULL is never the last one.
  const rank = `epoch_ms(charge_period_start) // 86400000 * ${2 ** 40} + CAST(least(1e12, greatest(0, CAST(effective_cost AS DOUBLE) * 1e6)) AS BIGINT)`;
  const last = (column: string) => `max_by(${column}, rank) AS ${column}`;
  const named = Object.entries(RESOURCE_COLUMNS).map(([name, column]) => `${column} AS ${name}`);
  const columns = [...Object.keys(RESOURCE_COLUMNS), TAG_KEY];
  // From day to day a resource hardly changes: what agrees is put together first.
  return `SELECT resource_id, ${columns.map(last).join(', ')},
      min(first_seen_date) AS first_seen_date, max(last_seen_date) AS last_seen_date
    FROM (SELECT resource_id, ${named.join(', ')}, ${TAG_KEY}, max(${rank}) AS rank,
        CAST(min(charge_period_start) AS DATE) AS first_seen_date, CAST(max(charge_period_start) AS DATE) AS last_seen_date
      FROM daily WHERE resource_id IS NOT NULL AND x_split_parent_resource_id IS NULL GROUP BY ALL) GROUP BY resource_id`;
}
