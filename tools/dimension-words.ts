import type { ColumnDimension } from '../db/queries/dimensions.ts';

/** One and many, for each column that can be asked by. */
const DIMENSIONS: Record<ColumnDimension, [string, string]> = {
  service_name: ['service', 'services'],
  service_category: ['service category', 'service categories'],
  service_subcategory: ['service subcategory', 'service subcategories'],
  service_provider_name: ['provider', 'providers'],
  publisher_name: ['publisher', 'publishers'],
  billing_account_id: ['billing account', 'billing accounts'],
  sub_account_id: ['account', 'accounts'],
  region_id: ['region', 'regions'],
  availability_zone: ['availability zone', 'availability zones'],
  resource_id: ['resource', 'resources'],
  resource_type: ['resource type', 'resource types'],
  charge_category: ['charge category', 'charge categories'],
  charge_class: ['charge class', 'charge classes'],
  charge_frequency: ['charge frequency', 'charge frequencies'],
  charge_description: ['charge description', 'charge descriptions'],
  pricing_category: ['pricing category', 'pricing categories'],
  commitment_discount_id: ['commitment', 'commitments'],
  commitment_discount_type: ['commitment type', 'commitment types'],
  commitment_discount_category: ['commitment category', 'commitment categories'],
  commitment_discount_status: ['commitment status', 'commitment statuses'],
  invoice_id: ['invoice', 'invoices'],
  sku_id: ['SKU', 'SKUs'],
  sku_meter: ['meter', 'meters'],
  billing_currency: ['currency', 'currencies'],
  x_service_code: ['product code', 'product codes'],
  x_usage_type: ['usage type', 'usage types'],
  x_operation: ['operation', 'operations'],
  x_charge_type: ['line item type', 'line item types'],
  x_instance_type: ['instance type', 'instance types'],
};

/** What people call a dimension: 'service' for 'service_name', 'team' for 'tag:team'. */
export function dimensionWord(dimension: string, count = 1): string {
  const known = Object.hasOwn(DIMENSIONS, dimension) ? DIMENSIONS[dimension as ColumnDimension] : undefined;
  if (known) return count === 1 ? known[0] : known[1];
  const word = dimension.replace(/^tag:/, '').replace(/[_-]+/g, ' ');
  if (count === 1) return word;
  return word.endsWith('s') ? `${word} values` : word.endsWith('y') ? `${word.slice(0, -1)}ies` : `${word}s`;
}
