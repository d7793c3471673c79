import type { DoneCall, Turn } from './history.ts';
import { FILLERS_OF_DISPLAY } from './lexicon/fillers.ts';
import { finerThan, mergeFilters, mergeGroups, mergeTime, sameDimension, toFilters } from './merge.ts';
import type { CostInput, ExplainInput, Plan, PlannedCall, ResourcesInput, ToolFilter } from './plan.ts';
import type { ReadContext } from './read.ts';
import { findResourcesCall } from './resources.ts';
import { rowIndex, rowNamed } from './rows.ts';
import type { Filter, Slots } from './slots.ts';
import { subjectOf } from './wording.ts';

/** The call of an earlier turn that a follow-up changes. */
export interface Earlier {
  tool: string;
  input: CostInput & ExplainInput & ResourcesInput;
  done: DoneCall;
}

const EDITABLE = new Set(['query_costs', 'explain_change', 'find_resources']);

function earlierOf(turn: Turn, tools: ReadonlySet<string>): Earlier | null {
  const done = turn.calls.find((call) => tools.has(call.tool));
  return done ? { tool: done.tool, input: { period: 'last 30 days', ...done.input } as Earlier['input'], done } : null;
}

/** The last call of the conversation that a follow-up can change. */
export function earlierCall(history: readonly Turn[], tools: ReadonlySet<string> = EDITABLE): Earlier | null {
  for (const turn of [...history].reverse()) {
    const earlier = earlierOf(turn, tools);
    if (earlier) return earlier;
  }
  return null;
}

/** The call whose rows 'the second one' counts: the last one that was not itself about one row. */
function listedCall(history: readonly Turn[]): Earlier | null {
  return earlierCall(history.filter((turn) => rowIndex(turn.question) === null));
}

const OPENING =
  /^(?:(?:ok|okay|and|but|so|now|then|great|thanks|cool|yes|no|please|hm+|also)[\s,]+)*(?:and\b|what about|how about|what if|the same|same|again|instead|only|just|exclud|without|except|includ|remove|drop|take out|add|with\b|by\b|per\b|for\b|in\b|on\b|split|break|group|sort|order|rank|limit|top \d+\W*$|compare (?:it|that|this|them|with|to)|versus|vs\b|why\b|monthly|daily|weekly|quarterly|as\b|not\b|zoom|drill|filter|restrict|narrow|switch|change|make it|show (?:it|that|this|them|those|only)|give (?:it|that)|the (?:first|second|third|fourth|fifth|last|top|biggest|largest|other)\b|(?:first|second|third|number|no\.?)\b|tell me more|more\b|all\b|last\b|this\b|since\b|yesterday|today|total|in total|details?|go back|back to)/i;

const REFERENCE =
  /\b(it|its|that|those|these|them|they|the same|which (?:one|of (?:them|these|those))|(?:this|that) one|the (?:first|second|third|fourth|fifth|last|top) one|this(?! (?:month|week|quarter|year|day|morning|weekend|service|account|time))|the (?:increase|decrease|change|spike|rise|drop|jump|difference|growth))\b/i;

const EDITS = /^(?:and|also|now|same|what about|how about|only|just|exclud\w*|without|instead|but)\b/i;
const WHOLE_QUESTION = /\b(?:did|do|does) (?:we|i|it)\b.*\bcost|\bhow much\b/i;

/** Whether a question only makes sense after the one before: an opening such as 'and', a pronoun, or a mere fragment. */
export function isFollowUp(slots: Slots): boolean {
  const { text, words } = slots.reading;
  const trimmed = text.trim();
  const complete = slots.flags.has('cost') || slots.metric !== null || slots.flags.has('drivers');
  if (EDITS.test(trimmed) && !WHOLE_QUESTION.test(trimmed)) return true;
  if (REFERENCE.test(trimmed)) return true;
  if (OPENING.test(trimmed) && (!complete || words.length <= 4)) return true;
  // 'List price?' asks for the same at another measure.
  if (slots.metric !== null && slots.filters.length + slots.groups.length === 0 && words.length <= 4) return true;
  const asks = /^(?:what|which|who|how|list|show|find|is|are|do|does|did)\b/i.test(trimmed);
  const names = slots.filters.length + slots.groups.length + slots.nouns.length > 0;
  // 'Which day was the highest' says nothing of what: it goes on with what was spoken of.
  const aboutCourse = slots.extreme !== null || slots.flags.has('trend') || slots.unit !== null;
  return !complete && ((words.length <= 5 && !asks) || (aboutCourse && !names));
}

/** Whether a follow-up says anything that can be laid over an earlier call. */
export const changesSomething = (slots: Slots): boolean =>
  slots.groups.length + slots.filters.length + slots.included.length + slots.nouns.length > 0 ||
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
  slots.state !== null ||
  ['why', 'trend', 'share', 'average', 'summary', 'total', 'drivers', 'compare'].some((flag) =>
    slots.flags.has(flag),
  ) ||
  rowIndex(slots.reading.text) !== null ||
  MORE.test(slots.reading.text) ||
  SPLIT.test(slots.reading.text) ||
  /\bfilters?\b/i.test(slots.reading.text) ||
  FILLERS_OF_DISPLAY.test(slots.reading.text);

const MORE =
  /\b(?:tell|know|see|show|say|hear)(?: me| us)? more\b|\bmore (?:about|details?|info|information|on)\b|^\W*more\W*$/i;

/** 'Remove the monthly split' takes the steps in time away again. */
export const SPLIT =
  /\b(?:remove|without|drop|no|undo)\b.{0,12}\b(?:daily|weekly|monthly|quarterly|time)?\s*(?:split|steps|granularity|breakdown|grouping)\b/i;

const narrowedTo = (filters: readonly ToolFilter[], dimension: string): boolean =>
  filters.some((filter) => filter.dimension === dimension && filter.operator === 'in' && filter.values.length === 1);

/** 'The second one', 'tell me more about the first': the row of the earlier answer becomes a filter. */
function pickRow(earlier: Earlier, slots: Slots): ToolFilter | null {
  const picked = rowNamed(slots.reading.text, earlier.done);
  return picked ? { dimension: picked.dimension, operator: 'in', values: [picked.value] } : null;
}

function filtersOf(earlier: Earlier, slots: Slots, picked: ToolFilter | null): ToolFilter[] {
  const merged = mergeFilters(earlier.input.filters ?? [], slots);
  return picked ? [...merged.filter((filter) => !sameDimension(filter, picked)), picked] : merged;
}

function explain(earlier: Earlier, slots: Slots, context: ReadContext): PlannedCall {
  const picked = pickRow(earlier, slots);
  const filters = filtersOf(earlier, slots, picked);
  const time = mergeTime(earlier.input, slots, context);
  const [grouped] = slots.groups.length > 0 ? slots.groups : (earlier.input.groupBy ?? []);
  const finer = narrowedTo(filters, 'service_name') ? 'x_usage_type' : undefined;
  const dimension = grouped && grouped !== picked?.dimension ? grouped : finer;
  const { metric, includeCredits } = earlier.input;
  const input: ExplainInput = {
    ...(metric && metric !== 'effective_cost' ? { metric } : {}),
    period: time.period,
    ...(time.compareTo ? { compareTo: time.compareTo } : {}),
    ...(filters.length > 0 ? { filters } : {}),
    ...(dimension ? { dimension } : {}),
    ...(includeCredits ? { includeCredits } : {}),
  };
  return { tool: 'explain_change', input, shape: { subject: subjectOf(toFilters(filters, slots, context)) } };
}

function groupsOf(
  before: CostInput,
  filters: readonly ToolFilter[],
  slots: Slots,
  picked: ToolFilter | null,
): string[] {
  const things = slots.nouns.some(({ grouped }) => grouped);
  const more = slots.flags.has('summary') || MORE.test(slots.reading.text);
  if (slots.groups.length === 0 && things) return ['resource_id'];
  if (slots.groups.length > 0 || !(picked || more)) return mergeGroups(before.groupBy ?? [], filters, slots);
  const [group] = before.groupBy ?? [];
  return [finerThan(picked?.dimension ?? (narrowedTo(filters, 'service_name') ? 'service_name' : group))];
}

function granularityOf(before: CostInput, slots: Slots): CostInput['granularity'] {
  if (SPLIT.test(slots.reading.text)) return undefined;
  const asked = slots.extreme?.unit === 'any' ? 'day' : (slots.unit ?? slots.extreme?.unit);
  if (asked === 'year') return 'month';
  const kept = asked ?? (slots.flags.has('trend') ? 'day' : before.granularity);
  return kept === 'none' ? undefined : kept;
}

function rankOf(
  before: CostInput,
  slots: Slots,
  groups: readonly string[],
  picked: ToolFilter | null,
): Partial<CostInput> {
  const buckets =
    groups.length === 0 &&
    granularityOf(before, slots) !== undefined &&
    (slots.extreme !== null || (before.limit !== undefined && (before.groupBy ?? []).length === 0));
  const keeps = (groups.length > 0 && !picked) || buckets;
  const limit = slots.limit ?? (slots.extreme ? 5 : keeps ? before.limit : undefined);
  const order = slots.extreme?.order ?? slots.order ?? (keeps ? before.order : undefined);
  const asked = slots.move !== null && groups.length > 0;
  const kept = keeps && before.rankBy && before.rankBy !== 'amount';
  const percent = slots.flags.has('fastest') ? ('percent change' as const) : ('change' as const);
  return {
    ...(asked ? { rankBy: percent, ...(slots.move && slots.move !== 'any' ? { direction: slots.move } : {}) } : {}),
    ...(!asked && kept ? { rankBy: before.rankBy, ...(before.direction ? { direction: before.direction } : {}) } : {}),
    ...(order === 'ascending' ? { order } : {}),
    ...(limit ? { limit } : {}),
  };
}

function changedCosts(earlier: Earlier, slots: Slots, context: ReadContext): PlannedCall {
  const before = earlier.input;
  const picked = pickRow(earlier, slots);
  const filters = filtersOf(earlier, slots, picked);
  const groups = groupsOf(before, filters, slots, picked);
  const granularity = granularityOf(before, slots);
  const metric = slots.metric ?? before.metric;
  const includeCredits = slots.credits === null ? before.includeCredits : slots.credits === 'in';
  const input: CostInput = {
    ...(metric && metric !== 'effective_cost' ? { metric } : {}),
    ...mergeTime(before, slots, context),
    ...(groups.length > 0 ? { groupBy: groups } : {}),
    ...(filters.length > 0 ? { filters } : {}),
    ...(granularity ? { granularity } : {}),
    ...rankOf(before, slots, groups, picked),
    ...(slots.threshold?.kind === 'minimum' && !slots.threshold.percent ? { minimum: slots.threshold.amount } : {}),
    ...(includeCredits ? { includeCredits } : {}),
  };
  const shape = {
    subject: subjectOf(toFilters(filters, slots, context)),
    ...(slots.flags.has('share') ? { share: true } : {}),
    ...(slots.flags.has('average') ? { average: true } : {}),
    ...(slots.extreme ? { extreme: true } : {}),
  };
  return { tool: 'query_costs', input, shape };
}

/** A list of resources narrowed or widened: what the follow-up says over what was asked for. */
function changedResources({ input: before }: Earlier, slots: Slots, context: ReadContext): PlannedCall {
  const call = findResourcesCall(slots, context);
  if (call.tool !== 'find_resources') return call;
  const tags = [
    ...(before.tags ?? []).filter(({ key }) => !call.input.tags?.some((tag) => tag.key === key)),
    ...(call.input.tags ?? []),
  ];
  const { filters: _filters, tags: _tags, ...kept } = before as ResourcesInput & { filters?: unknown };
  const input: ResourcesInput = { ...kept, ...call.input, ...(tags.length > 0 ? { tags } : {}) };
  if (input.period === 'last 30 days') delete input.period;
  return { tool: 'find_resources', input, shape: { ...call.shape, subject: subjectOf(slots.filters as Filter[]) } };
}

const asksAmount = (slots: Slots): boolean =>
  slots.unit !== null ||
  slots.metric !== null ||
  slots.order !== null ||
  slots.flags.has('trend') ||
  slots.flags.has('total') ||
  slots.flags.has('cost') ||
  slots.extreme !== null;

function nextCall(earlier: Earlier, slots: Slots, history: readonly Turn[], context: ReadContext): PlannedCall {
  if (slots.flags.has('why')) return explain(earlier, slots, context);
  if (earlier.tool === 'find_resources') return changedResources(earlier, slots, context);
  if (earlier.tool === 'explain_change' && slots.move !== null) {
    return changedCosts(earlierCall(history, new Set(['query_costs'])) ?? earlier, slots, context);
  }
  return earlier.tool === 'explain_change' && !asksAmount(slots)
    ? explain(earlier, slots, context)
    : changedCosts(earlier, slots, context);
}

/** The call before with what the follow-up says changed in it. */
export function changeCall(earlier: Earlier, slots: Slots, history: readonly Turn[], context: ReadContext): Plan {
  const counts = rowIndex(slots.reading.text) !== null;
  const listed = counts ? listedCall(history) : null;
  // 'And the second?' after 'why did the first one rise' asks why again, of the same list.
  const again =
    listed && earlier.tool === 'explain_change' && !asksAmount(slots) ? { ...listed, tool: 'explain_change' } : listed;
  const call = nextCall(again ?? earlier, slots, history, context);
  return {
    kind: 'call',
    calls: [call],
    caveats: slots.reading.corrected.map(({ from, to }) => `I read "${from}" as "${to}".`),
  };
}
