import { sql } from 'drizzle-orm';
import {
  type AnyPgColumn,
  bigint,
  boolean,
  check,
  jsonb,
  pgTable,
  primaryKey,
  text,
  uniqueIndex,
} from 'drizzle-orm/pg-core';
import { instant, oneOf } from './columns.ts';
import { describe } from './describe.ts';

/** Sums of a load per currency and money column, as decimal text: `{ USD: { billed_cost: { read, stored } } }`. */
export type LoadSums = Record<string, Record<string, { read: string; stored: string }>>;

export const ORIGINS = ['file', 'demo', 's3', 'warehouse'] as const;

export const billingLoads = describe(
  pgTable(
    'billing_loads',
    {
      loadId: bigint({ mode: 'number' }).primaryKey().generatedByDefaultAsIdentity(),
      sourceId: text().notNull(),
      sourceVersion: text(),
      origin: text({ enum: ORIGINS }).notNull(),
      uris: text().array().notNull(),
      contentHash: text().notNull(),
      mappingVersion: text(),
      lineCount: bigint({ mode: 'number' }).notNull(),
      rowCount: bigint({ mode: 'number' }).notNull(),
      ignoredColumns: text().array().notNull().default([]),
      sums: jsonb().$type<LoadSums>().notNull(),
      loadedAt: instant().notNull().defaultNow(),
      supersededBy: bigint({ mode: 'number' }).references((): AnyPgColumn => billingLoads.loadId),
      isCurrent: boolean().notNull().default(true),
    },
    (table) => [
      oneOf('billing_loads_origin', table.origin, ORIGINS),
      check('billing_loads_counts', sql`${table.lineCount} >= 0 AND ${table.rowCount} >= 0`),
      check('billing_loads_superseded', sql`NOT (${table.isCurrent} AND ${table.supersededBy} IS NOT NULL)`),
      check('billing_loads_not_by_itself', sql`${table.supersededBy} <> ${table.loadId}`),
      uniqueIndex('billing_loads_content').on(table.contentHash).where(sql`${table.isCurrent}`),
    ],
  ),
  'One row per delivery of a billing export that was loaded: what it was, how much it held and whether it is still in force.',
  {
    loadId: 'Number of the load.',
    sourceId: "The kind of export, for example 'focus' or 'aws-cur-2'.",
    sourceVersion: "Version of the export's format, for example '1.2'; NULL where it has none.",
    origin: 'Where it came from: file, demo (the generated estate), s3 or warehouse (summed to days where it lies).',
    uris: 'The files read.',
    contentHash: 'Hash over the contents of the files and the mapping; the same delivery loaded twice changes nothing.',
    mappingVersion: 'Hash over the mapping that made charges of its lines; NULL for loads from before it was kept.',
    lineCount: 'Lines read from the files.',
    rowCount: 'Daily rows stored in billing.',
    ignoredColumns: 'Columns of the files that Penny does not know.',
    sums: 'Sum of each money column per currency, as read from the files and as stored.',
    loadedAt: 'When it was loaded.',
    supersededBy: 'The later load that replaced the last of its billing periods; NULL until then.',
    isCurrent: 'Whether any of its billing periods is still the one in force.',
  },
);

export const billingLoadPeriods = describe(
  pgTable(
    'billing_load_periods',
    {
      loadId: bigint({ mode: 'number' })
        .notNull()
        .references(() => billingLoads.loadId),
      billingAccountId: text().notNull(),
      billingPeriodStart: instant().notNull(),
      rows: bigint({ mode: 'number' }).notNull(),
      isCurrent: boolean().notNull().default(true),
    },
    (table) => [
      primaryKey({
        name: 'billing_load_periods_pkey',
        columns: [table.loadId, table.billingAccountId, table.billingPeriodStart],
      }),
      check('billing_load_periods_rows', sql`${table.rows} >= 0`),
      uniqueIndex('billing_load_periods_current')
        .on(table.billingAccountId, table.billingPeriodStart)
        .where(sql`${table.isCurrent}`),
    ],
  ),
  'The billing periods each load brought. For one account and period exactly one load is in force.',
  {
    loadId: 'The load.',
    billingAccountId: 'Whose bill.',
    billingPeriodStart: 'First instant (UTC) of the billing period.',
    rows: 'Daily rows stored for it.',
    isCurrent: 'Whether these rows are the ones in billing now.',
  },
);
