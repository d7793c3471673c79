import { expect, test } from 'vitest';
import type { Truth } from '../clouds/demo/truth-shape.ts';
import type { Recommendation } from '../db/queries/recommendations.ts';
import { scoreWaste } from './waste-score.ts';

const waste = (check: string, resourceId: string, expectedSaving: string) => ({ check, resourceId, expectedSaving });
// April has 720 hours, so that 720 there are 730 in the month that estimates are for.
const truth = {
  wasteMonth: '2026-04',
  totals: [{ month: '2026-04', amortized: '7200' }],
  waste: [waste('ec2-idle', 'i-1', '720'), waste('ebs-gp2', 'vol-1', '72'), waste('rds-idle', 'db-1', '72')],
  decoys: [{ check: 'ec2-idle', resourceId: 'i-quiet', reason: '' }],
} as unknown as Truth;

const advice = (checkId: string, subject: string, estimatedMonthlySavings: string, rest: object = {}) =>
  ({ kind: 'usage', checkId, subject, estimatedMonthlySavings, alternativeTo: null, ...rest }) as Recommendation;

test('counts what is found, what is wrong, what goes beyond the plan, and each dollar once', () => {
  const score = scoreWaste(truth, [
    advice('ec2-idle', 'i-1', '800'),
    advice('ebs-gp2', 'vol-1', '73', { alternativeTo: 1 }),
    advice('ec2-idle', 'i-quiet', '50'),
    advice('commitment-coverage', 'all', '900', { kind: 'rate' }),
  ]);
  expect(score).toMatchObject({ recommended: 850, wrong: 50, beyond: 70, decoys: ['ec2-idle i-quiet'] });
  expect(score.planted).toBeCloseTo(876);
  expect(score.found).toBeCloseTo(803);
  expect(score.spend).toBeCloseTo(7300);
});
