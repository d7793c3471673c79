import { sql } from 'drizzle-orm';
import { bigint, check, date, integer, jsonb, pgTable, primaryKey, text, unique } from 'drizzle-orm/pg-core';
import { decimal, instant, isCurrency } from './columns.ts';
import { describe } from './describe.ts';

export const forecasts = describe(
  pgTable(
    'forecasts',
    {
      forecastId: bigint({ mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
      seriesKey: text().notNull(),
      dimensions: jsonb().$type<Record<string, string>>().notNull(),
      metric: text().notNull(),
      billingCurrency: text().notNull(),
      asOfDate: date().notNull(),
      horizonDays: integer().notNull(),
      method: text().notNull(),
      methodVersion: text().notNull(),
      settings: jsonb().$type<Record<string, unknown>>().notNull(),
      backtest: jsonb().$type<Record<string, unknown>>().notNull(),
      events: jsonb().$type<Record<string, unknown>[]>().notNull().default([]),
      createdAt: instant().notNull().defaultNow(),
    },
    (table) => [
      unique('forecasts_once').on(
        table.seriesKey,
        table.metric,
        table.billingCurrency,
        table.asOfDate,
        table.horizonDays,
      ),
      isCurrency('forecasts_currency', table.billingCurrency),
      check('forecasts_horizon', sql`${table.horizonDays} > 0`),
    ],
  ),
  'Forecasts of daily cost, one row per series and day it was made on. Kept, so that forecast and actual can be compared.',
  {
    forecastId: 'Number of the forecast.',
    seriesKey: 'The series, as a text made of its dimensions.',
    dimensions: 'What the series is of; {} for the whole organisation.',
    metric: "What is forecast, for example 'effective_cost'.",
    billingCurrency: 'Currency of the points.',
    asOfDate: 'Last day of data the forecast knew.',
    horizonDays: 'How many days it looks ahead.',
    method: "The method chosen, for example 'prophet', 'arima', 'sma', or the combination.",
    methodVersion: "The method's version.",
    settings: 'The settings it ran with.',
    backtest: 'Its error on the past: smape, mase and the coverage of its intervals.',
    events: 'Known events added to it, such as the end of a commitment.',
    createdAt: 'When it was made.',
  },
);

export const forecastPoints = describe(
  pgTable(
    'forecast_points',
    {
      forecastId: bigint({ mode: 'number' })
        .notNull()
        .references(() => forecasts.forecastId, { onDelete: 'cascade' }),
      date: date().notNull(),
      mean: decimal().notNull(),
      lo80: decimal().notNull(),
      hi80: decimal().notNull(),
      lo95: decimal().notNull(),
      hi95: decimal().notNull(),
      actual: decimal(),
    },
    (table) => [
      primaryKey({ name: 'forecast_points_pkey', columns: [table.forecastId, table.date] }),
      check(
        'forecast_points_nested',
        sql`${table.lo95} <= ${table.lo80} AND ${table.lo80} <= ${table.mean} AND ${table.mean} <= ${table.hi80} AND ${table.hi80} <= ${table.hi95}`,
      ),
    ],
  ),
  'The days of a forecast.',
  {
    forecastId: 'The forecast.',
    date: 'The day (UTC).',
    mean: 'The expected cost of the day.',
    lo80: 'Lower end of the range that holds the actual cost 80 times in 100.',
    hi80: 'Upper end of that range.',
    lo95: 'Lower end of the range that holds it 95 times in 100.',
    hi95: 'Upper end of that range.',
    actual: 'What the day came to; NULL until it is settled.',
  },
);
