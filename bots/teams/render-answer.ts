import type { Answer } from '../../agent/answer.ts';
import { sourceLine, tablePart } from '../answer-parts.ts';
import type { Message } from './activity.ts';
import { attached, button, card, type Element, heading, questionButton, quoted, text } from './card.ts';

type Table = Answer['tables'][number];
type Receipt = Answer['receipts'][number];

/** Teams refuses messages beyond about 28 KB with their envelope; what is left out is said. */
export const LARGEST_CARD_BYTES = 24_000;
const ROWS_SHOWN = 15;
const COLUMNS_SHOWN = 6;
const FOLLOW_UPS_SHOWN = 3;
const RECEIPTS_SHOWN = 5;

/** Returns an answer as a message: a card with words, tables, where the numbers come from and what to ask next. */
export function renderAnswer(answer: Answer): Message {
  return {
    type: 'message',
    summary: shortened(answer.text.replaceAll('**', ''), 200),
    attachments: [attached(fittingCard(answer))],
  };
}

/** The card with as many rows as fit; words alone when no table does. */
function fittingCard(answer: Answer): Element {
  for (const rows of [ROWS_SHOWN, 8, 4, 2, 0]) {
    const made = answerCard(answer, rows);
    if (Buffer.byteLength(JSON.stringify(made)) <= LARGEST_CARD_BYTES) return made;
  }
  return card([text(shortened(answer.text, 8_000))], shortened(answer.text, 1_000));
}

function answerCard(answer: Answer, rows: number): Element {
  const { queryId, tables, receipts, followUps, status } = answer;
  const sources = receipts.slice(0, RECEIPTS_SHOWN).flatMap(receiptBlocks);
  const actions = followUps.slice(0, FOLLOW_UPS_SHOWN).map(questionButton);
  if (sources.length > 0)
    actions.push({ type: 'Action.ToggleVisibility', title: 'How this was found', targetElements: [SOURCES] });
  const body = [
    ...paragraphs(answer.text),
    ...tables.flatMap((table) => tableBlocks(table, rows)),
    ...(sources.length > 0 ? [{ type: 'Container', id: SOURCES, isVisible: false, items: sources }] : []),
    ...(status === 'answered' || status === 'no_data' ? [ratingRow(queryId)] : []),
  ];
  return card(body, shortened(answer.text, 1_000), actions.length > 0 ? { actions } : {});
}

const SOURCES = 'sources';

const paragraphs = (words: string): Element[] =>
  words
    .split(/\n{2,}/)
    .filter((part) => part.trim() !== '')
    .map((part) => text(part.trim()));

function tableBlocks(table: Table, limit: number): Element[] {
  const { title, columns, rows, rowsLeft } = tablePart(table, limit);
  const shown = columns.slice(0, COLUMNS_SHOWN);
  const left = [
    rowsLeft > 0 ? `${rowsLeft} more rows` : '',
    columns.length > shown.length ? `${columns.length - shown.length} more columns` : '',
  ].filter((part) => part !== '');
  const row = (words: string[], style: Record<string, unknown> = {}) => ({
    type: 'TableRow',
    cells: shown.map(({ isNumber }, index) => ({
      type: 'TableCell',
      items: [text(words[index] ?? '', { horizontalAlignment: isNumber ? 'right' : 'left', ...style })],
    })),
  });
  const made = {
    type: 'Table',
    firstRowAsHeaders: true,
    showGridLines: false,
    columns: shown.map(({ isNumber }) => ({ width: isNumber ? 1 : 2 })),
    rows: [
      row(
        shown.map(({ name }) => quoted(name)),
        { weight: 'bolder' },
      ),
      ...rows.map((cells) => row(cells.map(({ text: words }) => quoted(words)))),
    ],
  };
  return [
    heading(quoted(title), { size: 'default', spacing: 'medium' }),
    ...(rows.length > 0 ? [made] : []),
    ...(left.length > 0 ? [text(`${left.join(' and ')}: ask for less, or see the web.`, { isSubtle: true })] : []),
  ];
}

function receiptBlocks(receipt: Receipt): Element[] {
  return [sourceLine(receipt), ...receipt.notes].map((line) =>
    text(quoted(line), { size: 'small', isSubtle: true, spacing: 'small' }),
  );
}

/** What to think of an answer; a reason may come with either thumb. */
function ratingRow(queryId: string): Element {
  return {
    type: 'ActionSet',
    spacing: 'medium',
    actions: [
      button('Helpful', 'rate', { queryId, score: 1 }),
      {
        type: 'Action.ShowCard',
        title: 'Not helpful',
        card: {
          type: 'AdaptiveCard',
          body: [{ type: 'Input.Text', id: 'reason', label: 'What was wrong?', maxLength: 500, isMultiline: true }],
          actions: [button('Send', 'rate', { queryId, score: -1 })],
        },
      },
    ],
  };
}

const shortened = (words: string, length: number): string =>
  words.length <= length ? words : `${words.slice(0, length - 1)}…`;
