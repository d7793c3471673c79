import { describe, expect, test } from 'vitest';
import { ESTATE } from './estate.fixture.ts';
import type { Turn } from './history.ts';
import type { Plan } from './plan.ts';
import { planText } from './plan-text.fixture.ts';
import { planTurn } from './talk.ts';

const CONTEXT = { catalog: ESTATE, now: new Date('2026-01-15T10:00:00Z'), resources: [] };

/** What every call of these talks gave back, as far as a follow-up looks at it: three rows, EC2, S3 and Lambda. */
const ROWS = ['Amazon Elastic Compute Cloud', 'Amazon Simple Storage Service', 'AWS Lambda'].map((name) => ({
  service_name: name,
}));

function answered(question: string, plan: Plan): Turn {
  const calls = plan.kind === 'call' ? plan.calls : [];
  return {
    question,
    text: 'answered',
    calls: calls.map((call, index) => ({
      id: String(index),
      tool: call.tool,
      input: call.input as Record<string, unknown>,
      result: { ref: 'r1', status: 'ok', facts: {}, notes: [], tables: [{ name: 'costs', columns: [], rows: ROWS }] },
    })),
  };
}

/** Each talk is a block; each line what is said and how it is planned. */
const TALKS = `
What did we spend last month? => costs [last month]
  and this month? => costs [this month]
  by account => costs [this month] by sub_account_id
  only prod => costs [this month] by sub_account_id where tag:environment = production|prod
  exclude tax => costs [this month] by sub_account_id where tag:environment = production|prod & charge_category != Tax
  why? => why [this month] by sub_account_id where tag:environment = production|prod & charge_category != Tax
  show it monthly => costs [this month] where tag:environment = production|prod & charge_category != Tax per month

top 5 services last 60 days => costs [last 60 days] by service_name top 5
  what about RDS => costs [last 60 days] where service_name = Amazon Relational Database Service
  by usage type => costs [last 60 days] by x_usage_type where service_name = Amazon Relational Database Service
  in eu-west-1 => costs [last 60 days] by x_usage_type where service_name = Amazon Relational Database Service & region_id = eu-west-1
  same for staging => costs [last 60 days] by x_usage_type where service_name = Amazon Relational Database Service & region_id = eu-west-1 & tag:environment = staging
  and for everything? => costs [last 60 days] by x_usage_type

Top 5 services this month => costs [this month] by service_name top 5
  the second one => costs [this month] by x_usage_type where service_name = Amazon Simple Storage Service
  tell me more about the first one => costs [this month] by x_usage_type where service_name = Amazon Elastic Compute Cloud
  why did it go up? => why [this month] vs [previous period] by x_usage_type where service_name = Amazon Elastic Compute Cloud

How much did EC2 cost in December? => costs [December 2025] where service_name = Amazon Elastic Compute Cloud
  what about RDS? => costs [December 2025] where service_name = Amazon Relational Database Service
  break that down by team => costs [December 2025] by tag:team where service_name = Amazon Relational Database Service
  compare with November => costs [December 2025] vs [November 2025] by tag:team where service_name = Amazon Relational Database Service
  and the month before? => costs [2025-11-01..2025-12-01] by tag:team where service_name = Amazon Relational Database Service

What did EC2 cost last month? => costs [last month] where service_name = Amazon Elastic Compute Cloud
  and by account? => costs [last month] by sub_account_id where service_name = Amazon Elastic Compute Cloud
  only the top 3 => costs [last month] by sub_account_id where service_name = Amazon Elastic Compute Cloud top 3
  which one grew the most? => costs [last month] vs [previous period] by sub_account_id where service_name = Amazon Elastic Compute Cloud ranked by change rising top 3

Lambda cost in the last 7 days => costs [last 7 days] where service_name = AWS Lambda
  show it per day => costs [last 7 days] where service_name = AWS Lambda per day
  which day was the highest? => costs [last 7 days] where service_name = AWS Lambda per day top 5
  and the lowest? => costs [last 7 days] where service_name = AWS Lambda per day ascending top 5

Total spend last month => costs [last month]
  now without tax => costs [last month] where charge_category != Tax
  and without support => costs [last month] where charge_category != Tax & service_name != AWS Support (Enterprise)
  include tax again => costs [last month] where service_name != AWS Support (Enterprise)
  with credits => costs [last month] where service_name != AWS Support (Enterprise) with credits
  as billed cost => costs billed_cost [last month] where service_name != AWS Support (Enterprise) with credits

Cost by service last month => costs [last month] by service_name
  drill into the second one => costs [last month] by x_usage_type where service_name = Amazon Simple Storage Service
  by region => costs [last month] by region_id where service_name = Amazon Simple Storage Service
  go back to all services => costs [last month] by service_name

What did the search team spend last month? => costs [last month] where tag:team = search
  and the payments team? => costs [last month] where tag:team = payments
  what about all teams? => costs [last month] by tag:team

How much did we spend in December? => costs [December 2025]
  how does that compare to November? => costs [December 2025] vs [November 2025]
  what changed? => why [December 2025]
  which account is behind that? => why [December 2025] by sub_account_id
  show me the daily trend => costs [December 2025] per day

spend by region last quarter => costs [last quarter] by region_id
  exclude us-east-1 => costs [last quarter] by region_id where region_id != us-east-1
  in percent => costs [last quarter] by region_id where region_id != us-east-1
  chart it => costs [last quarter] by region_id where region_id != us-east-1

cost of S3 => costs [last 30 days] where service_name = Amazon Simple Storage Service
  for the data account => costs [last 30 days] where service_name = Amazon Simple Storage Service & sub_account_id = 410038271605
  per bucket => costs [last 30 days] by resource_id where service_name = Amazon Simple Storage Service & sub_account_id = 410038271605
  more than $100 => costs [last 30 days] by resource_id where service_name = Amazon Simple Storage Service & sub_account_id = 410038271605 from 100

Show untagged resources => resources untagged=team orderBy=cost
  in eu-west-1 => resources untagged=team orderBy=cost region=eu-west-1
  only EC2 => resources untagged=team orderBy=cost region=eu-west-1 service=Amazon Elastic Compute Cloud

top 5 services with rising cost last 60 days => costs [last 60 days] vs [previous period] by service_name ranked by change rising top 5
  why did the first one rise? => why [last 60 days] vs [previous period] by x_usage_type where service_name = Amazon Elastic Compute Cloud
  and the second? => why [last 60 days] vs [previous period] by x_usage_type where service_name = Amazon Simple Storage Service
  what about falling ones? => costs [last 60 days] vs [previous period] by service_name ranked by change falling top 5

what did we spend this month => costs [this month]
  vs last month => costs [this month] vs [previous period]
  year over year => costs [this month] vs [same period last year]

Why did S3 go up last month? => why [last month] by x_usage_type where service_name = Amazon Simple Storage Service
  by account => why [last month] by sub_account_id where service_name = Amazon Simple Storage Service
  how much was it in total? => costs [last month] where service_name = Amazon Simple Storage Service

production cost last month => costs [last month] where tag:environment = production|prod
  same for staging => costs [last month] where tag:environment = staging
  all environments => costs [last month] by tag:environment

Which services rose most last month? => costs [last month] vs [previous period] by service_name ranked by change rising top 10
  only in the production account => costs [last month] vs [previous period] by service_name where sub_account_id = 410007654321 ranked by change rising top 10
  top 3 => costs [last month] vs [previous period] by service_name where sub_account_id = 410007654321 ranked by change rising top 3
  weekly => costs [last month] vs [previous period] by service_name where sub_account_id = 410007654321 per week ranked by change rising top 3

What did we spend last month? => costs [last month]
  Which services cost the most? => costs [last month] by service_name top 10
  remove tax => costs [last month] by service_name where charge_category != Tax top 10
  switch to weekly => costs [last month] by service_name where charge_category != Tax per week top 10

What did we spend last month? => costs [last month]
  What did we spend on Snowflake? => decline: not in the data
  and S3? => costs [last month] where service_name = Amazon Simple Storage Service

EC2 cost last month => costs [last month] where service_name = Amazon Elastic Compute Cloud
  what's the weather => decline: small talk
  by region => costs [last month] by region_id where service_name = Amazon Elastic Compute Cloud

spend last month => costs [last month]
  in 2019? => costs [2019]
  last week => costs [last week]

How much does search cost? => clarify
  team => costs [last 30 days] where tag:team = search

Show costs by tag => clarify
  environment => costs [last 30 days] by tag:environment

cost by customer => clarify
  team => costs [last 30 days] by tag:team

costs for [service] last month => clarify
  EC2 => costs [last month] where service_name = Amazon Elastic Compute Cloud

Monthly spend for the last 6 months => costs [last 6 full months] per month
  just EC2 => costs [last 6 full months] where service_name = Amazon Elastic Compute Cloud per month
  remove the monthly split => costs [last 6 full months] where service_name = Amazon Elastic Compute Cloud
`;

const talks = TALKS.trim()
  .split('\n\n')
  .map((block) => block.split('\n').map((line) => line.trim().split(' => ') as [string, string]));

describe('what a short question changes in the answer before it', () => {
  test.each(talks.map((talk) => [talk.map(([said]) => said).join(' / '), talk] as const))('%s', (_, talk) => {
    const history: Turn[] = [];
    for (const [said, expected] of talk) {
      const plan = planTurn(said, history, CONTEXT);
      expect(planText(plan), said).toBe(expected);
      history.push(answered(said, plan));
    }
  });

  test('a new question in a talk keeps the period, and nothing else', () => {
    const first = answered('EC2 cost in December', planTurn('EC2 cost in December', [], CONTEXT));
    expect(planText(planTurn('Which accounts cost the most?', [first], CONTEXT))).toBe(
      'costs [December 2025] by sub_account_id top 10',
    );
  });

  test('a follow-up with a word nobody knows is not answered without it', () => {
    const first = answered('EC2 cost in December', planTurn('EC2 cost in December', [], CONTEXT));
    expect(planTurn('and for zorblax?', [first], CONTEXT)).toMatchObject({ kind: 'decline' });
  });

  test('defaults that a tool wrote into its receipt do not count as said', () => {
    const plan = planTurn('EC2 cost in December', [], CONTEXT);
    const first = answered('EC2 cost in December', plan);
    const [call] = first.calls;
    if (call)
      call.input = {
        metric: 'effective_cost',
        granularity: 'none',
        order: 'descending',
        direction: 'any',
        includeCredits: false,
        groupBy: [],
        ...call.input,
      };
    expect(planText(planTurn('by region', [first], CONTEXT))).toBe(
      'costs [December 2025] by region_id where service_name = Amazon Elastic Compute Cloud',
    );
  });

  test('a reply that is a question of its own is not taken for an answer to what was asked back', () => {
    const asked: Turn = { question: 'How much does search cost?', calls: [], text: 'Which one do you mean?' };
    expect(planText(planTurn('What did we spend last month?', [asked], CONTEXT))).toBe('costs [last month]');
  });
});
