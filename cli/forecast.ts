import { type Command, InvalidArgumentError, Option } from 'commander';
import { type Grid, gridOf } from '../analytics/forecasting/calendar.ts';
import type { SeriesForecast } from '../analytics/forecasting/forecast.ts';
import { METHODS, type MethodName } from '../analytics/forecasting/methods.ts';
import { PennyError, toErrorBody } from '../errors.ts';
import { type ForecastPool, openForecastPool } from '../jobs/forecasting/pool.ts';
import { action } from './context.ts';
import { type InputSeries, readSeries } from './forecast-input.ts';

export interface ForecastFlags {
  horizon: number;
  method: MethodName;
  level: number[];
  season?: number;
}

export function registerForecast(program: Command): void {
  program
    .command('forecast')
    .description('forecast the series of a CSV, with intervals and the error made in the past')
    .requiredOption('--horizon <rows>', 'how many rows ahead', (text) => wholeNumber(text, 1, MOST_AHEAD))
    .addOption(
      new Option('--method <method>', 'how; auto weighs models by what they erred on this series')
        .choices(Object.keys(METHODS))
        .default('auto'),
    )
    .option('--level <percents>', 'which intervals', levels, [80, 95])
    .option('--season <rows>', 'rows in a season; 1 when none is known (default: from the timestamps)', (text) =>
      wholeNumber(text, 1, 100_000),
    )
    .addHelpText('after', HELP)
    .action(
      action<[ForecastFlags]>(async (_, flags) => {
        const pool = openForecastPool();
        try {
          for await (const line of forecastLines(process.stdin, flags, pool, reportToStderr))
            process.stdout.write(line);
        } finally {
          await pool.close();
        }
      }),
    );
}

const MOST_AHEAD = 10_000;

const HELP = `
Reads CSV with the columns series,timestamp,value or timestamp,value from stdin, with or without a head, and prints for each series and
row ahead {"series","timestamp","mean","lo80","hi80","lo95","hi95","method","backtest":{"smape","mase"}} as one line of JSON.
Timestamps are 1, 2, 3, ..., dates, months (2026-01), ISO 8601 instants, or seconds or milliseconds since 1970; those ahead go on as
far apart and look the same. Rows may come in any order; missing rows and empty values are gaps. A row that cannot be read is named on
stderr with its line and left out, and the exit code is 1 at the end.`;

function wholeNumber(text: string, least: number, most: number): number {
  const number = Number(text);
  if (/^\d+$/.test(text) && number >= least && number <= most) return number;
  throw new InvalidArgumentError(`It must be a whole number from ${least} to ${most}.`);
}

function levels(text: string): number[] {
  const percents = text.split(',').map(Number);
  if (percents.every((percent) => percent > 0 && percent < 100)) return [...new Set(percents)];
  throw new InvalidArgumentError('It must be percents between 0 and 100 such as 80,95.');
}

/** Prints each bad row on stderr and makes the exit code 1. */
function reportToStderr(problem: PennyError): void {
  process.exitCode = 1;
  process.stderr.write(`${JSON.stringify(toErrorBody(problem))}\n`);
}

/** Seasons that rows of a named season may have beside it: a year of days in weeks, a week of hours in days. */
const LONGER: Record<number, number> = { 7: 365, 24: 168, 48: 336, 96: 672 };

/** Yields a line of JSON for each row ahead, series by series in the order of the input; `report` gets an error for each bad row or series. */
export async function* forecastLines(
  input: AsyncIterable<Buffer>,
  flags: ForecastFlags,
  pool: ForecastPool,
  report: (problem: PennyError) => void,
): AsyncGenerator<string> {
  const series = await readSeries(input, report);
  // All are asked for at once, so that every thread has work; each is awaited in its turn.
  const asked = series.map((one) => {
    const forecast = forecastOne(one, flags, pool);
    forecast.catch(() => {});
    return forecast;
  });
  for (const forecast of asked) {
    try {
      yield await forecast;
    } catch (error) {
      if (!(error instanceof PennyError)) throw error;
      report(error);
    }
  }
}

async function forecastOne(series: InputSeries, flags: ForecastFlags, pool: ForecastPool): Promise<string> {
  const grid = gridFor(series);
  const values = new Float64Array(grid.length).fill(Number.NaN);
  series.values.forEach((value, row) => {
    values[grid.places[row] as number] = value;
  });
  const { horizon, method, season, level } = flags;
  const seasons = season === undefined ? grid.seasons : season === 1 ? [] : [season, LONGER[season] ?? 0];
  const options = { horizon, method, levels: level, seasons: seasons.filter((rows) => rows > 1) };
  return toLines(series, grid, await pool.forecast(values, options));
}

function gridFor({ name, instants, values, isCount }: InputSeries): Grid {
  const about = name === undefined ? 'The series' : `The series ${JSON.stringify(name)}`;
  if (values.every(Number.isNaN)) throw new PennyError('value_invalid', `${about} has no value in any row.`);
  try {
    return gridOf(instants, isCount);
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new PennyError('value_invalid', `${about} cannot be forecast. ${cause.message}`, { cause });
  }
}

function toLines(series: InputSeries, grid: Grid, forecast: SeriesForecast): string {
  const { smape, mase } = forecast.backtest;
  const backtest = { smape: rounded(smape), mase: rounded(mase) };
  const line = (mean: number, step: number) =>
    JSON.stringify({
      ...(series.name === undefined ? {} : { series: series.name }),
      timestamp: series.write(grid.at(grid.length + step)),
      mean: significant(mean),
      ...Object.fromEntries(
        forecast.intervals.flatMap(({ level, low, high }) => [
          [`lo${level}`, significant(low[step] as number)],
          [`hi${level}`, significant(high[step] as number)],
        ]),
      ),
      method: forecast.method,
      backtest,
    });
  return forecast.mean.map((mean, step) => `${line(mean, step)}\n`).join('');
}

/** More digits would say more than is known. */
const significant = (value: number) => Number(value.toPrecision(10));
const rounded = (error: number | null) => (error === null ? null : Number(error.toPrecision(5)));
