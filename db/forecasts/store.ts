import { sql } from 'drizzle-orm';
import type pg from 'pg';
import { runQuery } from '../queries/run.ts';
import type { forecasts } from '../schema/forecasts.ts';

type Row = typeof forecasts.$inferSelect;

/** A forecast to store; `points` in order of date, amounts decimal text. */
export interface ForecastToStore
  extends Pick<Row, 'seriesKey' | 'horizonDays' | 'method' | 'methodVersion' | 'settings' | 'backtest' | 'events'> {
  dimensions: Record<string, string>;
  currency: string;
  points: readonly { date: string; mean: string; lo80: string; hi80: string; lo95: string; hi95: string }[];
}

const METRIC = 'effective_cost';

/** Stores the forecasts made of what was known on a day, in place of those made of it before. */
export async function storeForecasts(
  client: pg.ClientBase,
  asOf: string,
  made: readonly ForecastToStore[],
  now: Date,
): Promise<void> {
  await client.query('DELETE FROM forecasts WHERE metric = $1 AND as_of_date = $2', [METRIC, asOf]);
  for (const { points, dimensions, currency, ...one } of made) {
    await client.query(
      `WITH made AS (
         INSERT INTO forecasts (series_key, dimensions, metric, billing_currency, as_of_date, horizon_days, method, method_version, settings, backtest, events, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) RETURNING forecast_id)
       INSERT INTO forecast_points (forecast_id, date, mean, lo80, hi80, lo95, hi95)
       SELECT forecast_id, point.* FROM made, unnest($13::date[], $14::numeric[], $15::numeric[], $16::numeric[], $17::numeric[], $18::numeric[]) AS point`,
      [
        ...[
          one.seriesKey,
          JSON.stringify(dimensions),
          METRIC,
          currency,
          asOf,
          one.horizonDays,
          one.method,
          one.methodVersion,
        ],
        ...[JSON.stringify(one.settings), JSON.stringify(one.backtest), JSON.stringify(one.events), now],
        ...(['date', 'mean', 'lo80', 'hi80', 'lo95', 'hi95'] as const).map((name) =>
          points.map((point) => point[name]),
        ),
      ],
    );
  }
}

/** What the forecasts of a day were made of; undefined when there are none. */
export async function readInputs(client: pg.ClientBase | pg.Pool, asOf: string): Promise<string | undefined> {
  const [row] = await runQuery<{ input: string }>(
    client,
    sql`SELECT settings ->> 'input' AS input FROM forecasts WHERE metric = ${METRIC} AND as_of_date = ${asOf}::date LIMIT 1`,
  );
  return row?.input;
}

/** What days of series came to. */
export interface ActualDays {
  seriesKey: string;
  days: readonly { date: string; cost: string }[];
}

/**
 * Writes what came beside what was forecast, of settled days `[from, through]`; days of a series without charges came to 0. Returns how
 * many points changed.
 */
export async function fillActuals(
  client: pg.ClientBase,
  actuals: readonly ActualDays[],
  from: string,
  through: string,
): Promise<number> {
  const rows = actuals.flatMap(({ seriesKey, days }) => days.map(({ date, cost }) => ({ seriesKey, date, cost })));
  const { rowCount } = await client.query(
    `WITH came AS (SELECT * FROM unnest($1::text[], $2::date[], $3::numeric[]) AS came (series_key, date, cost)),
       due AS (
         SELECT forecast_id, point.date, coalesce(came.cost, 0) AS cost
         FROM forecast_points AS point JOIN forecasts AS forecast USING (forecast_id)
           LEFT JOIN came ON came.series_key = forecast.series_key AND came.date = point.date
         WHERE forecast.metric = $4 AND point.date BETWEEN $5 AND $6 AND point.actual IS DISTINCT FROM coalesce(came.cost, 0))
     UPDATE forecast_points AS point SET actual = due.cost FROM due WHERE point.forecast_id = due.forecast_id AND point.date = due.date`,
    [
      rows.map((row) => row.seriesKey),
      rows.map(({ date }) => date),
      rows.map(({ cost }) => cost),
      METRIC,
      from,
      through,
    ],
  );
  return rowCount ?? 0;
}

/** For how many days every forecast is kept; of older ones only the first of each month. */
const KEPT_DAYS = 40;

/** Forgets older forecasts but for the first that was made in each month; returns how many. */
export async function thinOut(client: pg.ClientBase, asOf: string): Promise<number> {
  const { rowCount } = await client.query(
    `DELETE FROM forecasts WHERE metric = $1 AND as_of_date < $2::date - $3::int AND as_of_date <> (
       SELECT min(first.as_of_date) FROM forecasts AS first
       WHERE first.metric = $1 AND date_trunc('month', first.as_of_date) = date_trunc('month', forecasts.as_of_date))`,
    [METRIC, asOf, KEPT_DAYS],
  );
  return rowCount ?? 0;
}
