import { addDecimals, compareDecimals, divideDecimals, multiplyDecimals } from '../money.ts';
import { type CommitmentFinding, defineCommitmentCheck, keep, type Measured, unknown, type Verdict } from './check.ts';
import type { Commitment, CommitmentEvidence } from './commitment-evidence.ts';
import { monthlyOf, subjectOf } from './commitments.ts';
import type { SettingsOf } from './thresholds.ts';

export const commitmentUnused = defineCommitmentCheck({
  id: 'commitment-unused',
  version: '1',
  title: 'Reservations and Savings Plans that are paid for and not used',
  about:
    'A commitment of which a part went unused in the bill window. The money is spent until it ends: it is won back by moving use onto it, or by not renewing that part.',
  evaluate: (evidence, settings) => evidence.commitments.map((one) => findingOf(one, evidence, settings)),
});

function findingOf(
  one: Commitment,
  evidence: CommitmentEvidence,
  settings: SettingsOf<'commitment-unused'>,
): CommitmentFinding {
  return { ...subjectOf(one), verdict: verdictOf(one, evidence, settings) };
}

function verdictOf(one: Commitment, { bill }: CommitmentEvidence, settings: SettingsOf<'commitment-unused'>): Verdict {
  const paid = addDecimals(one.usedCost, one.unusedCost);
  if (compareDecimals(paid, '0') <= 0) return unknown('the bill has no charge of it');
  const unusedPercent = Number(divideDecimals(multiplyDecimals(one.unusedCost, '100'), paid, 4));
  const monthly = monthlyOf(one.unusedCost, bill);
  const measured: Measured[] = [
    { what: 'unused', value: unusedPercent, unit: 'percent', limit: settings.unusedPercent },
    { what: 'paid and not used, a month', value: monthly, unit: one.currency },
    ...(one.endDate === null ? [] : [{ what: 'ends', value: one.endDate, unit: null }]),
  ];
  if (unusedPercent <= settings.unusedPercent) return keep('It is used.', measured);
  return {
    verdict: 'recommend',
    action: { action: 'use-commitment', parameters: { commitmentId: one.commitmentId, unusedMonthly: monthly } },
    title: `Use the ${Math.round(unusedPercent)} percent of a ${one.type ?? 'commitment'} that nothing uses`,
    measured,
    rule: `More than ${settings.unusedPercent} percent unused from ${bill.start} to before ${bill.end}.`,
    savings: [{ monthly, currency: one.currency, why: 'what is paid and not used, once other use takes its place' }],
    risk: 'low',
    effort: 'medium',
    notes: [
      'It is saved only when use that is paid on demand moves onto it: to its family, region or engine, whichever it is bound to.',
      'A convertible reservation can be exchanged, a standard one of EC2 sold; a Savings Plan only runs out.',
    ],
  };
}
