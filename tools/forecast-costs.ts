import { z } from 'zod';
import { spreadsFor } from '../analytics/forecasting/intervals.ts';
import { addDecimals, compareDecimals, subtractDecimals } from '../analytics/money.ts';
import { costsOf, dailyCostsOf } from '../db/queries/budgets.ts';
import { type CostFilter, type DateRange, dimensionName, parseDimension } from '../db/queries/dimensions.ts';
import {
  type ForecastOf,
  forecastDays,
  forecastReach,
  forecastSums,
  newestForecasts,
  type PastForecast,
  pastForecasts,
  type StoredForecast,
} from '../db/queries/forecasts.ts';
import { daysBefore } from '../db/queries/freshness.ts';
import { answerCall, type Call, nothingLoaded } from './call.ts';
import { count, money, perCurrency, percent } from './cost-table.ts';
import { coversWords } from './covers.ts';
import { resolveFilters } from './filters.ts';
import { AHEADS, monthsOf, rangeAhead } from './forecast-range.ts';
import { type Cell, type CellValue, type Chart, type Column, defineTool, type Table, type ToolResult } from './tool.ts';

const name = z.string().trim().min(1).max(200).optional();

const input = z.object({
  ahead: z
    .enum(AHEADS)
    .default('this month')
    .describe('What is asked: the total of the month, quarter or year under way or of the next one, or of days ahead.'),
  account: name.describe('One account, by id or name.'),
  service: name.describe('One service, by its name on the bill.'),
  team: name.describe('One value of the tag "team".'),
});

type Input = z.output<typeof input>;

export const forecastCostsTool = defineTool({
  name: 'forecast_costs',
  title: 'Forecast',
  description: `Says what cost will come to: of this month, quarter or year (what was spent so far and what is still to come), of the next ones, or of the next 30, 90 or 180 days, for the organisation or one account, service or team, with the range it will lie in and the error made in the past. Use it for forecasts, projections, predictions, expected or future cost, run rate, end of month. For what was spent use query_costs.
Returns facts total, total_low_80, total_high_80, total_low_95, total_high_95, spent, forecast, past_error_percent, forecast_made_on and the tables "months" (spent, forecast, total and range by month), "events" (known changes added) and "past_forecasts" (forecast beside what came).`,
  input,
  access: 'read',
  run: (context, given) => answerCall(context, { tool: 'forecast_costs', input: given }, (call) => answer(call, given)),
});

async function answer(call: Call, given: Input): Promise<ToolResult> {
  const nothing = nothingLoaded(call);
  if (nothing) return nothing;
  const named = await dimensionsOf(call, given);
  if ('searched' in named) return call.notFound(named);
  if (Object.keys(named.dimensions).length > 1) {
    return call.noData('Forecasts are made of one account, one service or one team. Ask for one of them.', []);
  }
  const reach = await forecastReach(call.client);
  if (reach === null) {
    return call.noData(
      'There is no forecast yet that you may see. The job forecast-costs makes them each day, from 14 days of cost on.',
      [],
    );
  }
  const range = rangeAhead(given.ahead, reach.asOfDate, call.context.now);
  if (daysBefore(range.end, 1) > reach.through) {
    return call.noData(`Forecasts reach ${reach.through}. Ask for a period that ends by then.`, [
      ...AHEADS.slice(0, 2),
      'next 180 days',
    ]);
  }
  const found = await forecastsFor(call, named.dimensions, daysBefore(range.end, 1));
  if (found.forecasts.length === 0) {
    return call.noData(
      `There is no forecast of ${coversWords(named.dimensions)}: it has cost for less than two weeks, or is a small part.`,
      [],
    );
  }
  const outlooks = await outlooksOf(call, found.forecasts, range, reach.asOfDate);
  return told(call, { given, range, asOf: reach.asOfDate, note: found.note, outlooks, dimensions: named.dimensions });
}

const DIMENSIONS = { account: 'sub_account_id', service: 'service_name', team: 'tag:team' } as const;

async function dimensionsOf(call: Call, given: Input) {
  const filters = (['account', 'service', 'team'] as const).flatMap((what): CostFilter[] => {
    const dimension = parseDimension(DIMENSIONS[what]);
    const value = given[what];
    return dimension === undefined || value === undefined ? [] : [{ dimension, operator: 'in', values: [value] }];
  });
  const resolved = await resolveFilters(call, filters);
  if (resolved.notFound) return resolved.notFound;
  const dimensions = Object.fromEntries(
    resolved.filters.map(({ dimension, values }) => {
      const isTag = dimension.kind === 'tag';
      return [dimensionName(dimension), isTag ? (values[0] ?? '').toLowerCase() : (values[0] ?? '')];
    }),
  );
  return { dimensions };
}

/** The forecast asked for; for who may not see the organisation's, those of their accounts or else of their teams, added up. */
async function forecastsFor(call: Call, dimensions: Record<string, string>, last: string) {
  const of = (which: ForecastOf) => newestForecasts(call.client, which, last);
  const own = await of({ dimensions });
  if (own.length > 0 || Object.keys(dimensions).length > 0) return { forecasts: own, note: undefined };
  for (const [level, words] of [
    ['sub_account_id', 'accounts'],
    ['tag:team', 'teams'],
  ] as const) {
    const forecasts = await of({ level });
    if (forecasts.length > 0) return { forecasts, note: `The sum of the forecasts of the ${words} you may see.` };
  }
  return { forecasts: [], note: undefined };
}

interface Month extends DateRange {
  spent: string;
  forecast: string;
  total: string;
  low80: string;
  high80: string;
}

/** What the period comes to in one currency. */
interface Outlook {
  currency: string;
  forecasts: StoredForecast[];
  spent: string;
  forecast: string;
  total: string;
  bounds: { low80: string; high80: string; low95: string; high95: string };
  months: Month[];
}

async function outlooksOf(
  call: Call,
  found: readonly StoredForecast[],
  range: DateRange,
  asOf: string,
): Promise<Outlook[]> {
  const outlooks: Outlook[] = [];
  for (const currency of new Set(found.map((one) => one.currency))) {
    const forecasts = found.filter((one) => one.currency === currency);
    const months = await monthsOfOutlook(call, forecasts, range, asOf, currency);
    const sum = (amounts: readonly string[]) => addDecimals('0', ...amounts);
    const total = sum(months.map((month) => month.total));
    const width = (level: number) => reachOf(forecasts, range, asOf, level);
    outlooks.push({
      ...{ currency, forecasts, months, total },
      spent: sum(months.map(({ spent }) => spent)),
      forecast: sum(months.map(({ forecast }) => forecast)),
      bounds: {
        ...{ low80: less(total, width(80)), high80: addDecimals(total, width(80)) },
        ...{ low95: less(total, width(95)), high95: addDecimals(total, width(95)) },
      },
    });
  }
  return outlooks;
}

async function monthsOfOutlook(
  call: Call,
  forecasts: readonly StoredForecast[],
  range: DateRange,
  asOf: string,
  currency: string,
): Promise<Month[]> {
  const months = monthsOf(range);
  const ids = forecasts.map(({ forecastId }) => forecastId);
  const sums = await forecastSums(call.client, ids, months);
  const bill = { freshness: call.freshness, scope: call.context.principal.scope };
  const next = daysBefore(asOf, -1);
  const result: Month[] = [];
  for (const [index, month] of months.entries()) {
    const past = { start: month.start, end: [month.end, next].sort()[0] ?? next };
    let spent = '0';
    for (const { dimensions } of past.start < past.end ? forecasts : []) {
      const cost = await costsOf(
        call.client,
        { dimensions, metric: 'effective_cost', currency },
        { spent: past },
        bill,
      );
      spent = addDecimals(spent, cost.spent);
    }
    const forecast = sums[index]?.mean ?? '0';
    const total = addDecimals(spent, forecast);
    const width = reachOf(forecasts, month, asOf, 80);
    result.push({ ...month, spent, forecast, total, low80: less(total, width), high80: addDecimals(total, width) });
  }
  return result;
}

const less = (total: string, width: string) => {
  const low = subtractDecimals(total, width);
  return compareDecimals(total, '0') >= 0 && compareDecimals(low, '0') < 0 ? '0' : low;
};

/**
 * Half the width of a range of the total of the days ahead in a period, decimal text: as wide as totals erred in back-tests. What errors of
 * the days before add is counted in full, and so are the errors of several forecasts: both go together more often than not.
 */
function reachOf(forecasts: readonly StoredForecast[], { start, end }: DateRange, asOf: string, level: number): string {
  const steps = (day: string) => Math.max(0, Math.round((Date.parse(day) - Date.parse(asOf)) / 86_400_000));
  const [first, last] = [Math.max(0, steps(start) - 1), Math.max(0, steps(end) - 1)];
  const spread = forecasts.reduce((sum, { backtest: { totalSpread } }) => {
    const of = (count: number) => (count === 0 ? 0 : (totalSpread[count - 1] ?? 0));
    return sum + Math.max(of(last - first), of(last) - of(first));
  }, 0);
  return (spreadsFor(level) * spread).toFixed(2);
}

interface Told {
  given: Input;
  range: DateRange;
  asOf: string;
  note: string | undefined;
  outlooks: readonly Outlook[];
  dimensions: Record<string, string>;
}

const PAST_SHOWN = 12;

async function told(call: Call, { given, range, asOf, note, outlooks, dimensions }: Told): Promise<ToolResult> {
  const past: (PastForecast & { currency: string })[] = [];
  for (const { currency } of outlooks) {
    const found = await pastForecasts(call.client, dimensions, currency, PAST_SHOWN);
    past.push(...found.map((one) => ({ ...one, currency })));
  }
  const facts: Record<string, Cell> = {
    ...perCurrency(outlooks, ({ currency, total, bounds, spent, forecast, forecasts }) => ({
      total: money(total, currency),
      total_low_80: money(bounds.low80, currency),
      total_high_80: money(bounds.high80, currency),
      total_low_95: money(bounds.low95, currency),
      total_high_95: money(bounds.high95, currency),
      spent: money(spent, currency),
      forecast: money(forecast, currency),
      past_error_percent: percent(pastError(forecasts)),
    })),
    horizon_days: count(outlooks[0]?.forecasts[0]?.horizonDays ?? 0),
    forecast_made_on: { value: asOf, kind: 'date', unit: 'date' },
  };
  const chart = await chartOf(call, outlooks, range, asOf);
  return call.ok(
    {
      facts,
      tables: [monthsTable(outlooks), ...eventsTable(outlooks, range), ...pastTable(past)],
      ...(chart === undefined ? {} : { chart }),
    },
    {
      period: range,
      costBasis: 'effective_cost',
      credits: 'excluded',
      rowCount: outlooks.reduce((sum, { months }) => sum + months.length, 0),
      notes: notesOn({ given, asOf, note, outlooks }),
    },
  );
}

/** The mean symmetric error of days in back-tests, in percent, weighted alike; null where history is too short. */
function pastError(forecasts: readonly StoredForecast[]): string | null {
  const errors = forecasts.flatMap(({ backtest }) => (backtest.smape === null ? [] : [backtest.smape]));
  return errors.length === 0 ? null : (errors.reduce((sum, error) => sum + error, 0) / errors.length).toFixed(2);
}

function notesOn({ given, asOf, note, outlooks }: Pick<Told, 'given' | 'asOf' | 'note' | 'outlooks'>): string[] {
  const untested = outlooks.some(({ forecasts }) => forecasts.some(({ backtest }) => backtest.smape === null));
  const events = outlooks.some(({ forecasts }) => forecasts.some((one) => one.events.length > 0));
  return [
    ...(note === undefined ? [] : [note]),
    `Spent counts days through ${asOf}, which are settled; the days after are forecast${given.ahead.startsWith('next') ? '' : ', also those the bill has in part'}.`,
    'Ranges are as wide as forecasts erred in the past. past_error_percent is the mean error of single days in back-tests.',
    ...(events ? ['Commitments are counted as not renewed after their end.'] : []),
    ...(untested ? ['Some of the history is too short for back-tests; ranges are then a guess from its steps.'] : []),
  ];
}

const column = (named: string, kind: Column['kind'], unit: string | null = null): Column => ({
  name: named,
  kind,
  unit,
});

function monthsTable(outlooks: readonly Outlook[]): Table {
  const several = outlooks.length > 1;
  const amount = (named: string) => column(named, 'money', several ? null : (outlooks[0]?.currency ?? null));
  return {
    name: 'months',
    title: 'Forecast by month',
    columns: [
      column('month', 'text'),
      ...(several ? [column('billing_currency', 'text')] : []),
      ...['spent', 'forecast', 'total', 'total_low_80', 'total_high_80'].map(amount),
    ],
    rows: outlooks.flatMap(({ currency, months }) =>
      months.map((month): CellValue[] => [
        monthLabel(month),
        ...(several ? [currency] : []),
        ...[month.spent, month.forecast, month.total, month.low80, month.high80],
      ]),
    ),
  };
}

/** '2026-11', or the days where it is not the whole month. */
function monthLabel({ start, end }: DateRange): string {
  const isWhole = start.endsWith('-01') && end.endsWith('-01');
  return isWhole ? start.slice(0, 7) : `${start} to ${daysBefore(end, 1)}`;
}

function eventsTable(outlooks: readonly Outlook[], range: DateRange): Table[] {
  const rows = outlooks.flatMap(({ currency, forecasts }) =>
    forecasts
      .flatMap(({ events }) => events)
      .filter(({ date }) => date < range.end)
      .map((event): CellValue[] => [event.date, event.kind, event.subject, currency, event.perDay.toFixed(2)]),
  );
  if (rows.length === 0) return [];
  const columns = [
    column('date', 'date', 'date'),
    column('event', 'text'),
    { ...column('subject', 'text'), untrusted: true },
    column('billing_currency', 'text'),
    column('more_per_day', 'money'),
  ];
  return [{ name: 'events', title: 'Known changes in the forecast', columns, rows }];
}

function pastTable(past: readonly (PastForecast & { currency: string })[]): Table[] {
  if (past.length === 0) return [];
  return [
    {
      name: 'past_forecasts',
      title: 'Earlier forecasts and what came, of the days settled since',
      columns: [
        column('made_on', 'date', 'date'),
        column('horizon_days', 'count', 'count'),
        column('days', 'count', 'count'),
        column('billing_currency', 'text'),
        column('forecast', 'money'),
        column('actual', 'money'),
        column('error_percent', 'percent', 'percent'),
        column('within_80_percent', 'percent', 'percent'),
      ],
      rows: past.map((one): CellValue[] => [
        ...[one.asOfDate, one.horizonDays, one.days, one.currency, one.forecast, one.actual, one.errorPercent],
        one.held80Percent,
      ]),
    },
  ];
}

/** How many days before the forecast the chart shows. */
const DAYS_BEFORE = 45;

async function chartOf(
  call: Call,
  outlooks: readonly Outlook[],
  range: DateRange,
  asOf: string,
): Promise<Chart | undefined> {
  const [outlook] = outlooks;
  if (outlook === undefined || outlooks.length > 1) return undefined;
  const { currency, forecasts } = outlook;
  const next = daysBefore(asOf, -1);
  const days = await forecastDays(
    call.client,
    forecasts.map(({ forecastId }) => forecastId),
    { start: next, end: range.end },
  );
  const bill = { freshness: call.freshness, scope: call.context.principal.scope };
  const before = new Map<string, number>();
  const from = daysBefore(next, DAYS_BEFORE);
  const start = call.freshness.dataFrom !== null && call.freshness.dataFrom > from ? call.freshness.dataFrom : from;
  for (const { dimensions } of forecasts) {
    const costs = await dailyCostsOf(
      call.client,
      { dimensions, metric: 'effective_cost', currency },
      { start, end: next },
      bill,
    );
    for (const { day, cost } of costs) before.set(day, (before.get(day) ?? 0) + Number(cost));
  }
  const past = [...before].sort(([one], [other]) => (one < other ? -1 : 1));
  const ahead = (of: (day: (typeof days)[number]) => string) => [
    ...past.map(() => null),
    ...days.map((day) => Number(of(day))),
  ];
  return {
    kind: 'line',
    title: 'Cost a day, as it was and as forecast',
    unit: currency,
    x: [...past.map(([day]) => day), ...days.map(({ date }) => date)],
    series: [
      { name: 'actual', values: [...past.map(([, cost]) => cost), ...days.map(() => null)] },
      { name: 'forecast', values: ahead(({ mean }) => mean) },
      { name: 'low (80 percent)', values: ahead(({ lo80 }) => lo80) },
      { name: 'high (80 percent)', values: ahead(({ hi80 }) => hi80) },
    ],
  };
}
