import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { mase, smape } from '../analytics/forecasting/accuracy.ts';
import type { SeriesForecast } from '../analytics/forecasting/forecast.ts';
import type { MethodName } from '../analytics/forecasting/methods.ts';
import { meanOf } from '../analytics/forecasting/statistics.ts';
import { packageRoot } from '../config.ts';
import { type ForecastPool, openForecastPool } from '../jobs/forecasting/pool.ts';
import { BENCHMARKS } from './forecast-benchmarks.ts';
import { type BenchSeries, type BenchSet, readSets } from './forecast-data.ts';
import { printEstate } from './forecast-estate.ts';

/**
 * Prints how forecasts do on series of the M3, M4 and NNGC1 competitions and on daily series, beside the published methods, the M4
 * benchmarks and Prophet alone: sMAPE, MASE and OWA as M4 defines them, and how much of what came the intervals held; then how long
 * series of days take. The folder with the data is the argument, or `../shared/data/m4`. `--sets=NAME` runs one set, `--sets=speed` the
 * times alone, `--sets=estate` back-tests on the stored bill instead; `--methods=A,B` other methods.
 */
const folder =
  process.argv.slice(2).find((argument) => !argument.startsWith('--')) ??
  join(packageRoot, '..', 'shared', 'data', 'm4');
const flag = (name: string) => process.argv.find((argument) => argument.startsWith(`--${name}=`))?.split('=')[1];
const METHODS = (flag('methods') ?? 'auto,prophet').split(',') as MethodName[];

const print = (line: string) => process.stdout.write(`${line}\n`);

async function printSet({ name, series, published }: BenchSet, pool: ForecastPool): Promise<void> {
  print(`\n${name}: ${series.length} series`);
  print(`${''.padEnd(34)}${['sMAPE', 'MASE', 'OWA', '80 %', '95 %'].map((head) => head.padStart(8)).join('')}`);
  const ofBenchmark = (method: string) =>
    series.map((one) => [...(BENCHMARKS[method]?.(one.known, one.maseSeason, one.actual.length) ?? [])]);
  const base = score(series, ofBenchmark('Naive2'));
  const line = (method: string, { smape: one, mase: other }: Score, held: string[] = []) => {
    const owa = (one / base.smape + other / base.mase) / 2;
    print(
      `${method.slice(0, 33).padEnd(34)}${[one.toFixed(3), other.toFixed(3), owa.toFixed(4), ...held].map((cell) => cell.padStart(8)).join('')}`,
    );
  };
  for (const one of published.slice(0, 3)) line(`published: ${one.name}`, one);
  for (const method of ['Naive2', 'Theta', 'Comb']) line(`M4 benchmark: ${method}`, score(series, ofBenchmark(method)));
  for (const method of METHODS) {
    const forecasts = await Promise.all(
      series.map(({ known, actual, seasons }) =>
        pool.forecast(known, { horizon: actual.length, method, seasons, levels: [80, 95] }),
      ),
    );
    const means = forecasts.map(({ mean }) => mean);
    line(method, score(series, means), [held(series, forecasts, 0), held(series, forecasts, 1)]);
    if (method !== 'auto') continue;
    for (const half of [0, 1]) {
      const of = <Item>(all: Item[]) => all.filter((_, at) => at % 2 === half);
      line(half === 0 ? '  series at even places' : '  series at odd places', score(of(series), of(means)), [
        held(of(series), of(forecasts), 0),
        held(of(series), of(forecasts), 1),
      ]);
    }
  }
}

interface Score {
  smape: number;
  mase: number;
}

function score(series: readonly BenchSeries[], means: readonly number[][]): Score {
  const errors = series.map(({ actual, known, maseSeason }, at) => [
    smape(actual, means[at] ?? []),
    mase(actual, means[at] ?? [], known, maseSeason),
  ]);
  const finite = errors.filter(([, scaled]) => Number.isFinite(scaled));
  return { smape: meanOf(errors.map(([one]) => one as number)), mase: meanOf(finite.map(([, one]) => one as number)) };
}

/** The share of what came that lies in the intervals of a level, in percent. */
function held(series: readonly BenchSeries[], forecasts: readonly SeriesForecast[], level: number): string {
  const hits = series.flatMap(({ actual }, at) => {
    const interval = forecasts[at]?.intervals[level];
    return Array.from(actual, (value, step) =>
      interval !== undefined && value >= (interval.low[step] as number) && value <= (interval.high[step] as number)
        ? 1
        : 0,
    );
  });
  return (100 * meanOf(hits)).toFixed(1);
}

const MADE = 40;
const PROMISED = 1_000;
const LIMIT_SECONDS = 300;
const CORES = 2;

/** Times made series of days with back-tests, method by method, and how the time grows with the days. */
async function printSpeed(): Promise<void> {
  print(`\nSeries of days with back-tests, 90 days ahead: seconds of processor for ${PROMISED.toLocaleString('en')}`);
  const pool = openForecastPool(1);
  await timed(pool, 'auto', 730, 2);
  for (const [method, days] of [
    ['auto', 365],
    ['auto', 730],
    ['auto', 1_460],
    ...EACH.map((method) => [method, 730]),
  ] as [MethodName, number][]) {
    const seconds = (await timed(pool, method, days, MADE)) * (PROMISED / MADE);
    const share = ((seconds / CORES / LIMIT_SECONDS) * 100).toFixed(0);
    print(
      `${`${method}, ${days} days`.padEnd(34)}${seconds.toFixed(0).padStart(8)}  ${share} percent of the limit of ${LIMIT_SECONDS} s on ${CORES} cores`,
    );
  }
  await pool.close();
}

const EACH: MethodName[] = ['prophet', 'arima', 'ets', 'ces', 'mstl', 'theta', 'comb', 'sma', 'naive'];

async function timed(pool: ForecastPool, method: MethodName, days: number, count: number): Promise<number> {
  const before = process.cpuUsage();
  for (let index = 0; index < count; index++) {
    const values = Float64Array.from({ length: days }, (_, day) => {
      const weekend = day % 7 < 2 ? 0.7 : 1;
      return (100 + day / 20) * weekend * (1 + 0.05 * Math.sin(index + day * 12.9898) + 0.1 * Math.sin(day / 58));
    });
    await pool.forecast(values, { horizon: 90, method, seasons: [7, 365], levels: [80, 95] });
  }
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

const pool = openForecastPool();
if (flag('sets') === 'estate') await printEstate(pool, print);
else if (existsSync(folder)) {
  for (const set of readSets(folder).filter(({ name }) => flag('sets') === undefined || name === flag('sets')))
    await printSet(set, pool);
} else process.stderr.write(`No benchmark data in ${folder}; name its folder: npm run bench:forecast -- FOLDER\n`);
await pool.close();
if (flag('sets') === undefined || flag('sets') === 'speed') await printSpeed();
