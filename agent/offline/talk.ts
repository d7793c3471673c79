import { findingOf } from './findings.ts';
import { changeCall, changesSomething, type Earlier, earlierCall, isFollowUp, SPLIT } from './followup.ts';
import type { Turn } from './history.ts';
import { obstacle } from './obstacles.ts';
import type { Plan, PlannedCall } from './plan.ts';
import { planQuestion, withoutNames } from './planner.ts';
import { proposalOf } from './proposals.ts';
import type { ReadContext } from './read.ts';
import { rowIndex } from './rows.ts';
import { type Slots, slotsOf } from './slots.ts';
import { ACTION, topicOf } from './topics.ts';

/**
 * What to do about a question, given the turns before it: call tools, ask back, or say that it cannot be answered. The same
 * question, history, catalog and clock always give the same plan.
 */
export function planTurn(question: string, history: readonly Turn[], context: ReadContext): Plan {
  const answered = replyToClarification(question, history, context);
  if (answered) return answered;
  const proposal = proposalOf(question, history);
  if (proposal) return proposal;
  const earlier = earlierCall(history);
  if (earlier === null) return planQuestion(question, context);
  const slots = slotsOf(question, context);
  const text = withoutNames(slots, context);
  const topic = topicOf(text);
  if (findingOf(text) || (topic && !(topic === ACTION && changesView(question))))
    return planQuestion(question, context);
  if (!isFollowUp(slots)) return carryPeriod(planQuestion(question, context), slots, earlier);
  const blocked = obstacle(
    { ...slots, flags: new Set([...slots.flags].filter((flag) => !isSettledBefore(flag, question))) },
    context,
  );
  if (blocked && blocked.kind !== 'nothing') return blocked;
  return changesSomething(slots) ? changeCall(earlier, slots, history, context) : planQuestion(question, context);
}

/** What a new question would have to make clear and a follow-up takes from what was said before. */
function isSettledBefore(flag: string, question: string): boolean {
  const undoes = SPLIT.test(question) || /\bfilters?\b/i.test(question);
  return flag.startsWith('ref:') || flag === 'savings' || (flag === 'negation without name' && undoes);
}

/** 'Remove tax', 'switch to weekly': about the answer shown, not about the cloud. */
const changesView = (text: string): boolean =>
  /^(?:\W*(?:ok|okay|now|please|and|then)\W+)*(?:remove|drop|add|switch|change|set|reset|start|log|tag|release)\b.{0,40}\b(?:tax|credits?|refunds?|support|filters?|daily|weekly|monthly|quarterly|by|month|week|quarter|year|days?|service|account|region|team|column|from)\b/i.test(
    text,
  ) && !/\b(?:budget|alert|instance|volume|bucket|user|database|ticket|report)s?\b/i.test(text);

/** A new question in the same talk is about the period spoken of, where it names none itself. */
function carryPeriod(plan: Plan, slots: Slots, earlier: Earlier): Plan {
  if (plan.kind !== 'call' || slots.period !== null || slots.comparison !== null || slots.unit !== null) return plan;
  const calls = plan.calls.map((call): PlannedCall => {
    if (call.tool !== 'query_costs' && call.tool !== 'explain_change') return call;
    if (call.input.period !== 'last 30 days') return call;
    return { ...call, input: { ...call.input, period: earlier.input.period }, shape: { ...call.shape } } as PlannedCall;
  });
  return { ...plan, calls };
}

/** The answer to a question that was asked back: the first question again, with what was unclear filled in. */
function replyToClarification(question: string, history: readonly Turn[], context: ReadContext): Plan | null {
  const last = history.at(-1);
  if (last === undefined || last.calls.length > 0 || !isShortReply(question)) return null;
  const asked = planTurn(last.question, history.slice(0, -1), context);
  if (asked.kind !== 'clarify' || asked.fill === undefined) return null;
  const reply = pickOption(question, asked.options);
  const filled = asked.fill.replace('{reply}', () => reply);
  const plan = planTurn(filled, history.slice(0, -1), context);
  return plan.kind === 'call' ? plan : null;
}

const isShortReply = (text: string): boolean =>
  text.trim().split(/\s+/).length <= 6 &&
  !/^(?:what|which|how|why|who|show|list|give|compare|top)\b/i.test(text.trim());

/** 'The first', '2' or a word of one option stand for that option. */
function pickOption(reply: string, options: readonly string[]): string {
  const index = rowIndex(`${reply} one`) ?? (/^\W*\d\W*$/.test(reply) ? Number(reply.replace(/\D/g, '')) - 1 : null);
  const named = options.filter((option) =>
    option.toLowerCase().includes(
      reply
        .trim()
        .toLowerCase()
        .replace(/^(the|a|by) /, '')
        .replace(/[.!?]+$/, ''),
    ),
  );
  return (index !== null ? options[index] : undefined) ?? (named.length === 1 ? named[0] : undefined) ?? reply;
}
