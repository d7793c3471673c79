import {
  type Cluster,
  DescribeClusterCommand,
  DescribeNodegroupCommand,
  EKSClient,
  type Nodegroup,
  paginateListClusters,
  paginateListNodegroups,
} from '@aws-sdk/client-eks';
import { sizeOf } from './instances.ts';
import { type FoundResource, type InventoryKind, known, type Region, SERVICE } from './kind.ts';

/** EKS clusters and their managed node groups. Their nodes are instances, which name the cluster and the group. */
export const eks: InventoryKind = {
  resourceTypes: ['eks:cluster', 'eks:nodegroup'],
  async *read(region) {
    const client = region.place.client(EKSClient);
    for await (const { clusters } of paginateListClusters({ client, pageSize: 100 }, {})) {
      for (const name of clusters ?? []) {
        const { cluster } = await client.send(new DescribeClusterCommand({ name }));
        if (cluster?.arn !== undefined) yield clusterResource(cluster);
        for await (const page of paginateListNodegroups({ client, pageSize: 100 }, { clusterName: name })) {
          for (const nodegroupName of page.nodegroups ?? []) {
            const asked = new DescribeNodegroupCommand({ clusterName: name, nodegroupName });
            const { nodegroup } = await client.send(asked);
            if (nodegroup?.nodegroupArn !== undefined) yield await groupResource(nodegroup, region);
          }
        }
      }
    }
  },
};

function clusterResource(cluster: Cluster): FoundResource {
  return {
    resourceId: cluster.arn ?? '',
    resourceType: 'eks:cluster',
    serviceName: SERVICE.eks,
    name: cluster.name ?? null,
    state: cluster.status?.toLowerCase() ?? 'unknown',
    createdAt: cluster.createdAt,
    tags: cluster.tags ?? {},
    configuration: known({ version: cluster.version, support: cluster.upgradePolicy?.supportType }),
  };
}

async function groupResource(group: Nodegroup, region: Region): Promise<FoundResource> {
  const [type] = group.instanceTypes ?? [];
  const types = await region.instanceTypes(type === undefined ? [] : [type]);
  return {
    resourceId: group.nodegroupArn ?? '',
    resourceType: 'eks:nodegroup',
    serviceName: SERVICE.eks,
    name: group.nodegroupName ?? null,
    state: group.status?.toLowerCase() ?? 'unknown',
    createdAt: group.createdAt,
    tags: group.tags ?? {},
    configuration: known({
      cluster: group.clusterName,
      instanceType: type,
      otherInstanceTypes: (group.instanceTypes?.length ?? 0) > 1 ? group.instanceTypes?.slice(1) : undefined,
      ...sizeOf(types.get(type ?? '')),
      capacityType: group.capacityType,
      minNodes: group.scalingConfig?.minSize,
      desiredNodes: group.scalingConfig?.desiredSize,
      maxNodes: group.scalingConfig?.maxSize,
      autoScalingGroups: (group.resources?.autoScalingGroups ?? []).flatMap(({ name }) => name ?? []),
    }),
  };
}
