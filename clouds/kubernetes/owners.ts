import type { TimeSeries } from './prometheus.ts';

/** What keeps pods running, as a person named it: a Deployment and not its ReplicaSet, a CronJob and not its Job. */
export interface Owner {
  cluster: string;
  namespace: string;
  /** In lower case: 'deployment', 'statefulset', 'daemonset', 'cronjob', 'job', 'rollout', 'pod' for one that nothing owns. */
  kind: string;
  name: string;
}

type Labels = TimeSeries['labels'];

/** Returns the labels' values as one key. */
export const keyOf = (...parts: (string | undefined)[]): string => parts.map((part) => part ?? '').join('\n');

/**
 * Returns the owner of each pod by cluster, namespace and pod (`keyOf`): from a pod to what owns it, and from there to the owner of
 * that one, where kube-state-metrics knows it. `clusterOf` tells the cluster of a series.
 */
export function ownersOf(
  owned: {
    pods: readonly TimeSeries[];
    replicaSets: readonly TimeSeries[];
    jobs: readonly TimeSeries[];
  },
  clusterOf: (labels: Labels) => string,
): Map<string, Owner> {
  const above = new Map<string, Pick<Owner, 'kind' | 'name'>>();
  const note = (kind: string, name: string | undefined, labels: Labels) => {
    const owner = ownerIn(labels);
    if (owner !== undefined) above.set(keyOf(clusterOf(labels), labels.namespace, kind, name), owner);
  };
  for (const { labels } of owned.replicaSets) note('replicaset', labels.replicaset, labels);
  for (const { labels } of owned.jobs) note('job', labels.job_name, labels);
  const owners = new Map<string, Owner>();
  for (const { labels } of owned.pods) {
    const { namespace = '', pod = '' } = labels;
    const cluster = clusterOf(labels);
    const direct = ownerIn(labels) ?? { kind: 'pod', name: pod };
    const owner = above.get(keyOf(cluster, namespace, direct.kind, direct.name)) ?? direct;
    owners.set(keyOf(cluster, namespace, pod), { cluster, namespace, ...owner });
  }
  return owners;
}

/** What owns nothing is written as '' or, by older versions, '<none>'. Static pods belong to their node: each is one by itself. */
function ownerIn({ owner_kind: kind = '', owner_name: name = '' }: Labels): Pick<Owner, 'kind' | 'name'> | undefined {
  if (kind === '' || name === '' || kind === '<none>' || kind === 'Node') return undefined;
  return { kind: kind.toLowerCase(), name };
}
