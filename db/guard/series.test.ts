import { expect, test } from 'vitest';
import { checkStatement } from './check.ts';

const passes = async (sql: string): Promise<boolean | string> => {
  const verdict = await checkStatement(sql);
  return verdict.allowed || verdict.code;
};

test.each([
  ['constants', 'generate_series(1, 100)'],
  ['dates', "generate_series(date '2026-01-01', '2026-12-31', '1 day')"],
  ['the last week by the hour', "generate_series(now() - interval '7 days', now(), interval '1 hour')"],
  ['a month to date', "generate_series(date_trunc('month', current_date), current_date, '1 day')"],
  ['made dates', 'generate_series(make_date(2026, 1, 1), make_date(2026, 2, 1), make_interval(days => 1))'],
  ['days subtracted', "generate_series(current_date - 90, current_date - 1, interval '1' day)"],
  ['multiplied steps', "generate_series(date '2020-01-01', now(), 3 * interval '1 month')"],
  ['bounds of the data', "generate_series((SELECT min(hour) FROM usage), (SELECT max(hour) FROM usage), '1 hour')"],
  ['the later of two', "generate_series(greatest(date '2026-01-01', current_date - 30), now(), '1 day')"],
])('a series of %s passes', async (_, series) => {
  expect(await passes(`SELECT * FROM ${series} AS s`)).toBe(true);
});

test.each([
  ['a step from the future', "generate_series(now(), now() + interval '5000 years', '1 hour')"],
  ['a step of an unknown unit', "generate_series(now(), now(), '1 fortnight')"],
  ['a negative and a positive part', "generate_series(date '2026-01-01', now(), '1 day -23 hours')"],
  ['words for dates', "generate_series('yesterday'::date, 'infinity'::date, '1 day')"],
  ['data that is no date', "generate_series((SELECT min(resource_id) FROM usage)::date, now(), '1 day')"],
  ['numbers from a view', 'generate_series(1, (SELECT max(sample_count) FROM usage))'],
  ['numbers from nowhere', 'generate_series(1, length(now()::text))'],
  ['one argument', 'generate_series(1)'],
])('a series of %s is refused', async (_, series) => {
  expect(await passes(`SELECT * FROM ${series} AS s`)).toBe('unbounded');
});

test('a bound is looked up through CTEs and subqueries, and by every meaning its name has', async () => {
  const with_ = (bound: string, from = 'b') =>
    passes(`WITH b AS (SELECT ${bound} AS hi FROM costs) SELECT d FROM ${from}, generate_series(now(), hi, '1 day') d`);
  expect(await with_('max(charge_period_start)')).toBe(true);
  expect(await with_("date_trunc('day', max(charge_period_end))::date")).toBe(true);
  expect(await with_("max((tags ->> 'until')::date)")).toBe('unbounded');
  expect(await with_('max(charge_period_start)', "b, (SELECT date '9999-12-31' AS hi) c")).toBe('unbounded');
});
