import { expect, test } from 'vitest';
import { evidenceOf, flat, type Given } from './evidence.fixture.ts';
import { lambdaErrors } from './lambda-errors.ts';
import { settingsOf } from './thresholds.ts';

const NOW = new Date('2026-11-24T00:00:00Z');

const charges = [{ usageType: 'Lambda-GB-Second' }, { usageType: 'Request' }, { usageType: 'Lambda-Storage' }];
/** Calls and failed calls of each five minutes, and the longest call of a timeout of ten seconds. */
const lambda = (calls: number, failed: number, longest = 1): Given => ({
  resource: { type: 'lambda:function', configuration: { timeoutSeconds: 10 } },
  metrics: { invocations: calls, errors: failed, duration_ms: longest * 1000 },
  charges,
});

const verdictOf = (given: Given) => lambdaErrors.evaluate(evidenceOf(given), settingsOf('lambda-errors'), NOW);

/** Failures on one day of the fourteen only. */
function oneBadDay(): Given {
  const level = flat(0);
  const measured = level.measured.map((hour) =>
    hour.hour.startsWith('2026-11-15') ? { ...hour, avg: 30, max: 30, p95: 30 } : hour,
  );
  const given = lambda(100, 0);
  return { ...given, metrics: { ...given.metrics, errors: { ...level, measured, sum: 24 * 12 * 30 } } };
}

test.each<[string, Given, string]>([
  ['a third of its calls fail', lambda(99, 33), 'recommend'],
  ['a tenth of them', lambda(100, 10), 'keep'],
  ['a little more than a tenth', lambda(100, 10.1), 'recommend'],
  ['many on one day only', oneBadDay(), 'recommend'],
  ['too few calls of a day to say so', lambda(49 / 288, 40 / 288), 'keep'],
  ['never called', lambda(0, 0), 'keep'],
  ['errors not measured', { ...lambda(9, 0), metrics: { invocations: 9 } }, 'unknown'],
])('%s', (_, given, verdict) => {
  expect(verdictOf(given).verdict).toBe(verdict);
});

test('estimates the failed share of calls and their duration, and says when calls time out', () => {
  expect(verdictOf(lambda(100, 25, 10))).toMatchObject({
    title: 'Find out why calls fail and time out',
    savings: [
      { savedShare: '0.25', charges: [{ usageType: 'Lambda-GB-Second' }] },
      { savedShare: '0.25', charges: [{ usageType: 'Request' }] },
    ],
  });
});
