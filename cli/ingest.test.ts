import { expect, test } from 'vitest';
import type { IngestedAssembly } from '../jobs/load-bills.ts';
import { renderAssembly, renderExports } from './ingest.ts';

const assembly: IngestedAssembly = {
  file: '/bills/march.csv',
  files: ['/bills/march.csv', '/bills/march-2.csv'],
  source: 'aws-cur-2',
  title: 'AWS CUR 2.0',
  version: '2.0',
  status: 'loaded',
  loadId: 7,
  rows: 1200,
  dailyRows: 50,
  periods: [
    {
      billingAccountId: '111111111111',
      start: '2025-03-01T00:00:00Z',
      end: '2025-04-01T00:00:00Z',
      rows: 50,
      replaced: { rows: 48, lines: 1100, costs: { USD: { billed_cost: '99.5', effective_cost: '90' } } },
    },
  ],
  ignoredColumns: ['a', 'b'],
  sums: {
    USD: {
      line_item_unblended_cost: { read: '100.25', stored: '100.25', focusColumn: 'billed_cost' },
      line_item_blended_cost: { read: '7', stored: null, focusColumn: null },
    },
  },
  removedDemo: true,
  notes: ['something'],
};

test('a load is told with what it replaced and every sum', () => {
  expect(renderAssembly(assembly)).toBe(
    `/bills/march.csv and 1 more
  AWS CUR 2.0: 1200 lines in 50 daily rows; columns not used: 2
  111111111111 2025-03-01 to 2025-04-01: 50 rows, in place of 48 rows (99.5 USD billed)
       column                      read  stored  as
  USD  line_item_unblended_cost  100.25  100.25  billed_cost
  USD  line_item_blended_cost         7       -  (only read)
  The demo estate was removed; --keep-demo would have left it.
  Note: something`,
  );
});

test('a load that changed nothing says so', () => {
  const text = renderAssembly({ ...assembly, status: 'unchanged', version: null, title: 'AWS CUR (legacy)' });
  expect(text).toContain('loaded already; nothing was changed');
  expect(text).toContain('AWS CUR (legacy): 1200 lines');
});

test('of a store it is told which months were loaded already', () => {
  const text = renderExports({ assemblies: [], unchangedMonths: ['2026-01', null], notes: ['something'] });
  expect(text).toBe(
    '2026-01: loaded already; nothing was fetched.\nThe export: loaded already; nothing was fetched.\nNote: something',
  );
});
