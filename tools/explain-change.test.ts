import { afterAll, beforeAll, expect, test } from 'vitest';
import { storeBill, type TestCharge } from '../db/queries/bill.fixture.ts';
import { type TestDatabase, testDatabase } from '../db/testing.ts';
import { explainChangeTool } from './explain-change.ts';
import { asText, call, contextOf } from './result.fixture.ts';
import type { ToolResult } from './tool.ts';

let database: TestDatabase;

const hours = (
  day: string,
  resource: string,
  quantity: string,
  cost: string,
  others: Partial<TestCharge> = {},
): TestCharge => ({
  day,
  cost,
  resource_id: resource,
  pricing_quantity: quantity,
  pricing_unit: 'Hrs',
  x_usage_type: 'BoxUsage:m5.large',
  ...others,
});

const charges: TestCharge[] = [
  hours('2025-12-10', 'i-web', '100', '10'),
  hours('2026-01-10', 'i-web', '150', '18'),
  hours('2025-12-11', 'i-old', '50', '5', { sub_account_id: 'a2' }),
  hours('2026-01-11', 'db-1', '10', '7', { service_name: 'Amazon RDS', x_usage_type: 'InstanceUsage' }),
  { day: '2026-01-31', cost: '3', charge_category: 'Tax', service_name: 'Tax', sub_account_id: null },
  { day: '2026-01-20', cost: '-6', charge_category: 'Credit', service_name: 'Amazon EC2' },
  hours('2026-02-03', 'i-web', '5', '0.5'),
];

beforeAll(async () => {
  database = await testDatabase();
  await storeBill(database.db, charges);
  await database.db.pool.query(`INSERT INTO accounts (account_id, name, kind) VALUES ('a1', 'production', 'sub')`);
  await database.db.pool.query(`INSERT INTO resources (resource_id, name) VALUES ('i-web', 'web server')`);
});

afterAll(() => database.close());

const ask = (input: Record<string, unknown>): Promise<ToolResult> =>
  call(explainChangeTool, contextOf(database.db), { period: 'January 2026', ...input });

test('splits the change without remainder and names what moved it', async () => {
  const result = await ask({});
  expect(asText(result)).toMatchInlineSnapshot(`
    "
    total = 28 USD
    total_previous = 15 USD
    change = 13 USD
    percent_change = 86.666667 percent
    new = 7 USD
    gone = -5 USD
    usage = 5 USD
    price = 3 USD
    commitment = 0 USD
    credits = 0 USD
    other = 3 USD
    driver_count = 3 count
    components: What the change is made of, January 2026 against December 2025
      component  meaning                                                  change (USD)  share_of_change (percent)
      new        resources and usage types that were not there before     7             53.846154
      gone       resources and usage types that are no longer there       -5            -38.461538
      usage      more or less use of what was there both times            5             38.461538
      price      changed list prices, for the use after                   3             23.076923
      other      tax, fees, refunds and other charges without a quantity  3             23.076923
    drivers: Largest changes by service, January 2026 against December 2025
      service_name  detail*  detail_name*  cost (USD)  previous (USD)  change (USD)  percent_change (percent)  component  component_change (USD)
      Amazon RDS    .        .             7           0               7             .                         new        7
      Amazon RDS    db-1     .             7           0               7             .                         new        7
      Amazon EC2    .        .             18          15              3             20                        usage      5
      Amazon EC2    i-web    web server    18          10              8             80                        usage      5
      Amazon EC2    i-old    .             0           5               -5            -100                      gone       -5
      Tax           .        .             3           0               3             .                         other      3
    * The data starts on 2025-12-10, so the period compared with is not covered in full.
    * Credits are left out; they changed by -$6.00.
    "
  `);
  expect(result).toMatchObject({ receipt: { costBasis: 'effective_cost', credits: 'excluded', truncated: false } });
});

test('accounts come by name, and a limit says that there is more', async () => {
  const result = await ask({ dimension: 'sub_account_id', limit: 1, includeCredits: true });
  expect(asText(result)).toMatchInlineSnapshot(`
    "
    total = 22 USD
    total_previous = 15 USD
    change = 7 USD
    percent_change = 46.666667 percent
    new = 7 USD
    gone = -5 USD
    usage = 5 USD
    price = 3 USD
    commitment = 0 USD
    credits = -6 USD
    other = 3 USD
    driver_count = 3 count
    components: What the change is made of, January 2026 against December 2025
      component  meaning                                                  change (USD)  share_of_change (percent)
      new        resources and usage types that were not there before     7             100
      credits    credits                                                  -6            -85.714286
      gone       resources and usage types that are no longer there       -5            -71.428571
      usage      more or less use of what was there both times            5             71.428571
      price      changed list prices, for the use after                   3             42.857143
      other      tax, fees, refunds and other charges without a quantity  3             42.857143
    drivers: Largest changes by account, January 2026 against December 2025
      sub_account_id  sub_account_name  detail*  detail_name*  cost (USD)  previous (USD)  change (USD)  percent_change (percent)  component  component_change (USD)
      a1              production        .        .             19          10              9             90                        new        7
      a1              production        i-web    web server    18          10              8             80                        usage      5
      a1              production        db-1     .             7           0               7             .                         new        7
    * The data starts on 2025-12-10, so the period compared with is not covered in full.
    "
  `);
  expect(result).toMatchObject({ receipt: { credits: 'included', truncated: true } });
});

test('a name that is nowhere gives no data, and so do days with nothing to compare with', async () => {
  expect(asText(await ask({ filters: [{ dimension: 'service_name', values: ['Amazon EC3'] }] }))).toContain(
    'Did you mean "Amazon EC2"',
  );
  expect(asText(await ask({ dimension: 'tag:squad' }))).toContain('No charge carries a tag "squad".');
  expect(asText(await ask({ period: 'December 2025' }))).toContain('no_data: There is nothing to compare with');
  const unsure = await ask({ filters: [{ dimension: 'x_operation', values: ['Run'] }] });
  expect(asText(unsure)).toContain('No x_operation on the bill is "Run".');
});

test('charges that exist, but in neither period, are told from a wrong name', async () => {
  const result = await ask({
    period: '2026-01-20..2026-01-25',
    compareTo: '2026-01-13..2026-01-18',
    filters: [{ dimension: 'x_usage_type', values: ['InstanceUsage'] }],
  });
  expect(asText(result)).toContain('There are no such charges in 20 to 24 January 2026 nor in 13 to 17 January 2026.');
});
