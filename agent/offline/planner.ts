import { type Clause, clausesOf } from './clauses.ts';
import { type Decision, decide } from './decide.ts';
import { decideFinding, findingOf } from './findings.ts';
import { namesOf } from './names.ts';
import { obstacle } from './obstacles.ts';
import type { Plan, PlannedCall } from './plan.ts';
import type { ReadContext } from './read.ts';
import { resolveNames } from './resolve.ts';
import { type Slots, slotsOf } from './slots.ts';
import { type Topic, topicOf } from './topics.ts';
import { subjectOf, suggest } from './wording.ts';

/** The text of a clause without the estate's own names, so that an app called 'demand-forecast' asks for no forecast. */
export function withoutNames(slots: Slots, context: ReadContext): string {
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
  let blocked: Decision | null = null;
  const read = clauses.map((clause) => ({ clause, slots: slotsOf(clause.text, context) }));
  sharePeriods(read);
  for (const { clause, slots } of read) {
    const text = withoutNames(slots, context);
    const topic = topicOf(text);
    if (topic?.absolute) return declined(topic, slots) as Plan;
    const finding = findingOf(text);
    const telling = several && !clause.asks;
    if (!telling || topic || finding) inherit(slots, carried);
    const unmet = blocked && refersBack(slots);
    if (finding) decisions.push(decideFinding(finding, slots, context));
    else if (topic) decisions.push(declined(topic, slots));
    else if (telling) blocked ??= unknownSubject(slots, context);
    else if (!unmet) decisions.push(decide(slots, context));
    else if (!decisions.includes(blocked as Decision)) decisions.push(blocked as Decision);
    const last = decisions.at(-1);
    if (last?.kind === 'decline') blocked ??= last;
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

/** What a sentence tells about and nobody knows; numbers in it ('five times higher') are only told. */
function unknownSubject(slots: Slots, context: ReadContext): Decision | null {
  const named = slots.absent.length > 0 || slots.reading.unknown.some(({ raw }) => !/\d/.test(raw));
  return named ? obstacle(slots, context) : null;
}

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
