import { allChargesOf } from './charges.ts';
import { defineCheck, keep, type Measured, NOT_CONCERNED, unknown } from './check.ts';
import { numberOf, textOf } from './evidence.ts';
import { missingMetrics } from './measured.ts';

export const elbIdle = defineCheck({
  id: 'elb-idle',
  version: '1',
  title: 'Load balancers without use',
  about:
    'A load balancer with fewer than a hundred requests (or, of the network kind, no flow) on its busiest day, as AWS Trusted Advisor has it.',
  resourceTypes: ['elasticloadbalancing:loadbalancer'],
  needs: ({ lookBackDays }) => ({
    metrics: ['request_count', 'active_flow_count'].map((metric) => ({ metric, windowDays: lookBackDays })),
  }),
  evaluate(evidence, settings) {
    const { resource, metrics } = evidence;
    if (resource.configuration === null) return unknown('the inventory has not seen it');
    const kind = textOf(resource, 'type');
    if (resource.state !== 'active' || (kind !== 'application' && kind !== 'network')) return NOT_CONCERNED;
    const metric = kind === 'application' ? 'request_count' : 'active_flow_count';
    const missing = missingMetrics(metrics, [metric], settings.measuredShare);
    const use = metrics[metric];
    if (missing.length > 0 || use === undefined) return unknown(...missing);
    const healthy = numberOf(resource, 'healthyTargets');
    // A flow is counted each minute it lasts, so that days of flows have no sum.
    const [value, limit] = kind === 'application' ? [use.maxDaySum, settings.requestsPerDay] : [use.max, 1];
    const measured: Measured[] = [
      { what: kind === 'application' ? 'requests of the busiest day' : 'most flows at once', value, unit: null, limit },
      ...(healthy === undefined ? [] : [{ what: 'healthy targets', value: healthy, unit: null }]),
      { what: 'hours measured', value: use.hours, unit: 'hours' },
    ];
    if (value >= limit) return keep('It is used.', measured);
    return {
      verdict: 'recommend',
      action: { action: 'delete-load-balancer', parameters: {} },
      title: `Delete the unused ${kind} load balancer`,
      measured,
      rule:
        kind === 'application'
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
