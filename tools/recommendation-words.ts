import { roundDecimal } from '../analytics/money.ts';
import type { Recommendation, RecommendationList } from '../db/queries/recommendations.ts';
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

const written = (column: string): Column => ({ ...text(column), untrusted: true });
const amount = (column: string, unit: string | null): Column => ({ name: column, kind: 'money', unit });

/** Returns recommendations as a table, in the order given. */
export function recommendationTable({ recommendations }: RecommendationList): Table {
  const currencies = new Set(recommendations.map(({ currency }) => currency));
  const several = currencies.size > 1;
  const [unit = null] = several ? [] : currencies;
  return {
    name: 'recommendations',
    title: 'What would save money',
    columns: [
      { name: 'recommendation_id', kind: 'text', unit: null },
      text('check'),
      written('resource_id'),
      written('resource_name'),
      text('sub_account_id'),
      text('sub_account_name'),
      text('service_name'),
      text('region_id'),
      text('what'),
      ...(several ? [text('billing_currency')] : []),
      amount('estimated_monthly_savings', unit),
      amount('list_monthly_savings', unit),
      text('risk'),
      text('effort'),
      written('owner'),
      written('environment'),
      text('state'),
      text('decision'),
      text('instead_of'),
    ],
    rows: recommendations.map((one): CellValue[] => [
      String(one.recommendationId),
      one.checkId,
      one.resourceId ?? one.subject,
      one.resourceName,
      one.subAccountId,
      one.accountName,
      one.serviceName,
      one.regionId,
      one.title,
      ...(several ? [one.currency] : []),
      roundDecimal(one.estimatedMonthlySavings, 2),
      one.listMonthlySavings === null ? null : roundDecimal(one.listMonthlySavings, 2),
      one.risk,
      one.effort,
      one.owner,
      one.environment,
      one.isProtected ? `${one.state}, protected` : one.state,
      decisionWords(one),
      one.alternativeTo === null ? null : String(one.alternativeTo),
    ]),
  };
}

/** Returns what each check found and what it comes to. */
export function checkTable({ byCheck }: RecommendationList): Table {
  const currencies = new Set(byCheck.map(({ currency }) => currency));
  const several = currencies.size > 1;
  const [unit = null] = several ? [] : currencies;
  return {
    name: 'by_check',
    title: 'What would save money, by check',
    columns: [
      text('check'),
      text('kind'),
      ...(several ? [text('billing_currency')] : []),
      { name: 'count', kind: 'count', unit: 'count' },
      amount('estimated_monthly_savings', unit),
      { name: 'overlapping', kind: 'count', unit: 'count' },
    ],
    rows: byCheck.map((one): CellValue[] => [
      one.checkId,
      one.kind,
      ...(several ? [one.currency] : []),
      one.count,
      roundDecimal(one.estimatedMonthlySavings, 2),
      one.alternatives,
    ]),
  };
}
