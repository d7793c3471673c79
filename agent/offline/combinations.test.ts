import { describe, expect, test } from 'vitest';
import { ESTATE } from './estate.fixture.ts';
import type { CostInput } from './plan.ts';
import { planQuestion } from './planner.ts';

const CONTEXT = { catalog: ESTATE, now: new Date('2026-01-15T10:00:00Z'), resources: [] };

const METRICS: [words: string, input: Partial<CostInput>][] = [
  ['cost', {}],
  ['spend', {}],
  ['amortized cost', {}],
  ['billed cost', { metric: 'billed_cost' }],
  ['list cost', { metric: 'list_cost' }],
  ['cost including credits', { includeCredits: true }],
];

const DIMENSIONS: [words: string, dimension: string][] = [
  ['service', 'service_name'],
  ['account', 'sub_account_id'],
  ['region', 'region_id'],
  ['team', 'tag:team'],
  ['environment', 'tag:environment'],
  ['application', 'tag:application'],
  ['cost center', 'tag:cost_center'],
  ['usage type', 'x_usage_type'],
  ['instance type', 'x_instance_type'],
  ['charge category', 'charge_category'],
  ['pricing model', 'pricing_category'],
  ['availability zone', 'availability_zone'],
];

const PERIODS: [words: string, period: string][] = [
  ['last month', 'last month'],
  ['this month', 'this month'],
  ['in the last 60 days', 'last 60 days'],
  ['in Q3 2025', 'Q3 2025'],
  ['in December', 'December 2025'],
  ['since March', '2025-03-01..2026-01-15'],
  ['yesterday', 'yesterday'],
  ['between October and December', '2025-10-01..2026-01-01'],
];

const FILTERS: [words: string, dimension: string, operator: string, values: string[]][] = [
  ['for S3', 'service_name', 'in', ['Amazon Simple Storage Service']],
  ['for the payments team', 'tag:team', 'in', ['payments']],
  ['in Ireland', 'region_id', 'in', ['eu-west-1']],
  ['in staging', 'tag:environment', 'in', ['staging']],
  ['without tax', 'charge_category', 'not in', ['Tax']],
  ['excluding EC2', 'service_name', 'not in', ['Amazon Elastic Compute Cloud']],
  ['of the sandbox account', 'sub_account_id', 'in', ['410068888889']],
  ['without a team tag', 'tag:team', 'is null', []],
];

function inputOf(question: string): CostInput {
  const plan = planQuestion(question, CONTEXT);
  const [call] = plan.kind === 'call' ? plan.calls : [];
  if (plan.kind !== 'call' || plan.calls.length !== 1 || call?.tool !== 'query_costs') {
    throw new Error(`"${question}" is planned as ${JSON.stringify(plan)}`);
  }
  return call.input;
}

const SHAPES: ((parts: { metric: string; by: string; when: string; only: string }) => string)[] = [
  ({ metric, by, when, only }) => `${metric} by ${by} ${only} ${when}`,
  ({ metric, by, when, only }) => `Show me the ${metric} ${only} per ${by} ${when}, please.`,
  ({ metric, by, when, only }) => `What was our ${metric} ${when} ${only}, grouped by ${by}?`,
  ({ metric, by, when, only }) => `${when}: ${metric} ${only} broken down by ${by}`,
];

describe('the parts of a question can be put together in any way', () => {
  for (const [shape, write] of SHAPES.entries()) {
    test(`in word order ${shape + 1}, each measure, dimension, period and condition is understood beside the others`, () => {
      for (const [index, [when, period]] of PERIODS.entries()) {
        for (const [other, [by, dimension]] of DIMENSIONS.entries()) {
          const [metric, measured] = METRICS[(index + other + shape) % METRICS.length] ?? ['cost', {}];
          const [only, filtered, operator, values] =
            FILTERS[(index * 3 + other + shape) % FILTERS.length] ?? FILTERS[0] ?? [];
          if (!only || filtered === dimension) continue;
          const question = write({ metric, by, when, only });
          expect(inputOf(question), question).toEqual({
            period,
            groupBy: [dimension],
            filters: [{ dimension: filtered, operator, values }],
            ...measured,
          });
        }
      }
    });
  }

  test('two conditions and a count stand beside each other', () => {
    for (const [first, dimension, operator, values] of FILTERS) {
      for (const [second, otherDimension, otherOperator, otherValues] of FILTERS) {
        if (dimension === otherDimension) continue;
        const question = `top 3 services by cost ${first} and ${second} last month`;
        const { filters, limit, period } = inputOf(question);
        expect({ limit, period }, question).toEqual({ limit: 3, period: 'last month' });
        expect(filters, question).toEqual([
          { dimension, operator, values },
          { dimension: otherDimension, operator: otherOperator, values: otherValues },
        ]);
      }
    }
  });

  test('each dimension can be ranked by change, both ways', () => {
    for (const [by, dimension] of DIMENSIONS) {
      for (const [verb, direction] of [
        ['rose', 'rising'],
        ['dropped', 'falling'],
        ['increased', 'rising'],
        ['fell', 'falling'],
      ] as const) {
        const plural = by.endsWith('y') ? `${by.slice(0, -1)}ies` : `${by}s`;
        const question = `which 4 ${plural} ${verb} the most last month`;
        expect(inputOf(question), question).toMatchObject({
          compareTo: 'previous period',
          groupBy: [dimension],
          rankBy: 'change',
          direction,
          limit: 4,
        });
      }
    }
  });

  test('each step in time goes with each dimension', () => {
    for (const [by, dimension] of DIMENSIONS) {
      for (const [words, granularity] of [
        ['daily', 'day'],
        ['weekly', 'week'],
        ['monthly', 'month'],
        ['quarterly', 'quarter'],
      ] as const) {
        const question = `${words} cost by ${by} in 2025`;
        expect(inputOf(question), question).toMatchObject({ period: '2025', groupBy: [dimension], granularity });
      }
    }
  });
});
