import type { Answer } from '../../agent/answer.ts';
import { questionSeconds, questionsRunning } from '../../metrics.ts';
import type { AskRequest, Assistant } from './assistant.ts';

/** The assistant's `ask`, with its time and outcome counted: the answer's status, `stopped` by the asker, or `error`. */
export function measuredAsk(assistant: Assistant): (request: AskRequest) => Promise<Answer> {
  return async function ask(request) {
    const stop = questionSeconds.startTimer({ surface: request.surface });
    questionsRunning.inc();
    let status = 'error';
    try {
      const answer = await assistant.ask(request);
      status = answer.status;
      return answer;
    } finally {
      questionsRunning.dec();
      stop({ status: request.signal?.aborted ? 'stopped' : status });
    }
  };
}
