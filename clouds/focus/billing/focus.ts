import { CHARGE_CATEGORIES } from '../../../analytics/focus.ts';
import type { BillingSource, SourceColumn } from '../../contract.ts';
import { ADDED } from './versions.ts';

const text: SourceColumn = { kind: 'text' };
const number: SourceColumn = { kind: 'number' };
const price: SourceColumn = { kind: 'price' };

/**
 * What is read of a FOCUS file. Required is only what a correct load can't do without; FOCUS itself asks for more, and many
 * files in the world have less.
 */
const columns = {
  BilledCost: { kind: 'number', required: true, filled: true },
  EffectiveCost: { kind: 'number', required: true, filled: true },
  ContractedCost: number,
  ListCost: number,
  BillingCurrency: text,
  BillingAccountId: text,
  BillingAccountName: text,
  BillingAccountType: text,
  BillingPeriodStart: { kind: 'time', required: true, filled: true },
  BillingPeriodEnd: { kind: 'time', lenient: true },
  ChargePeriodStart: { kind: 'time', required: true, filled: true },
  ChargePeriodEnd: { kind: 'time', lenient: true },
  ChargeCategory: { kind: 'text', required: true, filled: true, values: CHARGE_CATEGORIES },
  ChargeClass: { kind: 'text', values: ['Correction'] },
  ChargeDescription: text,
  ChargeFrequency: text,
  SubAccountId: text,
  SubAccountName: text,
  SubAccountType: text,
  InvoiceId: text,
  InvoiceIssuerName: text,
  ServiceProviderName: text,
  HostProviderName: text,
  ProviderName: text,
  PublisherName: text,
  ServiceCategory: text,
  ServiceSubcategory: text,
  ServiceName: text,
  RegionId: text,
  RegionName: text,
  AvailabilityZone: text,
  ResourceId: text,
  ResourceName: text,
  ResourceType: text,
  PricingCategory: text,
  PricingQuantity: number,
  PricingUnit: text,
  PricingCurrency: text,
  ConsumedQuantity: number,
  ConsumedUnit: text,
  CommitmentDiscountId: text,
  CommitmentDiscountName: text,
  CommitmentDiscountCategory: text,
  CommitmentDiscountType: text,
  CommitmentDiscountStatus: text,
  CommitmentDiscountQuantity: number,
  CommitmentDiscountUnit: text,
  CapacityReservationId: text,
  CapacityReservationStatus: text,
  SkuId: text,
  SkuPriceId: text,
  SkuMeter: text,
  ListUnitPrice: price,
  ContractedUnitPrice: price,
  // A property of the price that FOCUS 1.1 and later name; AWS and Microsoft fill it for virtual machines.
  InstanceType: { kind: 'text', from: ['SkuPriceDetails.InstanceType', 'SkuPriceDetails.x_InstanceType'] },
  // Columns of AWS's FOCUS export beyond the specification.
  x_ServiceCode: text,
  x_UsageType: text,
  x_Operation: text,
} as const satisfies Record<string, SourceColumn>;

const SPECIFIED = new Map(
  [...ADDED.flatMap(([, names]) => names), ...Object.keys(columns)].map((name) => [spelling(name), name]),
);

/** Any cloud's FOCUS export, 1.0 to 1.4. The columns mean what FOCUS says; there is little to map. */
export const focus: BillingSource = {
  id: 'focus',
  title: 'FOCUS',

  // Warehouses spell the columns billed_cost or BILLEDCOST.
  canonical: (column) => SPECIFIED.get(spelling(column)) ?? column,

  recognise(names) {
    const isFocus = names.has('ChargeCategory') && (names.has('BilledCost') || names.has('EffectiveCost'));
    if (!isFocus) return undefined;
    const version = ADDED.find(([, added]) => added.some((name) => names.has(name)))?.[0];
    return { version: version ?? '1.0' };
  },

  columns,

  charge: {
    billing_period_start: 'BillingPeriodStart',
    billing_period_end: 'BillingPeriodEnd',
    charge_period_start: 'ChargePeriodStart',
    charge_period_end: 'ChargePeriodEnd',
    billing_account_id: 'BillingAccountId',
    billing_account_name: 'BillingAccountName',
    billing_account_type: 'BillingAccountType', // since 1.2
    sub_account_id: 'SubAccountId',
    sub_account_name: 'SubAccountName',
    sub_account_type: 'SubAccountType', // since 1.2
    invoice_id: 'InvoiceId', // since 1.2
    invoice_issuer_name: 'InvoiceIssuerName',
    service_provider_name: 'coalesce(ServiceProviderName, ProviderName)', // since 1.3; before, ProviderName
    host_provider_name: 'HostProviderName', // since 1.3
    publisher_name: 'PublisherName', // deprecated in 1.3, gone in 1.4
    service_category: 'ServiceCategory',
    service_subcategory: 'ServiceSubcategory', // since 1.1
    service_name: `coalesce(ServiceName, 'Unspecified')`,
    region_id: 'RegionId',
    region_name: 'RegionName',
    availability_zone: 'AvailabilityZone',
    resource_id: 'ResourceId',
    resource_name: 'ResourceName',
    resource_type: 'ResourceType',
    charge_category: 'ChargeCategory',
    charge_class: 'ChargeClass',
    charge_frequency: 'ChargeFrequency',
    charge_description: 'ChargeDescription',
    pricing_category: 'PricingCategory',
    pricing_unit: 'PricingUnit',
    pricing_quantity: 'PricingQuantity',
    pricing_currency: 'PricingCurrency', // since 1.2
    consumed_quantity: 'ConsumedQuantity',
    consumed_unit: 'ConsumedUnit',
    commitment_discount_id: 'CommitmentDiscountId',
    commitment_discount_name: 'CommitmentDiscountName',
    commitment_discount_category: 'CommitmentDiscountCategory',
    commitment_discount_type: 'CommitmentDiscountType',
    commitment_discount_status: 'CommitmentDiscountStatus',
    commitment_discount_quantity: 'CommitmentDiscountQuantity', // since 1.1
    commitment_discount_unit: 'CommitmentDiscountUnit', // since 1.1
    capacity_reservation_id: 'CapacityReservationId', // since 1.1
    capacity_reservation_status: 'CapacityReservationStatus', // since 1.1
    sku_id: 'SkuId',
    sku_price_id: 'SkuPriceId',
    sku_meter: 'SkuMeter', // since 1.1
    list_unit_price: 'ListUnitPrice',
    contracted_unit_price: 'ContractedUnitPrice',
    billing_currency: 'BillingCurrency',
    billed_cost: 'BilledCost',
    effective_cost: 'EffectiveCost',
    contracted_cost: 'ContractedCost',
    list_cost: 'ListCost',
    x_service_code: 'x_ServiceCode', // AWS
    x_usage_type: 'x_UsageType', // AWS
    x_operation: 'x_Operation', // AWS
    x_charge_type: 'NULL',
    x_instance_type: 'InstanceType', // SkuPriceDetails, since 1.1
    x_split_parent_resource_id: 'NULL',
    x_split_cost: 'NULL',
    x_split_unused_cost: 'NULL',
  },

  money: {
    BilledCost: 'billed_cost',
    EffectiveCost: 'effective_cost',
    ContractedCost: 'contracted_cost',
    ListCost: 'list_cost',
  },

  tags: (names) =>
    names
      .filter((name) => spelling(name) === 'tags')
      // AWS marks its users' tags; the tags a provider sets keep its prefix, as FOCUS asks.
      .map((column) => ({ column, keySql: `CASE WHEN starts_with(k, 'user:') THEN substr(k, 6) ELSE k END` })),

  nullTexts: ['NULL', 'null'],
  lookups: {},
};

function spelling(column: string): string {
  const isOurs = /^x_/i.test(column);
  return isOurs ? column.toLowerCase() : column.replaceAll('_', '').toLowerCase();
}
