import type pg from 'pg';

/** A change that the inventory saw on a resource, with a recommendation about that resource from before it. */
export interface ChangeWithAdvice {
  changeId: number;
  resourceId: string;
  observedAt: Date;
  change: {
    kind: 'created' | 'changed' | 'deleted';
    before: Record<string, unknown> | null;
    after: Record<string, unknown> | null;
  };
  recommendationId: number;
  action: Record<string, unknown>;
  currency: string;
  estimatedMonthlySavings: string;
}

/**
 * Returns the changes of the last weeks, oldest first, on resources that a recommendation was open or accepted for when they were
 * seen, with each such recommendation. Those that are recorded already, and those that Penny made itself, are left out. A
 * recommendation that was closed because its resource went still counts for the change that took it away.
 */
export async function changesWithAdvice(client: pg.ClientBase, since: Date): Promise<ChangeWithAdvice[]> {
  const { rows } = await client.query<ChangeWithAdvice>(
    `SELECT change.change_id::int AS "changeId", change.resource_id AS "resourceId", change.observed_at AS "observedAt",
       json_build_object('kind', change.kind, 'before', change.before, 'after', change.after) AS change,
       advice.recommendation_id::int AS "recommendationId", advice.action, advice.billing_currency AS currency,
       advice.estimated_monthly_savings AS "estimatedMonthlySavings"
     FROM resource_changes AS change
     JOIN recommendations AS advice ON advice.resource_id = change.resource_id AND advice.found_at < change.observed_at
       AND (advice.state IN ('open', 'accepted') OR (advice.state = 'closed' AND advice.closed_at >= change.observed_at))
     WHERE change.observed_at >= $1 AND change.kind <> 'created'
       AND NOT EXISTS (SELECT FROM savings WHERE savings.subject = change.resource_id AND ((measurement ->> 'changeId')::bigint = change.change_id
         OR (origin = 'penny' AND change_date BETWEEN change.observed_at::date - 8 AND change.observed_at::date)))
       AND NOT EXISTS (SELECT FROM remediations WHERE remediations.resource_id = change.resource_id
         AND applied_at BETWEEN change.observed_at - interval '8 days' AND change.observed_at)
     ORDER BY change.observed_at, change.change_id, advice.estimated_monthly_savings DESC`,
    [since],
  );
  return rows;
}

/** A change that Penny made. Money is decimal text. */
export interface AppliedRemediation {
  resourceId: string;
  action: string;
  recommendationId: number | null;
  appliedAt: Date;
  currency: string;
  estimatedMonthlySavings: string | null;
}

/** Returns the changes that Penny made since an instant and the cloud showed as true, as far as they are not recorded yet. */
export async function appliedRemediations(client: pg.ClientBase, since: Date): Promise<AppliedRemediation[]> {
  const { rows } = await client.query<AppliedRemediation>(
    `SELECT resource_id AS "resourceId", action, recommendation_id::int AS "recommendationId", applied_at AS "appliedAt",
       billing_currency AS currency, estimated_monthly_savings AS "estimatedMonthlySavings"
     FROM remediations AS applied WHERE applied_at >= $1 AND verified_at IS NOT NULL
       AND NOT EXISTS (SELECT FROM savings WHERE subject = applied.resource_id AND change_date = (applied.applied_at AT TIME ZONE 'UTC')::date)
     ORDER BY applied_at`,
    [since],
  );
  return rows;
}
