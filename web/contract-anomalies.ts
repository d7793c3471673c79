import { z } from 'zod';
import { pageQuery } from './contract.ts';
import { REASON_MAX_CHARS } from './limits.ts';

/** What is said of anomalies over the API. Days are UTC, YYYY-MM-DD; `until` is the first day on which something is over. */
const reason = z.string().trim().max(REASON_MAX_CHARS).optional();
const until = z.iso.date().optional().describe('The first day on which it is over.');

export const anomaliesQuery = pageQuery.extend({
  period: z.string().optional().describe('Anomalies with a day in it; `last 30 days` by default.'),
  open: z.enum(['true', 'false']).optional().describe('`true`: only those that go on.'),
  minimumImpact: z.string().optional().describe('Only those that cost, or saved, at least this.'),
  includeQuiet: z.enum(['true', 'false']).optional().describe('`true`: also those that people set aside.'),
  orderBy: z.string().optional().describe('`impact` or `newest`.'),
});

export const anomalyParams = z.object({ anomalyId: z.coerce.number().int().positive() });

export const anomalyFeedbackBody = z.strictObject({
  feedback: z.enum(['expected', 'planned', 'muted', 'helpful', 'wrong']),
  reason,
  until: until.describe('Of what is planned or muted: the first day on which it is over.'),
  usageType: z
    .string()
    .trim()
    .min(1)
    .max(200)
    .optional()
    .describe('Of what is muted: only what has such a usage type; `*` stands for any text.'),
});

export const expectationBody = z.strictObject({
  feedback: z.enum(['planned', 'muted']),
  dimensions: z
    .record(z.string().min(1).max(200), z.string().min(1).max(300))
    .describe(
      'FOCUS names, `x_usage_type` or `tag:KEY`, each with a value; `*` stands for any text. Empty, for what is planned: everywhere.',
    ),
  from: z.iso.date().optional().describe('The first day; today by default.'),
  until,
  reason,
});

export const feedbackParams = z.object({ feedbackId: z.coerce.number().int().positive() });

export const feedbackNoted = z.object({ feedbackId: z.number().int() });

export const anomalySaid = z
  .object({
    feedbackId: z.number().int(),
    feedback: anomalyFeedbackBody.shape.feedback,
    anomalyId: z.number().int().nullable(),
    dimensions: z.record(z.string(), z.string()),
    fromDate: z.string(),
    untilDate: z.string().nullable(),
    reason: z.string().nullable(),
    givenBy: z.string().describe('The user who said it.'),
    givenAt: z.string(),
  })
  .meta({ id: 'AnomalySaid' });

export const anomalySaidList = z.object({ items: z.array(anomalySaid) });
