import { roundDecimal } from '../analytics/money.ts';
import type { Recommendation } from '../db/queries/recommendations.ts';
import type { CellValue, Column, Table } from './tool.ts';

/** Returns what was decided about a recommendation, or became of it, in words; null when nothing was. */
export function decisionWords({ state, decisionReason, dismissedUntil, closedReason }: Recommendation): string | null {
  if (state === 'closed') return closedReason;
  if (state === 'dismissed') {
    return `dismissed${dismissedUntil === null ? '' : ` until ${dismissedUntil}`}: ${decisionReason ?? ''}`;
  }
  return decisionReason;
}

interface StoredEvidence {
  measured: { what: string; value: number | string; unit: string | null; limit?: number | string }[];
  rule: string;
  parts: { resourceId: string | null; why: string; monthly: string; listMonthly: string | null }[];
}

const text = (name: string): Column => ({ name, kind: 'text', unit: null });

/** Returns what a recommendation rests on as tables: what was measured beside its limits, and the charges that would be saved. */
export function evidenceTables({ evidence, currency, checkId, checkVersion }: Recommendation): Table[] {
  const { measured, rule, parts } = evidence as unknown as StoredEvidence;
  const money = (name: string): Column => ({ name, kind: 'money', unit: currency });
  return [
    {
      name: 'measured',
      title: `What was measured. Rule: ${rule} (${checkId}, version ${checkVersion})`,
      columns: [text('what'), text('value'), text('unit'), text('limit')],
      rows: measured.map(({ what, value, unit, limit }): CellValue[] => [
        what,
        shownNumber(value),
        unit,
        limit === undefined ? null : shownNumber(limit),
      ]),
    },
    {
      name: 'saved_charges',
      title: 'Which charges would be saved, in a month of 730 hours',
      columns: [
        { ...text('resource_id'), untrusted: true },
        text('why'),
        money('monthly'),
        money('monthly_at_list_price'),
      ],
      rows: parts.map(({ resourceId, why, monthly, listMonthly }): CellValue[] => [
        resourceId,
        why,
        roundDecimal(monthly, 2),
        listMonthly === null ? null : roundDecimal(listMonthly, 2),
      ]),
    },
  ];
}

/** Returns a measured value with at most two digits behind the point. */
export function shownNumber(value: number | string): string {
  return typeof value === 'number' ? String(Math.round(value * 100) / 100) : value;
}
