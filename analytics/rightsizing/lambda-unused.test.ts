import { expect, test } from 'vitest';
import { evidenceOf, type Given } from './evidence.fixture.ts';
import { lambdaUnused } from './lambda-unused.ts';
import { settingsOf } from './thresholds.ts';

const NOW = new Date('2026-11-24T00:00:00Z');

const CONCURRENCY = [{ usageType: 'Lambda-Provisioned-Concurrency' }];
/** Calls in the window, days measured of 14, and what is on the bill. */
const lambda = (calls: number, days = 14, charges: Given['charges'] = CONCURRENCY): Given => ({
  resource: {
    type: 'lambda:function',
    state: 'active',
    configuration: { memoryMib: 1024, provisionedConcurrency: 40 },
  },
  metrics: { invocations: { sum: calls, days } },
  charges,
});

const verdictOf = (given: Given) => lambdaUnused.evaluate(evidenceOf(given), settingsOf('lambda-unused'), NOW);

test.each<[string, Given, string]>([
  ['no call', lambda(0), 'recommend'],
  ['one call', lambda(1), 'keep'],
  ['measured on seven days', lambda(0, 7), 'recommend'],
  ['made six days ago', lambda(0, 6), 'unknown'],
  ['calls not measured', { ...lambda(0), metrics: {} }, 'unknown'],
  ['not on the bill', lambda(0, 14, []), 'keep'],
  ['on the bill for nothing', lambda(0, 14, [{ usageType: 'Request', effectiveCost: '0.000' }]), 'keep'],
  ['not in the inventory', { ...lambda(0), resource: { configuration: null } }, 'unknown'],
])('%s', (_, given, verdict) => {
  expect(verdictOf(given).verdict).toBe(verdict);
});

test('takes away the concurrency, and the function only where there is none', () => {
  expect(verdictOf(lambda(0))).toMatchObject({ action: { action: 'remove-provisioned-concurrency' }, risk: 'low' });
  const plain = { ...lambda(0), resource: { configuration: { memoryMib: 512, provisionedConcurrency: 0 } } };
  expect(verdictOf(plain)).toMatchObject({ action: { action: 'delete-function' }, savings: [{ savedShare: '1' }] });
});
