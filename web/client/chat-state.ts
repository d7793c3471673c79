import type { Answer } from '../../agent/answer.ts';
import type { Conversation, Feedback, StreamEvent } from '../contract.ts';

export interface Step {
  id: string;
  title: string;
  state: 'running' | 'done' | 'failed';
}

export interface Failure {
  code: string;
  message: string;
}

/** A question and what has come of it; `key` is the page's own and stays the same while ids arrive. */
export interface Turn {
  key: string;
  question: string;
  state: 'running' | 'answered' | 'failed' | 'stopped';
  steps: Step[];
  answer?: Answer;
  failure?: Failure;
  feedback?: Feedback;
}

/** A conversation as the page holds it. `threadId` is null until the first question of a new one has started. */
export interface Thread {
  key: string;
  threadId: string | null;
  load: 'ready' | 'loading' | 'failed';
  failure?: Failure;
  turns: Turn[];
}

/** Every conversation opened so far, by key, so that a question goes on while one looks at another conversation. */
export type ChatState = Record<string, Thread>;

export type ChatAction =
  | { type: 'opened'; key: string; threadId: string | null }
  | { type: 'loaded'; key: string; conversation: Conversation }
  | { type: 'loadFailed'; key: string; failure: Failure }
  | { type: 'asked'; key: string; turnKey: string; question: string }
  | { type: 'received'; key: string; turnKey: string; event: StreamEvent }
  | { type: 'failed'; key: string; turnKey: string; failure: Failure }
  | { type: 'stopped'; key: string; turnKey: string }
  | { type: 'rated'; key: string; queryId: string; feedback: Feedback | undefined };

/** The conversations after something happened; what concerns a conversation or turn that is not there changes nothing. */
export function chatReducer(state: ChatState, action: ChatAction): ChatState {
  if (action.type === 'opened') {
    const load = action.threadId === null ? 'ready' : 'loading';
    return { ...state, [action.key]: { key: action.key, threadId: action.threadId, load, turns: [] } };
  }
  const thread = state[action.key];
  return thread === undefined ? state : { ...state, [action.key]: changeThread(thread, action) };
}

function changeThread(thread: Thread, action: Exclude<ChatAction, { type: 'opened' }>): Thread {
  switch (action.type) {
    case 'loaded':
      return { ...thread, load: 'ready', turns: action.conversation.turns.map(pastTurn) };
    case 'loadFailed':
      return { ...thread, load: 'failed', failure: action.failure };
    case 'asked': {
      const turn: Turn = { key: action.turnKey, question: action.question, state: 'running', steps: [] };
      return { ...thread, turns: [...thread.turns, turn] };
    }
    case 'received': {
      const { event } = action;
      const threadId = event.type === 'started' ? event.threadId : thread.threadId;
      return { ...changeTurn(thread, action.turnKey, (turn) => afterEvent(turn, event)), threadId };
    }
    case 'failed':
      return changeTurn(thread, action.turnKey, (turn) => ({ ...turn, state: 'failed', failure: action.failure }));
    case 'stopped':
      return changeTurn(thread, action.turnKey, (turn) => ({ ...turn, state: 'stopped' }));
    case 'rated':
      return { ...thread, turns: thread.turns.map((turn) => rated(turn, action.queryId, action.feedback)) };
  }
}

/** A turn that has ended takes nothing more: events may still be on their way when it is stopped. */
function changeTurn(thread: Thread, turnKey: string, change: (turn: Turn) => Turn): Thread {
  const turns = thread.turns.map((turn) => (turn.key === turnKey && turn.state === 'running' ? change(turn) : turn));
  return { ...thread, turns };
}

function afterEvent(turn: Turn, event: StreamEvent): Turn {
  switch (event.type) {
    case 'started':
      return turn;
    case 'step': {
      const { id, title, state } = event;
      const known = turn.steps.some((step) => step.id === id);
      const steps = known
        ? turn.steps.map((step) => (step.id === id ? { id, title, state } : step))
        : [...turn.steps, { id, title, state }];
      return { ...turn, steps };
    }
    case 'answer':
      return { ...turn, state: 'answered', answer: event.answer };
    case 'error':
      return { ...turn, state: 'failed', failure: { code: event.error.code, message: event.error.message } };
  }
}

function rated(turn: Turn, queryId: string, feedback: Feedback | undefined): Turn {
  if (turn.answer?.queryId !== queryId) return turn;
  const { feedback: _before, ...rest } = turn;
  return feedback === undefined ? rest : { ...rest, feedback };
}

function pastTurn({ question, answer, feedback }: Conversation['turns'][number]): Turn {
  const turn: Turn = { key: answer.queryId, question, state: 'answered', steps: [], answer };
  return feedback === undefined ? turn : { ...turn, feedback };
}

/** The key of the conversation with this id, if it has been opened. */
export function keyOfThread(state: ChatState, threadId: string): string | undefined {
  return Object.values(state).find((thread) => thread.threadId === threadId)?.key;
}
