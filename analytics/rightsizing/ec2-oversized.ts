import { chargesOf } from './charges.ts';
import { defineCheck, keep, type Measured, NOT_CONCERNED, type Recommend, unknown } from './check.ts';
import { cpuDemand, type Demand, memoryDemand, presetOf } from './demand.ts';
import { type Evidence, type MetricSummary, textOf } from './evidence.ts';
import {
  baselineEbsOperations,
  baselineMbps,
  hasAccelerator,
  instanceType,
  isArm,
  isBurstable,
  type PricedType,
  pricedTypes,
  systemOf,
} from './instance-type.ts';
import { percentileOf } from './measured-hours.ts';
import { missingWhileRunning } from './running.ts';
import { savedShare } from './saved-share.ts';
import { hoursAtThisSize } from './size-history.ts';
import type { SettingsOf } from './thresholds.ts';

type Settings = SettingsOf<'ec2-oversized'>;

const SIZE = ['instanceType'];

export const ec2Oversized = defineCheck({
  id: 'ec2-oversized',
  version: '1',
  title: 'EC2 instances larger than they need to be',
  about:
    'A running instance whose CPU, memory and network would fit a smaller type, with headroom, on its busiest day and on the days to come. Where memory is not reported, only types with as much memory as now are offered.',
  resourceTypes: ['ec2:instance'],
  needs: ({ lookBackDays }) => ({
    metrics: ['cpu_utilization', 'memory_utilization', 'network_bytes', 'disk_operations'].map((metric) => ({
      metric,
      windowDays: lookBackDays,
    })),
  }),
  evaluate(evidence, settings) {
    const { resource, metrics } = evidence;
    if (resource.configuration === null) return unknown('the inventory has not seen it');
    const type = instanceType(textOf(resource, 'instanceType'));
    if (resource.state !== 'running' || type === undefined) return NOT_CONCERNED;
    if (hasAccelerator(type)) return keep('It has accelerators, and sizes of its kind differ in those.');
    if (isBurstable(type)) return keep('It is burstable: what a smaller one carries depends on saved up CPU time.');
    if (textOf(resource, 'autoScalingGroup') !== undefined || textOf(resource, 'eksNodegroup') !== undefined) {
      return keep('A group sets its type; the group is looked at as a whole.');
    }
    const missing = missingWhileRunning(evidence, ['cpu_utilization'], settings.measuredShare);
    if (missing.length > 0) return unknown(...missing);
    const current = currentOf(evidence);
    if (typeof current === 'string') return unknown(current);
    const preset = presetOf(settings.preset);
    const cpu = cpuDemand(hoursAtThisSize(evidence, 'cpu_utilization', SIZE), preset);
    if (cpu === undefined) return unknown('fewer than three days were measured at this size');
    const isMemoryKnown = missingWhileRunning(evidence, ['memory_utilization'], settings.measuredShare).length === 0;
    const memory = isMemoryKnown
      ? memoryDemand(hoursAtThisSize(evidence, 'memory_utilization', SIZE), preset)
      : undefined;
    const needs = needsOf(current, { cpu, memory, metrics });
    const measured = measuredOf(cpu, memory, needs);
    const target = cheapestFor(needs, current, evidence);
    const share = target && savedShare(current.price.listUnitPrice, target.price.listUnitPrice);
    if (target === undefined || share === undefined || Number(share) < settings.minimumSavedShare) {
      return keep('No cheaper type would carry it.', measured);
    }
    return recommend(evidence, settings, { current, target, share, measured, memory });
  },
});

/** The current type with its price; a text says what is missing. */
function currentOf(evidence: Evidence): PricedType | string {
  const system = systemOf(evidence);
  if (system === undefined) return 'a list price for its operating system';
  const name = textOf(evidence.resource, 'instanceType') ?? '';
  const found = pricedTypes(evidence.prices, system).find((type) => type.name === name);
  return found ?? `the list price of ${name} in its region`;
}

interface NeedsOfMachine {
  vcpus: number;
  memoryGib: number;
  /** Null when the network is not reported: then the target must have what this type has. */
  mbps: number | null;
  /** On EBS, a second; null when they are not reported. */
  diskOperations: number | null;
}

function needsOf(
  current: PricedType,
  { cpu, memory, metrics }: { cpu: Demand; memory: Demand | undefined; metrics: Evidence['metrics'] },
): NeedsOfMachine {
  const [network, disk] = [perSecond(metrics.network_bytes), perSecond(metrics.disk_operations)];
  return {
    vcpus: (cpu.needed / 100) * current.vcpus,
    memoryGib: memory === undefined ? current.memoryGib : (memory.needed / 100) * current.memoryGib,
    mbps: network === null ? null : (network * 8) / 1e6,
    diskOperations: disk,
  };
}

function perSecond(counter: MetricSummary | undefined): number | null {
  return counter === undefined ? null : percentileOf(counter.measured, 0.995) / counter.sampleSeconds;
}

/** The cheapest type of its family that carries it; where memory must stay, of the plain families of its kind of processor. */
function cheapestFor(needs: NeedsOfMachine, current: PricedType, evidence: Evidence): PricedType | undefined {
  const carries = (type: PricedType): boolean =>
    type.vcpus >= needs.vcpus &&
    type.memoryGib >= needs.memoryGib &&
    baselineMbps(type) >= (needs.mbps ?? baselineMbps(current)) &&
    (needs.diskOperations === null || (baselineEbsOperations(type) ?? 0) >= needs.diskOperations);
  const types = pricedTypes(evidence.prices, systemOf(evidence) ?? '');
  const own = types.find((type) => type.family === current.family && !type.size.startsWith('metal') && carries(type));
  const isSmaller = own !== undefined && own.vcpus < current.vcpus;
  return isSmaller ? own : types.find((type) => isPlain(type, current) && carries(type));
}

/** Made for nothing in particular, of the same kind of processor and not of an older generation. */
function isPlain(type: PricedType, current: PricedType): boolean {
  return (
    ['m', 'c', 'r'].includes(type.series) &&
    (type.options === '' || type.options === 'i' || type.options === 'g') &&
    isArm(type) === isArm(current) &&
    type.generation >= Math.max(5, current.generation) &&
    !type.size.startsWith('metal') &&
    !/d/.test(current.options) &&
    ['m', 'c', 'r'].includes(current.series)
  );
}

function measuredOf(cpu: Demand, memory: Demand | undefined, needs: NeedsOfMachine): Measured[] {
  const { vcpus, memoryGib, mbps, diskOperations } = needs;
  return [
    { what: 'CPU on the busiest day', value: cpu.busiestDay, unit: 'percent' },
    { what: 'vCPUs needed with headroom', value: vcpus, unit: null },
    ...(memory === undefined
      ? []
      : [
          { what: 'memory on the busiest day', value: memory.busiestDay, unit: 'percent' },
          { what: 'memory needed with headroom', value: memoryGib, unit: 'GiB' },
        ]),
    ...(mbps === null ? [] : [{ what: 'network at P99.5', value: mbps, unit: 'Mbit/s' }]),
    ...(diskOperations === null ? [] : [{ what: 'disk operations at P99.5', value: diskOperations, unit: 'a second' }]),
    { what: 'days measured', value: cpu.days, unit: 'days' },
  ];
}

function recommend(
  evidence: Evidence,
  { preset, lookBackDays }: Settings,
  found: {
    current: PricedType;
    target: PricedType;
    share: string;
    measured: Measured[];
    memory: Demand | undefined;
  },
): Recommend {
  const { resource, charges, metrics } = evidence;
  const { current, target, share, measured, memory } = found;
  return {
    verdict: 'recommend',
    action: { action: 'resize-instance', parameters: { instanceType: target.name } },
    title: `Resize from ${current.name} to ${target.name}`,
    measured,
    rule: `CPU, ${memory === undefined ? 'with memory as it is,' : 'memory'} and network fit ${target.name} at the preset '${preset}', over up to ${lookBackDays} days at the type it has.`,
    savings: [
      {
        resourceId: resource.resourceId,
        charges: chargesOf(charges, 'compute').filter(({ instanceType: of }) => (of ?? current.name) === current.name),
        savedShare: share,
        why: `instance hours at the list price of ${target.name} instead of ${current.name}`,
        prices: [current.price, target.price],
      },
    ],
    risk: memory === undefined ? 'medium' : 'low',
    effort: current.family === target.family ? 'low' : 'medium',
    notes: [
      'The instance stops and starts; its public address changes unless it is an Elastic IP.',
      ...(memory === undefined
        ? ['Memory is not reported, so no type with less memory is offered; the CloudWatch agent reports it.']
        : []),
      ...(metrics.network_bytes === undefined ? ['The network is not reported; the type has as much as now.'] : []),
      ...(metrics.disk_operations === undefined
        ? ['What its disks do was not measured; smaller types have less bandwidth to EBS.']
        : []),
    ],
  };
}
