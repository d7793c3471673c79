import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type BillTest, curLine, type Line, openBillTest } from './bill.fixture.ts';

let restated: BillTest;
let fresh: BillTest;
beforeAll(async () => {
  [restated, fresh] = await Promise.all([openBillTest(), openBillTest()]);
});
afterAll(() => Promise.all([restated.close(), fresh.close()]));
afterEach(() => Promise.all([restated.clear(), fresh.clear()]));

const on = (day: string) => ({
  line_item_usage_start_date: `2025-03-${day}T10:00:00Z`,
  line_item_usage_end_date: `2025-03-${day}T11:00:00Z`,
});
const tagged = (team: string) => ({ resource_tags: JSON.stringify({ user_Team: team, user_Owner: `of ${team}` }) });
const first = curLine({ ...on('03'), ...tagged('shop') });
const second = curLine({ ...on('04'), line_item_resource_id: 'i-2', line_item_usage_account_id: '333333333333' });
const credit = curLine({ line_item_line_item_type: 'Credit', line_item_unblended_cost: '-0.05', ...on('31') });
const covered = (cost: string) =>
  curLine({
    ...on('05'),
    line_item_line_item_type: 'SavingsPlanCoveredUsage',
    savings_plan_savings_plan_a_r_n: 'arn:sp',
    savings_plan_savings_plan_effective_cost: cost,
  });

/** The month as it is stated three times: costs, tags, kinds and accounts change, lines come and go, another day ends it. */
const STATEMENTS: Line[][] = [
  [first, first, second, covered('0.06'), curLine({ line_item_resource_id: 'gone' })],
  [
    { ...first, line_item_unblended_cost: '0.3333333333' },
    second,
    { ...second, ...on('05') },
    covered('0.06'),
    credit,
    curLine({ line_item_currency_code: 'EUR', line_item_unblended_cost: '7' }),
  ],
  [
    { ...first, line_item_unblended_cost: '0.11', ...tagged('search') },
    { ...second, line_item_usage_account_name: 'renamed', product_region_code: 'eu-west-1' },
    covered('0.0612345678'),
    { ...credit, line_item_unblended_cost: '-0.01' },
    curLine({ ...on('30'), line_item_resource_id: 'i-9', line_item_usage_account_id: '444444444444' }),
  ],
];

// What a later load of the same rows may number otherwise, and when it was.
const OWN = ['load_id', 'tag_set_id', 'allocation_set_id', 'updated_at'];
const tags = `(SELECT tags FROM tag_sets WHERE tag_set_id = one.tag_set_id)`;
const allocation = `(SELECT tags FROM allocation_sets WHERE allocation_set_id = one.allocation_set_id)`;
const TABLES: Record<string, string> = {
  billing: tags,
  cost_monthly: tags,
  cost_daily: 'NULL',
  cost_daily_tagged: allocation,
  cost_rollup: allocation,
  accounts: 'NULL',
  resources: 'NULL',
};

/** Returns all rows of the tables that bills go to, without the numbers of loads, in an order of their own. */
async function contents(bill: BillTest): Promise<Record<string, unknown[]>> {
  const all: Record<string, unknown[]> = {};
  for (const [table, tags] of Object.entries(TABLES)) {
    const rows = await bill.rows(
      `SELECT (to_jsonb(one) - '{${OWN.join(',')}}'::text[]) || jsonb_build_object('means', ${tags}) AS row FROM ${table} AS one ORDER BY 1`,
    );
    all[table] = rows.map(({ row }) => row);
  }
  all.periods = await bill.rows(
    'SELECT billing_account_id, billing_period_start, rows FROM billing_load_periods WHERE is_current ORDER BY 1, 2',
  );
  return all;
}

/** Writes a statement as Data Exports deliver it: under a name of its own, or in the place of the one before. */
function deliver(bill: BillTest, folder: string, lines: Line[], name: string): void {
  const own = name === '' ? '' : `${name}/`;
  const parts = [lines.slice(0, 2), lines.slice(2)];
  const files = parts.map((part, index) => {
    const file = `BILLING_PERIOD=2025-03/${own}cur-0000${index + 1}.csv.gz`;
    bill.write(`${folder}/cur/data/${file}`, part);
    return `s3://bucket/prefix/cur/data/${file}`;
  });
  bill.write(
    `${folder}/cur/metadata/BILLING_PERIOD=2025-03/${own}cur-Manifest.json`,
    JSON.stringify({ dataFiles: files }),
  );
}

const MODES: [string, (index: number) => string][] = [
  ['an export that is overwritten', () => ''],
  ['an export that keeps each delivery', (index) => `2025-04-0${index + 1}T08:00:00.000Z-0${index}`],
];

test.each(MODES)(
  'of %s, a month that is stated three times is exactly as if only the last had been loaded',
  async (mode, nameOf) => {
    const folder = mode.replaceAll(' ', '-');
    for (const [index, lines] of STATEMENTS.entries()) {
      deliver(restated, folder, lines, nameOf(index));
      const report = await restated.loadOne(join(restated.folder, folder));
      expect(report).toMatchObject({ status: 'loaded', rows: lines.length });
      expect(report.periods.map(({ replaced }) => replaced?.lines ?? null)).toEqual([
        index === 0 ? null : STATEMENTS[index - 1]?.length,
      ]);
    }
    const last = STATEMENTS.at(-1) ?? [];
    deliver(fresh, folder, last, nameOf(2));
    await fresh.loadOne(join(fresh.folder, folder));

    const { resources, ...stored } = await contents(restated);
    const { resources: known, ...expected } = await contents(fresh);
    expect(stored).toEqual(expected);
    expect(stored.billing).toHaveLength(5);
    for (const rows of Object.values(stored)) expect(rows).not.toEqual([]);
    // What was there once stays known, at no cost.
    const isKnown = (resource: unknown) => (resource as { resource_id: string }).resource_id !== 'gone';
    expect(resources?.filter(isKnown)).toEqual(known);
    expect(resources).toHaveLength((known ?? []).length + 1);
  },
);
