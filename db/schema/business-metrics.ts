import { date, jsonb, pgTable, text, unique, uuid } from 'drizzle-orm/pg-core';
import { decimal, instant } from './columns.ts';
import { describe } from './describe.ts';
import { users } from './users.ts';

export const businessMetrics = describe(
  pgTable(
    'business_metrics',
    {
      name: text().notNull(),
      dimensions: jsonb().$type<Record<string, string>>().notNull().default({}),
      date: date().notNull(),
      value: decimal(),
      unit: text(),
      givenBy: uuid().references(() => users.userId),
      givenAt: instant().notNull().defaultNow(),
    },
    (table) => [unique('business_metrics_once').on(table.name, table.dimensions, table.date)],
  ),
  'Numbers of the business that cost is held against: orders, customers, requests. One row per metric, part of the business and day.',
  {
    name: "What is counted, for example 'orders'.",
    dimensions: 'Whose number it is, and whose cost it is held against: {"tag:team": "checkout"}; {} for everything.',
    date: 'The day (UTC).',
    value: 'The number of that day; NULL when it is not known, which is not 0.',
    unit: "What one of it is called, for example 'order'.",
    givenBy: 'Who gave it; NULL for a file loaded at the machine.',
    givenAt: 'When it was last given.',
  },
);
