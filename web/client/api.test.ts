import { afterEach, expect, test, vi } from 'vitest';
import type { StreamEvent } from '../contract.ts';
import { ADAS_COOKIE, memoryAssistant, testServer } from '../testing.ts';
import { askStreaming, getConversation, giveFeedback, listConversations, RequestFailure } from './api.ts';

afterEach(() => void vi.unstubAllGlobals());

/** The page asks paths of its own origin; in Node they lead to a server on a free port. */
async function connectPage(assistant = memoryAssistant()): Promise<() => Promise<void>> {
  const { app } = await testServer({ assistant });
  const address = await app.listen({ host: '127.0.0.1', port: 0 });
  const { fetch } = globalThis;
  const cookie = { cookie: ADAS_COOKIE };
  vi.stubGlobal('fetch', (path: string, init: RequestInit) =>
    fetch(new URL(path, address), { ...init, headers: { ...cookie, ...init.headers } }),
  );
  return () => app.close();
}

const ask = async (signal = new AbortController().signal) => {
  const events: StreamEvent[] = [];
  await askStreaming({ question: 'Cost?' }, { signal, onEvent: (event) => events.push(event) });
  return events;
};

test('asks, rates and finds the conversation again', async () => {
  const close = await connectPage();
  const events = await ask();
  expect(events.map(({ type }) => type)).toEqual(['started', 'step', 'step', 'answer']);
  await giveFeedback('query-1', { score: -1, reason: 'Too short' });
  const { items } = await listConversations();
  const conversation = await getConversation(items[0]?.threadId ?? '');
  expect(conversation.turns[0]).toMatchObject({ question: 'Cost?', feedback: { score: -1, reason: 'Too short' } });
  await close();
});

test('fails with the code and message of the server', async () => {
  const close = await connectPage();
  await expect(getConversation('no/such')).rejects.toMatchObject({
    code: 'not_found',
    message: 'There is no such conversation, or it is not yours.',
  });
  await close();
});

test('fails as unreachable when nobody listens', async () => {
  const close = await connectPage();
  await close();
  await expect(listConversations()).rejects.toMatchObject({ code: 'unreachable' });
});

test('a stream that ends early is a failure, not an answer', async () => {
  vi.stubGlobal('fetch', async () => new Response('event: started\ndata: {"type":"started"}\n\n'));
  await expect(ask()).rejects.toMatchObject({ code: 'interrupted' });
});

test('stopping is no failure of the network', async () => {
  const stop = new AbortController();
  const close = await connectPage(
    memoryAssistant(async () => {
      stop.abort();
      return new Promise(() => {});
    }),
  );
  const error = await ask(stop.signal).catch((reason: unknown) => reason);
  expect(error).not.toBeInstanceOf(RequestFailure);
  expect((error as Error).name).toBe('AbortError');
  await close();
});
