import type { ChargeColumn } from '../../../analytics/focus.ts';
import type { BillingSource, LookupTable, SourceColumn } from '../../contract.ts';
import { CHARGE_CATEGORY_OF } from './line-item-types.ts';
import { SERVICES } from './services.ts';

const text: SourceColumn = { kind: 'text' };
const number: SourceColumn = { kind: 'number' };
const price: SourceColumn = { kind: 'price' };

/**
 * What is read of CUR 2.0. The legacy report has the same under its own spelling.
 * Source: https://docs.aws.amazon.com/cur/latest/userguide/table-dictionary-cur2.html
 */
export const columns = {
  bill_bill_type: text,
  bill_billing_entity: text,
  bill_billing_period_start_date: { kind: 'time', required: true, filled: true },
  bill_billing_period_end_date: { kind: 'time', lenient: true },
  bill_invoice_id: text,
  bill_invoicing_entity: text,
  bill_payer_account_id: text,
  bill_payer_account_name: text,
  line_item_availability_zone: text,
  line_item_blended_cost: number,
  line_item_currency_code: text,
  line_item_legal_entity: text,
  line_item_line_item_description: text,
  line_item_line_item_type: {
    kind: 'text',
    required: true,
    filled: true,
    values: Object.keys(CHARGE_CATEGORY_OF),
  },
  line_item_net_unblended_cost: number,
  line_item_net_unblended_rate: price,
  line_item_normalized_usage_amount: number,
  line_item_operation: text,
  line_item_product_code: text,
  line_item_resource_id: text,
  line_item_unblended_cost: { kind: 'number', required: true, filled: true },
  line_item_unblended_rate: price,
  line_item_usage_account_id: text,
  line_item_usage_account_name: text,
  line_item_usage_amount: number,
  line_item_usage_start_date: { kind: 'time', required: true, filled: true },
  line_item_usage_end_date: { kind: 'time', lenient: true },
  line_item_usage_type: text,
  pricing_currency: text,
  pricing_public_on_demand_cost: number,
  pricing_public_on_demand_rate: price,
  pricing_rate_code: text,
  pricing_unit: text,
  product_instance_type: { kind: 'text', from: ['product_instance_type', 'product.instance_type'] },
  product_location: { kind: 'text', from: ['product_location', 'product.location'] },
  product_product_family: { kind: 'text', from: ['product_product_family', 'product.product_family'] },
  product_product_name: { kind: 'text', from: ['product_product_name', 'product.product_name'] },
  // product_region became product_region_code in 2022.
  product_region_code: {
    kind: 'text',
    from: ['product_region_code', 'product_region', 'product.region_code', 'product.region'],
  },
  product_sku: { kind: 'text', from: ['product_sku', 'product.sku'] },
  reservation_effective_cost: number,
  reservation_net_effective_cost: number,
  reservation_reservation_a_r_n: {
    kind: 'text',
    from: ['reservation_reservation_a_r_n', 'reservation_reservation_arn'],
  },
  reservation_unused_amortized_upfront_fee_for_billing_period: number,
  reservation_net_unused_amortized_upfront_fee_for_billing_period: number,
  reservation_unused_recurring_fee: number,
  reservation_net_unused_recurring_fee: number,
  reservation_unused_normalized_unit_quantity: number,
  capacity_reservation_capacity_reservation_arn: {
    kind: 'text',
    from: ['capacity_reservation_capacity_reservation_arn', 'capacity_reservation_capacity_reservation_a_r_n'],
  },
  capacity_reservation_status: {
    kind: 'text',
    from: ['capacity_reservation_status', 'capacity_reservation_capacity_reservation_status'],
  },
  savings_plan_net_savings_plan_effective_cost: number,
  savings_plan_savings_plan_a_r_n: {
    kind: 'text',
    from: ['savings_plan_savings_plan_a_r_n', 'savings_plan_savings_plan_arn'],
  },
  savings_plan_savings_plan_effective_cost: number,
  savings_plan_total_commitment_to_date: number,
  savings_plan_used_commitment: number,
  split_line_item_parent_resource_id: text,
  split_line_item_split_cost: number,
  split_line_item_net_split_cost: number,
  split_line_item_unused_cost: number,
  split_line_item_net_unused_cost: number,
} as const satisfies Record<string, SourceColumn>;

const TYPE = 'line_item_line_item_type';

// Pods and tasks on EC2 have lines of their own beside the instance's: they say who used the instance, not what was paid.
// Rule: Cloud Intelligence Dashboards, summary_view.sql; AWS: "Understanding split cost allocation data".
const IS_SPLIT = `(coalesce(line_item_operation, '') IN ('EKSPod-EC2', 'ECSTask-EC2') OR split_line_item_parent_resource_id IS NOT NULL)`;
const unlessSplit = (sql: string) => `CASE WHEN ${IS_SPLIT} THEN 0 ELSE ${sql} END`;

const IS_MARKETPLACE = `bill_billing_entity = 'AWS Marketplace'`;
const IS_SPOT = `strpos(line_item_usage_type, 'SpotUsage') > 0`;

// Net columns are there when private discounts are: what is paid after them.
const UNBLENDED = 'coalesce(line_item_net_unblended_cost, line_item_unblended_cost)';
const UNUSED_RESERVATION = `coalesce(reservation_net_unused_amortized_upfront_fee_for_billing_period, reservation_unused_amortized_upfront_fee_for_billing_period, 0)
    + coalesce(reservation_net_unused_recurring_fee, reservation_unused_recurring_fee, 0)`;
const UNUSED_PLAN = 'coalesce(savings_plan_total_commitment_to_date, 0) - coalesce(savings_plan_used_commitment, 0)';

// The reference rule for amortized cost: Cloud Intelligence Dashboards, cid/builtin/core/data/queries/cid/summary_view.sql.
// Upfront and recurring fees are spread over the usage they cover; of the fee itself only what nobody used remains.
const AMORTIZED = `CASE ${TYPE}
    WHEN 'SavingsPlanCoveredUsage' THEN coalesce(savings_plan_net_savings_plan_effective_cost, savings_plan_savings_plan_effective_cost, 0)
    WHEN 'SavingsPlanRecurringFee' THEN ${UNUSED_PLAN}
    WHEN 'SavingsPlanNegation' THEN 0
    WHEN 'SavingsPlanUpfrontFee' THEN 0
    WHEN 'DiscountedUsage' THEN coalesce(reservation_net_effective_cost, reservation_effective_cost, 0)
    WHEN 'RIFee' THEN ${UNUSED_RESERVATION}
    WHEN 'Fee' THEN CASE WHEN reservation_reservation_a_r_n IS NOT NULL THEN 0 ELSE ${UNBLENDED} END
    WHEN 'Refund' THEN CASE WHEN line_item_product_code = 'ComputeSavingsPlans'
      AND strpos(lower(line_item_line_item_description), 'one-time fee for savings plan id') > 0 THEN 0 ELSE ${UNBLENDED} END
    ELSE ${UNBLENDED} END`;

/** How CUR lines become FOCUS charges. In brackets, where it differs, the FOCUS definition it follows. */
export const charge: Record<ChargeColumn, string> = {
  billing_period_start: 'bill_billing_period_start_date',
  billing_period_end: 'bill_billing_period_end_date',
  charge_period_start: 'line_item_usage_start_date',
  charge_period_end: 'line_item_usage_end_date',
  billing_account_id: 'bill_payer_account_id',
  billing_account_name: 'bill_payer_account_name',
  billing_account_type: 'NULL',
  sub_account_id: 'line_item_usage_account_id',
  sub_account_name: 'line_item_usage_account_name',
  sub_account_type: 'NULL',
  invoice_id: 'bill_invoice_id', // empty until the invoice is issued
  invoice_issuer_name: 'coalesce(bill_invoicing_entity, line_item_legal_entity)',
  service_provider_name: `'AWS'`,
  host_provider_name: `'AWS'`,
  publisher_name: `coalesce(line_item_legal_entity, 'AWS')`, // the seller of a marketplace product [who makes it]
  service_category: `CASE WHEN ${IS_MARKETPLACE} THEN 'Other'
    WHEN line_item_product_code = 'AmazonEC2' AND strpos(line_item_usage_type, 'EBS:') > 0 THEN 'Storage'
    ELSE coalesce(aws_services.category, 'Other') END`,
  service_subcategory: 'NULL',
  // Marketplace products have codes without meaning; their names come with the line.
  service_name: `CASE WHEN ${IS_MARKETPLACE} THEN coalesce(product_product_name, line_item_product_code, 'AWS Marketplace')
    ELSE coalesce(aws_services.name, product_product_name, line_item_product_code, 'Unspecified') END`,
  // Not coalesce(), for which DuckDB would look into the zone of every line.
  region_id: `CASE WHEN product_region_code IS NOT NULL THEN product_region_code
    ELSE nullif(regexp_extract(line_item_availability_zone, '^(.+-\\d+)[a-z]?$', 1), '') END`,
  region_name: 'product_location',
  availability_zone: 'line_item_availability_zone',
  resource_id: 'line_item_resource_id', // empty for tax, support, many fees and transfers
  resource_name: 'NULL',
  resource_type: 'product_product_family',
  charge_category: `CASE ${TYPE} ${Object.entries(CHARGE_CATEGORY_OF)
    .map(([type, category]) => `WHEN '${type}' THEN '${category}'`)
    .join(' ')} END`,
  charge_class: `CASE WHEN bill_bill_type = 'Refund' THEN 'Correction' END`,
  charge_frequency: `CASE WHEN ${TYPE} IN ('RIFee', 'SavingsPlanRecurringFee', 'FlatRateSubscription') THEN 'Recurring'
    WHEN ${TYPE} IN ('Fee', 'SavingsPlanUpfrontFee') THEN 'One-Time'
    WHEN ${TYPE} IN ('Tax', 'Credit', 'Refund') THEN NULL ELSE 'Usage-Based' END`,
  charge_description: 'line_item_line_item_description',
  pricing_category: `CASE WHEN ${TYPE} IN ('Tax', 'Credit', 'Refund') THEN NULL
    WHEN ${TYPE} IN ('SavingsPlanCoveredUsage', 'SavingsPlanNegation', 'DiscountedUsage') THEN 'Committed'
    WHEN ${IS_SPOT} THEN 'Dynamic' ELSE 'Standard' END`,
  pricing_unit: 'pricing_unit',
  pricing_quantity: unlessSplit('line_item_usage_amount'),
  pricing_currency: 'pricing_currency',
  consumed_quantity: `CASE WHEN ${TYPE} IN ('Usage', 'DiscountedUsage', 'SavingsPlanCoveredUsage', 'FlatRateSubscription') THEN pricing_quantity END`,
  consumed_unit: `CASE WHEN ${TYPE} IN ('Usage', 'DiscountedUsage', 'SavingsPlanCoveredUsage', 'FlatRateSubscription') THEN pricing_unit END`,
  commitment_discount_id: 'coalesce(savings_plan_savings_plan_a_r_n, reservation_reservation_a_r_n)',
  commitment_discount_name: 'NULL',
  commitment_discount_category: `CASE WHEN savings_plan_savings_plan_a_r_n IS NOT NULL THEN 'Spend'
    WHEN reservation_reservation_a_r_n IS NOT NULL THEN 'Usage' END`,
  commitment_discount_type: `CASE WHEN savings_plan_savings_plan_a_r_n IS NOT NULL THEN 'Savings Plan'
    WHEN reservation_reservation_a_r_n IS NOT NULL THEN 'Reserved Instance' END`,
  commitment_discount_status: `CASE WHEN ${TYPE} IN ('SavingsPlanCoveredUsage', 'DiscountedUsage') THEN 'Used'
    WHEN ${TYPE} IN ('RIFee', 'SavingsPlanRecurringFee') AND effective_cost > 0 THEN 'Unused' END`, // of a day's fees
  // Normalized units for reservations, which cover other sizes of a family; money for Savings Plans.
  commitment_discount_quantity: `CASE ${TYPE}
    WHEN 'SavingsPlanCoveredUsage' THEN coalesce(savings_plan_net_savings_plan_effective_cost, savings_plan_savings_plan_effective_cost)
    WHEN 'SavingsPlanRecurringFee' THEN ${UNUSED_PLAN}
    WHEN 'DiscountedUsage' THEN coalesce(line_item_normalized_usage_amount, line_item_usage_amount)
    WHEN 'RIFee' THEN reservation_unused_normalized_unit_quantity END`,
  commitment_discount_unit: `CASE WHEN ${TYPE} IN ('SavingsPlanCoveredUsage', 'SavingsPlanRecurringFee') THEN line_item_currency_code
    WHEN ${TYPE} IN ('DiscountedUsage', 'RIFee') THEN 'Normalized Hour' END`,
  capacity_reservation_id: 'capacity_reservation_capacity_reservation_arn',
  capacity_reservation_status: 'capacity_reservation_status',
  sku_id: 'product_sku',
  sku_price_id: 'pricing_rate_code',
  sku_meter: 'NULL',
  list_unit_price: 'pricing_public_on_demand_rate',
  contracted_unit_price: 'coalesce(line_item_net_unblended_rate, line_item_unblended_rate)',
  billing_currency: 'line_item_currency_code',
  billed_cost: unlessSplit(UNBLENDED), // covered usage and its negation cancel each other
  effective_cost: unlessSplit(AMORTIZED),
  // Before commitments, after private discounts. A reservation's usage is billed at 0, so only its public price is known.
  contracted_cost: `CASE ${TYPE} WHEN 'SavingsPlanNegation' THEN 0 WHEN 'DiscountedUsage' THEN list_cost ELSE billed_cost END`,
  list_cost: unlessSplit(`CASE WHEN ${TYPE} = 'SavingsPlanNegation' THEN 0 ELSE pricing_public_on_demand_cost END`),
  x_service_code: 'line_item_product_code',
  x_usage_type: 'line_item_usage_type',
  x_operation: 'line_item_operation',
  x_charge_type: TYPE,
  x_instance_type: 'product_instance_type',
  x_split_parent_resource_id: 'split_line_item_parent_resource_id',
  x_split_cost: `CASE WHEN ${IS_SPLIT} THEN coalesce(split_line_item_net_split_cost, split_line_item_split_cost) END`,
  x_split_unused_cost: `CASE WHEN ${IS_SPLIT} THEN coalesce(split_line_item_net_unused_cost, split_line_item_unused_cost) END`,
};

/** The money columns whose sums a load reports. Blended cost is an average over the organization: read, never stored. */
export const money: BillingSource['money'] = {
  line_item_unblended_cost: 'billed_cost',
  line_item_net_unblended_cost: 'billed_cost',
  line_item_blended_cost: null,
  pricing_public_on_demand_cost: 'list_cost',
  reservation_effective_cost: null,
  reservation_net_effective_cost: null,
  savings_plan_savings_plan_effective_cost: null,
  savings_plan_net_savings_plan_effective_cost: null,
};

/** AWS's services by product code. */
export const lookups: Record<string, LookupTable> = {
  aws_services: { columns: ['code', 'name', 'category'], rows: SERVICES, by: 'line_item_product_code' },
};

const USER_OR_AWS = `CASE WHEN starts_with(k, 'user_') THEN substr(k, 6) WHEN starts_with(k, 'aws_') THEN 'aws:' || substr(k, 5) ELSE k END`;
const VERBOSE = `CASE WHEN starts_with(k, 'resourceTags/user:') THEN substr(k, 19) WHEN starts_with(k, 'resourceTags/') THEN substr(k, 14) ELSE k END`;

/** AWS's Cost and Usage Report 2.0, a table of Data Exports. */
export const cur2: BillingSource = {
  id: 'aws-cur-2',
  title: 'AWS CUR 2.0',
  canonical: (column) => column.toLowerCase(),

  recognise(names) {
    if (!names.has('line_item_line_item_type') || !names.has('line_item_product_code')) return undefined;
    // The legacy report, once it went through Athena, has the same names, but neither maps nor account names.
    const hasOwn = [
      'product',
      'resource_tags',
      'tags',
      'cost_category',
      'discount',
      'bill_payer_account_name',
      'line_item_usage_account_name',
    ];
    return hasOwn.some((name) => names.has(name)) ? { version: '2.0' } : undefined;
  },

  columns,
  charge,
  money,
  lookups,

  tags: (names) => [
    // The newer map (2026) has the tags in the users' spelling, and those of accounts and users besides.
    ...names.filter((name) => name === 'tags').map((column) => ({ column, keySql: VERBOSE })),
    ...names
      .filter((name) => name === 'resource_tags')
      .map((column) => ({ column, keySql: USER_OR_AWS, ...(names.includes('tags') ? { unless: 'tags' } : {}) })),
    ...names.filter((name) => name === 'cost_category').map((column) => ({ column, keySql: `'cost_category:' || k` })),
    // An export may select single keys of the maps as columns.
    ...names.flatMap((column) => {
      const tag = /^resource_tags_(user|aws)_(.+)$/.exec(column);
      return tag === null ? [] : [{ column, key: `${tag[1] === 'aws' ? 'aws:' : ''}${tag[2]}` }];
    }),
  ],

  nullTexts: [],
};
