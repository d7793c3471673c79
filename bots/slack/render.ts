import type { Answer } from '../../agent/answer.ts';
import { pieces, sourceLine, type TablePart, tablePart, tableText } from '../answer-parts.ts';
import { type Block, button, context, LIMITS, section } from './blocks.ts';
import { escaped, shortened } from './text.ts';

/** A message of Slack: `text` is what notifications and old clients show. */
export interface Rendered {
  text: string;
  blocks: Block[];
}

export interface AnswerView {
  /** Nobody else in the channel sees it. */
  isPrivate: boolean;
  /** Tables as text, for where Slack takes no table. */
  plainTables?: boolean;
}

const TABLES_SHOWN = 4;
const ROWS_AS_TEXT = 15;
const SOURCES_SHOWN = 5;

/** Returns an answer as a message: words, tables, how it was found, what to ask next, and the thumbs. */
export function renderAnswer(answer: Answer, view: AnswerView): Rendered {
  const { text, queryId, receipts, followUps, status } = answer;
  const words = pieces(escaped(text), LIMITS.section - 1).slice(0, 4);
  const end: Block[] = [
    ...(receipts.length > 0 ? [sources(answer)] : []),
    ...(followUps.length > 0 ? [questions(followUps)] : []),
    ...(status === 'answered' || status === 'no_data' ? [thumbs(queryId)] : []),
    ...(view.isPrivate ? [context([ONLY_YOU])] : []),
  ];
  const tables = view.plainTables ? textTables(answer) : nativeTables(answer);
  const blocks = [...words.map(section), ...tables, ...end];
  return { text: shortened(escaped(text), LIMITS.fallback), blocks: blocks.slice(0, LIMITS.blocks) };
}

const ONLY_YOU =
  'Only you see this, because others here may not see all that you may. Write to me directly to keep what I answer.';

/** Tables that people can sort and page through, as many rows as the cells of one message may hold together. */
function nativeTables({ tables }: Answer): Block[] {
  let room = LIMITS.cells;
  return tables.slice(0, TABLES_SHOWN).flatMap((table): Block[] => {
    const part = narrowed(tablePart(table, LIMITS.tableRows));
    const { rows, used } = fitting(part, room);
    room -= used;
    if (rows.length === 0) return part.rows.length === 0 ? [] : [context([left(part, 0)])];
    const more = part.rows.length - rows.length + part.rowsLeft;
    return [
      {
        type: 'data_table',
        caption: shortened(part.title, 150),
        page_size: Math.min(10, rows.length),
        rows: [
          part.columns.map(({ name }) => ({ type: 'raw_text' as const, text: name || ' ' })),
          ...rows.map((row) =>
            row.map(({ text, value }) =>
              value === null ? { type: 'raw_text' as const, text } : { type: 'raw_number' as const, value, text },
            ),
          ),
        ],
      },
      ...(more > 0 ? [context([left(part, rows.length)])] : []),
    ];
  });
}

const left = ({ title, rows, rowsLeft }: TablePart, shown: number): string =>
  `${rows.length + rowsLeft - shown} more rows of "${escaped(shortened(title, 150))}": ask for less at once, or look at the web.`;

function narrowed(part: TablePart): TablePart {
  const most = LIMITS.tableColumns;
  return { ...part, columns: part.columns.slice(0, most), rows: part.rows.map((row) => row.slice(0, most)) };
}

/** The first rows that fit into `room` characters with the heading. */
function fitting({ columns, rows }: TablePart, room: number): { rows: TablePart['rows']; used: number } {
  const length = (texts: string[]) => texts.reduce((sum, text) => sum + text.length, 0);
  let used = length(columns.map(({ name }) => name));
  const kept: TablePart['rows'] = [];
  for (const row of rows) {
    const next = used + length(row.map(({ text }) => text));
    if (next > room) break;
    used = next;
    kept.push(row);
  }
  return kept.length === 0 ? { rows: [], used: 0 } : { rows: kept, used };
}

function textTables({ tables }: Answer): Block[] {
  return tables.slice(0, TABLES_SHOWN).map((table) => {
    const part = tablePart(table, ROWS_AS_TEXT);
    const body = shortened(escaped(tableText(part)), LIMITS.section - 400);
    return section(`*${escaped(shortened(part.title, 150))}*\n\`\`\`${body}\`\`\``);
  });
}

function sources({ receipts }: Answer): Block {
  const lines = receipts.slice(0, SOURCES_SHOWN).map((receipt) => escaped(shortened(sourceLine(receipt), 300)));
  const more = receipts.length > SOURCES_SHOWN ? [`and ${receipts.length - SOURCES_SHOWN} more`] : [];
  return context([['*How I found this*', ...lines, ...more].join('\n')]);
}

/** Questions to press; ids of actions must differ within a message. */
const questions = (followUps: string[]): Block => ({
  type: 'actions',
  elements: followUps
    .slice(0, 3)
    .map((question, index) => button({ action: `ask:${index}`, label: question, value: shortened(question, 2_000) })),
});

const thumbs = (queryId: string): Block => ({
  type: 'context_actions',
  elements: [
    {
      type: 'feedback_buttons',
      action_id: 'rate',
      positive_button: { text: { type: 'plain_text', text: 'Helpful' }, value: `up:${queryId}` },
      negative_button: { text: { type: 'plain_text', text: 'Not right' }, value: `down:${queryId}` },
    },
  ],
});
