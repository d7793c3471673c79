import type { Answer } from '../agent/answer.ts';
import { formatCell } from '../tools/format.ts';
import type { CellKind } from '../tools/tool.ts';
import { alignRows } from './align.ts';

const ROWS_SHOWN = 40;

/** An answer as text for a terminal: the words, the tables in aligned columns, what ran, and what to ask next. */
export function renderAnswer(answer: Answer): string {
  const parts = [
    answer.text,
    ...answer.tables.map(renderTable),
    answer.receipts.length === 0 ? '' : ['What ran', ...answer.receipts.map(renderReceipt)].join('\n'),
    answer.followUps.length === 0
      ? ''
      : ['You could ask', ...answer.followUps.map((question) => `  ${question}`)].join('\n'),
    `Thread ${answer.threadId}`,
  ];
  return parts.filter((part) => part !== '').join('\n\n');
}

type AnswerTable = Pick<Answer['tables'][number], 'title' | 'columns' | 'rows'>;

/** A table in aligned columns under its title. */
export function renderTable({ title, columns, rows }: AnswerTable): string {
  const shown = rows.slice(0, ROWS_SHOWN);
  const lines = alignRows(
    columns.map(({ name }) => name.replace(/^x_/, '').replaceAll('_', ' ')),
    shown.map((row) => columns.map(({ kind, unit }, index) => formatCell(row[index] ?? null, kind as CellKind, unit))),
    columns.map(({ kind }) => kind !== 'text' && kind !== 'date'),
  );
  if (rows.length > shown.length) lines.push(`... and ${rows.length - shown.length} more rows; --json prints all.`);
  return [title, ...lines.map((line) => `  ${line}`)].join('\n');
}

function renderReceipt(receipt: Answer['receipts'][number]): string {
  const facts = [
    `${receipt.tool} ${JSON.stringify(receipt.arguments)}`,
    receipt.period === undefined ? '' : `period [${receipt.period.start}, ${receipt.period.end})`,
    receipt.costBasis === undefined ? '' : `${receipt.costBasis}, credits ${receipt.credits ?? 'excluded'}`,
    `${receipt.rowCount} rows${receipt.truncated ? ' (cut)' : ''}`,
    receipt.dataThrough === null ? '' : `data through ${receipt.dataThrough}`,
    `${Math.round(receipt.elapsedMs)} ms`,
    `hash ${receipt.hash.slice(0, 12)}`,
  ].filter((fact) => fact !== '');
  return [`  ${facts.join(' · ')}`, ...receipt.notes.map((note) => `    ${note}`)].join('\n');
}
