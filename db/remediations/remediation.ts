import type pg from 'pg';
import type { REMEDIATION_STATES } from '../schema/remediations.ts';

export type RemediationState = (typeof REMEDIATION_STATES)[number];

/** A change that was proposed, and what became of it. Money is decimal text a month of 730 hours. */
export interface Remediation {
  remediationId: string;
  recommendationId: number | null;
  resourceId: string;
  resourceName: string | null;
  subAccountId: string | null;
  regionId: string | null;
  title: string | null;
  action: string;
  parameters: Record<string, unknown>;
  parametersHash: string;
  /** State and configuration of the resource as the inventory had them when it was proposed. */
  observedState: { state: string | null; configuration: Record<string, unknown> | null };
  /** How it is undone, in words; null when nothing brings it back. */
  undoPlan: string | null;
  evidence: unknown;
  risk: 'low' | 'medium' | 'high';
  billingCurrency: string;
  estimatedMonthlySavings: string;
  basis: string;
  requiredApprovals: number;
  /** Those who have approved so far, by e-mail address. */
  approvedBy: string[];
  rejectedBy: string | null;
  rejectionReason: string | null;
  requestedById: string;
  requestedBy: string;
  requestedAt: Date;
  expiresAt: Date;
  surface: string;
  conversationId: string | null;
  state: RemediationState;
  applyToken: string;
  decidedAt: Date | null;
  startedAt: Date | null;
  appliedAt: Date | null;
  verifiedAt: Date | null;
  failedAt: Date | null;
  failure: string | null;
  outcome: Record<string, unknown> | null;
  undoneAt: Date | null;
}

/** Rows of `remediations AS remediation` as `Remediation`s. */
export const SELECT_REMEDIATION = `SELECT remediation.remediation_id AS "remediationId",
    remediation.recommendation_id::int AS "recommendationId", remediation.resource_id AS "resourceId", resource.name AS "resourceName",
    resource.sub_account_id AS "subAccountId", resource.region_id AS "regionId", recommendation.title, remediation.action, remediation.parameters,
    remediation.parameters_hash AS "parametersHash", remediation.observed_state AS "observedState", remediation.undo_plan ->> 'text' AS "undoPlan", remediation.evidence, remediation.risk,
    remediation.billing_currency AS "billingCurrency", remediation.estimated_monthly_savings::text AS "estimatedMonthlySavings",
    remediation.basis, remediation.required_approvals AS "requiredApprovals",
    ARRAY(SELECT person.email FROM approvals AS given JOIN users AS person ON person.user_id = given.decided_by
      WHERE given.remediation_id = remediation.remediation_id AND given.decision = 'approve' ORDER BY given.decided_at) AS "approvedBy",
    rejection.email AS "rejectedBy", rejection.reason AS "rejectionReason",
    remediation.requested_by AS "requestedById", requester.email AS "requestedBy", remediation.requested_at AS "requestedAt",
    remediation.expires_at AS "expiresAt", remediation.surface, remediation.conversation_id AS "conversationId", remediation.state,
    remediation.apply_token AS "applyToken", remediation.decided_at AS "decidedAt", remediation.started_at AS "startedAt",
    remediation.applied_at AS "appliedAt", remediation.verified_at AS "verifiedAt", remediation.failed_at AS "failedAt", remediation.failure,
    remediation.outcome, remediation.undone_at AS "undoneAt"
  FROM remediations AS remediation
  JOIN users AS requester ON requester.user_id = remediation.requested_by
  LEFT JOIN resources AS resource ON resource.resource_id = remediation.resource_id
  LEFT JOIN recommendations AS recommendation ON recommendation.recommendation_id = remediation.recommendation_id
  LEFT JOIN LATERAL (SELECT person.email, given.reason FROM approvals AS given JOIN users AS person ON person.user_id = given.decided_by
    WHERE given.remediation_id = remediation.remediation_id AND given.decision = 'reject') AS rejection ON true`;

/** Whether a text can be the id of a remediation at all. */
export const isRemediationId = (text: string): boolean => UUID.test(text);

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Returns a remediation by its id; undefined when there is none. Whoever calls it has checked that it may be seen. */
export async function findRemediation(
  client: pg.ClientBase | pg.Pool,
  remediationId: string,
): Promise<Remediation | undefined> {
  if (!isRemediationId(remediationId)) return undefined;
  const { rows } = await client.query<Remediation>(`${SELECT_REMEDIATION} WHERE remediation.remediation_id = $1`, [
    remediationId,
  ]);
  return rows[0];
}
