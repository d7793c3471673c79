import { expect, test } from 'vitest';
import type { Answer } from '../../agent/answer.ts';
import { type ChatAction, type ChatState, chatReducer, keyOfThread } from './chat-state.ts';

const answer: Answer = {
  queryId: 'q1',
  threadId: 't1',
  status: 'answered',
  text: 'Twelve.',
  tables: [],
  receipts: [],
  proposals: [],
  followUps: [],
};

const at = { key: 'draft-1', turnKey: 'turn-1' };
const opened: ChatAction = { type: 'opened', key: 'draft-1', threadId: null };
const asked: ChatAction = { type: 'asked', ...at, question: 'Cost?' };
const started: ChatAction = { type: 'received', ...at, event: { type: 'started', queryId: 'q1', threadId: 't1' } };
const answered: ChatAction = { type: 'received', ...at, event: { type: 'answer', answer } };
const step = (state: 'running' | 'done', id = 's1'): ChatAction => ({
  type: 'received',
  ...at,
  event: { type: 'step', id, title: `${id} ${state}`, state },
});

const after = (...actions: ChatAction[]) => actions.reduce(chatReducer, {} as ChatState);
const turnAfter = (...actions: ChatAction[]) => after(...actions)['draft-1']?.turns[0];

test('a new conversation learns its id when the first question starts', () => {
  const state = after(opened, asked, started);
  expect(state['draft-1']?.threadId).toBe('t1');
  expect(keyOfThread(state, 't1')).toBe('draft-1');
  expect(keyOfThread(state, 't2')).toBeUndefined();
});

test('steps appear in order and each changes its own line', () => {
  const turn = turnAfter(opened, asked, step('running'), step('running', 's2'), step('done'));
  expect(turn?.steps.map(({ title }) => title)).toEqual(['s1 done', 's2 running']);
  expect(turn?.state).toBe('running');
});

test('the answer ends the turn', () => {
  const turn = turnAfter(opened, asked, started, answered);
  expect(turn).toMatchObject({ state: 'answered', answer: { text: 'Twelve.' } });
});

test('a stopped turn stays stopped, whatever is still on its way', () => {
  expect(turnAfter(opened, asked, { type: 'stopped', ...at }, answered)).toMatchObject({ state: 'stopped', steps: [] });
});

test('an error event ends the turn with its message', () => {
  const error: ChatAction = {
    type: 'received',
    ...at,
    event: { type: 'error', error: { code: 'model_timeout', message: 'Too slow.' } },
  };
  expect(turnAfter(opened, asked, error)).toMatchObject({
    state: 'failed',
    failure: { code: 'model_timeout', message: 'Too slow.' },
  });
});

test('an earlier conversation is loading, then shows its turns and their ratings', () => {
  const open: ChatAction = { type: 'opened', key: 't1', threadId: 't1' };
  expect(after(open).t1).toMatchObject({ load: 'loading', turns: [] });
  const turns = [{ question: 'Cost?', answer, askedAt: '2026-11-24T10:00:00Z', feedback: { score: 1 as const } }];
  const loaded: ChatAction = { type: 'loaded', key: 't1', conversation: { threadId: 't1', turns } };
  expect(after(open, loaded).t1?.turns).toEqual([
    { key: 'q1', question: 'Cost?', state: 'answered', steps: [], answer, feedback: { score: 1 } },
  ]);
});

test('a rating sets one turn, and can be taken back', () => {
  const rate = (feedback: { score: -1; reason: string } | undefined): ChatAction => ({
    type: 'rated',
    key: 'draft-1',
    queryId: 'q1',
    feedback,
  });
  const given = { score: -1, reason: 'Wrong month' } as const;
  expect(turnAfter(opened, asked, answered, rate(given))?.feedback).toEqual(given);
  expect(turnAfter(opened, asked, answered, rate(given), rate(undefined))).not.toHaveProperty('feedback');
});

test('what concerns a conversation that is not there changes nothing', () => {
  const state = after(opened);
  expect(chatReducer(state, { ...asked, key: 'nowhere' })).toBe(state);
});
