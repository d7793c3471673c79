import { expect, test } from 'vitest';
import type { Reconciliation } from '../db/queries/reconciliations.ts';
import { renderReconciliations } from './reconcile.ts';

const AT = new Date('2026-11-20T00:00:00Z');
const compared = (changes: Partial<Reconciliation>): Reconciliation => ({
  ...{
    billingMonth: '2026-10-01',
    covers: 'bill',
    accountId: '111111111111',
    billingCurrency: 'USD',
    metric: 'billed_cost',
  },
  ...{
    source: 'invoice',
    storedAmount: '1455.11',
    referenceAmount: '1375.10',
    difference: '80.01',
    differencePercent: '5.82',
  },
  ...{ status: 'explained', causes: [{ cause: 'tax', amount: '80.01' }], loadedAt: AT, fetchedAt: AT, checkedAt: AT },
  ...changes,
});

test('prints one line a comparison, amounts in their currency and to the right, and what it comes to', () => {
  const text = renderReconciliations([
    compared({}),
    compared({
      ...{
        billingMonth: '2026-09-01',
        covers: 'account',
        accountId: '222222222222',
        billingCurrency: 'EUR',
        source: 'cost_explorer',
      },
      ...{
        metric: 'effective_cost',
        storedAmount: '9',
        referenceAmount: '12',
        difference: '-3',
        differencePercent: '-25.00',
      },
      ...{ status: 'off', causes: [] },
    }),
    compared({
      ...{ billingMonth: '2026-08-01', source: null, referenceAmount: null, difference: null, differencePercent: null },
      ...{ status: 'unknown', causes: [] },
    }),
  ]);
  expect(`\n${text}\n`).toBe(`
month    account              cost          stored  compared with  reference  difference          status     because
-------  -------------------  ---------  ---------  -------------  ---------  ----------  ------  ---------  -----------
2026-10  111111111111 (bill)  billed     $1,455.11  the invoice    $1,375.10     +$80.01   +5.8%  explained  tax +$80.01
2026-09  222222222222         effective      €9.00  Cost Explorer     €12.00      -€3.00  -25.0%  off
2026-08  111111111111 (bill)  billed     $1,455.11  —                      —           —          unknown

1 explained, 1 off, 1 unknown.
`);
});

test('says what to do when there is nothing to compare with, and nothing at all', () => {
  const unknown = compared({ source: null, referenceAmount: null, difference: null, status: 'unknown', causes: [] });
  expect(renderReconciliations([unknown])).toMatch(/1 unknown\. Give invoice totals with --invoice FILE/);
  expect(renderReconciliations([])).toBe('There is nothing to compare: no bill is loaded, and no invoice.');
  expect(renderReconciliations([], '2024-01-01')).toMatch(/^There is nothing to compare of 2024-01:/);
});
