import { addDays, addMonths, dayOfMonth, MONTH_NAMES, monthOf, yearOf } from '../../tools/period/days.ts';
import type { DateRange } from '../../tools/tool.ts';
import type { Result, ResultTable } from './history.ts';

/** Pieces of sentences that are made of references to cells: text here never holds a number of its own. */

/** A fact of a result as the text refers to it, such as `{{r1.total}}`. */
export const fact = (result: Result, name: string, style?: 'signed' | 'abs'): string =>
  `{{${result.ref}.${name}${style ? `|${style}` : ''}}}`;

/** A cell of a table, such as `{{r1.costs[0].cost}}`. */
export const cellOf = (
  result: Result,
  table: ResultTable,
  row: number,
  column: string,
  style?: 'signed' | 'abs',
): string => `{{${result.ref}.${table.name}[${row}].${column}${style ? `|${style}` : ''}}}`;

/** The sign of a decimal text or number: 1, 0, -1; null where it is unknown. */
export function signOf(value: unknown): 1 | 0 | -1 | null {
  if (value === null || value === undefined || value === '') return null;
  const number = Number(value);
  if (!Number.isFinite(number)) return null;
  return number > 0 ? 1 : number < 0 ? -1 : 0;
}

/** The currencies of a result's facts as suffixes of their names: [''] for one currency, ['_EUR', '_USD'] for several. */
export function currencySuffixes(result: Result): string[] {
  if ('total' in result.facts) return [''];
  return Object.keys(result.facts).flatMap((name) => /^total(_[A-Z]{3})$/.exec(name)?.[1] ?? []);
}

const day = (text: string, withYear: boolean): string =>
  `${dayOfMonth(text)} ${MONTH_NAMES[monthOf(text) - 1]}${withYear ? ` ${yearOf(text)}` : ''}`;

/** Days in words with their preposition: 'in December 2025', 'on 3 March 2026', 'from 16 December 2025 to 14 January 2026'. */
export function when({ start, end }: DateRange): string {
  const last = addDays(end, -1);
  if (last === start) return `on ${day(start, true)}`;
  const whole = dayOfMonth(start) === 1 && dayOfMonth(end) === 1;
  if (whole && end === addMonths(start, 1)) return `in ${MONTH_NAMES[monthOf(start) - 1]} ${yearOf(start)}`;
  if (whole && end === addMonths(start, 3) && monthOf(start) % 3 === 1)
    return `in Q${Math.ceil(monthOf(start) / 3)} ${yearOf(start)}`;
  return `from ${day(start, yearOf(start) !== yearOf(last))} to ${day(last, true)}`;
}

/** The same without the preposition: 'December 2025', '16 December 2025 to 14 January 2026'. */
export const days = (range: DateRange): string => when(range).replace(/^(in|on|from) /, '');

/** 'a', 'a and b', 'a, b and c'. */
export function sentenceList(items: readonly string[]): string {
  if (items.length < 2) return items.join('');
  return `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`;
}

/** A sentence's beginning; identifiers such as 'm5.large' and 'prod-db' stay as they are written. */
export const capital = (text: string): string =>
  /^[a-z]+(?=$|[\s,.])(?!\.\w)/.test(text) ? `${text[0]?.toUpperCase()}${text.slice(1)}` : text;
