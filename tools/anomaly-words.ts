import { z } from 'zod';
import type { ListedAnomaly } from '../db/queries/anomalies.ts';
import { dimensionWord } from './dimension-words.ts';
import { formatCell } from './format.ts';

type Dimensions = Readonly<Record<string, string>>;

/** The names of accounts by their ids. */
export type AccountNames = ReadonlyMap<string, string>;

const part = z.object({ value: z.string(), name: z.string().nullable(), change: z.string(), share: z.number() });

/** What detection stores of a cause, as far as words are made of it. */
const cause = z.object({
  period: z.object({ start: z.string(), end: z.string() }),
  comparedTo: z.object({ start: z.string(), end: z.string() }),
  change: z.string(),
  named: z.array(part.extend({ dimension: z.string() })),
  resources: z.array(part),
  usageTypes: z.array(part),
  newResources: z.number(),
  components: z.array(z.object({ component: z.string(), change: z.string(), share: z.number().nullable() })),
  inventory: z.object({
    changes: z.array(
      z.object({
        resourceId: z.string(),
        name: z.string().nullable(),
        type: z.string().nullable(),
        kind: z.string(),
        date: z.string(),
        differences: z.record(z.string(), z.tuple([z.unknown(), z.unknown()])),
      }),
    ),
    counts: z.record(z.string(), z.number()),
  }),
});

const bundle = z.object({
  parts: z.array(z.object({ dimensions: z.record(z.string(), z.string()), impact: z.string() })),
});

export type KnownCause = z.infer<typeof cause>;

/** The stored cause; null where none is known, and of a bundle. */
export function knownCause(stored: Record<string, unknown> | null): KnownCause | null {
  return cause.safeParse(stored).data ?? null;
}

const WIDEST = 60;

/** Names and tags were written by others: a name fits here, a story does not. */
const excerpt = (text: string): string => {
  const line = text.replace(/\s+/g, ' ');
  return line.length <= WIDEST ? line : `${line.slice(0, WIDEST - 1)}…`;
};

/** What an anomaly is of: 'AWS Lambda in production, us-east-1', 'application ledger', 'the whole organisation'. */
export function whatWords(dimensions: Dimensions, accounts: AccountNames): string {
  const { service_name: service, sub_account_id: account, region_id: region, ...others } = dimensions;
  const tags = Object.entries(others).map(([key, value]) => `${dimensionWord(key)} ${excerpt(value)}`);
  const places = [account === undefined ? undefined : (accounts.get(account) ?? account), region];
  const about = [...tags, ...(service === undefined ? [] : [service])].join(', ');
  const where = places
    .filter((place) => place !== undefined)
    .map(excerpt)
    .join(', ');
  if (about === '') return where === '' ? 'the whole organisation' : where;
  return where === '' ? about : `${about} in ${where}`;
}

/** What an anomaly is: 'rise', 'drop', 'slow rise', 'new', '6 rises together'. */
export function kindWords({ kind, direction, parts }: Pick<ListedAnomaly, 'kind' | 'direction' | 'parts'>): string {
  if (kind === 'new') return 'new';
  if (kind === 'drift') return 'slow rise';
  const word = direction === 'up' ? 'rise' : 'drop';
  return kind === 'several' ? `${parts} ${word}s together` : word;
}

const COMPONENT_WORDS: Record<string, [string, string]> = {
  usage: ['more use', 'less use'],
  price: ['higher list prices', 'lower list prices'],
  new: ['what was not there before', 'what was not there before'],
  gone: ['what is gone', 'what is gone'],
  commitment: ['less of a discount by commitments', 'more of a discount by commitments'],
  other: ['fees and other charges', 'fees and other charges'],
};

/** How one part of a cause is called: price, use and the like, by the direction of its change. */
export function componentWords(component: string, change: string): string {
  const [up, down] = COMPONENT_WORDS[component] ?? [component, component];
  return change.startsWith('-') ? down : up;
}

/**
 * Why an anomaly is there, in one sentence of what detection stored: the resource or usage type with its share of the change, price or use,
 * what is new, and what the inventory saw; null where nothing is known.
 */
export function causeWords(
  { cause: stored, currency, dimensions }: Pick<ListedAnomaly, 'cause' | 'currency' | 'dimensions'>,
  accounts: AccountNames,
): string | null {
  const together = bundle.safeParse(stored).data;
  if (together !== undefined) return bundleWords(together.parts, currency, accounts);
  const known = knownCause(stored);
  if (known === null || known.named.length === 0) return null;
  const sentence = [driverWords(known, dimensions, accounts), splitWords(known, currency)].filter(Boolean).join(': ');
  const more = [newWords(known), inventoryWords(known)].filter(Boolean);
  return [sentence, ...more].join('; ');
}

const MOST_PARTS = 4;

function bundleWords(
  parts: { dimensions: Dimensions; impact: string }[],
  currency: string,
  accounts: AccountNames,
): string {
  const largest = [...parts].sort((one, other) => Math.abs(Number(other.impact)) - Math.abs(Number(one.impact)));
  const shown = largest
    .slice(0, MOST_PARTS)
    .map(
      ({ dimensions, impact }) =>
        `${whatWords(dimensions, accounts)} ${formatCell(impact, 'money', currency, 'signed')}`,
    );
  const more = parts.length > MOST_PARTS ? [`${parts.length - MOST_PARTS} more`] : [];
  return `began within a day of each other: ${[...shown, ...more].join(', ')}`;
}

/** Where most of the change is, beyond what the series itself says. */
function driverWords({ named, resources }: KnownCause, dimensions: Dimensions, accounts: AccountNames): string {
  const of = (dimension: string) => named.find((one) => one.dimension === dimension);
  const [resource, usageType] = [of('resource_id'), of('x_usage_type')];
  const place = ['service_name', 'sub_account_id', 'region_id']
    .filter((dimension) => dimensions[dimension] === undefined)
    .flatMap((dimension) => of(dimension) ?? []);
  const tag = named.find(({ dimension }) => dimension.startsWith('tag:') && dimensions[dimension] === undefined);
  const words = [
    ...(usageType ? [excerpt(usageType.value)] : []),
    ...(resource ? [`of ${nameOf(resource)}`] : []),
    ...place.map(
      ({ dimension, value }) =>
        `in ${excerpt(dimension === 'sub_account_id' ? (accounts.get(value) ?? value) : value)}`,
    ),
    ...(!usageType && !resource && tag ? [`${dimensionWord(tag.dimension)} ${excerpt(tag.value)}`] : []),
  ];
  const share = resource?.share ?? usageType?.share ?? tag?.share;
  if (words.length > 0)
    return `${words.join(' ')}${share === undefined ? '' : ` (${formatCell(share, 'percent', 'percent')})`}`;
  return resources.length > 1 ? `many resources, ${nameOf(resources[0] as KnownCause['resources'][number])} first` : '';
}

/** A resource by its name; without one by the end of its ARN. */
const nameOf = ({ value, name }: { value: string; name: string | null }): string =>
  excerpt(name ?? value.split(':').at(-1) ?? value);

function splitWords({ components, change, comparedTo }: KnownCause, currency: string): string {
  const [first] = components;
  if (first === undefined) return '';
  const amount = formatCell(change, 'money', currency, 'signed');
  const share =
    first.share === null || Math.abs(first.share - 100) < 0.05
      ? ''
      : ` (${formatCell(first.share, 'percent', 'percent')})`;
  return `${componentWords(first.component, first.change)}${share}, ${amount} against the same weekdays from ${comparedTo.start}`;
}

function newWords({ newResources }: KnownCause): string {
  if (newResources === 0) return '';
  return `${newResources} ${newResources === 1 ? 'resource' : 'resources'} first billed then`;
}

/** The change of a driving resource that the inventory saw, or how many changes there were. */
function inventoryWords({ inventory: { changes, counts }, resources, newResources }: KnownCause): string {
  const driving = changes.find(
    ({ resourceId, kind }) => kind === 'changed' && resources.some(({ value }) => value === resourceId),
  );
  if (driving !== undefined) {
    const [key, [before, after] = []] = Object.entries(driving.differences)[0] ?? [];
    const what = key === undefined ? 'changed' : `${key} from ${valueWords(before)} to ${valueWords(after)}`;
    return `inventory of ${driving.date}: ${nameOf({ value: driving.resourceId, name: driving.name })} ${what}`;
  }
  const kinds = ['created', 'changed', 'deleted'].filter((kind) => kind !== 'created' || newResources === 0);
  const counted = kinds.flatMap((kind) => ((counts[kind] ?? 0) > 0 ? [`${counts[kind]} ${kind}`] : []));
  return counted.length === 0 ? '' : `inventory: ${counted.join(', ')}`;
}

function valueWords(value: unknown): string {
  if (value === null || value === undefined) return 'nothing';
  return excerpt(typeof value === 'object' ? JSON.stringify(value) : String(value));
}
