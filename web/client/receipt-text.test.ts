import { expect, test } from 'vitest';
import { basisLine, notesOf, type Receipt } from './receipt-text.ts';

const receipt: Receipt = {
  tool: 'query_costs',
  arguments: {},
  period: { start: '2026-09-01', end: '2026-10-01' },
  costBasis: 'effective_cost',
  credits: 'excluded',
  notes: ['Tax is in.'],
  rowCount: 5,
  truncated: false,
  dataThrough: '2026-11-23',
  hash: 'abc',
  elapsedMs: 12,
};

test('says basis, period, credits and freshness once, however many calls shared them', () => {
  expect(basisLine([receipt, { ...receipt, tool: 'explain_change' }])).toBe(
    'Effective cost · 1 Sep 2026 to 30 Sep 2026 · credits left out · data through 23 Nov 2026',
  );
});

test('says nothing of what a call did not have', () => {
  const { costBasis: _basis, period: _period, credits: _credits, ...bare } = receipt;
  expect(basisLine([{ ...bare, dataThrough: null }])).toBe('');
});

test('gives every note once', () => {
  expect(notesOf([receipt, { ...receipt, notes: ['Tax is in.', 'Two days may still change.'] }])).toEqual([
    'Tax is in.',
    'Two days may still change.',
  ]);
});
