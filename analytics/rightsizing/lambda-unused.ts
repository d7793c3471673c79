import { allChargesOf } from './charges.ts';
import { defineCheck, keep, type Measured, unknown } from './check.ts';
import { numberOf } from './evidence.ts';
import { missingMetrics } from './measured.ts';

export const lambdaUnused = defineCheck({
  id: 'lambda-unused',
  version: '1',
  title: 'Lambda functions that cost money and are never called',
  about:
    'A function without a single call that is on the bill all the same: as a rule its provisioned concurrency is. One that costs nothing while nobody calls it is left alone.',
  resourceTypes: ['lambda:function'],
  needs: ({ lookBackDays }) => ({ metrics: [{ metric: 'invocations', windowDays: lookBackDays }] }),
  evaluate(evidence, settings) {
    const { resource, metrics, charges } = evidence;
    if (resource.configuration === null) return unknown('the inventory has not seen it');
    const missing = missingMetrics(metrics, ['invocations'], settings.measuredShare, settings.fewestDays);
    const { invocations: calls } = metrics;
    if (missing.length > 0 || calls === undefined) return unknown(...missing);
    const measured: Measured[] = [
      { what: 'calls', value: Math.round(calls.sum), unit: 'calls', limit: 0 },
      { what: 'days measured', value: calls.days, unit: 'days' },
    ];
    if (calls.sum > 0) return keep('It is called.', measured);
    if (charges.every(({ effectiveCost }) => Number(effectiveCost) === 0))
      return keep('Nobody calls it, and it costs nothing.', measured);
    const isProvisioned = (numberOf(resource, 'provisionedConcurrency') ?? 0) > 0;
    return {
      verdict: 'recommend',
      action: {
        action: isProvisioned ? 'remove-provisioned-concurrency' : 'delete-function',
        parameters: { functionId: resource.resourceId },
      },
      title: isProvisioned
        ? 'Remove the provisioned concurrency of the function nobody calls'
        : 'Delete the function nobody calls',
      measured,
      rule: `No call in ${settings.lookBackDays} days.`,
      savings: [allChargesOf(evidence)],
      risk: isProvisioned ? 'low' : 'medium',
      effort: 'low',
      notes: [
        isProvisioned
          ? 'It can still be called; the first calls then wait for it to start.'
          : 'What is called once a month or a year looks the same; keep its code.',
      ],
    };
  },
});
