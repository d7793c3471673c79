import type { Config } from '../config.ts';
import { modelUse, type SpendLimit } from '../db/queries/model-use.ts';
import { PennyError } from '../errors.ts';
import type { AskOptions, AskRequest } from './ask.ts';
import { tokenBuckets } from './token-bucket.ts';

/** Refuses a question of somebody who asks too fast. @throws PennyError `rate_limited`, with the seconds to wait */
export type QuestionGate = (request: AskRequest) => void;

/**
 * A gate that lets each person ask so many questions a minute through every surface of this process. Evals ask as fast as they can,
 * and only whoever holds the machine runs them.
 */
export function questionGate({ PENNY_QUESTIONS_PER_MINUTE: perMinute }: Config): QuestionGate {
  const take = tokenBuckets({ burst: perMinute, perSecond: perMinute / 60 }, () => performance.now());
  return ({ principal, surface }) => {
    const retryAfterSeconds = surface === 'eval' ? 0 : take(principal.userId);
    if (retryAfterSeconds === 0) return;
    throw new PennyError('rate_limited', `That was many questions in a minute; ask again in ${retryAfterSeconds} s.`, {
      details: { retryAfterSeconds },
    });
  };
}

/**
 * The options to answer with: above a budget the offline model answers, and says why. A question under way may go over its budget
 * by what it uses itself.
 */
export async function withinBudget(options: AskOptions, { principal, surface }: AskRequest): Promise<AskOptions> {
  const { config, db, model, now } = options;
  if (model.kind === 'offline') return options;
  const { tokensToday, monthIsSpent } = await modelUse(db, principal.userId, spendLimit(config), now());
  const isOver = surface !== 'eval' && tokensToday >= config.PENNY_MODEL_TOKENS_PER_DAY;
  if (!isOver && !monthIsSpent) return options;
  const whose = monthIsSpent
    ? 'The budget of the language model for this month'
    : 'Your use of the language model for today';
  const note = `${whose} is used up. This answer comes from the built-in planner.`;
  return { ...options, model: { kind: 'offline', name: 'offline' }, note };
}

function spendLimit(config: Config): SpendLimit | undefined {
  const {
    PENNY_MODEL_MONTHLY_BUDGET_USD: budgetUsd,
    PENNY_MODEL_INPUT_USD_PER_MILLION: inputUsdPerMillion,
    PENNY_MODEL_OUTPUT_USD_PER_MILLION: outputUsdPerMillion,
  } = config;
  if (budgetUsd === undefined || inputUsdPerMillion === undefined || outputUsdPerMillion === undefined)
    return undefined;
  return { budgetUsd, inputUsdPerMillion, outputUsdPerMillion };
}
