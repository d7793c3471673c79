import type { Answer } from '../agent/answer.ts';
import { cellText, columnTitle } from '../agent/cell-text.ts';

export interface TablePart {
  title: string;
  columns: { name: string; isNumber: boolean }[];
  /** `value` is there to sort by; what is shown is `text`, which is never empty. */
  rows: { text: string; value: number | null }[][];
  /** Rows of the answer that are not among `rows`. */
  rowsLeft: number;
}

/** A table of an answer as text cells, at most `most` rows of it. */
export function tablePart(table: Answer['tables'][number], most: number): TablePart {
  const cell = (row: (string | number | null)[], column: (typeof table.columns)[number], index: number) => {
    const value = row[index] ?? null;
    const number = value === null || value === '' || !isNumber(column) ? Number.NaN : Number(value);
    return { text: cellText(value, column) || '—', value: Number.isFinite(number) ? number : null };
  };
  return {
    title: table.title,
    columns: table.columns.map((column) => ({ name: columnTitle(column), isNumber: isNumber(column) })),
    rows: table.rows.slice(0, most).map((row) => table.columns.map((column, index) => cell(row, column, index))),
    rowsLeft: Math.max(0, table.rows.length - most),
  };
}

const isNumber = ({ kind }: { kind: string }): boolean => kind !== 'text' && kind !== 'date';

/** The table in aligned columns of text, for where there is no table. */
export function tableText({ columns, rows, rowsLeft }: TablePart): string {
  const lines = [columns.map(({ name }) => name), ...rows.map((row) => row.map(({ text }) => text))];
  const widths = columns.map((_, index) => Math.max(...lines.map((line) => line[index]?.length ?? 0)));
  const aligned = lines.map((line) =>
    line
      .map((text, index) =>
        columns[index]?.isNumber ? text.padStart(widths[index] ?? 0) : text.padEnd(widths[index] ?? 0),
      )
      .join('  ')
      .trimEnd(),
  );
  return [...aligned, ...(rowsLeft > 0 ? [`... and ${rowsLeft} more rows`] : [])].join('\n');
}

/** What one receipt says of how a number was found, in a line. */
export function sourceLine(receipt: Answer['receipts'][number]): string {
  const { period, costBasis, credits, rowCount, truncated, dataThrough, hash } = receipt;
  return [
    receipt.tool.replaceAll('_', ' '),
    period === undefined ? '' : `${period.start} to ${period.end} (end not included)`,
    costBasis === undefined ? '' : `${costBasis.replaceAll('_', ' ')}, credits ${credits ?? 'excluded'}`,
    `${rowCount} ${rowCount === 1 ? 'row' : 'rows'}${truncated ? ', cut' : ''}`,
    dataThrough === null ? '' : `data through ${dataThrough}`,
    `receipt ${hash.slice(0, 12)}`,
  ]
    .filter((fact) => fact !== '')
    .join(' · ');
}

/** Splits a text into pieces of at most `most` characters, at the end of a paragraph, line or word where there is one. */
export function pieces(text: string, most: number): string[] {
  const found: string[] = [];
  let rest = text.trim();
  while (rest.length > most) {
    const room = rest.slice(0, most);
    const end = [room.lastIndexOf('\n\n'), room.lastIndexOf('\n'), room.lastIndexOf(' ')].find((at) => at > most / 2);
    // Half of a character outside the basic plane is none.
    const cut = end ?? (/[\uD800-\uDBFF]$/.test(room) ? most - 1 : most);
    found.push(rest.slice(0, cut).trimEnd());
    rest = rest.slice(cut).trimStart();
  }
  return rest === '' ? found : [...found, rest];
}
