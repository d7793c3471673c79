import { addUp, type Part, wholeOf } from './add-up.ts';
import type { ForecastOptions, SeriesForecast } from './forecast.ts';
import { type CostDay, nextDay, recurringAhead, recurringOf } from './recurring.ts';

/** Changes whenever the same history would be forecast differently. */
export const FORECAST_VERSION = '1';

/** The cost of a part of the bill, and how it belongs to the others: the parts of a level add up to the organisation. */
export interface CostSeries {
  level: 'organisation' | 'account' | 'service' | 'team';
  /** Null for charges of the level that have no value, which are a part, too. */
  dimensions: Record<string, string> | null;
  currency: string;
  days: readonly CostDay[];
}

/** Something known that changes cost from a day on. */
export interface CostEvent {
  kind: 'commitment ends';
  subject: string;
  /** First day on which it shows. */
  date: string;
  currency: string;
  /** What each part of the bill costs more a day: by account, service and team. */
  parts: readonly { account: string | null; service: string | null; team: string | null; perDay: number }[];
}

export interface CostForecast extends Pick<CostSeries, 'level' | 'dimensions' | 'currency'> {
  /** Amounts of a day ahead, in the currency, as decimal text with two places. */
  points: { date: string; mean: string; lo80: string; hi80: string; lo95: string; hi95: string }[];
  events: { kind: string; subject: string; date: string; perDay: number }[];
  /** What comes monthly, as a share of the rest. */
  recurringShare: number;
  made: SeriesForecast;
}

export interface CostForecastOptions {
  /** First and last day of the history. */
  from: string;
  asOf: string;
  horizon: number;
  events: readonly CostEvent[];
}

type Forecaster = (values: Float64Array, options: ForecastOptions) => Promise<SeriesForecast>;

/** A series without cost for so long has ended. */
const ENDED_DAYS = 14;

/**
 * Returns the forecasts of all series, made to agree: the organisation is the mean of its own forecast and of the sums of its accounts,
 * services and teams, by certainty; the parts of each level are moved to add up to it, to the cent, and their intervals move along.
 */
export async function forecastCosts(
  series: readonly CostSeries[],
  options: CostForecastOptions,
  forecast: Forecaster,
): Promise<CostForecast[]> {
  const single = await Promise.all(series.map((one) => forecastOne(one, options, forecast)));
  const currencies = [...new Set(series.map(({ currency }) => currency))];
  return currencies.flatMap((currency) => agree(single.filter((one) => one.series.currency === currency)));
}

/** A forecast by itself; amounts in hundredths. */
interface Single extends Part {
  series: CostSeries;
  dates: string[];
  made: SeriesForecast;
  events: CostForecast['events'];
  recurringShare: number;
}

async function forecastOne(series: CostSeries, options: CostForecastOptions, forecast: Forecaster): Promise<Single> {
  const { asOf, horizon } = options;
  const values = valuesOf(series.days, options);
  const hasEnded = values.subarray(-ENDED_DAYS).every((value) => value === 0);
  const known = hasEnded ? new Float64Array(ENDED_DAYS) : values;
  const made = await forecast(known, { horizon, method: 'auto', seasons: [7, 365], levels: [80, 95] });
  const dates = Array.from({ length: horizon }, (_, step) => nextDay(asOf, step + 1));
  const events = hasEnded ? [] : eventsOf(series, options);
  const steady = dates.map((date, step) => ({
    date,
    steady:
      (made.mean[step] as number) + events.reduce((sum, event) => sum + (event.date <= date ? event.perDay : 0), 0),
  }));
  const recurring = recurringOf(series.days, asOf);
  const monthly = recurringAhead(recurring, series.days, steady);
  return {
    ...{ series, dates, made, events, recurringShare: recurring.share },
    mean: steady.map(({ steady: amount }, step) => 100 * (amount + (monthly[step] as number))),
    uncertainty: 100 * (1 + recurring.share) * (made.totalSpread.at(-1) ?? 0),
  };
}

/** A value a day from the first day with cost on; a day without charges cost nothing. */
function valuesOf(days: readonly CostDay[], { from, asOf }: CostForecastOptions): Float64Array {
  const first = days.find(({ date, steady }) => date >= from && steady !== 0)?.date ?? asOf;
  const place = (date: string) => Math.round((Date.parse(date) - Date.parse(first)) / 86_400_000);
  const values = new Float64Array(place(asOf) + 1);
  for (const { date, steady } of days) if (date >= first && date <= asOf) values[place(date)] = steady;
  return values;
}

function eventsOf({ level, dimensions, currency }: CostSeries, { asOf, horizon, events }: CostForecastOptions) {
  const value = dimensions === null ? null : (Object.values(dimensions)[0] ?? null);
  const until = nextDay(asOf, horizon);
  return events
    .filter((event) => event.currency === currency && event.date > asOf && event.date <= until)
    .map(({ kind, subject, date, parts }) => ({
      ...{ kind, subject, date },
      perDay: parts.reduce(
        (sum, part) => sum + (level === 'organisation' || part[level] === value ? part.perDay : 0),
        0,
      ),
    }))
    .filter(({ perDay }) => perDay !== 0);
}

function agree(single: readonly Single[]): CostForecast[] {
  const whole = single.find(({ series }) => series.level === 'organisation');
  if (whole === undefined) return [];
  const levels = (['account', 'service', 'team'] as const).map((level) =>
    single.filter(({ series }) => series.level === level),
  );
  const total = wholeOf(whole, levels);
  return [
    toForecast(whole, total),
    ...levels.flatMap((parts) => {
      const moved = addUp(total, parts);
      return parts.map((part, index) => toForecast(part, moved[index] as number[]));
    }),
  ];
}

function toForecast(single: Single, mean: readonly number[]): CostForecast {
  const { series, dates, made, events, recurringShare } = single;
  const { level, dimensions, currency } = series;
  // By what a forecast was moved to agree with the others it may be wrong as well.
  const reach = (interval: number, side: 'low' | 'high', step: number) =>
    Math.hypot(
      100 * ((made.intervals[interval]?.[side][step] as number) - (made.mean[step] as number)),
      (mean[step] as number) - (single.mean[step] as number),
    );
  const floor = series.days.some(({ steady }) => steady < 0) ? Number.NEGATIVE_INFINITY : 0;
  return {
    ...{ level, dimensions, currency, events, recurringShare, made },
    points: dates.map((date, step) => {
      const middle = mean[step] as number;
      const low = (interval: number) => money(Math.min(middle, Math.max(floor, middle - reach(interval, 'low', step))));
      const high = (interval: number) => money(middle + reach(interval, 'high', step));
      return { date, mean: money(middle), lo80: low(0), hi80: high(0), lo95: low(1), hi95: high(1) };
    }),
  };
}

const money = (hundredths: number) => (Math.round(hundredths) / 100).toFixed(2);
