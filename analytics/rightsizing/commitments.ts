import {
  addDecimals,
  compareDecimals,
  type DecimalText,
  divideDecimals,
  multiplyDecimals,
  subtractDecimals,
} from '../money.ts';
import type { CommitmentFinding, SavingsPart } from './check.ts';
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

/** What recommendations would take away of on-demand use, at list prices, of each day alike. */
export type GoingUse = Pick<DayOfUse, 'serviceName' | 'regionId' | 'instanceType' | 'currency' | 'listCost'>;

/** A finding as far as it takes use away. */
export interface FindingOfUse {
  serviceName: string | null;
  regionId: string | null;
  /** Days of the bill that its charges are of. */
  days: number;
  savings: readonly SavingsPart[];
}

/** Returns what findings would take away of each day's use at on-demand prices; of several that claim one charge the larger counts. */
export function goingUse(findings: readonly FindingOfUse[]): GoingUse[] {
  const largest = new Map<string, GoingUse>();
  for (const { serviceName, regionId, days, savings } of findings) {
    for (const part of savings.filter((one) => 'charges' in one)) {
      for (const {
        usageType,
        operation,
        instanceType,
        currency,
        listCost,
        effectiveCost,
        coveredCost,
      } of part.charges) {
        // What a commitment covers already is no on-demand use.
        if (listCost === null || compareDecimals(coveredCost, effectiveCost) >= 0) continue;
        const key = [part.resourceId, usageType, operation, instanceType, currency].join('\n');
        const daily = divideDecimals(multiplyDecimals(listCost, part.savedShare), String(days), 6);
        if (compareDecimals(daily, largest.get(key)?.listCost ?? '0') <= 0) continue;
        largest.set(key, { serviceName, regionId, instanceType, currency, listCost: daily });
      }
    }
  }
  return [...largest.values()];
}

/**
 * Returns on-demand use that a commitment could cover, by service, region and family, one sum for each of these days. Spot and what
 * no commitment is sold for is left out, and so is what is about to go: a commitment to waste would keep it.
 */
export function committableUse(
  rows: readonly DayOfUse[],
  days: readonly string[],
  toGo: readonly GoingUse[] = [],
): OnDemandUse[] {
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
  for (const { serviceName, regionId, instanceType, currency, listCost } of toGo) {
    const family = familyOf(instanceType);
    // A node group's finding is of EKS, and what it takes away are hours of EC2.
    const alike = [...uses.values()].filter(
      (use) => use.regionId === regionId && use.family === family && use.currency === currency,
    );
    const known = alike.find((use) => use.serviceName === serviceName) ?? (family === null ? undefined : alike[0]);
    if (known !== undefined) known.listCostByDay = known.listCostByDay.map((cost) => lessOf(cost, listCost));
  }
  return [...uses.values()];
}

function lessOf(cost: DecimalText, less: DecimalText): DecimalText {
  return compareDecimals(less, cost) >= 0 ? '0' : subtractDecimals(cost, less);
}

/** 'm5' of 'm5.large', 'db.r6g' of 'db.r6g.xlarge', 'r6g' of 'r6g.large.search'. */
function familyOf(instanceType: string | null): string | null {
  const parts = instanceType?.replace(/\.(search|elasticsearch)$/, '').split('.') ?? [];
  return parts.slice(0, -1).join('.') || null;
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
