import { sql } from 'drizzle-orm';
import { bigint, check, date, jsonb, pgTable, text, unique } from 'drizzle-orm/pg-core';
import { instant, oneOf } from './columns.ts';
import { describe } from './describe.ts';

export const INSIGHT_KINDS = ['weekly', 'monthly'] as const;

export const insights = describe(
  pgTable(
    'insights',
    {
      insightId: bigint({ mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
      kind: text({ enum: INSIGHT_KINDS }).notNull(),
      audience: text().notNull(),
      dimensions: jsonb().$type<Record<string, string>>().notNull().default({}),
      periodStart: date().notNull(),
      periodEnd: date().notNull(),
      title: text().notNull(),
      text: text().notNull(),
      answer: jsonb().$type<Record<string, unknown>>().notNull(),
      model: text(),
      createdAt: instant().notNull().defaultNow(),
    },
    (table) => [
      unique('insights_once').on(table.kind, table.audience, table.periodStart),
      oneOf('insights_kind', table.kind, INSIGHT_KINDS),
      check('insights_period', sql`${table.periodStart} < ${table.periodEnd}`),
    ],
  ),
  'Written summaries for an audience: what moved, why, what was saved, what there is to decide.',
  {
    insightId: 'Number of the summary.',
    kind: 'weekly or monthly.',
    audience: "For whom, for example 'organisation' or 'team checkout'.",
    dimensions: 'Whose cost it is about; {} for everything.',
    periodStart: 'First day it covers.',
    periodEnd: 'Day after the last.',
    title: 'One line.',
    text: 'The summary; its numbers come from cells.',
    answer: 'The tables, chart and receipts behind it.',
    model: 'The language model that phrased it; NULL for none.',
    createdAt: 'When it was written.',
  },
);
