import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Answer } from '../../agent/answer.ts';
import { quoted } from './card.ts';
import { LARGEST_CARD_BYTES, renderAnswer } from './render-answer.ts';

const answer = (changes: Partial<Answer> = {}): Answer => ({
  queryId: 'query-1',
  threadId: 'thread-1',
  status: 'answered',
  text: 'You spent **$61.50**.\n\nMost of it on one machine.',
  tables: [
    {
      title: 'Cost by resource',
      columns: [
        { name: 'resource_name', kind: 'text', unit: null },
        { name: 'effective_cost', kind: 'money', unit: 'USD' },
      ],
      rows: [['web_1', '61.5']],
    },
  ],
  receipts: [
    {
      ...{
        tool: 'query_costs',
        arguments: {},
        notes: ['Amortized.'],
        rowCount: 1,
        truncated: false,
        hash: 'abcdef0123456789',
      },
      ...{ costBasis: 'effective_cost', credits: 'excluded', dataThrough: '2026-11-23', elapsedMs: 3 },
    },
  ],
  proposals: [],
  followUps: ['And the month before?'],
  ...changes,
});

const bodyOf = (given: Answer) => JSON.stringify(renderAnswer(given).attachments?.[0]?.content);

test('shows words, tables with headings, where numbers come from behind a button, and questions to go on with', () => {
  const card = JSON.parse(bodyOf(answer()));
  expect(card.body.map(({ type }: { type: string }) => type)).toEqual([
    ...['TextBlock', 'TextBlock', 'TextBlock', 'Table', 'Container', 'ActionSet'],
  ]);
  expect(card.body[3]).toMatchObject({ firstRowAsHeaders: true, rows: [{}, { cells: [{}, {}] }] });
  expect(JSON.stringify(card.body[3])).toContain('$61.50');
  expect(card.body[4]).toMatchObject({ id: 'sources', isVisible: false });
  expect(JSON.stringify(card.body[4])).toContain('effective cost, credits excluded');
  expect(card.actions).toMatchObject([
    { type: 'Action.Submit', data: { msteams: { type: 'messageBack', text: 'And the month before?' } } },
    { type: 'Action.ToggleVisibility', targetElements: ['sources'] },
  ]);
});

test('is read out in a notification without marks', () => {
  expect(renderAnswer(answer()).summary).toBe('You spent $61.50.\n\nMost of it on one machine.');
});

test('stays within what Teams takes, and says what it left out', () => {
  const [table] = answer().tables;
  if (table === undefined) throw new Error('there is no table');
  const rows = Array.from({ length: 500 }, (_, index) => [`${'x'.repeat(250)}${index}`, '1.5']);
  const many = bodyOf(answer({ tables: [{ ...table, rows }] }));
  expect(many).toContain('485 more rows: ask for less, or see the web.');
  const tables = Array.from({ length: 12 }, () => ({ ...table, rows }));
  for (const given of [answer({ tables }), answer({ text: 'word '.repeat(20_000) })])
    expect(Buffer.byteLength(bodyOf(given))).toBeLessThanOrEqual(LARGEST_CARD_BYTES);
});

test('a refusal or a question back has no thumbs', () => {
  expect(bodyOf(answer({ status: 'clarify' }))).not.toContain('Helpful');
  expect(bodyOf(answer())).toContain('Helpful');
});

test.each([
  ['a **bold** name', 'a \\*\\*bold\\*\\* name'],
  ['[pay](https://evil.example)', 'pay'],
  ['see https://evil.example/x', 'see [address removed]'.replace(/[[\]]/g, '\\$&')],
  ['web_1', 'web_1'],
  ['_secret_', '\\_secret\\_'],
  ['{{DATE(2026-01-01,SHORT)}}', '{ {DATE(2026-01-01,SHORT)}}'],
  ['- a list', '\\- a list'],
])('quotes %s', (given, shown) => {
  expect(quoted(given)).toBe(shown);
});

test('the icons have the sizes that Teams asks for, and the manifest names them', () => {
  const file = (name: string) => readFileSync(join(import.meta.dirname, name));
  const { icons, bots, id } = JSON.parse(file('manifest.json').toString());
  const size = (name: string) => [file(name).readUInt32BE(16), file(name).readUInt32BE(20)];
  expect([size(icons.color), size(icons.outline)]).toEqual([
    [192, 192],
    [32, 32],
  ]);
  expect(bots[0].botId).toBe(id);
});
