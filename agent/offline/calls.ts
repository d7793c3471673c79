import { namesOf } from './names.ts';
import type { CostInput, ExplainInput, PlannedCall, Shape, ToolFilter } from './plan.ts';
import { applyPricing, usageOnly } from './pricing.ts';
import type { Filter, Slots } from './slots.ts';
import {
  applyNouns,
  dropHeldCategories,
  focusOfShare,
  rankOwned,
  separateSubjects,
  shareOfPart,
  splitByNamed,
} from './subjects.ts';
import { asksSpikes, type CallContext, chooseGranularity, choosePeriod } from './time.ts';
import { subjectOf } from './wording.ts';

/** What was asked in several ways can make several calls, and things a reader must be told that no result says. */
export interface Calls {
  calls: PlannedCall[];
  caveats: string[];
}

const toolFilter = ({ dimension, operator, values }: Filter): ToolFilter => ({ dimension, operator, values });

/** 'credits' as a filter, or a wish for cost after credits, need them counted. */
function creditsOf(slots: Slots): { includeCredits?: boolean } {
  const asked = slots.filters.some((filter) => filter.values.includes('Credit') && filter.operator === 'in');
  return slots.credits === 'in' || asked ? { includeCredits: true } : {};
}

const ASKS_ONE = /^(which|what|who|what's|whats)\b/i;

const isSingular = (slots: Slots): boolean => ASKS_ONE.test(slots.reading.text.trim()) && slots.one;

/** How many of a ranking are shown where nobody said: a few where one was asked for. */
const FEW = 5;
const SOME = 10;

function ranking(slots: Slots): Pick<CostInput, 'rankBy' | 'order' | 'direction' | 'limit'> {
  const ranks = slots.order !== null || slots.extreme !== null;
  const limit = slots.limit ?? (ranks ? (isSingular(slots) || slots.extreme ? FEW : SOME) : undefined);
  const byChange = slots.groups.length > 0 && slots.move !== null;
  const percent = slots.flags.has('fastest') || slots.threshold?.percent === true;
  return {
    ...(byChange ? { rankBy: percent ? ('percent change' as const) : ('change' as const) } : {}),
    ...(byChange && slots.move !== null && slots.move !== 'any' ? { direction: slots.move } : {}),
    ...(slots.extreme
      ? { order: slots.extreme.order }
      : slots.order === 'ascending' && !byChange
        ? { order: 'ascending' as const }
        : {}),
    ...(limit ? { limit } : {}),
  };
}

function comparisonOf(slots: Slots): { compareTo?: string } {
  if (slots.comparison) return { compareTo: slots.comparison.compareTo };
  if (asksSpikes(slots)) return {};
  if (slots.move !== null || slots.flags.has('previously') || slots.flags.has('fastest'))
    return { compareTo: 'previous period' };
  // 'Compare EC2 and S3' puts two things side by side; 'compare this month' is about time.
  const sideBySide = slots.groups.length > 0 || slots.filters.some((filter) => filter.values.length > 1);
  return slots.flags.has('compare') && !sideBySide && slots.unit === null ? { compareTo: 'previous period' } : {};
}

/** 'What went up' asks for the things that did. */
const WHAT_MOVED =
  /^\W*(?:what|anything|which)\s+(?:(?:has|have|is|are)\s+)?(?:been\s+)?(?:got|gotten|went|gone|going|increas|decreas|gr[eo]w|ris|rose|fell|fall|drop|declin|mov|jump|spik|chang|cheaper|more expensive)/i;

/** 'What runs in Frankfurt' and 'what are we paying for' ask for the services. */
function asksWhatRuns({ flags, reading: { text } }: Slots): boolean {
  const runs = /^\W*what(?:'s| is| are| do| does)?\s+(?:\w+\s+){0,4}(?:runs?|running|uses?|using)\b/i.test(text);
  const pays =
    /^\W*what (?:am i|are we|do we|do i) (?:paying|pay|spending|spend|being charged) (?:for|on)(?:\W*$| in\b)/i.test(
      text,
    );
  return (runs && !flags.has('cost')) || pays;
}

/** Whether a breakdown is wanted without saying by what: 'break down my RDS costs', 'biggest cost drivers'. */
function impliedGroup(slots: Slots): string | null {
  if (slots.groups.length > 0) return null;
  const cut = slots.threshold !== null && !slots.threshold.percent;
  const things =
    slots.nouns.some((noun) => noun.grouped || slots.order !== null || cut) || (slots.flags.has('resources') && cut);
  if (things) return 'resource_id';
  const counted = slots.flags.has('count') && slots.filters.some(({ dimension }) => dimension === 'x_instance_type');
  if (counted) return 'resource_id';
  const { text } = slots.reading;
  const wanted =
    slots.flags.has('summary') ||
    slots.flags.has('drivers') ||
    (slots.order !== null && !slots.extreme) ||
    (slots.flags.has('share') && !slots.move);
  const byChange =
    slots.move !== null &&
    (slots.limit !== null ||
      (slots.comparison?.over !== undefined && slots.filters.length === 0) ||
      WHAT_MOVED.test(text));
  if (!wanted && !byChange && !cut && !asksWhatRuns(slots)) return null;
  return narrowed(slots) ? 'x_usage_type' : 'service_name';
}

/** The question is about one service or less, so the next finer thing is its usage type. */
export const narrowed = (slots: Slots): boolean =>
  slots.filters.some(
    ({ dimension, operator, values }) =>
      /^(service_name|resource_id)$/.test(dimension) && operator === 'in' && values.length === 1,
  );

/** Discounts are asked for by name, or by setting what is paid against list prices. */
function wantsDiscount(slots: Slots): boolean {
  if (slots.flags.has('discount') || slots.flags.has('savings')) return slots.move === null || slots.move === 'any';
  const ownRate = /\b(our|actual|effective|really|we)\b/i.test(slots.reading.text);
  return slots.metrics.includes('list_cost') && slots.flags.has('compare') && slots.comparison === null && ownRate;
}

/** Slots without what was said to set one measure against another. */
function withoutComparing(slots: Slots): Slots {
  if (slots.comparison !== null) return slots;
  return { ...slots, move: null, moves: [], flags: new Set([...slots.flags].filter((flag) => flag !== 'compare')) };
}

/** The calls of a question about cost. */
export function costCalls(given: Slots, context: CallContext): Calls {
  const slots: Slots = { ...given, filters: [...given.filters], groups: [...given.groups] };
  const caveats = applyPricing(slots);
  dropHeldCategories(slots, context);
  rankOwned(slots);
  applyNouns(slots, context);
  if (wantsDiscount(slots)) return discountCalls(slots, context, caveats);
  caveats.push(...thresholdCaveats(slots), ...averageCaveats(slots));
  const parts = perPeriod(slots)
    .flatMap(perMetric)
    .flatMap(perCredits)
    .flatMap((one) => shareOfPart(one) ?? separateSubjects(one));
  return { calls: parts.flatMap((one) => callsOf(one, context)), caveats };
}

/** Several periods named beside each other are several questions. */
function perPeriod(slots: Slots): Slots[] {
  const usable = slots.periods.filter((period) => period.period !== undefined);
  if (slots.comparison !== null || usable.length < 2) return [slots];
  return usable.slice(0, 4).map((period) => ({ ...slots, period }));
}

function perMetric(slots: Slots): Slots[] {
  if (slots.metrics.length < 2) return [slots];
  return slots.metrics.map((metric) => ({ ...withoutComparing(slots), metric }));
}

/** 'Gross versus net' is the cost without and with credits. */
function perCredits(slots: Slots): Slots[] {
  if (!slots.flags.has('both credits')) return [slots];
  return (['out', 'in'] as const).map((credits) => ({ ...withoutComparing(slots), credits }));
}

function callsOf(given: Slots, context: CallContext): PlannedCall[] {
  const slots: Slots = { ...given, groups: [...given.groups] };
  const focus = focusOfShare(slots);
  const implied = impliedGroup(slots);
  if (implied) slots.groups.push(implied);
  else splitByNamed(slots);
  return perDirection(slots)
    .flatMap(perAlternative)
    .map((one) => oneCostCall(one, context, focus));
}

/** 'Which account, region or service costs most' asks three times. */
function perAlternative(slots: Slots): Slots[] {
  const { text } = slots.reading;
  const alternatives = slots.groups.length > 1 && /\bor\b/i.test(text) && /^which\b/i.test(text.trim());
  return alternatives ? slots.groups.map((group) => ({ ...slots, groups: [group] })) : [slots];
}

/** 'The largest increases and decreases' are two rankings. */
function perDirection(slots: Slots): Slots[] {
  const both = slots.moves.includes('rising') && slots.moves.includes('falling') && slots.groups.length > 0;
  return both ? (['rising', 'falling'] as const).map((move) => ({ ...slots, move })) : [slots];
}

/** Columns that much of a bill has no value in; among 'the most expensive regions' what has none is no region. */
const SPARSE = new Set([
  'resource_id',
  'region_id',
  'availability_zone',
  'x_instance_type',
  'resource_type',
  'commitment_discount_id',
  'x_operation',
]);

function onlyWhereKnown(slots: Slots, groups: readonly string[]): ToolFilter[] {
  const [group, ...more] = groups;
  const ranked = slots.order !== null || slots.limit !== null || slots.move !== null;
  if (!ranked || group === undefined || more.length > 0 || !SPARSE.has(group)) return [];
  if (slots.filters.some((filter) => filter.dimension === group)) return [];
  return [{ dimension: group, operator: 'is not null', values: [] }];
}

const FACTOR = /\b(doubled|tripled|quadrupled|halved)\b/i;

function averageCaveats({ flags, unit, extreme }: Slots): string[] {
  const steps = flags.has('average') && unit !== null && unit !== 'day' && extreme === null;
  return steps ? ['I can average per day only; the table has each step, whose average I do not work out.'] : [];
}

function thresholdCaveats(slots: Slots): string[] {
  const { threshold, unit, reading, groups } = slots;
  if (asksSpikes(slots)) return ['I show the days; whether one of them is unusual I cannot judge.'];
  if (FACTOR.test(reading.text) && groups.length > 0)
    return ['I cannot cut the list at such a factor, so it shows the largest changes first.'];
  if (!threshold) return [];
  if (threshold.percent) return ['I cannot cut the list at a percentage, so it shows the largest first.'];
  if (threshold.kind === 'maximum')
    return ['I cannot cut the list from above, so it shows the smallest amounts first.'];
  const other = threshold.per && threshold.per !== unit && !/^month/.test(threshold.per);
  return other ? ['The threshold is applied to the whole period.'] : [];
}

function thresholdOf({ threshold }: Slots): Pick<CostInput, 'order' | 'minimum'> {
  if (!threshold || threshold.percent) return {};
  return threshold.kind === 'maximum' ? { order: 'ascending' } : { minimum: threshold.amount };
}

const metricOf = (slots: Slots): { metric?: string } =>
  slots.metric && slots.metric !== 'effective_cost' ? { metric: slots.metric } : {};

function oneCostCall(slots: Slots, context: CallContext, focus: Shape['focus']): PlannedCall {
  const { text: period, period: resolved } = choosePeriod(slots, context);
  const granularity = chooseGranularity(slots, resolved);
  const groups = slots.groups.slice(0, 3);
  const implied = onlyWhereKnown(slots, groups);
  const filters = [...slots.filters.map(toolFilter), ...implied];
  const input: CostInput = {
    ...metricOf(slots),
    period,
    ...comparisonOf(slots),
    ...(groups.length > 0 ? { groupBy: groups } : {}),
    ...(filters.length > 0 ? { filters } : {}),
    ...(granularity ? { granularity } : {}),
    ...ranking(slots),
    ...thresholdOf(slots),
    ...creditsOf(slots),
  };
  const shape: Shape = {
    subject: subjectOf(slots.filters),
    ...(resolved ? { range: resolved.range } : {}),
    ...(focus ? { focus } : {}),
    ...(slots.flags.has('average') ? { average: true } : {}),
    ...(slots.flags.has('share') ? { share: true } : {}),
    ...(isSingular(slots) ? { single: true } : {}),
    ...(slots.extreme ? { extreme: true } : {}),
    ...(slots.flags.has('count') ? { count: true } : {}),
  };
  return { tool: 'query_costs', input, shape };
}

/** What discounts are worth is the distance between the cost at list prices, at contract prices, and after commitments. */
function discountCalls(given: Slots, context: CallContext, caveats: string[]): Calls {
  // The whole has to be compared: what commitments cover is cheaper because of them, and the rest is not.
  const own = given.filters.filter(({ dimension }) => !/^(commitment_discount|pricing)/.test(dimension));
  // Fees and tax have no list price; beside usage that has one they would make discounts look like surcharges.
  const filters = own.some(({ dimension }) => dimension === 'charge_category') ? own : [...own, usageOnly()];
  const plainly: Slots = { ...withoutComparing(given), filters, groups: [], order: null, limit: null };
  const calls = ['list_cost', 'contracted_cost', 'effective_cost'].map((metric) =>
    oneCostCall({ ...plainly, metric }, context, undefined),
  );
  const reading =
    'This is usage alone, without fees and tax: from list to contracted cost is the negotiated discount, from contracted to effective cost is what commitments saved.';
  return { calls, caveats: [...caveats, reading] };
}

/** The call that explains a change. */
export function explainCall(given: Slots, context: CallContext): PlannedCall {
  const slots: Slots = { ...given, filters: [...given.filters], groups: [...given.groups] };
  applyPricing(slots);
  const { text: period, period: resolved } = choosePeriod(
    { ...slots, unit: null, extreme: null, flags: new Set() },
    context,
  );
  const dimension = slots.groups[0] ?? (narrowed(slots) ? 'x_usage_type' : undefined);
  const input: ExplainInput = {
    ...metricOf(slots),
    period,
    ...(slots.comparison ? { compareTo: slots.comparison.compareTo } : {}),
    ...(slots.filters.length > 0 ? { filters: slots.filters.map(toolFilter) } : {}),
    ...(dimension ? { dimension } : {}),
    ...(slots.limit ? { limit: Math.min(slots.limit, 50) } : {}),
    ...creditsOf(slots),
  };
  return {
    tool: 'explain_change',
    input,
    shape: { subject: subjectOf(slots.filters), ...(resolved ? { range: resolved.range } : {}) },
  };
}

/** The tag that a question about untagged things means when it names none. */
export function defaultTag(context: CallContext): string | null {
  const names = namesOf(context.catalog);
  const [first] = context.catalog.tagKeys;
  return (
    names.keyFor('team') ?? names.keyFor('owner') ?? names.keyFor('environment') ?? (first ? `tag:${first.key}` : null)
  );
}
