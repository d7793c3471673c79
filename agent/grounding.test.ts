import { expect, test } from 'vitest';
import type { ToolResult } from '../tools/tool.ts';
import { unsupportedNumbers } from './grounding.ts';
import { renderPlaceholders, type TurnResult, toModelText } from './results.ts';

const result: ToolResult = {
  status: 'ok',
  data: {
    facts: {
      total: { value: '12500.50', kind: 'money', unit: 'USD' },
      total_previous: { value: '10000', kind: 'money', unit: 'USD' },
      change: { value: '2500.50', kind: 'money', unit: 'USD' },
      percent_change: { value: '25.005', kind: 'percent', unit: 'percent' },
      credits: { value: '-312.40', kind: 'money', unit: 'USD' },
    },
    tables: [
      {
        name: 'costs',
        title: 'Cost by service',
        columns: [
          { name: 'service_name', kind: 'text', unit: null },
          { name: 'cost', kind: 'money', unit: 'USD' },
          { name: 'previous', kind: 'money', unit: 'USD' },
        ],
        rows: [
          ['Amazon Elastic Compute Cloud', '8000', '6000'],
          ['Amazon Route 53', '3000.25', '3000'],
          ['AWS Lambda', '1500.25', '1000'],
        ],
      },
    ],
  },
  receipt: {
    tool: 'query_costs',
    arguments: { groupBy: ['service_name'], minimum: '1000' },
    period: { start: '2026-09-25', end: '2026-11-24' },
    costBasis: 'effective_cost',
    credits: 'excluded',
    notes: ['Tax of $420.10 is included.'],
    rowCount: 3,
    truncated: false,
    dataThrough: '2026-11-23',
    hash: 'h',
    elapsedMs: 1,
  },
};

const results: TurnResult[] = [
  { ref: 'r1', tool: 'query_costs', arguments: result.receipt.arguments, result, startedAt: new Date(0), elapsedMs: 1 },
];

const unsupported = (text: string, question = 'Top 3 services over $1,000 in the last 60 days?') =>
  unsupportedNumbers({ text, grounded: [], question, results, now: new Date('2026-11-24T10:00:00Z') });

test.each([
  ['You spent $12,500.50.'],
  ['You spent about $12.5k, up 25%.'],
  ['You spent $13 thousand.'],
  ['EC2 took $8,000, a share of 64.0%, up $2,000 (33.3%).'],
  ['Credits of $312.40 were left out.'],
  ['EC2 and Route 53 together: $11,000.25.'],
  ['Lambda costs half again as much: 1.5 times.'],
  ['Between 2026-09-25 and 23 November 2026 the top 3 were these.'],
  ['In the last 60 days, 3 services cost more than $1,000.'],
  ['Tax of $420.10 is in.'],
  ['m5.large, t3.micro, us-east-1, i-0abc123, EC2 and S3 are names.'],
  ['Amazon Route 53 cost $3,000.25.'],
  ['It grew by twenty-five percent.'],
])('supports: %s', (text) => {
  expect(unsupported(text)).toEqual([]);
});

test.each([
  ['You spent $12,600.', ['$12,600']],
  ['You spent $12,500.51.', ['$12,500.51']],
  ['It is up 26%.', ['26%']],
  ['It is up 2500.50%.', ['2500.50%']],
  ['You could save $4,321 a month.', ['$4,321']],
  ['About 1.2 million dollars.', ['1.2 million dollars']],
  ['S3 cost $900 and RDS cost $800.', ['$900', '$800']],
  ['In March 2019 it was the same.', ['2019']],
  ['A saving of ninety percent.', ['ninety percent']],
  ['-$77.70 came back.', ['-$77.70']],
  ['€12,500.50 less 17 USD', ['17 USD']],
])('finds the unsupported number in: %s', (text, numbers) => {
  expect(unsupported(text)).toEqual(numbers);
});

test.each([
  ['a period that is the beginning of a date', '2026-09', 'It began on 2026-09-25.'],
  ['a month that is a part of a date', 'November 2026', 'It ended on 23 November 2026.'],
  ['a name with a date in it', 'export 2026-09-25 run 17', 'The bucket export 2026-09-25 run 17 did not change.'],
])('neither a date nor a name leaves a part of the other standing: %s', (_, name, text) => {
  const named: TurnResult[] = results.map((one) => ({ ...one, arguments: { name } }));
  const now = new Date('2026-11-24T10:00:00Z');
  expect(unsupportedNumbers({ text, grounded: [], question: 'Why?', results: named, now })).toEqual([]);
});

test('an amount claimed in the question is no support for repeating it', () => {
  expect(unsupported('Yes, you spent $5,000.', 'We spent $5,000, right?')).toEqual(['$5,000']);
});

test('an id in the question may be repeated, an amount without its sign may not', () => {
  expect(unsupported('There is no account 999999999999.', 'Cost of account 999999999999?')).toEqual([]);
  expect(unsupported('Yes, 5000.', 'Was it 5000?')).toEqual(['5000']);
});

test('without any result no amount is supported', () => {
  const text = 'Your bill was $42.';
  expect(unsupportedNumbers({ text, grounded: [], question: 'bill?', results: [], now: new Date() })).toEqual(['$42']);
});

test('placeholders become cells, and the cells need no check', () => {
  const template = '{{r1.costs[0].service_name}} took {{ r1.costs[0].cost }} of {{r1.total}} ({{r1.change|signed}}).';
  const { text, grounded, unresolved } = renderPlaceholders(template, results);
  expect(text).toBe('Amazon Elastic Compute Cloud took $8,000.00 of $12,500.50 (+$2,500.50).');
  expect(unresolved).toEqual([]);
  expect(grounded.map(({ start, end }) => text.slice(start, end))).toEqual([
    'Amazon Elastic Compute Cloud',
    '$8,000.00',
    '$12,500.50',
    '+$2,500.50',
  ]);
});

test.each(['{{r2.total}}', '{{r1.nothing}}', '{{r1.costs[7].cost}}', '{{r1.costs[0].price}}', '{{total}}'])(
  'a placeholder that names no cell is reported: %s',
  (placeholder) => {
    expect(renderPlaceholders(`It is ${placeholder}.`, results).unresolved).toEqual([placeholder]);
  },
);

test('a model sees which columns hold text of others, and never more rows than it needs', () => {
  const rows = Array.from({ length: 500 }, (_, index) => [`name-${index}`]);
  const big: ToolResult = {
    ...result,
    data: {
      facts: {},
      tables: [{ name: 't', title: 'T', columns: [{ name: 'name', kind: 'text', unit: null, untrusted: true }], rows }],
    },
  };
  const seen = JSON.parse(toModelText('r1', big));
  expect(seen.tables[0].untrustedColumns).toEqual(['name']);
  expect(seen.tables[0].rowsInTable).toBe(500);
  expect(seen.tables[0].rows).toHaveLength(60);
});
