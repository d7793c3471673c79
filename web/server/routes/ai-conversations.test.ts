import { expect, test } from 'vitest';
import { testServer } from '../../testing.ts';

const ask = (question: string, threadId?: string) => ({
  method: 'POST' as const,
  url: '/api/v1/ai/queries',
  payload: { question, ...(threadId === undefined ? {} : { threadId }) },
});

test('lists conversations newest first and gives one with its questions, answers and feedback', async () => {
  const { app } = await testServer();
  await app.inject(ask('What did we spend?'));
  await app.inject(ask('And the month before?', 'thread-1'));
  await app.inject(ask('Who owns db-1?'));
  await app.inject({ method: 'POST', url: '/api/v1/ai/queries/query-2/feedback', payload: { score: 1 } });

  const { items } = (await app.inject('/api/v1/ai/conversations?limit=10')).json();
  expect(items.map(({ title, turns }: { title: string; turns: number }) => [title, turns])).toEqual([
    ['Who owns db-1?', 1],
    ['What did we spend?', 2],
  ]);

  const conversation = (await app.inject('/api/v1/ai/conversations/thread-1')).json();
  expect(
    conversation.turns.map((turn: { question: string; feedback?: object }) => [turn.question, turn.feedback]),
  ).toEqual([
    ['What did we spend?', undefined],
    ['And the month before?', { score: 1 }],
  ]);
});

test('a conversation that is not there, or not yours, is 404', async () => {
  const { app } = await testServer();
  const response = await app.inject('/api/v1/ai/conversations/nope');
  expect(response.statusCode).toBe(404);
  expect(response.json().error.code).toBe('not_found');
});

test('suggests questions and names the model', async () => {
  const { app } = await testServer();
  expect((await app.inject('/api/v1/ai/suggestions')).json().items).toContain('What did we spend last month?');
  expect((await app.inject('/api/v1/ai/model')).json()).toEqual({ kind: 'offline', name: 'offline' });
});
