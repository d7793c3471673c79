import { sql } from 'drizzle-orm';
import type pg from 'pg';
import { type Bill, filtersOf } from './budgets.ts';
import { chargeSource } from './charges.ts';
import type { DateRange, Metric } from './dimensions.ts';
import { covered } from './freshness.ts';
import { runQuery, toText } from './run.ts';

/** A metric of the business, as a whole or of a part, and the days it is known for. */
export interface KnownMetric {
  name: string;
  dimensions: Record<string, string>;
  unit: string | null;
  firstDate: string;
  lastDate: string;
}

/** Returns the metrics that the reader may see, by name, those of everything first. */
export function listMetrics(client: pg.ClientBase): Promise<KnownMetric[]> {
  return runQuery<KnownMetric & pg.QueryResultRow>(
    client,
    sql`SELECT name, dimensions, max(unit) AS unit, min(date) AS "firstDate", max(date) AS "lastDate"
      FROM business_metrics GROUP BY name, dimensions ORDER BY name, dimensions <> '{}', dimensions::text`,
  );
}

export type UnitGranularity = 'none' | 'day' | 'week' | 'month';

/** What one of something cost. Money and numbers are decimal text; `unitCost` is null where nothing was counted. */
export interface UnitCost {
  bucket: string | null;
  /** Cost of the days whose number is known. */
  cost: string;
  units: string | null;
  unitCost: string | null;
  /** Days without a number, and what they cost. */
  daysMissing: number;
  costLeftOut: string;
}

export interface UnitCostsRequest {
  name: string;
  dimensions: Record<string, string>;
  metric: Metric;
  currency: string;
  period: DateRange;
  granularity: UnitGranularity;
}

/**
 * Returns the cost of the days whose number is known over those numbers, a bucket a row, credits left out. A day without a number is in
 * neither; one whose number is 0 costs what it costs.
 */
export async function unitCosts(
  client: pg.ClientBase,
  { name, dimensions, metric, currency, period, granularity }: UnitCostsRequest,
  { freshness, scope }: Bill,
): Promise<{ rows: UnitCost[]; sql: string }> {
  const range = covered(period, freshness);
  const filters = filtersOf(dimensions);
  const source = chargeSource({ dimensions: [], filters, scope, ranges: [range], cutsMonths: true }, freshness);
  const bucket = granularity === 'none' ? sql`NULL::date` : sql`date_trunc(${sql.raw(`'${granularity}'`)}, day)::date`;
  const statement = sql`WITH cost AS (
      SELECT ${source.day} AS day, sum(charge.${sql.identifier(metric)}) AS cost FROM ${source.from}
      WHERE ${source.where(range)} AND charge.charge_category <> 'Credit' AND charge.billing_currency = ${currency} GROUP BY 1
    ), counted AS (
      SELECT one.day::date AS day, coalesce(cost.cost, 0) AS cost, given.value
      FROM generate_series(${range.start}::date::timestamp, ${range.end}::date::timestamp - interval '1 day', interval '1 day') AS one (day)
        LEFT JOIN cost ON cost.day = one.day::date
        LEFT JOIN business_metrics AS given ON given.date = one.day::date AND given.name = ${name} AND given.dimensions = ${JSON.stringify(dimensions)}::jsonb
    )
    SELECT ${bucket} AS bucket, trim_scale(coalesce(sum(cost) FILTER (WHERE value IS NOT NULL), 0)) AS cost, trim_scale(sum(value)) AS units,
      trim_scale(round(sum(cost) FILTER (WHERE value IS NOT NULL) / nullif(sum(value), 0), 8)) AS "unitCost",
      (count(*) FILTER (WHERE value IS NULL))::int AS "daysMissing",
      trim_scale(coalesce(sum(cost) FILTER (WHERE value IS NULL), 0)) AS "costLeftOut"
    FROM counted GROUP BY 1 ORDER BY 1`;
  return { rows: await runQuery<UnitCost & pg.QueryResultRow>(client, statement), sql: toText(statement).text };
}
