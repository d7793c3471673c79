import { expect, test } from 'vitest';
import { ecsOversized } from './ecs-oversized.ts';
import { evidenceOf, type Given } from './evidence.fixture.ts';
import { settingsOf } from './thresholds.ts';

const NOW = new Date('2026-11-24T00:00:00Z');

const FOUR = { launchType: 'FARGATE', desiredTasks: 3, taskVcpus: 4, taskMemoryGib: 16 };
/** CPU and memory in percent, always the same. */
const service = (cpu: number, memory: number, configuration: Record<string, unknown> = FOUR): Given => ({
  resource: { type: 'ecs:service', state: 'active', configuration },
  metrics: { cpu_utilization: cpu, memory_utilization: memory },
  related: {
    tasks: [{ resource: { resourceId: 'task/1' }, charges: [{ usageType: 'USE1-Fargate-vCPU-Hours:perCPU' }] }],
  },
});

const verdictOf = (given: Given) => ecsOversized.evaluate(evidenceOf(given), settingsOf('ecs-oversized'), NOW);

test.each<[string, Given, { vcpus: number; memoryGib: number } | undefined]>([
  ['little of both', service(10, 10), { vcpus: 0.5, memoryGib: 2 }],
  ['CPU of exactly one vCPU with headroom', service(20, 10), { vcpus: 1, memoryGib: 2 }],
  ['a little more CPU', service(20.1, 10), { vcpus: 2, memoryGib: 4 }],
  ['memory that half a vCPU does not go with', service(5, 25), { vcpus: 1, memoryGib: 5 }],
  ['memory that needs more vCPUs than the load does', service(5, 79), { vcpus: 2, memoryGib: 16 }],
  ['too much CPU to halve', service(41, 10), { vcpus: 4, memoryGib: 8 }],
  ['too much of both', service(41, 70), undefined],
  ['a tenth too small to be worth it', service(41, 66), undefined],
  ['a service that scales', service(5, 5, { ...FOUR, autoscaling: true }), undefined],
  ['more memory than there is', service(5, 95), undefined],
  ['the smallest size', service(1, 5, { ...FOUR, taskVcpus: 0.25, taskMemoryGib: 0.5 }), undefined],
  ['a reservation on EC2', service(8, 12, { ...FOUR, launchType: 'EC2' }), { vcpus: 0.5, memoryGib: 2.5 }],
])('%s', (_, given, target) => {
  const verdict = verdictOf(given);
  expect(verdict.verdict).toBe(target === undefined ? 'keep' : 'recommend');
  if (verdict.verdict === 'recommend') expect(verdict.action.parameters).toMatchObject({ to: target });
});

test.each<[string, Given, string]>([
  ['memory not measured', { ...service(5, 5), metrics: { cpu_utilization: 5 } }, 'unknown'],
  ['size not known', service(5, 5, { launchType: 'FARGATE', desiredTasks: 1 }), 'unknown'],
  ['no tasks', service(5, 5, { ...FOUR, desiredTasks: 0 }), 'not concerned'],
])('%s', (_, given, verdict) => {
  expect(verdictOf(given).verdict).toBe(verdict);
});

test('saves vCPUs and memory of its tasks each by itself, and leaves other charges alone', () => {
  const charges = ['USE1-Fargate-vCPU-Hours:perCPU', 'USE1-Fargate-GB-Hours', 'USE1-Fargate-EphemeralStorage-GB-Hours'];
  const task = { resource: { resourceId: 'task/1' }, charges: charges.map((usageType) => ({ usageType })) };
  expect(verdictOf({ ...service(20, 15), related: { tasks: [task] } })).toMatchObject({
    savings: [
      { savedShare: '0.75', charges: [{ usageType: charges[0] }] },
      { savedShare: '0.8125', charges: [{ usageType: charges[1] }] },
    ],
  });
});

test('says what is missing where the bill does not name the service of a task', () => {
  expect(verdictOf({ ...service(20, 15), related: {} })).toMatchObject({
    verdict: 'unknown',
    missing: [expect.stringMatching(/managed tags/)],
  });
});
