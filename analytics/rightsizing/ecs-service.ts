import type { MetricNeed, Needs } from './check.ts';
import { type Evidence, type RelatedEvidence, textOf } from './evidence.ts';

export const ECS_METRICS = ['cpu_utilization', 'memory_utilization'] as const;

/**
 * Returns what a check of services needs. A bill knows tasks and not services; which service a task is of, say the tags that ECS sets
 * on tasks ("ECS managed tags"), spelled as the tag is or as CUR spells it.
 */
export function ecsNeeds(windowDays: number, metrics: readonly string[] = ECS_METRICS): Needs {
  return {
    metrics: metrics.map((metric): MetricNeed => ({ metric, windowDays })),
    related: [
      {
        name: 'tasks',
        on: [
          ['aws:ecs:serviceName', 'aws:ecs:clusterName'],
          ['aws:ecs_service_name', 'aws:ecs_cluster_name'],
        ].map(([service, cluster]) => [
          ['name', `tags.${service}`],
          ['configuration.cluster', `tags.${cluster}`],
          ['subAccountId', 'subAccountId'],
          ['regionId', 'regionId'],
        ]),
      },
    ],
  };
}

/** Returns the tasks that cost something in the bill window. */
export function paidTasks({ related }: Pick<Evidence, 'related'>): readonly RelatedEvidence[] {
  return (related.tasks ?? []).filter(({ charges }) => charges.length > 0);
}

/** What is missing where no task of the service is known on the bill. */
export const TASKS_WITHOUT_SERVICE =
  'the bill does not say which tasks are of this service: turn on ECS managed tags and activate aws:ecs:serviceName and aws:ecs:clusterName as cost allocation tags';

/** Returns whether tasks are paid for themselves; on EC2 the instances are, whatever runs on them. */
export function runsOnFargate({ resource }: Pick<Evidence, 'resource'>): boolean {
  return (textOf(resource, 'launchType') ?? '').startsWith('FARGATE');
}
