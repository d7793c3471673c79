import type pg from 'pg';
import type { CommitmentEvidence } from '../analytics/rightsizing/commitment-evidence.ts';
import { committableUse, endOf, type GoingUse } from '../analytics/rightsizing/commitments.ts';
import { daysBefore } from '../db/queries/freshness.ts';
import { type CommitmentRow, readCommitments, readOnDemandUse } from '../db/recommendations/commitments.ts';

/**
 * Returns what the checks of commitments look at, for each billing account, over the days of the bill `[start, end)`. `toGo` is what
 * other recommendations would take away of on-demand use.
 */
export async function readCommitmentEvidence(
  client: pg.ClientBase,
  { start, end }: { start: string; end: string },
  toGo: readonly GoingUse[],
): Promise<CommitmentEvidence[]> {
  const commitments = await readCommitments(client, { start, end });
  const uses = await readOnDemandUse(client, { start, end });
  const days: string[] = [];
  for (let day = start; day < end; day = daysBefore(day, -1)) days.push(day);
  const accounts = [...new Set([...commitments, ...uses].map(({ billingAccountId }) => billingAccountId))].sort();
  return accounts.map((billingAccountId) => ({
    billingAccountId,
    bill: { start, end, days: days.length },
    commitments: commitments.filter((one) => one.billingAccountId === billingAccountId).map(commitmentOf),
    onDemand: committableUse(
      uses.filter((one) => one.billingAccountId === billingAccountId),
      days,
      toGo,
    ),
  }));
}

function commitmentOf({
  billingAccountId,
  description,
  isOlderThanBill,
  ...row
}: CommitmentRow): CommitmentEvidence['commitments'][number] {
  const startDate = isOlderThanBill ? null : row.firstSeenDate;
  return { ...row, startDate, endDate: row.endDate ?? endOf(startDate, description) };
}
