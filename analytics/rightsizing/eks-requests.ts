import { defineCheck, keep, type Measured, NOT_CONCERNED, type Recommend, unknown } from './check.ts';
import { type Demand, demandOf } from './demand.ts';
import { type Evidence, numberOf, textOf } from './evidence.ts';
import { missingMetrics } from './measured.ts';
import type { MeasuredHour } from './measured-hours.ts';
import { hoursAtThisSize } from './size-history.ts';
import type { SettingsOf } from './thresholds.ts';

type Settings = SettingsOf<'eks-requests'>;
type What = 'cpu' | 'memory';

/** Per resource: how it is requested, how its use is measured, and in which unit a change is told. */
const RESOURCES = {
  cpu: { request: 'requestedVcpus', used: 'cpu_cores', share: 'cpu_utilization_of_request', unit: 'vCPU', perUnit: 1 },
  memory: {
    ...{ request: 'requestedMemoryGib', used: 'memory_bytes', share: 'memory_utilization_of_request', unit: 'GiB' },
    perUnit: 2 ** 30,
  },
} as const;

/**
 * The method is krr's (percentile of CPU, most memory ever and a part more), with what its users reported: containers that were killed
 * for want of memory get more and not less, a JVM's memory and what an autoscaler scales by are left alone, and peaks of single days
 * count. Source: https://github.com/robusta-dev/krr, issues 110, 169, 367, 379.
 */
export const eksRequests = defineCheck({
  id: 'eks-requests',
  version: '1',
  title: 'Pods that request more than they use',
  about:
    'A workload on Kubernetes whose containers request far more CPU or memory than they use on their busiest day. What is requested cannot be used by other pods; nothing is saved until nodes go, which the check of node groups then finds.',
  resourceTypes: ['eks:workload'],
  needs: ({ lookBackDays }) => ({
    metrics: [...Object.values(RESOURCES).flatMap(({ used, share }) => [used, share]), 'oom_kills'].map((metric) => ({
      metric,
      windowDays: lookBackDays,
    })),
  }),
  evaluate(evidence, settings) {
    const { resource, metrics } = evidence;
    if (resource.configuration === null) return unknown('the inventory has not seen it');
    if (resource.state !== 'active' || numberOf(resource, 'replicas') === 0) return NOT_CONCERNED;
    const memoryRequest = numberOf(resource, 'requestedMemoryGib');
    const kills = metrics.oom_kills?.sum ?? 0;
    if (kills > 0) return raise(evidence, settings, { kills, memoryRequest });
    const sizes = (['cpu', 'memory'] as const).map((what) => sizeOf(what, evidence, settings));
    const known = sizes.filter((size): size is Size => 'target' in size);
    if (known.length === 0) return unknown(...sizes.flatMap((size) => ('missing' in size ? size.missing : [])));
    const smaller = known.filter((size) => isWorthIt(size, numberOf(resource, 'replicas') ?? 1, settings));
    const measured = known.flatMap(measuredOf);
    if (smaller.length === 0) {
      const reasons = known.flatMap(({ held }) => held ?? []);
      return keep(reasons[0] ?? 'It requests about what it uses.', measured);
    }
    return recommend(evidence, settings, { known, smaller, measured, sizes });
  },
});

/** What a container should request of CPU or memory, in vCPU or GiB. */
interface Size {
  what: What;
  request: number;
  target: number;
  demand: Demand;
  /** Why it is left as it is, whatever the target. */
  held?: string;
}

function sizeOf(what: What, evidence: Evidence, settings: Settings): Size | { missing: string[] } {
  const { request: field, used, share, perUnit } = RESOURCES[what];
  const request = numberOf(evidence.resource, field);
  if (request === undefined) return { missing: [`what it requests of ${what} is not known`] };
  const metric = evidence.metrics[used] === undefined ? share : used;
  const missing = missingMetrics(evidence.metrics, [metric], 0, settings.fewestDays);
  if (missing.length > 0) return { missing };
  // A share of what was requested tells nothing once the request has changed.
  const hours =
    metric === share ? hoursAtThisSize(evidence, metric, [field]) : (evidence.metrics[metric]?.measured ?? []);
  const scale = metric === share ? request / 100 : 1 / perUnit;
  const demand = demandOf(hours.map(scaledBy(scale)), limits(what, settings));
  if (demand === undefined) return { missing: [`${what} was measured on fewer than three days at this request`] };
  const target = what === 'cpu' ? cpuTarget(demand, settings) : memoryTarget(demand, settings);
  const held = heldBy(what, evidence);
  return { what, request, target, demand, ...(held === undefined ? {} : { held }) };
}

function limits(what: What, { cpuPercentile, memoryBuffer }: Settings): { percentile: number; headroom: number } {
  return what === 'cpu'
    ? { percentile: cpuPercentile, headroom: 0 }
    : { percentile: 1, headroom: memoryBuffer / (1 + memoryBuffer) };
}

const scaledBy =
  (scale: number) =>
  (hour: MeasuredHour): MeasuredHour => ({
    ...hour,
    ...{ avg: hour.avg * scale, max: hour.max * scale, p95: hour.p95 === null ? null : hour.p95 * scale },
  });

/** In steps of 10m of CPU, and of 16 MiB, so that small changes of what was measured do not change the finding. */
function cpuTarget({ needed }: Demand, { fewestMillicores }: Settings): number {
  return Math.max(fewestMillicores, Math.ceil(needed * 100 - 1e-9) * 10) / 1000;
}

function memoryTarget({ needed }: Demand, { leastMemoryMib }: Settings): number {
  return Math.max(leastMemoryMib, Math.ceil((needed * 1024) / 16 - 1e-9) * 16) / 1024;
}

/** Returns why a request must not be lowered; undefined when nothing speaks against it. */
function heldBy(what: What, { resource }: Evidence): string | undefined {
  if (what === 'memory' && textOf(resource, 'runtime') === 'jvm')
    return 'It is a JVM: it takes the memory it is given, so what it uses does not say what it needs.';
  const scaler = resource.configuration?.autoscaler;
  if (typeof scaler !== 'object' || scaler === null) return undefined;
  const metrics = 'metrics' in scaler && Array.isArray(scaler.metrics) ? scaler.metrics : [];
  if (metrics.length > 0 && !metrics.includes(what)) return undefined;
  return `An autoscaler counts its ${what} as a share of the request: a smaller request would only make it more pods.`;
}

function isWorthIt({ what, request, target, held }: Size, replicas: number, settings: Settings): boolean {
  if (held !== undefined) return false;
  const least = what === 'cpu' ? settings.leastSavedVcpus : settings.leastSavedMemoryGib;
  const saved = request - target;
  return saved >= request * settings.minimumSavedShare - 1e-9 && saved * replicas >= least;
}

function measuredOf({ what, request, demand, target }: Size): Measured[] {
  const { unit } = RESOURCES[what];
  return [
    { what: `${what} requested`, value: request, unit },
    { what: `${what} used on the busiest day`, value: demand.busiestDay, unit },
    { what: `${what} to request`, value: target, unit },
  ];
}

const NOTHING_SAVED =
  'Nothing is saved by this alone: what is no longer requested is free for other pods, and money is saved when nodes go.';

function recommend(
  { resource }: Evidence,
  settings: Settings,
  {
    known,
    smaller,
    measured,
    sizes,
  }: { known: readonly Size[]; smaller: readonly Size[]; measured: Measured[]; sizes: ReturnType<typeof sizeOf>[] },
): Recommend {
  const fewDays = Math.min(...known.map(({ demand }) => demand.days));
  return {
    verdict: 'recommend',
    action: {
      action: 'set-requests',
      parameters: {
        workloadId: resource.resourceId,
        ...Object.fromEntries(smaller.map(({ what, target }) => [RESOURCES[what].request, target])),
      },
    },
    title: `Request ${smaller.map(({ what, request, target }) => `${spelled(what, target)} instead of ${spelled(what, request)}`).join(', and ')}`,
    measured,
    rule: `CPU that ${100 * settings.cpuPercentile} percent of the samples of the busiest day need, and the most memory ever used with ${100 * settings.memoryBuffer} percent more, over ${settings.lookBackDays} days.`,
    savings: [],
    risk: smaller.some(({ what }) => what === 'memory') ? 'medium' : 'low',
    effort: 'low',
    notes: [
      NOTHING_SAVED,
      ...known.flatMap(({ held }) => held ?? []),
      ...sizes.flatMap((size) => ('missing' in size ? size.missing.map((what) => `Left out: ${what}.`) : [])),
      ...(smaller.some(({ what }) => what === 'memory')
        ? ['The limit of memory stays as it is: a container that reaches it is killed.']
        : []),
      ...(fewDays < settings.lookBackDays
        ? [`Measured on ${fewDays} days: a peak of a month's end may not be among them.`]
        : []),
    ],
  };
}

function raise(
  { resource }: Evidence,
  { memoryAfterKill, lookBackDays }: Settings,
  { kills, memoryRequest }: { kills: number; memoryRequest: number | undefined },
): Recommend | ReturnType<typeof unknown> {
  const limit = numberOf(resource, 'limitMemoryGib') ?? memoryRequest;
  if (limit === undefined) return unknown('it was killed for want of memory, and its limit is not known');
  const target = Math.ceil(limit * (1 + memoryAfterKill) * 64) / 64;
  return {
    verdict: 'recommend',
    action: {
      action: 'set-requests',
      parameters: { workloadId: resource.resourceId, requestedMemoryGib: target, limitMemoryGib: target },
    },
    title: `Request ${spelled('memory', target)}: it was killed for want of memory`,
    measured: [
      { what: 'killed for want of memory', value: kills, unit: 'times' },
      { what: 'memory it may use', value: limit, unit: 'GiB' },
    ],
    rule: `A container killed for want of memory within ${lookBackDays} days gets ${100 * memoryAfterKill} percent more than its limit.`,
    savings: [],
    risk: 'low',
    effort: 'low',
    notes: ['This saves nothing: a pod that is killed loses what it did.'],
  };
}

function spelled(what: What, amount: number): string {
  if (what === 'cpu') return `${Math.round(amount * 1000)}m of CPU`;
  return amount < 1 ? `${Math.round(amount * 1024)} MiB of memory` : `${Math.round(amount * 100) / 100} GiB of memory`;
}
