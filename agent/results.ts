import { formatCell } from '../tools/format.ts';
import type { Cell, CellKind, CellValue, Column, Table, ToolResult, Unit } from '../tools/tool.ts';
import { plainData } from './plain.ts';

/** One tool call of a turn and what came back; `ref` (r1, r2, ...) is how text refers to it. */
export interface TurnResult {
  ref: string;
  tool: string;
  arguments: Record<string, unknown>;
  result: ToolResult;
  startedAt: Date;
  elapsedMs: number;
}

/** What of a result the model is sent: enough rows to speak about, never a whole export. */
const ROWS_FOR_MODEL = 60;

/**
 * The JSON text a model sees of a result: `{ref, status, facts, tables, notes}`. Values that people outside wrote stand in
 * columns listed as `untrustedColumns`, and the prompt says what that means.
 */
export function toModelText(ref: string, result: ToolResult): string {
  if (result.status === 'denied') return JSON.stringify({ ref, status: 'denied', message: result.message });
  if (result.status === 'error')
    return JSON.stringify({ ref, status: 'error', code: result.code, message: result.message });
  const { period, comparedTo, costBasis, credits, dataThrough, notes, truncated, rowCount } = result.receipt;
  const about = { period, comparedTo, costBasis, credits, dataThrough, notes, truncated, rowCount };
  if (result.status === 'no_data') {
    return JSON.stringify({
      ref,
      status: 'no_data',
      searched: result.searched,
      suggestions: result.suggestions,
      ...about,
    });
  }
  return JSON.stringify({
    ref,
    status: 'ok',
    ...about,
    nextCursor: result.nextCursor,
    facts: result.data.facts,
    tables: result.data.tables.map((table) => ({
      name: table.name,
      title: table.title,
      columns: table.columns.map(({ name, kind, unit }) => ({ name, kind, unit })),
      untrustedColumns: table.columns.filter((column) => column.untrusted).map((column) => column.name),
      rowsInTable: table.rows.length,
      rows: table.rows
        .slice(0, ROWS_FOR_MODEL)
        .map((row) =>
          Object.fromEntries(table.columns.map((column, index) => [column.name, shown(row[index], column)])),
        ),
    })),
  });
}

function shown(value: CellValue | undefined, { untrusted }: Column): CellValue {
  return untrusted && typeof value === 'string' ? plainData(value) : (value ?? null);
}

const PLACEHOLDER = /\{\{\s*(r\d+)\.([^{}|]+?)\s*(?:\|\s*(signed|abs)\s*)?\}\}/g;
const FACT_PATH = /^[\w-]+$/;
const CELL_PATH = /^([\w-]+)\[(\d+)\]\.(.+)$/;

export interface RenderedText {
  text: string;
  /** Spans `[start, end)` of `text` that came from cells. */
  grounded: { start: number; end: number }[];
  /** Placeholders that name no cell, as written. */
  unresolved: string[];
}

/** Text with each `{{r1.total}}` or `{{r1.costs[0].cost}}` replaced by its cell, formatted by kind and unit. */
export function renderPlaceholders(template: string, results: TurnResult[]): RenderedText {
  const grounded: { start: number; end: number }[] = [];
  const unresolved: string[] = [];
  let text = '';
  let last = 0;
  for (const match of template.matchAll(PLACEHOLDER)) {
    const [whole, ref = '', path = '', style] = match;
    text += template.slice(last, match.index);
    last = match.index + whole.length;
    const cell = findCell(results, ref, path.trim());
    if (cell === undefined) {
      unresolved.push(whole);
      continue;
    }
    const shown = formatCell(
      cell.value,
      cell.kind,
      cell.unit,
      style === 'signed' || style === 'abs' ? style : undefined,
    );
    grounded.push({ start: text.length, end: text.length + shown.length });
    text += shown;
  }
  text += template.slice(last);
  for (const left of text.match(/\{\{[^{}]*\}\}/g) ?? []) unresolved.push(left);
  return { text, grounded, unresolved };
}

function findCell(results: TurnResult[], ref: string, path: string): Cell | undefined {
  const result = results.find((candidate) => candidate.ref === ref)?.result;
  if (result?.status !== 'ok') return undefined;
  if (FACT_PATH.test(path)) return result.data.facts[path];
  const [, tableName, row, columnName] = CELL_PATH.exec(path) ?? [];
  const table = result.data.tables.find((candidate) => candidate.name === tableName);
  const column = table?.columns.findIndex((candidate) => candidate.name === columnName) ?? -1;
  const value = table?.rows[Number(row)]?.[column];
  const shape = table?.columns[column];
  return value === undefined || shape === undefined ? undefined : { value, kind: shape.kind, unit: shape.unit };
}

/** Every number a result holds, with its place: what the grounding check compares free text with. */
export function numericCells(
  result: ToolResult,
): { value: number; kind: CellKind; unit: Unit; table: string; row: number; column: string }[] {
  if (result.status !== 'ok') return [];
  const facts = Object.entries(result.data.facts).flatMap(([column, cell]) =>
    numeric(cell.value, cell.kind).map((value) => ({
      value,
      kind: cell.kind,
      unit: cell.unit,
      table: '',
      row: -1,
      column,
    })),
  );
  return facts.concat(result.data.tables.flatMap(tableCells));
}

function tableCells(table: Table) {
  return table.rows.flatMap((row, rowIndex) =>
    table.columns.flatMap((column, index) =>
      numeric(row[index] ?? null, column.kind).map((value) => ({
        value,
        kind: column.kind,
        unit: column.unit,
        table: table.name,
        row: rowIndex,
        column: column.name,
      })),
    ),
  );
}

function numeric(value: CellValue, kind: CellKind): number[] {
  if (value === null || kind === 'text' || kind === 'date') return [];
  const number = Number(value);
  return Number.isFinite(number) ? [number] : [];
}
