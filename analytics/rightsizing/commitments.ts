import { addDecimals, type DecimalText, divideDecimals, multiplyDecimals } from '../money.ts';
import type { CommitmentFinding } from './check.ts';
import type { Commitment, OnDemandUse } from './commitment-evidence.ts';
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

/** What was used at on-demand prices: one kind of use on one day. */
export interface DayOfUse {
  serviceName: string | null;
  regionId: string | null;
  usageType: string;
  instanceType: string | null;
  currency: string;
  /** YYYY-MM-DD. */
  day: string;
  listCost: DecimalText;
}

/**
 * Use that commitments are sold for, by how AWS spells its usage type: instances of EC2, Fargate and Lambda (Compute Savings Plans),
 * of RDS, ElastiCache, OpenSearch, Redshift and MemoryDB (reservations), of SageMaker (its own Savings Plans).
 */
const COMMITTABLE =
  /BoxUsage|Fargate-((ARM|Windows)-)?(vCPU|GB)-Hours|Lambda(-Provisioned)?-GB-Second|Lambda-Provisioned-Concurrency|:db\.|:cache\.|ESInstance:|Node:(dc|ds|ra)\d|:ml\./;

/**
 * Returns on-demand use that a commitment could cover, by service, region and family, one sum for each of these days. Spot and what
 * no commitment is sold for is left out.
 */
export function committableUse(rows: readonly DayOfUse[], days: readonly string[]): OnDemandUse[] {
  const places = new Map(days.map((day, index) => [day, index]));
  const uses = new Map<string, OnDemandUse & { listCostByDay: DecimalText[] }>();
  for (const { serviceName, regionId, usageType, instanceType, currency, day, listCost } of rows) {
    const place = places.get(day);
    if (place === undefined || !COMMITTABLE.test(usageType) || /Spot/.test(usageType)) continue;
    const family = familyOf(instanceType);
    const key = [serviceName, regionId, family, currency].join('\n');
    const known = uses.get(key) ?? { serviceName, regionId, family, currency, listCostByDay: days.map(() => '0') };
    known.listCostByDay[place] = addDecimals(known.listCostByDay[place] ?? '0', listCost);
    uses.set(key, known);
  }
  return [...uses.values()];
}

/** 'm5' of 'm5.large', 'db.r6g' of 'db.r6g.xlarge'. */
function familyOf(instanceType: string | null): string | null {
  return instanceType === null ? null : instanceType.split('.').slice(0, -1).join('.') || null;
}

/**
 * Returns the day a commitment ends (YYYY-MM-DD), from its first day and the years that its description names; null when it names
 * none. Source: how AWS describes the recurring fee of a Savings Plan, '1 year No Upfront Compute Savings Plan'.
 */
export function endOf(startDate: string | null, description: string | null): string | null {
  const years = /\b([135])[ -]?(year|yr)/i.exec(description ?? '')?.[1];
  if (startDate === null || years === undefined) return null;
  return new Date(Date.parse(startDate) + Number(years) * 365 * 86_400_000).toISOString().slice(0, 10);
}
