import { expect, test } from 'vitest';
import { evidenceOf, type Given } from './evidence.fixture.ts';
import { lambdaMemory } from './lambda-memory.ts';
import { settingsOf } from './thresholds.ts';

const NOW = new Date('2026-11-24T00:00:00Z');

/** Memory and the most used of it in MB; the longest calls and the timeout in seconds. */
const lambda = (memoryMib: number, used: number, longest = 1, timeoutSeconds = 60): Given => ({
  resource: { type: 'lambda:function', state: 'active', configuration: { memoryMib, timeoutSeconds } },
  metrics: { invocations: 100, duration_ms: longest * 1000, max_memory_used_mb: used },
  charges: [{ usageType: 'Lambda-GB-Second' }],
});

const verdictOf = (given: Given) => lambdaMemory.evaluate(evidenceOf(given), settingsOf('lambda-memory'), NOW);

test.each<[string, Given, number | undefined]>([
  ['one and a half times the most used', lambda(3008, 512), 768],
  ['in steps of 64 MB', lambda(3008, 513), 832],
  ['never below the smallest there is', lambda(512, 20), 128],
  ['a fifth less', lambda(1280, 682), 1024],
  ['less than a fifth less', lambda(1280, 683), undefined],
  // 20 seconds at one vCPU of 1769 MB; below it 30 seconds are reached at 1179 MB.
  ['as much CPU as the timeout asks for', lambda(3008, 300, 20, 30), 1216],
  ['no CPU to spare', lambda(1769, 300, 29, 30), undefined],
  ['nearly full', lambda(512, 487), 768],
  ['full to 95 percent', lambda(1000, 950), 1472],
  ['full to less than 95 percent', lambda(1000, 949), undefined],
])('%s', (_, given, memory) => {
  const verdict = verdictOf(given);
  expect(verdict.verdict).toBe(memory === undefined ? 'keep' : 'recommend');
  if (verdict.verdict === 'recommend') expect(verdict.action.parameters).toMatchObject({ toMemoryMib: memory });
});

const quiet = lambda(3008, 300);
test.each<[string, Given, string]>([
  ['no Lambda Insights', { ...quiet, metrics: { invocations: 100, duration_ms: 1000 } }, 'unknown'],
  ['49 calls', { ...quiet, metrics: { ...quiet.metrics, invocations: { sum: 49 } } }, 'keep'],
  ['50 calls', { ...quiet, metrics: { ...quiet.metrics, invocations: { sum: 50 } } }, 'recommend'],
  ['duration that costs nothing', { ...quiet, charges: [] }, 'keep'],
  ['timeout not known', { ...quiet, resource: { configuration: { memoryMib: 3008 } } }, 'unknown'],
])('%s', (_, given, verdict) => {
  expect(verdictOf(given).verdict).toBe(verdict);
});

test('saves on duration, leaves requests alone, and says what is saved if calls get slower', () => {
  const charges = [{ usageType: 'EU-Lambda-GB-Second' }, { usageType: 'EU-Request' }];
  expect(verdictOf({ ...lambda(3008, 501), charges })).toMatchObject({
    savings: [{ savedShare: '0.7446808511', charges: [{ usageType: 'EU-Lambda-GB-Second' }] }],
    notes: [expect.stringMatching(/2\.3 times as long, and 41 percent would be saved/), expect.any(String)],
  });
});
