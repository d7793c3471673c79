import { sql } from 'drizzle-orm';
import { check, doublePrecision, integer, pgTable, primaryKey, text } from 'drizzle-orm/pg-core';
import { instant } from './columns.ts';
import { describe } from './describe.ts';

/** Hourly measurements. Partitioned by month, so made by the migration written by hand, as billing is. */
export const usage = describe(
  pgTable(
    'usage',
    {
      resourceId: text().notNull(),
      metric: text().notNull(),
      hour: instant().notNull(),
      avg: doublePrecision().notNull(),
      max: doublePrecision().notNull(),
      p95: doublePrecision(),
      sampleCount: integer().notNull(),
    },
    (table) => [
      primaryKey({ name: 'usage_pkey', columns: [table.resourceId, table.metric, table.hour] }),
      check('usage_sample_count', sql`${table.sampleCount} > 0`),
      check('usage_hour', sql`date_trunc('hour', ${table.hour}, 'UTC') = ${table.hour}`),
      check(
        'usage_finite',
        sql`${table.avg} < 'Infinity' AND ${table.max} < 'Infinity' AND ${table.avg} <= ${table.max}`,
      ),
    ],
  ),
  'Measurements of resources, one row per resource, metric and hour (UTC). No row means no data, never no use.',
  {
    resourceId: 'The resource measured (resources).',
    metric: "What was measured, with its unit in the name where it has one, for example 'cpu_utilization' (percent).",
    hour: 'Start of the hour (UTC).',
    avg: 'Mean of the samples.',
    max: 'Highest sample.',
    p95: '95th percentile of the samples; NULL where the source does not give it.',
    sampleCount: 'How many samples the hour had.',
  },
);
