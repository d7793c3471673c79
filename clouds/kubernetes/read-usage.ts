import { join } from 'node:path';
import { PennyError } from '../../errors.ts';
import type { CloudResource, CloudRun, ReportingClusters, UsageHour, WorkloadUsage } from '../contract.ts';
import { openSpool } from '../spool.ts';
import { clusterOf } from './clusters.ts';
import { gatherSamples, type Samples } from './hours.ts';
import { keyOf, type Owner, ownersOf } from './owners.ts';
import { isTooLarge, queryRange, type Range, type TimeSeries } from './prometheus.ts';
import { STEP_SECONDS } from './queries.ts';
import { workloadId } from './read-workloads.ts';
import { factsAt, partly, type Source } from './source.ts';

/** Hours asked for at once; fewer where that is more than Prometheus takes. */
const HOURS_AT_ONCE = 6;
const HOUR_SECONDS = 3600;

/** A time in seconds, `[from, to)`, both full hours. */
interface Span {
  from: number;
  to: number;
}

/**
 * Returns how workloads and nodes of these clusters (by the names they report under) were used. Only of `workloads` is anything told.
 * @throws PennyError `invalid_input` when `from` or `to` is no full hour
 */
export async function readUsage(
  source: Source,
  { folder, signal, onProgress }: CloudRun,
  asked: {
    clusters: ReportingClusters;
    workloads: readonly CloudResource[];
    from: Date;
    to: Date;
  },
): Promise<WorkloadUsage> {
  const [from, to] = [asked.from, asked.to].map((instant) => instant.getTime() / 1000) as [number, number];
  if (from % HOUR_SECONDS !== 0 || to % HOUR_SECONDS !== 0)
    throw new PennyError('invalid_input', 'Usage is read from a full hour to a full hour.');
  const spool = openSpool<UsageHour>(join(folder, 'workloads.jsonl'));
  const known = new Set(asked.workloads.map(({ resourceId }) => resourceId));
  let through = from;
  let atOnce = HOURS_AT_ONCE * HOUR_SECONDS;
  let reason: string | null = null;
  try {
    while (through < to) {
      signal?.throwIfAborted();
      const span = { from: through, to: Math.min(to, through + atOnce) };
      try {
        for (const hour of await readSpan(source, asked.clusters, known, span)) await spool.add(hour);
      } catch (error) {
        if (isTooLarge(error) && span.to - span.from > HOUR_SECONDS) {
          atOnce = Math.max(1, Math.floor((span.to - span.from) / HOUR_SECONDS / 2)) * HOUR_SECONDS;
          continue;
        }
        if (!(error instanceof PennyError)) throw error;
        reason = error.message;
        break;
      }
      through = span.to;
      onProgress?.((through - from) / HOUR_SECONDS, (to - from) / HOUR_SECONDS);
    }
    return {
      ...{ hours: await spool.read(), readThrough: new Date(through * 1000), reason },
      close: () => spool.remove(),
    };
  } catch (error) {
    spool.remove();
    throw error;
  }
}

async function readSpan(
  source: Source,
  clusters: ReportingClusters,
  known: ReadonlySet<string>,
  span: Span,
): Promise<UsageHour[]> {
  // Each evaluation tells of the minutes before it, so that the first one of an hour is not at its beginning.
  const range = { start: span.from + STEP_SECONDS, end: span.to, step: STEP_SECONDS };
  const { queries } = source;
  const cpu = await seriesOver(source, queries.usage.cpu, range);
  // Nothing ran, or Prometheus does not reach back that far.
  if (cpu.length === 0) return [];
  const seconds = (span.to - span.from).toString();
  const facts = queries.facts(`${seconds}s`);
  const at = (query: string) => factsAt(source, query, span.to);
  const nameOf = (labels: TimeSeries['labels']) => clusterOf(source.label, labels);
  const samples = gatherSamples();
  const owners = ownersOf(
    { pods: await at(facts.podOwners), replicaSets: await at(facts.replicaSetOwners), jobs: await at(facts.jobOwners) },
    nameOf,
  );
  const requests = new Map(
    (await at(facts.requests)).map(({ labels, values }) => [
      keyOf(nameOf(labels), labels.namespace, labels.pod, labels.container, labels.resource),
      values.at(-1)?.[1] ?? 0,
    ]),
  );
  const workloadOf = (labels: TimeSeries['labels']): Workload | undefined => {
    const podKey = keyOf(nameOf(labels), labels.namespace, labels.pod);
    const owner = owners.get(podKey);
    const cluster = clusters.get(owner?.cluster ?? '');
    if (owner === undefined || cluster === undefined) return undefined;
    const id = workloadId(cluster, owner, labels.container ?? '');
    const request = (resource: string) => requests.get(keyOf(podKey, labels.container, resource)) ?? 0;
    return known.has(id) ? { id, owner, request } : undefined;
  };
  addUse(samples, cpu, workloadOf, { metric: 'cpu_cores', share: 'cpu_utilization_of_request', resource: 'cpu' });
  addReplicas(samples, cpu, workloadOf);
  const memory = await seriesOver(source, queries.usage.memory, range);
  const peaks = await seriesOver(source, queries.usage.memoryPeak, range);
  const ofMemory = { metric: 'memory_bytes', share: 'memory_utilization_of_request', resource: 'memory' };
  addUse(samples, memory, workloadOf, ofMemory, peaks);
  const oomKills = { start: span.from + HOUR_SECONDS, end: span.to, step: HOUR_SECONDS };
  for (const { labels, values } of await seriesOver(source, queries.oomKills, oomKills)) {
    const workload = workloadOf(labels);
    if (workload === undefined) continue;
    for (const [instant, count] of values) samples.add(workload.id, 'oom_kills', instant, count);
  }
  await addNodes(source, samples, span, range, clusters);
  return samples.hours(span.from, span.to);
}

async function seriesOver({ prometheus }: Source, query: string, range: Range): Promise<TimeSeries[]> {
  const { series, warnings } = await queryRange(prometheus, query, range);
  if (warnings[0] !== undefined) throw partly(warnings[0]);
  return series;
}

interface Workload {
  id: string;
  owner: Owner;
  /** What the container of the pod requests; 0 when nothing. */
  request(resource: string): number;
}
type WorkloadOf = (labels: TimeSeries['labels']) => Workload | undefined;

/** Adds what containers used, in itself and as a share of what they request. */
function addUse(
  samples: Samples,
  series: readonly TimeSeries[],
  workloadOf: WorkloadOf,
  { metric, share, resource }: { metric: string; share: string; resource: string },
  peaks: readonly TimeSeries[] = [],
): void {
  const byLabels = new Map(peaks.map(({ labels, values }) => [JSON.stringify(sorted(labels)), new Map(values)]));
  for (const { labels, values } of series) {
    const workload = workloadOf(labels);
    if (workload === undefined) continue;
    const own = byLabels.get(JSON.stringify(sorted(labels)));
    const request = workload.request(resource);
    for (const [instant, value] of values) {
      const peak = own?.get(instant) ?? value;
      samples.add(workload.id, metric, instant, value, peak);
      if (request > 0) samples.add(workload.id, share, instant, (value / request) * 100, (peak / request) * 100);
    }
  }
}

/** Adds how many pods ran, at each instant. */
function addReplicas(samples: Samples, series: readonly TimeSeries[], workloadOf: WorkloadOf): void {
  const counts = new Map<string, Map<number, number>>();
  for (const { labels, values } of series) {
    const id = workloadOf(labels)?.id;
    if (id === undefined) continue;
    const own = counts.get(id) ?? new Map<number, number>();
    for (const [instant] of values) own.set(instant, (own.get(instant) ?? 0) + 1);
    counts.set(id, own);
  }
  for (const [id, own] of counts) for (const [instant, count] of own) samples.add(id, 'replicas', instant, count);
}

/** What a node can give: the metric it is told by, and its unit. */
const ROOM = { cpu: ['allocatable_vcpus', 1], memory: ['allocatable_memory_gib', 2 ** 30] } as const;

/** Adds what the pods on each node request and use of what it can give them. The cloud knows the node by the end of its provider id. */
async function addNodes(
  source: Source,
  samples: Samples,
  span: Span,
  range: Range,
  clusters: ReportingClusters,
): Promise<void> {
  const { queries } = source;
  const facts = queries.facts(`${span.to - span.from}s`);
  const nodeOf = (labels: TimeSeries['labels']) => keyOf(clusterOf(source.label, labels), labels.node);
  const machines = new Map(
    (await factsAt(source, facts.nodes, span.to)).flatMap(({ labels }) => {
      const id = labels.provider_id?.split('/').at(-1);
      return id && clusters.has(clusterOf(source.label, labels)) ? [[nodeOf(labels), id] as const] : [];
    }),
  );
  const room = new Map<string, number>();
  for (const { labels, values } of await seriesOver(source, queries.usage.allocatable, range)) {
    const id = machines.get(nodeOf(labels));
    const amount = values.at(-1)?.[1];
    if (id === undefined || amount === undefined || amount <= 0) continue;
    room.set(keyOf(id, labels.resource), amount);
    const [metric, unit] = ROOM[labels.resource === 'cpu' ? 'cpu' : 'memory'];
    for (const [instant, value] of values) samples.add(id, metric, instant, value / unit);
  }
  const add = async (query: string, metricOf: (resource: string) => string, resourceOf?: string) => {
    for (const { labels, values } of await seriesOver(source, query, range)) {
      const id = machines.get(nodeOf(labels));
      const resource = resourceOf ?? labels.resource ?? '';
      const amount = room.get(keyOf(id, resource));
      if (id === undefined || amount === undefined) continue;
      for (const [instant, value] of values) samples.add(id, metricOf(resource), instant, (value / amount) * 100);
    }
  };
  await add(queries.usage.nodeRequests, (resource) => `${resource}_requested_percent`);
  await add(queries.usage.nodeCpu, () => 'pod_cpu_utilization', 'cpu');
  await add(queries.usage.nodeMemory, () => 'pod_memory_utilization', 'memory');
}

function sorted(labels: TimeSeries['labels']): [string, string][] {
  return Object.entries(labels).sort(([one], [other]) => (one < other ? -1 : 1));
}
