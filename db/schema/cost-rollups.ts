import { bigint, date, index, integer, pgTable } from 'drizzle-orm/pg-core';
import { FOUR_COSTS, fourCosts, ROLLUP_DIMENSIONS, rollupDimensions } from './columns.ts';
import { describe } from './describe.ts';

const CHARGE_DATE = 'UTC day on which the charge period starts.';
const LINE_COUNT = 'How many lines of the bill are summed in this row.';

export const costDaily = describe(
  pgTable(
    'cost_daily',
    { chargeDate: date().notNull(), ...rollupDimensions(), ...fourCosts(), xLineCount: integer().notNull() },
    (table) => [
      index('cost_daily_charge_date').on(table.chargeDate),
      index('cost_daily_billing_period').on(table.billingPeriodStart, table.billingAccountId),
    ],
  ),
  'Daily sums of the bill, one row per day and distinct value of every column before the costs. Written in the transaction of each load; long questions read it instead of the bill.',
  { chargeDate: CHARGE_DATE, ...ROLLUP_DIMENSIONS, ...FOUR_COSTS, xLineCount: LINE_COUNT },
);

export const costDailyTagged = describe(
  pgTable(
    'cost_daily_tagged',
    {
      chargeDate: date().notNull(),
      ...rollupDimensions(),
      allocationSetId: bigint({ mode: 'number' }),
      ...fourCosts(),
      xLineCount: integer().notNull(),
    },
    (table) => [
      index('cost_daily_tagged_charge_date').on(table.chargeDate),
      index('cost_daily_tagged_allocation_set').on(table.allocationSetId, table.chargeDate),
      index('cost_daily_tagged_billing_period').on(table.billingPeriodStart, table.billingAccountId),
    ],
  ),
  'Daily sums of the bill as in cost_daily, split further by the allocation tags, for questions about teams, environments and the like.',
  {
    chargeDate: CHARGE_DATE,
    ...ROLLUP_DIMENSIONS,
    allocationSetId: 'The set of allocation tags (allocation_sets); NULL for charges without any.',
    ...FOUR_COSTS,
    xLineCount: LINE_COUNT,
  },
);
