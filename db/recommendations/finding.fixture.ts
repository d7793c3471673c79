import type { Db } from '../client.ts';
import { inTransaction } from '../transaction.ts';
import { type Finding, storeCheckRuns, storeFindings } from './store.ts';

/** A finding of a test, of which the test says only what matters to it. */
export function finding(checkId: string, resourceId: string, saves: string, changes: Partial<Finding> = {}): Finding {
  return {
    ...{ checkId, checkVersion: '1', kind: 'usage', subject: resourceId, resourceId, subAccountId: 'a1' },
    ...{ serviceName: 'Amazon EC2', regionId: 'us-east-1', title: `Do something about ${checkId}` },
    action: { action: 'terminate-instance', parameters: {} },
    evidence: {
      measured: [{ what: 'highest CPU', value: 1.2345, unit: 'percent', limit: 5 }],
      ...{ rule: 'CPU below 5 percent.', notes: ['Its volumes go with it.'], bill: {} },
      parts: [{ resourceId, why: 'all charges', monthly: saves, listMonthly: saves, prices: [] }],
    },
    ...{ settings: { peakCpuPercent: 5 }, windowStart: '2026-11-10', windowEnd: '2026-11-25', billingCurrency: 'USD' },
    ...{ estimatedMonthlySavings: saves, listMonthlySavings: saves, coveredMonthlySavings: '0' },
    ...{ basis: 'Charges of 30 settled days.', risk: 'medium', effort: 'low', owner: null, environment: null },
    ...{ isProtected: false, alternativeTo: null },
    ...changes,
  };
}

/** Stores findings as a run of the checks does, with the resources they are about. */
export async function storeTestFindings(db: Db, findings: readonly Finding[], at: Date): Promise<void> {
  await db.pool.query(
    `INSERT INTO resources (resource_id, name, type, sub_account_id, tags)
     SELECT DISTINCT ON (found->>'resourceId') found->>'resourceId', 'name of ' || (found->>'resourceId'), 'ec2:instance', found->>'subAccountId',
       CASE WHEN found->>'owner' IS NULL THEN '{}' ELSE jsonb_build_object('team', found->>'owner') END
     FROM jsonb_array_elements($1::jsonb) AS found WHERE found->>'resourceId' IS NOT NULL ON CONFLICT DO NOTHING`,
    [JSON.stringify(findings)],
  );
  const actor = { actorId: null, actor: 'recommend-changes', surface: 'job' as const };
  await inTransaction(db, async (client) => {
    await storeFindings(client, findings, { actor, at });
    await storeCheckRuns(
      client,
      [
        {
          ...{ checkId: 'ec2-idle', checkVersion: '1', settings: {}, recommended: 2, kept: 5, unknown: 3 },
          missing: { 'cpu_utilization was not measured': 3 },
        },
      ],
      at,
    );
  });
}
