import { wholeCatalog } from '../db/queries/catalog.ts';
import type { CostFilter, Dimension } from '../db/queries/dimensions.ts';
import { dimensionName } from '../db/queries/dimensions.ts';
import { chargesExist, otherTagKeys, recentValues } from '../db/queries/values.ts';
import type { Call, NotFound } from './call.ts';
import { dimensionWord } from './dimension-words.ts';
import { type KnownValues, knownValues, namesValues, valuesContaining, valuesNamed } from './known-values.ts';
import { nearest } from './nearest.ts';

export interface ResolvedFilters {
  /** The filters with every value as the bill writes it. */
  filters: CostFilter[];
  /** Those whose values could not be looked up beforehand; see `missingValue`. */
  unsure: CostFilter[];
  notFound: NotFound | undefined;
}

/**
 * The filters with their values as the bill writes them: case aside, accounts by name, services without the vendor or by
 * product code. A value that names nothing is reported, never left to become a silent zero.
 */
export async function resolveFilters(call: Call, filters: readonly CostFilter[]): Promise<ResolvedFilters> {
  const resolved: ResolvedFilters = { filters: [], unsure: [], notFound: undefined };
  for (const filter of filters) {
    resolved.notFound = (await unknownTagKey(call, filter.dimension)) ?? (await resolveOne(call, filter, resolved));
    if (resolved.notFound) return resolved;
  }
  return resolved;
}

async function resolveOne(call: Call, filter: CostFilter, resolved: ResolvedFilters): Promise<NotFound | undefined> {
  const known = knownValues(filter.dimension, call.catalog);
  if (!namesValues(filter) || known === undefined) {
    resolved.filters.push(filter);
    if (namesValues(filter)) resolved.unsure.push(filter);
    return undefined;
  }
  const found = filter.values.map((value) =>
    filter.operator === 'contains' ? valuesContaining(value, known) : valuesNamed(value, known),
  );
  const missing = filter.values.find((_, index) => found[index]?.length === 0);
  if (missing === undefined) {
    const operator = filter.operator === 'not in' ? 'not in' : 'in';
    resolved.filters.push({ ...filter, operator, values: [...new Set(found.flat())] });
    return undefined;
  }
  if (known.complete) return hiddenOr(call, filter, missing, notFound(filter, missing, known));
  resolved.filters.push(filter);
  resolved.unsure.push(filter);
  return undefined;
}

/** Says whether a tag key is on the bill at all. */
export async function unknownTagKey(call: Call, dimension: Dimension): Promise<NotFound | undefined> {
  if (dimension.kind === 'column' || call.freshness.allocationKeys.has(dimension.key)) return undefined;
  const others = await otherTagKeys(call.client, call.freshness);
  if (others.includes(dimension.key)) return undefined;
  const keys = [...call.catalog.tagKeys.map(({ key }) => key), ...others];
  const near = nearest(dimension.key, keys);
  return {
    searched: `No charge carries a tag "${dimension.key}".${meant(near)}`,
    suggestions: (near.length > 0 ? near : keys.slice(0, 5)).map((key) => `tag:${key}`),
  };
}

/**
 * For a question that found no charges: the first filter whose values are nowhere on the bill, if there is one. It reads the
 * bill itself, so it is asked only then.
 */
export async function missingValue(call: Call, unsure: readonly CostFilter[]): Promise<NotFound | undefined> {
  const { client, freshness, context } = call;
  const { scope } = context.principal;
  const always = { start: freshness.dataFrom ?? '1970-01-01', end: '9999-01-01' };
  for (const filter of unsure) {
    for (const value of filter.values) {
      const operator = filter.operator === 'contains' ? 'contains' : 'in';
      if (await chargesExist(client, [{ ...filter, operator, values: [value] }], always, scope, freshness)) continue;
      const values = await recentValues(client, filter.dimension, scope, freshness);
      const found = notFound(filter, value, { values, complete: true, aliases: new Map(), label: (text) => text });
      return hiddenOr(call, filter, value, found);
    }
  }
  return undefined;
}

/** Whether a name that this person's part of the bill does not hold stands on the rest of it. A part of a name tells too little. */
async function hiddenOr(call: Call, filter: CostFilter, value: string, found: NotFound): Promise<NotFound> {
  const { context, client } = call;
  if (context.principal.scope === 'all' || filter.operator === 'contains') return found;
  const known = knownValues(filter.dimension, await wholeCatalog(context.db, client));
  if (known === undefined || valuesNamed(value, known).length === 0) return found;
  return { ...found, hidden: `The ${dimensionWord(dimensionName(filter.dimension))} "${excerpt(value)}"` };
}

function notFound({ dimension, operator }: CostFilter, value: string, known: KnownValues): NotFound {
  const aliases = [...known.aliases.keys()];
  const labels = known.values.map(known.label);
  const near = nearest(value, [...labels, ...aliases], 5).map((name) => {
    const [target] = known.aliases.get(name) ?? [];
    return target === undefined ? name : known.label(target);
  });
  const suggestions = [...new Set(near)].slice(0, 3).map(excerpt);
  const verb = operator === 'contains' ? 'contains' : 'is';
  return {
    searched: `No ${dimensionName(dimension)} on the bill ${verb} "${excerpt(value)}".${meant(suggestions)}`,
    suggestions: suggestions.length > 0 ? suggestions : labels.slice(0, 5).map(excerpt),
  };
}

/** Tag values and names were written by others: a name fits here, a story does not. */
const excerpt = (text: string): string => text.replace(/\s+/g, ' ').slice(0, 80);

const meant = (names: string[]): string =>
  names.length === 0 ? '' : ` Did you mean ${names.map((name) => `"${name}"`).join(' or ')}?`;
