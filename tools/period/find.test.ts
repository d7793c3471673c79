import { describe, expect, test } from 'vitest';
import { findPeriods, type PeriodContext } from '../period.ts';

const THURSDAY: PeriodContext = {
  now: new Date('2026-01-15T12:00:00Z'),
  dataThrough: '2026-01-14',
  dataFrom: '2024-11-15',
};

/** 'words: days' of each period, then what is compared, on one line. */
function told(question: string): string {
  const { periods, comparison } = findPeriods(question, THURSDAY);
  const named = periods.map(({ text, period, problem }) => {
    const reason = String(problem?.details?.reason ?? '');
    return `${text}: ${period ? `${period.range.start}..${period.range.end}` : reason}`;
  });
  const { current, compareTo } = comparison ?? {};
  const compared = compareTo
    ? ` || ${current ? `${current.range.start}..${current.range.end}` : '?'} vs ${compareTo}`
    : '';
  return `${named.join(', ')}${compared}`;
}

const rows = (table: string): [string, string][] =>
  table
    .trim()
    .split('\n')
    .map((line) => line.split('=>').map((cell) => cell.trim()) as [string, string]);

describe('periods in a question', () => {
  test.each(
    rows(`
Top 5 services with rising cost last 60 days? => last 60 days: 2025-11-16..2026-01-15
daily for the past two weeks => the past two weeks: 2026-01-01..2026-01-15
show a 90-day trend => 90-day: 2025-10-17..2026-01-15
may I see the costs in May => May: 2025-05-01..2025-06-01
what may have changed =>
services over 5m =>
spend over 2000 in 2025 => 2025: 2025-01-01..2026-01-01
top 2025 resources =>
resources older than 30 days =>
walk me through last month => last month: 2025-12-01..2026-01-01
costs from November to December by service => from November to December: 2025-11-01..2026-01-01
cost for last month and this month => last month: 2025-12-01..2026-01-01, this month: 2026-01-01..2026-01-15
what did November and December 2024 cost => November: 2024-11-01..2024-12-01, December 2024: 2024-12-01..2025-01-01
spend next quarter => next quarter: future
spend on 30 February => 30 February: invalid
our constructor costs =>
EC2 in us-east-1 =>
`),
  )('"%s" names %s', (question, expected) => {
    expect(told(question)).toBe(expected);
  });
});

describe('comparisons in a question', () => {
  test.each(
    rows(`
March vs April => March: 2025-03-01..2025-04-01, April: 2025-04-01..2025-05-01 || 2025-04-01..2025-05-01 vs previous period
April against March => April: 2025-04-01..2025-05-01, March: 2025-03-01..2025-04-01 || 2025-04-01..2025-05-01 vs previous period
March versus May => March: 2025-03-01..2025-04-01, May: 2025-05-01..2025-06-01 || 2025-05-01..2025-06-01 vs 2025-03-01..2025-04-01
Q1 vs Q2 2025 => Q1: 2025-01-01..2025-04-01, Q2 2025: 2025-04-01..2025-07-01 || 2025-04-01..2025-07-01 vs previous period
December 2025 compared with December 2024 => December 2025: 2025-12-01..2026-01-01, December 2024: 2024-12-01..2025-01-01 || 2025-12-01..2026-01-01 vs same period last year
this month compared to last month => this month: 2026-01-01..2026-01-15, last month: 2025-12-01..2026-01-01 || 2026-01-01..2026-01-15 vs previous period
compare this week to last week => this week to last week: 2026-01-12..2026-01-15 || 2026-01-12..2026-01-15 vs previous period
compared to last month => last month: 2025-12-01..2026-01-01 || 2026-01-01..2026-01-15 vs previous period
is spend higher than last quarter => last quarter: 2025-10-01..2026-01-01 || 2026-01-01..2026-01-15 vs previous period
has it gone up since last week => since last week: 2026-01-05..2026-01-15 || 2026-01-12..2026-01-15 vs previous period
how did it change from November to December => from November to December: 2025-11-01..2026-01-01 || 2025-12-01..2026-01-01 vs previous period
what changed between October and December => between October and December: 2025-10-01..2026-01-01 || 2025-12-01..2026-01-01 vs 2025-10-01..2025-11-01
last 30 days vs the previous 30 days => last 30 days: 2025-12-16..2026-01-15 || 2025-12-16..2026-01-15 vs previous period
last 3 months against the previous 3 months => last 3 months: 2025-10-15..2026-01-15 || 2025-10-15..2026-01-15 vs previous period
last month and the month before => last month: 2025-12-01..2026-01-01 || 2025-12-01..2026-01-01 vs previous period
the last 7 days with the 7 days before => the last 7 days: 2026-01-08..2026-01-15 || 2026-01-08..2026-01-15 vs previous period
December and the same month last year => December: 2025-12-01..2026-01-01 || 2025-12-01..2026-01-01 vs same period last year
month over month => || 2025-12-01..2026-01-01 vs previous period
MoM for November => November: 2025-11-01..2025-12-01 || 2025-11-01..2025-12-01 vs previous period
week-over-week => || 2026-01-05..2026-01-12 vs previous period
yoy => || 2026-01-01..2026-01-15 vs same period last year
versus March => March: 2025-03-01..2025-04-01 || ? vs 2025-03-01..2025-04-01
compare EC2 to last month => last month: 2025-12-01..2026-01-01 || 2026-01-01..2026-01-15 vs previous period
compare December to November => December to November: 2024-12-01..2025-12-01 || 2025-12-01..2026-01-01 vs previous period
change from June to November => from June to November: 2025-06-01..2025-12-01 || 2025-11-01..2025-12-01 vs 2025-06-01..2025-07-01
show March and April => March: 2025-03-01..2025-04-01, April: 2025-04-01..2025-05-01
`),
  )('"%s" is %s', (question, expected) => {
    expect(told(question).trim()).toBe(expected);
  });

  test('year over year takes whole months where the data does not reach back to the start of last year', () => {
    const { comparison } = findPeriods('year over year', { ...THURSDAY, dataFrom: '2025-06-01' });
    expect(comparison?.current?.range).toEqual({ start: '2025-12-01', end: '2026-01-01' });
  });

  test('positions are those of the words', () => {
    const question = 'EC2 cost last month?';
    const [period] = findPeriods(question, THURSDAY).periods;
    expect(question.slice(period?.start, period?.end)).toBe('last month');
  });
});
