import { expect, test } from 'vitest';
import { createSseParser } from './sse.ts';

const wire =
  'event: started\ndata: {"a":1}\n\n: still working\n\nevent: answer\r\ndata: one\r\ndata:  two\r\n\r\ndata\n\n';
const messages = [
  { event: 'started', data: '{"a":1}' },
  { event: 'answer', data: 'one\n two' },
  { event: 'message', data: '' },
];

test('reads messages and skips comments', () => {
  expect(createSseParser()(wire)).toEqual(messages);
});

test('reads the same whatever pieces the network makes of it', () => {
  for (let size = 1; size < wire.length; size++) {
    const parse = createSseParser();
    const found = [];
    for (let at = 0; at < wire.length; at += size) found.push(...parse(wire.slice(at, at + size)));
    expect(found, `pieces of ${size}`).toEqual(messages);
  }
});

test('waits for the end of a message', () => {
  const parse = createSseParser();
  expect(parse('data: half')).toEqual([]);
  expect(parse('\n')).toEqual([]);
  expect(parse('\n')).toEqual([{ event: 'message', data: 'half' }]);
});
