import { type DecimalText, divideDecimals, multiplyDecimals } from '../money.ts';
import type { CommitmentFinding } from './check.ts';
import type { Commitment } from './commitment-evidence.ts';
import type { BillWindow } from './evidence.ts';

/** Returns an amount of the bill window as one of a month of 730 hours, to the hundredth. */
export function monthlyOf(amount: DecimalText, { days }: BillWindow): DecimalText {
  return divideDecimals(multiplyDecimals(amount, '730'), String(days * 24), 2);
}

/** Returns what a finding about a commitment is about. */
export function subjectOf({
  commitmentId,
  subAccountId,
  serviceName,
  regionId,
}: Commitment): Omit<CommitmentFinding, 'verdict'> {
  return { subject: commitmentId, subAccountId, serviceName, regionId };
}

/** Returns the days from one day to another, YYYY-MM-DD; negative when it is earlier. */
export function daysUntil(day: string, from: string): number {
  return Math.round((Date.parse(day) - Date.parse(from)) / 86_400_000);
}
