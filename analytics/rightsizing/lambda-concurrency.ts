import { chargesOf } from './charges.ts';
import { defineCheck, keep, type Measured, NOT_CONCERNED, unknown } from './check.ts';
import { numberOf } from './evidence.ts';
import { missingMetrics } from './measured.ts';
import { savedShare } from './saved-share.ts';

const HOUR_SECONDS = 3600;
const METRICS = ['invocations', 'duration_ms'] as const;

export const lambdaConcurrency = defineCheck({
  id: 'lambda-concurrency',
  version: '1',
  title: 'Provisioned concurrency that no load needs',
  about:
    'A function that is called, with more provisioned concurrency than its busiest minute needed: as many calls run at once as arrive in the time one lasts (the law of Little).',
  resourceTypes: ['lambda:function'],
  needs: ({ lookBackDays }) => ({ metrics: METRICS.map((metric) => ({ metric, windowDays: lookBackDays })) }),
  evaluate(evidence, settings) {
    const { resource, metrics } = evidence;
    if (resource.configuration === null) return unknown('the inventory has not seen it');
    const provisioned = numberOf(resource, 'provisionedConcurrency');
    const charges = chargesOf(evidence.charges, 'lambdaConcurrency');
    if (charges.length === 0) return NOT_CONCERNED;
    if (provisioned === undefined) return unknown('its provisioned concurrency is not known');
    const { invocations: calls, duration_ms: duration } = metrics;
    if (calls?.sum === 0) return keep('Nobody calls it: it is unused, not too large.');
    const missing = missingMetrics(metrics, METRICS, 0, settings.fewestDays);
    if (missing.length > 0 || calls === undefined || duration === undefined) return unknown(...missing);
    // CloudWatch counts each call as a sample of one: how many of an hour came in its busiest minute is not known then.
    if (calls.measured.every(({ avg, max }) => max <= 1 && (avg === 1 || avg === 0)))
      return unknown('how many calls ran at once was not measured');
    const seconds = new Map(duration.measured.map(({ hour, avg, p95 }) => [hour, (p95 ?? avg) / 1000]));
    const atOnce = calls.measured.flatMap(({ hour, max, sampleCount }) => {
      const lasting = seconds.get(hour);
      return lasting === undefined ? [] : ((max * sampleCount) / HOUR_SECONDS) * lasting;
    });
    if (atOnce.length === 0) return unknown('calls and their duration were measured at different hours');
    const busiest = Math.max(...atOnce);
    const needed = Math.max(1, Math.ceil(busiest / (1 - settings.headroom)));
    const measured: Measured[] = [
      { what: 'provisioned', value: provisioned, unit: 'calls at once' },
      { what: 'most at once', value: busiest, unit: 'calls at once' },
      { what: 'needed with headroom', value: needed, unit: 'calls at once' },
    ];
    if ((provisioned - needed) / provisioned < settings.minimumSavedShare)
      return keep('It needs what is provisioned.', measured);
    return {
      verdict: 'recommend',
      action: {
        action: 'lower-provisioned-concurrency',
        parameters: { functionId: resource.resourceId, from: provisioned, to: needed },
      },
      title: `Provision concurrency for ${needed} calls at once instead of ${provisioned}`,
      measured,
      rule: `Calls of the busiest minute times their duration, with ${100 * settings.headroom} percent of headroom, over ${settings.lookBackDays} days.`,
      savings: [
        {
          resourceId: resource.resourceId,
          charges,
          savedShare: savedShare(String(provisioned), String(needed)) ?? '0',
          why: `${needed} instead of ${provisioned} provisioned`,
        },
      ],
      risk: 'low',
      effort: 'low',
      notes: ['Calls above it are still answered; they wait for the function to start.'],
    };
  },
});
