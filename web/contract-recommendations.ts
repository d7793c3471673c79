import { z } from 'zod';

const text = z.string().trim();
const instant = z.string().nullable().describe('ISO 8601, UTC.');
const level = z.enum(['low', 'medium', 'high']);

/** Something that would save money, with what it rests on and what was decided. */
export const recommendation = z
  .object({
    recommendationId: z.number().int(),
    checkId: z.string(),
    checkVersion: z.string(),
    kind: z.enum(['usage', 'rate']),
    subject: z.string().describe('The resource id, or another key for what is no resource.'),
    resourceId: z.string().nullable(),
    resourceName: z.string().nullable(),
    resourceType: z.string().nullable(),
    subAccountId: z.string().nullable(),
    accountName: z.string().nullable(),
    serviceName: z.string().nullable(),
    regionId: z.string().nullable(),
    tags: z.record(z.string(), z.string()),
    title: z.string(),
    action: z.record(z.string(), z.unknown()).describe('The remediation and its parameters.'),
    evidence: z.record(z.string(), z.unknown()).describe('What was measured, the rule, notes and the charges saved.'),
    settings: z.record(z.string(), z.unknown()).describe('The thresholds the check ran with.'),
    windowStart: z.string(),
    windowEnd: z.string(),
    currency: z.string(),
    estimatedMonthlySavings: z.string().describe('Decimal text, a month of 730 hours, net of discounts.'),
    listMonthlySavings: z.string().nullable(),
    coveredMonthlySavings: z.string().nullable().describe('The part that commitments pay for.'),
    basis: z.string(),
    risk: level,
    effort: level,
    owner: z.string().nullable(),
    environment: z.string().nullable(),
    isProtected: z.boolean(),
    state: z.enum(['open', 'dismissed', 'accepted', 'applied', 'verified', 'regressed', 'closed']),
    foundAt: z.string(),
    lastFoundAt: z.string(),
    decidedAt: instant,
    decisionReason: z.string().nullable(),
    dismissedUntil: z.string().nullable(),
    closedAt: instant,
    closedReason: z.string().nullable(),
    alternativeTo: z.number().int().nullable().describe('The one with a larger saving on the same charges.'),
    alternatives: z.array(z.number().int()),
  })
  .meta({ id: 'Recommendation' });

export const recommendationParams = z.object({ recommendationId: z.coerce.number().int().positive() });

export const dismissal = z.strictObject({
  reason: text.min(1, 'Say why; it does not come back while that holds.').max(1000),
  until: z.iso.date().optional().describe('The first day on which it may come back; without it, it stays dismissed.'),
});

export const acceptance = z.strictObject({ reason: text.min(1).max(1000).optional() }).nullish();
