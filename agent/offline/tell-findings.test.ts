import { describe, expect, test } from 'vitest';
import type { Cell, ToolResult } from '../../tools/tool.ts';
import { renderPlaceholders, toModelText } from '../results.ts';
import type { Result } from './history.ts';
import { FINDING_TOOLS, type FindingTool } from './plan.ts';
import { tellFinding } from './tell-findings.ts';

const money = (value: string): Cell => ({ value, kind: 'money', unit: 'USD' });
const count = (value: number): Cell => ({ value, kind: 'count', unit: 'count' });
const percent = (value: string): Cell => ({ value, kind: 'percent', unit: 'percent' });
const date = (value: string): Cell => ({ value, kind: 'date', unit: 'date' });

type Row = Record<string, string | number | null>;

/** What a tool returned, and the sentence that is told of it, as a reader sees it. */
function told(tool: FindingTool, facts: Record<string, Cell>, name: string, rows: Row[], subject = ''): string {
  const kindOf = (column: string) =>
    /savings|impact|spent|amount/.test(column) ? 'money' : /since/.test(column) ? 'date' : 'text';
  const columns = Object.keys(rows[0] ?? {}).map((column) => ({
    name: column,
    kind: kindOf(column) as 'text',
    unit: kindOf(column) === 'money' ? 'USD' : null,
  }));
  const result: ToolResult = {
    status: 'ok',
    data: { facts, tables: [{ name, title: name, columns, rows: rows.map((row) => Object.values(row)) }] },
    receipt: {
      ...{ tool, arguments: {}, notes: [], rowCount: rows.length, truncated: false, dataThrough: '2026-11-23' },
      ...{ hash: '', elapsedMs: 1, period: { start: '2026-10-01', end: '2027-01-01' } },
    },
  };
  const seen = JSON.parse(toModelText('r1', result)) as Result;
  const template = tellFinding(tool, seen, { subject });
  const rendered = renderPlaceholders(template, [
    { ref: 'r1', tool, arguments: {}, result, startedAt: new Date(), elapsedMs: 1 },
  ]);
  expect(rendered.unresolved).toEqual([]);
  return rendered.text;
}

const RECOMMENDATION: Row = {
  recommendation_id: '7',
  check: 'ec2-idle',
  resource_id: 'i-1',
  resource_name: 'batch-01',
  what: 'Stop the idle m5.large',
  estimated_monthly_savings: '61.50',
};
const PROPOSAL: Row = { resource_id: 'i-1', action: 'Stop the instance', remediation_id: 'x' };

describe('what was found is told from its cells', () => {
  test('recommendations with their sum, and rates apart', () => {
    const facts = {
      count: count(2),
      total_estimated: money('123'),
      share_of_spend: percent('4.2'),
      rate_total: money('50'),
    };
    expect(told('find_recommendations', facts, 'recommendations', [RECOMMENDATION], 'Amazon EC2')).toBe(
      '2 recommendations of Amazon EC2 would save an estimated $123.00 a month, 4.2% of the spend. The largest: Stop the idle m5.large (batch-01, $61.50). Commitments could lower rates by an estimated $50.00 a month; the two overlap and are not to be added.',
    );
  });

  test('nothing to save, and nothing unusual', () => {
    expect(told('find_recommendations', { count: count(0) }, 'recommendations', [], 'in fernhill-data')).toBe(
      'I found nothing to save in fernhill-data.',
    );
    expect(told('find_anomalies', { count: count(0) }, 'anomalies', [])).toBe('I found nothing unusual in the cost.');
  });

  test('anomalies with what they come from', () => {
    const facts = { count: count(3), open_count: count(1), total_impact: money('900') };
    const rows = [{ what: 'AWS Lambda in data', since: '2026-11-02', impact: '500', cause: 'more calls of loop' }];
    expect(told('find_anomalies', facts, 'anomalies', rows)).toBe(
      'I found 3 anomalies, 1 of which still go on; the rises cost $900.00 more than expected. The largest: AWS Lambda in data (+$500.00 since 2026-11-02). The first comes from more calls of loop.',
    );
  });

  test('a forecast with its range and its past error', () => {
    const facts = {
      ...{ total: money('1000'), total_low_80: money('900'), total_high_80: money('1100') },
      ...{ spent: money('400'), forecast: money('600'), past_error_percent: percent('3.1') },
    };
    expect(told('forecast_costs', facts, 'months', [])).toBe(
      'I expect $1,000.00 in Q4 2026: $400.00 spent so far and $600.00 still to come, and four times in five between $900.00 and $1,100.00. Forecasts like this one were off by 3.1% on average.',
    );
  });

  test('savings that the bill shows, apart from estimates', () => {
    const facts = {
      ...{ measured_monthly_savings: money('300'), holding_monthly_savings: money('200') },
      ...{
        regressed_monthly_savings: money('100'),
        regressed: count(1),
        estimated_waiting: money('80'),
        waiting: count(2),
      },
    };
    expect(told('show_savings', facts, 'savings', [])).toBe(
      'The bill shows savings of $300.00 a month, of which $200.00 still hold at the last check. 1 was undone, which costs $100.00 a month again. Not measured yet, and only estimated: $80.00 a month.',
    );
  });

  test('budgets, a comparison with the invoice, unit costs and a proposal', () => {
    expect(
      told('show_budgets', { budgets: count(2), over: count(1), at_risk: count(0) }, 'budgets', [
        { budget: 'RDS', spent: '10' },
      ]),
    ).toBe('Of 2 budgets 1 is over: RDS ($10.00 spent).');
    const compared = {
      ok: count(3),
      explained: count(0),
      off: count(0),
      unknown: count(2),
      last_checked: date('2026-11-20'),
    };
    expect(told('check_bill', compared, 'reconciliations', [{ month: '2026-10' }])).toBe(
      'Of the months and accounts compared, nothing differs without an explanation; 3 agree and 2 had nothing to be compared with. Last checked on 2026-11-20.',
    );
    const unit = { unit_cost: money('0.25'), cost: money('100'), units: count(400) };
    expect(told('unit_costs', unit, 'unit_costs', [])).toBe('It cost $0.25 a unit: $100.00 for 400.');
    expect(told('propose_remediation', { proposed: count(1) }, 'proposals', [PROPOSAL])).toBe(
      'I proposed one change: Stop the instance (i-1). Somebody else has to approve before anything is changed.',
    );
  });

  test.each(FINDING_TOOLS)('%s has words for an empty result', (tool) => {
    expect(told(tool, {}, 'rows', [])).toMatch(/\.$/);
  });
});
