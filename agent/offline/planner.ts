import { type Clause, clausesOf } from './clauses.ts';
import { type Decision, decide, obstacle } from './decide.ts';
import { changeCall, type Earlier, earlierCall, isFollowUp } from './followup.ts';
import type { Turn } from './history.ts';
import { namesOf } from './names.ts';
import type { Plan, PlannedCall } from './plan.ts';
import type { ReadContext } from './read.ts';
import { resolveNames } from './resolve.ts';
import { rowIndex } from './rows.ts';
import { type Slots, slotsOf } from './slots.ts';
import { ACTION, type Topic, topicOf } from './topics.ts';
import { subjectOf, suggest } from './wording.ts';

/** The text of a clause without the estate's own names, so that an app called 'demand-forecast' asks for no forecast. */
function withoutNames(slots: Slots, context: ReadContext): string {
  const { reading } = slots;
  const { filters, hints } = resolveNames(reading, namesOf(context.catalog));
  const named = [...filters].filter(
    ([mention, filter]) =>
      filter.dimension.startsWith('tag:') || filter.dimension === 'sub_account_id' || mention.text.includes('-'),
  );
  return [...named.map(([mention]) => mention), ...hints].reduce(
    (text, { start, end }) => `${text.slice(0, start)}${' '.repeat(end - start)}${text.slice(end)}`,
    reading.text,
  );
}

function declined(topic: Topic, slots: Slots): Decision {
  return {
    kind: 'decline',
    reason: topic.reason,
    text: topic.text,
    suggestions: suggest(topic.suggestions, subjectOf(slots.filters)),
  };
}

const VAGUE: Plan = {
  kind: 'clarify',
  text: 'What would you like to know about the cloud bill?',
  options: [
    'What did we spend last month?',
    'What are the top 5 services by cost this month?',
    'Why did the cost change in the last 30 days?',
  ],
};

/** Reads a question without regard to what was asked before. */
export function planQuestion(question: string, context: ReadContext): Plan {
  const decisions: Decision[] = [];
  let carried: Slots | null = null;
  const clauses = clausesOf(question);
  const several = clauses.length > 1;
  let blocked = false;
  const read = clauses.map((clause) => ({ clause, slots: slotsOf(clause.text, context) }));
  sharePeriods(read);
  for (const { clause, slots } of read) {
    const topic = topicOf(withoutNames(slots, context));
    if (topic?.absolute) return declined(topic, slots) as Plan;
    const telling = several && !clause.asks;
    if (!telling || topic) inherit(slots, carried);
    if (topic) decisions.push(declined(topic, slots));
    else if (!telling && !(blocked && refersBack(slots))) decisions.push(decide(slots, context));
    blocked ||= decisions.at(-1)?.kind === 'decline';
    carried = merged(carried, slots);
  }
  if (!decisions.some((decision) => decision.kind !== 'nothing') && carried && several)
    decisions.push(decide(carried, context));
  return combine(decisions);
}

/** In 'top services and top accounts for last month' the period at the end belongs to both. */
function sharePeriods(read: { clause: Clause; slots: Slots }[]): void {
  for (const [index, { clause, slots }] of read.entries()) {
    const next = read[index + 1];
    if (next?.clause.sentence !== clause.sentence || slots.period !== null || slots.comparison !== null) continue;
    if (next.slots.period !== null && next.slots.comparison === null) slots.period = next.slots.period;
  }
}

const REFERS =
  /\b(it|its|that|this|these|those|them|they|same|the (increase|decrease|change|spike|rise|drop|jump|difference))\b/i;

/** A clause about 'it' makes no sense where what 'it' is was not understood. */
const refersBack = (slots: Slots): boolean =>
  REFERS.test(slots.reading.text) || !SUBSTANCE.some((flag) => slots.flags.has(flag));

const SUBSTANCE = ['cost', 'why', 'untagged', 'tagcoverage', 'freshness', 'list', 'count'];

/** What a clause leaves open is taken from the one before: the period always, the filters where it refers back. */
function inherit(slots: Slots, carried: Slots | null): void {
  if (carried === null) return;
  const ownTime = slots.period !== null || slots.comparison?.current !== undefined;
  if (!ownTime)
    slots.period =
      (carried.period ?? carried.comparison?.current)
        ? (carried.period ?? {
            text: '',
            start: 0,
            end: 0,
            ...(carried.comparison?.current ? { period: carried.comparison.current } : {}),
          })
        : null;
  if (slots.flags.has('why') && slots.comparison === null && !ownTime) slots.comparison = carried.comparison;
  const refers = REFERS.test(slots.reading.text) || (slots.flags.has('why') && slots.filters.length === 0);
  if (refers && slots.filters.length === 0) slots.filters = carried.filters.map((filter) => ({ ...filter }));
  const ranks = slots.moves.length > 0 || slots.order !== null;
  const fragment =
    slots.groups.length === 0 && ranks && (slots.limit !== null || WHICH_OF_THEM.test(slots.reading.text));
  if (fragment) slots.groups = [...carried.groups];
}

/** 'And which is the most expensive' means of the things just spoken of. */
const WHICH_OF_THEM = /^\W*(?:and )?which(?: (?:one|of (?:them|these|those)))? (?:is|are|was|were|costs?|has|had)\b/i;

function merged(carried: Slots | null, slots: Slots): Slots {
  if (carried === null) return slots;
  return {
    ...slots,
    period: slots.period ?? carried.period,
    comparison: slots.comparison ?? carried.comparison,
    filters: slots.filters.length > 0 ? slots.filters : carried.filters,
    groups: slots.groups.length > 0 ? slots.groups : carried.groups,
    flags: new Set([...carried.flags, ...slots.flags]),
  };
}

function distinct(calls: PlannedCall[]): PlannedCall[] {
  const seen = new Set<string>();
  return calls.filter((call) => {
    const key = JSON.stringify([call.tool, call.input]);
    return seen.has(key) ? false : seen.add(key);
  });
}

/** Several decisions as one plan: what can be answered is, and the rest is said. */
function combine(decisions: Decision[]): Plan {
  const calls = decisions.flatMap((decision) => (decision.kind === 'call' ? decision.calls : []));
  const refused = decisions.filter((decision) => decision.kind === 'decline');
  const asked = decisions.find((decision) => decision.kind === 'clarify');
  if (calls.length > 0) {
    const caveats = decisions.flatMap((decision) =>
      decision.kind === 'call' ? decision.caveats : decision.kind === 'nothing' ? [] : [decision.text],
    );
    return { kind: 'call', calls: distinct(calls).slice(0, 6), caveats: [...new Set(caveats)] };
  }
  if (asked?.kind === 'clarify') return asked;
  const [first] = refused;
  return first?.kind === 'decline' ? first : VAGUE;
}

/**
 * What to do about a question, given the turns before it: call tools, ask back, or say that it cannot be answered. The same
 * question, history, catalog and clock always give the same plan.
 */
export function planTurn(question: string, history: readonly Turn[], context: ReadContext): Plan {
  const answered = replyToClarification(question, history, context);
  if (answered) return answered;
  const earlier = earlierCall(history);
  if (earlier === null) return planQuestion(question, context);
  const slots = slotsOf(question, context);
  const topic = topicOf(withoutNames(slots, context));
  if (topic && !(topic === ACTION && changesView(question))) return planQuestion(question, context);
  if (!isFollowUp(slots)) return carryPeriod(planQuestion(question, context), slots, earlier);
  const blocked = obstacle(
    { ...slots, flags: new Set([...slots.flags].filter((flag) => !flag.startsWith('ref:') && flag !== 'savings')) },
    context,
  );
  if (blocked && blocked.kind !== 'nothing') return blocked;
  if (earlier.tool === 'find_resources') return planQuestion(question, context);
  return changesSomething(slots) || rowIndex(question) !== null
    ? changeCall(earlier, slots, context)
    : planQuestion(question, context);
}

/** 'Remove tax', 'switch to weekly': about the answer shown, not about the cloud. */
const changesView = (text: string): boolean =>
  /^(?:\W*(?:ok|okay|now|please|and|then)\W+)*(?:remove|drop|add|switch|change|set|reset|start|log|tag|release)\b.{0,40}\b(?:tax|credits?|refunds?|support|filters?|daily|weekly|monthly|quarterly|by|month|week|quarter|year|days?|service|account|region|team|column|from)\b/i.test(
    text,
  ) && !/\b(?:budget|alert|instance|volume|bucket|user|database|ticket|report)s?\b/i.test(text);

const changesSomething = (slots: Slots): boolean =>
  slots.groups.length + slots.filters.length + slots.included.length > 0 ||
  slots.period !== null ||
  slots.comparison !== null ||
  slots.unit !== null ||
  slots.order !== null ||
  slots.limit !== null ||
  slots.move !== null ||
  slots.metric !== null ||
  slots.credits !== null ||
  slots.threshold !== null ||
  slots.extreme !== null ||
  ['why', 'trend', 'share', 'average', 'summary', 'total', 'drivers', 'compare'].some((flag) =>
    slots.flags.has(flag),
  ) ||
  /\bmore\b|\bfilters?\b/i.test(slots.reading.text);

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
  const filled = asked.fill.replace('{reply}', reply);
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
