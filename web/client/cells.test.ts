import { expect, test } from 'vitest';
import { cellText, columnLabel, exactText } from './cells.ts';

const usd = { name: 'cost', kind: 'money', unit: 'USD' };

test.each([
  [{ name: 'service_name', kind: 'text', unit: null }, 'Service'],
  [{ name: 'percent_change', kind: 'percent', unit: 'percent' }, 'Change %'],
  [{ name: 'x_usage_type', kind: 'text', unit: null }, 'Usage type'],
  [{ name: 'tag:team', kind: 'text', unit: null }, 'Team'],
  [{ name: 'consumed_quantity', kind: 'quantity', unit: 'GB' }, 'Consumed quantity (GB)'],
  [{ name: 'sku_id', kind: 'text', unit: null }, 'Sku ID'],
])('heads a column %j with %s', (column, label) => {
  expect(columnLabel(column)).toBe(label);
});

test('shows money rounded, and every digit on demand', () => {
  expect(cellText('12345678901234567.12345', usd)).toBe('$12,345,678,901,234,567.12');
  expect(exactText('12345678901234567.12345', usd)).toBe('12345678901234567.12345 USD');
});

test('shows the sign of a change, and no sign of a cost', () => {
  expect(cellText('12.5', { ...usd, name: 'change' })).toBe('+$12.50');
  expect(cellText('-3', { name: 'percent_change', kind: 'percent', unit: 'percent' })).toBe('-3.0%');
  expect(cellText('12.5', usd)).toBe('$12.50');
});

test('says an unknown is unknown', () => {
  expect(cellText(null, usd)).toBe('—');
  expect(exactText(null, usd)).toBeUndefined();
});

test('shows the period of a table by month as the month', () => {
  const period = { name: 'period', kind: 'date', unit: 'date' };
  expect(cellText('2026-07-01', period, 'month')).toBe('Jul 2026');
  expect(cellText('2026-07-01', period)).toBe('2026-07-01');
  expect(cellText(null, period, 'month')).toBe('—');
  expect(cellText('2026-07-01', { ...period, name: 'first_seen_date' }, 'month')).toBe('2026-07-01');
});

test('invents no currency for a bill that names none', () => {
  const column = { name: 'cost', kind: 'money', unit: 'XXX' };
  expect(cellText('5', column)).toBe('5.00');
  expect(exactText('5', column)).toBe('5');
});
