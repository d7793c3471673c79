import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ForecastToStore, fillActuals, storeForecasts } from '../db/forecasts/store.ts';
import type { Principal } from '../db/principal.ts';
import { storeBill } from '../db/queries/bill.fixture.ts';
import { type TestDatabase, testDatabase } from '../db/testing.ts';
import { inTransaction } from '../db/transaction.ts';
import { forecastCostsTool } from './forecast-costs.ts';
import { asText, call, contextOf, NOW } from './result.fixture.ts';

const AS_OF = '2026-02-01';
const dateOf = (from: string, days: number) =>
  new Date(Date.parse(from) + days * 86_400_000).toISOString().slice(0, 10);

/** A forecast of `cost` a day, give or take a tenth. */
function made(dimensions: Record<string, string>, cost: number, asOf: string, days = 90): ForecastToStore {
  const near = (share: number) => (cost * share).toFixed(2);
  return {
    ...{ dimensions, currency: 'USD', seriesKey: JSON.stringify(dimensions), horizonDays: days },
    ...{ method: 'auto', methodVersion: '1', settings: {} },
    backtest: { smape: 4, mase: 1, origins: 4, totalSpread: Array.from({ length: days }, (_, step) => step + 1) },
    events: [{ kind: 'commitment ends', subject: 'plan-1', date: '2026-03-10', perDay: 5 }],
    points: Array.from({ length: days }, (_, step) => ({
      ...{
        date: dateOf(asOf, step + 1),
        mean: near(1),
        lo80: near(0.9),
        hi80: near(1.1),
        lo95: near(0.8),
        hi95: near(1.2),
      },
    })),
  };
}

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
  const days = Array.from({ length: 34 }, (_, day) => dateOf('2026-01-01', day));
  await storeBill(
    database.db,
    days.flatMap((day) => [
      { day, cost: '60', sub_account_id: 'a1', tags: { team: 'web' } },
      { day, cost: '40', sub_account_id: 'a2' },
    ]),
  );
  await inTransaction(database.db, async (client) => {
    const all = (asOf: string) => [
      made({}, 100, asOf),
      made({ sub_account_id: 'a1' }, 60, asOf),
      made({ sub_account_id: 'a2' }, 40, asOf),
      made({ 'tag:team': 'web' }, 60, asOf),
    ];
    await storeForecasts(client, '2026-01-15', all('2026-01-15'), NOW);
    await storeForecasts(client, AS_OF, all(AS_OF), NOW);
    const came = Array.from({ length: 17 }, (_, day) => ({ date: dateOf('2026-01-16', day), cost: '105' }));
    await fillActuals(client, [{ seriesKey: '{}', days: came }], '2026-01-16', AS_OF);
  });
});
afterAll(() => database.close());

const ask = (given: object, scope: Principal['scope'] = 'all') =>
  call(forecastCostsTool, contextOf(database.db, scope), given);

async function factsOf(given: object, scope?: Principal['scope']): Promise<Record<string, number>> {
  const result = await ask(given, scope);
  if (result.status !== 'ok') throw new Error(asText(result));
  return Object.fromEntries(Object.entries(result.data.facts).map(([name, { value }]) => [name, Number(value)]));
}

test('what was spent through the last settled day and what is forecast make the total of the month, with its range', async () => {
  const facts = await factsOf({ ahead: 'this month' });
  expect(facts).toMatchObject({ spent: 100, forecast: 2_700, total: 2_800, past_error_percent: 4 });
  const [low95, low80, high80, high95] = [
    facts.total_low_95,
    facts.total_low_80,
    facts.total_high_80,
    facts.total_high_95,
  ] as number[];
  expect([low95, low80, 2_800, high80, high95]).toEqual(
    [low95, low80, 2_800, high80, high95].sort((one = 0, other = 0) => one - other),
  );
  // 27 days are forecast, whose total errs by 27: 0.84 times 1.48 of that hold 80 in 100.
  expect((high80 ?? 0) - 2_800).toBeCloseTo(33.47, 1);
});

test('a quarter is told by month, with the known changes in it and what became of earlier forecasts', async () => {
  const result = await ask({ ahead: 'this quarter' });
  if (result.status !== 'ok') throw new Error(asText(result));
  const rows = Object.fromEntries(result.data.tables.map((table) => [table.name, table.rows]));
  expect(rows.months?.map((row) => row.slice(0, 4))).toEqual([
    ['2026-01', '3100', '0', '3100'],
    ['2026-02', '100', '2700', '2800'],
    ['2026-03', '0', '3100', '3100'],
  ]);
  expect(rows.events).toEqual([['2026-03-10', 'commitment ends', 'plan-1', 'USD', '5.00']]);
  expect(rows.past_forecasts).toEqual([['2026-01-15', 90, 17, 'USD', '1700', '1785', '5.00', '100.0']]);
  expect(result.data.chart?.series.map(({ name }) => name)).toEqual([
    'actual',
    'forecast',
    'low (80 percent)',
    'high (80 percent)',
  ]);
});

test('one account or team can be asked for', async () => {
  expect(await factsOf({ ahead: 'next 30 days', account: 'a2' })).toMatchObject({ spent: 0, total: 1_200 });
  expect(await factsOf({ ahead: 'next 30 days', team: 'Web' })).toMatchObject({ total: 1_800 });
});

test('people see forecasts of their own accounts and teams alone', async () => {
  const a2 = { subAccountIds: ['a2'], tags: [] };
  expect(await factsOf({ ahead: 'next 30 days' }, a2)).toMatchObject({ total: 1_200 });
  expect(await ask({ account: 'a1' }, a2)).toMatchObject({ status: 'denied' });
  expect(
    await factsOf({ ahead: 'next 30 days' }, { subAccountIds: [], tags: [{ key: 'team', value: 'web' }] }),
  ).toMatchObject({ total: 1_800 });
  expect(await ask({}, { subAccountIds: ['a3'], tags: [] })).toMatchObject({ status: 'no_data' });
});

test('what forecasts do not reach, or are not made of, is said', async () => {
  expect(await ask({ ahead: 'this year' })).toMatchObject({
    status: 'no_data',
    searched: expect.stringContaining('2026-05-02'),
  });
  expect(await ask({ account: 'a1', team: 'web' })).toMatchObject({ status: 'no_data' });
  expect(await ask({ service: 'Amazon EC2' })).toMatchObject({ status: 'no_data' });
});
