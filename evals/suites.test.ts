import { expect, test } from 'vitest';
import type { Answer } from '../agent/answer.ts';
import { score } from './score.ts';
import { suites } from './suites.ts';

test('every case has a name of its own and asks something', () => {
  const ids = suites.flatMap((suite) => suite.cases.map(({ id }) => `${suite.name}/${id}`));
  expect(new Set(ids).size).toBe(ids.length);
  expect(suites.every((suite) => suite.cases.every(({ turns }) => turns.length > 0))).toBe(true);
});

test('the suites hold at least 60 questions with values and 20 to decline', () => {
  const cases = suites.flatMap((suite) => suite.cases);
  expect(cases.filter(({ expect }) => 'sql' in expect).length).toBeGreaterThanOrEqual(60);
  expect(cases.filter(({ expect }) => 'status' in expect).length).toBeGreaterThanOrEqual(20);
});

const answer = (text: string, rows: (string | number)[][] = []): Answer => ({
  queryId: 'q',
  threadId: 't',
  status: 'answered',
  text,
  tables: [
    {
      title: 'T',
      columns: [
        { name: 'service_name', kind: 'text', unit: null },
        { name: 'cost', kind: 'money', unit: 'USD' },
      ],
      rows,
    },
  ],
  receipts: [
    {
      tool: 'query_costs',
      arguments: {},
      costBasis: 'effective_cost',
      notes: [],
      rowCount: 1,
      truncated: false,
      dataThrough: '2026-11-23',
      hash: 'h',
      elapsedMs: 1,
    },
  ],
  proposals: [],
  followUps: [],
});

const asks = (compare: 'total' | 'rows' | 'set') => ({ id: 'c', turns: ['?'], expect: { sql: 'SELECT 1', compare } });

test('a total passes to the rounding written, and no further', () => {
  expect(score(asks('total'), answer('You spent $1,234.57.'), [['1234.5678']])).toEqual([]);
  expect(score(asks('total'), answer('You spent $1,234.58.'), [['1234.5678']])).toHaveLength(1);
  expect(score(asks('total'), answer('You spent about $1.2k.'), [['1234.5678']])).toEqual([]);
});

test('rows pass in order, a set in any, and a wrong amount in none', () => {
  const shown = answer('', [
    ['A', '2.0000001'],
    ['B', '1'],
  ]);
  expect(
    score(asks('rows'), shown, [
      ['A', '2'],
      ['B', '1.00'],
    ]),
  ).toEqual([]);
  expect(
    score(asks('rows'), shown, [
      ['B', '1'],
      ['A', '2'],
    ]),
  ).not.toEqual([]);
  expect(
    score(asks('set'), shown, [
      ['B', '1'],
      ['A', '2'],
    ]),
  ).toEqual([]);
  expect(
    score(asks('set'), shown, [
      ['A', '2.01'],
      ['B', '1'],
    ]),
  ).not.toEqual([]);
  expect(score(asks('set'), shown, [['A', '2']])).not.toEqual([]);
});

test('a case whose own query finds nothing proves nothing and fails', () => {
  expect(score(asks('set'), answer(''), [])).not.toEqual([]);
});

test('an answer that should have been declined fails', () => {
  const declined = { id: 'd', turns: ['?'], expect: { status: ['refused' as const], notTools: ['query_costs'] } };
  expect(score(declined, answer('You spent $1.'), [])).toHaveLength(2);
});
