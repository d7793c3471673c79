import { type FormEvent, type KeyboardEvent, type ReactNode, useEffect, useRef, useState } from 'react';
import { QUESTION_MAX_CHARS } from '../../limits.ts';
import { useMedia } from '../browser.ts';
import { Icon } from '../icons.tsx';

interface ComposerProps {
  /** False while the conversation is loading or could not be: a question would go astray. */
  ready: boolean;
  running: boolean;
  onAsk: (question: string) => void;
  onStop: () => void;
}

/** From here on the composer counts how many characters are left. */
const COUNT_FROM = QUESTION_MAX_CHARS - 300;

/** Where one writes: Enter sends, Shift+Enter starts a line, and while a question is at work the button stops it. */
export function Composer({ ready, running, onAsk, onStop }: ComposerProps): ReactNode {
  const [text, setText] = useState('');
  const field = useRef<HTMLTextAreaElement>(null);
  const question = text.trim();
  const tooLong = question.length > QUESTION_MAX_CHARS;
  const canSend = ready && question !== '' && !tooLong && !running;

  useFocus(field);
  useGrowth(field, text);

  function submit(event?: FormEvent) {
    event?.preventDefault();
    if (!canSend) return;
    onAsk(question);
    setText('');
  }

  function onKeyDown(event: KeyboardEvent) {
    // While an input method composes a character, Enter belongs to it.
    if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    submit();
  }

  return (
    <form
      className="flex items-end gap-2 rounded-2xl border border-line-strong bg-surface p-2 shadow-black/5 shadow-sm has-[textarea:focus-visible]:border-accent has-[textarea:focus-visible]:shadow-[0_0_0_3px_var(--accent-soft)]"
      onSubmit={submit}
    >
      <label className="sr-only" htmlFor="question">
        Your question
      </label>
      <textarea
        aria-describedby="question-hint"
        aria-invalid={tooLong || undefined}
        autoComplete="off"
        className="max-h-48 min-h-9 flex-1 resize-none bg-transparent px-2 py-1.5 outline-none placeholder:text-soft"
        enterKeyHint="send"
        id="question"
        onChange={(event) => setText(event.target.value)}
        onKeyDown={onKeyDown}
        placeholder="Ask about your cloud costs"
        ref={field}
        rows={1}
        value={text}
      />
      <p className="sr-only" id="question-hint">
        Enter sends, Shift and Enter starts a new line, Escape stops a question that is being worked on.
      </p>
      {question.length > COUNT_FROM ? (
        <p
          className={`self-center text-xs tabular-nums ${tooLong ? 'font-medium text-bad' : 'text-soft'}`}
          role="status"
        >
          {tooLong
            ? `${question.length - QUESTION_MAX_CHARS} too many`
            : `${QUESTION_MAX_CHARS - question.length} left`}
        </p>
      ) : null}
      {running ? <StopButton onStop={onStop} /> : <SendButton disabled={!canSend} />}
    </form>
  );
}

const ROUND = 'grid size-9 shrink-0 place-items-center rounded-xl';

function SendButton({ disabled }: { disabled: boolean }): ReactNode {
  const colors = disabled ? 'bg-sunken text-soft' : 'bg-accent text-on-accent hover:bg-accent-strong';
  return (
    <button aria-label="Send" className={`${ROUND} ${colors}`} disabled={disabled} title="Send (Enter)" type="submit">
      <Icon className="size-5" name="send" />
    </button>
  );
}

function StopButton({ onStop }: { onStop: () => void }): ReactNode {
  return (
    <button
      aria-label="Stop"
      className={`${ROUND} bg-ink text-paper hover:opacity-85`}
      onClick={onStop}
      title="Stop (Esc)"
      type="button"
    >
      <Icon className="size-5" name="stop" />
    </button>
  );
}

/** With a mouse the field has the focus at once; on a phone that would push the keyboard over the page. */
function useFocus(field: { current: HTMLTextAreaElement | null }) {
  const hasMouse = useMedia('(hover: hover) and (pointer: fine)');
  useEffect(() => {
    if (hasMouse) field.current?.focus();
  }, [hasMouse, field]);
}

/** The field is as tall as its text, up to its maximum. */
function useGrowth(field: { current: HTMLTextAreaElement | null }, text: string) {
  // biome-ignore lint/correctness/useExhaustiveDependencies: the text is what changes the height
  useEffect(() => {
    const element = field.current;
    if (element === null) return;
    element.style.height = 'auto';
    element.style.height = `${element.scrollHeight}px`;
  }, [text, field]);
}
