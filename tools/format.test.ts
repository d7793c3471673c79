import { expect, test } from 'vitest';
import { formatCell } from './format.ts';

test.each([
  ['1234567.895', 'money', 'USD', undefined, '$1,234,567.90'],
  ['-12.5', 'money', 'USD', undefined, '-$12.50'],
  ['-12.5', 'money', 'USD', 'abs', '$12.50'],
  ['12.5', 'money', 'USD', 'signed', '+$12.50'],
  ['0', 'money', 'USD', 'signed', '$0.00'],
  ['0.00023552', 'money', 'USD', undefined, '$0.000236'],
  ['99.5', 'money', 'EUR', undefined, '€99.50'],
  ['99.5', 'money', 'XXX', undefined, '99.50'],
  ['200', 'money', 'Credits', undefined, '200.00 Credits'],
  ['12345678901234567.89', 'money', 'USD', undefined, '$12,345,678,901,234,567.89'],
  ['12.345', 'percent', 'percent', undefined, '12.3%'],
  [12000, 'count', 'count', undefined, '12,000'],
  ['730.5', 'quantity', 'Hrs', undefined, '730.5 Hrs'],
  ['2026-03-01', 'date', null, undefined, '2026-03-01'],
  [null, 'money', 'USD', undefined, '—'],
] as const)('shows %s (%s, %s, %s) as %s', (value, kind, unit, style, shown) => {
  expect(formatCell(value, kind, unit, style)).toBe(shown);
});
