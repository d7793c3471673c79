import { DescribeServicesCommand, ECSClient, type Service, UpdateServiceCommand } from '@aws-sdk/client-ecs';
import type { ActionTarget, ObservedResource } from '../../action.ts';
import { lastPart, tagsOf } from '../inventory/kind.ts';
import { ifThere, type PlaceOf } from './action.ts';

/** The ARN of a service is arn:aws:ecs:REGION:ACCOUNT:service/CLUSTER/NAME; of old ones the cluster is not in it. */
function placeInCluster({ resourceId }: ActionTarget): { cluster?: string; service: string } {
  const [, cluster, name] = resourceId.split('/');
  return name === undefined || cluster === undefined ? { service: resourceId } : { cluster, service: name };
}

/** Returns an ECS service as ECS describes it; undefined when it is deleted or was never there. */
export async function describeService(at: PlaceOf, target: ActionTarget): Promise<Service | undefined> {
  const { cluster, service } = placeInCluster(target);
  const asked = new DescribeServicesCommand({ cluster, services: [service], include: ['TAGS'] });
  const found = await ifThere(() => at(target).client(ECSClient).send(asked));
  return found?.services?.find(({ status }) => status !== 'INACTIVE');
}

/** Returns an ECS service as it is now; undefined when it is not there. */
export function observedService(service: Service | undefined): ObservedResource | undefined {
  if (service === undefined) return undefined;
  const deployments = service.deployments ?? [];
  return {
    state: service.status?.toLowerCase() ?? 'unknown',
    configuration: {
      desiredTasks: service.desiredCount,
      runningTasks: service.runningCount,
      taskDefinition: service.taskDefinition === undefined ? undefined : lastPart(service.taskDefinition),
      schedulingStrategy: service.schedulingStrategy,
      deploymentController: service.deploymentController?.type,
      isDeployed: deployments.every(({ rolloutState }) => rolloutState === undefined || rolloutState === 'COMPLETED'),
    },
    tags: tagsOf(service.tags),
  };
}

/** Why a service must not be changed: something else decides over its tasks. */
export function refuseService({ state, configuration }: ObservedResource): string | undefined {
  if (state !== 'active') return `It is ${state}.`;
  if (configuration.schedulingStrategy === 'DAEMON') return 'It runs a task on each machine of its cluster.';
  const controller = configuration.deploymentController ?? 'ECS';
  return controller === 'ECS' ? undefined : `${controller} makes its deployments; change it there.`;
}

/** Asks for a number of tasks or another task definition; asking twice is as good as once. */
export async function updateService(
  at: PlaceOf,
  target: ActionTarget,
  change: { desiredCount: number } | { taskDefinition: string },
): Promise<void> {
  await at(target)
    .client(ECSClient)
    .send(new UpdateServiceCommand({ ...placeInCluster(target), ...change }));
}
