import type pg from 'pg';
import pino from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readConfig } from '../config.ts';
import { storeBill, type TestCharge } from '../db/queries/bill.fixture.ts';
import { type TestDatabase, testDatabase } from '../db/testing.ts';
import { inTransaction } from '../db/transaction.ts';
import { forecastCostsJob, readEvents, settledThrough } from './forecast-costs.ts';

const FIRST = '2026-01-01';
const DAYS = 121;
/** The bill reaches 1 May; its last two days are not settled. */
const NOW = new Date('2026-05-02T09:00:00Z');

const dateOf = (day: number) => new Date(Date.parse(FIRST) + day * 86_400_000).toISOString().slice(0, 10);

/** 100 a day in the shop (70 at weekends), 40 in the laboratory, 20 of nobody; support is a tenth of the month, on its first day. */
function chargesOf(day: number): TestCharge[] {
  const date = dateOf(day);
  const [shop, lab] = [day % 7 < 5 ? 100 : 70, 40];
  return [
    { day: date, cost: String(shop), sub_account_id: 'shop', service_name: 'EC2', tags: { team: 'web' } },
    { day: date, cost: String(lab), sub_account_id: 'lab', service_name: 'RDS', tags: { team: 'data' } },
    { day: date, cost: '20', sub_account_id: 'lab', service_name: 'S3' },
    ...(date.endsWith('-01')
      ? [{ day: date, cost: '450', sub_account_id: 'payer', service_name: 'Support', charge_category: 'Purchase' }]
      : []),
    ...(day >= 60 ? planOf(date) : []),
  ];
}

/** A plan bought on 2 March for a year: what it covers would be 5 a day more without it. */
const planOf = (date: string): TestCharge[] => [
  {
    ...{ day: date, cost: '10', list_cost: '15', contracted_cost: '15', sub_account_id: 'shop', service_name: 'EC2' },
    ...{ commitment_discount_id: 'plan-1', commitment_discount_status: 'Used', tags: { team: 'web' } },
  },
  {
    ...{ day: date, cost: '0', sub_account_id: 'payer', service_name: 'Savings Plans', charge_category: 'Purchase' },
    ...{ commitment_discount_id: 'plan-1', charge_description: '1 year No Upfront Compute Savings Plan' },
  },
];

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
  await storeBill(database.db, Array.from({ length: DAYS }, (_, day) => chargesOf(day)).flat());
  await run(new Date('2026-03-20T09:00:00Z'));
  await run(NOW);
}, 240_000);
afterAll(() => database.close());

const config = readConfig({});
const log = pino({ level: 'silent' });

function run(now: Date): Promise<{ rows?: number }> {
  return forecastCostsJob.run({
    ...{ now, dueAt: now, signal: new AbortController().signal, log, progress: () => {}, db: database.db, config },
    transaction: (work: (client: pg.ClientBase) => Promise<never>) => inTransaction(database.db, work),
  });
}

const rowsOf = async (text: string) => (await database.db.pool.query(text)).rows;

test('forecasts know the settled days alone', async () => {
  expect(settledThrough({ dataFrom: FIRST, dataThrough: '2026-05-01' }, NOW)).toBe('2026-04-29');
  expect(settledThrough({ dataFrom: FIRST, dataThrough: '2026-05-01' }, new Date('2026-03-20T09:00:00Z'))).toBe(
    '2026-03-17',
  );
  expect(settledThrough({ dataFrom: FIRST, dataThrough: '2026-01-10' }, NOW)).toBeUndefined();
  expect(await rowsOf('SELECT DISTINCT as_of_date AS day FROM forecasts ORDER BY 1')).toEqual([
    { day: '2026-03-17' },
    { day: '2026-04-29' },
  ]);
});

test('accounts, and services, add up to the organisation on every day, to the cent', async () => {
  const off = await rowsOf(`SELECT * FROM (
      SELECT as_of_date, horizon_days, date, sum(mean) FILTER (WHERE dimensions = '{}') AS whole,
        sum(mean) FILTER (WHERE dimensions ? 'sub_account_id') AS accounts, sum(mean) FILTER (WHERE dimensions ? 'service_name') AS services
      FROM forecasts JOIN forecast_points USING (forecast_id) GROUP BY 1, 2, 3) AS days
    WHERE whole IS DISTINCT FROM accounts OR whole IS DISTINCT FROM services`);
  expect(off).toEqual([]);
});

test('the fee that comes once a month comes on its day', async () => {
  const [first, second] = await rowsOf(`SELECT mean::float8 FROM forecasts JOIN forecast_points USING (forecast_id)
    WHERE as_of_date = '2026-04-29' AND horizon_days = 90 AND dimensions = '{}' AND date IN ('2026-06-01', '2026-06-02') ORDER BY date`);
  expect(first.mean - second.mean).toBeGreaterThan(350);
  expect(first.mean - second.mean).toBeLessThan(550);
});

test('a commitment with a known beginning and term ends, and what it saved comes back where its use is charged', async () => {
  const [event, ...others] = await inTransaction(database.db, (client) => readEvents(client, '2026-04-29'));
  expect(others).toEqual([]);
  expect(event).toMatchObject({ kind: 'commitment ends', subject: 'plan-1', date: '2027-03-02', currency: 'USD' });
  const perDay = (part: 'account' | 'service' | 'team', value: string) =>
    event?.parts.reduce((sum, one) => sum + (one[part] === value ? one.perDay : 0), 0);
  expect([perDay('account', 'shop'), perDay('service', 'EC2'), perDay('team', 'web')]).toEqual([5, 5, 5]);
});

test('what came is written beside what was forecast', async () => {
  const [past] =
    await rowsOf(`SELECT count(actual)::int AS days, sum(actual)::float8 AS actual, sum(mean)::float8 AS mean
    FROM forecasts JOIN forecast_points USING (forecast_id)
    WHERE as_of_date = '2026-03-17' AND horizon_days = 30 AND dimensions = '{"sub_account_id": "lab"}'`);
  expect(past).toMatchObject({ days: 30, actual: 1_800 });
  expect(past.mean).toBeGreaterThan(1_700);
  expect(past.mean).toBeLessThan(1_900);
});

test('it is audited', async () => {
  const entries = await rowsOf(`SELECT details FROM audit_pending WHERE event = 'forecasts.made'
    UNION ALL SELECT details FROM audit_log WHERE event = 'forecasts.made'`);
  expect(entries.map(({ details }) => details.asOf)).toEqual(expect.arrayContaining(['2026-03-17', '2026-04-29']));
});
