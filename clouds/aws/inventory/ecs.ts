import {
  type Cluster,
  DescribeClustersCommand,
  DescribeServicesCommand,
  DescribeTaskDefinitionCommand,
  ECSClient,
  paginateListClusters,
  paginateListServices,
  type Service,
  type TaskDefinition,
} from '@aws-sdk/client-ecs';
import { type FoundResource, type InventoryKind, inGroups, known, lastPart, SERVICE, tagsOf } from './kind.ts';
import { scaledServices } from './scaled-services.ts';

/** ECS clusters, their services, and the task definitions those run; definitions that no service runs are left out. */
export const ecs: InventoryKind = {
  resourceTypes: ['ecs:cluster', 'ecs:service', 'ecs:task-definition'],
  async *read({ place }) {
    const client = place.client(ECSClient);
    const definitions = new Map<string, Definition>();
    let scaled: ReadonlySet<string> | undefined;
    for await (const { clusterArns } of paginateListClusters({ client, pageSize: 100 }, {})) {
      if (!clusterArns?.length) continue;
      const described = await client.send(new DescribeClustersCommand({ clusters: clusterArns, include: ['TAGS'] }));
      for (const cluster of described.clusters ?? []) {
        if (cluster.clusterArn === undefined || cluster.status === 'INACTIVE') continue;
        yield clusterResource(cluster);
        for await (const service of servicesOf(client, cluster.clusterArn)) {
          const arn = service.taskDefinition;
          if (arn !== undefined && !definitions.has(arn)) definitions.set(arn, await definitionOf(client, arn));
          scaled ??= await scaledServices(place);
          const autoscaling = scaled.has(`service/${cluster.clusterName}/${service.serviceName}`);
          yield serviceResource(service, cluster, { autoscaling, definition: definitions.get(arn ?? '')?.definition });
        }
      }
    }
    for (const { definition, tags } of definitions.values()) yield definitionResource(definition, tags);
  },
};

interface Definition {
  definition: TaskDefinition;
  tags: Record<string, string>;
}

async function* servicesOf(client: ECSClient, cluster: string): AsyncGenerator<Service> {
  for await (const { serviceArns } of paginateListServices({ client, pageSize: 100 }, { cluster })) {
    // At most ten are described at once.
    for (const services of inGroups(serviceArns ?? [], 10)) {
      const described = await client.send(new DescribeServicesCommand({ cluster, services, include: ['TAGS'] }));
      yield* (described.services ?? []).filter(({ status }) => status !== 'INACTIVE');
    }
  }
}

async function definitionOf(client: ECSClient, taskDefinition: string): Promise<Definition> {
  const answer = await client.send(new DescribeTaskDefinitionCommand({ taskDefinition, include: ['TAGS'] }));
  return { definition: answer.taskDefinition ?? {}, tags: tagsOf(answer.tags) };
}

function clusterResource(cluster: Cluster): FoundResource {
  return {
    resourceId: cluster.clusterArn ?? '',
    resourceType: 'ecs:cluster',
    serviceName: SERVICE.ecs,
    name: cluster.clusterName ?? null,
    state: cluster.status?.toLowerCase() ?? 'unknown',
    tags: tagsOf(cluster.tags),
    configuration: known({
      containerInsights: cluster.settings?.find(({ name }) => name === 'containerInsights')?.value,
      capacityProviders: [...(cluster.capacityProviders ?? [])].sort(),
      containerInstances: cluster.registeredContainerInstancesCount,
      services: cluster.activeServicesCount,
    }),
  };
}

function serviceResource(
  service: Service,
  cluster: Cluster,
  { autoscaling, definition }: { autoscaling: boolean; definition: TaskDefinition | undefined },
): FoundResource {
  return {
    resourceId: service.serviceArn ?? '',
    resourceType: 'ecs:service',
    serviceName: SERVICE.ecs,
    name: service.serviceName ?? null,
    state: service.status?.toLowerCase() ?? 'unknown',
    createdAt: service.createdAt,
    tags: tagsOf(service.tags),
    configuration: known({
      launchType: service.launchType ?? service.capacityProviderStrategy?.[0]?.capacityProvider,
      cluster: cluster.clusterName,
      desiredTasks: service.desiredCount,
      autoscaling,
      taskDefinition: service.taskDefinition === undefined ? undefined : lastPart(service.taskDefinition),
      ...(definition === undefined ? {} : sizeOf(definition)),
    }),
  };
}

function definitionResource(definition: TaskDefinition, tags: Record<string, string>): FoundResource {
  return {
    resourceId: definition.taskDefinitionArn ?? '',
    resourceType: 'ecs:task-definition',
    serviceName: SERVICE.ecs,
    name: `${definition.family}:${definition.revision}`,
    state: definition.status?.toLowerCase() ?? 'unknown',
    createdAt: definition.registeredAt,
    tags,
    configuration: known({
      ...sizeOf(definition),
      networkMode: definition.networkMode,
      // Names and sizes only: environments and commands may hold secrets.
      containers: (definition.containerDefinitions ?? []).map((container) =>
        known({
          name: container.name,
          cpuUnits: container.cpu,
          memoryMib: container.memory,
          memoryReservationMib: container.memoryReservation,
        }),
      ),
    }),
  };
}

/** A task's own size; tasks that have none are as large as their containers. CPU is in units of 1/1024 vCPU, memory in MiB. */
function sizeOf({ cpu, memory, containerDefinitions, runtimePlatform }: TaskDefinition): Record<string, unknown> {
  const sum = (of: 'cpu' | 'memory') => (containerDefinitions ?? []).reduce((total, one) => total + (one[of] ?? 0), 0);
  const units = Number(cpu) || sum('cpu');
  const mib = Number(memory) || sum('memory');
  return known({
    taskVcpus: units === 0 ? undefined : units / 1024,
    taskMemoryGib: mib === 0 ? undefined : mib / 1024,
    architecture: runtimePlatform?.cpuArchitecture,
  });
}
