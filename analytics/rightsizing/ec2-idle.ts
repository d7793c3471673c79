import { allChargesOf } from './charges.ts';
import { defineCheck, keep, type Measured, NOT_CONCERNED, type Recommend, unknown } from './check.ts';
import { type Evidence, textOf } from './evidence.ts';
import { missingMetrics } from './measured.ts';
import type { SettingsOf } from './thresholds.ts';

type Settings = SettingsOf<'ec2-idle'>;

const METRICS = ['cpu_utilization', 'network_bytes'] as const;

export const ec2Idle = defineCheck({
  id: 'ec2-idle',
  version: '1',
  title: 'EC2 instances nobody uses',
  about:
    'A running instance whose CPU stays below a few percent at its peak while next to nothing crosses the network, as AWS Compute Optimizer calls an instance idle.',
  resourceTypes: ['ec2:instance'],
  needs: ({ lookBackDays }) => ({
    metrics: METRICS.map((metric) => ({ metric, windowDays: lookBackDays })),
    related: [{ name: 'volumes', resourceType: 'ec2:volume', on: [[['resourceId', 'configuration.attachedTo']]] }],
  }),
  evaluate(evidence, settings) {
    const { resource, metrics } = evidence;
    if (resource.configuration === null) return unknown('the inventory has not seen it');
    if (resource.state !== 'running') return NOT_CONCERNED;
    const missing = missingMetrics(metrics, METRICS, settings.measuredShare);
    const { cpu_utilization: cpu, network_bytes: network } = metrics;
    if (missing.length > 0 || cpu === undefined || network === undefined) return unknown(...missing);
    const measured: Measured[] = [
      { what: 'highest CPU', value: cpu.max, unit: 'percent', limit: settings.peakCpuPercent },
      {
        what: 'network on the busiest day',
        value: network.maxDaySum,
        unit: 'bytes',
        limit: settings.networkBytesPerDay,
      },
      { what: 'hours measured', value: cpu.hours, unit: 'hours' },
    ];
    if (cpu.max >= settings.peakCpuPercent) return keep('The CPU is used.', measured);
    if (network.maxDaySum >= settings.networkBytesPerDay) return keep('The network is used.', measured);
    return recommend(evidence, settings, measured);
  },
});

function recommend(evidence: Evidence, settings: Settings, measured: Measured[]): Recommend {
  const { resource, related } = evidence;
  const volumes = related.volumes ?? [];
  return {
    verdict: 'recommend',
    action: {
      action: 'terminate-instance',
      parameters: {
        instanceId: resource.resourceId,
        volumeIds: volumes.map((volume) => volume.resource.resourceId),
      },
    },
    title: `Terminate the idle ${textOf(resource, 'instanceType') ?? 'instance'}`,
    measured,
    rule: `CPU below ${settings.peakCpuPercent} percent at its peak and less than ${settings.networkBytesPerDay / 1e6} MB of network a day, over ${settings.lookBackDays} days.`,
    savings: [allChargesOf(evidence), ...volumes.map(allChargesOf)],
    risk: 'medium',
    effort: 'low',
    notes: [
      ...(volumes.length > 0 ? ['Its volumes go with it; a snapshot of each keeps what is on them.'] : []),
      ...(textOf(resource, 'autoScalingGroup') === undefined
        ? []
        : ['An Auto Scaling group would replace it; lower the size of the group instead.']),
    ],
  };
}
