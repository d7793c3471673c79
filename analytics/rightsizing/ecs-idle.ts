import { allChargesOf } from './charges.ts';
import { defineCheck, keep, type Measured, NOT_CONCERNED, unknown } from './check.ts';
import { ECS_METRICS, ecsNeeds, paidTasks, runsOnFargate, TASKS_WITHOUT_SERVICE } from './ecs-service.ts';
import { numberOf } from './evidence.ts';
import { missingMetrics } from './measured.ts';

export const ecsIdle = defineCheck({
  id: 'ecs-idle',
  version: '1',
  title: 'ECS services that do nothing',
  about:
    'A service whose tasks use less than one percent of their CPU and of their memory at the peak, as AWS Compute Optimizer calls a service idle.',
  resourceTypes: ['ecs:service'],
  needs: ({ lookBackDays }) => ecsNeeds(lookBackDays),
  evaluate(evidence, settings) {
    const { resource, metrics } = evidence;
    if (resource.configuration === null) return unknown('the inventory has not seen it');
    if (resource.state !== 'active' || numberOf(resource, 'desiredTasks') === 0) return NOT_CONCERNED;
    const missing = missingMetrics(metrics, ECS_METRICS, settings.measuredShare, settings.fewestDays);
    const { cpu_utilization: cpu, memory_utilization: memory } = metrics;
    if (missing.length > 0 || cpu === undefined || memory === undefined) return unknown(...missing);
    const measured: Measured[] = [
      { what: 'highest CPU', value: cpu.max, unit: 'percent', limit: settings.peakCpuPercent },
      { what: 'highest memory', value: memory.max, unit: 'percent', limit: settings.peakMemoryPercent },
      { what: 'hours measured', value: cpu.hours, unit: 'hours' },
    ];
    if (cpu.max >= settings.peakCpuPercent) return keep('Its CPU is used.', measured);
    if (memory.max >= settings.peakMemoryPercent) return keep('Its memory is used.', measured);
    const tasks = paidTasks(evidence);
    const isFargate = runsOnFargate(evidence);
    if (isFargate && tasks.length === 0) return unknown(TASKS_WITHOUT_SERVICE);
    return {
      verdict: 'recommend',
      action: { action: 'stop-ecs-service', parameters: { serviceId: resource.resourceId, desiredTasks: 0 } },
      title: 'Run no tasks of the idle service',
      measured,
      rule: `CPU below ${settings.peakCpuPercent} percent and memory below ${settings.peakMemoryPercent} percent at their peaks, over ${settings.lookBackDays} days.`,
      savings: isFargate ? tasks.map(allChargesOf) : [],
      risk: 'medium',
      effort: 'low',
      notes: [
        'The service stays, and runs again when its number of tasks is set back.',
        ...(isFargate ? [] : ['Its tasks run on EC2 instances: nothing is saved until fewer of those run.']),
      ],
    };
  },
});
