import { sql } from 'drizzle-orm';
import type pg from 'pg';
import type { DateRange } from './dimensions.ts';
import { runQuery } from './run.ts';

/** A stored forecast, without its days. */
export interface StoredForecast {
  forecastId: number;
  dimensions: Record<string, string>;
  currency: string;
  /** Last day of data it knew. */
  asOfDate: string;
  horizonDays: number;
  method: string;
  methodVersion: string;
  backtest: { smape: number | null; mase: number | null; origins: number; totalSpread: number[] };
  events: { kind: string; subject: string; date: string; perDay: number }[];
}

/** Which parts of the bill: the organisation, one account, service or team, or all that the reader may see of a level. */
export type ForecastOf = { dimensions: Record<string, string> } | { level: string };

/**
 * Returns the newest forecasts that reach through `last`, of each series the one with the shortest such horizon; those of the day on which
 * the newest was made. Postgres leaves out what the reader may not see.
 */
export function newestForecasts(client: pg.ClientBase, of: ForecastOf, last: string): Promise<StoredForecast[]> {
  const which =
    'level' in of ? sql`dimensions ? ${of.level}` : sql`dimensions = ${JSON.stringify(of.dimensions)}::jsonb`;
  return runQuery<StoredForecast & pg.QueryResultRow>(
    client,
    sql`SELECT DISTINCT ON (billing_currency, series_key) forecast_id::int AS "forecastId", dimensions, billing_currency AS currency,
        as_of_date AS "asOfDate", horizon_days AS "horizonDays", method, method_version AS "methodVersion", backtest, events
      FROM forecasts
      WHERE metric = 'effective_cost' AND as_of_date = (SELECT max(as_of_date) FROM forecasts WHERE metric = 'effective_cost')
        AND as_of_date + horizon_days >= ${last}::date AND ${which}
      ORDER BY billing_currency, series_key, horizon_days`,
  );
}

/** The last day that forecasts reach, and the last day of data they knew; null when there are none that the reader may see. */
export async function forecastReach(client: pg.ClientBase): Promise<{ asOfDate: string; through: string } | null> {
  const [row] = await runQuery<{ asOfDate: string | null; through: string }>(
    client,
    sql`SELECT max(as_of_date) AS "asOfDate", (max(as_of_date) + max(horizon_days)) AS through FROM forecasts WHERE metric = 'effective_cost'`,
  );
  return row === undefined || row.asOfDate === null ? null : { asOfDate: row.asOfDate, through: row.through };
}

/** The sum of the days of forecasts that fall into a range, decimal text; `days` counts them in one series. */
export async function forecastSums(
  client: pg.ClientBase,
  forecastIds: readonly number[],
  ranges: readonly DateRange[],
): Promise<{ mean: string; days: number }[]> {
  const rows = await runQuery<{ mean: string; days: number }>(
    client,
    sql`SELECT trim_scale(coalesce(sum(mean), 0)) AS mean, count(DISTINCT date)::int AS days
      FROM unnest(${sql.param(ranges.map(({ start }) => start))}::date[], ${sql.param(ranges.map(({ end }) => end))}::date[])
        WITH ORDINALITY AS range (first, last, place)
        LEFT JOIN forecast_points ON date >= first AND date < last AND forecast_id = ANY(${sql.param([...forecastIds])}::bigint[])
      GROUP BY place ORDER BY place`,
  );
  return rows;
}

/** A day ahead: what is expected, and its 80 percent range; several forecasts are added up. */
export function forecastDays(
  client: pg.ClientBase,
  forecastIds: readonly number[],
  { start, end }: DateRange,
): Promise<{ date: string; mean: string; lo80: string; hi80: string }[]> {
  return runQuery(
    client,
    sql`SELECT date, sum(mean) AS mean, sum(lo80) AS lo80, sum(hi80) AS hi80 FROM forecast_points
      WHERE forecast_id = ANY(${sql.param([...forecastIds])}::bigint[]) AND date >= ${start}::date AND date < ${end}::date
      GROUP BY date ORDER BY date`,
  );
}

/** What became of an earlier forecast: its days so far that are settled. */
export interface PastForecast {
  asOfDate: string;
  horizonDays: number;
  days: number;
  forecast: string;
  actual: string;
  /** actual minus forecast in percent of the forecast; null where that is 0. */
  errorPercent: string | null;
  /** Percent of the days that lay within the 80 percent range. */
  held80Percent: string;
}

/** Returns earlier forecasts of a part beside what came, the newest first: of each month and horizon the first that was made. */
export function pastForecasts(
  client: pg.ClientBase,
  dimensions: Record<string, string>,
  currency: string,
  limit: number,
): Promise<PastForecast[]> {
  return runQuery<PastForecast & pg.QueryResultRow>(
    client,
    sql`WITH past AS (
        SELECT DISTINCT ON (date_trunc('month', as_of_date), horizon_days) * FROM forecasts
        WHERE metric = 'effective_cost' AND dimensions = ${JSON.stringify(dimensions)}::jsonb AND billing_currency = ${currency}
        ORDER BY date_trunc('month', as_of_date), horizon_days, as_of_date)
      SELECT as_of_date AS "asOfDate", horizon_days AS "horizonDays", count(*)::int AS days, trim_scale(sum(mean)) AS forecast,
        trim_scale(sum(actual)) AS actual, round(100 * (sum(actual) - sum(mean)) / nullif(sum(mean), 0), 2)::text AS "errorPercent",
        round(100.0 * count(*) FILTER (WHERE actual BETWEEN lo80 AND hi80) / count(*), 1)::text AS "held80Percent"
      FROM past JOIN forecast_points USING (forecast_id) WHERE actual IS NOT NULL
      GROUP BY as_of_date, horizon_days HAVING count(*) >= 7 ORDER BY as_of_date DESC, horizon_days LIMIT ${limit}`,
  );
}
