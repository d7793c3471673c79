import type { CellValue } from '../../tools/tool.ts';
import { type AnswerColumn, isNumeric } from './cells.ts';

export interface Sorting {
  column: number;
  direction: 'ascending' | 'descending';
}

/** The next sorting when a heading is chosen: numbers start with the largest, text with A, the third time is the given order. */
export function nextSorting(current: Sorting | null, column: number, { kind }: AnswerColumn): Sorting | null {
  const first = ['text', 'date'].includes(kind) ? 'ascending' : 'descending';
  if (current?.column !== column) return { column, direction: first };
  if (current.direction !== first) return null;
  return { column, direction: first === 'ascending' ? 'descending' : 'ascending' };
}

/** The rows in a sorting's order, unknowns always last; equal rows keep the order they came in. */
export function sortRows(columns: AnswerColumn[], rows: CellValue[][], sorting: Sorting | null): CellValue[][] {
  const column = sorting === null ? undefined : columns[sorting.column];
  if (sorting === null || column === undefined) return rows;
  const compare = isNumeric(column) ? compareDecimals : compareText;
  const sign = sorting.direction === 'ascending' ? 1 : -1;
  return rows.toSorted((left, right) => {
    const [a, b] = [left[sorting.column] ?? null, right[sorting.column] ?? null];
    if (a === null || b === null) return Number(a === null) - Number(b === null);
    return sign * compare(String(a), String(b));
  });
}

const collator = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });

function compareText(a: string, b: string): number {
  return collator.compare(a, b);
}

/** Decimal text by value, exactly: amounts may have more digits than a float tells apart. */
export function compareDecimals(a: string, b: string): number {
  const [left, right] = [splitDecimal(a), splitDecimal(b)];
  if (left === null || right === null) return compareText(a, b);
  const places = Math.max(left.fraction.length, right.fraction.length);
  const difference = scaled(left, places) - scaled(right, places);
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

function splitDecimal(text: string): { whole: string; fraction: string } | null {
  const [, whole, fraction = ''] = /^([+-]?\d+)(?:\.(\d+))?$/.exec(text) ?? [];
  return whole === undefined ? null : { whole, fraction };
}

function scaled({ whole, fraction }: { whole: string; fraction: string }, places: number): bigint {
  return BigInt(whole + fraction.padEnd(places, '0'));
}
