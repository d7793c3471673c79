import type { CloudResource, KnownCluster, ReportingClusters } from '../contract.ts';
import { clusterOf } from './clusters.ts';
import { keyOf, type Owner, ownersOf } from './owners.ts';
import type { TimeSeries } from './prometheus.ts';
import { WORKLOAD_LABELS } from './queries.ts';
import { runtimeOf } from './runtime.ts';
import { factsAt, type Source } from './source.ts';

/** What ran within this time is there: a job that runs once a week too. Looked at once an hour. */
const WINDOW = '7d:1h';

type Facts = Record<keyof ReturnType<Source['queries']['inventory']>, TimeSeries[]> &
  Record<keyof ReturnType<Source['queries']['facts']>, TimeSeries[]>;

/**
 * Returns the containers of all workloads that ran in these clusters (by the names they report under) in the week before `time`
 * (in seconds), each as its newest pod has it.
 * @throws PennyError `cloud_denied`, `cloud_unavailable`, also when the answer was not complete
 */
export async function readWorkloads(
  source: Source,
  clusters: ReportingClusters,
  time: number,
): Promise<CloudResource[]> {
  const queries = { ...source.queries.facts(WINDOW), ...source.queries.inventory(WINDOW) };
  const facts = {} as Facts;
  for (const [name, query] of Object.entries(queries) as [keyof Facts, string][])
    facts[name] = await factsAt(source, query, time);
  const describe = describer(source, facts);
  return newestContainers(source, facts).flatMap((container) => {
    const cluster = clusters.get(container.owner.cluster);
    return cluster === undefined ? [] : resourceOf(container, cluster, describe);
  });
}

/** Returns the id of a workload's container. */
export function workloadId({ resourceId }: KnownCluster, owner: Owner, container: string): string {
  return `${resourceId}/${owner.namespace}/${owner.kind}/${owner.name}/${container}`;
}

interface Container {
  owner: Owner;
  container: string;
  pod: string;
  image: string | undefined;
  created: number;
}

/** Returns the containers of workloads, each of its newest pod. */
function newestContainers(source: Source, facts: Facts): Container[] {
  const nameOf = (labels: TimeSeries['labels']) => clusterOf(source.label, labels);
  const owners = ownersOf(
    { pods: facts.podOwners, replicaSets: facts.replicaSetOwners, jobs: facts.jobOwners },
    nameOf,
  );
  const created = valuesBy(facts.podsCreated, ({ namespace, pod, ...labels }) => keyOf(nameOf(labels), namespace, pod));
  const newest = new Map<string, Container>();
  for (const { labels } of facts.images) {
    const { namespace = '', pod = '', container = '', image } = labels;
    const podKey = keyOf(nameOf(labels), namespace, pod);
    const owner = owners.get(podKey);
    if (owner === undefined) continue;
    const key = keyOf(owner.cluster, namespace, owner.kind, owner.name, container);
    const one = { owner, container, pod, image, created: created.get(podKey) ?? 0 };
    const known = newest.get(key);
    if (known === undefined || one.created > known.created || (one.created === known.created && one.pod > known.pod))
      newest.set(key, one);
  }
  return [...newest.values()];
}

/** Looks up what is known of a container and of its workload. */
interface Describer {
  replicas(owner: Owner): number | undefined;
  createdAt(owner: Owner): string | null;
  tags(owner: Owner): Record<string, string>;
  autoscaler(owner: Owner): Record<string, unknown> | undefined;
  reportsJvm(container: Container): boolean;
  size(container: Container): Record<string, number>;
}

function describer({ label }: Source, facts: Facts): Describer {
  const at = (labels: TimeSeries['labels'], ...parts: (string | undefined)[]) =>
    keyOf(clusterOf(label, labels), labels.namespace, ...parts);
  const own = ({ cluster, namespace, kind, name }: Owner) => keyOf(cluster, namespace, kind, name);
  const byWorkload = (labels: TimeSeries['labels']) => at(labels, ...workloadIn(labels));
  const byContainer = (labels: TimeSeries['labels']) => at(labels, labels.pod, labels.container, labels.resource);
  const byScaler = (labels: TimeSeries['labels']) => at(labels, labels.horizontalpodautoscaler);
  const replicas = valuesBy(facts.replicas, byWorkload);
  const created = valuesBy(facts.created, byWorkload);
  const labelsOf = new Map(facts.labels.map(({ labels }) => [byWorkload(labels), tagsIn(labels)]));
  const namespaces = new Map(facts.namespaceLabels.map(({ labels }) => [at(labels), tagsIn(labels)]));
  const [least, most] = [valuesBy(facts.autoscalerMin, byScaler), valuesBy(facts.autoscalerMax, byScaler)];
  const scalers = new Map(
    facts.autoscalers.map(({ labels }) => [
      at(labels, labels.scaletargetref_kind?.toLowerCase(), labels.scaletargetref_name),
      {
        name: labels.horizontalpodautoscaler,
        minReplicas: least.get(byScaler(labels)),
        maxReplicas: most.get(byScaler(labels)),
        metrics: facts.autoscalerMetrics
          .filter((one) => byScaler(one.labels) === byScaler(labels))
          .flatMap((one) => one.labels.metric_name ?? [])
          .sort(),
      },
    ]),
  );
  const jvms = new Set(facts.jvms.map(({ labels }) => at(labels, labels.pod)));
  const [requests, limits] = [valuesBy(facts.requests, byContainer), valuesBy(facts.limits, byContainer)];
  return {
    replicas: (owner) => replicas.get(own(owner)),
    createdAt: (owner) => {
      const seconds = created.get(own(owner));
      return seconds === undefined ? null : new Date(seconds * 1000).toISOString();
    },
    tags: (owner) => ({ ...namespaces.get(keyOf(owner.cluster, owner.namespace)), ...labelsOf.get(own(owner)) }),
    autoscaler: (owner) => scalers.get(own(owner)),
    reportsJvm: ({ owner, pod }) => jvms.has(keyOf(owner.cluster, owner.namespace, pod)),
    size({ owner, pod, container }) {
      const of = (values: Map<string, number>, resource: string) =>
        values.get(keyOf(owner.cluster, owner.namespace, pod, container, resource));
      const gib = (bytes: number | undefined) => (bytes === undefined ? undefined : bytes / 2 ** 30);
      return known({
        requestedVcpus: of(requests, 'cpu'),
        requestedMemoryGib: gib(of(requests, 'memory')),
        limitVcpus: of(limits, 'cpu'),
        limitMemoryGib: gib(of(limits, 'memory')),
      });
    },
  };
}

function resourceOf(one: Container, cluster: KnownCluster, describe: Describer): CloudResource {
  const { owner, container, image } = one;
  const replicas = describe.replicas(owner);
  return {
    resourceId: workloadId(cluster, owner, container),
    resourceType: cluster.workloadType,
    serviceName: cluster.serviceName,
    serviceProviderName: cluster.serviceProviderName,
    name: container === owner.name ? owner.name : `${owner.name}/${container}`,
    accountId: cluster.accountId,
    billingAccountId: cluster.billingAccountId,
    regionId: cluster.regionId,
    availabilityZone: null,
    state: replicas === 0 ? 'stopped' : 'active',
    createdAt: describe.createdAt(owner),
    tags: describe.tags(owner),
    configuration: known({
      ...{ cluster: cluster.name, namespace: owner.namespace, kind: owner.kind, workload: owner.name, container },
      replicas,
      ...describe.size(one),
      autoscaler: describe.autoscaler(owner),
      runtime: runtimeOf(image, describe.reportsJvm(one)),
      image,
    }),
  };
}

/** The kind and the name of the workload that a series of kube-state-metrics is about. */
function workloadIn(labels: TimeSeries['labels']): [kind: string, name: string] | [] {
  const kind = WORKLOAD_LABELS.find((one) => labels[one]);
  return kind === undefined ? [] : [kind, labels[kind] ?? ''];
}

/** The labels of an object as kube-state-metrics has them: with a prefix, and what is no letter or digit written as '_'. */
function tagsIn(labels: TimeSeries['labels']): Record<string, string> {
  return Object.fromEntries(
    Object.entries(labels).flatMap(([key, value]) => (key.startsWith('label_') ? [[key.slice(6), value]] : [])),
  );
}

function valuesBy(series: readonly TimeSeries[], keyIn: (labels: TimeSeries['labels']) => string): Map<string, number> {
  return new Map(
    series.flatMap(({ labels, values }) => {
      const last = values.at(-1);
      return last === undefined ? [] : [[keyIn(labels), last[1]] as const];
    }),
  );
}

function known<Value>(entries: Record<string, Value | undefined>): Record<string, Value> {
  return Object.fromEntries(
    Object.entries(entries).filter((entry): entry is [string, Value] => entry[1] !== undefined),
  );
}
