import {
  type FoundComparison,
  periodText,
  previousPeriod,
  resolvePeriod,
  samePeriodLastYear,
} from '../../tools/period.ts';
import type { DoneCall, Turn } from './history.ts';
import type { CostInput, ExplainInput, Plan, PlannedCall, ToolFilter } from './plan.ts';
import type { ReadContext } from './read.ts';
import { rowNamed } from './rows.ts';
import type { Filter, Slots } from './slots.ts';
import { periodContext, periodInput } from './time.ts';
import { subjectOf } from './wording.ts';

/** The call of an earlier turn that a follow-up changes. */
export interface Earlier {
  tool: string;
  input: CostInput & ExplainInput;
  done: DoneCall;
}

const EDITABLE = new Set(['query_costs', 'explain_change', 'find_resources']);

/** The last call of the conversation that a follow-up can change. */
export function earlierCall(history: readonly Turn[]): Earlier | null {
  for (const turn of [...history].reverse()) {
    const done = turn.calls.find((call) => EDITABLE.has(call.tool));
    if (done) return { tool: done.tool, input: { period: 'last 30 days', ...done.input } as Earlier['input'], done };
  }
  return null;
}

const OPENING =
  /^(?:(?:ok|okay|and|but|so|now|then|great|thanks|cool|yes|no|please|hm+|also)[\s,]+)*(?:and\b|what about|how about|what if|the same|same|again|instead|only|just|exclud|without|except|includ|remove|drop|take out|add|with\b|by\b|per\b|for\b|in\b|on\b|split|break|group|sort|order|rank|limit|top \d+\W*$|compare (?:it|that|this|them|with|to)|versus|vs\b|why\b|monthly|daily|weekly|quarterly|as\b|not\b|zoom|drill|filter|restrict|narrow|switch|change|make it|show (?:it|that|this|them|those|only)|give (?:it|that)|the (?:first|second|third|fourth|fifth|last|top|biggest|largest|other)\b|(?:first|second|third|number|no\.?)\b|tell me more|more\b|all\b|last\b|this\b|since\b|yesterday|today|total|in total|details?)/i;

const REFERENCE =
  /\b(it|its|that|those|these|them|they|the same|(?:this|that) one|the (?:first|second|third|fourth|fifth|last|top) one|this(?! (?:month|week|quarter|year|day|morning|weekend|service|account|time))|the (?:increase|decrease|change|spike|rise|drop|jump|difference|growth))\b/i;

/** Whether a question only makes sense after the one before: an opening such as 'and', a pronoun, or a mere fragment. */
export function isFollowUp(slots: Slots): boolean {
  const { text, words } = slots.reading;
  const trimmed = text.trim();
  const complete = slots.flags.has('cost') || slots.metric !== null || slots.flags.has('drivers');
  if (
    /^(?:and|also|now|same|what about|how about|only|just|exclud\w*|without|instead|but)\b/i.test(trimmed) &&
    !/\b(?:did|do|does) (?:we|i|it)\b.*\bcost|\bhow much\b/i.test(trimmed)
  )
    return true;
  if (REFERENCE.test(trimmed)) return true;
  if (OPENING.test(trimmed) && (!complete || words.length <= 4)) return true;
  return (
    !complete && words.length <= 5 && !/^(?:what|which|who|how|list|show|find|is|are|do|does|did)\b/i.test(trimmed)
  );
}

const sameDimension = (a: { dimension: string }, b: { dimension: string }): boolean => a.dimension === b.dimension;

/** 'What about volumes' after a question about S3 is a new subject, not volumes within S3. */
const SUBJECT = new Set(['service_name', 'service_category', 'x_usage_type', 'resource_id', 'charge_category']);

const sameSubject = (old: ToolFilter, next: Filter): boolean =>
  SUBJECT.has(old.dimension) && SUBJECT.has(next.dimension) && !isExclusion(old) && next.operator !== 'not in';

const isExclusion = (filter: ToolFilter): boolean => filter.operator === 'not in';

const toolFilter = ({ dimension, operator, values }: Filter): ToolFilter => ({ dimension, operator, values });

/** Earlier filters with the new ones laid over: another value of the same kind replaces, 'also' adds, 'exclude' adds. */
function mergeFilters(earlier: readonly ToolFilter[], slots: Slots): ToolFilter[] {
  const { filters } = slots;
  const text = slots.reading.text;
  if (
    /\b(?:remove|clear|drop|without|reset|no) (?:the |that |all )?filters?\b|\b(?:for|across) everything\b|\boverall\b|\ball services\b/i.test(
      text,
    )
  )
    return filters.map(toolFilter);
  const adds = /\b(?:also|add|as well|too|plus)\b/i.test(text);
  const narrows = /\b(?:only|just|within)\b/i.test(text);
  const replaced = (old: ToolFilter, next: Filter): boolean => {
    if (adds || next.operator === 'not in' || isExclusion(old)) return false;
    return sameDimension(old, next) || (!narrows && sameSubject(old, next));
  };
  const kept = earlier
    .filter((old) => !slots.included.some((one) => isExclusion(old) && sameDimension(old, one)))
    .filter((old) => !filters.some((next) => replaced(old, next)));
  const merged = kept.map((old) => ({ ...old, values: [...old.values] }));
  for (const next of filters) {
    const same = merged.find((old) => sameDimension(old, next) && old.operator === next.operator);
    if (same) same.values = [...new Set([...same.values, ...next.values])];
    else merged.push(toolFilter(next));
  }
  return merged;
}

function mergeGroups(earlier: readonly string[], filters: readonly ToolFilter[], slots: Slots): string[] {
  const { text } = slots.reading;
  if (slots.groups.length > 0) {
    const adds = /\b(?:also|add|as well|too|each|additionally)\b/i.test(text);
    return adds ? [...new Set([...earlier, ...slots.groups])].slice(0, 3) : slots.groups;
  }
  if (/\b(?:in total|just the total|only the total|the total)\b/i.test(text)) return [];
  // Broken down by service and narrowed to one service, the breakdown says nothing any more.
  const single = (group: string): boolean =>
    slots.filters.some(
      (filter) =>
        filter.dimension === group &&
        filter.operator === 'in' &&
        filter.values.length === 1 &&
        filters.some((one) => one.dimension === group),
    );
  const left = earlier.filter((group) => !single(group));
  const several = slots.filters
    .filter((filter) => filter.operator === 'in' && filter.named > 1)
    .map((filter) => filter.dimension);
  return left.length === 0 && several.length > 0 ? several : left;
}

/** 'And the month before?' moves the period back; with 'compared to' it would be a comparison. */
function shiftedBack(
  earlier: CostInput,
  comparison: FoundComparison,
  { reading, flags, move }: Slots,
  context: ReadContext,
): string | null {
  const compares = flags.has('compare') || move !== null || /\b(?:than|against|change)\b/i.test(reading.text);
  if (compares || comparison.current || comparison.base || comparison.over) return null;
  const current = resolvePeriod(earlier.period, periodContext(context));
  const shifted =
    comparison.compareTo === 'same period last year' ? samePeriodLastYear(current) : previousPeriod(current);
  return periodText(shifted);
}

/** Both the period and what it is compared with, from the earlier call where the follow-up says nothing. */
function mergeTime(earlier: CostInput, slots: Slots, context: ReadContext): Pick<CostInput, 'period' | 'compareTo'> {
  const { comparison, period } = slots;
  const own = period?.period;
  const before = comparison ? shiftedBack(earlier, comparison, slots, context) : null;
  if (before)
    return { period: before, ...(earlier.compareTo === 'previous period' ? { compareTo: 'previous period' } : {}) };
  if (comparison) {
    const current = own ?? (comparison.over ? comparison.current : undefined);
    const sameCurrent = comparison.current && periodInput(comparison.current, context) === earlier.period;
    const compareTo =
      comparison.base && !sameCurrent && !own ? periodInput(comparison.base, context) : comparison.compareTo;
    return { period: current ? periodInput(current, context) : earlier.period, compareTo };
  }
  // A period that cannot be used still goes to the tool, which says what the data covers.
  const time = { period: own ? periodInput(own, context) : (period?.text ?? earlier.period) };
  if (slots.move !== null || slots.flags.has('previously') || slots.flags.has('compare'))
    return { ...time, compareTo: earlier.compareTo ?? 'previous period' };
  if (earlier.compareTo === undefined) return time;
  const relative = /^(previous period|same period last year)$/.test(earlier.compareTo);
  return { ...time, compareTo: own && !relative ? 'previous period' : earlier.compareTo };
}

const FINER: Record<string, string> = {
  service_name: 'x_usage_type',
  service_category: 'service_name',
  sub_account_id: 'service_name',
  region_id: 'service_name',
  resource_id: 'x_usage_type',
};

export const finerThan = (dimension: string | undefined): string =>
  dimension === undefined
    ? 'service_name'
    : (FINER[dimension] ?? (dimension.startsWith('tag:') ? 'service_name' : 'x_usage_type'));

/** 'The second one', 'tell me more about the first': the row of the earlier answer becomes a filter. */
function pickRow(earlier: Earlier, slots: Slots): ToolFilter | null {
  const picked = rowNamed(slots.reading.text, earlier.done);
  return picked ? { dimension: picked.dimension, operator: 'in', values: [picked.value] } : null;
}

function explain(earlier: Earlier, slots: Slots, context: ReadContext): PlannedCall {
  const picked = pickRow(earlier, slots);
  const filters = [...mergeFilters(earlier.input.filters ?? [], slots), ...(picked ? [picked] : [])];
  const time = mergeTime(earlier.input, slots, context);
  const narrowed = filters.some(
    (filter) => filter.dimension === 'service_name' && filter.operator === 'in' && filter.values.length === 1,
  );
  const [grouped] = slots.groups.length > 0 ? slots.groups : (earlier.input.groupBy ?? []);
  const dimension =
    grouped && !(picked && grouped === picked.dimension) ? grouped : narrowed ? 'x_usage_type' : undefined;
  const input: ExplainInput = {
    ...(earlier.input.metric ? { metric: earlier.input.metric } : {}),
    period: time.period,
    ...(time.compareTo ? { compareTo: time.compareTo } : {}),
    ...(filters.length > 0 ? { filters } : {}),
    ...(dimension ? { dimension } : {}),
  };
  return { tool: 'explain_change', input, shape: { subject: subjectOf(toFilters(filters, slots, context)) } };
}

/** Filters with the names a reader knows, for the wording of the answer. */
const toFilters = (filters: readonly ToolFilter[], slots: Slots, context: ReadContext): Filter[] =>
  filters.map((filter) => {
    const own = slots.filters.find((one) => sameDimension(one, filter));
    return { ...filter, label: own?.label ?? labelOf(filter, context), at: 0, named: 1 };
  });

const CHARGE_LABELS: Record<string, string> = {
  Tax: 'tax',
  Credit: 'credits',
  Adjustment: 'refunds',
  Purchase: 'purchases',
  Usage: 'usage charges',
};

/** What a filter of an earlier call is called: accounts by name, spellings of one environment by the first. */
function labelOf({ dimension, values }: ToolFilter, { catalog }: ReadContext): string {
  if (dimension === 'sub_account_id' || dimension === 'billing_account_id') {
    return values.map((id) => catalog.accounts.find((account) => account.id === id)?.name ?? id).join(' and ');
  }
  if (dimension === 'charge_category') return values.map((value) => CHARGE_LABELS[value] ?? value).join(' and ');
  const spellings =
    dimension.startsWith('tag:') &&
    values.length > 1 &&
    values.every((value) => value.toLowerCase().startsWith((values[0] ?? '').slice(0, 3).toLowerCase()));
  return spellings ? (values[0] ?? '') : values.join(' and ');
}

function changedCosts(earlier: Earlier, slots: Slots, context: ReadContext): PlannedCall {
  const before = earlier.input;
  const picked = pickRow(earlier, slots);
  const filters = [...mergeFilters(before.filters ?? [], slots), ...(picked ? [picked] : [])];
  const groups = regroup(before, filters, slots, picked);
  const asked = slots.extreme?.unit === 'any' ? 'day' : (slots.unit ?? slots.extreme?.unit);
  const granularity = asked === 'year' ? 'month' : (asked ?? (slots.flags.has('trend') ? 'day' : before.granularity));
  const ranked = slots.move !== null && groups.length > 0;
  const keepsRank = groups.length > 0 && !picked;
  const metric = slots.metric ?? before.metric;
  const limit = slots.limit ?? (keepsRank ? before.limit : undefined);
  const order = slots.order ?? (keepsRank ? before.order : undefined);
  const includeCredits = slots.credits === null ? before.includeCredits : slots.credits === 'in';
  const input: CostInput = {
    ...(metric && metric !== 'effective_cost' ? { metric } : {}),
    ...mergeTime(before, slots, context),
    ...(groups.length > 0 ? { groupBy: groups } : {}),
    ...(filters.length > 0 ? { filters } : {}),
    ...(granularity && granularity !== 'none' ? { granularity } : {}),
    ...(ranked
      ? { rankBy: 'change' as const, ...(slots.move !== 'any' && slots.move ? { direction: slots.move } : {}) }
      : keepsRank && before.rankBy
        ? { rankBy: before.rankBy, ...(before.direction ? { direction: before.direction } : {}) }
        : {}),
    ...(order === 'ascending' ? { order } : {}),
    ...(limit ? { limit } : {}),
    ...(slots.threshold?.kind === 'minimum' && !slots.threshold.percent ? { minimum: slots.threshold.amount } : {}),
    ...(includeCredits ? { includeCredits } : {}),
  };
  return {
    tool: 'query_costs',
    input,
    shape: {
      subject: subjectOf(toFilters(filters, slots, context)),
      ...(slots.flags.has('share') ? { share: true } : {}),
      ...(slots.flags.has('average') ? { average: true } : {}),
    },
  };
}

function regroup(before: CostInput, filters: readonly ToolFilter[], slots: Slots, picked: ToolFilter | null): string[] {
  if (slots.groups.length > 0 || !(picked || slots.flags.has('summary') || /\bmore\b/i.test(slots.reading.text))) {
    return mergeGroups(before.groupBy ?? [], filters, slots);
  }
  const [group] = before.groupBy ?? [];
  const narrowedTo = filters.find(
    (filter) => filter.dimension === 'service_name' && filter.operator === 'in' && filter.values.length === 1,
  );
  return [finerThan(picked?.dimension ?? (narrowedTo ? 'service_name' : group))];
}

/** The earlier call with what the follow-up says changed in it. */
export function changeCall(earlier: Earlier, slots: Slots, context: ReadContext): Plan {
  const call =
    slots.flags.has('why') ||
    (earlier.tool === 'explain_change' &&
      !slots.unit &&
      slots.metric === null &&
      !slots.flags.has('trend') &&
      slots.order === null)
      ? explain(earlier, slots, context)
      : changedCosts(earlier, slots, context);
  return {
    kind: 'call',
    calls: [call],
    caveats: slots.reading.corrected.map(({ from, to }) => `I read "${from}" as "${to}".`),
  };
}
