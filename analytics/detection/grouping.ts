import { DAY_MS, dateAt } from './days.ts';
import type { CostIncident } from './incidents.ts';

/** An incident and the series it was found in. */
export interface FoundIncident {
  seriesKey: string;
  dimensions: Readonly<Record<string, string>>;
  currency: string;
  incident: CostIncident;
}

/** One problem: the incident that tells it best, and the same cost as it shows in other series. */
export interface IncidentGroup {
  lead: FoundIncident;
  views: FoundIncident[];
}

/** Several problems that began together, told as one. */
export interface IncidentBundle {
  /** What all of them have in common; empty when that is no more than the organisation. */
  dimensions: Record<string, string>;
  currency: string;
  groups: IncidentGroup[];
}

/** An incident is the same as another that makes up so much of its excess. */
const MOST = 0.6;
/** So many problems that begin within a day of each other have one cause, or are told in one breath at least. */
const BUNDLED = 3;
/** How far apart the same problem may begin in two series: in one of which the other is a part, in others, and where it rises slowly. */
const START_DAYS = { part: 7, other: 2, slow: 14 };

/** What tells incidents apart from one run to the next. */
export const incidentId = ({ seriesKey, incident }: FoundIncident): string =>
  `${seriesKey}@${incident.kind}@${incident.startDate}`;

/** The name of a pair of a view and its lead, by their ids. */
export const pairOf = (view: string, lead: string): string => `${view} | ${lead}`;

/**
 * Returns the incidents grouped so that one problem is one group, although it shows in an account, a service, a region and a tag. An
 * incident joins the smallest one that makes up most of its excess; what is left leads. `known` has the lead of each incident of the run
 * before: those stay where people were told of them. `apart` has pairs (`pairOf`) that are known not to be about the same cost.
 */
export function groupIncidents(
  found: readonly FoundIncident[],
  known: ReadonlyMap<string, string> = new Map(),
  apart: ReadonlySet<string> = new Set(),
): IncidentGroup[] {
  const smallestFirst = bySize(found);
  const byId = new Map(smallestFirst.map((one) => [incidentId(one), one]));
  const leads: Leads = new Map();
  for (const one of smallestFirst) {
    const lead = byId.get(known.get(incidentId(one)) ?? '');
    if (lead !== undefined) leads.set(one, lead);
  }
  for (const [index, one] of smallestFirst.entries()) {
    const explainer = explainerOf(one, smallestFirst.slice(0, index), leads, apart);
    const told = leads.get(one);
    if (told === undefined) leads.set(one, explainer ?? one);
    else if (explainer !== undefined && !known.has(incidentId(explainer))) leads.set(explainer, told);
  }
  for (const one of smallestFirst) {
    if (leads.get(one) !== one || known.has(incidentId(one))) continue;
    leads.set(one, largestPart(one, smallestFirst, leads) ?? one);
  }
  return grouped(smallestFirst, leads);
}

/** The incident that tells of each one; a lead's is itself. */
type Leads = Map<FoundIncident, FoundIncident>;

/** The lead of the smallest incident that makes up most of this one, when it can be about the same cost itself. */
function explainerOf(
  one: FoundIncident,
  smaller: readonly FoundIncident[],
  leads: Leads,
  apart: ReadonlySet<string>,
): FoundIncident | undefined {
  for (const other of smaller) {
    if (!fits(one, other) || shareOf(one, [other]) < MOST) continue;
    const lead = rootOf(other, leads);
    if (lead === one || (fits(one, lead) && !apart.has(pairOf(incidentId(one), incidentId(lead))))) return lead;
  }
  return undefined;
}

function grouped(found: readonly FoundIncident[], leads: Leads): IncidentGroup[] {
  const groups = new Map<FoundIncident, IncidentGroup>();
  for (const one of found) {
    const lead = rootOf(one, leads);
    const group = groups.get(lead) ?? { lead, views: [] };
    if (one !== lead) group.views.push(one);
    groups.set(lead, group);
  }
  return [...groups.values()].sort((one, other) =>
    one.lead.incident.startDate < other.lead.incident.startDate ? -1 : 1,
  );
}

function rootOf(one: FoundIncident, leads: Leads): FoundIncident {
  const seen = new Set<FoundIncident>();
  let root = one;
  while (!seen.has(root)) {
    seen.add(root);
    root = leads.get(root) ?? root;
  }
  return root;
}

/** Of a larger incident that several leads below it make up together, the lead that makes up most; each of them stands by itself. */
function largestPart(one: FoundIncident, found: readonly FoundIncident[], leads: Leads): FoundIncident | undefined {
  const below = found.filter((other) => leads.get(other) === other && fits(one, other) && isPartOf(other, one));
  const levels = new Set(below.map(levelOf));
  for (const level of levels) {
    const parts = below.filter((other) => levelOf(other) === level);
    if (shareOf(one, parts) < MOST) continue;
    return parts.reduce((largest, part) => (shareOf(one, [part]) > shareOf(one, [largest]) ? part : largest));
  }
  return undefined;
}

const levelOf = ({ dimensions }: FoundIncident): string => Object.keys(dimensions).sort().join();

/** Whether `one` has all dimensions of `whole` and more. */
function isPartOf(one: FoundIncident, whole: FoundIncident): boolean {
  const entries = Object.entries(whole.dimensions);
  return (
    one !== whole &&
    entries.length < Object.keys(one.dimensions).length &&
    entries.every(([key, value]) => one.dimensions[key] === value)
  );
}

/**
 * How much of the excess of `whole` the others make up together, 0 to 1: day by day, and never more than it; by the days until both could
 * be told, so that what comes later does not tear apart what was one.
 */
function shareOf(whole: FoundIncident, others: readonly FoundIncident[]): number {
  const fitting = others.filter((other) => fits(whole, other));
  if (fitting.length === 0) return 0;
  const [until = ''] = [whole, ...fitting]
    .map(({ incident }) => incident.detectedDate)
    .sort()
    .reverse();
  const excess = new Map<string, number>();
  for (const { incident } of fitting) {
    for (const day of incident.byDay) excess.set(day.date, (excess.get(day.date) ?? 0) + Math.abs(excessOf(day)));
  }
  let all = 0;
  let common = 0;
  for (const day of whole.incident.byDay) {
    if (day.date > until) break;
    const size = Math.abs(excessOf(day));
    all += size;
    common += Math.min(size, excess.get(day.date) ?? 0);
  }
  return all === 0 ? 0 : common / all;
}

/** Whether both can be about the same cost: one currency, one direction, a common beginning and no dimension with two values. */
function fits(one: FoundIncident, other: FoundIncident): boolean {
  // Most pairs begin far apart: that is asked first.
  const apart = Math.abs(startOf(one) - startOf(other));
  if (apart > START_DAYS.slow * DAY_MS || one.currency !== other.currency || isDecrease(one) !== isDecrease(other)) {
    return false;
  }
  const isSlow = one.incident.kind === 'drift' || other.incident.kind === 'drift';
  const relation = isSlow ? 'slow' : isPartOf(one, other) || isPartOf(other, one) ? 'part' : 'other';
  return (
    apart <= START_DAYS[relation] * DAY_MS &&
    Object.entries(one.dimensions).every(([key, value]) => (other.dimensions[key] ?? value) === value)
  );
}

const startOf = ({ incident }: FoundIncident): number => dateAt(incident.startDate).getTime();

const isDecrease = ({ incident }: FoundIncident): boolean => incident.kind === 'decrease';

const excessOf = ({ cost, expectedCost }: { cost: string; expectedCost: string }): number =>
  Number(cost) - Number(expectedCost);

/**
 * Series of two dimensions first, as they say most, among them the service of an account, whose owner it is for, and what is new; of
 * equals the smaller.
 */
function bySize(found: readonly FoundIncident[]): FoundIncident[] {
  const places = found.map((one) => ({
    one,
    id: incidentId(one),
    order: [classOf(one), sizeOf(one), placeOf(levelOf(one))] as const,
  }));
  places.sort(
    (first, second) =>
      first.order[0] - second.order[0] ||
      first.order[1] - second.order[1] ||
      first.order[2] - second.order[2] ||
      (first.id < second.id ? -1 : 1),
  );
  return places.map(({ one }) => one);
}

const LEVELS = [
  'service_name,sub_account_id',
  'region_id,service_name',
  'service_name,x_usage_type',
  'service_name',
  'sub_account_id',
];

function placeOf(level: string): number {
  const place = LEVELS.indexOf(level);
  return place < 0 ? LEVELS.length : place;
}

function classOf({ dimensions, incident }: FoundIncident): number {
  const count = Object.keys(dimensions).length;
  if (count < 2) return 3 - count;
  return incident.kind === 'new' || dimensions.sub_account_id !== undefined ? 0 : 1;
}

/** Cost a day in steps of 2 percent, so that rounding does not decide. */
const sizeOf = ({ incident }: FoundIncident): number =>
  Math.round(Math.log(Math.max(1e-6, Number(incident.cost) / incident.days)) / 0.02);

/** Returns the groups that began together, those with at least three problems; slow rises have no day on which they began. */
export function bundleGroups(groups: readonly IncidentGroup[]): IncidentBundle[] {
  const sides = new Map<string, IncidentGroup[]>();
  for (const group of groups) {
    if (group.lead.incident.kind === 'drift') continue;
    const side = `${group.lead.currency}/${isDecrease(group.lead)}`;
    sides.set(side, [...(sides.get(side) ?? []), group]);
  }
  return [...sides.values()].flatMap(togetherFrom);
}

function togetherFrom(groups: readonly IncidentGroup[]): IncidentBundle[] {
  const inOrder = [...groups].sort((one, other) => startOf(one.lead) - startOf(other.lead));
  const bundles: IncidentBundle[] = [];
  for (let index = 0; index < inOrder.length; ) {
    const first = inOrder[index] as IncidentGroup;
    const together = inOrder.slice(index).filter((group) => startOf(group.lead) <= startOf(first.lead) + DAY_MS);
    if (together.length >= BUNDLED) {
      bundles.push({ dimensions: commonTo(together), currency: first.lead.currency, groups: together });
      index += together.length;
    } else index += 1;
  }
  return bundles;
}

function commonTo(groups: readonly IncidentGroup[]): Record<string, string> {
  const [first, ...others] = groups.map(({ lead }) => lead.dimensions);
  return Object.fromEntries(
    Object.entries(first ?? {}).filter(([key, value]) => others.every((dimensions) => dimensions[key] === value)),
  );
}
