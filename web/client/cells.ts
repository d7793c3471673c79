import { formatCell } from '../../tools/format.ts';
import type { CellKind, CellValue } from '../../tools/tool.ts';
import { bucketOf, dayText } from './dates.ts';
import { visible } from './untrusted.ts';

/** A column as an answer carries it. */
export interface AnswerColumn {
  name: string;
  kind: string;
  unit: string | null;
}

/** Names that read better than their column id with the underscores taken out. */
const LABELS: Record<string, string> = {
  service_name: 'Service',
  service_provider_name: 'Provider',
  sub_account_id: 'Account ID',
  sub_account_name: 'Account',
  billing_account_id: 'Billing account ID',
  billing_account_name: 'Billing account',
  region_id: 'Region',
  region_name: 'Region name',
  resource_id: 'Resource ID',
  resource_name: 'Resource',
  charge_date: 'Day',
  percent_change: 'Change %',
  previous: 'Before',
  previous_period: 'Period before',
};

const PERIODS = new Set(['period', 'previous_period']);

const NUMERIC = new Set(['money', 'quantity', 'count', 'percent']);

export function isNumeric(column: AnswerColumn): boolean {
  return NUMERIC.has(column.kind);
}

/** The heading of a column: what it is, and its currency or unit where the values do not show it. */
export function columnLabel({ name, kind, unit }: AnswerColumn): string {
  const words = name.replace(/^x_/, '').replace(/^tag:/, '').replaceAll('_', ' ');
  const label = LABELS[name] ?? words.replace(/\bid\b/, 'ID').replace(/^./, (letter) => letter.toUpperCase());
  return kind === 'quantity' && unit !== null && unit !== 'count' ? `${label} (${unit})` : label;
}

/**
 * A cell as the table shows it: signed where it is a change, the unit of a quantity left to the heading, the period of a
 * table by month or quarter as that.
 */
export function cellText(value: CellValue, column: AnswerColumn, granularity?: string): string {
  if (column.kind === 'date' && PERIODS.has(column.name)) {
    const bucket = bucketOf(String(value ?? ''), granularity);
    if (bucket !== String(value ?? '')) return dayText(bucket);
  }
  const signed = isChange(column) ? 'signed' : undefined;
  const unit = column.kind === 'quantity' ? null : column.unit;
  return visible(formatCell(value, column.kind as CellKind, unit, signed));
}

/** The exact value behind a rounded one, with its unit; undefined where the cell shows all there is. */
export function exactText(value: CellValue, column: AnswerColumn): string | undefined {
  if (value === null || !isNumeric(column) || column.kind === 'count') return undefined;
  const unit = column.kind === 'percent' ? '%' : column.unit === 'XXX' ? null : column.unit;
  return unit === null ? String(value) : `${value} ${unit}`;
}

/** Whether a column says by how much something rose or fell. */
export function isChange({ name }: AnswerColumn): boolean {
  return /(^|_)change$/.test(name) || name === 'percent_change';
}
