import { expect, test } from 'vitest';
import { parseInvoiceTotals } from './invoice-totals.ts';

const parse = (text: string) =>
  parseInvoiceTotals(text, 'i.csv').map(({ month, accountId, currency, amount }) => [
    month,
    accountId,
    currency,
    amount,
  ]);

test('reads columns in any order, other delimiters, quotes, a byte order mark and Windows lines', () => {
  expect(
    parse('\ufeffAmount;Account;Month;Currency;Note\r\n"1234.50";"0123";2026-09;USD;paid\r\n\r\n-3;x;2026-10;EUR;\r\n'),
  ).toEqual([
    ['2026-09-01', '0123', 'USD', '1234.5'],
    ['2026-10-01', 'x', 'EUR', '-3'],
  ]);
});

const HEAD = 'month,account,currency,amount\n';

test.each([
  ['an empty file', '', 'file_empty', 'i.csv holds no invoice totals.'],
  ['a head alone', HEAD, 'file_empty', 'i.csv holds no invoice totals.'],
  ['no amount', 'month,account,currency\n2026-09,a,USD\n', 'column_missing', 'lacks amount'],
  ['a day', `${HEAD}2026-09-01,a,USD,1\n`, 'value_invalid', "line 2: month '2026-09-01' is not like 2026-09"],
  ['a thirteenth month', `${HEAD}2026-09,a,USD,1\n2026-13,a,USD,1\n`, 'value_invalid', 'line 3: month'],
  ['thousands', `${HEAD}2026-09,a,USD,"1,000"\n`, 'value_invalid', "amount '1,000' is not a plain number"],
  ['a sign of currency', `${HEAD}2026-09,a,$,1\n`, 'value_invalid', "currency '$' is not like USD"],
  ['a line that ends early', `${HEAD}2026-09,a,USD\n`, 'value_invalid', "amount ''"],
  ['no account', `${HEAD}2026-09,,USD,1\n`, 'value_invalid', "account '' is empty"],
])('refuses %s', (_, text, code, message) => {
  expect(() => parseInvoiceTotals(text, 'i.csv')).toThrow(
    expect.objectContaining({ code, message: expect.stringContaining(message) }),
  );
});
