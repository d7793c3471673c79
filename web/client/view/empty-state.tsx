import type { ReactNode } from 'react';
import { suggestQuestions } from '../api.ts';
import { Icon, Mark } from '../icons.tsx';
import { useLoaded } from '../loaded.ts';

const SHOWN = 6;

/** What a new conversation shows: what one can expect here, and questions that this data answers. */
export function EmptyState({ onAsk }: { onAsk: (question: string) => void }): ReactNode {
  const { value } = useLoaded(suggestQuestions);
  return (
    <div className="mx-auto flex min-h-full max-w-3xl flex-col justify-center px-4 py-8 md:px-8">
      <Mark className="size-12" />
      <h2 className="mt-5 text-balance font-semibold text-2xl tracking-tight sm:text-3xl">
        What would you like to know about your cloud costs?
      </h2>
      <p className="mt-2 max-w-xl text-soft">
        Ask in your own words. Every number comes from your bill, and each answer shows how it was found.
      </p>
      <ul aria-label="Questions to start with" className="mt-7 grid gap-2.5 sm:grid-cols-2">
        {(value?.items ?? []).slice(0, SHOWN).map((question) => (
          <li key={question}>
            <button
              className="group flex h-full min-h-14 w-full items-center gap-3 rounded-xl border border-line bg-surface px-4 py-3 text-left text-sm hover:border-line-strong"
              onClick={() => onAsk(question)}
              type="button"
            >
              <span className="flex-1">{question}</span>
              <Icon className="size-4 text-soft group-hover:text-accent" name="arrow" />
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}
