import type { CellKind, CellValue } from '../tools/tool.ts';

/** What of a column CSV needs: its heading, and whether its values are text somebody may have written. */
export interface CsvColumn {
  name: string;
  kind: CellKind | (string & {});
}

/**
 * The rows as CSV (RFC 4180, CRLF, headings first), with values exact and unknowns empty. Text that a spreadsheet would
 * run as a formula gets a leading apostrophe: tags and names come from outside (OWASP, CSV injection).
 */
export function toCsv(columns: CsvColumn[], rows: CellValue[][]): string {
  const lines = [
    columns.map((column) => quote(column.name)),
    ...rows.map((row) => columns.map((column, index) => quote(plain(row[index] ?? null, column.kind)))),
  ];
  return lines.map((line) => `${line.join(',')}\r\n`).join('');
}

function plain(value: CellValue, kind: string): string {
  const text = value === null ? '' : String(value);
  return kind === 'text' && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
}

function quote(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
