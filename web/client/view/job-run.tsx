import type { ReactNode } from 'react';
import type { JobRun } from '../../contract.ts';
import { minuteText, spanText } from '../dates.ts';
import { visible } from '../untrusted.ts';
import { SmallButton } from './button.tsx';

const STATES: Record<JobRun['state'], { word: string; colour: string }> = {
  due: { word: 'waiting', colour: 'bg-sunken text-soft' },
  running: { word: 'running', colour: 'bg-info-soft text-info' },
  failed: { word: 'will be tried again', colour: 'bg-warn-soft text-warn' },
  done: { word: 'done', colour: 'bg-sunken text-good' },
  cancelled: { word: 'cancelled', colour: 'bg-sunken text-soft' },
  dead: { word: 'given up', colour: 'bg-bad-soft text-bad' },
};

/** The state of a run in a word and a colour. */
export function StateMark({ run }: { run: JobRun }): ReactNode {
  const { word, colour } = STATES[run.state];
  return (
    <span className={`whitespace-nowrap rounded-full px-2.5 py-0.5 text-xs ${colour}`}>
      {run.stopping ? 'stopping' : word}
    </span>
  );
}

/** One run: for which due time, how it goes or went, and what can be done about it. Without `onSteer` one may only look. */
export function RunLine({ run, onSteer }: { run: JobRun; onSteer?: (how: 'cancel' | 'rerun') => void }): ReactNode {
  const isOver = run.finishedAt !== null;
  const name = `run ${run.runId} of ${run.job}`;
  return (
    <article aria-label={name} className="grid grid-cols-[minmax(0,1fr)_auto] items-start gap-x-4 py-2.5">
      <div className="min-w-0">
        <p className="flex flex-wrap items-center gap-x-2.5 gap-y-1">
          <span className="font-medium">{run.job}</span>
          <StateMark run={run} />
        </p>
        <p className="text-soft text-sm [overflow-wrap:anywhere]">{facts(run).join(' · ')}</p>
        {run.error === null ? null : (
          <p className="text-sm [overflow-wrap:anywhere]">
            <bdi>{visible(run.error.message)}</bdi>
          </p>
        )}
        {run.state === 'running' ? <Progress run={run} /> : null}
      </div>
      {onSteer === undefined ? null : (
        <SmallButton
          aria-label={`${isOver ? 'Rerun' : 'Cancel'} ${name}`}
          className="disabled:opacity-50"
          disabled={run.stopping}
          onClick={() => onSteer(isOver ? 'rerun' : 'cancel')}
        >
          {isOver ? 'Rerun' : 'Cancel'}
        </SmallButton>
      )}
    </article>
  );
}

function facts({ runId, dueAt, attempt, elapsedMs, rowCount, requestedBy, retryAt }: JobRun): string[] {
  return [
    `#${runId}`,
    `for ${minuteText(dueAt)}`,
    ...(elapsedMs === null ? [] : [spanText(elapsedMs)]),
    ...(rowCount === null ? [] : [`${rowCount.toLocaleString('en-US')} ${rowCount === 1 ? 'row' : 'rows'}`]),
    ...(attempt > 1 ? [`try ${attempt}`] : []),
    ...(retryAt === null ? [] : [`again at ${minuteText(retryAt)}`]),
    ...(requestedBy === null ? [] : [`by ${visible(requestedBy)}`]),
  ];
}

function Progress({ run: { progress, job } }: { run: JobRun }): ReactNode {
  if (progress === null) return null;
  const { done, total, text } = progress;
  const count = total === undefined ? String(done) : `${done} of ${total}`;
  return (
    <div className="mt-1.5 max-w-md">
      <progress
        aria-label={`Progress of ${job}`}
        className="block h-1.5 w-full appearance-none overflow-hidden rounded-full bg-line [&::-moz-progress-bar]:bg-accent [&::-webkit-progress-bar]:bg-line [&::-webkit-progress-value]:bg-accent"
        max={total ?? 1}
        {...(total === undefined ? {} : { value: done })}
      />
      <p className="mt-0.5 text-soft text-xs [overflow-wrap:anywhere]">
        <bdi>{text === undefined ? count : `${count}: ${visible(text)}`}</bdi>
      </p>
    </div>
  );
}
