import { expect, test } from 'vitest';
import { progressDisplay } from './progress.ts';

function written(terminal: { isTTY?: boolean; columns?: number }, silent = false): string {
  let text = '';
  const out = { ...terminal, write: (part: string) => (text += part) };
  const display = progressDisplay({ silent, out });
  for (const done of [0, 3, 3, 12]) display.show({ done, total: 12, text: done === 12 ? 'done' : 'reading march.csv' });
  display.show({ done: 40, text: '\u001B[31mred' });
  display.end();
  return text;
}

test('a terminal shows a bar on one line, no longer than the line, and none at the end', () => {
  const frames = written({ isTTY: true, columns: 40 }).split('\r\u001B[K');
  expect(frames).toEqual([
    '',
    '[------------------------] 0 of 12: rea',
    '[######------------------] 3 of 12: rea',
    '[######------------------] 3 of 12: rea',
    '[########################] 12 of 12: do',
    '[------------------------] 40: \uFFFD[31mred',
    '',
  ]);
});

test('a terminal that says it has no width gets the usual one', () => {
  expect(written({ isTTY: true, columns: 0 })).toContain('[------------------------] 0 of 12: reading march.csv');
});

test('what is piped gets plain lines, each once', () => {
  expect(written({})).toBe(
    '0 of 12: reading march.csv\n3 of 12: reading march.csv\n12 of 12: done\n40: \uFFFD[31mred\n',
  );
});

test('with --json nothing is shown', () => {
  expect(written({ isTTY: true }, true)).toBe('');
});
