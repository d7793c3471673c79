import { EventEmitter, once } from 'node:events';
import { expect, test } from 'vitest';
import type { AskRequest } from '../../../agent/assistant.ts';
import { PennyError } from '../../../errors.ts';
import { ADAS_COOKIE, ada, memoryAssistant, memoryPeople, testServer } from '../../testing.ts';

const url = '/api/v1/ai/queries';
const stream = { accept: 'text/event-stream' };

test('answers a question as JSON', async () => {
  const { app } = await testServer();
  const response = await app.inject({ method: 'POST', url, payload: { question: '  What did we spend?  ' } });
  expect(response.statusCode).toBe(200);
  expect(response.headers['cache-control']).toBe('no-store');
  expect(response.json()).toEqual({
    queryId: 'query-1',
    threadId: 'thread-1',
    status: 'answered',
    text: 'About: What did we spend?',
    tables: [],
    receipts: [],
    proposals: [],
    followUps: [],
  });
});

test('goes on with the conversation named, for the person who asks, and knows its own page from a program', async () => {
  const seen: AskRequest[] = [];
  const assistant = memoryAssistant(async (request) => {
    seen.push(request);
    return { status: 'answered', text: '', tables: [], receipts: [], proposals: [], followUps: [] };
  });
  const { app, stranger } = await testServer({ assistant, people: memoryPeople({ identify: async () => ada }) });
  await app.inject({ method: 'POST', url, payload: { question: 'And before?', threadId: 'thread-9' } });
  const headers = { authorization: 'Bearer penny_token' };
  await stranger.inject({ method: 'POST', url, headers, payload: { question: 'And before?' } });
  expect(seen.map(({ threadId, surface, principal }) => [threadId, surface, principal.email])).toEqual([
    ['thread-9', 'web', 'ada@example.com'],
    [undefined, 'api', 'ada@example.com'],
  ]);
});

test('streams the steps first and the answer last', async () => {
  const { app } = await testServer();
  const response = await app.inject({ method: 'POST', url, headers: stream, payload: { question: 'Cost?' } });
  expect(response.statusCode).toBe(200);
  expect(response.headers['content-type']).toBe('text/event-stream; charset=utf-8');
  expect(response.headers['x-accel-buffering']).toBe('no');
  const events = eventsOf(response.body);
  expect(events.map(({ name, data }) => [name, data.type, data.state])).toEqual([
    ['started', 'started', undefined],
    ['step', 'step', 'running'],
    ['step', 'step', 'done'],
    ['answer', 'answer', undefined],
  ]);
  expect(events.at(-1)?.data.answer.text).toBe('About: Cost?');
});

test('ends a stream that has no answer with an error event, without its cause', async () => {
  const assistant = memoryAssistant(async () => {
    throw new PennyError('model_unavailable', undefined, { cause: new Error('key sk-123') });
  });
  const { app, logged } = await testServer({ assistant });
  const response = await app.inject({ method: 'POST', url, headers: stream, payload: { question: 'Cost?' } });
  expect(eventsOf(response.body).at(-1)).toEqual({
    name: 'error',
    data: {
      type: 'error',
      error: { code: 'model_unavailable', message: 'The language model cannot be reached.' },
    },
  });
  expect(response.body).not.toContain('sk-123');
  expect(logged[0]?.err?.stack).toContain('key sk-123');
});

test.each([[stream], [{ accept: 'application/json' }]])(
  'a client that goes away (%j) aborts the turn',
  async (headers) => {
    const { started, aborted, assistant } = endlessAssistant();
    const { app } = await testServer({ assistant });
    const address = await app.listen({ host: '127.0.0.1', port: 0 });
    const client = new AbortController();
    const response = fetch(`${address}${url}`, {
      method: 'POST',
      headers: { ...headers, cookie: ADAS_COOKIE, 'content-type': 'application/json' },
      body: JSON.stringify({ question: 'Cost?' }),
      signal: client.signal,
    })
      .then((answer) => answer.text())
      .catch((error: Error) => error.name);
    await started;
    client.abort();
    await aborted;
    expect(await response).toBe('AbortError');
    await app.close();
  },
);

test('closing the server aborts the turns that run, so that it closes', async () => {
  const { started, aborted, assistant } = endlessAssistant();
  const { app } = await testServer({ assistant });
  const address = await app.listen({ host: '127.0.0.1', port: 0 });
  const response = await fetch(`${address}${url}`, {
    method: 'POST',
    headers: { ...stream, cookie: ADAS_COOKIE, 'content-type': 'application/json' },
    body: JSON.stringify({ question: 'Cost?' }),
  });
  await started;
  await Promise.all([app.close(), aborted, response.text()]);
});

/** An assistant whose one question ends only when it is aborted. */
function endlessAssistant() {
  const events = new EventEmitter();
  const assistant = memoryAssistant(async ({ signal }) => {
    if (signal === undefined) throw new Error('no signal');
    events.emit('started');
    await once(signal, 'abort');
    events.emit('aborted');
    throw signal.reason;
  });
  return { started: once(events, 'started'), aborted: once(events, 'aborted'), assistant };
}

test.each([
  [{}, 'question'],
  [{ question: '   ' }, 'question'],
  [{ question: 'x'.repeat(4001) }, 'question'],
  [{ question: 5 }, 'question'],
  [{ question: 'Cost?', threadId: '' }, 'threadId'],
  [{ question: 'Cost?', principal: { role: 'admin' } }, ''],
])('refuses the body %# and names the field', async (payload, field) => {
  const { app } = await testServer();
  const response = await app.inject({ method: 'POST', url, headers: stream, payload });
  expect(response.statusCode).toBe(400);
  const { error } = response.json();
  expect(error.code).toBe('invalid_input');
  expect(error.details.issues[0].field).toBe(field);
  if (field !== '') expect(error.message).toContain(`\`${field}\``);
});

test('pages through the log by cursor', async () => {
  const { app } = await testServer();
  for (const question of ['first', 'second', 'third']) await app.inject({ method: 'POST', url, payload: { question } });
  const page = (await app.inject(`${url}?limit=2`)).json();
  expect(page.items.map((item: { question: string }) => item.question)).toEqual(['third', 'second']);
  const rest = (await app.inject(`${url}?limit=2&cursor=${page.nextCursor}`)).json();
  expect(rest.items.map((item: { question: string }) => item.question)).toEqual(['first']);
  expect(rest.nextCursor).toBeUndefined();
});

test('answers the log as CSV, formulas defused, the next page in the Link header', async () => {
  const { app } = await testServer();
  for (const question of ['a', '=1+1, "x"']) await app.inject({ method: 'POST', url, payload: { question } });
  await app.inject({ method: 'POST', url: `${url}/query-2/feedback`, payload: { score: -1, reason: '-1' } });
  const response = await app.inject({ url: `${url}?limit=1`, headers: { accept: 'text/csv' } });
  expect(response.headers['content-type']).toContain('text/csv');
  expect(response.headers.link).toBe('</api/v1/ai/queries?limit=1&cursor=1>; rel="next"');
  const [heading, row] = response.body.split('\r\n');
  expect(heading).toContain('queryId,threadId,askedAt,askedBy,surface,question,status');
  expect(row).toContain(`"'=1+1, ""x"""`);
  expect(row).toMatch(/,-1,'-1$/);
});

test.each(['limit=0', 'limit=201', 'limit=x'])('refuses the page %s', async (query) => {
  const { app } = await testServer();
  const response = await app.inject(`${url}?${query}`);
  expect(response.statusCode).toBe(400);
  expect(response.json().error.message).toContain('query parameter `limit`');
});

test('keeps feedback with its reason, and the last one counts', async () => {
  const { app } = await testServer();
  await app.inject({ method: 'POST', url, payload: { question: 'Cost?' } });
  const rate = (payload: object) => app.inject({ method: 'POST', url: `${url}/query-1/feedback`, payload });
  expect((await rate({ score: 1 })).statusCode).toBe(204);
  expect((await rate({ score: -1, reason: 'Wrong month' })).body).toBe('');
  const log = (await app.inject(url)).json();
  expect(log.items[0].feedback).toEqual({ score: -1, reason: 'Wrong month' });
});

test.each([[{ score: 2 }], [{ score: '1' }], [{}], [{ score: 1, reason: 'x'.repeat(1001) }]])(
  'refuses the feedback %#',
  async (payload) => {
    const { app } = await testServer();
    const response = await app.inject({ method: 'POST', url: `${url}/query-1/feedback`, payload });
    expect(response.statusCode).toBe(400);
  },
);

test('feedback on a question that is not there is 404', async () => {
  const { app } = await testServer();
  const response = await app.inject({ method: 'POST', url: `${url}/nope/feedback`, payload: { score: 1 } });
  expect(response.statusCode).toBe(404);
  expect(response.json().error.code).toBe('not_found');
});

function eventsOf(body: string) {
  return body
    .split('\n\n')
    .filter((block) => block.startsWith('event: '))
    .map((block) => {
      const [event = '', data = ''] = block.split('\n');
      return { name: event.slice('event: '.length), data: JSON.parse(data.slice('data: '.length)) };
    });
}
