import type { ClusterGap, KnownCluster } from '../contract.ts';
import type { TimeSeries } from './prometheus.ts';

/** How clusters are told apart in Prometheus. */
export interface ClusterLabel {
  label: string;
  /** The cluster of series that carry no such label. */
  otherwise: string | undefined;
}

/** Returns the name of the cluster a series is of; '' when nothing tells. */
export function clusterOf({ label, otherwise = '' }: ClusterLabel, labels: TimeSeries['labels']): string {
  return labels[label] || otherwise;
}

/** Returns which known clusters go by the names that report, and the names of which it is not known whose they are. */
export function matchClusters(
  names: readonly string[],
  known: readonly KnownCluster[],
  { label }: ClusterLabel,
): { clusters: Map<string, KnownCluster>; gaps: ClusterGap[] } {
  const clusters = new Map<string, KnownCluster>();
  const gaps: ClusterGap[] = [];
  for (const name of new Set(names)) {
    const same = known.filter((one) => one.name === name || one.resourceId === name);
    const [only] = same;
    if (only !== undefined && same.length === 1) clusters.set(name, only);
    else gaps.push({ cluster: name, reason: reasonFor(name, same.length, label) });
  }
  return { clusters, gaps };
}

function reasonFor(name: string, count: number, label: string): string {
  if (name === '')
    return `Some series carry no label ${label}: set PENNY_KUBERNETES_CLUSTER to the name of their cluster, or PENNY_KUBERNETES_CLUSTER_LABEL to the label that has it.`;
  if (count === 0) return `The cluster ${name} is not in the inventory, so that nobody knows whose it is.`;
  return `${count} clusters in the inventory are named ${name}: let the label ${label} hold their ARNs.`;
}
