import { type ReactNode, useEffect, useRef } from 'react';
import { getModel, listConversations } from '../api.ts';
import { usePath } from '../browser.ts';
import type { Thread } from '../chat-state.ts';
import { useLoaded } from '../loaded.ts';
import { plainText } from '../markdown.tsx';
import { useChat } from '../use-chat.ts';
import { ChangesView } from './changes-view.tsx';
import { Composer } from './composer.tsx';
import { EmptyState } from './empty-state.tsx';
import { Header } from './header.tsx';
import { JobsView } from './jobs-view.tsx';
import { Drawer, Rail } from './rail.tsx';
import { StatusLine } from './status-line.tsx';
import { ThreadView } from './thread-view.tsx';

/** What is no conversation, by its address. */
const PAGES: Record<string, { title: string; View: () => ReactNode }> = {
  '/jobs': { title: 'Jobs', View: JobsView },
  '/changes': { title: 'Changes', View: ChangesView },
};

/** The page: earlier conversations on the left, the thread, and the composer with what answers and how fresh the data is. */
export function App(): ReactNode {
  const conversations = useLoaded(listConversations);
  const model = useLoaded(getModel);
  const chat = useChat(conversations.refresh);
  const drawer = useRef<HTMLDialogElement>(null);
  const { thread } = chat;
  const path = usePath();
  const page = PAGES[path];
  const title = page?.title ?? titleOf(thread);

  useEffect(() => {
    document.title = title === undefined ? 'Penny' : `${title} · Penny`;
  }, [title]);

  useEscape(chat.running, chat.stop);

  // biome-ignore lint/correctness/useExhaustiveDependencies: a new address is what closes the drawer
  useEffect(() => drawer.current?.close(), [path]);

  const rail = <Rail conversations={conversations} current={thread.threadId} onNew={chat.startNew} />;
  return (
    <div className="relative grid h-dvh overflow-clip grid-cols-[minmax(0,1fr)] md:grid-cols-[17rem_minmax(0,1fr)]">
      <a
        className="absolute top-2 left-2 z-20 -translate-y-20 rounded-lg bg-accent px-4 py-2 text-on-accent focus:translate-y-0"
        href="#question"
      >
        Skip to the question
      </a>
      <aside aria-label="Conversations" className="hidden min-h-0 border-line border-r bg-rail md:flex md:flex-col">
        {rail}
      </aside>
      <Drawer ref={drawer}>{rail}</Drawer>
      <div className="flex min-h-0 flex-col">
        <Header onMenu={() => drawer.current?.showModal()} title={title} />
        <main
          className="relative min-h-0 flex-1 overflow-y-auto overscroll-contain [container-type:size]"
          id="conversation"
          tabIndex={-1}
        >
          {page !== undefined ? (
            <page.View />
          ) : thread.load === 'ready' && thread.turns.length === 0 ? (
            <EmptyState onAsk={chat.ask} />
          ) : (
            <ThreadView chat={chat} />
          )}
        </main>
        {page !== undefined ? null : (
          <div className="px-4 pb-3 md:px-8">
            <div className="mx-auto max-w-3xl">
              <Composer
                key={thread.key}
                onAsk={chat.ask}
                onStop={chat.stop}
                ready={thread.load === 'ready'}
                running={chat.running}
              />
              <StatusLine model={model.value} />
            </div>
          </div>
        )}
      </div>
      <p aria-live="polite" className="sr-only" role="status">
        {announcement(thread)}
      </p>
    </div>
  );
}

function titleOf({ turns }: Thread): string | undefined {
  return turns[0]?.question;
}

/** What a screen reader says as a turn goes on: the step at work, then the answer's text. */
function announcement({ turns }: Thread): string {
  const turn = turns.at(-1);
  if (turn === undefined) return '';
  if (turn.state === 'running') return turn.steps.findLast(({ state }) => state === 'running')?.title ?? 'Working';
  if (turn.state === 'stopped') return 'Stopped';
  if (turn.state === 'failed') return turn.failure?.message ?? '';
  return `Answer: ${plainText(turn.answer?.text ?? '')}`;
}

/** Esc stops the question at work, wherever the focus is; an open drawer takes it first. */
function useEscape(active: boolean, onEscape: () => void) {
  const latest = useRef(onEscape);
  latest.current = onEscape;
  useEffect(() => {
    if (!active) return;
    const listen = (event: KeyboardEvent) => {
      if (event.key === 'Escape' && document.querySelector('dialog[open]') === null) latest.current();
    };
    window.addEventListener('keydown', listen);
    return () => window.removeEventListener('keydown', listen);
  }, [active]);
}
