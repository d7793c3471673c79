import { z } from 'zod';

const cellValue = z.union([z.string(), z.number(), z.null()]);
const dateRange = z.object({ start: z.string(), end: z.string() });

const table = z.object({
  title: z.string(),
  columns: z.array(z.object({ name: z.string(), kind: z.string(), unit: z.string().nullable() })),
  rows: z.array(z.array(cellValue)),
});

const chart = z.object({
  kind: z.enum(['line', 'bar', 'stacked-bar']),
  title: z.string(),
  unit: z.string().nullable(),
  x: z.array(z.string()),
  series: z.array(z.object({ name: z.string(), values: z.array(z.number().nullable()) })),
});

const receipt = z.object({
  tool: z.string(),
  arguments: z.record(z.string(), z.unknown()),
  sql: z.string().optional(),
  fingerprint: z.string().optional(),
  period: dateRange.optional(),
  comparedTo: dateRange.optional(),
  costBasis: z.string().optional(),
  credits: z.enum(['excluded', 'included']).optional(),
  notes: z.array(z.string()),
  rowCount: z.number(),
  truncated: z.boolean(),
  dataThrough: z.string().nullable(),
  hash: z.string(),
  elapsedMs: z.number(),
});

/**
 * What every surface renders and none computes. `status`: answered; clarify (a question back); refused (cannot or may not);
 * no_data (nothing there, `text` says what was searched); failed (an outage). Each number in `text` comes from a cell of a
 * table or a stated derivation of cells.
 */
export const answerSchema = z
  .object({
    queryId: z.string(),
    threadId: z.string(),
    status: z.enum(['answered', 'clarify', 'refused', 'no_data', 'failed']),
    text: z.string(),
    tables: z.array(table),
    chart: chart.optional(),
    receipts: z.array(receipt),
    proposals: z.array(
      z.object({
        remediationId: z.string(),
        title: z.string(),
        estimatedMonthlySavings: z.string().describe('Decimal text, a month of 730 hours.'),
        billingCurrency: z.string().optional(),
      }),
    ),
    followUps: z.array(z.string()),
  })
  .meta({ id: 'Answer' });

export type Answer = z.infer<typeof answerSchema>;

/** Progress of a turn, in order: each step starts and ends once; `answer` comes last and only after the checks. */
export const askEventSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('started'), queryId: z.string(), threadId: z.string() }),
  z.object({
    type: z.literal('step'),
    id: z.string(),
    title: z.string(),
    state: z.enum(['running', 'done', 'failed']),
  }),
  z.object({ type: z.literal('answer'), answer: answerSchema }),
]);

export type AskEvent = z.infer<typeof askEventSchema>;
