import type { DecimalText } from '../money.ts';
import type { Anomaly } from './anomalies.ts';

const DAY_MS = 86_400_000;
const WEEK = 7;

/** Days `[start, end)`, UTC. */
export interface Days {
  start: string;
  end: string;
}

/** A value of a dimension with its part of the change; `share` in percent of it. */
export interface CausePart {
  value: string;
  name: string | null;
  change: DecimalText;
  share: number;
}

/** What an anomaly comes from: its days against the same weekdays before, taken apart. */
export interface Cause {
  period: Days;
  comparedTo: Days;
  cost: DecimalText;
  previous: DecimalText;
  change: DecimalText;
  /** Where most of the change is: one value a dimension, from accounts down to resources; those of the series too. */
  named: ({ dimension: string } & CausePart)[];
  /** The largest parts by resource and by usage type, the largest first. */
  resources: CausePart[];
  usageTypes: CausePart[];
  /** How many resources there are in it with a first charge in these days. */
  newResources: number;
  /** Price, usage, new, gone, commitment, other: the largest part first; together they are the change. */
  components: { component: string; change: DecimalText; share: number | null }[];
  /** What changed in the inventory in these days, that of the resources above first, and how many changes of each kind there were. */
  inventory: { changes: InventoryPart[]; counts: Record<string, number> };
}

export interface InventoryPart {
  resourceId: string;
  name: string | null;
  type: string | null;
  kind: string;
  date: string;
  /** What of it is different: each key with its value before and after. */
  differences: Record<string, [unknown, unknown]>;
}

/** Of a bundle: what began together. */
export interface BundleCause {
  parts: { dimensions: Readonly<Record<string, string>>; impact: DecimalText }[];
}

/** A dimension names the cause when one value has this much of the change, in percent. */
const MOST_PERCENT = 60;

/** Returns the days of an anomaly and the same weekdays before it; of a slow rise its last week and the week before it began. */
export function causeDays({ kind, startDate, endDate }: Pick<Anomaly, 'kind' | 'startDate' | 'endDate'>): {
  period: Days;
  comparedTo: Days;
} {
  const [first, last] = [Date.parse(startDate) / DAY_MS, Date.parse(endDate) / DAY_MS];
  if (kind === 'drift') {
    return { period: days(last - WEEK + 1, last + 1), comparedTo: days(first - WEEK, first) };
  }
  const weeks = Math.ceil((last - first + 1) / WEEK);
  return { period: days(first, last + 1), comparedTo: days(first - WEEK * weeks, last + 1 - WEEK * weeks) };
}

const days = (start: number, end: number): Days => ({ start: dateOf(start), end: dateOf(end) });
const dateOf = (day: number): string => new Date(day * DAY_MS).toISOString().slice(0, 10);

export interface Mover {
  dimension: string;
  value: string;
  name: string | null;
  cost: DecimalText;
  previous: DecimalText;
  change: DecimalText;
  share: string | null;
  isAll: boolean;
}

/** What a cause is made from, as it was read. */
export interface CauseEvidence extends Pick<Cause, 'period' | 'comparedTo' | 'newResources'> {
  /** Largest part first within a dimension. */
  movers: readonly Mover[];
  total: { cost: DecimalText; previous: DecimalText; change: DecimalText };
  components: Readonly<Record<string, DecimalText>>;
  inventory: {
    changes: readonly (Omit<InventoryPart, 'differences'> & {
      before: Record<string, unknown> | null;
      after: Record<string, unknown> | null;
    })[];
    counts: Record<string, number>;
  };
}

/** Returns the cause that the evidence shows. */
export function toCause(evidence: CauseEvidence): Cause {
  const { period, comparedTo, movers, total, newResources, inventory } = evidence;
  const parts = (dimension: string) => movers.filter((mover) => mover.dimension === dimension).map(toPart);
  const dimensions = [...new Set(movers.map(({ dimension }) => dimension))].sort(byDepth);
  const sign = Math.sign(Number(total.change));
  return {
    ...{ period, comparedTo, ...total, newResources },
    named: dimensions.flatMap((dimension) => {
      const [first] = parts(dimension);
      return first !== undefined && first.share >= MOST_PERCENT ? [{ dimension, ...first }] : [];
    }),
    resources: parts('resource_id').filter(({ share }) => share > 0),
    usageTypes: parts('x_usage_type').filter(({ share }) => share > 0),
    components: Object.entries(evidence.components)
      .filter(([, change]) => Number(change) !== 0)
      .sort(([, one], [, other]) => sign * (Number(other) - Number(one)))
      .map(([component, change]) => ({ component, change, share: shareOf(change, total.change) })),
    inventory: {
      counts: inventory.counts,
      changes: inventory.changes.map(({ before, after, ...change }) => ({
        ...change,
        differences: change.kind === 'changed' ? differences(before ?? {}, after ?? {}) : {},
      })),
    },
  };
}

const DEPTH = ['sub_account_id', 'service_name', 'region_id', 'x_usage_type', 'resource_id'];

function byDepth(one: string, other: string): number {
  const [first, second] = [DEPTH.indexOf(one), DEPTH.indexOf(other)].map((place) => (place < 0 ? DEPTH.length : place));
  return (first ?? 0) - (second ?? 0) || (one < other ? -1 : 1);
}

const toPart = ({ value, name, change, share }: Mover): CausePart => ({
  value,
  name,
  change,
  share: Number(share ?? 0),
});

const shareOf = (part: DecimalText, whole: DecimalText): number | null =>
  Number(whole) === 0 ? null : Math.round((1_000 * Number(part)) / Number(whole)) / 10;

/** What is different between two states, the configuration's own keys beside the others. */
function differences(
  before: Record<string, unknown>,
  after: Record<string, unknown>,
): Record<string, [unknown, unknown]> {
  const [old, now] = [flat(before), flat(after)];
  const keys = [...new Set([...Object.keys(old), ...Object.keys(now)])].sort();
  return Object.fromEntries(
    keys
      .filter((key) => JSON.stringify(old[key]) !== JSON.stringify(now[key]))
      .map((key) => [key, [old[key] ?? null, now[key] ?? null]]),
  );
}

function flat({ configuration, ...others }: Record<string, unknown>): Record<string, unknown> {
  return { ...others, ...(typeof configuration === 'object' ? configuration : {}) };
}

/** Returns the account that has all the cost of both periods, if one has: who may see the account may see the anomaly. */
export function soleAccount(movers: readonly Mover[]): Record<string, string> {
  const sole = movers.find(({ dimension, isAll }) => isAll && dimension === 'sub_account_id');
  return sole === undefined ? {} : { sub_account_id: sole.value };
}

/** A view and its lead are about the same cost when this much of the smaller change lies in both. */
const MOST_IN_BOTH = 0.5;

/**
 * Returns whether the change of a lead is where a view of it is: what grew as much on the same day may be another problem, which only the
 * bill can tell. `movers` are the lead's.
 */
export function isSameCost(
  view: Pick<Anomaly, 'dimensions' | 'impact'>,
  lead: Pick<Anomaly, 'dimensions' | 'impact'>,
  movers: readonly Mover[],
): boolean {
  const smaller = Math.min(Math.abs(Number(view.impact)), Math.abs(Number(lead.impact)));
  return Object.entries(view.dimensions).every(([name, value]) => {
    if (lead.dimensions[name] !== undefined) return true;
    const mover = movers.find((one) => one.dimension === name && one.value.toLowerCase() === value.toLowerCase());
    if (mover === undefined) return false;
    // By its share, as the days compared are not always all days of the anomaly.
    return (
      mover.share === null || (Number(mover.share) / 100) * Math.abs(Number(lead.impact)) >= MOST_IN_BOTH * smaller
    );
  });
}
