import {
  type FoundComparison,
  periodText,
  previousPeriod,
  resolvePeriod,
  samePeriodLastYear,
} from '../../tools/period.ts';
import type { CostInput, ToolFilter } from './plan.ts';
import type { ReadContext } from './read.ts';
import type { Filter, Slots } from './slots.ts';
import { periodContext, periodInput } from './time.ts';

/** How what a follow-up says is laid over the call before it: filters, groups and time, each by its own rule. */

export const sameDimension = (a: { dimension: string }, b: { dimension: string }): boolean =>
  a.dimension === b.dimension;

/** 'What about volumes' after a question about S3 is a new subject, not volumes within S3. */
const SUBJECT = new Set(['service_name', 'service_category', 'x_usage_type', 'resource_id', 'charge_category']);

const sameSubject = (old: ToolFilter, next: Filter): boolean =>
  SUBJECT.has(old.dimension) && SUBJECT.has(next.dimension) && !isExclusion(old) && next.operator !== 'not in';

const isExclusion = (filter: ToolFilter): boolean => filter.operator === 'not in';

const toolFilter = ({ dimension, operator, values }: Filter): ToolFilter => ({ dimension, operator, values });

/** Earlier filters with the new ones laid over: another value of the same kind replaces, 'also' adds, 'exclude' adds. */
export function mergeFilters(earlier: readonly ToolFilter[], slots: Slots): ToolFilter[] {
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
  // 'What about all teams' takes back the one team spoken of.
  const everyone = /\b(?:all|every|each)\b/i.test(text) ? slots.groups : [];
  const kept = earlier
    .filter((old) => isExclusion(old) || !everyone.includes(old.dimension))
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

export function mergeGroups(earlier: readonly string[], filters: readonly ToolFilter[], slots: Slots): string[] {
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
export function mergeTime(
  earlier: CostInput,
  slots: Slots,
  context: ReadContext,
): Pick<CostInput, 'period' | 'compareTo'> {
  const { comparison, period } = slots;
  const own = period?.period;
  const before = comparison ? shiftedBack(earlier, comparison, slots, context) : null;
  if (before)
    return { period: before, ...(earlier.compareTo === 'previous period' ? { compareTo: 'previous period' } : {}) };
  if (comparison) {
    const current = own;
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

/** Filters with the names a reader knows, for the wording of the answer. */
export const toFilters = (filters: readonly ToolFilter[], slots: Slots, context: ReadContext): Filter[] =>
  filters.map((filter) => {
    const own = slots.filters.find((one) => sameDimension(one, filter) && one.operator === filter.operator);
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
