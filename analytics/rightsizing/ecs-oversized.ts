import { type ChargeKind, chargesOf } from './charges.ts';
import { defineCheck, keep, type Measured, NOT_CONCERNED, type Recommend, type SavedShare, unknown } from './check.ts';
import { cpuDemand, type Demand, memoryDemand, presetOf } from './demand.ts';
import { ECS_METRICS, ecsNeeds, paidTasks, runsOnFargate, TASKS_WITHOUT_SERVICE } from './ecs-service.ts';
import { type Evidence, numberOf, type RelatedEvidence } from './evidence.ts';
import { cheapestFargateSize, type FargateSize } from './fargate.ts';
import { missingMetrics } from './measured.ts';
import { savedShare } from './saved-share.ts';
import { hoursAtThisSize } from './size-history.ts';
import type { SettingsOf } from './thresholds.ts';

const SIZE = ['taskVcpus', 'taskMemoryGib'];

export const ecsOversized = defineCheck({
  id: 'ecs-oversized',
  version: '1',
  title: 'ECS tasks larger than they need to be',
  about:
    "A service whose tasks would fit a smaller size, with headroom, on the busiest day and on the days to come. On Fargate sizes are pairs of CPU and memory, and the smallest pair that carries both is taken; on EC2 the task's reservation shrinks and saves nothing by itself.",
  resourceTypes: ['ecs:service'],
  needs: ({ lookBackDays }) => ecsNeeds(lookBackDays),
  evaluate(evidence, settings) {
    const { resource, metrics } = evidence;
    if (resource.configuration === null) return unknown('the inventory has not seen it');
    if (resource.state !== 'active' || numberOf(resource, 'desiredTasks') === 0) return NOT_CONCERNED;
    const [vcpus, memoryGib] = [numberOf(resource, 'taskVcpus'), numberOf(resource, 'taskMemoryGib')];
    if (vcpus === undefined || memoryGib === undefined) return unknown('the size of its tasks is not known');
    const missing = missingMetrics(metrics, ECS_METRICS, settings.measuredShare, settings.fewestDays);
    if (missing.length > 0) return unknown(...missing);
    const preset = presetOf(settings.preset);
    const cpu = cpuDemand(hoursAtThisSize(evidence, 'cpu_utilization', SIZE), preset);
    const memory = memoryDemand(hoursAtThisSize(evidence, 'memory_utilization', SIZE), preset);
    if (cpu === undefined || memory === undefined) return unknown('fewer than three days were measured at this size');
    const measured = measuredOf(cpu, memory);
    if (resource.configuration.autoscaling === true)
      return keep('It scales the number of its tasks: smaller ones would only be more.', measured);
    const current = { vcpus, memoryGib };
    const needed = { vcpus: (vcpus * cpu.needed) / 100, memoryGib: (memoryGib * memory.needed) / 100 };
    const target = runsOnFargate(evidence) ? cheapestFargateSize(needed) : reservation(needed);
    if (target === undefined || !isWorthIt(current, target, settings))
      return keep('Its tasks need the size they have.', measured);
    if (runsOnFargate(evidence) && paidTasks(evidence).length === 0) return unknown(TASKS_WITHOUT_SERVICE);
    return recommend(evidence, settings, { current, target, measured });
  },
});

/** On EC2 a task reserves what it likes; steps keep small changes of what was measured from changing the finding. */
function reservation({ vcpus, memoryGib }: FargateSize): FargateSize {
  return { vcpus: Math.ceil(vcpus * 8) / 8, memoryGib: Math.ceil(memoryGib * 4) / 4 };
}

/** What a vCPU costs more than a GiB of memory, on Fargate in any region. Source: AWS Fargate pricing. */
const VCPU_IN_GIB = 9;

function isWorthIt(
  current: FargateSize,
  target: FargateSize,
  { minimumSavedShare }: SettingsOf<'ecs-oversized'>,
): boolean {
  if (target.vcpus > current.vcpus || target.memoryGib > current.memoryGib) return false;
  const weight = ({ vcpus, memoryGib }: FargateSize) => vcpus * VCPU_IN_GIB + memoryGib;
  return (weight(current) - weight(target)) / weight(current) >= minimumSavedShare;
}

function measuredOf(cpu: Demand, memory: Demand): Measured[] {
  return [
    { what: 'CPU needed on the busiest day', value: cpu.busiestDay, unit: 'percent' },
    { what: 'CPU needed with headroom', value: cpu.needed, unit: 'percent' },
    { what: 'memory needed with headroom', value: memory.needed, unit: 'percent' },
    { what: 'days measured', value: cpu.days, unit: 'days' },
  ];
}

function recommend(
  evidence: Evidence,
  settings: SettingsOf<'ecs-oversized'>,
  { current, target, measured }: { current: FargateSize; target: FargateSize; measured: Measured[] },
): Recommend {
  const isFargate = runsOnFargate(evidence);
  const tasks = isFargate ? paidTasks(evidence) : [];
  return {
    verdict: 'recommend',
    action: {
      action: 'resize-ecs-service',
      parameters: { serviceId: evidence.resource.resourceId, from: { ...current }, to: { ...target } },
    },
    title: `Make tasks ${spelled(target)} instead of ${spelled(current)}`,
    measured,
    rule: `CPU and memory at the preset '${settings.preset}' fit ${spelled(target)}, over up to ${settings.lookBackDays} days at the size they have.`,
    savings: tasks.flatMap((task) => [
      ...part(task, 'fargateVcpu', current.vcpus, target.vcpus, 'vCPU'),
      ...part(task, 'fargateMemory', current.memoryGib, target.memoryGib, 'GB of memory'),
    ]),
    risk: 'medium',
    effort: 'low',
    notes: [
      'It takes a new revision of the task definition and a deployment, which can be rolled back.',
      'Limits of containers and of a JVM inside the task must fit the new size.',
      ...(isFargate ? [] : ['Its tasks run on EC2 instances: nothing is saved until fewer of those run.']),
    ],
  };
}

/** The hours of one kind that fall away: their price does not depend on the size, so quantities say it all. */
function part(task: RelatedEvidence, kind: ChargeKind, from: number, to: number, what: string): SavedShare[] {
  const charges = chargesOf(task.charges, kind);
  if (charges.length === 0 || to >= from) return [];
  return [
    {
      resourceId: task.resource.resourceId,
      charges,
      savedShare: savedShare(String(from), String(to)) ?? '0',
      why: `${to} instead of ${from} ${what}`,
    },
  ];
}

function spelled({ vcpus, memoryGib }: FargateSize): string {
  return `${vcpus} vCPU and ${memoryGib} GB`;
}
