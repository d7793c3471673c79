import type { DecimalText } from '../money.ts';

/** A value that a summary may quote, as tools hand them over: money and quantities as decimal text, with what they are measured in. */
export interface InsightCell {
  value: DecimalText | number | null;
  kind: 'text' | 'money' | 'count' | 'percent' | 'date';
  unit: string | null;
}

export interface InsightColumn {
  name: string;
  kind: InsightCell['kind'];
  unit: string | null;
  untrusted?: boolean;
}

export interface InsightTable {
  name: string;
  title: string;
  columns: InsightColumn[];
  rows: (DecimalText | number | null)[][];
}

export interface InsightData {
  facts: Record<string, InsightCell>;
  tables: InsightTable[];
}

const PLACEHOLDER = /\{\{([a-z_]+)(?:\.(\d+)\.([a-z_]+))?(?:\|(abs))?\}\}/g;

/**
 * Returns the text with its placeholders filled from cells: `{{change}}` is a fact, `{{drivers.0.change}}` a cell of a table, and `|abs`
 * leaves the sign to the words. The numbers of a summary stand nowhere else.
 * @throws Error for a cell that is not there, which is a mistake of whoever wrote the text
 */
export function fill(text: string, data: InsightData): string {
  return text.replace(
    PLACEHOLDER,
    (whole, name: string, row: string | undefined, column: string | undefined, style) => {
      const cell = row === undefined ? data.facts[name] : cellOf(data, name, Number(row), column ?? '');
      if (cell === undefined) throw new Error(`There is no cell ${whole}`);
      return formatCell(cell, style === 'abs');
    },
  );
}

function cellOf({ tables }: InsightData, name: string, row: number, column: string): InsightCell | undefined {
  const table = tables.find((one) => one.name === name);
  const at = table?.columns.findIndex((one) => one.name === column) ?? -1;
  const [found, value] = [table?.columns[at], table?.rows[row]?.[at]];
  return found === undefined || value === undefined ? undefined : { value, kind: found.kind, unit: found.unit };
}

function formatCell({ value, kind, unit }: InsightCell, isAbsolute: boolean): string {
  if (value === null) return 'unknown';
  if (kind === 'text' || kind === 'date') return String(value);
  const number = (isAbsolute ? String(value).replace(/^-/, '') : String(value)) as Intl.StringNumericLiteral;
  if (kind === 'count') return COUNT.format(number);
  if (kind === 'percent') return `${PERCENT.format(number)}%`;
  if (unit !== null && /^[A-Z]{3}$/.test(unit) && unit !== 'XXX') {
    return new Intl.NumberFormat('en-US', { style: 'currency', currency: unit }).format(number);
  }
  return AMOUNT.format(number);
}

const COUNT = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });
const PERCENT = new Intl.NumberFormat('en-US', { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const AMOUNT = new Intl.NumberFormat('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 });
