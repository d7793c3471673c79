import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { addDecimals } from '../analytics/money.ts';
import { type BillTest, curLine, focusLine, type Line, openBillTest } from './bill.fixture.ts';

let bill: BillTest;
beforeAll(async () => {
  bill = await openBillTest();
});
afterAll(() => bill.close());
beforeEach(() => bill.clear());

/** Loads lines and returns what a query of the bill says of them. */
async function stored(lines: Line[], select: string): Promise<Record<string, unknown>[]> {
  await bill.loadOne(bill.write('bill.csv', lines));
  return bill.rows(select);
}

describe('what a cost is', () => {
  test('credits are a category of their own, refunds adjust, taxes and fees are in', async () => {
    const lines = [
      ['Usage', '10'],
      ['Credit', '-4'],
      ['Refund', '-1'],
      ['Tax', '2'],
      ['Fee', '3'],
      ['EdpDiscount', '-0.5'],
    ] as const;
    const rows = await stored(
      lines.map(([type, cost]) => curLine({ line_item_line_item_type: type, line_item_unblended_cost: cost })),
      'SELECT charge_category, sum(effective_cost)::text AS cost FROM billing GROUP BY 1 ORDER BY 1',
    );
    expect(rows).toEqual([
      { charge_category: 'Adjustment', cost: '-1' },
      { charge_category: 'Credit', cost: '-4' },
      { charge_category: 'Purchase', cost: '3' },
      { charge_category: 'Tax', cost: '2' },
      { charge_category: 'Usage', cost: '9.5' },
    ]);
  });

  test('net columns count where they are filled; blended cost is never stored', async () => {
    const { sums } = await bill.loadOne(
      bill.write('net.csv', [
        curLine({ line_item_unblended_cost: '10', line_item_net_unblended_cost: '9', line_item_blended_cost: '77' }),
        curLine({ line_item_unblended_cost: '10', line_item_net_unblended_cost: '', line_item_blended_cost: '' }),
        curLine({
          line_item_line_item_type: 'DiscountedUsage',
          line_item_unblended_cost: '0',
          line_item_net_unblended_cost: '0',
          reservation_effective_cost: '5',
          reservation_net_effective_cost: '4',
        }),
      ]),
    );
    expect(sums.USD).toMatchObject({
      line_item_blended_cost: { read: '77', stored: null },
      billed_cost: { read: '19', stored: '19' },
      effective_cost: { read: '23', stored: '23' },
    });
  });

  test('usage covered by a Savings Plan and its negation cancel on the invoice; the unused rest is on the fee', async () => {
    const plan = { savings_plan_savings_plan_a_r_n: 'arn:sp' };
    const rows = await stored(
      [
        curLine({
          ...plan,
          line_item_line_item_type: 'SavingsPlanCoveredUsage',
          line_item_unblended_cost: '10',
          savings_plan_savings_plan_effective_cost: '7',
        }),
        curLine({
          ...plan,
          line_item_line_item_type: 'SavingsPlanNegation',
          line_item_unblended_cost: '-10',
          line_item_resource_id: '',
        }),
        curLine({
          ...plan,
          line_item_line_item_type: 'SavingsPlanRecurringFee',
          line_item_unblended_cost: '8',
          savings_plan_total_commitment_to_date: '8',
          savings_plan_used_commitment: '7',
          line_item_resource_id: '',
        }),
        curLine({
          ...plan,
          line_item_line_item_type: 'SavingsPlanRecurringFee',
          line_item_unblended_cost: '8',
          savings_plan_total_commitment_to_date: '8',
          savings_plan_used_commitment: '8',
          line_item_resource_id: '',
        }),
      ],
      'SELECT x_charge_type, commitment_discount_status AS status, billed_cost::text, effective_cost::text FROM billing ORDER BY 1, 4',
    );
    expect(rows).toEqual([
      { x_charge_type: 'SavingsPlanCoveredUsage', status: 'Used', billed_cost: '10', effective_cost: '7' },
      { x_charge_type: 'SavingsPlanNegation', status: null, billed_cost: '-10', effective_cost: '0' },
      { x_charge_type: 'SavingsPlanRecurringFee', status: 'Unused', billed_cost: '16', effective_cost: '1' },
    ]);
  });

  test("a reservation's usage costs its share, its upfront fee nothing, and its fee what nobody used; in normalized units", async () => {
    const reservation = { reservation_reservation_a_r_n: 'arn:ri' };
    const rows = await stored(
      [
        curLine({
          ...reservation,
          line_item_line_item_type: 'DiscountedUsage',
          line_item_unblended_cost: '0',
          reservation_effective_cost: '0.06',
          line_item_normalized_usage_amount: '4',
        }),
        curLine({ ...reservation, line_item_line_item_type: 'Fee', line_item_unblended_cost: '300' }),
        curLine({
          ...reservation,
          line_item_line_item_type: 'RIFee',
          line_item_unblended_cost: '40',
          reservation_unused_amortized_upfront_fee_for_billing_period: '1.5',
          reservation_unused_recurring_fee: '2.25',
          reservation_unused_normalized_unit_quantity: '12',
        }),
      ],
      'SELECT x_charge_type AS type, billed_cost::text AS billed, effective_cost::text AS effective, commitment_discount_quantity::text AS quantity, commitment_discount_unit AS unit FROM billing ORDER BY 1',
    );
    expect(rows).toEqual([
      { type: 'DiscountedUsage', billed: '0', effective: '0.06', quantity: '4', unit: 'Normalized Hour' },
      { type: 'Fee', billed: '300', effective: '0', quantity: null, unit: null },
      { type: 'RIFee', billed: '40', effective: '3.75', quantity: '12', unit: 'Normalized Hour' },
    ]);
  });

  test('pods and tasks divide the cost of their instance and add nothing to it', async () => {
    const pod = {
      line_item_operation: 'EKSPod-EC2',
      split_line_item_parent_resource_id: 'i-1',
      line_item_unblended_cost: '6',
    };
    const { sums } = await bill.loadOne(
      bill.write('split.csv', [
        curLine({ line_item_unblended_cost: '10' }),
        curLine({
          ...pod,
          line_item_resource_id: 'pod-a',
          split_line_item_split_cost: '6',
          split_line_item_unused_cost: '1',
        }),
        curLine({
          ...pod,
          line_item_resource_id: 'pod-b',
          split_line_item_split_cost: '2',
          split_line_item_unused_cost: '1',
        }),
        curLine({
          ...pod,
          line_item_resource_id: 'task',
          line_item_operation: 'ECSTask-EC2',
          split_line_item_parent_resource_id: '',
        }),
      ]),
    );
    expect(sums.USD).toMatchObject({
      line_item_unblended_cost: { read: '28', stored: null },
      billed_cost: { read: '10', stored: '10' },
    });
    expect(
      await bill.rows(
        'SELECT sum(x_split_cost + x_split_unused_cost)::text AS shared, sum(effective_cost)::text AS cost FROM billing',
      ),
    ).toEqual([{ shared: '10', cost: '10' }]);
    expect(await bill.rows('SELECT resource_id FROM resources ORDER BY 1')).toEqual([
      { resource_id: 'i-1' },
      { resource_id: 'task' },
    ]);
  });

  test('currencies are kept apart, whatever their spelling', async () => {
    const { sums } = await bill.loadOne(
      bill.write('currencies.csv', [
        curLine(),
        curLine({ line_item_currency_code: 'CNY', line_item_unblended_cost: '7' }),
        curLine({ line_item_currency_code: 'usd', pricing_currency: 'USD' }),
      ]),
    );
    expect(
      Object.entries(sums)
        .map(([currency, { line_item_unblended_cost: cost }]) => [currency, cost?.stored])
        .sort(),
    ).toEqual([
      ['CNY', '7'],
      ['USD', '0.2'],
    ]);
  });
});

describe('what a charge is of', () => {
  test('lines without a resource keep their cost', async () => {
    const rows = await stored(
      [
        curLine(),
        curLine({ line_item_line_item_type: 'Tax', line_item_resource_id: '' }),
        curLine({ line_item_resource_id: '', line_item_usage_type: 'DataTransfer-Out-Bytes' }),
      ],
      'SELECT resource_id IS NULL AS unattributed, count(*)::int AS rows, sum(billed_cost)::text AS cost FROM billing GROUP BY 1 ORDER BY 1',
    );
    expect(rows).toEqual([
      { unattributed: false, rows: 1, cost: '0.1' },
      { unattributed: true, rows: 2, cost: '0.2' },
    ]);
  });

  test('marketplace products go by their own names, and not by those of AWS', async () => {
    const rows = await stored(
      [
        curLine({
          bill_billing_entity: 'AWS Marketplace',
          line_item_legal_entity: 'Tinkerly GmbH',
          line_item_product_code: '9x8y',
          product: '{"product_name":"Tinkerly Pro"}',
        }),
        curLine({ line_item_product_code: 'AmazonNewThing', product: '{"product_name":"Amazon New Thing"}' }),
        curLine({ line_item_product_code: 'AmazonNameless', product: '{}' }),
        curLine({ line_item_product_code: 'AmazonS3', product: '{"product_name":"S3"}' }),
      ],
      'SELECT service_name, service_category, publisher_name, x_service_code FROM billing ORDER BY 1',
    );
    const aws = 'Amazon Web Services, Inc.';
    expect(rows).toEqual([
      {
        service_name: 'Amazon New Thing',
        service_category: 'Other',
        publisher_name: aws,
        x_service_code: 'AmazonNewThing',
      },
      {
        service_name: 'Amazon Simple Storage Service',
        service_category: 'Storage',
        publisher_name: aws,
        x_service_code: 'AmazonS3',
      },
      {
        service_name: 'AmazonNameless',
        service_category: 'Other',
        publisher_name: aws,
        x_service_code: 'AmazonNameless',
      },
      {
        service_name: 'Tinkerly Pro',
        service_category: 'Other',
        publisher_name: 'Tinkerly GmbH',
        x_service_code: '9x8y',
      },
    ]);
  });

  test('columns that came, went or changed their names', async () => {
    const { product_region_code: _, ...older } = curLine();
    expect(await stored([{ ...older, product_region: 'eu-west-1' }], 'SELECT region_id FROM billing')).toEqual([
      { region_id: 'eu-west-1' },
    ]);
    await bill.clear();
    expect(await stored([{ ...older, product: '{"region":"eu-central-1"}' }], 'SELECT region_id FROM billing')).toEqual(
      [{ region_id: 'eu-central-1' }],
    );
    await bill.clear();
    expect(
      await stored([{ ...older, line_item_availability_zone: 'us-west-2b' }], 'SELECT region_id FROM billing'),
    ).toEqual([{ region_id: 'us-west-2' }]);
    await bill.clear();
    const { ignoredColumns } = await bill.loadOne(
      bill.write('newer.csv', [
        {
          ...curLine({ line_item_line_item_type: 'FlatRateSubscription' }),
          line_item_invented: '1',
          product_vcpu: '2',
        },
      ]),
    );
    expect(ignoredColumns).toEqual(['line_item_invented', 'product_vcpu']);
    expect(await bill.rows('SELECT charge_category, charge_frequency FROM billing')).toEqual([
      { charge_category: 'Usage', charge_frequency: 'Recurring' },
    ]);
  });
});

describe('tags', () => {
  const tagsOf = async () => (await bill.rows('SELECT tags FROM tag_sets')).map((row) => row.tags);

  test('of legacy columns, in both spellings', async () => {
    const line = {
      'lineItem/LineItemType': 'Usage',
      'lineItem/ProductCode': 'AmazonEC2',
      'lineItem/UnblendedCost': '1',
      'bill/BillingPeriodStartDate': '2025-03-01T00:00:00Z',
      'lineItem/UsageStartDate': '2025-03-03T00:00:00Z',
    };
    const tags = {
      'resourceTags/user:Cost Center': 'cc1',
      'resourceTags/user:empty': '',
      'resourceTags/aws:createdBy': 'root',
      'costCategory/Unit': 'Retail',
    };
    await bill.loadOne(bill.write('legacy.csv', [{ ...line, ...tags }]));
    expect(await tagsOf()).toEqual([{ 'Cost Center': 'cc1', 'aws:createdBy': 'root', 'cost_category:Unit': 'Retail' }]);
    await bill.clear();
    const { resource_tags: _, bill_payer_account_name: __, line_item_usage_account_name: ___, ...snake } = curLine();
    const loaded = await bill.loadOne(
      bill.write('athena.csv', [
        {
          ...snake,
          resource_tags_user_cost_center: 'cc1',
          resource_tags_aws_created_by: 'root',
          cost_category_unit: 'Retail',
        },
      ]),
    );
    expect(loaded.source).toBe('aws-cur-legacy');
    expect(await tagsOf()).toEqual([{ cost_center: 'cc1', 'aws:created_by': 'root', 'cost_category:unit': 'Retail' }]);
  });

  test("of CUR 2.0's older and newer map, which hold the same ones", async () => {
    await bill.loadOne(
      bill.write('maps.csv', [
        {
          ...curLine({ resource_tags: '{"user_cost_center":"cc1"}' }),
          tags: '{"resourceTags/user:CostCenter":"cc1","accountTags/Unit":"Retail"}',
        },
        { ...curLine({ resource_tags: '{"user_cost_center":"cc2"}' }), tags: '{}' },
      ]),
    );
    expect(await tagsOf()).toEqual(
      expect.arrayContaining([{ CostCenter: 'cc1', 'accountTags/Unit': 'Retail' }, { cost_center: 'cc2' }]),
    );
  });

  test('of FOCUS, as an object, as a list of pairs, as a map and as a list of structs', async () => {
    await bill.loadOne(
      bill.write('focus.csv', [
        focusLine({ Tags: '{"Env":"prod","user:team":"a","none":null,"flag":true}' }),
        focusLine({ Tags: '[{"key":"env","value":"dev"}]' }),
        focusLine({ Tags: '{}' }),
        focusLine({ Tags: 'NULL' }),
      ]),
    );
    expect(await tagsOf()).toEqual(expect.arrayContaining([{ Env: 'prod', team: 'a', flag: 'true' }, { env: 'dev' }]));
    expect(await tagsOf()).toHaveLength(2);
    for (const [name, tags] of [
      ['map', "MAP {'env': 'x', 'team': 'y'}"],
      ['structs', "[{'key': 'env', 'value': 'x'}, {'key': 'team', 'value': 'y'}]"],
      ['struct', "{'env': 'x', 'team': 'y'}"],
    ] as const) {
      await bill.clear();
      const select = `SELECT 1.0 AS BilledCost, 1.0 AS EffectiveCost, 'Usage' AS ChargeCategory, ${tags} AS Tags, TIMESTAMP '2025-03-01' AS BillingPeriodStart, TIMESTAMP '2025-03-03' AS ChargePeriodStart`;
      await bill.loadOne(await bill.writeParquet(`${name}.parquet`, select));
      expect(await tagsOf(), name).toEqual([{ env: 'x', team: 'y' }]);
    }
  });
});

describe('time', () => {
  test('days are days of UTC, whatever the offset and the form', async () => {
    const rows = await stored(
      [
        '2025-03-10 00:30:00+01:00',
        '2025-03-10T00:30:00Z',
        '2025-03-10',
        '2025-03-10T23:59Z',
        '2025-03-10 23:30:00-0100',
        '2025-03-12T10:00:00.123Z',
        '3/13/25',
        '3/13/2025 8:15',
      ].map((start) => focusLine({ ChargePeriodStart: start, ChargePeriodEnd: '' })),
      "SELECT to_char(charge_period_start, 'MM-DD HH24:MI') AS start, to_char(charge_period_end, 'MM-DD HH24:MI') AS end, x_line_count AS lines FROM billing ORDER BY 1",
    );
    expect(rows).toEqual([
      { start: '03-09 00:00', end: '03-10 00:00', lines: 1 },
      { start: '03-10 00:00', end: '03-11 00:00', lines: 3 },
      { start: '03-11 00:00', end: '03-12 00:00', lines: 1 },
      { start: '03-12 00:00', end: '03-13 00:00', lines: 1 },
      { start: '03-13 00:00', end: '03-14 00:00', lines: 2 },
    ]);
  });

  test('the end of a period is not part of it: the last hour of a day is of that day, a month ends with its last day', async () => {
    const rows = await stored(
      [
        focusLine({ ChargePeriodStart: '2025-03-10T23:00:00Z', ChargePeriodEnd: '2025-03-11T00:00:00Z' }),
        focusLine({ ChargePeriodStart: '2025-03-01T00:00:00Z', ChargePeriodEnd: '2025-04-01T00:00:00Z' }),
        focusLine({ ChargePeriodStart: '2025-03-02T09:00:00Z', ChargePeriodEnd: '2026-03-02T08:59:59Z' }),
      ],
      "SELECT to_char(charge_period_start, 'YYYY-MM-DD') AS start, to_char(charge_period_end, 'YYYY-MM-DD') AS end FROM billing ORDER BY 1, 2",
    );
    expect(rows).toEqual([
      { start: '2025-03-01', end: '2025-04-01' },
      { start: '2025-03-02', end: '2026-03-03' },
      { start: '2025-03-10', end: '2025-03-11' },
    ]);
  });

  test('an end that is no time counts as missing, and the report says so', async () => {
    const { notes } = await bill.loadOne(
      bill.write('thirty.csv', [focusLine({ ChargePeriodEnd: '2025-03-04T30:00:00Z', BillingPeriodEnd: 'soon' })]),
    );
    expect(notes).toEqual(['2 ends of periods are no times and count as missing.']);
    expect(
      await bill.rows(
        "SELECT to_char(charge_period_end, 'YYYY-MM-DD') AS end, to_char(billing_period_end, 'YYYY-MM-DD') AS month FROM billing",
      ),
    ).toEqual([{ end: '2025-03-04', month: '2025-04-01' }]);
  });
});

describe('numbers', () => {
  test.each([
    ['many digits', ['0.000000000000000000000000000001', '0.000000000000000000000000000002', '12345678.9']],
    ['exponents', ['1.2E-7', '3e-30', '1E+3', '-2.5e-2']],
    [
      'more digits than a decimal of 38 holds',
      [
        '123456789.123456789012345678901234567890',
        '-0.000000000000000000000000000000000001',
        '99999999999999999999.5',
        '2',
      ],
    ],
    ['long texts of floats', ['0.0010684211984159026', '79.31061373055411', '-79.31061373055412']],
    ['zeros without an end', ['0.0104000000000000000000000000000000', '1.00']],
  ])('%s: every one of them is kept', async (_, costs) => {
    const sum = addDecimals(...costs);
    const { sums } = await bill.loadOne(
      bill.write(
        'digits.csv',
        costs.map((BilledCost) => focusLine({ BilledCost })),
      ),
    );
    expect(sums.USD?.BilledCost).toEqual({ read: sum, stored: sum, focusColumn: 'billed_cost' });
    for (const table of ['billing', 'cost_daily', 'cost_daily_tagged']) {
      expect(await bill.rows(`SELECT trim_scale(sum(billed_cost))::text AS sum FROM ${table}`), table).toEqual([
        { sum },
      ]);
    }
  });

  test('amounts as a spreadsheet shows them are read, and the report says so', async () => {
    const { sums, notes } = await bill.loadOne(
      bill.write(
        'shown.csv',
        ['$50,000.00 ', '($3.10)', '-$1', '2'].map((BilledCost) =>
          focusLine({ BilledCost, ListUnitPrice: '$100.00 ' }),
        ),
      ),
    );
    expect(sums.USD?.BilledCost?.stored).toBe('49997.9');
    expect(notes).toEqual([expect.stringContaining('sign of currency')]);
  });
});

describe('FOCUS', () => {
  test.each([
    [
      '1.0',
      { ProviderName: 'AWS', PublisherName: 'AWS' },
      { service_provider_name: 'AWS', host_provider_name: null, publisher_name: 'AWS' },
    ],
    [
      '1.1',
      { ProviderName: 'AWS', SkuMeter: 'Hours' },
      { service_provider_name: 'AWS', host_provider_name: null, publisher_name: null },
    ],
    [
      '1.2',
      { ProviderName: 'AWS', InvoiceId: 'I-1' },
      { service_provider_name: 'AWS', host_provider_name: null, publisher_name: null },
    ],
    [
      '1.3',
      { ServiceProviderName: 'Tinkerly', HostProviderName: 'AWS', ProviderName: 'Old' },
      { service_provider_name: 'Tinkerly', host_provider_name: 'AWS', publisher_name: null },
    ],
    [
      '1.4',
      { ServiceProviderName: 'Tinkerly', HostProviderName: 'AWS', InvoiceDetailId: 'd', NotYetInvented: 'x' },
      { service_provider_name: 'Tinkerly', host_provider_name: 'AWS', publisher_name: null },
    ],
  ])('%s is told by its columns', async (version, changes, names) => {
    const loaded = await bill.loadOne(bill.write('version.csv', [focusLine(changes)]));
    expect(loaded).toMatchObject({ source: 'focus', version });
    expect(await bill.rows('SELECT service_provider_name, host_provider_name, publisher_name FROM billing')).toEqual([
      names,
    ]);
  });

  test("'NULL' and 'null' are no values, and a bill without accounts, currency and services is one of its own", async () => {
    const {
      BillingAccountId: _,
      BillingCurrency: __,
      ServiceName: ___,
      ...bare
    } = focusLine({ ResourceId: 'NULL', CommitmentDiscountId: 'null' });
    expect(
      await stored(
        [bare],
        'SELECT billing_account_id, billing_currency, service_name, resource_id, commitment_discount_id FROM billing',
      ),
    ).toEqual([
      {
        billing_account_id: 'unspecified',
        billing_currency: 'XXX',
        service_name: 'Unspecified',
        resource_id: null,
        commitment_discount_id: null,
      },
    ]);
    expect(await bill.rows('SELECT account_id FROM accounts')).toEqual([]);
  });

  test('the spelling of a warehouse is read too', async () => {
    const spelled = Object.entries(focusLine()).map(([name, value]) => [
      name.replace(/(?!^)[A-Z]/g, '_$&').toLowerCase(),
      value,
    ]);
    expect(await bill.loadOne(bill.write('snake.csv', [Object.fromEntries(spelled)]))).toMatchObject({
      source: 'focus',
      rows: 1,
    });
  });
});

test('a question about some days reads the months that hold charges of them, and no other', async () => {
  const month = (name: string, days: string[], lines: Line = {}) =>
    bill.write(
      `${name}.csv`,
      days.map((day) =>
        curLine({
          bill_billing_period_start_date: `2026-${name}-01T00:00:00Z`,
          bill_billing_period_end_date: `2026-${String(Number(name) + 1).padStart(2, '0')}-01T00:00:00Z`,
          line_item_usage_start_date: `${day}T00:00:00Z`,
          line_item_usage_end_date: `${day}T01:00:00Z`,
          ...lines,
        }),
      ),
    );
  await bill.load(month('03', ['2026-03-02', '2026-03-31']));
  // A purchase of the month before may stand on the invoice of this one.
  await bill.load(month('04', ['2026-03-30', '2026-04-09']));
  await bill.load(month('05', ['2026-05-01']));
  const read = async (from: string, to: string): Promise<string[]> => {
    const plan = await bill.rows(
      `EXPLAIN SELECT sum(billed_cost) FROM billing WHERE charge_period_start >= '${from}Z' AND charge_period_start < '${to}Z'`,
    );
    return [...new Set(JSON.stringify(plan).match(/billing_2026_\d\d/g))].sort();
  };
  expect(await read('2026-05-01', '2026-06-01')).toEqual(['billing_2026_05']);
  expect(await read('2026-04-01', '2026-04-02')).toEqual(['billing_2026_04']);
  expect(await read('2026-03-30', '2026-04-01')).toEqual(['billing_2026_03', 'billing_2026_04']);
});
