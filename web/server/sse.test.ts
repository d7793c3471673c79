import { once } from 'node:events';
import Fastify from 'fastify';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { HEARTBEAT_MS, openEventStream } from './sse.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] }));
afterEach(() => void vi.useRealTimers());

test('sends a comment while nothing is said, and stops at the end', async () => {
  const app = Fastify();
  app.get('/', async (_request, reply) => {
    const stream = openEventStream(reply);
    vi.advanceTimersByTime(HEARTBEAT_MS * 2);
    stream.send({ type: 'step', id: '1', title: 'Two\nlines', state: 'running' });
    stream.end();
    await once(reply.raw, 'close');
    stream.send({ type: 'step', id: '2', title: 'too late', state: 'running' });
    return reply;
  });
  const { body } = await app.inject('/');
  expect(body).toBe(
    ': still working\n\n: still working\n\n' +
      'event: step\ndata: {"type":"step","id":"1","title":"Two\\nlines","state":"running"}\n\n',
  );
  expect(vi.getTimerCount()).toBe(0);
});
