import { afterAll, beforeAll, expect, test } from 'vitest';
import { storeBill } from '../db/queries/bill.fixture.ts';
import { describeFreshness } from '../db/queries/freshness.ts';
import { type TestDatabase, testDatabase } from '../db/testing.ts';
import { inTransaction } from '../db/transaction.ts';
import { lastWeek, writeInsights } from './write-insights.ts';

const NOW = new Date('2026-11-18T09:30:00Z');
let database: TestDatabase;

const day = (index: number) => new Date(Date.parse('2026-10-26') + index * 86_400_000).toISOString().slice(0, 10);

beforeAll(async () => {
  database = await testDatabase();
  const { db } = database;
  // 23 days to Tuesday 17 November; the week from the 9th is the last settled one.
  await storeBill(
    db,
    Array.from({ length: 23 }, (_, index) => {
      const isLate = day(index) >= '2026-11-09';
      const of = {
        day: day(index),
        pricing_unit: 'Hrs',
        x_usage_type: 'Hours',
        consumed_quantity: '1',
        pricing_quantity: '1',
      };
      return [
        {
          ...of,
          cost: isLate ? '130' : '100',
          tags: { team: 'search' },
          resource_id: 'i-1',
          pricing_quantity: isLate ? '13' : '10',
        },
        { ...of, cost: '40', tags: { team: 'checkout' }, resource_id: 'i-2', service_name: 'AWS Lambda' },
      ];
    }).flat(),
  );
});

afterAll(() => database.close());

async function write(): Promise<Record<string, { title: string; text: string; period_start: string }>> {
  const { db } = database;
  const freshness = await describeFreshness(db);
  await inTransaction(db, (client) => writeInsights(client, freshness, NOW, NOW));
  const { rows } = await db.pool.query('SELECT audience, title, text, period_start FROM insights ORDER BY insight_id');
  return Object.fromEntries(rows.map(({ audience, ...insight }) => [audience, insight]));
}

test('a week is from Monday to Sunday', () => {
  expect(lastWeek('2026-11-16')).toEqual({ start: '2026-11-09', end: '2026-11-16' });
  expect(lastWeek('2026-11-22')).toEqual({ start: '2026-11-09', end: '2026-11-16' });
  expect(lastWeek('2026-11-23')).toEqual({ start: '2026-11-16', end: '2026-11-23' });
});

test('says what moved for the organisation and for each team, and nothing of what nothing is known of', async () => {
  const insights = await write();
  expect(Object.keys(insights)).toEqual(['the organisation', 'team search', 'team checkout']);
  expect(insights['the organisation']).toEqual({
    period_start: '2026-11-09',
    title: 'The organisation spent $1,190.00 in the week from 2026-11-09, $210.00 more than the week before',
    text: [
      'What moved',
      '- Cost rose by $210.00 (21.4%) to $1,190.00.',
      '- Amazon EC2 rose by $210.00 to $910.00, mostly by more use.',
      '',
      'Why',
      '- Under Amazon EC2 it is i-1 that moved most.',
    ].join('\n'),
  });
  expect(insights['team checkout']?.text).toBe('What moved\n- Cost was $280.00, after $280.00 the week before.');
});

test('takes up anomalies, savings, recommendations, budgets and a forecast where there are any, each for whom it concerns', async () => {
  await database.db.pool.query(`
    INSERT INTO users (user_id, email, name, role) VALUES ('00000000-0000-4000-8000-00000000000a', 'ada@example.com', 'Ada', 'admin');
    INSERT INTO resources (resource_id, name, tags) VALUES ('i-1', 'ranker', '{"Team": "Search"}'), ('i-2', 'cart', '{"team": "checkout"}');
    INSERT INTO anomalies (kind, series_key, dimensions, metric, billing_currency, direction, start_date, end_date, state, actual, expected, impact, score,
        baseline, detector, detector_version, settings, cause, quiet_because)
      SELECT 'cost', key, dimensions::jsonb, 'effective_cost', 'USD', 'up', '2026-11-09', '2026-11-12', 'open', 2, 1, impact, 1, '{}', 'd', '1', '{}',
        '{"named": [{"dimension": "service_name", "value": "Amazon EC2"}, {"dimension": "resource_id", "value": "i-1", "name": "ranker"}]}', quiet
      FROM (VALUES ('s', '{"tag:team": "Search", "service_name": "Amazon EC2"}', 90, NULL), ('q', '{"tag:team": "checkout"}', 500, 'expected'))
        AS found (key, dimensions, impact, quiet);
    INSERT INTO savings (subject, resource_id, origin, change_date, state, billing_currency, realized_savings, confidence, basis, baseline_start,
        baseline_end, measured_start, measured_end, measured_at, measurement) VALUES
      ('i-1', 'i-1', 'penny', '2026-10-01', 'holding', 'USD', 300, 'high', 'b', '2026-09-01', '2026-10-01', '2026-10-02', '2026-10-30', now(), '{}'),
      ('i-2', 'i-2', 'penny', '2026-10-02', 'regressed', 'USD', 70, 'high', 'b', '2026-09-01', '2026-10-01', '2026-10-02', '2026-10-30', now(),
        '{"regressedOn": "2026-11-10"}');
    INSERT INTO recommendations (check_id, check_version, subject, resource_id, title, action, evidence, settings, window_start, window_end, billing_currency,
        estimated_monthly_savings, basis, risk, effort, kind)
      SELECT 'c' || estimate, '1', resource, resource, 'Resize it', '{}', '{}', '{}', '2026-10-01', '2026-11-01', 'USD', estimate, 'b', 'low', 'low', kind
      FROM (VALUES ('i-1', 120, 'usage'), ('i-2', 45, 'usage'), ('i-2', 900, 'rate')) AS found (resource, estimate, kind);
    INSERT INTO budgets (name, dimensions, period, kind, amount, billing_currency, threshold_percents, start_date, created_by) VALUES
      ('Search', '{"tag:team": "search"}', 'month', 'fixed', 2000, 'USD', '{80}', '2026-01-01', '00000000-0000-4000-8000-00000000000a');
    INSERT INTO budget_alerts (budget_id, period_start, kind, threshold_percent, amount, limit_amount, raised_at)
      SELECT budget_id, '2026-11-01', crossed.kind, threshold, crossed.amount, 2000, '2026-11-17' FROM budgets,
        (VALUES ('actual', 80, 1980), ('burn rate', 100, 3660)) AS crossed (kind, threshold, amount);
    WITH made AS (
      INSERT INTO forecasts (series_key, dimensions, metric, billing_currency, as_of_date, horizon_days, method, method_version, settings, backtest)
      VALUES ('s', '{"tag:team": "Search"}', 'effective_cost', 'USD', '2026-11-17', 13, 'ets', '1', '{}', '{}') RETURNING forecast_id)
    INSERT INTO forecast_points (forecast_id, date, mean, lo80, hi80, lo95, hi95)
      SELECT forecast_id, '2026-11-18'::date + n, 130, 130, 130, 130, 130 FROM made, generate_series(0, 12) AS n`);
  const insights = await write();
  // Eight days of 100 and nine of 130 are spent, and thirteen of 130 to come.
  expect(insights['team search']?.text).toBe(`What moved
- Cost rose by $210.00 (30.0%) to $910.00.
- Amazon EC2 rose by $210.00 to $910.00, mostly by more use.
- The month of 2026-11 is forecast to come to $3,660.00.

Why
- Search, Amazon EC2 cost $90.00 more than expected so far, since 2026-11-09. It comes from ranker.

What was saved
- 1 change was measured on the bill: $300.00 a month, of which $300.00 still holds.

What to decide
- The budget Search is on its way to spend $3,660.00 of $2,000.00.
- 1 recommendation is open, estimated at $120.00 a month.
- Resize it (ranker): estimated $120.00 a month.
- Nobody has said yet what 1 anomaly is: expected, planned or a problem.`);
  expect(insights['team checkout']?.text).toContain('cart lost $70.00 a month again, since 2026-11-10.');
  expect(insights['team checkout']?.text).not.toContain('$500.00');
  expect(insights['the organisation']?.text).toContain(
    '2 changes were measured on the bill: $370.00 a month, of which $300.00 still holds.',
  );
  expect(insights['the organisation']?.text).toContain('2 recommendations are open, estimated at $165.00 a month.');
});

test('a second run of the same week replaces what the first one wrote', async () => {
  const before = await write();
  expect(await write()).toEqual(before);
  const { rows } = await database.db.pool.query('SELECT count(*)::int AS count FROM insights');
  expect(rows[0].count).toBe(3);
});
