import { expect, test } from 'vitest';
import { ecsIdle } from './ecs-idle.ts';
import { evidenceOf, type Given } from './evidence.fixture.ts';
import { settingsOf } from './thresholds.ts';

const NOW = new Date('2026-11-24T00:00:00Z');

const configuration = { launchType: 'FARGATE', desiredTasks: 2, taskVcpus: 1, taskMemoryGib: 2 };
/** CPU and memory at their peaks, hours measured of 336. */
const service = (cpu: number, memory: number, hours = 336): Given => ({
  resource: { type: 'ecs:service', state: 'active', configuration },
  metrics: { cpu_utilization: { max: cpu, hours }, memory_utilization: { max: memory, hours } },
  related: { tasks: [{ resource: { resourceId: 'task/1' }, charges: [{ usageType: 'USE1-Fargate-GB-Hours' }] }] },
});
const stopped = { type: 'ecs:service', state: 'active', configuration: { ...configuration, desiredTasks: 0 } };

const verdictOf = (given: Given) => ecsIdle.evaluate(evidenceOf(given), settingsOf('ecs-idle'), NOW);

test.each<[string, Given, string]>([
  ['next to no CPU and memory', service(0.4, 0.6), 'recommend'],
  ['just below both limits', service(0.99, 0.99), 'recommend'],
  ['CPU at the limit', service(1, 0.6), 'keep'],
  ['memory at the limit', service(0.4, 1), 'keep'],
  ['less than half of the hours measured', service(0.4, 0.6, 167), 'unknown'],
  ['memory not measured', { ...service(0, 0), metrics: { cpu_utilization: 0.4 } }, 'unknown'],
  ['tasks not known on the bill', { ...service(0.4, 0.6), related: {} }, 'unknown'],
  ['no tasks', { ...service(0, 0), resource: stopped }, 'not concerned'],
])('%s', (_, given, verdict) => {
  expect(verdictOf(given).verdict).toBe(verdict);
});

test('saves what its tasks cost, and nothing where instances are paid for instead', () => {
  const fargate = service(0.4, 0.6);
  expect(verdictOf(fargate)).toMatchObject({ savings: [{ resourceId: 'task/1', savedShare: '1' }] });
  const onEc2 = {
    ...fargate,
    resource: { ...fargate.resource, configuration: { ...configuration, launchType: 'EC2' } },
  };
  expect(verdictOf(onEc2)).toMatchObject({ verdict: 'recommend', savings: [] });
});
