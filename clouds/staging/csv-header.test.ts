import { expect, test } from 'vitest';
import { parseCsvHeader } from './csv-header.ts';

test('names the columns and says how long the line is', () => {
  expect(parseCsvHeader('a,b\n1,2\n')).toEqual({
    names: ['a', 'b'],
    delimiter: ',',
    length: 4,
    newline: '\n',
    rows: 1,
  });
  expect(parseCsvHeader('\ufeffa,b\r\n1,2')).toEqual({
    names: ['a', 'b'],
    delimiter: ',',
    length: 8,
    newline: '\r\n',
    rows: 1,
  });
  expect(parseCsvHeader('a,b')).toMatchObject({ names: ['a', 'b'] });
});

test('quoted names may hold delimiters, quotes and line breaks', () => {
  expect(parseCsvHeader('"a,x","b ""y""","c\nd", e \n')).toMatchObject({
    names: ['a,x', 'b "y"', 'c\nd', 'e'],
    rows: 2,
  });
});

test('the delimiter is found', () => {
  expect(parseCsvHeader('a;b;c,d\n')).toMatchObject({ delimiter: ';', names: ['a', 'b', 'c,d'] });
  expect(parseCsvHeader('a\tb\n')).toMatchObject({ delimiter: '\t' });
  expect(parseCsvHeader('alone\n')).toMatchObject({ names: ['alone'] });
});

test('there may be none', () => {
  expect(parseCsvHeader('')).toBeUndefined();
  expect(parseCsvHeader('\n1,2\n')).toBeUndefined();
});
