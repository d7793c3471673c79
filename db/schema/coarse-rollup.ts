import { bigint, date, index, pgTable, text } from 'drizzle-orm/pg-core';
import { FOUR_COSTS, fourCosts, ROLLUP_DIMENSIONS, rollupDimensions } from './columns.ts';
import { describe } from './describe.ts';

const { billingCurrency, chargeCategory, serviceName, subAccountId, ...others } = rollupDimensions();

// What most questions read stands first: Postgres walks a row from the left.
export const costRollup = describe(
  pgTable(
    'cost_rollup',
    {
      rollup: text().notNull(),
      periodStart: date().notNull(),
      billingCurrency,
      chargeCategory,
      serviceName,
      subAccountId,
      allocationSetId: bigint({ mode: 'number' }),
      ...fourCosts(),
      xLineCount: bigint({ mode: 'number' }).notNull(),
      ...others,
      xServiceCode: text(),
      xUsageType: text(),
      xInstanceType: text(),
    },
    (table) => [
      index('cost_rollup_period').on(table.rollup, table.periodStart),
      index('cost_rollup_billing_period').on(table.billingPeriodStart, table.billingAccountId, table.rollup),
    ],
  ),
  'Coarser sums of the bill, several side by side: each holds the whole bill once, over the columns that its name stands for. A question reads the smallest one that can answer it; never add over two of them.',
  {
    rollup: "Which sums a row belongs to, for example 'daily_service'; the list is in db/queries/rollups.ts.",
    periodStart: "UTC day of the charges, or the first day of their month where the rollup's name begins with monthly.",
    ...ROLLUP_DIMENSIONS,
    allocationSetId: 'The set of allocation tags (allocation_sets), in rollups that keep it; NULL for none.',
    ...FOUR_COSTS,
    xLineCount: 'How many lines of the bill are summed in this row.',
    xServiceCode: "The provider's code of the product, in rollups that keep it.",
    xUsageType: "The provider's usage type, in rollups that keep it.",
    xInstanceType: 'Size of the machine, in rollups that keep it.',
  },
);
