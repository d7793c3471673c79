import { addDecimals, compareDecimals, divideDecimals, multiplyDecimals, subtractDecimals } from '../money.ts';
import { defineCommitmentCheck, keep, type Measured, unknown, type Verdict } from './check.ts';
import type { Commitment, CommitmentEvidence } from './commitment-evidence.ts';
import { daysUntil, monthlyOf, subjectOf } from './commitments.ts';
import type { SettingsOf } from './thresholds.ts';

export const commitmentExpiring = defineCommitmentCheck({
  id: 'commitment-expiring',
  version: '1',
  title: 'Reservations and Savings Plans that end soon, or just ended',
  about:
    'A commitment that ends within the next weeks, or ended within the last: what it covers then costs the on-demand price. It says how much of it is worth renewing.',
  evaluate: (evidence, settings, now) =>
    evidence.commitments.map((one) => ({ ...subjectOf(one), verdict: verdictOf(one, evidence, settings, now) })),
});

function verdictOf(
  one: Commitment,
  { bill }: CommitmentEvidence,
  settings: SettingsOf<'commitment-expiring'>,
  now: Date,
): Verdict {
  if (one.endDate === null) return unknown('neither the bill nor the inventory says when it ends');
  const today = now.toISOString().slice(0, 10);
  const left = daysUntil(one.endDate, today);
  const measured: Measured[] = [
    { what: 'ends', value: one.endDate, unit: null },
    { what: 'days left', value: left, unit: 'days', limit: settings.daysAhead },
  ];
  if (left > settings.daysAhead) return keep('It runs on.', measured);
  if (left < -settings.daysSince) return keep('It ended long ago.', measured);
  const paid = addDecimals(one.usedCost, one.unusedCost);
  if (compareDecimals(paid, '0') <= 0) return unknown('the bill has no charge of it');
  const usedPercent = Number(divideDecimals(multiplyDecimals(one.usedCost, '100'), paid, 4));
  // With it end also the payments for what nobody used.
  const more = one.coveredListCost === null ? null : monthlyOf(subtractDecimals(one.coveredListCost, paid), bill);
  measured.push({ what: 'used', value: usedPercent, unit: 'percent' });
  if (more !== null)
    measured.push({ what: 'more a month at on-demand prices, once it has ended', value: more, unit: one.currency });
  const ending = left < 0 ? `ended ${-left} days ago` : left === 0 ? 'ends today' : `ends in ${left} days`;
  if (more !== null && compareDecimals(more, '0') <= 0)
    return keep(`It ${ending} and saves nothing: there is no need to renew it.`, measured);
  return {
    verdict: 'recommend',
    action: { action: 'renew-commitment', parameters: { commitmentId: one.commitmentId, share: usedPercent / 100 } },
    title: `Decide on a ${one.type ?? 'commitment'} that ${ending}`,
    measured,
    rule: `It ends within ${settings.daysAhead} days, or ended within ${settings.daysSince}.`,
    savings: [],
    risk: 'medium',
    effort: 'low',
    notes: [
      `Renewing keeps costs as they are${more === null ? '' : `; letting it end costs ${more} ${one.currency} more a month while use stays`}.`,
      usedPercent < settings.fullyUsedPercent
        ? `Only ${Math.round(usedPercent)} percent of it was used: renew no more than that.`
        : 'It was used: renew as much, unless the use itself is about to go.',
    ],
  };
}
