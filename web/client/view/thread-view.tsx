import { type ReactNode, useEffect, useRef } from 'react';
import { useMedia } from '../browser.ts';
import { Icon } from '../icons.tsx';
import type { Chat } from '../use-chat.ts';
import { Boundary } from './boundary.tsx';
import { SmallButton } from './button.tsx';
import { StateBox } from './state-box.tsx';
import { TurnView } from './turn-view.tsx';

/** Pixels left above the question that was brought to the top. */
const ROOM_ABOVE = 8;

/** The turns of a conversation. The last question comes to the top, so that its answer has the whole height. */
export function ThreadView({ chat }: { chat: Chat }): ReactNode {
  const { thread } = chat;
  const end = useRef<HTMLDivElement>(null);
  const calm = useMedia('(prefers-reduced-motion: reduce)');
  const count = thread.turns.length;
  // biome-ignore lint/correctness/useExhaustiveDependencies: one more turn is what moves the page
  useEffect(() => {
    const last = end.current;
    if (count < 2 || last === null) return;
    last.closest('main')?.scrollTo({ top: last.offsetTop - ROOM_ABOVE, behavior: calm ? 'auto' : 'smooth' });
  }, [count]);

  if (thread.load === 'loading') return <Middle>Loading the conversation</Middle>;
  if (thread.load === 'failed') return <LoadFailure chat={chat} />;
  return (
    <div className="mx-auto flex min-h-full max-w-3xl flex-col gap-10 px-4 pt-2 md:px-8">
      {thread.turns.map((turn, index) => {
        const last = index === count - 1;
        return (
          <div className={last ? 'min-h-[calc(100cqh-0.5rem)] pb-8' : ''} key={turn.key} ref={last ? end : undefined}>
            <Boundary fallback={<StateBox kind="failed">This answer cannot be shown here. It is in the log.</StateBox>}>
              <TurnView chat={chat} last={last} turn={turn} />
            </Boundary>
          </div>
        );
      })}
    </div>
  );
}

function LoadFailure({ chat }: { chat: Chat }): ReactNode {
  const { failure } = chat.thread;
  return (
    <Middle>
      <Icon className="size-6" name="alert" />
      <span>{failure?.message}</span>
      {failure?.code === 'not_found' ? (
        <SmallButton icon="plus" onClick={chat.startNew}>
          Ask a new question
        </SmallButton>
      ) : (
        <SmallButton onClick={chat.reload}>Try again</SmallButton>
      )}
    </Middle>
  );
}

function Middle({ children }: { children: ReactNode }): ReactNode {
  return (
    <div
      className="flex min-h-full flex-col items-center justify-center gap-3 px-6 text-center text-soft"
      role="status"
    >
      {children}
    </div>
  );
}
