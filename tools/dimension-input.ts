import { z } from 'zod';
import {
  COLUMN_DIMENSIONS,
  type CostFilter,
  type Dimension,
  METRICS,
  parseDimension,
} from '../db/queries/dimensions.ts';

// Without `abort` the union would tell of the pattern and not of the dimensions there are.
const tagDimension = z.string().regex(/^tag:\s*\S/i, { abort: true });

/** A dimension as the model writes it: a FOCUS column id, or `tag:KEY`. */
export const dimensionInput = z.union([z.enum(COLUMN_DIMENSIONS), tagDimension], {
  error: ({ input }) =>
    `${JSON.stringify(input)} is no dimension. The dimensions are ${COLUMN_DIMENSIONS.join(', ')}, and tag:KEY such as tag:team.`,
});

export const metricInput = z
  .enum(METRICS)
  .default('effective_cost')
  .describe(
    'Which cost. effective_cost: amortized, the default meaning of spend; billed_cost: as invoiced; contracted_cost: at negotiated prices; list_cost: at public prices.',
  );

export const periodInput = z
  .string()
  .min(1)
  .default('last 30 days')
  .describe(
    'The days asked about, UTC: "last 60 days", "this month", "last month", "month to date", "Q3 2026", "March 2026", "2026-03-05", or "2026-03-01..2026-04-01" with the end left out.',
  );

/** An amount as decimal text; models that send a number are understood. */
export const amountInput = z.union([z.string().regex(/^\d{1,15}(\.\d{1,12})?$/), z.number().nonnegative()], {
  error: 'An amount is decimal text such as "100" or "99.95".',
});

export const filtersInput = z
  .array(
    z
      .object({
        dimension: dimensionInput.describe('What the condition is about: a column id or tag:KEY.'),
        operator: z
          .enum(['in', 'not in', 'contains', 'is null', 'is not null'])
          .default('in')
          .describe('"not in" keeps what has no value; "is null" finds what has none, such as untagged cost.'),
        values: z
          .array(z.string())
          .max(200)
          .default([])
          .describe('Any of these will do. Names as the bill writes them, case aside; accounts by id or name.'),
      })
      .refine(({ operator, values }) => operator.startsWith('is ') || values.length > 0, {
        error: 'The operators "in", "not in" and "contains" need at least one value.',
      }),
  )
  .max(20)
  .default([])
  .describe('Conditions that all must hold.');

export type FilterInput = z.output<typeof filtersInput>[number];

/** The dimension that a text accepted by `dimensionInput` names. */
export function toDimension(text: string): Dimension {
  const dimension = parseDimension(text);
  // The schema lets nothing else through.
  if (dimension === undefined) throw new Error(`no dimension: ${text}`);
  return dimension;
}

export const toFilter = ({ dimension, operator, values }: FilterInput): CostFilter => ({
  dimension: toDimension(dimension),
  operator,
  values,
});
