import { formatCell } from '../tools/format.ts';
import type { CellKind, CellValue } from '../tools/tool.ts';
import type { Answer } from './answer.ts';
import { plainData } from './plain.ts';

type Column = Answer['tables'][number]['columns'][number];

/** Returns a cell of an answer as a person reads it, for surfaces that show text: on one line, with its unit. */
export function cellText(value: CellValue, { kind, unit }: Pick<Column, 'kind' | 'unit'>): string {
  return plainData(formatCell(value, kind as CellKind, unit));
}

/** Returns the heading of a column in words: `x_unit_cost` as `unit cost`. */
export const columnTitle = ({ name }: Pick<Column, 'name'>): string => name.replace(/^x_/, '').replaceAll('_', ' ');
