import { expect, test } from 'vitest';
import { toCsv } from './csv.ts';

const columns = [
  { name: 'service_name', kind: 'text' },
  { name: 'cost', kind: 'money' },
];

test('keeps every digit of an amount and leaves an unknown empty', () => {
  const csv = toCsv(columns, [
    ['Amazon EC2', '12345678901234567.123456789'],
    [null, '-0.5'],
  ]);
  expect(csv).toBe('service_name,cost\r\nAmazon EC2,12345678901234567.123456789\r\n,-0.5\r\n');
});

test('quotes commas, quotation marks and line breaks', () => {
  expect(toCsv(columns, [['a "b", c\nd', '1']])).toBe('service_name,cost\r\n"a ""b"", c\nd",1\r\n');
});

test.each(['=HYPERLINK("x")', '+1', '-1', '@SUM(A1)', '\t=1'])('defuses the formula %j in text', (text) => {
  const cell = toCsv([{ name: 'tag', kind: 'text' }], [[text]]).split('\r\n')[1] ?? '';
  expect(cell.replace(/^"/, '').startsWith("'")).toBe(true);
});
