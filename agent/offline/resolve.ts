import { TAG_FAMILIES } from './lexicon/environments.ts';
import type { EstateNames, Name } from './names.ts';
import type { Mention, Reading } from './read.ts';

/** A filter as a person named it. `label` is what to call it in text. */
export interface NamedFilter {
  dimension: string;
  operator: 'in' | 'contains';
  values: string[];
  label: string;
}

/** What the names of a question turned out to be, per mention. */
export interface Resolution {
  filters: Map<Mention, NamedFilter>;
  /** Dimension words that only said what kind of name stood beside them. */
  hints: Set<Mention>;
  ambiguous: { mention: Mention; text: string; options: NamedFilter[] }[];
  absent: { what: string; label: string; dimension?: string }[];
}

/** The dimension a word such as 'team' or 'account' stands for; null where this estate has no such tag. */
export function dimensionOf(
  mention: Mention,
  names: EstateNames,
): { dimension: string | null; family?: string } | null {
  const dim = mention.senses.find((sense) => sense.startsWith('dim:'));
  if (dim) return { dimension: dim.slice(4) };
  const key = mention.names.find((name) => name.kind === 'key');
  const family = mention.senses.find((sense) => sense.startsWith('family:'))?.slice(7);
  if (key?.dimension) return { dimension: key.dimension, ...(family ? { family } : {}) };
  if (family === undefined) return null;
  return { dimension: family === 'tag' ? null : names.keyFor(family), family };
}

const squeeze = (key: string): string => key.toLowerCase().replace(/[^a-z0-9]/g, '');

const APPLICATION_KEYS = new Set(TAG_FAMILIES.application);

/** Whether a name is of the kind a neighbouring word says: 'payments' of 'team', 'Ireland' of 'region'. */
function isOfKind(name: Name, kind: { dimension: string | null; family?: string }): boolean {
  const dimension = name.dimension ?? '';
  if (name.kind === 'absent') return name.what === 'service' && kind.dimension === 'service_name';
  if (name.kind !== 'filter') return false;
  if (kind.family === 'tag') return dimension.startsWith('tag:');
  // People call their own applications services.
  if (kind.dimension === 'service_name' && APPLICATION_KEYS.has(squeeze(dimension.replace(/^tag:/, '')))) return true;
  if (kind.dimension === dimension) return true;
  if (kind.dimension === 'sub_account_id' && dimension === 'billing_account_id') return true;
  if (kind.family === undefined || !dimension.startsWith('tag:')) return false;
  return (TAG_FAMILIES[kind.family] ?? []).includes(squeeze(dimension.slice(4)));
}

const GLUE = new Set(['the', 'called', 'named', 'id', 'name', 'value', 'number']);
const LEADS = new Set(['by', 'per', 'each', 'every', 'which', 'what', 'across', 'all']);

export function wordsBetween(reading: Reading, from: number, to: number): string[] {
  return reading.words.slice(from, to).map((word) => word.text);
}

export const isPlural = (mention: Mention): boolean => /s$/i.test(mention.text) && !/(ss|['’]s)$/i.test(mention.text);

/** The dimension word beside a name, before ('team payments') or after it ('payments team'). */
function hintFor(mention: Mention, reading: Reading, names: EstateNames): Mention | null {
  const kindOf = (other: Mention): boolean => dimensionOf(other, names) !== null;
  const after = reading.mentions.find((other) => other.from === mention.to && kindOf(other));
  if (after && fits(mention, after, names) && !isPluralService(after)) return after;
  const before = reading.mentions.filter((other) => other.to <= mention.from && kindOf(other)).at(-1);
  if (!before || isPlural(before)) return null;
  const glued = wordsBetween(reading, before.to, mention.from).every((text) => GLUE.has(text));
  const led = LEADS.has(reading.words[before.from - 1]?.text ?? '');
  return glued && !led && fits(mention, before, names) ? before : null;
}

/** 'Checkout services' are the services that checkout uses, not applications. */
const isPluralService = (mention: Mention): boolean => mention.senses.includes('dim:service_name') && isPlural(mention);

function fits(mention: Mention, hint: Mention, names: EstateNames): boolean {
  const kind = dimensionOf(hint, names);
  return kind !== null && [...mention.names, ...mention.partial].some((name) => isOfKind(name, kind));
}

const toFilter = (name: Name): NamedFilter | null =>
  name.kind === 'filter'
    ? { dimension: name.dimension, operator: name.operator, values: name.values, label: name.label }
    : null;

const sameFilter = (a: NamedFilter, b: NamedFilter): boolean =>
  a.dimension === b.dimension && a.values.join() === b.values.join();

function distinct(filters: (NamedFilter | null)[]): NamedFilter[] {
  const list: NamedFilter[] = [];
  for (const one of filters) if (one && !list.some((other) => sameFilter(other, one))) list.push(one);
  return list;
}

const BEFORE_NAME = new Set(
  'for of on in by does did do is has and or vs versus only just excluding exclude except without to with from are was about against than compared'.split(
    ' ',
  ),
);
const SENSES_OF_VALUE = /^(cost|move:|why|unit:|trend|share)/;

/** Whether a word that also means something else stands where a name would: 'how much did search cost'. */
function standsAsName(mention: Mention, reading: Reading): boolean {
  if (mention.from === 0) return false;
  if (/['’]s$/i.test(reading.words[mention.to - 1]?.raw ?? '')) return true;
  const before = reading.words[mention.from - 1]?.text ?? '';
  const next = reading.mentions.find((other) => other.from === mention.to);
  // 'Payments, search and storefront': beside a name stands a name.
  const listed = reading.mentions.some(
    (other) => other.to === mention.from && other.names.some((name) => name.kind === 'filter' && name.certain),
  );
  const led = BEFORE_NAME.has(before) || listed;
  const followed =
    next === undefined || listed || next.text === 'and' || next.senses.some((sense) => SENSES_OF_VALUE.test(sense));
  return led && followed;
}

/** Words that an answer to another kind of question would be about; as a name they need a sign that they are one. */
const TOPIC_WORD =
  /^(recommendations?|forecasts?|anomal\w*|budgets?|savings?|alerts?|reports?|reporting|tickets?|notifications?|dashboards?|assistant|optimi[sz]\w*)$/i;

function isWanted(mention: Mention, reading: Reading): boolean {
  const meaningful = mention.senses.length > 0;
  if (!meaningful && !TOPIC_WORD.test(mention.text)) return true;
  const curated = mention.names.some((name) => name.kind !== 'filter' || !name.certain);
  if (
    curated &&
    mention.senses.every((sense) => sense === 'fill' || sense.startsWith('noun:') || sense.startsWith('charge:'))
  )
    return true;
  if (mention.senses.some((sense) => /^(dim|family|metric|charge|commitment|pricing|unit)/.test(sense))) return false;
  return standsAsName(mention, reading);
}

/** Of several things a name can be, the one that is meant; more than one where nothing tells. */
function choose(options: NamedFilter[], names: EstateNames): NamedFilter[] {
  const environment = options.filter((option) => option.dimension === names.keyFor('environment'));
  if (environment.length > 0) return environment.slice(0, 1);
  const service = options.filter((option) => option.dimension === 'service_name');
  const rest = options.filter(
    (option) => option.dimension !== 'service_name' && option.dimension !== 'service_category',
  );
  if (rest.length === 0) return options.slice(0, 1);
  return service.length > 0 && rest.every((option) => option.dimension === 'x_usage_type')
    ? service.slice(0, 1)
    : options;
}

/** A name in full, or by one of its words where a word beside it says what kind of name it is. */
function resolveOne(mention: Mention, reading: Reading, names: EstateNames, found: Resolution): void {
  const hint = hintFor(mention, reading, names);
  const kind = hint ? dimensionOf(hint, names) : null;
  if (hint && kind) {
    const exact = distinct(mention.names.filter((name) => isOfKind(name, kind)).map(toFilter));
    const partial = distinct(mention.partial.filter((name) => isOfKind(name, kind)).map(toFilter));
    found.hints.add(hint);
    settleHinted(mention, isPlural(hint), exact, partial, found);
    return;
  }
  const real = distinct(mention.names.map(toFilter));
  if (mention.names.length > 0 && !isWanted(mention, reading)) return;
  if (real.length > 0) {
    const chosen = choose(real, names);
    if (chosen.length === 1 && chosen[0]) found.filters.set(mention, chosen[0]);
    else found.ambiguous.push({ mention, text: mention.text, options: chosen });
    return;
  }
  const absent = mention.names.find((name) => name.kind === 'absent');
  if (absent?.kind === 'absent') {
    found.absent.push({
      what: absent.what,
      label: absent.what === 'vendor' || absent.what === 'region' ? mention.text : absent.label,
      ...(absent.dimension ? { dimension: absent.dimension } : {}),
    });
    return;
  }
  if (mention.names.length > 0 || mention.senses.length > 0) return;
  const partial = distinct(mention.partial.map(toFilter));
  // One word of a longer name is a guess, and a guess is asked back.
  if (partial.length > 0) found.ambiguous.push({ mention, text: mention.text, options: partial });
}

function settleHinted(
  mention: Mention,
  plural: boolean,
  exact: NamedFilter[],
  partial: NamedFilter[],
  found: Resolution,
): void {
  const [first] = exact.length > 0 && !(plural && partial.length > 1) ? exact : partial;
  if (first === undefined) return;
  if (plural && partial.length > 1) {
    found.filters.set(mention, {
      ...first,
      values: partial.flatMap((one) => one.values),
      label: partial.length > 3 ? `the ${mention.text} ones` : partial.map(({ label }) => label).join(' and '),
    });
  } else if (exact.length === 0 && partial.length > 1)
    found.ambiguous.push({ mention, text: mention.text, options: partial });
  else found.filters.set(mention, first);
}

/** Of several meanings, the one of the kind that other names in the question have. */
function settleByCompany(found: Resolution): void {
  const company = new Set([...found.filters.values()].map(({ dimension }) => dimension));
  for (const unclear of found.ambiguous) {
    const [same, ...others] = unclear.options.filter(({ dimension }) => company.has(dimension));
    if (!same || others.length > 0) continue;
    found.filters.set(unclear.mention, same);
    found.ambiguous = found.ambiguous.filter((one) => one !== unclear);
  }
}

/** Which estate names the question means. */
export function resolveNames(reading: Reading, names: EstateNames): Resolution {
  const found: Resolution = { filters: new Map(), hints: new Set(), ambiguous: [], absent: [] };
  for (const mention of reading.mentions) {
    if (mention.names.some((name) => name.kind !== 'key') || mention.partial.length > 0)
      resolveOne(mention, reading, names, found);
  }
  settleByCompany(found);
  return found;
}
