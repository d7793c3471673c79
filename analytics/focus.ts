/**
 * How a column of a charge is stored: `time` an instant in UTC, `text` a word or id, `price` the price of one unit (told
 * apart, never summed), `sum` an amount or a quantity that is summed over the lines of a day.
 */
export type ChargeColumnKind = 'time' | 'text' | 'price' | 'sum';

/**
 * The columns a charge is mapped to, in the order of the table `billing`: FOCUS column ids in snake_case, and ours, which
 * begin with `x_`. Tags, the load and the line count are added by the load itself.
 * Source: FOCUS 1.0 to 1.4, https://focus.finops.org/focus-specification/
 */
export const CHARGE_COLUMNS = {
  billing_period_start: 'time',
  billing_period_end: 'time',
  charge_period_start: 'time',
  charge_period_end: 'time',
  billing_account_id: 'text',
  billing_account_name: 'text',
  billing_account_type: 'text',
  sub_account_id: 'text',
  sub_account_name: 'text',
  sub_account_type: 'text',
  invoice_id: 'text',
  invoice_issuer_name: 'text',
  service_provider_name: 'text',
  host_provider_name: 'text',
  publisher_name: 'text',
  service_category: 'text',
  service_subcategory: 'text',
  service_name: 'text',
  region_id: 'text',
  region_name: 'text',
  availability_zone: 'text',
  resource_id: 'text',
  resource_name: 'text',
  resource_type: 'text',
  charge_category: 'text',
  charge_class: 'text',
  charge_frequency: 'text',
  charge_description: 'text',
  pricing_category: 'text',
  pricing_unit: 'text',
  pricing_quantity: 'sum',
  pricing_currency: 'text',
  consumed_quantity: 'sum',
  consumed_unit: 'text',
  commitment_discount_id: 'text',
  commitment_discount_name: 'text',
  commitment_discount_category: 'text',
  commitment_discount_type: 'text',
  commitment_discount_status: 'text',
  commitment_discount_quantity: 'sum',
  commitment_discount_unit: 'text',
  capacity_reservation_id: 'text',
  capacity_reservation_status: 'text',
  sku_id: 'text',
  sku_price_id: 'text',
  sku_meter: 'text',
  list_unit_price: 'price',
  contracted_unit_price: 'price',
  billing_currency: 'text',
  billed_cost: 'sum',
  effective_cost: 'sum',
  contracted_cost: 'sum',
  list_cost: 'sum',
  x_service_code: 'text',
  x_usage_type: 'text',
  x_operation: 'text',
  x_charge_type: 'text',
  x_instance_type: 'text',
  x_split_parent_resource_id: 'text',
  x_split_cost: 'sum',
  x_split_unused_cost: 'sum',
} as const satisfies Record<string, ChargeColumnKind>;

export type ChargeColumn = keyof typeof CHARGE_COLUMNS;

/** The four costs of FOCUS. Sums stay within one billing currency. */
export const COSTS = ['billed_cost', 'effective_cost', 'contracted_cost', 'list_cost'] as const;
export type Cost = (typeof COSTS)[number];

/** The values FOCUS allows in ChargeCategory. */
export const CHARGE_CATEGORIES = ['Usage', 'Purchase', 'Tax', 'Credit', 'Adjustment'] as const;
export type ChargeCategory = (typeof CHARGE_CATEGORIES)[number];

/** Returns the columns of a charge that are of one of `kinds`, in the order of the table. */
export function chargeColumns(...kinds: ChargeColumnKind[]): ChargeColumn[] {
  return (Object.keys(CHARGE_COLUMNS) as ChargeColumn[]).filter((column) => kinds.includes(CHARGE_COLUMNS[column]));
}
