import { describe, expect, test } from 'vitest';
import { PennyError } from '../../errors.ts';
import {
  type PeriodContext,
  periodText,
  previousPeriod,
  resolveComparison,
  resolvePeriod,
  samePeriodLastYear,
} from '../period.ts';

/** Thursday noon, the bill complete up to yesterday. */
const THURSDAY: PeriodContext = {
  now: new Date('2026-01-15T12:00:00Z'),
  dataThrough: '2026-01-14',
  dataFrom: '2024-11-15',
};

const days = (text: string, context = THURSDAY): string => {
  const { start, end } = resolvePeriod(text, context).range;
  return `${start}..${end}`;
};

/** Rows 'text | start..end' of days, the end left out. */
const rows = (table: string): [string, string][] =>
  table
    .trim()
    .split('\n')
    .map((line) => line.split('|').map((cell) => cell.trim()) as [string, string]);

function reasonOf(text: string, context = THURSDAY): string {
  try {
    resolvePeriod(text, context);
  } catch (error) {
    if (error instanceof PennyError && error.code === 'period_unknown') return String(error.details?.reason);
    throw error;
  }
  return 'understood';
}

describe('on an ordinary day', () => {
  test.each(
    rows(`
yesterday                       | 2026-01-14..2026-01-15
the day before yesterday        | 2026-01-13..2026-01-14
last 30 days                    | 2025-12-16..2026-01-15
past seven days                 | 2026-01-08..2026-01-15
the last day                    | 2026-01-14..2026-01-15
trailing 12 months              | 2025-01-15..2026-01-15
last 2 weeks                    | 2026-01-01..2026-01-15
last couple of weeks            | 2026-01-01..2026-01-15
past few days                   | 2026-01-12..2026-01-15
last twenty-four hours          | 2026-01-14..2026-01-15
last 72 hours                   | 2026-01-12..2026-01-15
last fortnight                  | 2026-01-01..2026-01-15
30d                             | 2025-12-16..2026-01-15
over the last 90 days           | 2025-10-17..2026-01-15
last 1 quarter                  | 2025-10-15..2026-01-15
past month                      | 2025-12-15..2026-01-15
past year                       | 2025-01-15..2026-01-15
last 3 full months              | 2025-10-01..2026-01-01
the previous 3 months           | 2025-10-01..2026-01-01
last 2 complete weeks           | 2025-12-29..2026-01-12
last week                       | 2026-01-05..2026-01-12
last month                      | 2025-12-01..2026-01-01
previous quarter                | 2025-10-01..2026-01-01
last year                       | 2025-01-01..2026-01-01
this week                       | 2026-01-12..2026-01-15
this month                      | 2026-01-01..2026-01-15
current quarter                 | 2026-01-01..2026-01-15
this year                       | 2026-01-01..2026-01-15
month to date                   | 2026-01-01..2026-01-15
MTD                             | 2026-01-01..2026-01-15
QTD                             | 2026-01-01..2026-01-15
year-to-date                    | 2026-01-01..2026-01-15
so far this month               | 2026-01-01..2026-01-15
this week so far                | 2026-01-12..2026-01-15
last month to date              | 2025-12-01..2025-12-15
Q4                              | 2025-10-01..2026-01-01
Q1                              | 2026-01-01..2026-01-15
Q3 2025                         | 2025-07-01..2025-10-01
2025 Q3                         | 2025-07-01..2025-10-01
Q3'25                           | 2025-07-01..2025-10-01
second quarter of last year     | 2025-04-01..2025-07-01
H2 2025                         | 2025-07-01..2026-01-01
first half of 2025              | 2025-01-01..2025-07-01
FY25                            | 2025-01-01..2026-01-01
fiscal year 2025                | 2025-01-01..2026-01-01
Q2 FY2025                       | 2025-04-01..2025-07-01
2025                            | 2025-01-01..2026-01-01
in 2025                         | 2025-01-01..2026-01-01
March                           | 2025-03-01..2025-04-01
in January                      | 2026-01-01..2026-01-15
last January                    | 2025-01-01..2025-02-01
March last year                 | 2025-03-01..2025-04-01
mar '25                         | 2025-03-01..2025-04-01
the month of May                | 2025-05-01..2025-06-01
03/2025                         | 2025-03-01..2025-04-01
2025-03                         | 2025-03-01..2025-04-01
first half of March             | 2025-03-01..2025-03-16
first week of December          | 2025-12-01..2025-12-08
the second week of January 2026 | 2026-01-08..2026-01-15
last week of December           | 2025-12-25..2026-01-01
first 10 days of November       | 2025-11-01..2025-11-11
the last 3 days of last month   | 2025-12-29..2026-01-01
last day of November            | 2025-11-30..2025-12-01
the last quarter of 2025        | 2025-10-01..2026-01-01
first two months of 2025        | 2025-01-01..2025-03-01
early December                  | 2025-12-01..2025-12-11
mid-November                    | 2025-11-11..2025-11-21
the end of November             | 2025-11-21..2025-12-01
since the beginning of the year | 2026-01-01..2026-01-15
this fiscal year                | 2026-01-01..2026-01-15
the 1st to the 10th of January  | 2026-01-01..2026-01-11
between 3 and 5 December        | 2025-12-03..2025-12-06
3 March 2025                    | 2025-03-03..2025-03-04
March 3rd                       | 2025-03-03..2025-03-04
the 3rd of March, 2025          | 2025-03-03..2025-03-04
25 December                     | 2025-12-25..2025-12-26
2025-12-25                      | 2025-12-25..2025-12-26
25.12.2025                      | 2025-12-25..2025-12-26
25/12/2025                      | 2025-12-25..2025-12-26
Nov 10-14                       | 2025-11-10..2025-11-15
10 to 14 November 2025          | 2025-11-10..2025-11-15
last Tuesday                    | 2026-01-13..2026-01-14
last Thursday                   | 2026-01-08..2026-01-09
Friday last week                | 2026-01-09..2026-01-10
last weekend                    | 2026-01-10..2026-01-12
the weekend                     | 2026-01-10..2026-01-12
the week of 3 March             | 2025-03-03..2025-03-10
the week of March 6th           | 2025-03-03..2025-03-10
week ending 2025-03-09          | 2025-03-03..2025-03-10
week 12 of 2025                 | 2025-03-17..2025-03-24
3 days ago                      | 2026-01-12..2026-01-13
two months ago                  | 2025-11-01..2025-12-01
since March                     | 2025-03-01..2026-01-15
since 2025-03-01                | 2025-03-01..2026-01-15
from 2025-05-01                 | 2025-05-01..2026-01-15
from May onwards                | 2025-05-01..2026-01-15
after November                  | 2025-12-01..2026-01-15
until 2025-03-31                | 2024-11-15..2025-04-01
before March                    | 2024-11-15..2025-03-01
all time                        | 2024-11-15..2026-01-15
from January to March           | 2025-01-01..2025-04-01
Jan-Mar 2025                    | 2025-01-01..2025-04-01
between March and May 2025      | 2025-03-01..2025-06-01
Nov 2024 to Jan 2025            | 2024-11-01..2025-02-01
November to January             | 2025-11-01..2026-01-15
2025-03-01 to 2025-03-31        | 2025-03-01..2025-04-01
2025-03-01/2025-03-31           | 2025-03-01..2025-04-01
2025-03-01..2025-04-01          | 2025-03-01..2025-04-01
from 5 December to yesterday    | 2025-12-05..2026-01-15
30 days ending 2025-06-30       | 2025-06-01..2025-07-01
letzten Monat                   | 2025-12-01..2026-01-01
letzte 30 Tage                  | 2025-12-16..2026-01-15
le mois dernier                 | 2025-12-01..2026-01-01
este mes                        | 2026-01-01..2026-01-15
`),
  )('"%s" is %s', (text, expected) => {
    expect(days(text)).toBe(expected);
  });

  test.each(
    rows(`
today                    | outside_data
next month               | future
tomorrow                 | future
February 2026            | future
2023                     | outside_data
2026-01-20               | future
Feb 30                   | invalid
31 November 2025         | invalid
2025-13-01               | invalid
05/06/2025               | invalid
2025-04-01..2025-03-01   | empty
2025-04-01..2025-04-01   | empty
last 0 days              | invalid
the other day            | unparsed
constructor              | unparsed
last constructor         | unparsed
_                        | unparsed
`),
  )('"%s" is refused as %s, and what is suggested instead can be used', (text, reason) => {
    expect(reasonOf(text)).toBe(reason);
    try {
      resolvePeriod(text, THURSDAY);
    } catch (error) {
      if (!(error instanceof PennyError)) throw error;
      const suggestions = (error.details?.suggestions ?? []) as string[];
      expect(suggestions.length).toBeGreaterThan(0);
      const usable = suggestions.filter((suggestion) => reasonOf(suggestion) === 'understood');
      expect(usable.length).toBeGreaterThan(0);
      expect(error.message).toContain(suggestions[0]);
    }
  });

  test('the text of a period names its days again', () => {
    for (const text of ['last 30 days', 'this month', 'Q3 2025', 'Nov 10-14', 'since March', 'last Tuesday', 'FY25']) {
      const period = resolvePeriod(text, THURSDAY);
      expect(resolvePeriod(periodText(period), THURSDAY).range).toEqual(period.range);
    }
  });

  test('says what a reader must know', () => {
    expect(resolvePeriod('last 24 hours', THURSDAY).note).toContain('the last full day of data');
    expect(resolvePeriod('FY25', THURSDAY).note).toContain('calendar year');
    expect(resolvePeriod('past few days', THURSDAY).note).toContain('"few" is read as 3');
    expect(resolvePeriod('2025-12-20 to 2026-01-20', THURSDAY).note).toContain('counts up to 2026-01-14');
    expect(resolvePeriod('2024', THURSDAY).note).toContain('the data starts on 2024-11-15');
    expect(resolvePeriod('last month', THURSDAY).note).toBeUndefined();
  });
});

describe('at the edges of the calendar', () => {
  const on = (day: string, dataThrough: string): PeriodContext => ({ now: new Date(`${day}T00:30:00Z`), dataThrough });

  test.each([
    ['New Year', '2026-01-01', '2025-12-31', 'last month', '2025-12-01..2026-01-01'],
    ['New Year', '2026-01-01', '2025-12-31', 'last quarter', '2025-10-01..2026-01-01'],
    ['New Year', '2026-01-01', '2025-12-31', 'last year', '2025-01-01..2026-01-01'],
    ['New Year', '2026-01-01', '2025-12-31', 'last 30 days', '2025-12-02..2026-01-01'],
    ['New Year', '2026-01-01', '2025-12-31', 'this week', '2025-12-29..2026-01-01'],
    ['a leap day', '2024-02-29', '2024-02-28', 'this month', '2024-02-01..2024-02-29'],
    ['a leap day', '2024-02-29', '2024-02-28', 'last 1 year', '2023-02-28..2024-02-29'],
    ['the day after a leap day', '2024-03-01', '2024-02-29', 'last month', '2024-02-01..2024-03-01'],
    ['the day after a leap day', '2024-03-01', '2024-02-29', 'yesterday', '2024-02-29..2024-03-01'],
    ['the end of March', '2026-03-31', '2026-03-30', 'last 1 month', '2026-02-28..2026-03-31'],
    ['the end of March', '2026-03-31', '2026-03-30', 'last month to date', '2026-02-01..2026-03-01'],
    ['a Monday', '2026-01-12', '2026-01-11', 'last week', '2026-01-05..2026-01-12'],
    ['a Sunday', '2026-01-18', '2026-01-17', 'this week', '2026-01-12..2026-01-18'],
    ['a Sunday', '2026-01-18', '2026-01-17', 'last weekend', '2026-01-10..2026-01-12'],
    ['a Monday', '2026-01-12', '2026-01-11', 'last weekend', '2026-01-10..2026-01-12'],
    ['a Monday', '2026-01-12', '2026-01-11', 'last Monday', '2026-01-05..2026-01-06'],
    ['the last day of a quarter', '2025-12-31', '2025-12-30', 'this quarter', '2025-10-01..2025-12-31'],
  ])('on %s (%s, data through %s) "%s" is %s', (_, day, dataThrough, text, expected) => {
    expect(days(text, on(day, dataThrough))).toBe(expected);
  });

  test('the first day of a month has no month to date yet, and says to ask for the last one', () => {
    expect(() => resolvePeriod('this month', on('2026-01-01', '2025-12-31'))).toThrow(
      /no data for "this month" yet.*last month/,
    );
  });

  test('data of today counts', () => {
    expect(days('today', on('2026-01-15', '2026-01-15'))).toBe('2026-01-15..2026-01-16');
    expect(days('last 7 days', on('2026-01-15', '2026-01-15'))).toBe('2026-01-09..2026-01-16');
  });

  test('data that claims to know the future is cut at today', () => {
    expect(days('last 7 days', on('2026-01-15', '2026-02-01'))).toBe('2026-01-09..2026-01-16');
  });

  test('before anything is loaded the days up to yesterday are meant', () => {
    expect(days('last 7 days', { now: THURSDAY.now, dataThrough: null })).toBe('2026-01-08..2026-01-15');
  });
});

describe('when the data lies behind', () => {
  const behind = (dataThrough: string): PeriodContext => ({ now: THURSDAY.now, dataThrough, dataFrom: '2024-11-15' });

  test('a window ends with the data while it is at most a week old, and says so', () => {
    const period = resolvePeriod('last 30 days', behind('2026-01-08'));
    expect(period.range).toEqual({ start: '2025-12-10', end: '2026-01-09' });
    expect(period.note).toContain('2026-01-08, 7 days ago');
  });

  test('older data has no last 30 days, and the days it does have are suggested', () => {
    expect(reasonOf('last 30 days', behind('2026-01-07'))).toBe('data_stale');
    expect(() => resolvePeriod('last 30 days', behind('2026-01-07'))).toThrow('2025-12-09..2026-01-08');
  });

  test('a calendar month is the whole month, and says which days are missing', () => {
    const period = resolvePeriod('last month', behind('2025-12-28'));
    expect(period.range).toEqual({ start: '2025-12-01', end: '2026-01-01' });
    expect(period.note).toContain('the data ends on 2025-12-28');
  });
});

describe('what a period is compared with', () => {
  const previous = (text: string, context = THURSDAY): string => {
    const { start, end } = previousPeriod(resolvePeriod(text, context)).range;
    return `${start}..${end}`;
  };

  test.each(
    rows(`
last 30 days                | 2025-11-16..2025-12-16
last month                  | 2025-11-01..2025-12-01
Q1 2025                     | 2024-10-01..2025-01-01
2025                        | 2024-01-01..2025-01-01
2025-02-01..2025-04-01      | 2024-12-01..2025-02-01
2025-03-10..2025-03-15      | 2025-03-05..2025-03-10
last week                   | 2025-12-29..2026-01-05
last weekend                | 2026-01-03..2026-01-05
yesterday                   | 2026-01-13..2026-01-14
this month                  | 2025-12-01..2025-12-15
this week                   | 2026-01-05..2026-01-08
this quarter                | 2025-10-01..2025-10-15
this year                   | 2025-01-01..2025-01-15
`),
  )('the period before "%s" is %s', (text, expected) => {
    expect(previous(text)).toBe(expected);
  });

  test('30 days of March stand against all of February, which has no more', () => {
    const context = { now: new Date('2026-03-31T08:00:00Z'), dataThrough: '2026-03-30' };
    expect(previous('this month', context)).toBe('2026-02-01..2026-03-01');
  });

  test('the same period last year keeps months whole and gives 29 February a day', () => {
    const context = { now: new Date('2024-03-15T08:00:00Z'), dataThrough: '2024-03-14' };
    const year = (text: string) => samePeriodLastYear(resolvePeriod(text, context)).range;
    expect(year('February 2024')).toEqual({ start: '2023-02-01', end: '2023-03-01' });
    expect(year('2024-02-29')).toEqual({ start: '2023-02-28', end: '2023-03-01' });
    expect(year('this month')).toEqual({ start: '2023-03-01', end: '2023-03-15' });
  });

  test.each([
    ['previous period', '2025-11-01..2025-12-01'],
    ['the period before', '2025-11-01..2025-12-01'],
    ['same period last year', '2024-12-01..2025-01-01'],
    ['the same month last year', '2024-12-01..2025-01-01'],
    ['a year ago', '2024-12-01..2025-01-01'],
    ['YoY', '2024-12-01..2025-01-01'],
    ['October', '2025-10-01..2025-11-01'],
    ['2025-10-01..2025-11-01', '2025-10-01..2025-11-01'],
  ])('last month compared with "%s" stands against %s', (text, expected) => {
    const { start, end } = resolveComparison(text, resolvePeriod('last month', THURSDAY), THURSDAY).range;
    expect(`${start}..${end}`).toBe(expected);
  });
});
