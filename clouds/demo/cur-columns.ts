import { PART } from './lines.ts';

/** A charge for a whole month ends with it; every other one ends with its day. */
const WHOLE_MONTH = `l.part in (${PART.reservationFee}, ${PART.fee}, ${PART.credit}, ${PART.tax})`;
const RATE = `case when l.part <= ${PART.negation} then k.price_text when l.part = ${PART.planFee} then p.hourly::varchar
  when l.part = ${PART.reservationFee} then r.hourly::varchar end`;
/** A reservation's effective cost is what nobody used, at the amortized rate; these take it apart again. */
const UNUSED_UPFRONT = '(l.effective::double * r.amortized::double / (r.hourly + r.amortized)::double)::decimal(18,10)';
const UNUSED_HOURS = 'round(l.effective::double / (r.hourly + r.amortized)::double, 6)';

/**
 * The columns of a CUR 2.0 export in the order of AWS's table dictionary (docs.aws.amazon.com, Data Exports, "Cost and Usage
 * Report (CUR) 2.0"), each with the SQL that makes it. The SQL reads one row of `lines` (see cur.ts) as `l`, its stream `s`,
 * SKU `k`, account `a`, tag set `t`, day `d`, month `m`, Savings Plan `p` and reservation `r`. A column AWS leaves empty in
 * such an account is a typed null.
 */
export const CUR_COLUMNS: [name: string, sql: string][] = [
  [
    'bill_bill_type',
    `case l.part when ${PART.upfront} then 'Purchase' when ${PART.refund} then 'Refund' else 'Anniversary' end`,
  ],
  ['bill_billing_entity', `case when k.marketplace then 'AWS Marketplace' else 'AWS' end`],
  ['bill_billing_period_end_date', 'm.end_date::timestamp'],
  ['bill_billing_period_start_date', 'm.start_date::timestamp'],
  ['bill_invoice_id', 'case when k.marketplace then m.marketplace_invoice else m.invoice end'],
  ['bill_invoicing_entity', `case when k.marketplace then 'Quillstream Inc.' else 'Amazon Web Services, Inc.' end`],
  ['bill_payer_account_id', 'payer.id'],
  ['bill_payer_account_name', 'payer.name'],
  ...maps([
    'cost_category',
    `case when t.division is null or l.part > ${PART.discounted} and l.part < ${PART.pod} then map {} else map {'division': t.division} end`,
  ]),
  ...doubles('discount_bundled_discount', 'discount_total_discount'),
  ['discount', 'null::map(varchar, double)'],
  [
    'identity_line_item_id',
    `'li-' || (((l.stream::bigint * 65536 + l.day) * 16 + l.part) * 64 + coalesce(l.plan, 63))::varchar`,
  ],
  [
    'identity_time_interval',
    `case when ${WHOLE_MONTH} then strftime(d.date, '%Y-%m-%dT00:00:00Z/') || strftime(m.end_date, '%Y-%m-%dT00:00:00Z') else d.time_interval end`,
  ],
  ['line_item_availability_zone', `case when l.part <= ${PART.discounted} then s.zone end`],
  ['line_item_blended_cost', 'l.unblended::double'],
  ['line_item_blended_rate', RATE],
  ['line_item_currency_code', `'USD'`],
  ['line_item_legal_entity', `case when k.marketplace then 'Quillstream Inc.' else 'Amazon Web Services, Inc.' end`],
  [
    'line_item_line_item_description',
    `case l.part when ${PART.negation} then 'SavingsPlanNegation used by AccountId : ' || a.id || ' and UsageSku : ' || k.code
      when ${PART.discounted} then k.instance_type || ' reserved instance applied' else k.description end`,
  ],
  [
    'line_item_line_item_type',
    `case l.part when ${PART.covered} then 'SavingsPlanCoveredUsage' when ${PART.negation} then 'SavingsPlanNegation'
      when ${PART.discounted} then 'DiscountedUsage' when ${PART.planFee} then 'SavingsPlanRecurringFee' when ${PART.reservationFee} then 'RIFee'
      when ${PART.upfront} then 'Fee' when ${PART.fee} then 'Fee' when ${PART.support} then 'Fee' when ${PART.credit} then 'Credit' when ${PART.refund} then 'Refund'
      when ${PART.tax} then 'Tax' else 'Usage' end`,
  ],
  ...doubles('line_item_net_unblended_cost'),
  ...texts('line_item_net_unblended_rate'),
  ['line_item_normalization_factor', 'k.size_factor'],
  ['line_item_normalized_usage_amount', 'k.size_factor * l.quantity::double'],
  ['line_item_operation', 'k.operation'],
  ['line_item_product_code', 'k.product'],
  ['line_item_resource_id', 's.resource_id'],
  ['line_item_tax_type', `case when l.part = ${PART.tax} then 'USSalesTax' end`],
  ['line_item_unblended_cost', 'l.unblended::double'],
  ['line_item_unblended_rate', RATE],
  ['line_item_usage_account_id', 'a.id'],
  ['line_item_usage_account_name', 'a.name'],
  ['line_item_usage_amount', 'l.quantity::double'],
  ['line_item_usage_end_date', `case when ${WHOLE_MONTH} then m.end_date::timestamp else d.end_time end`],
  ['line_item_usage_start_date', 'd.start_time'],
  ['line_item_usage_type', `nullif(k.usage_type, '')`],
  ['pricing_currency', `'USD'`],
  ['pricing_lease_contract_length', `case when l.part = ${PART.discounted} then '1yr' end`],
  ['pricing_offering_class', `case when l.part = ${PART.discounted} then 'standard' end`],
  // AWS writes the negation's on-demand cost as well, so a sum over all lines loses what the plans cover.
  ['pricing_public_on_demand_cost', `case l.part when ${PART.negation} then l.unblended else l.list end::double`],
  ['pricing_public_on_demand_rate', `case when l.part <= ${PART.discounted} then k.price_text end`],
  [
    'pricing_purchase_option',
    `case when l.part = ${PART.discounted} then case when r.upfront > 0 then 'Partial Upfront' else 'No Upfront' end end`,
  ],
  [
    'pricing_rate_code',
    `case when l.part <= ${PART.covered} then k.code || '.JRTCKXETXF.6YS6EN2CT7' when l.part = ${PART.discounted} then k.code || '.6QCMYABX3D.6YS6EN2CT7' end`,
  ],
  ['pricing_rate_id', `case when l.part <= ${PART.discounted} then (100000000 + k.sku * 7919)::varchar end`],
  [
    'pricing_term',
    `case when l.part <= ${PART.covered} then 'OnDemand' when l.part = ${PART.discounted} then 'Reserved' end`,
  ],
  ['pricing_unit', `nullif(k.unit, '')`],
  ['product', 'k.attributes'],
  ...texts('product_comment', 'product_fee_code', 'product_fee_description'),
  ['product_from_location', `case when k.family = 'Data Transfer' then k.location end`],
  ['product_from_location_type', `case when k.family = 'Data Transfer' then 'AWS Region' end`],
  ['product_from_region_code', `case when k.family = 'Data Transfer' then k.region end`],
  ['product_instance_family', 'k.instance_family'],
  ['product_instance_type', 'k.instance_type'],
  ['product_instancesku', `case when k.instance_type is not null then k.code end`],
  ['product_location', 'case when k.regional then k.location end'],
  ['product_location_type', `case when k.regional then 'AWS Region' end`],
  ['product_operation', 'k.operation'],
  ['product_pricing_unit', `nullif(k.unit, '')`],
  ['product_product_family', 'k.family'],
  ['product_region_code', 'case when k.regional then k.region end'],
  ['product_servicecode', 'k.service_code'],
  ['product_sku', 'k.code'],
  ...texts('product_to_location', 'product_to_location_type', 'product_to_region_code'),
  ['product_usagetype', `nullif(k.usage_type, '')`],
  [
    'reservation_amortized_upfront_cost_for_usage',
    `case when l.part = ${PART.discounted} then priced(l.quantity, r.amortized)::double end`,
  ],
  [
    'reservation_amortized_upfront_fee_for_billing_period',
    `case when l.part = ${PART.reservationFee} then priced(l.quantity, r.amortized)::double end`,
  ],
  ...texts('reservation_availability_zone'),
  ['reservation_effective_cost', `case when l.part = ${PART.discounted} then l.effective::double end`],
  ['reservation_end_time', `strftime(r.end_date, '%Y-%m-%dT00:00:00.000Z')`],
  ['reservation_modification_status', `case when r.arn is not null then 'Original' end`],
  ...doubles(
    'reservation_net_amortized_upfront_cost_for_usage',
    'reservation_net_amortized_upfront_fee_for_billing_period',
    'reservation_net_effective_cost',
    'reservation_net_recurring_fee_for_usage',
    'reservation_net_unused_amortized_upfront_fee_for_billing_period',
    'reservation_net_unused_recurring_fee',
    'reservation_net_upfront_value',
  ),
  ['reservation_normalized_units_per_reservation', 'case when r.arn is not null then k.size_factor::varchar end'],
  ['reservation_number_of_reservations', 'r.units::varchar'],
  [
    'reservation_recurring_fee_for_usage',
    `case when l.part = ${PART.discounted} then l.effective::double - priced(l.quantity, r.amortized)::double end`,
  ],
  ['reservation_reservation_a_r_n', 'r.arn'],
  ['reservation_start_time', `strftime(r.start_date, '%Y-%m-%dT00:00:00.000Z')`],
  ['reservation_subscription_id', 'case when r.arn is not null then (500000000 + r.reservation * 7919)::varchar end'],
  [
    'reservation_total_reserved_normalized_units',
    `case when l.part = ${PART.reservationFee} then (l.quantity::double * k.size_factor)::varchar end`,
  ],
  ['reservation_total_reserved_units', `case when l.part = ${PART.reservationFee} then l.quantity::varchar end`],
  ['reservation_units_per_reservation', `case when r.arn is not null then '1' end`],
  [
    'reservation_unused_amortized_upfront_fee_for_billing_period',
    `case when l.part = ${PART.reservationFee} then ${UNUSED_UPFRONT}::double end`,
  ],
  [
    'reservation_unused_normalized_unit_quantity',
    `case when l.part = ${PART.reservationFee} then ${UNUSED_HOURS} * k.size_factor end`,
  ],
  ['reservation_unused_quantity', `case when l.part = ${PART.reservationFee} then ${UNUSED_HOURS} end`],
  [
    'reservation_unused_recurring_fee',
    `case when l.part = ${PART.reservationFee} then (l.effective - ${UNUSED_UPFRONT})::double end`,
  ],
  [
    'reservation_upfront_value',
    `case when l.part in (${PART.upfront}, ${PART.reservationFee}) then (r.units * r.upfront)::double end`,
  ],
  ...maps([
    'resource_tags',
    `case when l.part <= ${PART.discounted} or l.part = ${PART.pod} then coalesce(t.tags, map {}) else map {} end`,
  ]),
  [
    'savings_plan_amortized_upfront_commitment_for_billing_period',
    `case when l.part = ${PART.planFee} then 0::double end`,
  ],
  ['savings_plan_end_time', `strftime(p.end_date, '%Y-%m-%dT00:00:00.000Z')`],
  ['savings_plan_instance_type_family', 'p.family'],
  ...doubles(
    'savings_plan_net_amortized_upfront_commitment_for_billing_period',
    'savings_plan_net_recurring_commitment_for_billing_period',
    'savings_plan_net_savings_plan_effective_cost',
  ),
  ['savings_plan_offering_type', 'p.type'],
  ['savings_plan_payment_option', `case when p.arn is not null then 'No Upfront' end`],
  ['savings_plan_purchase_term', `case when p.arn is not null then '1yr' end`],
  [
    'savings_plan_recurring_commitment_for_billing_period',
    `case when l.part = ${PART.planFee} then (p.hourly * 24 * m.days)::double end`,
  ],
  ['savings_plan_region', 'p.region'],
  ['savings_plan_savings_plan_a_r_n', 'p.arn'],
  [
    'savings_plan_savings_plan_effective_cost',
    `case when l.part = ${PART.covered} then l.effective::double when l.part = ${PART.negation} then 0 end`,
  ],
  ['savings_plan_savings_plan_rate', `case when l.part = ${PART.covered} then (l.effective / l.quantity)::double end`],
  ['savings_plan_start_time', `strftime(p.start_date, '%Y-%m-%dT00:00:00.000Z')`],
  ['savings_plan_total_commitment_to_date', `case when l.part = ${PART.planFee} then l.unblended::double end`],
  ['savings_plan_used_commitment', `case when l.part = ${PART.planFee} then (l.unblended - l.effective)::double end`],
  ['split_line_item_actual_usage', 'l.actual'],
  ...doubles('split_line_item_net_split_cost', 'split_line_item_net_unused_cost'),
  ['split_line_item_parent_resource_id', 'l.parent'],
  ['split_line_item_public_on_demand_split_cost', 'l.list_split'],
  ['split_line_item_public_on_demand_unused_cost', 'l.list_unused'],
  ['split_line_item_reserved_usage', 'l.reserved'],
  ['split_line_item_split_cost', 'l.split'],
  ['split_line_item_split_usage', 'greatest(l.actual, l.reserved)'],
  ['split_line_item_split_usage_ratio', 'l.node_part'],
  ['split_line_item_unused_cost', 'l.unused'],
  ...texts(
    'capacity_reservation_capacity_reservation_arn',
    'capacity_reservation_capacity_reservation_status',
    'capacity_reservation_capacity_reservation_type',
  ),
];

function doubles(...names: string[]): [string, string][] {
  return names.map((name) => [name, 'null::double']);
}

function texts(...names: string[]): [string, string][] {
  return names.map((name) => [name, 'null::varchar']);
}

function maps(...columns: [string, string][]): [string, string][] {
  return columns.map(([name, sql]) => [name, `(${sql})::map(varchar, varchar)`]);
}
