import type {
  CloudResource,
  CloudRun,
  ClusterGap,
  InventoryPart,
  KnownCluster,
  OpenWorkloads,
} from '../clouds/contract.ts';
import { KUBERNETES_TYPES } from '../clouds/registry.ts';
import type { Db } from '../db/client.ts';
import { listClusters, storeInventory } from '../db/inventory.ts';
import { listUsageReads, noteUsageReads } from '../db/usage.ts';
import { readThrough, storeHours } from './load-usage.ts';
import { hourToReadFrom } from './usage-spans.ts';

/** The job whose progress is noted, by the regions of the clusters. */
const JOB = 'ingest-workloads';

/** Of older hours nothing is asked: most keep what they measured for two weeks. */
const KEPT_HOURS = 45 * 24;

/** What was read of clusters. */
export interface LoadedWorkloads {
  clusters: number;
  workloads: number;
  /** Measurements. */
  rows: number;
  readThrough: Date;
  /** Clusters that report and nobody knows. */
  gaps: ClusterGap[];
  /** Why not all hours could be read; null when they were. */
  reason: string | null;
}

/**
 * Reads what runs in the Kubernetes clusters of the inventory, and how it was used in the hours before `to`, each region from where it
 * was last read, and stores both.
 * @throws PennyError what the source throws, `database_unavailable`
 */
export async function loadWorkloads({
  source,
  db,
  now,
  to,
  ...run
}: CloudRun & { source: OpenWorkloads; db: Db; now: Date; to: Date }): Promise<LoadedWorkloads> {
  const known = await knownClusters(db);
  const { clusters: reporting, gaps } = await source.findClusters(known);
  const clusters = [...new Set(reporting.values())];
  if (clusters.length === 0) return { clusters: 0, workloads: 0, rows: 0, readThrough: to, gaps, reason: null };
  const workloads = await source.readWorkloads(reporting);
  await storeWorkloads(db, workloads, { known, clusters, now });
  const reads = await listUsageReads(db, JOB);
  const starts = clusters.map((cluster) => hourToReadFrom(readThrough(reads, cluster), to, KEPT_HOURS).getTime());
  const from = new Date(Math.min(...starts));
  const usage = await source.readUsage(run, { clusters: reporting, workloads, from, to });
  try {
    const rows = await storeHours(db, usage.hours, from, to);
    await noteUsageReads(db, JOB, clusters, usage.readThrough);
    return {
      ...{ clusters: clusters.length, workloads: workloads.length, rows },
      ...{ readThrough: usage.readThrough, gaps, reason: usage.reason },
    };
  } finally {
    usage.close();
  }
}

async function knownClusters(db: Db): Promise<KnownCluster[]> {
  const types = new Map(KUBERNETES_TYPES.map(({ cluster, workload }) => [cluster, workload]));
  const clusters = await listClusters(db, [...types.keys()]);
  return clusters.map(({ resourceType, ...cluster }) => ({
    ...cluster,
    workloadType: types.get(resourceType) ?? resourceType,
  }));
}

async function storeWorkloads(
  db: Db,
  workloads: readonly CloudResource[],
  { known, clusters, now }: { known: readonly KnownCluster[]; clusters: readonly KnownCluster[]; now: Date },
): Promise<void> {
  for (const billingAccountId of new Set(clusters.map((cluster) => cluster.billingAccountId))) {
    await storeInventory(db, {
      ...{ observedAt: now, billingAccountId, complete: completeParts(known, clusters) },
      resources: workloads.filter((workload) => workload.billingAccountId === billingAccountId),
    });
  }
}

/** Returns the regions of which nothing is missing: a cluster that does not report at the moment keeps its workloads. */
function completeParts(known: readonly KnownCluster[], clusters: readonly KnownCluster[]): InventoryPart[] {
  return clusters
    .filter(({ accountId, regionId }) =>
      known.every(
        (one) =>
          one.accountId !== accountId ||
          one.regionId !== regionId ||
          clusters.some(({ resourceId }) => resourceId === one.resourceId),
      ),
    )
    .map(({ accountId, regionId, workloadType }) => ({ accountId, regionId, resourceTypes: [workloadType] }));
}
