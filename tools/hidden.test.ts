import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Principal } from '../db/principal.ts';
import { storeBill } from '../db/queries/bill.fixture.ts';
import { type TestDatabase, testDatabase } from '../db/testing.ts';
import { explainChangeTool } from './explain-change.ts';
import { findResourcesTool } from './find-resources.ts';
import { queryCostsTool } from './query-costs.ts';
import { querySqlTool } from './query-sql.ts';
import { asText, call, contextOf } from './result.fixture.ts';

let database: TestDatabase;

beforeAll(async () => {
  database = await testDatabase();
  const mine = { sub_account_id: '111', resource_id: 'i-mine', region_id: 'eu-west-1', tags: { team: 'search' } };
  const theirs = {
    sub_account_id: '222',
    resource_id: 'i-theirs',
    region_id: 'us-east-1',
    service_name: 'Amazon Redshift',
    tags: { team: 'ads' },
  };
  await storeBill(
    database.db,
    ['2026-01-01', '2026-02-03'].flatMap((day) => [
      { day, cost: '10', ...mine },
      { day, cost: '20', ...theirs },
    ]),
  );
  await database.db.pool.query(`
    INSERT INTO accounts (account_id, name, kind) VALUES ('111', 'mine', 'sub'), ('222', 'theirs', 'sub');
    INSERT INTO resources (resource_id, name, sub_account_id, first_seen_date, last_seen_date)
      VALUES ('i-mine', 'web', '111', '2026-01-20', '2026-01-20'), ('i-theirs', 'warehouse', '222', '2026-02-03', '2026-02-03')`);
});

afterAll(() => database.close());

const MINE: Principal['scope'] = { subAccountIds: ['111'], tags: [] };
const filter = (dimension: string, value: string) => ({
  period: 'February 2026',
  filters: [{ dimension, operator: 'in', values: [value] }],
});

test.each([
  ['sub_account_id', '222', '111', '333'],
  ['sub_account_id', 'theirs', 'mine', 'nobodys'],
  ['service_name', 'Amazon Redshift', 'Amazon EC2', 'Amazon Kendra'],
  ['region_id', 'us-east-1', 'eu-west-1', 'sa-east-1'],
  ['tag:team', 'ads', 'search', 'growth'],
])('%s: %s may not be seen, %s is there, %s is nowhere', async (dimension, hidden, visible, nowhere) => {
  for (const tool of [queryCostsTool, explainChangeTool]) {
    const statusOf = async (value: string, scope: Principal['scope']) =>
      (await call(tool, contextOf(database.db, scope), filter(dimension, value))).status;
    expect(asText(await call(tool, contextOf(database.db, MINE), filter(dimension, hidden)))).toContain('denied');
    expect(await statusOf(visible, MINE)).not.toBe('denied');
    expect(await statusOf(nowhere, MINE)).toBe('no_data');
    expect(await statusOf(hidden, 'all')).not.toBe('denied');
    expect(await statusOf(nowhere, 'all')).toBe('no_data');
  }
});

test('a refusal names what was asked for and says whom to ask, and nothing else of it', async () => {
  const refused = asText(await call(queryCostsTool, contextOf(database.db, MINE), filter('sub_account_id', 'theirs')));
  expect(refused).toBe(
    '\ndenied: The account "theirs" lies outside of what you may see. Ask an admin of Penny for access.\n',
  );
});

test.each(['i-theirs', 'warehouse'])('the resource %s may not be seen', async (text) => {
  const found = async (scope: Principal['scope'], wanted: string) =>
    (
      await call(findResourcesTool, contextOf(database.db, scope), {
        text: wanted,
        period: 'January 2026..February 2026',
      })
    ).status;
  expect(await found(MINE, text)).toBe('denied');
  expect(await found('all', text)).toBe('ok');
  expect(await found(MINE, 'i-nowhere')).toBe('no_data');
  // A part of a name would let somebody guess the rest.
  expect(await found(MINE, text.slice(0, 5))).toBe('no_data');
});

test('SQL that finds nothing says whose rows were looked through', async () => {
  const sql = "SELECT * FROM ask.costs WHERE sub_account_id = '222'";
  expect(asText(await call(querySqlTool, contextOf(database.db, MINE), { sql }))).toContain(
    'Only what you may see is counted: mine.',
  );
});

test('SQL that reads no view is refused: its numbers would be those of whoever wrote it', async () => {
  const result = await call(querySqlTool, contextOf(database.db), { sql: 'SELECT 4200 AS cost' });
  expect(result).toMatchObject({ status: 'error', code: 'sql_refused' });
});
