import { COLUMN_DIMENSIONS } from './dimensions.ts';

const SERVICE = ['service_name', 'service_category', 'service_provider_name', 'publisher_name'] as const;
const ACCOUNT_REGION = ['sub_account_id', 'region_id'] as const;
const USAGE = [...SERVICE, 'x_service_code', 'x_usage_type', 'x_instance_type'] as const;
const TAGS = ['sub_account_id', 'allocation_set_id'] as const;
const EVERYTHING = [...SERVICE, ...ACCOUNT_REGION, 'pricing_category', 'commitment_discount_status'] as const;

export type RollupColumn = (typeof EVERYTHING)[number] | (typeof USAGE)[number] | 'allocation_set_id';

/**
 * One set of sums in cost_rollup: the whole bill once, one row per day (or month), distinct value of `columns` and of those
 * that every set keeps.
 */
export interface Rollup {
  name: string;
  grain: 'day' | 'month';
  columns: readonly RollupColumn[];
}

/**
 * The sums that a load keeps in cost_rollup. Chosen so that each common question reads some tens of thousands of rows at
 * most on a bill of millions (docs/decisions/0040). A new one is a line here and needs no migration: it is used once every
 * billing period in force was loaded with it.
 */
export const ROLLUPS = [
  { name: 'daily_service', grain: 'day', columns: SERVICE },
  { name: 'daily_service_account', grain: 'day', columns: [...SERVICE, 'sub_account_id'] },
  { name: 'daily_account_region', grain: 'day', columns: ACCOUNT_REGION },
  { name: 'daily_usage', grain: 'day', columns: USAGE },
  { name: 'daily_tags', grain: 'day', columns: TAGS },
  { name: 'monthly_account_region', grain: 'month', columns: ACCOUNT_REGION },
  { name: 'monthly_usage', grain: 'month', columns: USAGE },
  { name: 'monthly_tags', grain: 'month', columns: TAGS },
  { name: 'monthly', grain: 'month', columns: EVERYTHING },
  { name: 'monthly_tagged', grain: 'month', columns: [...EVERYTHING, 'allocation_set_id'] },
] as const satisfies readonly Rollup[];

/** Columns of every rollup. */
export const KEPT_BY_ALL = [
  'billing_currency',
  'charge_category',
  'billing_account_id',
  'billing_period_start',
] as const;

/**
 * Columns of cost_monthly, the bill summed to months: whatever can be asked of the bill itself, and the units of its quantities.
 * The sums of a row are all known or all unknown: where the bill gives some charges no list cost, they are rows of their own.
 */
export const MONTHLY = {
  columns: [...COLUMN_DIMENSIONS, 'billing_period_start', 'pricing_unit', 'consumed_unit'],
  sums: ['billed_cost', 'effective_cost', 'contracted_cost', 'list_cost', 'pricing_quantity', 'consumed_quantity'],
  apart: ['contracted_cost', 'list_cost', 'pricing_quantity'],
} as const;
