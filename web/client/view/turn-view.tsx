import { type ReactNode, useId } from 'react';
import type { Step, Turn } from '../chat-state.ts';
import { Icon } from '../icons.tsx';
import { visible } from '../untrusted.ts';
import type { Chat } from '../use-chat.ts';
import { AnswerView } from './answer-view.tsx';
import { SmallButton } from './button.tsx';
import { StateBox } from './state-box.tsx';

/** One question and what came of it. */
export function TurnView({ turn, last, chat }: { turn: Turn; last: boolean; chat: Chat }): ReactNode {
  const headingId = useId();
  return (
    <article aria-busy={turn.state === 'running'} aria-labelledby={headingId}>
      <h2
        className="ml-auto w-fit max-w-[85%] whitespace-pre-wrap rounded-2xl rounded-br-md bg-accent-soft px-4 py-2.5 [overflow-wrap:anywhere]"
        id={headingId}
      >
        <span className="sr-only">You asked: </span>
        <bdi>{visible(turn.question)}</bdi>
      </h2>
      <div className="mt-5">
        <Outcome chat={chat} last={last} turn={turn} />
      </div>
    </article>
  );
}

function Outcome({ turn, last, chat }: { turn: Turn; last: boolean; chat: Chat }): ReactNode {
  const again =
    chat.running || !last ? null : <SmallButton onClick={() => chat.ask(turn.question)}>Ask again</SmallButton>;
  if (turn.state === 'running') return <Steps steps={turn.steps} />;
  if (turn.state === 'stopped') {
    return (
      <p className="flex items-center gap-2 text-soft text-sm">
        <Icon name="stop" /> You stopped this question. {again}
      </p>
    );
  }
  if (turn.answer === undefined) {
    return (
      <StateBox kind="failed" title={turn.failure?.code === 'unreachable' ? 'No connection' : 'No answer came'}>
        <p>{turn.failure?.message}</p>
        <div className="-ml-2.5 mt-1">{again}</div>
      </StateBox>
    );
  }
  return <AnswerView answer={turn.answer} chat={chat} feedback={turn.feedback} last={last} question={turn.question} />;
}

/** What is being done, line by line, while the answer is on its way. */
function Steps({ steps }: { steps: Step[] }): ReactNode {
  const quiet = steps.every(({ state }) => state !== 'running');
  return (
    <ol aria-label="Steps" className="flex flex-col gap-2 text-soft text-sm">
      {steps.map((step) => (
        <li className="flex items-center gap-2.5" key={step.id}>
          <StepMark state={step.state} />
          <bdi>{visible(step.title)}</bdi>
          {step.state === 'failed' ? <span className="text-bad">did not work</span> : null}
        </li>
      ))}
      {quiet ? (
        <li className="flex items-center gap-2.5">
          <StepMark state="running" /> {steps.length === 0 ? 'Reading your question' : 'Putting it together'}
        </li>
      ) : null}
    </ol>
  );
}

function StepMark({ state }: { state: Step['state'] }): ReactNode {
  if (state === 'done') return <Icon className="size-4 text-good" name="check" />;
  if (state === 'failed') return <Icon className="size-4 text-bad" name="close" />;
  return (
    <span aria-hidden="true" className="grid size-4 place-items-center">
      <span className="size-2 animate-pulse rounded-full bg-accent" />
    </span>
  );
}
