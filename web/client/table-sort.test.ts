import { expect, test } from 'vitest';
import { compareDecimals, nextSorting, sortRows } from './table-sort.ts';

const columns = [
  { name: 'service_name', kind: 'text', unit: null },
  { name: 'cost', kind: 'money', unit: 'USD' },
];
const rows = [
  ['b', '9'],
  ['A', '10.5'],
  ['c', null],
  ['a10', '-2'],
  ['a9', '10.50'],
];

test('sorts amounts by value with unknowns last, either way', () => {
  const names = (direction: 'ascending' | 'descending') =>
    sortRows(columns, rows, { column: 1, direction }).map(([name]) => name);
  expect(names('descending')).toEqual(['A', 'a9', 'b', 'a10', 'c']);
  expect(names('ascending')).toEqual(['a10', 'b', 'A', 'a9', 'c']);
});

test('sorts text as people do', () => {
  const sorted = sortRows(columns, rows, { column: 0, direction: 'ascending' });
  expect(sorted.map(([name]) => name)).toEqual(['A', 'a9', 'a10', 'b', 'c']);
});

test('leaves the given order alone, and the rows themselves too', () => {
  expect(sortRows(columns, rows, null)).toBe(rows);
  sortRows(columns, rows, { column: 1, direction: 'ascending' });
  expect(rows[0]).toEqual(['b', '9']);
});

test.each([
  ['12345678901234567.01', '12345678901234567.02', -1],
  ['-0.5', '-0.25', -1],
  ['1.50', '1.5', 0],
  ['-0.1', '0', -1],
  ['100', '99.999', 1],
])('compares %s with %s exactly', (a, b, order) => {
  expect(compareDecimals(a, b)).toBe(order);
});

test('a heading chosen again turns the order, and a third time gives it up', () => {
  const [text, money] = columns as [(typeof columns)[0], (typeof columns)[0]];
  const first = nextSorting(null, 1, money);
  expect(first).toEqual({ column: 1, direction: 'descending' });
  const second = nextSorting(first, 1, money);
  expect(second).toEqual({ column: 1, direction: 'ascending' });
  expect(nextSorting(second, 1, money)).toBeNull();
  expect(nextSorting(second, 0, text)).toEqual({ column: 0, direction: 'ascending' });
});
