import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TestDatabase, testDatabase } from '../db/testing.ts';
import { call, contextOf } from './result.fixture.ts';
import { showInsightsTool } from './show-insights.ts';
import { showSavingsTool } from './show-savings.ts';
import type { Tool } from './tool.ts';

let database: TestDatabase;

beforeAll(async () => {
  database = await testDatabase();
  await database.db.pool.query(`
    INSERT INTO resources (resource_id, name, sub_account_id, tags) VALUES
      ('i-1', 'ranker', 'a1', '{"team": "search"}'), ('i-2', 'cart', 'a2', '{}'), ('i-3', 'old', 'a2', '{}'), ('i-4', 'new', 'a1', '{}');
    INSERT INTO savings (subject, resource_id, origin, change_date, state, billing_currency, estimated_monthly_savings, realized_savings, confidence,
        basis, baseline_start, baseline_end, measured_start, measured_end, measured_at, measurement, holding_checks)
      SELECT id, id, origin, day::date, state, 'USD', estimated, realized, CASE WHEN realized IS NOT NULL THEN 'high' END, basis,
        day::date - 28, day::date, day::date + 1, day::date + 29, '2026-02-01', measurement::jsonb, checks::jsonb
      FROM (VALUES
        ('i-1', 'penny', '2025-12-01', 'holding', 100, 80.5, 'bill', '{"kind": "resized"}', '[{"day": 30, "holds": true}, {"day": 60, "holds": false}]'),
        ('i-2', 'outside', '2025-12-02', 'regressed', 50, 40, 'bill', '{"kind": "removed", "regressedOn": "2026-01-20"}', '[]'),
        ('i-3', 'penny', '2025-12-02', 'measured', 10, -5, 'bill', '{"kind": "removed"}', '[]'),
        ('i-4', 'penny', '2026-02-03', 'waiting', 70, NULL, NULL, '{"kind": "stopped"}', '[]')
      ) AS made (id, origin, day, state, estimated, realized, basis, measurement, checks);
    INSERT INTO insights (kind, audience, dimensions, period_start, period_end, title, text, answer)
      SELECT 'weekly', audience, dimensions::jsonb, day::date, day::date + 7, audience || ' spent', 'What moved',
        '{"facts": {"total": {"value": "12", "kind": "money", "unit": "USD"}}, "tables": [], "receipts": []}'
      FROM (VALUES ('2026-01-12', 'the organisation', '{}'), ('2026-01-19', 'the organisation', '{}'), ('2026-01-19', 'team search', '{"tag:team": "search"}'))
        AS made (day, audience, dimensions)`);
});

afterAll(() => database.close());

async function ask(tool: Tool, input: object, scope?: Parameters<typeof contextOf>[1]) {
  const result = await call(tool, contextOf(database.db, scope), input);
  if (result.status !== 'ok') throw new Error(JSON.stringify(result));
  const { data, receipt, nextCursor } = result;
  const facts = Object.fromEntries(Object.entries(data.facts).map(([name, { value }]) => [name, value]));
  return { facts, rows: data.tables[0]?.rows ?? [], notes: receipt.notes, nextCursor };
}

const search = { subAccountIds: [], tags: [{ key: 'team', value: 'search' }] };

test('sums what was measured, what of it holds and what is gone; what was estimated stands apart', async () => {
  const { facts, rows } = await ask(showSavingsTool, {});
  expect(facts).toEqual({
    ...{ measured_monthly_savings: '115.5', holding_monthly_savings: '75.5', regressed_monthly_savings: '40' },
    ...{ estimated_waiting: '70', waiting: 1, measured: 1, holding: 1, regressed: 1, unmeasurable: 0 },
  });
  expect(rows.map((row) => [row[0], row[6], row[7], row[8], row[11], row[12]])).toEqual([
    ['i-4', 'waiting', '70', null, null, null],
    ['i-3', 'measured', '10', '-5', null, null],
    ['i-2', 'regressed', '50', '40', null, '2026-01-20'],
    ['i-1', 'holding', '100', '80.5', 'held after 30 days, gone after 60 days', null],
  ]);
});

test('narrows by state and day of the change', async () => {
  expect((await ask(showSavingsTool, { state: 'regressed' })).facts.measured_monthly_savings).toBe('40');
  const december = await ask(showSavingsTool, { since: '2025-12-02', until: '2026-01-01' });
  expect(december.rows.map(([id]) => id)).toEqual(['i-3', 'i-2']);
});

test('pages by cursor, the sums are always those of all', async () => {
  const first = await ask(showSavingsTool, { limit: 3 });
  const second = await ask(showSavingsTool, { limit: 3, cursor: first.nextCursor });
  expect([...first.rows, ...second.rows].map(([id]) => id)).toEqual(['i-4', 'i-3', 'i-2', 'i-1']);
  expect([second.nextCursor, second.facts.measured_monthly_savings]).toEqual([undefined, '115.5']);
});

test('somebody sees the savings of the resources, and the summaries of the teams, they may see', async () => {
  expect((await ask(showSavingsTool, {}, search)).rows.map(([id]) => id)).toEqual(['i-1']);
  expect((await ask(showSavingsTool, {}, { subAccountIds: ['a2'], tags: [] })).facts.measured_monthly_savings).toBe(
    '35',
  );
  expect((await ask(showInsightsTool, {}, search)).rows.map(([audience]) => audience)).toEqual(['team search']);
});

test('says that nothing is recorded yet, and what would be', async () => {
  const nobody = { subAccountIds: ['a9'], tags: [] };
  expect(await call(showSavingsTool, contextOf(database.db, nobody), {})).toMatchObject({
    status: 'no_data',
    searched: expect.stringContaining('No change was recorded'),
  });
  expect(await call(showInsightsTool, contextOf(database.db), { audience: 'robots' })).toMatchObject({
    searched: 'There is no summary for "robots"; the newest is for the organisation.',
  });
});

test('shows the newest summary first, with its facts, and the ones before by cursor', async () => {
  const first = await ask(showInsightsTool, { audience: 'organisation', limit: 1 });
  expect([first.rows[0]?.slice(0, 3), first.facts]).toEqual([
    ['the organisation', '2026-01-19', '2026-01-26'],
    { total: '12' },
  ]);
  const second = await ask(showInsightsTool, { audience: 'organisation', limit: 1, cursor: first.nextCursor });
  expect(second.rows[0]?.[1]).toBe('2026-01-12');
  expect((await ask(showInsightsTool, {})).rows.map((row) => `${row[1]} ${row[0]}`)).toEqual([
    '2026-01-19 the organisation',
    '2026-01-19 team search',
    '2026-01-12 the organisation',
  ]);
});
