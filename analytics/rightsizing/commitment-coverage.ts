import {
  addDecimals,
  compareDecimals,
  type DecimalText,
  divideDecimals,
  multiplyDecimals,
  roundDecimal,
  subtractDecimals,
} from '../money.ts';
import { type CommitmentFinding, defineCommitmentCheck, keep, type Measured, unknown, type Verdict } from './check.ts';
import type { Commitment, CommitmentEvidence, OnDemandUse } from './commitment-evidence.ts';
import type { SettingsOf } from './thresholds.ts';

type Settings = SettingsOf<'commitment-coverage'>;

/** Hours of a month, and days, as all estimates count them. */
const MONTH_DAYS = divideDecimals('730', '24');

/** What one plan covers whatever the service, the region and the family. Source: AWS, "Savings Plans User Guide", types of plans. */
const PLANS = [
  {
    key: 'compute',
    services: /Elastic Compute Cloud|Elastic Container Service|^AWS Lambda$/,
    what: 'a Compute Savings Plan',
  },
  { key: 'sagemaker', services: /SageMaker/, what: 'a SageMaker Savings Plan' },
] as const;

export const commitmentCoverage = defineCommitmentCheck({
  id: 'commitment-coverage',
  version: '1',
  title: 'Steady use that is paid at on-demand prices',
  about:
    'On-demand use that a commitment could cover and that was there every day: a part of its lowest day is worth committing to. What a Savings Plan covers is taken together; databases, caches and the like by service, region and family, as reservations cover them.',
  evaluate: (evidence, settings) => {
    const groups = pooled(evidence.onDemand);
    return [...groups].map(
      ([key, group]): CommitmentFinding => ({
        subject: `coverage/${evidence.billingAccountId}/${key}`,
        ...{ subAccountId: null, serviceName: group.serviceName, regionId: group.regionId },
        verdict: verdictOf(group, evidence, settings),
      }),
    );
  },
});

interface Group extends OnDemandUse {
  /** Which Savings Plan covers it; undefined where reservations are sold. */
  plan: (typeof PLANS)[number] | undefined;
}

/** Returns what one purchase could cover, by a key that stays the same. */
function pooled(uses: readonly OnDemandUse[]): Map<string, Group> {
  const groups = new Map<string, Group>();
  for (const use of uses) {
    const plan = PLANS.find(({ services }) => services.test(use.serviceName ?? ''));
    const key = plan
      ? `${plan.key}/${use.currency}`
      : [use.serviceName, use.regionId, use.family, use.currency].map((part) => part ?? '').join('/');
    const known = groups.get(key);
    const listCostByDay = use.listCostByDay.map((cost, day) => addDecimals(cost, known?.listCostByDay[day] ?? '0'));
    const place = plan ? { serviceName: null, regionId: null, family: null } : use;
    groups.set(key, { ...use, ...place, listCostByDay, plan });
  }
  return groups;
}

function verdictOf(group: Group, evidence: CommitmentEvidence, settings: Settings): Verdict {
  const { listCostByDay: days, currency, plan } = group;
  if (days.length < settings.fewestDays)
    return unknown(`the bill has ${days.length} days, ${settings.fewestDays} are needed`);
  const lowest = days.reduce((low, cost) => (compareDecimals(cost, low) < 0 ? cost : low), days[0] ?? '0');
  const variation = variationOf(days.map(Number));
  const measured: Measured[] = [
    { what: 'on demand on the lowest day', value: roundDecimal(lowest, 2), unit: currency },
    { what: 'variation of the days', value: variation, unit: null, limit: settings.largestVariation },
  ];
  if (variation > settings.largestVariation) return keep('Its days differ too much to commit to any.', measured);
  const { discount, isOwn } = discountOf(evidence, group, settings);
  const daily = multiplyDecimals(lowest, String(settings.shareToCommit));
  const hourly = roundDecimal(divideDecimals(multiplyDecimals(daily, subtractDecimals('1', discount)), '24'), 3);
  const monthly = roundDecimal(multiplyDecimals(multiplyDecimals(daily, discount), MONTH_DAYS), 2);
  measured.push({ what: 'commitment', value: hourly, unit: `${currency} an hour` });
  if (compareDecimals(monthly, String(settings.leastMonthlySavings)) < 0)
    return keep('Little would be saved by committing.', measured);
  const what = plan?.what ?? `reservations for ${group.family ?? 'this service'}`;
  const percent = Math.round(Number(discount) * 100);
  return {
    verdict: 'recommend',
    action: {
      action: 'buy-commitment',
      parameters: { kind: plan ? 'Savings Plan' : 'Reserved', hourly, currency },
    },
    title: `Commit to ${hourly} ${currency} an hour by ${what}`,
    measured,
    rule: `${Math.round(settings.shareToCommit * 100)} percent of the lowest day of the last ${days.length}, for a year without upfront payment.`,
    savings: [{ monthly, currency, why: `${percent} percent of what would be covered, at list prices` }],
    risk: 'medium',
    effort: 'low',
    notes: [
      isOwn
        ? `The discount of ${percent} percent is what the commitments of this account reach now.`
        : `The discount of ${percent} percent is assumed: ask AWS for the offer before buying.`,
      `It pays when what it covers is used in ${Math.ceil(12 * (1 - Number(discount)) * 10) / 10} of its twelve months.`,
      'What open recommendations would take away is left out already. Wait for three days of bills after buying, and look again.',
    ],
  };
}

/** The discount that commitments of this kind reach, where there are any; else the one that is assumed. */
function discountOf(
  { commitments }: CommitmentEvidence,
  { plan, serviceName, currency }: Group,
  { assumedDiscount }: Settings,
): { discount: DecimalText; isOwn: boolean } {
  const own = commitments.filter(
    (one) =>
      one.currency === currency &&
      one.coveredListCost !== null &&
      (plan ? isOfPlan(one, plan) : one.type !== 'Savings Plan' && one.serviceName === serviceName),
  );
  const used = addDecimals('0', ...own.map(({ usedCost }) => usedCost));
  const list = addDecimals('0', ...own.map(({ coveredListCost }) => coveredListCost ?? '0'));
  const assumed = { discount: String(assumedDiscount), isOwn: false };
  if (compareDecimals(list, '0') <= 0) return assumed;
  const discount = subtractDecimals('1', divideDecimals(used, list, 4));
  return compareDecimals(discount, '0') > 0 ? { discount, isOwn: true } : assumed;
}

/** The bill names plans by what they are for: 'Savings Plans for AWS Compute usage'. */
function isOfPlan({ type, serviceName }: Commitment, { key }: { key: string }): boolean {
  return type === 'Savings Plan' && (serviceName === null || serviceName.toLowerCase().includes(key));
}

/** Returns how far days lie around their mean, as a share of it. */
function variationOf(days: readonly number[]): number {
  const mean = days.reduce((sum, day) => sum + day, 0) / days.length;
  if (mean <= 0) return Number.POSITIVE_INFINITY;
  const variance = days.reduce((sum, day) => sum + (day - mean) ** 2, 0) / days.length;
  return Math.round((Math.sqrt(variance) / mean) * 1e4) / 1e4;
}
