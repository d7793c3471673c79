import type { EvalCase, Suite } from '../case.ts';
import { compared, grouped, lines, month, thisMonth, today, total } from './sql.ts';

const last = (days: number) => ({ from: `${today} - ${days}`, to: today });
const before = (days: number) => ({ from: `${today} - ${2 * days}`, to: `${today} - ${days}` });
const lastMonth = { from: month(1), to: thisMonth };
const monthBefore = { from: month(2), to: month(1) };
const monthToDate = { from: thisMonth, to: today };

const EC2 = "service_name = 'Amazon Elastic Compute Cloud'";
const S3 = "service_name = 'Amazon Simple Storage Service'";
const RDS = "service_name = 'Amazon Relational Database Service'";
const LAMBDA = "service_name = 'AWS Lambda'";
const team = (name: string) => `tagged.tags->>'team' = '${name}'`;
const account = (name: string) => `sub_account_name = '${name}'`;

type Expectation = EvalCase['expect'];
const one = (id: string, question: string, expect: Expectation): EvalCase => ({ id, turns: [question], expect });
const value = (id: string, question: string, sql: string, basis?: string | null) =>
  one(id, question, { sql, compare: 'total', ...(basis === undefined ? {} : { basis }) });
const rows = (id: string, question: string, sql: string, basis?: string | null) =>
  one(id, question, { sql, compare: 'rows', ...(basis === undefined ? {} : { basis }) });
const set = (id: string, question: string, sql: string) => one(id, question, { sql, compare: 'set' });

const totals: EvalCase[] = [
  value('total-last-month', 'How much did we spend last month?', total(lastMonth)),
  value('total-7-days', 'what was our total cloud cost over the last 7 days', total(last(7))),
  value('total-yesterday', 'What did yesterday cost us?', total(last(1))),
  value('total-mtd', 'Month to date spend, please', total(monthToDate)),
  value('total-two-weeks', 'Spend in the past two weeks?', total(last(14))),
  value('total-three-months', 'total costs of the previous 3 months', total({ from: month(3), to: thisMonth })),
  value('ec2-mtd', 'How much has EC2 cost us this month so far?', total({ ...monthToDate, where: [EC2] })),
  value('s3-30-days', 'S3 spend over the past 30 days', total({ ...last(30), where: [S3] })),
  value('lambda-last-month', 'what did lambda cost last month', total({ ...lastMonth, where: [LAMBDA] })),
  value('rds-90-days', 'Tell me the RDS bill for the last 90 days', total({ ...last(90), where: [RDS] })),
  value(
    'team-last-month',
    "What's the payments team's spend last month?",
    total({ ...lastMonth, where: [team('payments')] }),
  ),
  value(
    'team-service',
    'How much did the search team spend on EC2 last month?',
    total({ ...lastMonth, where: [team('search'), EC2] }),
  ),
  value(
    'account-90-days',
    'Cost of the fernhill-staging account in the last 90 days',
    total({ ...last(90), where: [account('fernhill-staging')] }),
  ),
  value(
    'region-code',
    'What do we pay in eu-west-1 per the last 30 days?',
    total({ ...last(30), where: ["region_id = 'eu-west-1'"] }),
  ),
  value(
    'region-name',
    'How much did we spend in Sydney last month?',
    total({ ...lastMonth, where: ["region_id = 'ap-southeast-2'"] }),
  ),
  value(
    'service-in-region',
    'EC2 cost in Oregon last month',
    total({ ...lastMonth, where: [EC2, "region_id = 'us-west-2'"] }),
  ),
  value(
    'two-services',
    'What did S3 and Lambda cost together last month?',
    total({ ...lastMonth, where: [`(${S3} OR ${LAMBDA})`] }),
  ),
  value(
    'category-databases',
    'How much went to databases last month?',
    total({ ...lastMonth, where: ["service_category = 'Databases'"] }),
  ),
  value(
    'exclude-tax',
    'Total spend last month excluding tax',
    total({ ...lastMonth, where: ["charge_category <> 'Tax'"] }),
  ),
  value('exclude-service', 'What did we spend last month without EC2?', total({ ...lastMonth, where: [`NOT ${EC2}`] })),
  value('tax', 'How much tax did we pay last month?', total({ ...lastMonth, where: ["charge_category = 'Tax'"] })),
  value('billed', 'What is the billed cost of last month?', total(lastMonth, 'sum(billed_cost)'), 'billed_cost'),
  value(
    'invoiced',
    'How much were we invoiced for in the last 30 days?',
    total(last(30), 'sum(billed_cost)'),
    'billed_cost',
  ),
  value('list', 'What would last month have cost at list price?', total(lastMonth, 'sum(list_cost)'), 'list_cost'),
  value('amortized', 'Amortized cost last month', total(lastMonth)),
  value('net', 'Net cost after credits last month?', total({ ...lastMonth, credits: true })),
  value(
    'credits',
    'How much did we get in credits in the last 12 months?',
    total({ from: `${today} - interval '12 months'`, to: today, credits: true, where: ["charge_category = 'Credit'"] }),
  ),
  value(
    'average-day',
    'What is our average daily spend over the last 30 days?',
    total(last(30), 'sum(effective_cost) / 30'),
  ),
  value(
    'application',
    'What did the checkout application cost last month?',
    total({ ...lastMonth, where: ["tagged.tags->>'application' = 'checkout'"] }),
  ),
  value('year-month', 'How much did we spend two months ago?', total(monthBefore)),
  value(
    'typo',
    'how mcuh did we spned on amazon cloudfrnt last month',
    total({ ...lastMonth, where: ["service_name = 'Amazon CloudFront'"] }),
  ),
];

const breakdowns: EvalCase[] = [
  set('by-service', 'Show me last month by service', grouped(lastMonth, 'service_name')),
  set('by-account', 'Cost by account for last month', grouped(lastMonth, 'sub_account_id')),
  set('by-region', 'Break down the last 30 days by region', grouped(last(30), 'region_id')),
  set('by-category', 'spend per service category last month', grouped(lastMonth, 'service_category')),
  set(
    'by-pricing',
    'On-demand versus committed spend last month',
    grouped({ ...lastMonth, where: ["charge_category = 'Usage'"] }, 'pricing_category'),
  ),
  set('by-charge', 'Last month split by charge category', grouped(lastMonth, 'charge_category')),
  set(
    'by-instance-type',
    'EC2 cost by instance type last month',
    grouped({ ...lastMonth, where: [EC2] }, 'x_instance_type'),
  ),
  set(
    'by-usage-type',
    'Show S3 costs by usage type over the last 30 days',
    grouped({ ...last(30), where: [S3] }, 'x_usage_type'),
  ),
  set(
    'ec2-by-region',
    'How does EC2 spend split across regions this month?',
    grouped({ ...monthToDate, where: [EC2] }, 'region_id'),
  ),
  set(
    'account-by-service',
    'What services does fernhill-data pay for last month?',
    grouped({ ...lastMonth, where: [account('fernhill-data')] }, 'service_name'),
  ),
  rows(
    'daily',
    'Daily costs for the past 2 weeks',
    grouped(last(14), "to_char(charge_period_start, 'YYYY-MM-DD')", { order: '1' }),
  ),
  rows(
    'monthly',
    'Monthly spend for the last 6 months',
    grouped({ from: month(6), to: thisMonth }, "to_char(date_trunc('month', charge_period_start), 'YYYY-MM-DD')", {
      order: '1',
    }),
  ),
  rows(
    'rds-monthly',
    'RDS by month, last 3 months',
    grouped(
      { from: month(3), to: thisMonth, where: [RDS] },
      "to_char(date_trunc('month', charge_period_start), 'YYYY-MM-DD')",
      { order: '1' },
    ),
  ),
  rows(
    'lambda-daily',
    'show lambda per day for the last 10 days',
    grouped({ ...last(10), where: [LAMBDA] }, "to_char(charge_period_start, 'YYYY-MM-DD')", { order: '1' }),
  ),
];

const rankings: EvalCase[] = [
  rows('top-5-services', 'Top 5 services last month', grouped(lastMonth, 'service_name', { limit: 5 })),
  rows(
    'top-3-accounts',
    'What are our three most expensive accounts in the last 30 days?',
    grouped(last(30), 'sub_account_id', { limit: 3 }),
  ),
  rows(
    'top-10-resources',
    'top 10 resources by cost over the last 30 days',
    grouped({ ...last(30), where: ['resource_id IS NOT NULL'] }, 'resource_id', { limit: 10 }),
  ),
  rows(
    'cheapest-regions',
    'Which 2 regions cost the least last month?',
    grouped({ ...lastMonth, where: ['region_id IS NOT NULL'] }, 'region_id', { limit: 2, order: '2' }),
  ),
  rows(
    'top-types',
    'five most expensive instance types last month',
    grouped({ ...lastMonth, where: ['x_instance_type IS NOT NULL'] }, 'x_instance_type', { limit: 5 }),
  ),
  value(
    'top-service-name',
    'Which service costs the most this month?',
    `SELECT label FROM (${grouped(monthToDate, 'service_name', { limit: 1 })}) top`,
  ),
  value(
    'top-account-value',
    'Which account spent the most last month, and how much?',
    `SELECT cost FROM (${grouped(lastMonth, 'sub_account_id', { limit: 1 })}) top`,
  ),
  value(
    'top-day',
    'Which day was the most expensive in the last 30 days?',
    `SELECT label FROM (${grouped(last(30), "to_char(charge_period_start, 'YYYY-MM-DD')", { limit: 1 })}) top`,
  ),
  rows(
    'over-threshold',
    'Which services cost more than $10,000 last month?',
    `SELECT * FROM (${grouped(lastMonth, 'service_name')}) every_service WHERE cost >= 10000 ORDER BY cost DESC`,
  ),
];

const comparisons: EvalCase[] = [
  rows(
    'rising-60',
    'Top 5 services with rising cost last 60 days?',
    compared(last(60), before(60), 'service_name', { order: 'change DESC', having: 'change > 0', limit: 5 }),
  ),
  rows(
    'falling-30',
    'Which 3 services dropped the most in the last 30 days?',
    compared(last(30), before(30), 'service_name', { order: 'change', having: 'change < 0', limit: 3 }),
  ),
  rows(
    'accounts-mom',
    'Which accounts had the biggest month over month increase last month? Top 4',
    compared(lastMonth, monthBefore, 'sub_account_id', { order: 'change DESC', having: 'change > 0', limit: 4 }),
  ),
  value(
    'change-ec2',
    'How did our EC2 cost change last month compared to the month before?',
    `SELECT (${total({ ...lastMonth, where: [EC2] })}) - (${total({ ...monthBefore, where: [EC2] })})`,
  ),
  value(
    'compare-7-days',
    'Compare the last 7 days with the 7 days before',
    `SELECT (${total(last(7))}) - (${total(before(7))})`,
  ),
  value('why-change', 'Why did our cost change last month?', `SELECT (${total(lastMonth)}) - (${total(monthBefore)})`),
  value(
    'why-s3',
    'What is driving the change in S3 over the last 30 days?',
    `SELECT (${total({ ...last(30), where: [S3] })}) - (${total({ ...before(30), where: [S3] })})`,
  ),
];

const talks: EvalCase[] = [
  {
    id: 'then-by-account',
    turns: ['What did EC2 cost last month?', 'and by account?'],
    expect: { sql: grouped({ ...lastMonth, where: [EC2] }, 'sub_account_id'), compare: 'set' },
  },
  {
    id: 'then-other-service',
    turns: ['What did EC2 cost last month?', 'What about RDS?'],
    expect: { sql: total({ ...lastMonth, where: [RDS] }), compare: 'total' },
  },
  {
    id: 'then-other-period',
    turns: ['What did the search team spend last month?', 'and the month before?'],
    expect: { sql: total({ ...monthBefore, where: [team('search')] }), compare: 'total' },
  },
  {
    id: 'then-daily',
    turns: ['Lambda cost in the last 7 days', 'show it per day'],
    expect: {
      sql: grouped({ ...last(7), where: [LAMBDA] }, "to_char(charge_period_start, 'YYYY-MM-DD')", { order: '1' }),
      compare: 'rows',
    },
  },
  {
    id: 'then-without-tax',
    turns: ['Total spend last month', 'now without tax'],
    expect: { sql: total({ ...lastMonth, where: ["charge_category <> 'Tax'"] }), compare: 'total' },
  },
  {
    id: 'then-top',
    turns: ['Cost by service last month', 'only the top 3'],
    expect: { sql: grouped(lastMonth, 'service_name', { limit: 3 }), compare: 'rows' },
  },
  {
    id: 'then-in-region',
    turns: ['What did EC2 cost last month?', 'only in eu-west-1', 'by instance type'],
    expect: {
      sql: grouped({ ...lastMonth, where: [EC2, "region_id = 'eu-west-1'"] }, 'x_instance_type'),
      compare: 'set',
    },
  },
];

const others: EvalCase[] = [
  value('data-through', 'How fresh is the data?', "SELECT to_char($1::date - 1, 'YYYY-MM-DD')", null),
  value(
    'account-count',
    'How many accounts do we have?',
    `SELECT count(DISTINCT sub_account_id) ${lines({ from: "'2000-01-01'", to: today, credits: true })}`,
    null,
  ),
];

export const costs: Suite = {
  name: 'costs',
  description: 'Cost questions over the demo estate; each value is computed by SQL over the line table.',
  gate: 1,
  cases: [...totals, ...breakdowns, ...rankings, ...comparisons, ...talks, ...others],
};
