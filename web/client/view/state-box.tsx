import type { ReactNode } from 'react';
import { Icon, type IconName } from '../icons.tsx';

export type StateKind = 'clarify' | 'refused' | 'no_data' | 'failed';

const STATES: Record<StateKind, { icon: IconName; title: string; box: string; text: string }> = {
  clarify: { icon: 'question', title: 'A question back', box: 'bg-info-soft', text: 'text-info' },
  refused: {
    icon: 'refused',
    title: 'Not something I can answer',
    box: 'bg-sunken',
    text: 'text-soft',
  },
  no_data: { icon: 'search', title: 'Nothing found', box: 'bg-warn-soft', text: 'text-warn' },
  failed: { icon: 'alert', title: 'No answer came', box: 'bg-bad-soft', text: 'text-bad' },
};

/** The frame of an answer that is no plain answer: what kind it is, in a word, a sign and a colour. */
export function StateBox({
  kind,
  title,
  children,
}: {
  kind: StateKind;
  title?: string;
  children: ReactNode;
}): ReactNode {
  const state = STATES[kind];
  return (
    <div className={`rounded-xl border border-transparent px-4 py-3 ${state.box}`}>
      <p className={`mb-1 flex items-center gap-2 font-medium text-sm ${state.text}`}>
        <Icon name={state.icon} />
        {title ?? state.title}
      </p>
      {children}
    </div>
  );
}
