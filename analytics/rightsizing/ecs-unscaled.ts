import { allChargesOf } from './charges.ts';
import { defineCheck, keep, type Measured, NOT_CONCERNED, unknown } from './check.ts';
import { ecsNeeds, paidTasks, runsOnFargate, TASKS_WITHOUT_SERVICE } from './ecs-service.ts';
import { type Evidence, numberOf } from './evidence.ts';
import { missingMetrics } from './measured.ts';
import { hoursAtThisSize } from './size-history.ts';

const SIZE = ['taskVcpus', 'taskMemoryGib', 'desiredTasks'];

export const ecsUnscaled = defineCheck({
  id: 'ecs-unscaled',
  version: '1',
  title: 'ECS services that run as many tasks at night as by day',
  about:
    'A service on Fargate without autoscaling whose CPU comes and goes: how many tasks each hour would have needed at a target utilisation says what scaling would save.',
  resourceTypes: ['ecs:service'],
  needs: ({ lookBackDays }) => ecsNeeds(lookBackDays, ['cpu_utilization', 'running_tasks']),
  evaluate(evidence, settings) {
    const { resource, metrics } = evidence;
    if (resource.configuration === null) return unknown('the inventory has not seen it');
    const tasks = numberOf(resource, 'desiredTasks');
    if (resource.state !== 'active' || tasks === 0 || !runsOnFargate(evidence)) return NOT_CONCERNED;
    if (tasks === undefined) return unknown('the number of its tasks is not known');
    const scales = doesScale(evidence, settings.fewestDays);
    if (scales === undefined)
      return unknown('neither the inventory nor running_tasks of Container Insights says whether it scales');
    if (scales) return keep('It scales the number of its tasks.');
    if (tasks <= settings.fewestTasks) return keep('It runs as few tasks as it should at least.');
    const missing = missingMetrics(metrics, ['cpu_utilization'], settings.measuredShare);
    if (missing.length > 0) return unknown(...missing);
    const hours = hoursAtThisSize(evidence, 'cpu_utilization', SIZE);
    if (hours.length < 24 * settings.fewestDays)
      return unknown(`fewer than ${settings.fewestDays} days were measured with this number of tasks`);
    const needed = hours.map(({ max }) =>
      Math.min(tasks, Math.max(settings.fewestTasks, Math.ceil((tasks * max) / settings.targetCpuPercent - 1e-9))),
    );
    const saved = Math.round((1 - needed.reduce((sum, count) => sum + count, 0) / (tasks * needed.length)) * 1e4) / 1e4;
    const measured: Measured[] = [
      { what: 'tasks at all hours', value: tasks, unit: 'tasks' },
      { what: 'fewest tasks an hour needed', value: Math.min(...needed), unit: 'tasks' },
      { what: 'most tasks an hour needed', value: Math.max(...needed), unit: 'tasks' },
      { what: 'task hours not needed', value: 100 * saved, unit: 'percent', limit: 100 * settings.minimumSavedShare },
    ];
    if (saved < settings.minimumSavedShare) return keep('Its hours need about as many tasks as it runs.', measured);
    const paid = paidTasks(evidence);
    if (paid.length === 0) return unknown(TASKS_WITHOUT_SERVICE);
    return {
      verdict: 'recommend',
      action: {
        action: 'scale-ecs-service',
        parameters: {
          serviceId: resource.resourceId,
          minTasks: settings.fewestTasks,
          maxTasks: tasks,
          targetCpuPercent: settings.targetCpuPercent,
        },
      },
      title: `Scale between ${settings.fewestTasks} and ${tasks} tasks`,
      measured,
      rule: `Tasks each hour would have needed at ${settings.targetCpuPercent} percent CPU in its busiest minute, at least ${settings.fewestTasks}, over ${settings.lookBackDays} days.`,
      savings: paid.map((task) => ({
        ...allChargesOf(task),
        savedShare: String(saved),
        why: `${100 * saved} percent of the task hours`,
      })),
      risk: 'medium',
      effort: 'medium',
      notes: [
        'Scaling follows the load by some minutes: a load that jumps needs more tasks at least.',
        'Memory was not looked at: a service that keeps state in it cannot run on fewer tasks.',
      ],
    };
  },
});

/** Returns whether the number of tasks follows the load: as the inventory says, else as the number itself shows over some days. */
function doesScale(
  { resource, metrics: { running_tasks: running } }: Evidence,
  fewestDays: number,
): boolean | undefined {
  const autoscaling = resource.configuration?.autoscaling;
  if (typeof autoscaling === 'boolean') return autoscaling;
  if (running === undefined || running.days < fewestDays) return undefined;
  return running.measured.some(({ avg }) => Math.abs(avg - running.max) > 0.01);
}
