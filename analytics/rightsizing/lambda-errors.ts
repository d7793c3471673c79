import { chargesOf } from './charges.ts';
import { defineCheck, keep, type Measured, unknown } from './check.ts';
import { type MetricSummary, numberOf } from './evidence.ts';
import { byDay } from './measured-hours.ts';

export const lambdaErrors = defineCheck({
  id: 'lambda-errors',
  version: '1',
  title: 'Lambda functions that are paid to fail',
  about:
    'A function of whose calls more than a tenth failed or timed out on a day of the last week, as AWS Trusted Advisor calls an error rate high. Failed calls are paid for, and those that were not waited for are tried again.',
  resourceTypes: ['lambda:function'],
  needs: ({ lookBackDays }) => ({
    metrics: ['invocations', 'errors', 'duration_ms'].map((metric) => ({ metric, windowDays: lookBackDays })),
  }),
  evaluate({ resource, metrics, charges }, settings) {
    const { invocations: calls, errors, duration_ms: duration } = metrics;
    if (calls === undefined) return unknown('invocations was not measured');
    if (calls.sum === 0) return keep('It is not called.');
    if (errors === undefined) return unknown('errors was not measured');
    const worst = worstDay(calls, errors, settings.fewestCallsOfADay);
    const share = Math.min(1, Math.round((errors.sum / calls.sum) * 1e6) / 1e6);
    const timeout = numberOf(resource, 'timeoutSeconds');
    const timesOut = timeout !== undefined && duration !== undefined && duration.max >= timeout * 1000;
    const measured: Measured[] = [
      { what: 'failed on the worst day', value: 100 * worst, unit: 'percent', limit: settings.errorPercent },
      { what: 'failed of all', value: 100 * share, unit: 'percent' },
      ...(duration === undefined
        ? []
        : [
            {
              ...{ what: 'longest call', value: duration.max / 1000, unit: 'seconds' },
              ...(timeout === undefined ? {} : { limit: timeout }),
            },
          ]),
    ];
    if (100 * worst <= settings.errorPercent) return keep('Few of its calls fail.', measured);
    return {
      verdict: 'recommend',
      action: { action: 'fix-function-errors', parameters: { functionId: resource.resourceId } },
      title: timesOut ? 'Find out why calls fail and time out' : 'Find out why calls fail',
      measured,
      rule: `More than ${settings.errorPercent} percent of the calls of a day failed, of at least ${settings.fewestCallsOfADay}, within ${settings.lookBackDays} days.`,
      savings: (['lambdaDuration', 'lambdaRequests'] as const).flatMap((kind) => {
        const own = chargesOf(charges, kind);
        if (own.length === 0) return [];
        return [
          {
            resourceId: resource.resourceId,
            charges: own,
            savedShare: String(share),
            why: `the share of calls that failed, ${(100 * share).toFixed(1)} percent`,
          },
        ];
      }),
      risk: 'low',
      effort: 'high',
      notes: [
        'The estimate takes a failed call to last as long as another; one that times out lasts longer.',
        'A call that fails and is then done again saves only the failed try.',
      ],
    };
  },
});

/** The largest share of failed calls of a UTC day, of those with enough calls to say so. */
function worstDay(calls: MetricSummary, errors: MetricSummary, fewestCalls: number): number {
  const sums = ({ measured }: MetricSummary) =>
    new Map(
      byDay(measured).map((hours) => [
        hours[0]?.hour.slice(0, 10),
        hours.reduce((sum, { avg, sampleCount }) => sum + avg * sampleCount, 0),
      ]),
    );
  const failed = sums(errors);
  const shares = [...sums(calls)].map(([day, count]) => (count < fewestCalls ? 0 : (failed.get(day) ?? 0) / count));
  return Math.min(1, Math.max(0, ...shares));
}
