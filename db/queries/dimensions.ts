/** Columns of the bill that a question may group and filter by, under their FOCUS names; ours begin with `x_`. */
export const COLUMN_DIMENSIONS = [
  'service_name',
  'service_category',
  'service_subcategory',
  'service_provider_name',
  'publisher_name',
  'billing_account_id',
  'sub_account_id',
  'region_id',
  'availability_zone',
  'resource_id',
  'resource_type',
  'charge_category',
  'charge_class',
  'charge_frequency',
  'charge_description',
  'pricing_category',
  'commitment_discount_id',
  'commitment_discount_type',
  'commitment_discount_category',
  'commitment_discount_status',
  'invoice_id',
  'sku_id',
  'sku_meter',
  'billing_currency',
  'x_service_code',
  'x_usage_type',
  'x_operation',
  'x_charge_type',
  'x_instance_type',
] as const;

export type ColumnDimension = (typeof COLUMN_DIMENSIONS)[number];

/** A column of the bill, or a tag whose key is kept lower-cased because keys compare without case. */
export type Dimension = { kind: 'column'; column: ColumnDimension } | { kind: 'tag'; key: string };

/** The dimension that 'service_name' or 'tag:Team' names, or undefined when there is none such. */
export function parseDimension(text: string): Dimension | undefined {
  const tag = /^tag:\s*(.*\S)\s*$/is.exec(text)?.[1];
  if (tag !== undefined) return { kind: 'tag', key: tag.toLowerCase() };
  const column = COLUMN_DIMENSIONS.find((candidate) => candidate === text.trim().toLowerCase());
  return column === undefined ? undefined : { kind: 'column', column };
}

/** The dimension as tools and tables name it: 'service_name', 'tag:team'. */
export function dimensionName(dimension: Dimension): string {
  return dimension.kind === 'tag' ? `tag:${dimension.key}` : dimension.column;
}

export const METRICS = ['effective_cost', 'billed_cost', 'contracted_cost', 'list_cost'] as const;

export type Metric = (typeof METRICS)[number];

/** UTC days `[start, end)`, YYYY-MM-DD. */
export interface DateRange {
  start: string;
  end: string;
}

/** One condition. Values compare without case for tags; for columns they are values as the bill writes them. */
export interface CostFilter {
  dimension: Dimension;
  operator: 'in' | 'not in' | 'contains' | 'is null' | 'is not null';
  values: string[];
}
