import { AIMessage, HumanMessage, ToolMessage } from '@langchain/core/messages';
import { describe, expect, test } from 'vitest';
import { ESTATE } from './estate.fixture.ts';
import { turnsOf } from './history.ts';
import { planQuestion } from './planner.ts';
import { planTurn } from './talk.ts';

/** Thursday 15 January 2026; the bill of the estate reaches the 14th. */
const CONTEXT = { catalog: ESTATE, now: new Date('2026-01-15T10:00:00Z'), resources: [] };

/** 'question => tool input' */
const ASKED = `
Were there any anomalies last week? => find_anomalies {"period":"last week"}
anything strange in the bill? => find_anomalies {}
which anomalies still go on in the payments team => find_anomalies {"filters":[{"dimension":"tag:team","operator":"in","values":["payments"]}],"openOnly":true}
top 3 cost surprises of EC2 this month => find_anomalies {"period":"this month","filters":[{"dimension":"service_name","operator":"in","values":["Amazon Elastic Compute Cloud"]}],"limit":3}
show me the latest anomalies => find_anomalies {"orderBy":"newest"}
What will we spend next quarter? => forecast_costs {"ahead":"next quarter"}
what do you expect for next month? => forecast_costs {"ahead":"next month"}
are we on course for last month's level by the end of the month => forecast_costs {"ahead":"this month"}
what will the payments team spend in the next 90 days => forecast_costs {"ahead":"next 90 days","team":"payments"}
forecast EC2 for this year => forecast_costs {"ahead":"this year","service":"Amazon Elastic Compute Cloud"}
Which EC2 instances are idle? => find_recommendations {"checks":["ec2-idle","asg-idle"]}
Which machines should we downsize? => find_recommendations {"checks":["ec2-oversized"]}
how can I reduce costs => find_recommendations {}
tips to save money => find_recommendations {}
unused volumes => find_recommendations {"checks":["ebs-unattached","ebs-idle"]}
what can we turn off in dev => find_recommendations {"checks":["ec2-idle","asg-idle","ebs-idle","nat-idle","elb-idle","ecs-idle","eks-nodegroup-underused","lambda-unused","rds-idle"],"environment":"development"}
top 5 savings opportunities of the search team => find_recommendations {"tags":[{"key":"team","value":"search"}],"limit":5}
oversized lambda functions in Frankfurt => find_recommendations {"checks":["lambda-memory","lambda-concurrency"],"region":"eu-central-1"}
should we buy a savings plan => find_recommendations {"checks":["commitment-coverage"]}
old snapshots in the northgate-staging account => find_recommendations {"checks":["ebs-snapshot-old"],"account":"410022962963"}
How much money have you saved us so far? => show_savings {}
which savings regressed => show_savings {"state":"regressed"}
what have the measures of last quarter saved => show_savings {"since":"2025-10-01","until":"2026-01-01"}
Are we within budget this month? => show_budgets {}
who is over budget => show_budgets {}
does the bill match the invoice? => check_bill {}
what is our cost per customer? => unit_costs {}
unit cost last quarter => unit_costs {"period":"last quarter"}
show me the weekly summary of the payments team => show_insights {"audience":"payments"}
any insights? => show_insights {}
can I trust these numbers for December => check_bill {"month":"2025-12"}
`;

const rows = (table: string): [string, string][] =>
  table
    .trim()
    .split('\n')
    .map((line) => line.split(' => ') as [string, string]);

describe('what was found, measured and budgeted', () => {
  test.each(rows(ASKED))('"%s" asks %s', (question, expected) => {
    const plan = planQuestion(question, CONTEXT);
    if (plan.kind !== 'call') throw new Error(`${plan.kind}: ${plan.text}`);
    expect(plan.calls.map(({ tool, input }) => `${tool} ${JSON.stringify(input)}`)).toEqual([expected]);
  });

  test.each([
    ['anomalies in the zephyr team', 'not in the data'],
    ['idle instances of project bluebird', 'not in the data'],
    ['what can we save on snowflake', 'not in the data'],
  ])('does not answer "%s" for everything', (question, reason) => {
    expect(planQuestion(question, CONTEXT)).toMatchObject({ kind: 'decline', reason });
  });

  test.each([
    'unused savings plans last month',
    'how much did we save with reservations last month',
    'what does the recommendations app cost',
  ])('leaves "%s" to the bill', (question) => {
    const plan = planQuestion(question, CONTEXT);
    if (plan.kind === 'call') expect(plan.calls[0]?.tool).toMatch(/^(query_costs|explain_change)$/);
  });
});

describe('an order after recommendations', () => {
  const shown = (ids: (string | number)[], what = 'Stop the idle m5.large') =>
    turnsOf([
      new HumanMessage('Which EC2 instances are idle?'),
      new AIMessage({ content: '', tool_calls: [{ id: 'c1', name: 'find_recommendations', args: {} }] }),
      new ToolMessage({
        tool_call_id: 'c1',
        content: JSON.stringify({
          ref: 'r1',
          status: 'ok',
          tables: [
            {
              name: 'recommendations',
              columns: [{ name: 'recommendation_id', kind: 'text', unit: null }],
              rows: ids.map((id) => ({ recommendation_id: id, what })),
            },
          ],
        }),
      }),
      new AIMessage('Three machines are idle.'),
    ]);

  test.each([
    ['stop the first two', [31, 7]],
    ['please terminate the first one', [31]],
    ['propose number 3', [12]],
    ['ok, do all of them', [31, 7, 12]],
    ['delete the last one', [12]],
    ['Stop those.', [31, 7, 12]],
  ])('"%s" proposes what was shown in those places', (order, recommendationIds) => {
    expect(planTurn(order, shown(['31', '7', '12']), CONTEXT)).toMatchObject({
      kind: 'call',
      calls: [{ tool: 'propose_remediation', input: { recommendationIds } }],
    });
  });

  test('does not propose to end what was only to be stopped', () => {
    const idle = shown(['31', '7', '12'], 'Terminate the idle r5.4xlarge');
    expect(planTurn('please stop the first two', idle, CONTEXT)).toMatchObject({
      kind: 'clarify',
      text: expect.stringContaining('more than to stop'),
      options: [expect.stringMatching(/propose the first two/i)],
    });
    const asked = { question: 'please stop the first two', calls: [], text: 'What is recommended there ends things.' };
    expect(planTurn('Propose the first two', [...idle, asked], CONTEXT)).toMatchObject({
      calls: [{ input: { recommendationIds: [31, 7] } }],
    });
    for (const order of ['propose the first two', 'terminate the first two'])
      expect(planTurn(order, idle, CONTEXT)).toMatchObject({ calls: [{ input: { recommendationIds: [31, 7] } }] });
  });

  test('asks back which of them is meant', () => {
    expect(planTurn('stop it', shown(['31', '7']), CONTEXT)).toMatchObject({ kind: 'clarify' });
    expect(planTurn('stop it', shown(['31']), CONTEXT)).toMatchObject({
      calls: [{ input: { recommendationIds: [31] } }],
    });
  });

  test.each(['approve the first one', 'yes, approve it', 'stop i-0123456789abcdef0', 'stop the payments team'])(
    'takes "%s" for no proposal',
    (order) => {
      const plan = planTurn(order, shown(['31', '7']), CONTEXT);
      if (plan.kind === 'call') expect(plan.calls[0]?.tool).not.toBe('propose_remediation');
    },
  );

  test('proposes nothing where nothing was recommended', () => {
    expect(planTurn('stop the first two', [], CONTEXT)).toMatchObject({ kind: 'decline', reason: 'action' });
    expect(planTurn('stop the first two', shown([]), CONTEXT)).toMatchObject({ kind: 'decline', reason: 'action' });
  });
});
