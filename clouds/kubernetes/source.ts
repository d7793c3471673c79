import { PennyError } from '../../errors.ts';
import type { KnownCluster } from '../contract.ts';
import { type ClusterLabel, clusterOf, matchClusters } from './clusters.ts';
import { type Prometheus, queryAt, type TimeSeries } from './prometheus.ts';
import { type Queries, queriesOf } from './queries.ts';

/** Where clusters report, for one run. */
export interface Source {
  prometheus: Prometheus;
  label: ClusterLabel;
  queries: Queries;
}

/** Returns a source of a Prometheus. */
export function sourceOf(prometheus: Prometheus, label: ClusterLabel): Source {
  return { prometheus, label, queries: queriesOf(label.label) };
}

/** Returns the known clusters by the names that report at an instant (in seconds), and the names nobody knows. */
export async function reportingClusters(source: Source, known: readonly KnownCluster[], time: number) {
  const series = await factsAt(source, source.queries.clusters, time);
  const names = series.map(({ labels }) => clusterOf(source.label, labels));
  return matchClusters(names, known, source.label);
}

/**
 * Returns the series of an expression at an instant (in seconds).
 * @throws PennyError `cloud_unavailable` when there may be more than were given, and those of `queryAt`
 */
export async function factsAt({ prometheus }: Source, query: string, time: number): Promise<TimeSeries[]> {
  const { series, warnings } = await queryAt(prometheus, query, time);
  if (warnings[0] !== undefined) throw partly(warnings[0]);
  return series;
}

/** The error of an answer that is not complete. */
export function partly(warning: string): PennyError {
  return new PennyError('cloud_unavailable', 'Prometheus answered in part only; what is missing is read later.', {
    cause: warning,
  });
}
