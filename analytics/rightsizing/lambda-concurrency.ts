import { chargesOf } from './charges.ts';
import { defineCheck, keep, type Measured, NOT_CONCERNED, unknown } from './check.ts';
import { type Evidence, numberOf } from './evidence.ts';
import { missingMetrics } from './measured.ts';
import { savedShare } from './saved-share.ts';

const HOUR_SECONDS = 3600;
const METRICS = ['invocations', 'duration_ms'] as const;
const AT_ONCE = 'concurrent_executions';

export const lambdaConcurrency = defineCheck({
  id: 'lambda-concurrency',
  version: '2',
  title: 'Provisioned concurrency that no load needs',
  about:
    'A function that is called, with more provisioned concurrency than its busiest minute needed. Where calls at once were not measured, as many run as arrive in the time one lasts (the law of Little).',
  resourceTypes: ['lambda:function'],
  needs: ({ lookBackDays }) => ({
    metrics: [AT_ONCE, ...METRICS].map((metric) => ({ metric, windowDays: lookBackDays })),
  }),
  evaluate(evidence, settings) {
    const { resource, metrics } = evidence;
    if (resource.configuration === null) return unknown('the inventory has not seen it');
    const provisioned = numberOf(resource, 'provisionedConcurrency');
    const charges = chargesOf(evidence.charges, 'lambdaConcurrency');
    if (charges.length === 0) return NOT_CONCERNED;
    if (provisioned === undefined) return unknown('its provisioned concurrency is not known');
    if (metrics.invocations?.sum === 0) return keep('Nobody calls it: it is unused, not too large.');
    const most = mostAtOnce(metrics, settings.fewestDays);
    if (typeof most !== 'number') return unknown(...most);
    const needed = Math.max(1, Math.ceil(most / (1 - settings.headroom)));
    const measured: Measured[] = [
      { what: 'provisioned', value: provisioned, unit: 'calls at once' },
      { what: 'most at once', value: most, unit: 'calls at once' },
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
      rule: `Most calls at once, with ${100 * settings.headroom} percent of headroom, over ${settings.lookBackDays} days.`,
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

/** Returns the most calls at once, as measured, else as calls and their duration say; what is missing when neither can be known. */
function mostAtOnce(metrics: Evidence['metrics'], fewestDays: number): number | string[] {
  const { concurrent_executions: atOnce, invocations: calls, duration_ms: duration } = metrics;
  if (atOnce !== undefined && missingMetrics(metrics, [AT_ONCE], 0, fewestDays).length === 0) return atOnce.max;
  const missing = missingMetrics(metrics, METRICS, 0, fewestDays);
  if (missing.length > 0 || calls === undefined || duration === undefined) return missing;
  // CloudWatch counts each call as a sample of one: how many of an hour came in its busiest minute is not known then.
  if (calls.measured.every(({ avg, max }) => max <= 1 && (avg === 1 || avg === 0)))
    return ['how many calls ran at once was not measured'];
  const seconds = new Map(duration.measured.map(({ hour, avg, p95 }) => [hour, (p95 ?? avg) / 1000]));
  const counted = calls.measured.flatMap(({ hour, max, sampleCount }) => {
    const lasting = seconds.get(hour);
    return lasting === undefined ? [] : ((max * sampleCount) / HOUR_SECONDS) * lasting;
  });
  return counted.length > 0 ? Math.max(...counted) : ['calls and their duration were measured at different hours'];
}
