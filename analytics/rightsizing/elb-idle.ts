import { allChargesOf } from './charges.ts';
import { defineCheck, keep, type Measured, NOT_CONCERNED, unknown } from './check.ts';
import { numberOf, textOf } from './evidence.ts';
import { missingMetrics } from './measured.ts';

/** By which metric each kind is judged. */
const METRIC_OF: Readonly<Record<string, 'request_count' | 'active_flow_count'>> = {
  ...{ application: 'request_count', classic: 'request_count' },
  ...{ network: 'active_flow_count', gateway: 'active_flow_count' },
};

export const elbIdle = defineCheck({
  id: 'elb-idle',
  version: '2',
  title: 'Load balancers without use',
  about:
    'A load balancer with fewer than a hundred requests (or, of the network and gateway kinds, no flow) on its busiest day, as AWS Trusted Advisor has it.',
  resourceTypes: ['elasticloadbalancing:loadbalancer'],
  needs: ({ lookBackDays }) => ({
    metrics: ['request_count', 'active_flow_count'].map((metric) => ({ metric, windowDays: lookBackDays })),
  }),
  evaluate(evidence, settings) {
    const { resource, metrics } = evidence;
    if (resource.configuration === null) return unknown('the inventory has not seen it');
    const kind = textOf(resource, 'type');
    const metric = METRIC_OF[kind ?? ''];
    if (resource.state !== 'active' || metric === undefined) return NOT_CONCERNED;
    const isByRequests = metric === 'request_count';
    const missing = missingMetrics(metrics, [metric], settings.measuredShare);
    const use = metrics[metric];
    if (missing.length > 0 || use === undefined) return unknown(...missing);
    const healthy = numberOf(resource, 'healthyTargets');
    // A flow is counted each minute it lasts, so that days of flows have no sum.
    const [value, limit] = isByRequests ? [use.maxDaySum, settings.requestsPerDay] : [use.max, 1];
    const measured: Measured[] = [
      { what: isByRequests ? 'requests of the busiest day' : 'most flows at once', value, unit: null, limit },
      ...(healthy === undefined ? [] : [{ what: 'healthy targets', value: healthy, unit: null }]),
      { what: 'hours measured', value: use.hours, unit: 'hours' },
    ];
    if (value >= limit) return keep('It is used.', measured);
    return {
      verdict: 'recommend',
      action: { action: 'delete-load-balancer', parameters: {} },
      title: `Delete the unused ${kind} load balancer`,
      measured,
      rule: isByRequests
        ? `Fewer than ${settings.requestsPerDay} requests on the busiest day, over ${settings.lookBackDays} days.`
        : `No flow, over ${settings.lookBackDays} days.`,
      savings: [allChargesOf(evidence)],
      risk: healthy === 0 ? 'low' : 'medium',
      effort: 'low',
      notes: [
        ...(healthy === undefined || healthy === 0
          ? []
          : ['Targets stand behind it and are healthy; ask who put them there.']),
        'A new one gets another name in the DNS: look first what points to this one.',
      ],
    };
  },
});
