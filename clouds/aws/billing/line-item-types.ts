import type { ChargeCategory } from '../../../analytics/focus.ts';

/**
 * What each line item type is in FOCUS. A type that is not here stops a load: how to count it has to be known first.
 * Refunds are Adjustments, because FOCUS keeps Credit for credits that were granted.
 *
 * Sources: AWS CUR user guide, "Line item columns" (lineItem/LineItemType) and "Discount columns"; record types of the Cost
 * Explorer API for the kinds of discount; Cloud Intelligence Dashboards, `summary_view.sql`, for FlatRateSubscription.
 */
export const CHARGE_CATEGORY_OF: Readonly<Record<string, ChargeCategory>> = {
  Usage: 'Usage',
  SavingsPlanCoveredUsage: 'Usage',
  SavingsPlanNegation: 'Usage',
  DiscountedUsage: 'Usage',
  FlatRateSubscription: 'Usage',
  Discount: 'Usage',
  BundledDiscount: 'Usage',
  EdpDiscount: 'Usage',
  SppDiscount: 'Usage',
  PrivateRateDiscount: 'Usage',
  RiVolumeDiscount: 'Usage',
  DistributorDiscount: 'Usage',
  Fee: 'Purchase',
  RIFee: 'Purchase',
  SavingsPlanRecurringFee: 'Purchase',
  SavingsPlanUpfrontFee: 'Purchase',
  Tax: 'Tax',
  Credit: 'Credit',
  Refund: 'Adjustment',
};
