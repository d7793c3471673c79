import { type PeriodContext, periodText, type ResolvedPeriod, resolvePeriod } from '../../tools/period.ts';
import type { Catalog } from './catalog.ts';
import { namesOf } from './names.ts';
import type { CostInput, PlannedCall, Shape, ToolFilter } from './plan.ts';
import { serviceOf } from './resources.ts';
import type { Filter, Slots } from './slots.ts';
import { subjectOf } from './wording.ts';

export interface CallContext {
  catalog: Catalog;
  now: Date;
}

export const periodContext = ({ catalog, now }: CallContext): PeriodContext => ({
  now,
  dataThrough: catalog.dataThrough,
  dataFrom: catalog.dataFrom,
});

/** What was asked in several ways can make several calls, and things a reader must be told that no result says. */
export interface Calls {
  calls: PlannedCall[];
  caveats: string[];
}

/** The text that stands for a period in a tool's input: its own words where they mean the same days again, else the days. */
export function periodInput(period: ResolvedPeriod, context: CallContext): string {
  try {
    const again = resolvePeriod(period.label, periodContext(context));
    if (again.range.start === period.range.start && again.range.end === period.range.end) return period.label;
  } catch {
    // A label such as 'week 12' need not be readable; the days are.
  }
  return periodText(period);
}

const DEFAULT_PERIOD = 'last 30 days';

/** The period of a call: the one named, or one long enough to show what is asked. */
function choosePeriod(slots: Slots, context: CallContext): { text: string; resolved?: ResolvedPeriod } {
  const named = slots.comparison?.current ?? slots.period?.period;
  const unit = slots.extreme?.unit ?? slots.unit;
  if (named) {
    // Months shown one by one are whole months; half of one at each end would read as a fall.
    const rolled = /^last (\d+) (months|quarters|years)$/.exec(named.label);
    if (rolled && (unit === 'month' || unit === 'quarter'))
      return resolved(`last ${rolled[1]} full ${rolled[2]}`, context);
    return { text: periodInput(named, context), resolved: named };
  }
  const months = unit === 'month' ? 5 : unit === 'quarter' ? 11 : unit === 'year' ? 23 : 0;
  const last = context.catalog.dataThrough;
  if (months > 0 && last) {
    const [year = 0, month = 0] = last.split('-').map(Number);
    const first = new Date(Date.UTC(year, month - 1 - months, 1)).toISOString().slice(0, 10);
    const from = context.catalog.dataFrom && first < context.catalog.dataFrom ? context.catalog.dataFrom : first;
    return resolved(`since ${from}`, context);
  }
  if (unit === 'week') return resolved('last 12 weeks', context);
  return resolved(slots.flags.has('trend') ? 'last 90 days' : DEFAULT_PERIOD, context);
}

function resolved(text: string, context: CallContext): { text: string; resolved?: ResolvedPeriod } {
  try {
    return { text, resolved: resolvePeriod(text, periodContext(context)) };
  } catch {
    return { text };
  }
}

const toolFilter = ({ dimension, operator, values }: Filter): ToolFilter => ({ dimension, operator, values });

const DAYS: Record<string, number> = { day: 1, week: 7, month: 31, quarter: 92, year: 366 };

function lengthOf(period: ResolvedPeriod | undefined): number {
  if (!period) return 30;
  return Math.round((Date.parse(period.range.end) - Date.parse(period.range.start)) / 86_400_000);
}

/** Steps of a course over time: those named, or small enough to show a course and large enough to be read. */
function chooseGranularity(slots: Slots, period: ResolvedPeriod | undefined): CostInput['granularity'] | undefined {
  const unit = slots.extreme?.unit ?? slots.unit;
  if (unit === 'year') return 'month';
  if (unit) return slots.flags.has('average') && unit === 'day' ? undefined : unit;
  if (!slots.flags.has('trend')) return undefined;
  const days = lengthOf(period);
  return days <= 45 ? 'day' : days <= 190 ? 'week' : 'month';
}

/** 'credits' as a filter, or a wish for cost after credits, need them counted. */
function creditsOf(slots: Slots): { includeCredits?: boolean } {
  const asked = slots.filters.some((filter) => filter.values.includes('Credit') && filter.operator === 'in');
  return slots.credits === 'in' || asked ? { includeCredits: true } : {};
}

const PRICING_LABELS: Record<string, [string, string, string]> = {
  'pricing:Standard': ['pricing_category', 'Standard', 'on-demand usage'],
  'pricing:Dynamic': ['pricing_category', 'Dynamic', 'spot usage'],
  'pricing:Committed': ['pricing_category', 'Committed', 'committed usage'],
  'commitment:Usage': ['commitment_discount_category', 'Usage', 'reservations'],
  'commitment:Spend': ['commitment_discount_category', 'Spend', 'savings plans'],
};

/** How 'on-demand', 'spot', 'reserved' and 'savings plans' narrow or break down a question. */
export function applyPricing(slots: Slots): string[] {
  const said = [...new Set(slots.pricing)];
  const caveats: string[] = [];
  if (slots.flags.has('utilization') && said.some((one) => /commitment|Committed/.test(one))) {
    addGroup(slots, 'commitment_discount_status');
    for (const one of said) if (one.startsWith('commitment:')) addPricingFilter(slots, one);
    if (!said.some((one) => one.startsWith('commitment:'))) {
      slots.filters.push({
        dimension: 'commitment_discount_status',
        operator: 'is not null',
        values: [],
        label: 'commitments',
        at: 0,
        named: 1,
      });
    }
    return caveats;
  }
  if (slots.flags.has('coverage') && said.length > 0) {
    addGroup(slots, 'pricing_category');
    slots.filters.push(USAGE_ONLY());
    caveats.push('This is the share of cost by how it was priced, not of the usage a commitment could have covered.');
    return caveats;
  }
  const kinds = said.filter((one) => !one.startsWith('!'));
  if (kinds.length > 1) {
    if (kinds.some((one) => one.startsWith('pricing:'))) {
      addGroup(slots, 'pricing_category');
      if (!slots.filters.some((filter) => filter.dimension === 'charge_category')) slots.filters.push(USAGE_ONLY());
    }
    if (kinds.filter((one) => one.startsWith('commitment:')).length > 1)
      addGroup(slots, 'commitment_discount_category');
    return caveats;
  }
  for (const one of said) addPricingFilter(slots, one);
  return caveats;
}

/** How something was priced is a matter of usage; fees and tax have no such thing. */
const USAGE_ONLY = (): Filter => ({
  dimension: 'charge_category',
  operator: 'in',
  values: ['Usage'],
  label: 'usage',
  at: 0,
  named: 1,
});

function addGroup(slots: Slots, dimension: string): void {
  if (!slots.groups.includes(dimension)) slots.groups.push(dimension);
}

function addPricingFilter(slots: Slots, said: string): void {
  const negated = said.startsWith('!');
  const [dimension, value, label] = PRICING_LABELS[said.replace('!', '')] ?? [];
  if (!dimension || !value || !label) return;
  slots.filters.push({ dimension, operator: negated ? 'not in' : 'in', values: [value], label, at: 0, named: 1 });
}

/** Values of one dimension named side by side are shown side by side. */
function splitByNamed(slots: Slots): void {
  const several = slots.filters.filter((filter) => filter.operator === 'in' && filter.named > 1);
  for (const filter of several) addGroup(slots, filter.dimension);
}

/** Turns 'what share is EC2' into a breakdown of everything, with the row the answer is about. */
function focusOfShare(slots: Slots): Shape['focus'] {
  if (!slots.flags.has('share') || slots.groups.length > 0 || slots.move) return undefined;
  const named = slots.filters.filter((filter) => filter.operator === 'in' && filter.dimension !== 'charge_category');
  const charge = slots.filters.filter((filter) => filter.operator === 'in' && filter.dimension === 'charge_category');
  const [focus] = [...named, ...charge].sort((a, b) => b.at - a.at);
  if (!focus) return undefined;
  slots.filters = slots.filters.filter((filter) => filter !== focus);
  slots.groups.push(focus.dimension);
  return { dimension: focus.dimension, values: focus.values };
}

const ASKS_ONE = /^(which|what|who)\b/i;

const isSingular = (slots: Slots): boolean => ASKS_ONE.test(slots.reading.text.trim()) && slots.one;

function ranking(slots: Slots): Pick<CostInput, 'rankBy' | 'order' | 'direction' | 'limit'> {
  const limit =
    slots.limit ?? (slots.order || slots.extreme ? (isSingular(slots) || slots.extreme ? 5 : 10) : undefined);
  const compared = slots.move !== null || slots.comparison !== null;
  const ranked = compared && slots.groups.length > 0 && (slots.move !== null || slots.flags.has('fastest'));
  return {
    ...(ranked
      ? {
          rankBy:
            slots.flags.has('fastest') || slots.threshold?.percent ? ('percent change' as const) : ('change' as const),
        }
      : {}),
    ...(ranked && slots.move && slots.move !== 'any' ? { direction: slots.move } : {}),
    ...(slots.order === 'ascending' && !ranked ? { order: 'ascending' as const } : {}),
    ...(slots.extreme ? { order: slots.extreme.order } : {}),
    ...(limit ? { limit } : {}),
  };
}

function comparisonOf(slots: Slots): { compareTo?: string } {
  if (slots.comparison) return { compareTo: slots.comparison.compareTo };
  if (slots.move !== null || slots.flags.has('previously') || slots.flags.has('fastest'))
    return { compareTo: 'previous period' };
  // 'Compare EC2 and S3' puts two things side by side; 'compare this month' is about time.
  const sideBySide = slots.groups.length > 0 || slots.filters.some((filter) => filter.values.length > 1);
  return slots.flags.has('compare') && !sideBySide ? { compareTo: 'previous period' } : {};
}

/** 'What went up' asks for the things that did. */
const WHAT_MOVED =
  /^\W*(?:what|anything|which)\s+(?:(?:has|have|is|are)\s+)?(?:been\s+)?(?:got|gotten|went|gone|going|increas|decreas|gr[eo]w|ris|rose|fell|fall|drop|declin|mov|jump|spik|chang|cheaper|more expensive)/i;

/** Whether a breakdown is wanted without saying by what: 'break down my RDS costs', 'biggest cost drivers'. */
function impliedGroup(slots: Slots): string | null {
  if (slots.groups.length > 0) return null;
  const wantsThings =
    slots.nouns.some((noun) => noun.grouped || slots.order !== null || slots.threshold !== null) ||
    (slots.flags.has('resources') && slots.threshold !== null);
  if (wantsThings) return 'resource_id';
  const wanted =
    ['summary', 'drivers'].some((flag) => slots.flags.has(flag)) ||
    (slots.order !== null && !slots.extreme) ||
    (slots.flags.has('share') && !slots.move);
  const byChange =
    slots.move !== null &&
    (slots.limit !== null || slots.comparison?.over !== undefined || WHAT_MOVED.test(slots.reading.text));
  const cut = slots.threshold !== null && !slots.threshold.percent;
  if (!wanted && !byChange && !cut) return null;
  return narrowed(slots) ? 'x_usage_type' : 'service_name';
}

/** The question is about one service or less, so the next finer thing is its usage type. */
export const narrowed = (slots: Slots): boolean =>
  slots.filters.some(
    (filter) =>
      (filter.dimension === 'service_name' || filter.dimension === 'resource_id') &&
      filter.operator === 'in' &&
      filter.values.length === 1,
  );

/** Discounts are asked for by name, or by setting what is paid against list prices. */
function wantsDiscount(slots: Slots): boolean {
  if (slots.move) return false;
  if (slots.flags.has('discount') || slots.flags.has('savings')) return true;
  const ownRate = /\b(our|actual|effective|really|we)\b/i.test(slots.reading.text);
  return slots.metrics.includes('list_cost') && slots.flags.has('compare') && slots.comparison === null && ownRate;
}

/** 'S3 storage' and 'EC2 compute' name the category a service is in anyway. */
function applyStorageOf(slots: Slots, { catalog }: CallContext): void {
  const services = slots.filters.filter((filter) => filter.dimension === 'service_name' && filter.operator === 'in');
  const held = new Set(
    catalog.services
      .filter((service) => services.some((filter) => filter.values.includes(service.name)))
      .map((service) => service.category),
  );
  slots.filters = slots.filters.filter(
    (filter) => filter.dimension !== 'service_category' || !filter.values.every((value) => held.has(value)),
  );
}

/** Kinds of resource narrow a question to their service: 'most expensive buckets' are S3's. */
function applyNouns(slots: Slots, context: CallContext): string[] {
  const byService = slots.filters.some(
    (filter) =>
      /^(service_name|service_category|x_usage_type|x_instance_type|resource_id)$/.test(filter.dimension) &&
      filter.operator !== 'not in',
  );
  const [noun] = slots.nouns;
  if (noun === undefined) return [];
  const instances = noun.kind === 'instance' && (noun.grouped || slots.order !== null) && slots.groups.length === 0;
  const narrowedToEc2 = slots.filters.every(
    (filter) => filter.dimension !== 'service_name' || filter.values.some((value) => /Elastic Compute/.test(value)),
  );
  const running = ['BoxUsage', 'SpotUsage'].filter((part) =>
    context.catalog.usageTypes.some((type) => type.includes(part)),
  );
  if (instances && narrowedToEc2 && running.length > 0) {
    slots.filters.push({
      dimension: 'x_usage_type',
      operator: 'contains',
      values: running,
      label: 'instances',
      at: 0,
      named: 1,
    });
  }
  if (byService) return [];
  const service = serviceOf(noun.kind, context);
  if (service === null) return [`The bill does not tell ${noun.kind}s apart.`];
  slots.filters.push({ dimension: 'service_name', operator: 'in', values: [service], label: service, at: 0, named: 1 });
  return [];
}

/** The calls of a question about cost. */
export function costCalls(slots: Slots, context: CallContext): Calls {
  applyStorageOf(slots, context);
  const caveats = [...applyPricing(slots), ...applyNouns(slots, context)];
  if (wantsDiscount(slots)) return discountCalls(slots, context, caveats);
  if (slots.metrics.length > 1 && slots.groups.length === 0) {
    return { calls: slots.metrics.map((metric) => oneCostCall({ ...slots, metric }, context, undefined)), caveats };
  }
  const focus = focusOfShare(slots);
  const implied = impliedGroup(slots);
  if (implied) slots.groups.push(implied);
  else splitByNamed(slots);
  const alternatives =
    slots.groups.length > 1 &&
    /,\s*or\b|\bor\b/i.test(slots.reading.text) &&
    /^which\b/i.test(slots.reading.text.trim());
  if (alternatives)
    return { calls: slots.groups.map((group) => oneCostCall({ ...slots, groups: [group] }, context, focus)), caveats };
  const both = slots.moves.includes('rising') && slots.moves.includes('falling') && slots.groups.length > 0;
  if (both) {
    const calls = (['rising', 'falling'] as const).map((move) => oneCostCall({ ...slots, move }, context, focus));
    return { calls, caveats };
  }
  caveats.push(...thresholdCaveats(slots));
  return { calls: [oneCostCall(slots, context, focus)], caveats };
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

function thresholdCaveats({ threshold, unit }: Slots): string[] {
  if (!threshold) return [];
  if (threshold.percent) return ['I cannot cut the list at a percentage, so it shows the largest first.'];
  if (threshold.kind === 'maximum')
    return ['I cannot cut the list from above, so it shows the smallest amounts first.'];
  if (threshold.per && threshold.per !== unit && threshold.per !== 'month' && threshold.per !== 'monthly')
    return ['The threshold is applied to the whole period.'];
  return [];
}

function oneCostCall(slots: Slots, context: CallContext, focus: Shape['focus']): PlannedCall {
  const { text: period, resolved: range } = choosePeriod(slots, context);
  const granularity = chooseGranularity(slots, range);
  const { threshold } = slots;
  const groups = slots.groups.slice(0, 3);
  const filters = [...slots.filters.map(toolFilter), ...onlyWhereKnown(slots, groups)];
  const input: CostInput = {
    ...(slots.metric && slots.metric !== 'effective_cost' ? { metric: slots.metric } : {}),
    period,
    ...comparisonOf(slots),
    ...(groups.length > 0 ? { groupBy: groups } : {}),
    ...(filters.length > 0 ? { filters } : {}),
    ...(granularity ? { granularity } : {}),
    ...ranking(slots),
    ...(threshold?.kind === 'maximum' && !threshold.percent ? { order: 'ascending' as const } : {}),
    ...(threshold?.kind === 'minimum' && !threshold.percent ? { minimum: threshold.amount } : {}),
    ...creditsOf(slots),
  };
  const shape: Shape = {
    subject: subjectOf(slots.filters),
    ...(range ? { range: range.range } : {}),
    ...(focus ? { focus } : {}),
    ...(slots.flags.has('average') ? { average: true } : {}),
    ...(slots.flags.has('share') ? { share: true } : {}),
    ...(isSingular(slots) ? { single: true } : {}),
    ...(slots.extreme ? { extreme: true } : {}),
  };
  return { tool: 'query_costs', input, shape };
}

/** What discounts are worth is the distance between the cost at list prices, at contract prices, and after commitments. */
function discountCalls(slots: Slots, context: CallContext, caveats: string[]): Calls {
  const metrics = ['list_cost', 'contracted_cost', 'effective_cost'];
  const flags = new Set([...slots.flags].filter((flag) => flag !== 'compare'));
  const plainly = { groups: [], order: null, limit: null, pricing: [], flags };
  const calls = metrics.map((metric) => oneCostCall({ ...slots, ...plainly, metric }, context, undefined));
  const filters = calls[0]?.tool === 'query_costs' ? (calls[0].input.filters ?? []) : [];
  const own = filters.filter((filter) => !/^(commitment_discount|pricing)/.test(filter.dimension));
  for (const call of calls) {
    if (call.tool !== 'query_costs') continue;
    if (own.length > 0) call.input.filters = own;
    else delete call.input.filters;
  }
  return {
    calls,
    caveats: [
      ...caveats,
      'List to contracted cost is the negotiated discount; contracted to effective cost is what commitments saved.',
    ],
  };
}

/** The call that explains a change. */
export function explainCall(slots: Slots, context: CallContext): PlannedCall {
  applyPricing(slots);
  const { text: period, resolved: range } = choosePeriod(
    { ...slots, unit: null, extreme: null, flags: new Set() },
    context,
  );
  const [named] = slots.groups;
  const dimension = named ?? (narrowed(slots) ? 'x_usage_type' : undefined);
  return {
    tool: 'explain_change',
    input: {
      ...(slots.metric && slots.metric !== 'effective_cost' ? { metric: slots.metric } : {}),
      period,
      ...(slots.comparison ? { compareTo: slots.comparison.compareTo } : {}),
      ...(slots.filters.length > 0 ? { filters: slots.filters.map(toolFilter) } : {}),
      ...(dimension ? { dimension } : {}),
      ...(slots.limit ? { limit: Math.min(slots.limit, 50) } : {}),
      ...creditsOf(slots),
    },
    shape: { subject: subjectOf(slots.filters), ...(range ? { range: range.range } : {}) },
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

export { DAYS };
