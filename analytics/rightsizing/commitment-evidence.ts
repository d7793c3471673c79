import type { DecimalText } from '../money.ts';
import type { BillWindow } from './evidence.ts';

/** What the commitment checks know: of the whole bill of one billing account. */
export interface CommitmentEvidence {
  billingAccountId: string;
  bill: BillWindow;
  commitments: readonly Commitment[];
  /** What was used at on-demand prices though commitments of its kind are sold, day by day. */
  onDemand: readonly OnDemandUse[];
}

/** A reservation or Savings Plan as the bill shows it. Money is decimal text, over the bill window. */
export interface Commitment {
  commitmentId: string;
  name: string | null;
  /** For example 'Savings Plan' or 'Reserved'. */
  type: string | null;
  serviceName: string | null;
  regionId: string | null;
  subAccountId: string | null;
  currency: string;
  usedCost: DecimalText;
  unusedCost: DecimalText;
  /** At list prices, what it covered; null where the bill does not say. */
  coveredListCost: DecimalText | null;
  /** When it began and ends, YYYY-MM-DD; null where neither the bill nor, of the end, the inventory says. */
  startDate: string | null;
  endDate: string | null;
  firstSeenDate: string;
  lastSeenDate: string;
}

/** On-demand use that a commitment could cover, per day in the bill window, at list prices. */
export interface OnDemandUse {
  serviceName: string | null;
  regionId: string | null;
  /** For example 'm5' where a commitment would be to a family; null where that does not matter. */
  family: string | null;
  currency: string;
  /** Oldest day first, one per day of the window. */
  listCostByDay: readonly DecimalText[];
}
