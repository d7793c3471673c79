import { type ReactNode, useState } from 'react';
import type { Answer } from '../../../agent/answer.ts';
import type { CellValue } from '../../../tools/tool.ts';
import { toCsv } from '../../csv.ts';
import { type AnswerColumn, cellText, columnLabel, exactText, isChange, isNumeric } from '../cells.ts';
import { nextSorting, type Sorting, sortRows } from '../table-sort.ts';
import { visible } from '../untrusted.ts';
import { SmallButton } from './button.tsx';
import { CopyButton } from './copy-button.tsx';

type Table = Answer['tables'][number];

/** Text up to this stays on one line; longer text wraps within its column. */
const SHORT_CHARS = 20;

/** Rows shown before the rest is asked for. */
const ROWS_SHOWN = 12;

/** A table with headings that sort, in a box that scrolls sideways on its own, and its exact values as CSV. */
export function AnswerTable({ table, granularity }: { table: Table; granularity: string | undefined }): ReactNode {
  const [sorting, setSorting] = useState<Sorting | null>(null);
  const [all, setAll] = useState(false);
  const { title, columns } = table;
  const rows = sortRows(columns, table.rows, sorting);
  const shown = all ? rows : rows.slice(0, ROWS_SHOWN);
  return (
    <figure className="overflow-hidden rounded-xl border border-line bg-surface">
      <figcaption className="flex flex-wrap items-center gap-x-1 border-line border-b py-1 pr-1.5 pl-4">
        <bdi className="min-w-0 flex-1 py-1 font-medium text-sm">{visible(title)}</bdi>
        <CopyButton label="Copy" text={() => toCsv(columns, rows)} what={`${title} as CSV`} />
        <SmallButton
          aria-label={`Download ${title} as CSV`}
          icon="download"
          onClick={() => download(title, toCsv(columns, rows))}
        >
          <span className="max-sm:sr-only">CSV</span>
        </SmallButton>
      </figcaption>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable without a mouse */}
      <section aria-label={title} className="scroll-x" tabIndex={0}>
        <table className="w-full border-collapse text-sm">
          <thead>
            <tr>
              {columns.map((column, index) => (
                <Heading
                  column={column}
                  key={column.name}
                  onSort={() => setSorting(nextSorting(sorting, index, column))}
                  sorting={sorting?.column === index ? sorting.direction : undefined}
                />
              ))}
            </tr>
          </thead>
          <tbody>
            {shown.map((row, index) => (
              <tr className="border-line border-t" key={String(index)}>
                {columns.map((column, at) => (
                  <Cell
                    column={column}
                    first={at === 0}
                    key={column.name}
                    text={cellText(row[at] ?? null, column, granularity)}
                    value={row[at] ?? null}
                  />
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      {rows.length > ROWS_SHOWN ? (
        <div className="border-line border-t px-1.5 py-1">
          <SmallButton aria-expanded={all} onClick={() => setAll(!all)}>
            {all ? `Show the first ${ROWS_SHOWN}` : `Show all ${rows.length} rows`}
          </SmallButton>
        </div>
      ) : null}
    </figure>
  );
}

const MARKS = { ascending: '↑', descending: '↓' } as const;

function Heading({
  column,
  sorting,
  onSort,
}: {
  column: AnswerColumn;
  sorting: Sorting['direction'] | undefined;
  onSort: () => void;
}): ReactNode {
  // The mark stands on the inner side, so that headings line up with their values whether they are sorted or not.
  const side = isNumeric(column) ? 'flex-row-reverse' : '';
  return (
    <th aria-sort={sorting ?? 'none'} className="p-0 font-medium text-soft" scope="col">
      <button
        className={`flex min-h-9 w-full items-center gap-1 whitespace-nowrap px-4 -outline-offset-2 hover:text-ink ${side}`}
        onClick={onSort}
        type="button"
      >
        {columnLabel(column)}
        <span aria-hidden="true" className={sorting === undefined ? 'invisible' : 'text-accent'}>
          {MARKS[sorting ?? 'descending']}
        </span>
      </button>
    </th>
  );
}

interface CellProps {
  column: AnswerColumn;
  value: CellValue;
  text: string;
  first: boolean;
}

function Cell({ column, value, text, first }: CellProps): ReactNode {
  if (isNumeric(column)) {
    return (
      <td
        className={`whitespace-nowrap px-4 py-2 text-right tabular-nums ${colorOf(column, value)}`}
        title={exactText(value, column)}
      >
        {column.name === 'share' ? <ShareBar percent={Number(value)} /> : null}
        <span className={column.name === 'share' ? 'inline-block min-w-14' : undefined}>{text}</span>
      </td>
    );
  }
  const content = (
    <span
      className={
        text.length > SHORT_CHARS ? 'line-clamp-3 min-w-36 max-w-72 [overflow-wrap:anywhere]' : 'whitespace-nowrap'
      }
      title={text.length > 60 ? text : undefined}
    >
      <bdi>{text}</bdi>
    </span>
  );
  const look = 'px-4 py-2 text-left font-normal';
  return first ? (
    <th className={look} scope="row">
      {content}
    </th>
  ) : (
    <td className={look}>{content}</td>
  );
}

/** More cost is the colour of warmth, less the colour of good news; the sign says the same to everybody. */
function colorOf(column: AnswerColumn, value: CellValue): string {
  if (!isChange(column) || value === null || Number(value) === 0) return '';
  return Number(value) > 0 ? 'text-bad' : 'text-good';
}

function ShareBar({ percent }: { percent: number }): ReactNode {
  const width = `${Math.max(0, Math.min(100, percent))}%`;
  return (
    <span
      aria-hidden="true"
      className="inline-block h-1.5 w-14 overflow-hidden rounded-full bg-line align-middle max-sm:hidden"
    >
      <span className="block h-full rounded-full bg-accent" style={{ width }} />
    </span>
  );
}

function download(title: string, csv: string) {
  const url = URL.createObjectURL(new Blob([csv], { type: 'text/csv' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = `${
    title
      .toLowerCase()
      .replaceAll(/[^a-z0-9]+/g, '-')
      .replaceAll(/^-|-$/g, '') || 'table'
  }.csv`;
  link.click();
  URL.revokeObjectURL(url);
}
