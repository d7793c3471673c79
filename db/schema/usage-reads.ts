import { sql } from 'drizzle-orm';
import { check, pgTable, primaryKey, text } from 'drizzle-orm/pg-core';
import { instant } from './columns.ts';
import { describe } from './describe.ts';

/** How far the use of each region has been read, so that what could not be read for a while is read later. */
export const usageReads = describe(
  pgTable(
    'usage_reads',
    {
      job: text().notNull(),
      accountId: text().notNull(),
      regionId: text().notNull(),
      readThrough: instant().notNull(),
    },
    (table) => [
      primaryKey({ name: 'usage_reads_pkey', columns: [table.job, table.accountId, table.regionId] }),
      check('usage_reads_hour', sql`date_trunc('hour', ${table.readThrough}, 'UTC') = ${table.readThrough}`),
    ],
  ),
  'How far the measurements of each region have been read; what could not be read is read later from there.',
  {
    job: "The job that reads them, for example 'ingest-usage'.",
    accountId: 'The account.',
    regionId: 'The region.',
    readThrough: 'All hours before this one were asked for, whether anything was measured in them or not.',
  },
);
