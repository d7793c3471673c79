import { type SQL, sql } from 'drizzle-orm';
import type pg from 'pg';
import { PennyError } from '../../errors.ts';
import type { Principal } from '../principal.ts';
import { chargeSource } from './charges.ts';
import { type CostFilter, type DateRange, METRICS, type Metric, parseDimension } from './dimensions.ts';
import { daysBefore, type Freshness } from './freshness.ts';
import { runQuery } from './run.ts';

/** A budget. Money is decimal text, days are YYYY-MM-DD. */
export interface Budget {
  budgetId: number;
  name: string;
  /** Whose cost it limits: `{"tag:team": "checkout"}`; `{}` for everything. */
  dimensions: Record<string, string>;
  metric: string;
  period: 'month' | 'quarter' | 'year';
  kind: 'fixed' | 'forecast';
  amount: string | null;
  currency: string;
  thresholdPercents: string[];
  startDate: string;
  endDate: string | null;
  ownerId: string | null;
  createdBy: string;
  createdAt: Date;
  archivedAt: Date | null;
}

const SELECT = sql`SELECT budget_id::int AS "budgetId", name, dimensions, metric, period, kind, trim_scale(amount) AS amount, billing_currency AS currency,
    (SELECT array_agg(trim_scale(percent)::text ORDER BY percent) FROM unnest(threshold_percents) AS percent) AS "thresholdPercents",
    start_date AS "startDate", end_date AS "endDate", owner_id AS "ownerId", created_by AS "createdBy", created_at AS "createdAt",
    archived_at AS "archivedAt" FROM budgets`;

/** Which budgets are asked for. */
export interface BudgetsRequest {
  /** A part of the name, case aside. */
  name?: string | undefined;
  archived?: boolean;
}

/** Returns the budgets that the reader may see, by name, after `after`. */
export function listBudgets(
  client: pg.ClientBase | pg.Pool,
  { name, archived = false }: BudgetsRequest = {},
  { limit, after }: { limit?: number; after?: { name: string; budgetId: number } | undefined } = {},
): Promise<Budget[]> {
  const conditions = [
    archived ? sql`TRUE` : sql`archived_at IS NULL`,
    ...(name === undefined ? [] : [sql`position(lower(${name}) IN lower(name)) > 0`]),
    ...(after === undefined ? [] : [sql`(lower(name), budget_id) > (lower(${after.name}), ${after.budgetId}::bigint)`]),
  ];
  return runQuery<Budget & pg.QueryResultRow>(
    client,
    sql`${SELECT} WHERE ${sql.join(conditions, sql` AND `)} ORDER BY lower(name), budget_id ${limit === undefined ? sql`` : sql`LIMIT ${limit}`}`,
  );
}

/** Returns a budget by its number, or by its name while it is not archived; null when there is none that the reader may see. */
export async function findBudget(client: pg.ClientBase | pg.Pool, idOrName: number | string): Promise<Budget | null> {
  const condition =
    typeof idOrName === 'number'
      ? sql`budget_id = ${idOrName}`
      : sql`lower(name) = lower(${idOrName}) AND archived_at IS NULL`;
  const [budget] = await runQuery<Budget & pg.QueryResultRow>(client, sql`${SELECT} WHERE ${condition}`);
  return budget ?? null;
}

/**
 * Returns the filters that dimensions of a budget, a forecast or a metric stand for.
 * @throws PennyError `invalid_input` for a dimension the bill does not have
 */
export function filtersOf(dimensions: Record<string, string>): CostFilter[] {
  return Object.entries(dimensions).map(([name, value]) => {
    const dimension = parseDimension(name);
    if (dimension === undefined) {
      throw new PennyError(
        'invalid_input',
        `'${name}' is no dimension of the bill. Use service_name, sub_account_id, region_id, tag:KEY or another column.`,
      );
    }
    return { dimension, operator: 'in', values: [value] };
  });
}

function toMetric(text: string): Metric {
  const metric = METRICS.find((known) => known === text);
  if (metric === undefined)
    throw new PennyError('invalid_input', `'${text}' is no cost. Use one of ${METRICS.join(', ')}.`);
  return metric;
}

/** Whose cost, and which, is summed. */
export interface CostOf {
  dimensions: Record<string, string>;
  metric: string;
  currency: string;
}

/** The bill as far as it is loaded, and what of it the reader sees: only a relation that can tell may be read. */
export interface Bill {
  freshness: Freshness;
  scope: Principal['scope'];
}

/** Returns what some stretches of days `[start, end)` cost, credits left out, in one currency: decimal text by name. */
export async function costsOf<Name extends string>(
  client: pg.ClientBase,
  { dimensions, metric, currency }: CostOf,
  ranges: Record<Name, DateRange>,
  bill: Bill,
): Promise<Record<Name, string>> {
  const named = Object.entries(ranges) as [Name, DateRange][];
  const whole = {
    start: named.map(([, { start }]) => start).sort()[0] ?? '',
    end:
      named
        .map(([, { end }]) => end)
        .sort()
        .at(-1) ?? '',
  };
  const source = dailySource(dimensions, whole, bill);
  const sums = named.map(
    ([name, { start, end }]) =>
      sql`trim_scale(coalesce(sum(charge.${sql.identifier(toMetric(metric))}) FILTER (WHERE ${source.day} >= ${start}::date AND ${source.day} < ${end}::date), 0)) AS ${sql.identifier(name)}`,
  );
  const [row] = await runQuery<Record<Name, string>>(
    client,
    sql`SELECT ${sql.join(sums, sql`, `)} FROM ${source.from}
      WHERE ${source.where(whole)} AND charge.charge_category <> 'Credit' AND charge.billing_currency = ${currency}`,
  );
  return row ?? (Object.fromEntries(named.map(([name]) => [name, '0'])) as Record<Name, string>);
}

/** Returns what each day of a range that has charges cost, credits left out, in one currency. */
export async function dailyCostsOf(
  client: pg.ClientBase,
  { dimensions, metric, currency }: CostOf,
  range: DateRange,
  bill: Bill,
): Promise<{ day: string; cost: string }[]> {
  const source = dailySource(dimensions, range, bill);
  return runQuery(
    client,
    sql`SELECT ${source.day} AS day, trim_scale(sum(charge.${sql.identifier(toMetric(metric))})) AS cost FROM ${source.from}
      WHERE ${source.where(range)} AND charge.charge_category <> 'Credit' AND charge.billing_currency = ${currency} GROUP BY 1 ORDER BY 1`,
  );
}

function dailySource(dimensions: Record<string, string>, range: DateRange, { freshness, scope }: Bill) {
  const filters = filtersOf(dimensions);
  return chargeSource({ dimensions: [], filters, scope, ranges: [range], cutsMonths: true }, freshness);
}

/** A forecast of the days that are wanted, all of them. */
export interface ForecastSum {
  forecastId: number;
  asOfDate: string;
  method: string;
  /** Sum of the days, decimal text. */
  mean: string;
}

/** Returns the newest forecast of `[start, end)` that knew the bill no further than `knownThrough`; null when none has all these days. */
export function newestForecast(
  client: pg.ClientBase,
  of: CostOf,
  range: DateRange,
  knownThrough: string,
): Promise<ForecastSum | null> {
  return forecastBy(client, of, range, sql`forecast.as_of_date <= ${knownThrough}::date`, sql`DESC`);
}

/**
 * Returns the forecast that a period is held to: the last one made before it began, else the first one made in it, with the day from
 * which on it speaks.
 */
export async function forecastOfPeriod(
  client: pg.ClientBase,
  of: CostOf,
  period: DateRange,
): Promise<(ForecastSum & { from: string }) | null> {
  const before = await newestForecast(client, of, period, daysBefore(period.start, 1));
  if (before !== null) return { ...before, from: period.start };
  const during = await forecastBy(client, of, period, sql`forecast.as_of_date >= ${period.start}::date`, sql`ASC`);
  return during === null ? null : { ...during, from: daysBefore(during.asOfDate, -1) };
}

async function forecastBy(
  client: pg.ClientBase,
  { dimensions, metric, currency }: CostOf,
  { start, end }: DateRange,
  known: SQL,
  order: SQL,
): Promise<ForecastSum | null> {
  const [found] = await runQuery<ForecastSum & pg.QueryResultRow>(
    client,
    sql`SELECT forecast.forecast_id::int AS "forecastId", as_of_date AS "asOfDate", method, trim_scale(sum(mean)) AS mean
      FROM forecasts AS forecast JOIN forecast_points AS point USING (forecast_id)
      WHERE lower(dimensions::text) = lower((${JSON.stringify(dimensions)}::jsonb)::text) AND metric = ${metric} AND billing_currency = ${currency} AND ${known}
        AND as_of_date < ${end}::date AND point.date >= greatest(${start}::date, as_of_date + 1) AND point.date < ${end}::date
      GROUP BY forecast.forecast_id HAVING count(*) = ${end}::date - greatest(${start}::date, as_of_date + 1)
      ORDER BY as_of_date ${order}, horizon_days DESC LIMIT 1`,
  );
  return found ?? null;
}

/** A threshold that was crossed. */
export interface BudgetAlert {
  budgetId: number;
  periodStart: string;
  kind: 'actual' | 'forecast' | 'burn rate';
  thresholdPercent: string;
  amount: string;
  limitAmount: string;
  toldId: string | null;
  raisedAt: Date;
}

/** Returns what was crossed, the newest first. */
export function listBudgetAlerts(
  client: pg.ClientBase | pg.Pool,
  { budgetIds, since }: { budgetIds: readonly number[]; since?: string },
): Promise<BudgetAlert[]> {
  return runQuery<BudgetAlert & pg.QueryResultRow>(
    client,
    sql`SELECT budget_id::int AS "budgetId", period_start AS "periodStart", kind, trim_scale(threshold_percent) AS "thresholdPercent",
        trim_scale(amount) AS amount, trim_scale(limit_amount) AS "limitAmount", told_id AS "toldId", raised_at AS "raisedAt"
      FROM budget_alerts WHERE budget_id = ANY (${sql.param(budgetIds)}::bigint[])
        AND ${since === undefined ? sql`TRUE` : sql`period_start >= ${since}::date`}
      ORDER BY raised_at DESC, budget_id, kind, threshold_percent DESC`,
  );
}
