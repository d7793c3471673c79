import type pg from 'pg';
import { type Bill, type Budget, costsOf, forecastOfPeriod, newestForecast } from '../queries/budgets.ts';
import type { DateRange } from '../queries/dimensions.ts';
import { daysBefore } from '../queries/freshness.ts';

/** What is known of a budget in one of its periods, and where it is from. Money is decimal text in the currency of the budget. */
export interface BudgetFigures {
  period: DateRange;
  dataThrough: string;
  limit: string | null;
  spent: string;
  forecastRest: string | null;
  paceTotal: string | null;
  thresholdPercents: string[];
  /** The forecasts that the rest and the limit are from. */
  forecastId: number | null;
  limitForecastId: number | null;
}

/**
 * Reads what a budget is judged by in a period.
 * @param paceDays how many settled days make the pace, and `unsettledDays` how many of the newest are left out of it
 */
export async function readBudgetFigures(
  client: pg.ClientBase,
  budget: Budget,
  period: DateRange,
  { dataThrough, bill, paceDays, unsettledDays }: BudgetReading,
): Promise<BudgetFigures> {
  const nextDay = daysBefore(dataThrough, -1);
  const settledEnd = daysBefore(nextDay, unsettledDays);
  const pace = { start: daysBefore(settledEnd, paceDays), end: settledEnd };
  const spentDays = { start: period.start, end: [nextDay, period.end].sort()[0] ?? nextDay };
  const costs = await costsOf(client, budget, { spent: spentDays, pace }, bill);
  const rest = { start: nextDay, end: period.end };
  const forecast = nextDay < period.end ? await newestForecast(client, budget, rest, dataThrough) : null;
  const { dataFrom } = bill.freshness;
  const limit = await limitOf(client, budget, period, bill);
  return {
    period,
    dataThrough,
    limit: limit.amount,
    spent: costs.spent,
    forecastRest: forecast?.mean ?? null,
    paceTotal: dataFrom !== null && dataFrom <= pace.start ? costs.pace : null,
    thresholdPercents: budget.thresholdPercents,
    forecastId: forecast?.forecastId ?? null,
    limitForecastId: limit.forecastId,
  };
}

export interface BudgetReading {
  dataThrough: string;
  bill: Bill;
  paceDays: number;
  unsettledDays: number;
}

/** A budget that follows a forecast allows what was forecast of the period, with what was spent of it before the forecast was made. */
async function limitOf(
  client: pg.ClientBase,
  budget: Budget,
  period: DateRange,
  bill: Bill,
): Promise<{ amount: string | null; forecastId: number | null }> {
  if (budget.kind === 'fixed') return { amount: budget.amount, forecastId: null };
  const forecast = await forecastOfPeriod(client, budget, period);
  if (forecast === null) return { amount: null, forecastId: null };
  const { before } = await costsOf(client, budget, { before: { start: period.start, end: forecast.from } }, bill);
  const { rows } = await client.query<{ amount: string }>('SELECT trim_scale($1::numeric + $2::numeric) AS amount', [
    ...[before, forecast.mean],
  ]);
  const amount = rows[0]?.amount ?? null;
  // Nothing can be a share of nothing.
  return { amount: Number(amount) > 0 ? amount : null, forecastId: forecast.forecastId };
}
