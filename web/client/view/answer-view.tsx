import type { ReactNode } from 'react';
import type { Answer } from '../../../agent/answer.ts';
import { formatCell } from '../../../tools/format.ts';
import type { Feedback } from '../../contract.ts';
import { isSideways } from '../chart-options.ts';
import { Icon } from '../icons.tsx';
import { Markdown, unbrokenDates } from '../markdown.tsx';
import { usePerson } from '../person.ts';
import { granularityOf, notesOf } from '../receipt-text.ts';
import { visible } from '../untrusted.ts';
import type { Chat } from '../use-chat.ts';
import { AnswerChart } from './answer-chart.tsx';
import { AnswerTable } from './answer-table.tsx';
import { SmallButton } from './button.tsx';
import { FeedbackBar } from './feedback-bar.tsx';
import { Receipts } from './receipts.tsx';
import { StateBox } from './state-box.tsx';

interface AnswerProps {
  answer: Answer;
  question: string;
  feedback: Feedback | undefined;
  last: boolean;
  chat: Chat;
}

/** An answer: what it says, the chart, the tables, what to mind, how it was found, and where to go on. */
export function AnswerView({ answer, question, feedback, last, chat }: AnswerProps): ReactNode {
  const { me } = usePerson();
  return (
    <div className="flex flex-col gap-4">
      <AnswerText again={chat.running || !last ? undefined : () => chat.ask(question)} answer={answer} />
      <Findings answer={answer} />
      <Notes notes={notesOf(answer)} />
      <Proposals proposals={answer.proposals} />
      {answer.receipts.length > 0 ? <Receipts receipts={answer.receipts} /> : null}
      {me.role === 'viewer' ? null : (
        <FeedbackBar feedback={feedback} onRate={(given) => chat.rate(answer.queryId, given)} />
      )}
      {last && !chat.running ? <FollowUps onAsk={chat.ask} questions={answer.followUps} /> : null}
    </div>
  );
}

function AnswerText({ answer, again }: { answer: Answer; again: (() => void) | undefined }): ReactNode {
  const text = (
    <div className="prose-answer">
      <Markdown text={answer.text} />
    </div>
  );
  if (answer.status === 'answered') return text;
  const retry = answer.status === 'failed' && again !== undefined;
  return (
    <StateBox kind={answer.status}>
      {text}
      {retry ? (
        <SmallButton className="mt-1 -ml-2.5" onClick={again}>
          Ask again
        </SmallButton>
      ) : null}
    </StateBox>
  );
}

/** A chart over time shows the shape that its table hides, so it comes first; one over names only illustrates the table. */
function Findings({ answer: { chart, tables, receipts } }: { answer: Answer }): ReactNode {
  const granularity = granularityOf(receipts);
  const drawing = chart === undefined ? null : <AnswerChart chart={chart} granularity={granularity} />;
  const chartFirst = chart !== undefined && !isSideways(chart);
  return (
    <>
      {chartFirst ? drawing : null}
      {tables.map((table, index) => (
        <AnswerTable granularity={granularity} key={String(index)} table={table} />
      ))}
      {chartFirst ? null : drawing}
    </>
  );
}

function Notes({ notes }: { notes: string[] }): ReactNode {
  if (notes.length === 0) return null;
  return (
    <div className="flex gap-2 px-1 text-soft text-sm">
      <Icon className="mt-0.5 size-4" name="note" />
      <ul aria-label="Notes" className="flex min-w-0 flex-col gap-0.5">
        {notes.map((note) => (
          <li className="[overflow-wrap:anywhere]" key={note}>
            <bdi>{unbrokenDates(visible(note))}</bdi>
          </li>
        ))}
      </ul>
    </div>
  );
}

function Proposals({ proposals }: { proposals: Answer['proposals'] }): ReactNode {
  if (proposals.length === 0) return null;
  return (
    <ul aria-label="Proposals" className="flex flex-col gap-2">
      {proposals.map(({ remediationId, title, estimatedMonthlySavings, billingCurrency = null }) => (
        <li className="rounded-xl border border-line bg-surface px-4 py-3" key={remediationId}>
          <bdi className="font-medium">{visible(title)}</bdi>
          <p className="text-soft text-sm">
            Estimated saving a month: {formatCell(estimatedMonthlySavings, 'money', billingCurrency)}. Waits for
            somebody else's approval, under{' '}
            <a className="underline underline-offset-4" href="/changes">
              Changes
            </a>
            .
          </p>
        </li>
      ))}
    </ul>
  );
}

function FollowUps({ questions, onAsk }: { questions: string[]; onAsk: (question: string) => void }): ReactNode {
  if (questions.length === 0) return null;
  return (
    <ul aria-label="Questions to go on with" className="flex flex-wrap gap-2">
      {questions.map((question) => (
        <li key={question}>
          <button
            className="min-h-9 rounded-2xl border border-line bg-surface px-3.5 py-1.5 text-left text-sm hover:border-line-strong"
            onClick={() => onAsk(question)}
            type="button"
          >
            {question}
          </button>
        </li>
      ))}
    </ul>
  );
}
