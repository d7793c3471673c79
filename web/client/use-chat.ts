import { useCallback, useEffect, useReducer, useRef, useState } from 'react';
import type { Feedback } from '../contract.ts';
import { askStreaming, failureOf, getConversation, giveFeedback } from './api.ts';
import { navigate, threadOfPath, usePath } from './browser.ts';
import { chatReducer, keyOfThread, type Thread } from './chat-state.ts';

export interface Chat {
  /** The conversation on the screen. */
  thread: Thread;
  running: boolean;
  ask(question: string): void;
  /** Stops the question that is being worked on in this conversation. */
  stop(): void;
  startNew(): void;
  reload(): void;
  /** Rejects when the rating could not be stored; then the old one stands. */
  rate(queryId: string, feedback: Feedback): Promise<void>;
}

let keys = 0;
const newKey = (kind: string) => `${kind}-${++keys}`;
const EMPTY: Omit<Thread, 'key'> = { threadId: null, load: 'ready', turns: [] };

/** The conversations of this page, kept in step with its address; `onAnswered` is called when the list has changed. */
export function useChat(onAnswered: () => void): Chat {
  const [threads, dispatch] = useReducer(chatReducer, {});
  const [draftKey, setDraftKey] = useState(() => newKey('draft'));
  const running = useRef(new Map<string, AbortController>());
  const threadId = threadOfPath(usePath());
  const key = threadId === null ? draftKey : (keyOfThread(threads, threadId) ?? threadId);
  const thread = threads[key] ?? { ...EMPTY, key, threadId, load: threadId === null ? 'ready' : 'loading' };

  const load = useCallback(async (id: string) => {
    dispatch({ type: 'opened', key: id, threadId: id });
    try {
      dispatch({ type: 'loaded', key: id, conversation: await getConversation(id) });
    } catch (error) {
      dispatch({ type: 'loadFailed', key: id, failure: failureOf(error) });
    }
  }, []);

  const known = threads[key] !== undefined;
  useEffect(() => {
    if (threadId !== null && !known) void load(threadId);
  }, [threadId, known, load]);

  // A draft that has become a conversation gets its address; the next new question is another draft.
  const draftThreadId = threads[draftKey]?.threadId;
  useEffect(() => {
    if (draftThreadId === undefined || draftThreadId === null) return;
    if (location.pathname === '/') navigate(`/c/${encodeURIComponent(draftThreadId)}`);
    setDraftKey(newKey('draft'));
  }, [draftThreadId]);

  async function work(turnKey: string, question: string, controller: AbortController) {
    const { signal } = controller;
    try {
      const body = { question, ...(thread.threadId === null ? {} : { threadId: thread.threadId }) };
      await askStreaming(body, {
        signal,
        onEvent: (event) => dispatch({ type: 'received', key, turnKey, event }),
      });
      onAnswered();
    } catch (error) {
      if (!signal.aborted) dispatch({ type: 'failed', key, turnKey, failure: failureOf(error) });
    } finally {
      running.current.delete(turnKey);
    }
  }

  function ask(question: string) {
    if (thread.turns.some((turn) => turn.state === 'running')) return;
    if (threads[key] === undefined) dispatch({ type: 'opened', key, threadId: null });
    const turnKey = newKey('turn');
    const controller = new AbortController();
    running.current.set(turnKey, controller);
    dispatch({ type: 'asked', key, turnKey, question });
    void work(turnKey, question, controller);
  }

  function stop() {
    const turn = thread.turns.find(({ state }) => state === 'running');
    if (turn === undefined) return;
    dispatch({ type: 'stopped', key, turnKey: turn.key });
    running.current.get(turn.key)?.abort();
  }

  function startNew() {
    if (threads[draftKey] !== undefined) setDraftKey(newKey('draft'));
    navigate('/');
  }

  async function rate(queryId: string, feedback: Feedback) {
    const before = thread.turns.find((turn) => turn.answer?.queryId === queryId)?.feedback;
    dispatch({ type: 'rated', key, queryId, feedback });
    try {
      await giveFeedback(queryId, feedback);
    } catch (error) {
      dispatch({ type: 'rated', key, queryId, feedback: before });
      throw error;
    }
  }

  return {
    thread,
    running: thread.turns.some((turn) => turn.state === 'running'),
    ask,
    stop,
    rate,
    startNew,
    reload: () => threadId !== null && void load(threadId),
  };
}
