import { expect, test } from 'vitest';
import { basisLine, granularityOf, notesOf, type Receipt } from './receipt-text.ts';

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

test('gives every note once, and none that the text says already', () => {
  const receipts = [receipt, { ...receipt, notes: ['Tax is in.', 'Two days may still change.'] }];
  expect(notesOf({ text: 'Twelve.', receipts })).toEqual(['Tax is in.', 'Two days may still change.']);
  expect(notesOf({ text: 'Twelve. Tax is in.', receipts })).toEqual(['Two days may still change.']);
});

test('knows the steps of a table where all calls agree on them', () => {
  const by = (granularity: string) => ({ ...receipt, arguments: { granularity } });
  expect(granularityOf([by('month'), by('month')])).toBe('month');
  expect(granularityOf([by('month'), by('day')])).toBeUndefined();
  expect(granularityOf([by('month'), receipt])).toBeUndefined();
  expect(granularityOf([])).toBeUndefined();
});
