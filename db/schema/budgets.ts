import { sql } from 'drizzle-orm';
import { bigint, check, date, jsonb, pgTable, primaryKey, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core';
import { decimal, instant, isCurrency, oneOf } from './columns.ts';
import { describe } from './describe.ts';
import { users } from './users.ts';

export const BUDGET_PERIODS = ['month', 'quarter', 'year'] as const;
export const BUDGET_ALERTS = ['actual', 'forecast', 'burn rate'] as const;

export const budgets = describe(
  pgTable(
    'budgets',
    {
      budgetId: bigint({ mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
      name: text().notNull(),
      dimensions: jsonb().$type<Record<string, string>>().notNull().default({}),
      metric: text().notNull().default('effective_cost'),
      period: text({ enum: BUDGET_PERIODS }).notNull(),
      kind: text({ enum: ['fixed', 'forecast'] }).notNull(),
      amount: decimal(),
      billingCurrency: text().notNull(),
      thresholdPercents: decimal().array().notNull(),
      startDate: date().notNull(),
      endDate: date(),
      ownerId: uuid().references(() => users.userId),
      createdBy: uuid()
        .notNull()
        .references(() => users.userId),
      createdAt: instant().notNull().defaultNow(),
      archivedAt: instant(),
    },
    (table) => [
      uniqueIndex('budgets_name').on(sql`lower(${table.name})`).where(sql`${table.archivedAt} IS NULL`),
      oneOf('budgets_period', table.period, BUDGET_PERIODS),
      oneOf('budgets_kind', table.kind, ['fixed', 'forecast']),
      isCurrency('budgets_currency', table.billingCurrency),
      check(
        'budgets_amount',
        sql`(${table.kind} = 'fixed') = (${table.amount} IS NOT NULL) AND coalesce(${table.amount} > 0, true)`,
      ),
      check('budgets_dates', sql`${table.startDate} < ${table.endDate}`),
      check(
        'budgets_thresholds',
        sql`cardinality(${table.thresholdPercents}) > 0 AND 0 < ALL (${table.thresholdPercents})`,
      ),
    ],
  ),
  'Budgets of the organisation, an account, a service or a team.',
  {
    budgetId: 'Number of the budget.',
    name: 'Its name.',
    dimensions: 'Whose cost it limits: {"tag:team": "checkout"}; {} for everything.',
    metric: 'Which cost it limits.',
    period: 'month, quarter or year.',
    kind: 'fixed (an amount) or forecast (follows the forecast).',
    amount: 'The limit of one period; NULL when it follows the forecast.',
    billingCurrency: 'Currency of the amount.',
    thresholdPercents: 'At which shares of the amount, in percent, people are told.',
    startDate: 'First day it holds.',
    endDate: 'First day it no longer holds; NULL for open end.',
    ownerId: 'Who answers for it.',
    createdBy: 'Who made it.',
    createdAt: 'When it was made.',
    archivedAt: 'When it was put away.',
  },
);

export const budgetAlerts = describe(
  pgTable(
    'budget_alerts',
    {
      budgetId: bigint({ mode: 'number' })
        .notNull()
        .references(() => budgets.budgetId),
      periodStart: date().notNull(),
      kind: text({ enum: BUDGET_ALERTS }).notNull(),
      thresholdPercent: decimal().notNull(),
      amount: decimal().notNull(),
      limitAmount: decimal().notNull(),
      toldId: uuid().references(() => users.userId),
      inputs: jsonb().$type<Record<string, unknown>>().notNull().default({}),
      raisedAt: instant().notNull().defaultNow(),
    },
    (table) => [
      primaryKey({
        name: 'budget_alerts_pkey',
        columns: [table.budgetId, table.periodStart, table.kind, table.thresholdPercent],
      }),
      oneOf('budget_alerts_kind', table.kind, BUDGET_ALERTS),
    ],
  ),
  'Thresholds of budgets that were crossed; each once a period.',
  {
    budgetId: 'The budget.',
    periodStart: 'First day of the period.',
    kind: 'What crossed it: the actual cost, the forecast or the burn rate.',
    thresholdPercent: 'The threshold, in percent of the amount.',
    amount: 'What had been, or was forecast to be, spent; in the currency of the budget.',
    limitAmount: 'What the budget allowed for the period, then.',
    toldId: 'Who is to be told; NULL where a higher threshold, crossed at the same time, tells it.',
    inputs: 'What it was computed from: the last day of data, the forecast used, the pace, the version of the rule.',
    raisedAt: 'When it was noticed.',
  },
);
