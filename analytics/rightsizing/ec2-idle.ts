import { allChargesOf } from './charges.ts';
import { defineCheck, keep, type Measured, NOT_CONCERNED, type Recommend, unknown } from './check.ts';
import { type Evidence, type RelatedEvidence, textOf } from './evidence.ts';
import { hasAccelerator, instanceType } from './instance-type.ts';
import { missingWhileRunning } from './running.ts';
import type { SettingsOf } from './thresholds.ts';

type Settings = SettingsOf<'ec2-idle'>;

const METRICS = ['cpu_utilization', 'network_bytes'] as const;

export const ec2Idle = defineCheck({
  id: 'ec2-idle',
  version: '1',
  title: 'EC2 instances nobody uses',
  about:
    'A running instance whose CPU stays below a few percent at its peak while next to nothing crosses the network, as AWS Compute Optimizer calls an instance idle. One with accelerators needs their use measured too.',
  resourceTypes: ['ec2:instance'],
  needs: ({ lookBackDays }) => ({
    metrics: [...METRICS, 'gpu_utilization'].map((metric) => ({ metric, windowDays: lookBackDays })),
    related: [
      {
        name: 'volumes',
        resourceType: 'ec2:volume',
        on: [[['resourceId', 'configuration.attachedTo']]],
        metrics: [{ metric: 'volume_operations', windowDays: lookBackDays }],
      },
    ],
  }),
  evaluate(evidence, settings) {
    const { resource, metrics } = evidence;
    if (resource.configuration === null) return unknown('the inventory has not seen it');
    if (resource.state !== 'running') return NOT_CONCERNED;
    const missing = missingWhileRunning(evidence, METRICS, settings.measuredShare);
    const { cpu_utilization: cpu, network_bytes: network, gpu_utilization: gpu } = metrics;
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
    const type = instanceType(textOf(resource, 'instanceType'));
    if (type !== undefined && hasAccelerator(type)) {
      if (gpu === undefined) return unknown('gpu_utilization was not measured');
      if (gpu.max >= settings.peakCpuPercent) return keep('The accelerators are used.', measured);
    }
    return recommend(evidence, settings, measured);
  },
});

function recommend(evidence: Evidence, settings: Settings, measured: Measured[]): Recommend {
  const { resource, related } = evidence;
  const volumes = related.volumes ?? [];
  const busy = volumes.filter((volume) => isShared(volume) || isBusy(volume, settings));
  const quiet = volumes.filter((volume) => !busy.includes(volume));
  return {
    verdict: 'recommend',
    action: {
      action: 'terminate-instance',
      parameters: { snapshotVolumeIds: quiet.map((volume) => volume.resource.resourceId) },
    },
    title: `Terminate the idle ${textOf(resource, 'instanceType') ?? 'instance'}`,
    measured,
    rule: `CPU below ${settings.peakCpuPercent} percent at its peak and less than ${settings.networkBytesPerDay / 1e6} MB of network a day, over ${settings.lookBackDays} days.`,
    savings: [allChargesOf(evidence), ...quiet.map(allChargesOf)],
    risk: busy.length > 0 ? 'high' : 'medium',
    effort: 'low',
    notes: [
      ...(quiet.length > 0 ? ['Its volumes go with it; a snapshot of each keeps what is on them.'] : []),
      ...(busy.length > 0
        ? [
            `${busy.map((volume) => volume.resource.resourceId).join(', ')}: attached elsewhere too, or read or written more than an idle system does, and left out. Look at that first.`,
          ]
        : []),
      ...(textOf(resource, 'autoScalingGroup') === undefined
        ? []
        : ['An Auto Scaling group would replace it; lower the size of the group instead.']),
    ],
  };
}

/** Volumes with Multi-Attach serve other machines besides. */
function isShared({ resource }: RelatedEvidence): boolean {
  return resource.configuration?.alsoAttachedTo !== undefined;
}

function isBusy({ metrics }: RelatedEvidence, { volumeOperationsPerSecond }: Settings): boolean {
  const operations = metrics.volume_operations;
  return operations !== undefined && operations.avg / operations.sampleSeconds > volumeOperationsPerSecond;
}
