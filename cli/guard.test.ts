import { expect, test } from 'vitest';
import { answerLine } from './guard.ts';
import { readLines } from './json-lines.ts';

const LIMIT = 64;

async function linesOf(...chunks: string[]): Promise<{ text: string; cut: boolean }[]> {
  async function* input(): AsyncGenerator<Buffer> {
    for (const chunk of chunks) yield Buffer.from(chunk);
  }
  const lines: { text: string; cut: boolean }[] = [];
  for await (const { bytes, cut } of readLines(input(), LIMIT)) lines.push({ text: bytes.toString(), cut });
  return lines;
}

const answer = (text: string | Buffer, cut = false) => answerLine({ bytes: Buffer.from(text), cut });

test('lines come whole and in order, however the stream is cut', async () => {
  const whole = (text: string) => ({ text, cut: false });
  expect(await linesOf('a\nb', 'c\n', '\nd')).toEqual([whole('a'), whole('bc'), whole(''), whole('d')]);
  expect(await linesOf('')).toEqual([]);
  expect(await linesOf('é\n'.repeat(2))).toEqual([whole('é'), whole('é')]);
});

test('of a line that is too long only the beginning is kept, and the next is read as ever', async () => {
  const lines = await linesOf('x'.repeat(60), 'y'.repeat(1_000), 'z'.repeat(1_000), '\nnext\n');
  expect(lines).toEqual([
    { text: 'x'.repeat(60) + 'y'.repeat(4), cut: true },
    { text: 'next', cut: false },
  ]);
});

test('a statement is answered under its id with the code and reason of the guard', async () => {
  expect(await answer('{"id":"a","sql":"SELECT 1"}')).toEqual({ id: 'a', allowed: true, code: null, reason: null });
  expect(await answer('{"id":7,"sql":"DROP TABLE x"}')).toMatchObject({ id: 7, allowed: false, code: 'writes' });
  expect(await answer('{"id":"n","sql":"SELECT 1\\u0000"}')).toMatchObject({ id: 'n', code: 'nul_character' });
  expect(await answer('{"id":"s","sql":"SELECT \'\\ud800\'"}')).toMatchObject({ id: 's', code: 'not_utf8' });
});

test('a line without a statement is answered as invalid, under its id where there is one', async () => {
  for (const [line, id] of [
    ['nonsense', null],
    ['{"id":"b"}', 'b'],
    ['{"id":3,"sql":5}', 3],
    ['{"sql":"SELECT 1"}', null],
    ['["SELECT 1"]', null],
    ['{"id":"c","sql":"SELECT 1"', 'c'],
  ] as const) {
    expect(await answer(line), line).toMatchObject({ id, allowed: false, code: 'invalid_input' });
  }
});

test('a line that is too long or no UTF-8 is refused under its id', async () => {
  expect(await answer('{"id": "big", "sql": "SELECT', true)).toMatchObject({ id: 'big', code: 'text_too_long' });
  expect(await answer('{"sql": "SELECT', true)).toMatchObject({ id: null, code: 'text_too_long' });
  const latin1 = Buffer.from('{"id":"l","sql":"SELECT \'\xe9\'"}', 'latin1');
  expect(await answer(latin1)).toMatchObject({ id: 'l', allowed: false, code: 'not_utf8' });
});
