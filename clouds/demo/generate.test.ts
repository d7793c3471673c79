import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { PRODUCTS } from './products.ts';
import { type EstateUnderTest, estateUnderTest } from './testing.ts';

const now = new Date('2026-11-24T08:00:00Z');
const open: EstateUnderTest[] = [];
const small = async (options: { seed?: number; scale?: number; now?: Date }) => {
  const estate = await estateUnderTest({ now, seed: 7, months: 2, scale: 1, ...options });
  open.push(estate);
  return estate;
};

let estate: EstateUnderTest;
beforeAll(async () => {
  estate = await small({});
});
afterAll(() => {
  for (const one of open) one.close();
});

test('the same options give the same bytes, another seed gives others', async () => {
  const [again, other] = [await small({}), await small({ seed: 8 })];
  for (const one of [estate, again, other]) await one.made.writeInventories();
  expect(await hashesOf(again.folder)).toEqual(await hashesOf(estate.folder));
  const [ours, theirs] = [await hashesOf(estate.folder), await hashesOf(other.folder)];
  expect(Object.keys(theirs)).toEqual(Object.keys(ours));
  const same = Object.keys(ours).filter((file) => ours[file] === theirs[file]);
  expect(same).toEqual([]);
});

test('another day gives an estate that ends the day before it', async () => {
  const earlier = await small({ now: new Date('2026-11-02T00:00:01Z') });
  expect(earlier.made.truth.estate).toMatchObject({ from: '2026-10-01', through: '2026-11-01' });
  const [bounds] = await earlier.rows<{ first: string; last: string }>(
    `select min(day)::varchar as first, max(day)::varchar as last from lines where line_item_line_item_type = 'Usage'`,
  );
  expect(bounds).toEqual({ first: '2026-10-01', last: '2026-11-01' });
});

test('four times the scale is four times the cost in twice the accounts', async () => {
  const large = await small({ scale: 4 });
  const [one, four] = [estate.made.truth, large.made.truth];
  expect(one.accounts).toHaveLength(13);
  expect(four.accounts).toHaveLength(25);
  const spend = (totals: typeof one.totals) => Number(totals[0]?.amortized);
  expect(spend(four.totals) / spend(one.totals)).toBeGreaterThan(3.7);
  expect(spend(four.totals) / spend(one.totals)).toBeLessThan(4.1);
  const [clash] = await large.rows<{ count: string }>(
    `select count(*)::varchar as count from (select line_item_resource_id from lines where line_item_resource_id is not null
       group by 1 having count(distinct line_item_usage_account_id) > 1)`,
  );
  expect(clash?.count).toBe('0');
});

test('the export has the columns of CUR 2.0 with their types, and no others', async () => {
  const columns = await estate.rows<{ column_name: string; column_type: string }>('describe cur');
  expect(
    columns.map(({ column_name, column_type }) => `${column_name} ${column_type}`).join('\n'),
  ).toMatchInlineSnapshot(`
    "bill_bill_type VARCHAR
    bill_billing_entity VARCHAR
    bill_billing_period_end_date TIMESTAMP
    bill_billing_period_start_date TIMESTAMP
    bill_invoice_id VARCHAR
    bill_invoicing_entity VARCHAR
    bill_payer_account_id VARCHAR
    bill_payer_account_name VARCHAR
    cost_category MAP(VARCHAR, VARCHAR)
    discount_bundled_discount DOUBLE
    discount_total_discount DOUBLE
    discount MAP(VARCHAR, DOUBLE)
    identity_line_item_id VARCHAR
    identity_time_interval VARCHAR
    line_item_availability_zone VARCHAR
    line_item_blended_cost DOUBLE
    line_item_blended_rate VARCHAR
    line_item_currency_code VARCHAR
    line_item_legal_entity VARCHAR
    line_item_line_item_description VARCHAR
    line_item_line_item_type VARCHAR
    line_item_net_unblended_cost DOUBLE
    line_item_net_unblended_rate VARCHAR
    line_item_normalization_factor DOUBLE
    line_item_normalized_usage_amount DOUBLE
    line_item_operation VARCHAR
    line_item_product_code VARCHAR
    line_item_resource_id VARCHAR
    line_item_tax_type VARCHAR
    line_item_unblended_cost DOUBLE
    line_item_unblended_rate VARCHAR
    line_item_usage_account_id VARCHAR
    line_item_usage_account_name VARCHAR
    line_item_usage_amount DOUBLE
    line_item_usage_end_date TIMESTAMP
    line_item_usage_start_date TIMESTAMP
    line_item_usage_type VARCHAR
    pricing_currency VARCHAR
    pricing_lease_contract_length VARCHAR
    pricing_offering_class VARCHAR
    pricing_public_on_demand_cost DOUBLE
    pricing_public_on_demand_rate VARCHAR
    pricing_purchase_option VARCHAR
    pricing_rate_code VARCHAR
    pricing_rate_id VARCHAR
    pricing_term VARCHAR
    pricing_unit VARCHAR
    product MAP(VARCHAR, VARCHAR)
    product_comment VARCHAR
    product_fee_code VARCHAR
    product_fee_description VARCHAR
    product_from_location VARCHAR
    product_from_location_type VARCHAR
    product_from_region_code VARCHAR
    product_instance_family VARCHAR
    product_instance_type VARCHAR
    product_instancesku VARCHAR
    product_location VARCHAR
    product_location_type VARCHAR
    product_operation VARCHAR
    product_pricing_unit VARCHAR
    product_product_family VARCHAR
    product_region_code VARCHAR
    product_servicecode VARCHAR
    product_sku VARCHAR
    product_to_location VARCHAR
    product_to_location_type VARCHAR
    product_to_region_code VARCHAR
    product_usagetype VARCHAR
    reservation_amortized_upfront_cost_for_usage DOUBLE
    reservation_amortized_upfront_fee_for_billing_period DOUBLE
    reservation_availability_zone VARCHAR
    reservation_effective_cost DOUBLE
    reservation_end_time VARCHAR
    reservation_modification_status VARCHAR
    reservation_net_amortized_upfront_cost_for_usage DOUBLE
    reservation_net_amortized_upfront_fee_for_billing_period DOUBLE
    reservation_net_effective_cost DOUBLE
    reservation_net_recurring_fee_for_usage DOUBLE
    reservation_net_unused_amortized_upfront_fee_for_billing_period DOUBLE
    reservation_net_unused_recurring_fee DOUBLE
    reservation_net_upfront_value DOUBLE
    reservation_normalized_units_per_reservation VARCHAR
    reservation_number_of_reservations VARCHAR
    reservation_recurring_fee_for_usage DOUBLE
    reservation_reservation_a_r_n VARCHAR
    reservation_start_time VARCHAR
    reservation_subscription_id VARCHAR
    reservation_total_reserved_normalized_units VARCHAR
    reservation_total_reserved_units VARCHAR
    reservation_units_per_reservation VARCHAR
    reservation_unused_amortized_upfront_fee_for_billing_period DOUBLE
    reservation_unused_normalized_unit_quantity DOUBLE
    reservation_unused_quantity DOUBLE
    reservation_unused_recurring_fee DOUBLE
    reservation_upfront_value DOUBLE
    resource_tags MAP(VARCHAR, VARCHAR)
    savings_plan_amortized_upfront_commitment_for_billing_period DOUBLE
    savings_plan_end_time VARCHAR
    savings_plan_instance_type_family VARCHAR
    savings_plan_net_amortized_upfront_commitment_for_billing_period DOUBLE
    savings_plan_net_recurring_commitment_for_billing_period DOUBLE
    savings_plan_net_savings_plan_effective_cost DOUBLE
    savings_plan_offering_type VARCHAR
    savings_plan_payment_option VARCHAR
    savings_plan_purchase_term VARCHAR
    savings_plan_recurring_commitment_for_billing_period DOUBLE
    savings_plan_region VARCHAR
    savings_plan_savings_plan_a_r_n VARCHAR
    savings_plan_savings_plan_effective_cost DOUBLE
    savings_plan_savings_plan_rate DOUBLE
    savings_plan_start_time VARCHAR
    savings_plan_total_commitment_to_date DOUBLE
    savings_plan_used_commitment DOUBLE
    split_line_item_actual_usage DOUBLE
    split_line_item_net_split_cost DOUBLE
    split_line_item_net_unused_cost DOUBLE
    split_line_item_parent_resource_id VARCHAR
    split_line_item_public_on_demand_split_cost DOUBLE
    split_line_item_public_on_demand_unused_cost DOUBLE
    split_line_item_reserved_usage DOUBLE
    split_line_item_split_cost DOUBLE
    split_line_item_split_usage DOUBLE
    split_line_item_split_usage_ratio DOUBLE
    split_line_item_unused_cost DOUBLE
    capacity_reservation_capacity_reservation_arn VARCHAR
    capacity_reservation_capacity_reservation_status VARCHAR
    capacity_reservation_capacity_reservation_type VARCHAR"
  `);
});

test('a month is delivered as AWS Data Exports delivers it', () => {
  const manifest = JSON.parse(
    readFileSync(
      join(estate.made.billingFolder, 'metadata/BILLING_PERIOD=2026-10/fernhill-cur2-Manifest.json'),
      'utf8',
    ),
  );
  expect(manifest.dataFiles).toEqual([
    's3://fernhill-billing-exports/fernhill-cur2/data/BILLING_PERIOD=2026-10/fernhill-cur2-00001.snappy.parquet',
  ]);
  expect(manifest.tableConfigurations).toMatchObject({
    TIME_GRANULARITY: 'DAILY',
    INCLUDE_SPLIT_COST_ALLOCATION_DATA: 'TRUE',
  });
  expect(
    statSync(join(estate.made.billingFolder, 'data/BILLING_PERIOD=2026-10/fernhill-cur2-00001.snappy.parquet')).size,
  ).toBeGreaterThan(0);
});

test('lines have ids of their own, a period within their month and an invoice once the month is closed', async () => {
  const [found] = await estate.rows<
    Record<string, string>
  >(`select count(*) - count(distinct identity_line_item_id) as doubles,
      count(*) filter (line_item_usage_start_date < bill_billing_period_start_date or line_item_usage_end_date > bill_billing_period_end_date) as outside,
      count(*) filter (line_item_usage_end_date <= line_item_usage_start_date) as empty,
      count(distinct bill_invoice_id) filter (bill_billing_period_start_date = '2026-10-01') as invoices,
      count(bill_invoice_id) filter (bill_billing_period_start_date = '2026-11-01') as early
    from cur`);
  // The marketplace seller sends an invoice of its own.
  expect(found).toEqual({ doubles: '0', outside: '0', empty: '0', invoices: '2', early: '0' });
});

test('every service has a name, and there are about 35 of AWS', async () => {
  const rows = await estate.rows<{ code: string; name: string }>(
    `select distinct line_item_product_code as code, product['product_name'] as name from lines order by 1`,
  );
  expect(rows.filter(({ code, name }) => !name || name === code)).toEqual([
    { code: 'AmazonCloudWatch', name: 'AmazonCloudWatch' },
  ]);
  const services = rows.filter(
    ({ code }) => code in PRODUCTS && !['ComputeSavingsPlans', 'AWSSupportEnterprise'].includes(code),
  );
  expect(services.length).toBeGreaterThanOrEqual(34);
});

test('covered usage and its negation cancel, and each plan is spent or unused to the last digit', async () => {
  const [pairs] = await estate.rows<{
    sum: string;
  }>(`select sum(line_item_unblended_cost::decimal(18,10))::varchar as sum from lines
    where line_item_line_item_type in ('SavingsPlanCoveredUsage', 'SavingsPlanNegation')`);
  const [before] = await estate.rows<{ sum: string }>(
    `select sum(line_item_unblended_cost::decimal(18,10))::varchar as sum from lines where line_item_line_item_type = 'SavingsPlanCoveredUsage'`,
  );
  expect(pairs?.sum).toBe('0.0000000000');
  expect(Number(before?.sum)).toBeGreaterThan(10_000);
  const wrong =
    await estate.rows(`with used as (select savings_plan_savings_plan_a_r_n as arn, day, sum(amortized) as used from lines
      where line_item_line_item_type = 'SavingsPlanCoveredUsage' group by all)
    select * from lines fee join used on used.arn = fee.savings_plan_savings_plan_a_r_n and used.day = fee.day
    where fee.line_item_line_item_type = 'SavingsPlanRecurringFee' and abs(fee.savings_plan_used_commitment - used.used) > 1e-8`);
  expect(wrong).toEqual([]);
});

test("a node's cost is what its pods have of it, used and unused", async () => {
  const wrong = await estate.rows(`with pods as (
      select split_line_item_parent_resource_id as node, line_item_usage_start_date::date as day,
        sum(split_line_item_split_cost + split_line_item_unused_cost) as shared, sum(line_item_unblended_cost) as billed
      from cur where line_item_operation = 'EKSPod-EC2' group by all
    ),
    nodes as (select line_item_resource_id as node, day, sum(amortized)::double as cost from lines where product_product_family = 'Compute Instance' group by all)
    select * from pods join nodes using (node, day) where abs(shared - cost) > 1e-6 or billed <> 0`);
  expect(wrong).toEqual([]);
  const [shared] = await estate.rows<{ nodes: number }>(
    `select count(distinct split_line_item_parent_resource_id)::integer as nodes from cur where split_line_item_parent_resource_id is not null`,
  );
  expect(shared?.nodes).toBeGreaterThan(15);
});

test('nothing in it speaks of what is planted, and nothing is hostile', async () => {
  const rows = await estate.rows<{ text: string }>(
    `select distinct unnest([line_item_resource_id, line_item_line_item_description] || map_values(resource_tags)) as text from cur`,
  );
  const inventory = estate.made.estate.resources.flatMap(({ name, id, configuration }) => [
    name,
    id,
    JSON.stringify(configuration),
  ]);
  const texts = [...rows.map(({ text }) => text), ...inventory].filter(Boolean);
  expect(texts.length).toBeGreaterThan(3000);
  const telling =
    /\b(idle|unused|waste|wasted|oversiz\w*|orphan\w*|zombie|forgotten|planted|anomal\w*|spike|decoy|fake)\b/i;
  // AWS itself calls such an address idle on the bill.
  expect(texts.filter((text) => telling.test(text) && !/Idle public IPv4/.test(text))).toEqual([]);
  expect(texts.filter((text) => /[<>`\\]|ignore|instruction|prompt|--;|=cmd|javascript:/i.test(text))).toEqual([]);
});

async function hashesOf(folder: string): Promise<Record<string, string>> {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => !file.startsWith('.work') && statSync(join(folder, file)).isFile())
    .sort();
  return Object.fromEntries(
    files.map((file) => [
      file,
      createHash('sha256')
        .update(readFileSync(join(folder, file)))
        .digest('hex'),
    ]),
  );
}
