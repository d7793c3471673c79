import { type FormEvent, type ReactNode, useId, useState } from 'react';
import type { Feedback } from '../../contract.ts';
import { REASON_MAX_CHARS } from '../../limits.ts';
import { RequestFailure } from '../api.ts';
import { IconButton, SmallButton } from './button.tsx';

interface FeedbackProps {
  feedback: Feedback | undefined;
  onRate: (feedback: Feedback) => Promise<void>;
}

const REASONS = ['A number is wrong', 'Wrong period', 'Not what I asked', 'Hard to follow'];

/** Thumbs, stored at once; a thumb down then asks for the reason. */
export function FeedbackBar({ feedback, onRate }: FeedbackProps): ReactNode {
  const [asking, setAsking] = useState(false);
  const [message, setMessage] = useState('');

  async function rate(given: Feedback) {
    setAsking(given.score === -1 && given.reason === undefined);
    try {
      await onRate(given);
      setMessage(given.reason === undefined && given.score < 0 ? '' : 'Thank you, noted.');
    } catch (error) {
      setAsking(false);
      setMessage(error instanceof RequestFailure ? `Not stored: ${error.message}` : 'Not stored. Try again.');
    }
  }

  return (
    <div className="-ml-2 flex flex-wrap items-center gap-x-1">
      <Thumb label="Helpful" feedback={feedback} score={1} onRate={rate} />
      <Thumb label="Not helpful" feedback={feedback} score={-1} onRate={rate} />
      <p className="px-2 text-soft text-sm" role="status">
        {message}
      </p>
      {asking && feedback?.score === -1 ? (
        <ReasonForm onClose={() => setAsking(false)} onReason={(reason) => rate({ score: -1, reason })} />
      ) : null}
    </div>
  );
}

function Thumb({
  label,
  score,
  feedback,
  onRate,
}: {
  label: string;
  score: 1 | -1;
  feedback: Feedback | undefined;
  onRate: (feedback: Feedback) => void;
}): ReactNode {
  const pressed = feedback?.score === score;
  return (
    <IconButton
      aria-pressed={pressed}
      className={pressed ? 'bg-accent-soft text-accent' : ''}
      icon={score > 0 ? 'up' : 'down'}
      label={label}
      onClick={() => onRate({ score })}
    />
  );
}

function ReasonForm({ onReason, onClose }: { onReason: (reason: string) => void; onClose: () => void }): ReactNode {
  const id = useId();
  const [chosen, setChosen] = useState<string[]>([]);
  const [text, setText] = useState('');
  const reason = [...chosen, text.trim()].filter(Boolean).join('. ').slice(0, REASON_MAX_CHARS);

  function submit(event: FormEvent) {
    event.preventDefault();
    if (reason !== '') onReason(reason);
  }

  return (
    <form
      className="mt-2 ml-2 flex w-full flex-col gap-3 rounded-xl border border-line bg-surface p-4"
      onSubmit={submit}
    >
      <fieldset>
        <legend className="font-medium text-sm">What went wrong?</legend>
        <div className="mt-2 flex flex-wrap gap-2">
          {REASONS.map((choice) => (
            <label
              className="flex min-h-8 cursor-pointer items-center gap-2 rounded-2xl border border-line px-3 text-sm has-checked:border-accent has-checked:bg-accent-soft has-focus-visible:outline-2 has-focus-visible:outline-accent"
              key={choice}
            >
              <input
                checked={chosen.includes(choice)}
                className="accent-accent"
                onChange={(event) =>
                  setChosen(event.target.checked ? [...chosen, choice] : chosen.filter((other) => other !== choice))
                }
                type="checkbox"
              />
              {choice}
            </label>
          ))}
        </div>
      </fieldset>
      <label className="sr-only" htmlFor={id}>
        In your words
      </label>
      <textarea
        className="min-h-16 rounded-lg border border-line-strong bg-transparent px-3 py-2 text-sm placeholder:text-soft"
        id={id}
        maxLength={REASON_MAX_CHARS}
        onChange={(event) => setText(event.target.value)}
        placeholder="In your words, if you like"
        rows={2}
        value={text}
      />
      <div className="flex gap-2">
        <button
          className="min-h-9 rounded-lg bg-accent px-4 font-medium text-on-accent text-sm hover:bg-accent-strong disabled:bg-sunken disabled:text-soft"
          disabled={reason === ''}
          type="submit"
        >
          Send
        </button>
        <SmallButton onClick={onClose}>Not now</SmallButton>
      </div>
    </form>
  );
}
