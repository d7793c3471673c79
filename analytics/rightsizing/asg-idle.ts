import { allChargesOf } from './charges.ts';
import { defineCheck, keep, type Measured, unknown } from './check.ts';
import { numberOf } from './evidence.ts';
import { missingMetrics } from './measured.ts';

const METRICS = ['cpu_utilization', 'network_bytes'] as const;

export const asgIdle = defineCheck({
  id: 'asg-idle',
  version: '1',
  title: 'Auto Scaling groups nobody uses',
  about:
    'A group of which no instance exceeds a few percent of CPU or a few megabytes a day, as AWS Compute Optimizer has it.',
  resourceTypes: ['autoscaling:autoScalingGroup'],
  needs: ({ lookBackDays }) => ({
    related: [
      {
        name: 'instances',
        resourceType: 'ec2:instance',
        on: [
          [
            ['name', 'configuration.autoScalingGroup'],
            ['subAccountId', 'subAccountId'],
            ['regionId', 'regionId'],
          ],
        ],
        metrics: METRICS.map((metric) => ({ metric, windowDays: lookBackDays })),
      },
    ],
  }),
  evaluate(evidence, settings) {
    const { resource, related } = evidence;
    const members = (related.instances ?? []).filter((member) => member.resource.state === 'running');
    if (numberOf(resource, 'desiredCapacity') === 0) return keep('It runs no instances.');
    if (members.length === 0) return unknown('its instances in the inventory');
    const missing = members.flatMap(({ metrics }) => missingMetrics(metrics, METRICS, settings.measuredShare));
    if (missing.length > 0) return unknown(...new Set(missing));
    const highest = (of: (member: (typeof members)[number]) => number | undefined) =>
      Math.max(...members.map((member) => of(member) ?? 0));
    const cpu = highest(({ metrics }) => metrics.cpu_utilization?.max);
    const network = highest(({ metrics }) => metrics.network_bytes?.maxDaySum);
    const measured: Measured[] = [
      { what: 'highest CPU of any instance', value: cpu, unit: 'percent', limit: settings.peakCpuPercent },
      {
        what: 'network of any instance on its busiest day',
        value: network,
        unit: 'bytes',
        limit: settings.networkBytesPerDay,
      },
      { what: 'instances', value: members.length, unit: null },
    ];
    if (cpu >= settings.peakCpuPercent) return keep('The CPU of an instance is used.', measured);
    if (network >= settings.networkBytesPerDay) return keep('The network of an instance is used.', measured);
    return {
      verdict: 'recommend',
      action: { action: 'scale-group', parameters: { minSize: 0, desiredCapacity: 0 } },
      title: `Scale the idle group of ${members.length} down to nothing`,
      measured,
      rule: `No instance above ${settings.peakCpuPercent} percent of CPU or ${settings.networkBytesPerDay / 1e6} MB of network a day, over ${settings.lookBackDays} days.`,
      savings: members.map(allChargesOf),
      risk: 'medium',
      effort: 'low',
      notes: ['A group that is needed again is scaled up as it was.'],
    };
  },
});
