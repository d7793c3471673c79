import { allChargesOf } from './charges.ts';
import { defineCheck, keep, type Measured, NOT_CONCERNED, unknown } from './check.ts';
import { missingMetrics } from './measured.ts';

const METRICS = ['active_connection_count', 'bytes_in_from_source', 'bytes_in_from_destination'] as const;

export const natIdle = defineCheck({
  id: 'nat-idle',
  version: '2',
  title: 'NAT gateways without traffic',
  about: 'A NAT gateway with no connection and no byte from either side for a month, as AWS Compute Optimizer has it.',
  resourceTypes: ['ec2:natgateway'],
  needs: ({ lookBackDays }) => ({ metrics: METRICS.map((metric) => ({ metric, windowDays: lookBackDays })) }),
  evaluate(evidence, settings) {
    const { resource, metrics } = evidence;
    if (resource.configuration === null) return unknown('the inventory has not seen it');
    if (resource.state !== 'available') return NOT_CONCERNED;
    const missing = missingMetrics(metrics, METRICS, settings.measuredShare);
    if (missing.length > 0) return unknown(...missing);
    const measured: Measured[] = [
      { what: 'most connections', value: metrics.active_connection_count?.max ?? 0, unit: null, limit: 0 },
      { what: 'bytes from inside', value: metrics.bytes_in_from_source?.sum ?? 0, unit: 'bytes', limit: 0 },
      { what: 'bytes from outside', value: metrics.bytes_in_from_destination?.sum ?? 0, unit: 'bytes', limit: 0 },
      { what: 'hours measured', value: metrics.active_connection_count?.hours ?? 0, unit: 'hours' },
    ];
    if (METRICS.some((metric) => (metrics[metric]?.max ?? 0) > 0)) return keep('It carries traffic.', measured);
    const { routeTables } = resource.configuration;
    const routes = Array.isArray(routeTables) ? routeTables.length : undefined;
    return {
      verdict: 'recommend',
      action: { action: 'delete-nat-gateway', parameters: {} },
      title: 'Delete the NAT gateway without traffic',
      measured:
        routes === undefined ? measured : [...measured, { what: 'route tables to it', value: routes, unit: null }],
      rule: `No connection and no byte from either side, over ${settings.lookBackDays} days.`,
      savings: [allChargesOf(evidence)],
      risk: routes === 0 ? 'low' : 'medium',
      effort: 'low',
      notes: [
        ...(routes === 0 ? [] : ['Routes that lead to it go nowhere then; take them out with it.']),
        'Its address stays and is paid for until it is released.',
      ],
    };
  },
});
