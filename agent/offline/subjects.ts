import type { Shape } from './plan.ts';
import { addGroup } from './pricing.ts';
import { serviceOf } from './resources.ts';
import type { Filter, Slots } from './slots.ts';
import type { CallContext } from './time.ts';

/** What a question is about: services, kinds of resource, values set side by side. Each function settles one reading of it. */

const isPositive = (filter: Filter): boolean => filter.operator === 'in' || filter.operator === 'contains';

const APART = /^(and|vs|versus|or|against|than|with|to|is|are)$/;
const BETWEEN = /^(the|all|our|my|other)$/;

/** Whether a word stands beside the subject before it ('S3 storage'), not set apart from it ('S3 vs storage'). */
function isBeside(slots: Slots, from: number, to: number): boolean {
  const between = slots.reading.words.slice(Math.min(from, to), Math.max(from, to)).map(({ text }) => text);
  if (from > to) return !between.some((text) => APART.test(text));
  const before = between.findLast((text) => !BETWEEN.test(text));
  return before === undefined || !APART.test(before);
}

/** 'S3 storage' and 'EC2 compute' name the category a service is in anyway. */
export function dropHeldCategories(slots: Slots, { catalog }: CallContext): void {
  const services = slots.filters.filter((filter) => filter.dimension === 'service_name' && filter.operator === 'in');
  const held = new Set(
    catalog.services
      .filter(({ name }) => services.some((filter) => filter.values.includes(name)))
      .map(({ category }) => category),
  );
  slots.filters = slots.filters.flatMap((filter) => {
    if (filter.dimension !== 'service_category') return [filter];
    if (!services.some((service) => isBeside(slots, service.at, filter.at))) return [filter];
    const left = filter.values.filter((value) => !held.has(value));
    if (left.length === 0) return [];
    // Of 'S3 storage and compute' the second is a subject of its own.
    return left.length === filter.values.length
      ? [filter]
      : [{ ...filter, values: left, label: left.join(' and '), at: slots.reading.words.length, named: left.length }];
  });
}

const ABOUT_A_SERVICE = /^(service_name|service_category|x_usage_type|x_instance_type|resource_id)$/;

/** Kinds of resource narrow a question to their service: 'most expensive buckets' are S3's. */
export function applyNouns(slots: Slots, context: CallContext): void {
  const [noun] = slots.nouns;
  if (noun === undefined) return;
  const narrowed = slots.filters.some(
    (filter) => ABOUT_A_SERVICE.test(filter.dimension) && filter.operator !== 'not in',
  );
  const listed = noun.grouped || slots.order !== null;
  const ofThings = slots.groups.length === 0 || slots.groups[0] === 'resource_id';
  if (noun.kind === 'instance' && listed && ofThings) addRunning(slots, context);
  const service = narrowed ? null : serviceOf(noun.kind, context);
  if (service)
    slots.filters.push({
      dimension: 'service_name',
      operator: 'in',
      values: [service],
      label: service,
      at: 0,
      named: 1,
    });
}

const OWNS = /\b(?:own(?:s|ed|er|ers)?|belongs? to|responsible for)\b/i;

/**
 * 'Who owns the most expensive instance' ranks instances, each with its team beside it: a ranking of the teams would be the
 * answer to another question. An instance without a team is in it too, for nobody owning it is an answer.
 */
export function rankOwned(slots: Slots): void {
  const [owner] = slots.groups;
  const ranked = slots.nouns.length > 0 && slots.order !== null;
  if (!ranked || slots.groups.length !== 1 || !owner?.startsWith('tag:') || !OWNS.test(slots.reading.text)) return;
  slots.groups = ['resource_id', owner];
  slots.filters.push({
    dimension: 'resource_id',
    operator: 'is not null',
    values: [],
    label: '',
    at: 0,
    named: 0,
  });
}

/** EC2 bills volumes and addresses beside instances; among 'the most expensive instances' they have no place. */
function addRunning(slots: Slots, { catalog }: CallContext): void {
  const elsewhere = slots.filters.some(
    ({ dimension, values }) =>
      dimension === 'service_name' && !values.some((value) => /Elastic Compute|EC2/.test(value)),
  );
  const values = ['BoxUsage', 'SpotUsage'].filter((part) => catalog.usageTypes.some((type) => type.includes(part)));
  if (elsewhere || values.length === 0) return;
  slots.filters.push({ dimension: 'x_usage_type', operator: 'contains', values, label: 'instances', at: 0, named: 1 });
}

/** Values of one dimension named side by side ('EC2 and S3') are shown side by side. */
export function splitByNamed(slots: Slots): void {
  const several = slots.filters.filter((filter) => filter.operator === 'in' && filter.named > 1);
  for (const filter of several) addGroup(slots, filter.dimension);
  if (several.length > 0) setAgainst(slots);
}

/** 'Is Ireland more expensive than Frankfurt' sets two places against each other, not two periods. */
function setAgainst(slots: Slots): void {
  if (slots.comparison !== null || !/\b(than|vs|versus|against|or|to|with)\b/i.test(slots.reading.text)) return;
  slots.move = null;
  slots.moves = [];
  slots.order = null;
}

const SUBJECTS = /^(service_name|service_category|x_usage_type|x_instance_type)$/;

const SET_APART = /^(and|vs|versus|or|against|than)$/;
const COMPARED = /^(and|vs|versus|or|against|than|to|with)$/;

/** 'EC2 and storage', 'EC2 compute vs EBS': subjects of different kinds, which as conditions together would match nothing. */
export function separateSubjects(slots: Slots): Slots[] {
  const subjects = slots.filters
    .filter((filter) => SUBJECTS.test(filter.dimension) && isPositive(filter))
    .sort((a, b) => a.at - b.at);
  const apart = slots.flags.has('compare') && slots.comparison === null ? COMPARED : SET_APART;
  const groups: Filter[][] = [];
  for (const [index, subject] of subjects.entries()) {
    const before = subjects[index - 1];
    const between = slots.reading.words.slice(before?.at ?? subject.at, subject.at).map(({ text }) => text);
    const current = groups.at(-1);
    if (current && !between.some((text) => apart.test(text))) current.push(subject);
    else groups.push([subject]);
  }
  if (groups.length < 2) return [slots];
  const flags = new Set([...slots.flags].filter((flag) => flag !== 'compare' || slots.comparison !== null));
  return groups.map((own) => {
    const part: Slots = {
      ...slots,
      flags,
      filters: slots.filters.filter((filter) => own.includes(filter) || !subjects.includes(filter)),
      groups: [...slots.groups],
    };
    setAgainst(part);
    return part;
  });
}

/** Turns 'what share is EC2' into a breakdown of everything, with the row the answer is about. */
export function focusOfShare(slots: Slots): Shape['focus'] {
  if (!asksShare(slots)) return undefined;
  const [focus] = slots.filters
    .filter((filter) => filter.operator === 'in' || filter.operator === 'is null')
    .sort(byAim);
  if (!focus) return undefined;
  slots.filters = slots.filters.filter((filter) => filter !== focus);
  slots.groups.push(focus.dimension);
  return { dimension: focus.dimension, values: focus.values };
}

const asksShare = (slots: Slots): boolean =>
  slots.flags.has('share') && slots.groups.length === 0 && slots.move === null;

/** What comes last is asked about; conditions nobody named stand before everything. */
const byAim = (a: Filter, b: Filter): number => b.at - a.at;

/** A share of something that is no value of a column, such as data transfer: its cost and the whole, one call each. */
export function shareOfPart(slots: Slots): Slots[] | null {
  const part = slots.filters.find((filter) => filter.operator === 'contains');
  if (!part || !asksShare(slots) || slots.filters.some((filter) => filter.operator === 'in' && filter.at > part.at))
    return null;
  const flags = new Set([...slots.flags].filter((flag) => flag !== 'share'));
  return [
    { ...slots, flags },
    { ...slots, flags, filters: slots.filters.filter((filter) => filter !== part) },
  ];
}
