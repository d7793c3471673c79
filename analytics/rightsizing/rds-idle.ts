import { allChargesOf } from './charges.ts';
import { defineCheck, keep, type Measured, NOT_CONCERNED, unknown } from './check.ts';
import { textOf } from './evidence.ts';
import { missingMetrics } from './measured.ts';

const METRICS = ['database_connections', 'cpu_utilization'] as const;

export const rdsIdle = defineCheck({
  id: 'rds-idle',
  version: '1',
  title: 'Databases nobody connects to',
  about:
    'A database that no client connected to and whose CPU did next to nothing, as AWS Compute Optimizer calls a database idle. A replica is left alone.',
  resourceTypes: ['rds:db'],
  needs: ({ lookBackDays }) => ({ metrics: METRICS.map((metric) => ({ metric, windowDays: lookBackDays })) }),
  evaluate(evidence, settings) {
    const { resource, metrics } = evidence;
    if (resource.configuration === null) return unknown('the inventory has not seen it');
    if (resource.state !== 'available') return NOT_CONCERNED;
    const missing = missingMetrics(metrics, METRICS, settings.measuredShare, settings.fewestDays);
    const { database_connections: connections, cpu_utilization: cpu } = metrics;
    if (missing.length > 0 || connections === undefined || cpu === undefined) return unknown(...missing);
    const measured: Measured[] = [
      { what: 'most connections at once', value: connections.max, unit: 'connections', limit: 0 },
      { what: 'highest CPU', value: cpu.max, unit: 'percent', limit: settings.peakCpuPercent },
      { what: 'hours measured', value: connections.hours, unit: 'hours' },
    ];
    if (connections.max > 0) return keep('Clients connect to it.', measured);
    if (cpu.max >= settings.peakCpuPercent) return keep('It works though nobody connects.', measured);
    const source = textOf(resource, 'replicaOf');
    if (source !== undefined) return keep('It is a replica: it may stand by for its source.', measured);
    return {
      verdict: 'recommend',
      action: { action: 'delete-database', parameters: { databaseId: resource.resourceId, finalSnapshot: true } },
      title: `Take a last snapshot of the idle ${textOf(resource, 'instanceClass') ?? 'database'} and delete it`,
      measured,
      rule: `No connection and CPU below ${settings.peakCpuPercent} percent at its peak, over ${settings.lookBackDays} days.`,
      savings: [allChargesOf(evidence)],
      risk: 'high',
      effort: 'medium',
      notes: [
        'The snapshot is paid for as long as it is kept, at the price of backup storage.',
        'Stopping it instead saves the instance hours for seven days; then AWS starts it again.',
      ],
    };
  },
});
