import type pg from 'pg';
import type { CommitmentEvidence } from '../analytics/rightsizing/commitment-evidence.ts';
import { committableUse, endOf } from '../analytics/rightsizing/commitments.ts';
import type { BillWindow } from '../analytics/rightsizing/evidence.ts';
import { readCommitments, readOnDemandUse } from '../db/recommendations/commitments.ts';

/** Returns what the checks of commitments know, for each billing account that has any commitment or on-demand use. */
export async function readCommitmentEvidence(client: pg.ClientBase, bill: BillWindow): Promise<CommitmentEvidence[]> {
  const [commitments, uses] = [await readCommitments(client, bill), await readOnDemandUse(client, bill)];
  const accounts = new Set([...commitments, ...uses].map(({ billingAccountId }) => billingAccountId));
  const days = Array.from({ length: bill.days }, (_, index) =>
    new Date(Date.parse(bill.start) + index * 86_400_000).toISOString().slice(0, 10),
  );
  return [...accounts].map((billingAccountId) => ({
    billingAccountId,
    bill,
    commitments: commitments
      .filter((one) => one.billingAccountId === billingAccountId)
      .map(({ billingAccountId: _, description, isOlderThanBill, ...commitment }) => {
        const startDate = isOlderThanBill ? null : commitment.firstSeenDate;
        return { ...commitment, startDate, endDate: endOf(startDate, description) };
      }),
    onDemand: committableUse(
      uses.filter((one) => one.billingAccountId === billingAccountId),
      days,
    ),
  }));
}
