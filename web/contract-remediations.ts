import { z } from 'zod';
import { pageQuery } from './contract.ts';

const text = z.string().trim();
const instant = z.string().nullable().describe('ISO 8601, UTC.');

export const remediationState = z.enum([
  'pending',
  'rejected',
  'expired',
  'approved',
  'applying',
  'applied',
  'verified',
  'failed',
  'undoing',
  'undone',
  'cancelled',
]);

/** A change that was proposed, and what became of it. */
export const remediation = z
  .object({
    remediationId: z.string(),
    recommendationId: z.number().int().nullable(),
    resourceId: z.string(),
    resourceName: z.string().nullable(),
    subAccountId: z.string().nullable(),
    regionId: z.string().nullable(),
    title: z.string().nullable().describe('What the recommendation said.'),
    action: z.string(),
    parameters: z.record(z.string(), z.unknown()),
    parametersHash: z.string().describe('Of action and parameters: what an approval counts for.'),
    observedState: z.record(z.string(), z.unknown()).describe('Of the resource when it was proposed.'),
    undoPlan: z.string().nullable().describe('Null: nothing brings it back.'),
    evidence: z.unknown(),
    risk: z.enum(['low', 'medium', 'high']),
    billingCurrency: z.string(),
    estimatedMonthlySavings: z.string().describe('Decimal text, a month of 730 hours.'),
    basis: z.string(),
    requiredApprovals: z.number().int(),
    approvedBy: z.array(z.string()),
    rejectedBy: z.string().nullable(),
    rejectionReason: z.string().nullable(),
    requestedBy: z.string(),
    requestedAt: z.string(),
    expiresAt: z.string(),
    state: remediationState,
    decidedAt: instant,
    appliedAt: instant,
    verifiedAt: instant.describe('When the cloud showed it to be true.'),
    undoneAt: instant,
    failedAt: instant,
    failure: z.string().nullable(),
  })
  .meta({ id: 'Remediation' });

export const remediationPage = z.object({
  items: z.array(remediation),
  nextCursor: z.string().optional(),
  stopped: z
    .object({ reason: z.string(), by: z.string() })
    .optional()
    .describe('Why nothing is changed at the moment.'),
});

export const remediationsQuery = pageQuery.extend({ state: remediationState.optional() });
export const remediationParams = z.object({ remediationId: text.min(1).max(100) });
export const newRemediation = z.strictObject({ recommendationId: z.number().int().positive() });
export const approval = z
  .strictObject({
    parametersHash: text.optional().describe('Of what was read; a decision about anything else is refused.'),
  })
  .nullish();
export const rejection = z.strictObject({
  reason: text.min(1, 'Say why; the one who asked will read it.').max(1000),
  parametersHash: text.optional(),
});
export const stop = z.strictObject({ reason: text.min(1, 'Say why; everybody who waits will read it.').max(1000) });

export type RemediationBody = z.infer<typeof remediation>;
export type RemediationPageBody = z.infer<typeof remediationPage>;
