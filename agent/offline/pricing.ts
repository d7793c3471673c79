import type { Filter, Slots } from './slots.ts';

/** How 'on-demand', 'spot', 'reserved' and 'savings plans' narrow or break down a question. */

const LABELS = new Map<string, [dimension: string, value: string, label: string]>([
  ['pricing:Standard', ['pricing_category', 'Standard', 'on-demand usage']],
  ['pricing:Dynamic', ['pricing_category', 'Dynamic', 'spot usage']],
  ['pricing:Committed', ['pricing_category', 'Committed', 'committed usage']],
  ['commitment:Usage', ['commitment_discount_category', 'Usage', 'reservations']],
  ['commitment:Spend', ['commitment_discount_category', 'Spend', 'savings plans']],
]);

type Said = Slots['pricing'][number];

function toFilter({ sense, negated, at }: Said): Filter[] {
  const [dimension, value, label] = LABELS.get(sense) ?? [];
  if (!dimension || !value || !label) return [];
  return [{ dimension, operator: negated ? 'not in' : 'in', values: [value], label, at, named: 1 }];
}

/** How something was priced is a matter of usage; fees and tax have no such thing. */
export const usageOnly = (): Filter => ({
  dimension: 'charge_category',
  operator: 'in',
  values: ['Usage'],
  label: 'usage charges',
  at: -1,
  named: 1,
});

export function addGroup(slots: Slots, dimension: string): void {
  if (!slots.groups.includes(dimension)) slots.groups.push(dimension);
}

/** Unused commitments: what of savings plans and reservations was used and what was paid for nothing. */
function applyUtilization(slots: Slots, said: Said[]): void {
  addGroup(slots, 'commitment_discount_status');
  slots.filters.push(...said.filter(({ sense }) => sense.startsWith('commitment:')).flatMap(toFilter), {
    dimension: 'commitment_discount_status',
    operator: 'is not null',
    values: [],
    label: '',
    at: 0,
    named: 1,
  });
}

/** Changes groups and filters to what was said of pricing; returns what a reader must be told. */
export function applyPricing(slots: Slots): string[] {
  const said = slots.pricing.filter(
    (one, index) => slots.pricing.findIndex(({ sense }) => sense === one.sense) === index,
  );
  slots.pricing = [];
  if (said.length === 0) return [];
  if (slots.flags.has('utilization') && said.some(({ sense }) => /commitment|Committed/.test(sense))) {
    applyUtilization(slots, said);
    return [];
  }
  if (slots.flags.has('coverage')) {
    addGroup(slots, 'pricing_category');
    slots.filters.push(usageOnly());
    return ['This is the share of cost by how it was priced, not of the usage a commitment could have covered.'];
  }
  const kinds = said.filter(({ negated }) => !negated);
  if (kinds.length < 2) slots.filters.push(...said.flatMap(toFilter));
  else {
    if (kinds.some(({ sense }) => sense.startsWith('pricing:'))) addGroup(slots, 'pricing_category');
    if (kinds.filter(({ sense }) => sense.startsWith('commitment:')).length > 1)
      addGroup(slots, 'commitment_discount_category');
    if (!slots.filters.some(({ dimension }) => dimension === 'charge_category')) slots.filters.push(usageOnly());
  }
  return [];
}
