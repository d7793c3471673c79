import { expect, test } from 'vitest';
import { evidenceOf, type Given } from './evidence.fixture.ts';
import { lambdaConcurrency } from './lambda-concurrency.ts';
import { settingsOf } from './thresholds.ts';

const NOW = new Date('2026-11-24T00:00:00Z');

const charges = [{ usageType: 'Lambda-Provisioned-Concurrency' }, { usageType: 'Lambda-Provisioned-GB-Second' }];
/** Calls of each five minutes, how many seconds one lasts, how many at once are provisioned. */
const lambda = (calls: number, seconds: number, provisionedConcurrency: number): Given => ({
  resource: { type: 'lambda:function', state: 'active', configuration: { provisionedConcurrency } },
  metrics: { invocations: calls, duration_ms: seconds * 1000 },
  charges,
});

const verdictOf = (given: Given) =>
  lambdaConcurrency.evaluate(evidenceOf(given), settingsOf('lambda-concurrency'), NOW);

test.each<[string, Given, number | undefined]>([
  // 600 calls in 300 seconds of 3.5 seconds each are 7 at once; 10 with headroom.
  ['far more than needed', lambda(600, 3.5, 40), 10],
  ['a fifth more than needed', lambda(600, 3.499, 13), 10],
  ['about what is needed', lambda(600, 3.499, 12), undefined],
  ['less than needed', lambda(600, 3.5, 5), undefined],
  ['hardly called', lambda(2, 0.1, 5), 1],
])('%s', (_, given, target) => {
  const verdict = verdictOf(given);
  expect(verdict.verdict).toBe(target === undefined ? 'keep' : 'recommend');
  if (verdict.verdict === 'recommend') expect(verdict.action.parameters).toMatchObject({ to: target });
});

/** As CloudWatch has it: each call a sample of one, and how many ran at once beside it. */
const measured = (atOnce: number | { max: number; days: number }, provisioned: number): Given => {
  const given = lambda(1, 3, provisioned);
  return { ...given, metrics: { ...given.metrics, concurrent_executions: atOnce } };
};

test.each<[string, Given, number]>([
  ['seven at once were measured', measured(7, 40), 10],
  ['measured counts and not what calls and duration say', measured(14, 40), 20],
])('%s', (_, given, target) => {
  expect(verdictOf(given)).toMatchObject({ verdict: 'recommend', action: { parameters: { to: target } } });
});

test.each<[string, Given, string]>([
  ['as many at once as provisioned', measured(40, 40), 'keep'],
  ['measured on too few days', measured({ max: 7, days: 6 }, 40), 'unknown'],
  ['never called', lambda(0, 1, 5), 'keep'],
  ['calls counted one by one', lambda(1, 3, 40), 'unknown'],
  ['duration not measured', { ...lambda(600, 1, 40), metrics: { invocations: 600 } }, 'unknown'],
  ['nothing provisioned is paid for', { ...lambda(600, 1, 40), charges: [] }, 'not concerned'],
])('%s', (_, given, verdict) => {
  expect(verdictOf(given).verdict).toBe(verdict);
});

test('saves on what is provisioned, not on the calls', () => {
  expect(verdictOf(lambda(600, 3.5, 40))).toMatchObject({
    savings: [{ savedShare: '0.75', charges: [{ usageType: 'Lambda-Provisioned-Concurrency' }] }],
  });
});
