import { expect, test } from 'vitest';
import { eksRequests } from './eks-requests.ts';
import { evidenceOf, flat, type Given } from './evidence.fixture.ts';
import { settingsOf } from './thresholds.ts';

const NOW = new Date('2026-11-24T00:00:00Z');
const GIB = 2 ** 30;

const CONFIGURATION = { replicas: 4, requestedVcpus: 2, requestedMemoryGib: 4, limitMemoryGib: 4 };
/** Cores and GiB a container uses, always the same; what is configured besides. */
const workload = (cores: number, gib: number, more: Record<string, unknown> = {}): Given => ({
  resource: { type: 'eks:workload', state: 'active', configuration: { ...CONFIGURATION, ...more } },
  metrics: { cpu_cores: cores, memory_bytes: gib * GIB },
});
const without = (given: Given, metrics: Given['metrics'] = {}): Given => ({ ...given, metrics });

const verdictOf = (given: Given) => eksRequests.evaluate(evidenceOf(given), settingsOf('eks-requests'), NOW);

type Requests = { requestedVcpus?: number; requestedMemoryGib?: number };
test.each<[string, Given, Requests | undefined]>([
  ['far too much of both', workload(0.5, 1), { requestedVcpus: 0.5, requestedMemoryGib: 1.15625 }],
  ['too much CPU', workload(0.5, 3.5), { requestedVcpus: 0.5 }],
  ['a fifth too much CPU', workload(1.6, 3.5), { requestedVcpus: 1.6 }],
  ['less than a fifth', workload(1.601, 3.5), undefined],
  ['next to nothing used', workload(0.0001, 0.001), { requestedVcpus: 0.01, requestedMemoryGib: 100 / 1024 }],
  ['more used than requested', workload(2.5, 4.5), undefined],
  ['little in all', workload(0.001, 3.5, { replicas: 1, requestedVcpus: 0.1 }), undefined],
  ['the memory of a JVM', workload(1.9, 1, { runtime: 'jvm' }), undefined],
  ['the CPU of a JVM', workload(0.5, 1, { runtime: 'jvm' }), { requestedVcpus: 0.5 }],
  ['scaled by CPU', workload(0.5, 1, { autoscaler: { metrics: ['cpu'] } }), { requestedMemoryGib: 1.15625 }],
  ['scaled by both', workload(0.5, 1, { autoscaler: { metrics: ['cpu', 'memory'] } }), undefined],
  ['scaled by nobody knows what', workload(0.5, 1, { autoscaler: {} }), undefined],
  ['scaled by a queue', workload(0.5, 3.9, { autoscaler: { metrics: ['queue_length'] } }), { requestedVcpus: 0.5 }],
  [
    'only shares of the request measured',
    without(workload(0, 0), { cpu_utilization_of_request: 25, memory_utilization_of_request: 90 }),
    { requestedVcpus: 0.5 },
  ],
  ['only memory measured', without(workload(0, 0), { memory_bytes: GIB }), { requestedMemoryGib: 1.15625 }],
])('%s', (_, given, requests) => {
  const verdict = verdictOf(given);
  expect(verdict.verdict).toBe(requests === undefined ? 'keep' : 'recommend');
  if (verdict.verdict !== 'recommend') return;
  expect(verdict.action.parameters).toEqual({ workloadId: 'r-1', ...requests });
  expect(verdict.savings).toEqual([]);
  expect(verdict.notes).toContainEqual(expect.stringMatching(/saved when nodes go/));
});

test.each<[string, Given, string]>([
  ['nothing measured', without(workload(0, 0)), 'unknown'],
  ['measured on six days', without(workload(0, 0), { cpu_cores: { ...flat(0.1), days: 6 } }), 'unknown'],
  ['no requests', workload(0.1, 1, { requestedVcpus: null, requestedMemoryGib: null }), 'unknown'],
  ['no pods', workload(0.1, 1, { replicas: 0 }), 'not concerned'],
])('%s', (_, given, verdict) => {
  expect(verdictOf(given).verdict).toBe(verdict);
});

test('gives more memory to what was killed for want of it, however little it uses now', () => {
  const given = workload(0.1, 0.5);
  expect(verdictOf({ ...given, metrics: { ...given.metrics, oom_kills: { sum: 1 } } })).toMatchObject({
    action: { parameters: { requestedMemoryGib: 5, limitMemoryGib: 5 } },
    savings: [],
  });
});

test('counts the busy hours of a single day', () => {
  const level = flat(0.2);
  const measured = level.measured.map((hour) =>
    /2026-11-15T0[0-5]/.test(hour.hour) ? { ...hour, avg: 1.8, max: 1.8, p95: 1.8 } : hour,
  );
  const given = workload(0.2, 3.5);
  expect(verdictOf({ ...given, metrics: { ...given.metrics, cpu_cores: { ...level, measured } } }).verdict).toBe(
    'keep',
  );
});
