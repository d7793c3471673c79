import { expect, test } from 'vitest';
import { parseBusinessMetrics } from './business-metrics.ts';

test('reads names, days and numbers; an empty number is not known, and other columns are parts', () => {
  const csv = '\uFEFFDate,Name,Value,Unit,tag:team\n2026-01-26,Orders,50.0,order,\n\n2026-01-27,Orders,,order,Search\n';
  expect(parseBusinessMetrics(csv, 'm.csv')).toEqual([
    { name: 'Orders', date: '2026-01-26', value: '50', unit: 'order', dimensions: {} },
    { name: 'Orders', date: '2026-01-27', value: null, unit: 'order', dimensions: { 'tag:team': 'Search' } },
  ]);
});

test.each([
  ['', 'file_empty'],
  ['name,date\na,2026-01-01', 'column_missing'],
  ['name,date,value\na,January,5', 'value_invalid'],
  ['name,date,value\na,2026-01-01,many', 'value_invalid'],
  ['name,date,value\n,2026-01-01,5', 'value_invalid'],
])('refuses the file %j', (text, code) => {
  expect(() => parseBusinessMetrics(text, 'm.csv')).toThrow(expect.objectContaining({ code }));
});
