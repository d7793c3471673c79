import { availableParallelism } from 'node:os';
import type pg from 'pg';
import {
  type CostEvent,
  type CostForecast,
  type CostSeries,
  FORECAST_VERSION,
  forecastCosts,
} from '../analytics/forecasting/cost.ts';
import { nextDay } from '../analytics/forecasting/recurring.ts';
import { seriesKey } from '../db/anomalies/series.ts';
import { recordAudit } from '../db/audit/record.ts';
import { type CostHistory, readCostHistories, readCoveredUse } from '../db/forecasts/history.ts';
import { type ForecastToStore, fillActuals, readInputs, storeForecasts, thinOut } from '../db/forecasts/store.ts';
import { describeFreshness, type Freshness } from '../db/queries/freshness.ts';
import { readCommitments } from '../db/recommendations/commitments.ts';
import { inTransaction } from '../db/transaction.ts';
import { openForecastPool } from './forecasting/pool.ts';
import type { Job, RunContext, RunOutcome } from './job.ts';

/** Forecasts cost from the settled days of the bill, and notes what came of earlier forecasts. */
export const forecastCostsJob: Job = {
  name: 'forecast-costs',
  title: 'Forecasts cost 30, 90 and 180 days ahead, and notes what came of earlier forecasts.',
  schedule: '40 8 * * *',
  timeoutMs: 60 * 60_000,
  retries: 2,
  afterLoads: true,
  run: forecastStoredCosts,
};

export const HORIZONS = [30, 90, 180];
/** Days of the bill that may still change. */
const UNSETTLED_DAYS = 2;
/** Two years and a quarter: a year is learned from two. */
const HISTORY_DAYS = 820;
/** Days of forecasts whose actual cost is written, again where the bill was restated. */
const ACTUAL_DAYS = 200;
/** Series with fewer days of history are not forecast by themselves. */
const LEAST_DAYS = 14;
const LOCK = 727_013;

async function forecastStoredCosts(context: RunContext): Promise<RunOutcome> {
  const { db, log, now, signal, transaction, progress } = context;
  const freshness = await describeFreshness(db, signal);
  const asOf = settledThrough(freshness, context.dueAt);
  if (asOf === undefined) return { rows: 0 };
  const input = `${FORECAST_VERSION}/${freshness.version}`;
  if ((await readInputs(db.pool, asOf)) === input) {
    log.info({ asOf }, 'nothing new to forecast');
    return { rows: 0 };
  }
  const { histories, events } = await readBill(context, asOf);
  const made: ForecastToStore[] = [];
  const pool = openForecastPool(Math.max(1, availableParallelism() - 1));
  const stop = () => void pool.close();
  signal.addEventListener('abort', stop, { once: true });
  try {
    for (const horizon of HORIZONS) {
      progress({ done: made.length, text: `forecasting ${horizon} days` });
      const options = { from: nextDay(asOf, -HISTORY_DAYS), asOf, horizon, events };
      const forecasts = await forecastCosts(histories, options, pool.forecast);
      made.push(...forecasts.flatMap((forecast) => toStore(forecast, horizon, { asOf, input })));
      signal.throwIfAborted();
    }
  } finally {
    signal.removeEventListener('abort', stop);
    await pool.close();
  }
  const filled = await transaction((client) =>
    storeAll(client, { made, histories, asOf, now, bill: freshness.version }),
  );
  log.info({ forecasts: made.length, asOf, filled }, 'forecast cost');
  return { rows: made.length };
}

/** The last settled day that a due time may know; undefined where the bill is too short to forecast. */
export function settledThrough(
  { dataFrom, dataThrough }: Pick<Freshness, 'dataFrom' | 'dataThrough'>,
  dueAt: Date,
): string | undefined {
  if (dataFrom === null || dataThrough === null) return undefined;
  const yesterday = nextDay(dueAt.toISOString().slice(0, 10), -1);
  const asOf = nextDay(yesterday < dataThrough ? yesterday : dataThrough, -UNSETTLED_DAYS);
  return asOf < nextDay(dataFrom, LEAST_DAYS) ? undefined : asOf;
}

/** Days of the bill that say what a commitment saves. */
const COVERED_DAYS = 28;

function readBill({ db }: RunContext, asOf: string): Promise<{ histories: CostHistory[]; events: CostEvent[] }> {
  return inTransaction(
    db,
    async (client) => ({
      histories: await readCostHistories(client, nextDay(asOf, -HISTORY_DAYS), asOf),
      events: await readEvents(client, asOf),
    }),
    'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL jit = off; SET LOCAL statement_timeout = 0',
  );
}

/** Returns the ends of commitments that the bill shows the beginning and the term of, as if nobody renewed them. */
export async function readEvents(client: pg.ClientBase, asOf: string): Promise<CostEvent[]> {
  const from = nextDay(asOf, 1 - COVERED_DAYS);
  const commitments = await readCommitments(client, { start: from, end: nextDay(asOf) });
  const ends = new Map(commitments.flatMap((one) => (one.isOlderThanBill ? [] : endOf(one))));
  const events = new Map<string, CostEvent & { parts: CostEvent['parts'][number][] }>();
  for (const use of await readCoveredUse(client, from, asOf)) {
    const date = ends.get(use.commitmentId);
    if (date === undefined || date <= asOf) continue;
    const key = `${use.commitmentId} ${use.currency}`;
    const event = events.get(key) ?? {
      kind: 'commitment ends' as const,
      subject: use.commitmentId,
      date,
      currency: use.currency,
      parts: [],
    };
    events.set(key, event);
    event.parts.push({ account: use.account, service: use.service, team: use.team, perDay: use.saved / COVERED_DAYS });
  }
  return [...events.values()];
}

/** A commitment with the first day after its term, where what was bought says how long that is: '1 year No Upfront ...'. */
function endOf(one: { commitmentId: string; description: string | null; firstSeenDate: string }): [string, string][] {
  const years = /\b([13])[ -]?y(?:ea)?r/i.exec(one.description ?? '')?.[1];
  if (years === undefined) return [];
  const end = `${Number(one.firstSeenDate.slice(0, 4)) + Number(years)}${one.firstSeenDate.slice(4)}`;
  // A year after 29 February is 1 March.
  return [
    [one.commitmentId, new Date(Date.parse(end) || Date.parse(`${end.slice(0, 4)}-03-01`)).toISOString().slice(0, 10)],
  ];
}

function toStore(forecast: CostForecast, horizon: number, about: { asOf: string; input: string }): ForecastToStore[] {
  const { dimensions, currency, made, events, points, recurringShare } = forecast;
  // What has no account, service or team is the rest of its level, and nobody's own.
  if (dimensions === null) return [];
  return [
    {
      ...{ dimensions, currency, points, events },
      seriesKey: seriesKey(currency, dimensions),
      horizonDays: horizon,
      method: made.method,
      methodVersion: FORECAST_VERSION,
      settings: {
        input: about.input,
        weights: rounded(made.weights),
        season: made.season,
        recurringShare,
        unsettledDays: UNSETTLED_DAYS,
      },
      backtest: {
        ...made.backtest,
        totalSpread: made.totalSpread.map((spread) => Number(((1 + recurringShare) * spread).toFixed(2))),
      },
    },
  ];
}

const rounded = (weights: Record<string, number>) =>
  Object.fromEntries(Object.entries(weights).map(([model, weight]) => [model, Number(weight.toFixed(3))]));

interface Made {
  made: readonly ForecastToStore[];
  histories: readonly CostSeries[];
  asOf: string;
  now: Date;
  bill: string;
}

async function storeAll(client: pg.ClientBase, { made, histories, asOf, now, bill }: Made): Promise<number> {
  await client.query('SELECT pg_advisory_xact_lock($1)', [LOCK]);
  await storeForecasts(client, asOf, made, now);
  const from = nextDay(asOf, -ACTUAL_DAYS);
  const actuals = histories.flatMap(({ dimensions, currency, days }) =>
    dimensions === null
      ? []
      : [
          {
            seriesKey: seriesKey(currency, dimensions),
            days: days
              .filter(({ date }) => date >= from)
              .map(({ date, steady, recurring }) => ({ date, cost: (steady + recurring).toFixed(6) })),
          },
        ],
  );
  const filled = await fillActuals(client, actuals, from, asOf);
  const forgotten = await thinOut(client, asOf);
  await recordAudit(client, {
    ...{ occurredAt: now, actorId: null, actor: forecastCostsJob.name, surface: 'job', event: 'forecasts.made' },
    details: { forecasts: made.length, asOf, actualsFilled: filled, forgotten, bill, version: FORECAST_VERSION },
  });
  return filled;
}
