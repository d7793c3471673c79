import { expect, test } from 'vitest';
import { eksNodegroupUnderused } from './eks-nodegroup-underused.ts';
import { evidenceOf, type Given } from './evidence.fixture.ts';
import { settingsOf } from './thresholds.ts';

const NOW = new Date('2026-11-24T00:00:00Z');

const node = (metrics: Given['metrics'] = {}) => ({
  resource: { resourceId: 'i-1', state: 'running' },
  metrics,
  charges: [{ usageType: 'BoxUsage:r6i.4xlarge' }, { usageType: 'DataTransfer-Regional-Bytes' }],
});

/** Number of nodes, CPU and memory of the group in percent, always the same. */
const group = (
  desiredNodes: number,
  cpu: number,
  memory: number,
  nodes: Given['related'] = { nodes: [node()] },
): Given => ({
  resource: { type: 'eks:nodegroup', state: 'active', configuration: { desiredNodes, instanceType: 'r6i.4xlarge' } },
  metrics: { cpu_utilization: cpu, memory_utilization: memory },
  related: nodes,
});

const verdictOf = (given: Given) =>
  eksNodegroupUnderused.evaluate(evidenceOf(given), settingsOf('eks-nodegroup-underused'), NOW);

const requesting = (percent: number) => ({
  nodes: [node({ cpu_requested_percent: percent, memory_requested_percent: 10 })],
});

test.each<[string, Given, number | undefined]>([
  // 16 percent and a fifth of headroom are 20 percent of ten nodes: two, and one to spare.
  ['a fifth is needed', group(10, 8, 16), 3],
  ['a little more than a fifth', group(10, 8, 16.1), 4],
  ['a fifth fewer nodes', group(10, 56, 10), 8],
  ['less than a fifth fewer', group(10, 56.1, 10), undefined],
  ['two nodes', group(2, 1, 1), undefined],
  ['three nodes that do nothing', group(3, 1, 1), 2],
  ['more requested than used', group(10, 8, 16, requesting(60)), 7],
  ['nearly all requested', group(10, 8, 16, requesting(75)), undefined],
])('%s', (_, given, target) => {
  const verdict = verdictOf(given);
  expect(verdict.verdict).toBe(target === undefined ? 'keep' : 'recommend');
  if (verdict.verdict === 'recommend') expect(verdict.action.parameters).toMatchObject({ toNodes: target });
});

test('leaves a group alone whose number of nodes something changes again and again', () => {
  const change = (from: number, to: number) => ({
    ...{ observedAt: '2026-09-01T00:00:00Z', kind: 'changed' as const },
    ...{ before: { configuration: { desiredNodes: from } }, after: { configuration: { desiredNodes: to } } },
  });
  const changed = (changes: ReturnType<typeof change>[]) => verdictOf({ ...group(10, 8, 16), history: { changes } });
  expect(changed([change(8, 12), change(12, 10)]).verdict).toBe('recommend');
  expect(changed([change(8, 12), change(12, 8), change(8, 10)]).verdict).toBe('keep');
});

test('takes memory from its nodes where the group has none, and knows nothing where one of them has none', () => {
  const given = group(10, 8, 16);
  const metrics = { cpu_utilization: 8 };
  const measured = node({ memory_utilization: 16 });
  expect(verdictOf({ ...given, metrics, related: { nodes: [measured, measured] } })).toMatchObject({
    action: { parameters: { toNodes: 3 } },
  });
  expect(verdictOf({ ...given, metrics, related: { nodes: [measured, node()] } }).verdict).toBe('unknown');
  expect(verdictOf({ ...given, metrics, related: {} }).verdict).toBe('unknown');
});

test('saves the hours of its nodes, and says when what pods request is not known', () => {
  expect(verdictOf(group(10, 8, 16))).toMatchObject({
    savings: [{ resourceId: 'i-1', savedShare: '0.7', charges: [{ usageType: 'BoxUsage:r6i.4xlarge' }] }],
    notes: expect.arrayContaining([expect.stringMatching(/request was not measured/)]),
  });
});
