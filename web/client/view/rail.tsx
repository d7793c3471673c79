import type { MouseEvent, ReactNode, Ref } from 'react';
import type { ConversationSummary } from '../../contract.ts';
import { navigate } from '../browser.ts';
import { agoText } from '../dates.ts';
import { Icon, Mark } from '../icons.tsx';
import type { Loaded } from '../loaded.ts';
import { visible } from '../untrusted.ts';
import { IconButton, SmallButton } from './button.tsx';

interface RailProps {
  conversations: Loaded<{ items: ConversationSummary[] }>;
  current: string | null;
  onNew: () => void;
}

/** The earlier conversations, by day, and the way to a new one. */
export function Rail({ conversations, current, onNew }: RailProps): ReactNode {
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <div className="flex h-14 shrink-0 items-center gap-2.5 px-5">
        <Mark />
        <span className="font-semibold text-lg tracking-tight">Penny</span>
      </div>
      <div className="px-3 pb-2">
        <button
          className="flex min-h-10 w-full items-center gap-2 rounded-xl border border-line bg-surface px-3 font-medium text-sm hover:border-line-strong"
          onClick={onNew}
          type="button"
        >
          <Icon name="plus" /> New question
        </button>
      </div>
      <nav aria-label="Earlier conversations" className="min-h-0 flex-1 overflow-y-auto px-3 pb-4">
        {byDay(conversations.value?.items ?? []).map(({ day, items }) => (
          <section key={day}>
            <h2 className="px-2 pt-4 pb-1 font-medium text-soft text-xs">{day}</h2>
            <ul>
              {items.map((item) => (
                <li key={item.threadId}>
                  <ConversationLink current={item.threadId === current} item={item} />
                </li>
              ))}
            </ul>
          </section>
        ))}
        <RailHint conversations={conversations} />
      </nav>
      <p className="flex gap-4 border-line border-t px-5 py-3 text-soft text-xs">
        {PAGES.map(({ path, title }) => (
          <a
            className="underline decoration-line-strong underline-offset-4 hover:text-ink"
            href={path}
            key={path}
            onClick={(event) => followInside(event, path)}
          >
            {title}
          </a>
        ))}
        <a className="underline decoration-line-strong underline-offset-4 hover:text-ink" href="/api/docs">
          API
        </a>
      </p>
    </div>
  );
}

const PAGES = [
  { path: '/changes', title: 'Changes' },
  { path: '/jobs', title: 'Jobs' },
];

/** The conversations in the order they come, newest first, under the day they were last spoken in. */
function byDay(conversations: ConversationSummary[]): { day: string; items: ConversationSummary[] }[] {
  const days: { day: string; items: ConversationSummary[] }[] = [];
  for (const item of conversations) {
    const day = agoText(new Date(item.lastAt), new Date());
    const last = days.at(-1);
    if (last?.day === day) last.items.push(item);
    else days.push({ day, items: [item] });
  }
  return days;
}

function RailHint({ conversations: { value, failure, refresh } }: Pick<RailProps, 'conversations'>): ReactNode {
  if (failure !== undefined && value === undefined) {
    return (
      <p className="px-2 pt-4 text-soft text-sm">
        Earlier conversations could not be loaded. <SmallButton onClick={refresh}>Try again</SmallButton>
      </p>
    );
  }
  if (value?.items.length !== 0) return null;
  return <p className="px-2 pt-4 text-soft text-sm">Your conversations will be kept here.</p>;
}

function ConversationLink({ item, current }: { item: ConversationSummary; current: boolean }): ReactNode {
  const href = `/c/${encodeURIComponent(item.threadId)}`;
  return (
    <a
      aria-current={current ? 'page' : undefined}
      className={`block truncate rounded-lg px-2 py-1.5 text-sm ${current ? 'bg-accent-soft font-medium text-ink' : 'text-soft hover:bg-sunken hover:text-ink'}`}
      href={href}
      onClick={(event) => followInside(event, href)}
      title={item.title}
    >
      <bdi>{visible(item.title)}</bdi>
    </a>
  );
}

/** A plain click stays in the page; with a modifier the browser opens its tab or window as for any link. */
function followInside(event: MouseEvent, href: string) {
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  navigate(href);
}

/** The rail on a phone: a modal dialog, so that focus stays in it and Esc or a tap beside it closes it. */
export function Drawer({ ref, children }: { ref: Ref<HTMLDialogElement>; children: ReactNode }): ReactNode {
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Esc closes a modal dialog by itself
    <dialog
      aria-label="Conversations"
      className="m-0 h-dvh max-h-none w-[min(19rem,88vw)] max-w-none border-line border-r bg-rail backdrop:bg-black/40 open:flex open:flex-col md:hidden"
      onClick={(event) => {
        if (event.target === event.currentTarget) event.currentTarget.close();
      }}
      ref={ref}
    >
      <form className="absolute top-2.5 right-3" method="dialog">
        <IconButton icon="close" label="Close" type="submit" />
      </form>
      {children}
    </dialog>
  );
}
