import { type CostForecast, forecastCosts } from '../analytics/forecasting/cost.ts';
import { spreadsFor } from '../analytics/forecasting/intervals.ts';
import { nextDay } from '../analytics/forecasting/recurring.ts';
import { meanOf } from '../analytics/forecasting/statistics.ts';
import { readConfig } from '../config.ts';
import { type CostHistory, readCostHistories } from '../db/forecasts/history.ts';
import { openDatabase } from '../db/open.ts';
import { describeFreshness } from '../db/queries/freshness.ts';
import { inTransaction } from '../db/transaction.ts';
import { HORIZONS, readEvents } from '../jobs/forecast-costs.ts';
import type { ForecastPool } from '../jobs/forecasting/pool.ts';
import { log } from '../log.ts';

const UNSETTLED_DAYS = 2;
/** How many moments of the past a horizon is tested at, and how far they lie apart. */
const MOMENTS = 3;
const APART_DAYS = 21;
const LEAST_KNOWN_DAYS = 120;

/**
 * Prints what forecasts of the stored bill (the demo estate, or one's own) would have erred: each horizon at some moments, with the days
 * before them alone; commitments known then are counted as they ended.
 */
export async function printEstate(pool: ForecastPool, print: (line: string) => void): Promise<void> {
  const database = await openDatabase(readConfig(), log);
  try {
    const { dataFrom, dataThrough } = await describeFreshness(database.db);
    if (dataFrom === null || dataThrough === null) return print('No bill is stored; run penny demo first.');
    const through = nextDay(dataThrough, -UNSETTLED_DAYS);
    print(
      '\nThe stored bill, totals of the days ahead: error in percent of what came; share of days within the intervals',
    );
    const heads = ['organisation', 'range 80 %', 'accounts', 'services', 'teams', 'days 80 %', 'days 95 %'];
    print(`${''.padEnd(26)}${heads.map((head) => head.padStart(13)).join('')}`);
    for (const horizon of HORIZONS) {
      for (let moment = 0; moment < MOMENTS; moment++) {
        const asOf = nextDay(through, -horizon - moment * APART_DAYS);
        if (asOf < nextDay(dataFrom, LEAST_KNOWN_DAYS)) continue;
        const { histories, came, events } = await inTransaction(database.db, async (client) => ({
          histories: await readCostHistories(client, dataFrom, asOf),
          came: await readCostHistories(client, nextDay(asOf), nextDay(asOf, horizon)),
          events: await readEvents(client, asOf),
        }));
        const made = await forecastCosts(histories, { from: dataFrom, asOf, horizon, events }, pool.forecast);
        print(lineOf(`${horizon} days from ${nextDay(asOf)}`, made, came));
      }
    }
  } finally {
    await database.close();
  }
}

function lineOf(name: string, made: readonly CostForecast[], came: readonly CostHistory[]): string {
  const actualOf = new Map(
    came.map(({ level, dimensions, currency, days }) => [
      keyOf({ level, dimensions, currency }),
      new Map(days.map(({ date, steady, recurring }) => [date, steady + recurring])),
    ]),
  );
  const judged = made.map((forecast) => {
    const actual = actualOf.get(keyOf(forecast));
    const days = forecast.points.map((point) => ({ ...point, actual: actual?.get(point.date) ?? 0 }));
    const sum = (of: (day: (typeof days)[number]) => number) => days.reduce((all, day) => all + of(day), 0);
    return { ...forecast, days, expected: sum(({ mean }) => Number(mean)), actual: sum((day) => day.actual) };
  });
  const whole = judged.find(({ level }) => level === 'organisation');
  if (whole === undefined) return name;
  const range = spreadsFor(80) * (1 + whole.recurringShare) * (whole.made.totalSpread.at(-1) ?? 0);
  const error = (100 * (whole.expected - whole.actual)) / whole.actual;
  const level = (which: CostForecast['level']) => {
    const parts = judged.filter((one) => one.level === which);
    return (100 * parts.reduce((sum, { expected, actual }) => sum + Math.abs(expected - actual), 0)) / whole.actual;
  };
  const held = (low: 'lo80' | 'lo95', high: 'hi80' | 'hi95') =>
    100 *
    meanOf(
      judged.flatMap(({ days }) =>
        days.map((day) => (day.actual >= Number(day[low]) && day.actual <= Number(day[high]) ? 1 : 0)),
      ),
    );
  const cells = [
    error.toFixed(2),
    Math.abs(whole.expected - whole.actual) <= range ? 'within' : 'outside',
    ...[level('account'), level('service'), level('team'), held('lo80', 'hi80'), held('lo95', 'hi95')].map((one) =>
      one.toFixed(1),
    ),
  ];
  return `${name.padEnd(26)}${cells.map((cell) => cell.padStart(13)).join('')}`;
}

const keyOf = ({ level, dimensions, currency }: Pick<CostForecast, 'level' | 'dimensions' | 'currency'>) =>
  JSON.stringify([currency, level, dimensions]);
