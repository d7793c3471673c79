import { NUMBER_WORDS } from '../../tools/number-words.ts';
import { type FoundComparison, type FoundPeriod, findPeriods } from '../../tools/period.ts';
import {
  findBlanks,
  findPairs,
  findQuoted,
  findResourceIds,
  findThresholds,
  findZones,
  type Place,
  type Threshold,
} from './amounts.ts';
import type { Catalog, KnownResource } from './catalog.ts';
import { senses } from './lexicon/senses.ts';
import { type EstateNames, type Name, namesOf } from './names.ts';
import { nearest } from './similar.ts';
import { plain, type Word, wordsOf, wordTexts } from './words.ts';

export interface ReadContext {
  catalog: Catalog;
  now: Date;
  /** Resources of which the text's words were looked up and found. */
  resources: KnownResource[];
}

/** Some words of the question with what they may mean: senses of the field's vocabulary, or names of the estate. */
export interface Mention extends Place {
  from: number;
  to: number;
  text: string;
  senses: string[];
  names: Name[];
  /** Longer names that hold this word: 'payments-prod' for 'payments'. */
  partial: Name[];
}

/** A question as its pieces, nothing decided yet. Places are character positions of `text`. */
export interface Reading {
  text: string;
  words: Word[];
  mentions: Mention[];
  periods: FoundPeriod[];
  comparison: FoundComparison | null;
  thresholds: Threshold[];
  blanks: string[];
  limit: number | null;
  /** Words that mean nothing here; whoever plans must not drop them. */
  unknown: Word[];
  /** Misspelt words and what they were read as. */
  corrected: { from: string; to: string }[];
}

/** Words that a misspelling is never taken for, and that are never taken for a misspelling. */
const KEEP = new Set(
  'terminate crossing severity sending senses coast host hosts cast dairy party post lost loss past data date dates team teams term terms said sand send sends mind ones tone done gone note both bath path rain main man men test tests text true trade space place phone house stove movie movies joke jokes weather lunch dinner song poem recipe code coder write read email mail file files people person cats dogs love hate life time name names game games news sports score food music water power story stories math play world word words'.split(
    ' ',
  ),
);

function claimed(word: Word, places: readonly Place[]): boolean {
  return places.some((place) => word.start < place.end && place.start < word.end);
}

/** The question read with the estate's names, the present and the data's reach. */
export function read(text: string, context: ReadContext): Reading {
  const { catalog, now } = context;
  const names = namesOf(catalog);
  const words = wordsOf(text);
  const { periods, comparison } = findPeriods(text, {
    now,
    dataThrough: catalog.dataThrough,
    dataFrom: catalog.dataFrom,
  });
  const written = writtenNames(text, context, names);
  const thresholds = findThresholds(text);
  const blanks = findBlanks(text);
  const timePlaces = [...periods, ...(comparison?.spans ?? [])];
  const free = words.map((word) => !claimed(word, [...thresholds, ...blanks, ...written, ...timePlaces]));
  const { texts, corrected } = correct(words, free, names, context);
  const scanned = withoutParts(scan(text, words, texts, free, names), text, words);
  const mentions = [...written, ...scanned].sort((a, b) => a.from - b.from);
  const limit = findLimit(words, texts, free, mentions);
  const unknown = words.filter(
    (_, index) =>
      free[index] &&
      index !== limit?.at &&
      !isAdverb(words[index]?.text ?? '') &&
      !mentions.some((mention) => index >= mention.from && index < mention.to),
  );
  return {
    text,
    words,
    mentions,
    periods,
    comparison,
    thresholds,
    unknown,
    corrected,
    blanks: blanks.map((blank) => blank.text),
    limit: limit?.count ?? null,
  };
}

function mentionAt(text: string, words: Word[], place: Place, name: Name): Mention {
  const inside = words.flatMap((word, index) => (claimed(word, [place]) ? [index] : []));
  const from = inside[0] ?? 0;
  return {
    ...place,
    from,
    to: (inside.at(-1) ?? from) + 1,
    text: text.slice(place.start, place.end),
    senses: [],
    names: [name],
    partial: [],
  };
}

/** Names that stand as written: resource ids, zones, 'env=prod', looked-up resources, quoted names. */
function writtenNames(text: string, { catalog, resources }: ReadContext, names: EstateNames): Mention[] {
  const words = wordsOf(text);
  const found: Mention[] = [];
  const add = (place: Place, name: Name): void => {
    if (!found.some((other) => place.start < other.end && other.start < place.end))
      found.push(mentionAt(text, words, place, name));
  };
  for (const id of findResourceIds(text)) add(id, oneOf('resource_id', id.text));
  for (const resource of resources) {
    for (const label of [resource.id, resource.name ?? '']) {
      const start = label === '' ? -1 : plain(text).indexOf(plain(label));
      if (start >= 0)
        add(
          { start, end: start + label.length },
          { ...oneOf('resource_id', resource.id), label: resource.name ?? resource.id },
        );
    }
  }
  for (const zone of findZones(text)) add(zone, oneOf('availability_zone', zone.text.toLowerCase()));
  for (const pair of findPairs(text)) {
    const name = pairName(pair.key, pair.value, catalog, names);
    if (name) add(pair, name);
  }
  for (const quoted of findQuoted(text)) {
    const texts = wordTexts(quoted.inner);
    const [ordinary] = names.ordinary.get(texts.join(' ')) ?? [];
    const known = names.table.longest(texts, 0) ?? senses.longest(texts, 0);
    if (ordinary !== undefined) add(quoted, ordinary);
    else if (known?.length !== texts.length) add(quoted, { kind: 'absent', what: 'name', label: quoted.inner });
  }
  return found;
}

function oneOf(dimension: string, value: string): Extract<Name, { kind: 'filter' }> {
  return { kind: 'filter', dimension, operator: 'in', values: [value], label: value, certain: true };
}

const squeeze = (text: string): string => plain(text).replace(/[^\p{L}\p{N}]/gu, '');

function pairName(key: string, value: string, catalog: Catalog, names: EstateNames): Name | null {
  const tag = catalog.tagKeys.find((candidate) => squeeze(candidate.key) === squeeze(key));
  const family = senses
    .longest([plain(key)], 0)
    ?.values.find((sense) => sense.startsWith('family:'))
    ?.slice(7);
  const dimension = tag ? `tag:${tag.key}` : family ? names.keyFor(family) : null;
  if (dimension === null) return null;
  const values = catalog.tagKeys.find((candidate) => `tag:${candidate.key}` === dimension)?.values ?? [];
  const exact = values.find((candidate) => candidate.toLowerCase() === value.toLowerCase());
  if (exact === undefined && values.length > 0) return { kind: 'absent', what: 'value', dimension, label: value };
  return oneOf(dimension, exact ?? value);
}

/** Word texts with slips of the hand put right, where one known word is near and the word itself means nothing. */
function correct(words: Word[], free: boolean[], names: EstateNames, { resources }: ReadContext) {
  const corrected: { from: string; to: string }[] = [];
  const texts = words.map((word, index) => {
    const { text } = word;
    // 'In the US' is a place, 'show us' is not.
    if (word.raw === 'US' && /^(in|the)$/.test(words[index - 1]?.text ?? '')) return 'usa';
    const known = senses.words.has(text) || names.table.words.has(text) || names.byWord.has(text);
    if (
      !free[index] ||
      known ||
      toCount(text) !== null ||
      text.length < 4 ||
      KEEP.has(text) ||
      /\d/.test(text) ||
      resources.length > 0
    )
      return text;
    const near = nearest(text, allWords(names));
    const [to] = near;
    if (near.length !== 1 || to === undefined || dropsWord(text, to, names)) return text;
    corrected.push({ from: word.raw, to });
    return to;
  });
  return { texts, corrected };
}

/** A misspelling is not taken for a word without meaning, which would drop it, unless letters were only swapped. */
function dropsWord(text: string, to: string, names: EstateNames): boolean {
  const meaning = senses.longest([to], 0)?.values ?? [];
  const empty = meaning.length > 0 && meaning.every((sense) => sense === 'fill') && !names.table.words.has(to);
  return empty && [...text].sort().join('') !== [...to].sort().join('');
}

const wordLists = new WeakMap<EstateNames, Set<string>>();

function allWords(names: EstateNames): Set<string> {
  let list = wordLists.get(names);
  if (list === undefined) {
    list = new Set([...senses.words, ...names.table.words, ...names.byWord.keys()].filter((word) => !KEEP.has(word)));
    wordLists.set(names, list);
  }
  return list;
}

function scan(text: string, words: Word[], texts: string[], free: boolean[], names: EstateNames): Mention[] {
  const found: Mention[] = [];
  for (let at = 0; at < words.length; at += 1) {
    if (!free[at]) continue;
    let until = at;
    while (until < words.length && free[until]) until += 1;
    const sense = senses.longest(texts, at, until);
    const name = names.table.longest(texts, at, until);
    const length = Math.max(sense?.length ?? 0, name?.length ?? 0);
    const partial = names.byWord.get(texts[at] ?? '') ?? [];
    if (length === 0 && partial.length === 0) continue;
    const to = at + Math.max(length, 1);
    found.push({
      from: at,
      to,
      start: words[at]?.start ?? 0,
      end: words[to - 1]?.end ?? 0,
      text: text.slice(words[at]?.start, words[to - 1]?.end),
      senses: sense?.length === length ? sense.values : [],
      names: name?.length === length ? name.values : [],
      partial: length <= 1 ? partial : [],
    });
    at = to - 1;
  }
  return found;
}

/** Adverbs colour a question and narrow nothing; those that do ('daily', 'monthly') are known words. */
const isAdverb = (text: string): boolean => text.length >= 5 && text.endsWith('ly') && !NOT_ADVERBS.has(text);

const NOT_ADVERBS = new Set(['apply', 'reply', 'supply', 'family', 'assembly', 'italy', 'anomaly', 'multiply']);

const JOINED = /[\p{L}\p{N}]+(?:[-_.:][\p{L}\p{N}]+)+/gu;

/** Words that people hang on a name with a hyphen: 'non-prod', 'S3-by-region', 'team-level'. */
const HUNG = new Set(
  'non pre level wide based specific only related by per vs and or cross inter team account env environment app application service project cost costs spend region month day week heavy tagged owned side to of s aws amazon'.split(
    ' ',
  ),
);

/** A name that is only a part of a longer joined name ('search' of 'search-cache-7') is not that name; the whole is unknown. */
function withoutParts(mentions: Mention[], text: string, words: Word[]): Mention[] {
  const chunks = [...text.matchAll(JOINED)].map((match) => ({
    start: match.index,
    end: match.index + match[0].length,
  }));
  return mentions.filter((mention) => {
    const named = mention.names.length > 0 || (mention.partial.length > 0 && mention.senses.length === 0);
    const chunk = chunks.find(({ start, end }) => mention.start >= start && mention.end <= end);
    if (!named || chunk === undefined || (mention.start === chunk.start && mention.end === chunk.end)) return true;
    const rest = words.filter((word) => claimed(word, [chunk]) && !claimed(word, [mention]));
    return rest.every(
      (word) =>
        HUNG.has(word.text) ||
        mentions.some((other) => other.names.length === 0 && other.senses.some(isKindWord) && claimed(word, [other])),
    );
  });
}

const isKindWord = (sense: string): boolean => /^(dim|family|noun|cost|neg|unit)/.test(sense);

const BEFORE_COUNT = new Set(
  'top bottom first best worst limit number show list give biggest largest highest lowest smallest'.split(' '),
);

/** The count of 'top 5', 'the five biggest', '3 accounts'. */
function findLimit(
  words: Word[],
  texts: string[],
  free: boolean[],
  mentions: Mention[],
): { at: number; count: number } | null {
  for (const [at, text] of texts.entries()) {
    const count = toCount(text);
    if (!free[at] || count === null || count < 1 || count > 500) continue;
    if (BEFORE_COUNT.has(texts[at - 1] ?? '')) return { at, count };
    const next = mentions.filter((mention) => mention.from > at && mention.from <= at + 5);
    const counted = next.find((mention) =>
      mention.senses.some((sense) => /^(dim|family|noun|rank|drivers|extreme)/.test(sense)),
    );
    const gap =
      counted &&
      words
        .slice(at + 1, counted.from)
        .every((_, index) => mentions.some((mention) => at + 1 + index >= mention.from && at + 1 + index < mention.to));
    if (counted && gap && count > 1) return { at, count };
  }
  return null;
}

export function toCount(text: string): number | null {
  if (/^\d{1,3}$/.test(text)) return Number(text);
  // 'the second one' counts nothing.
  if (text === 'one') return null;
  return Object.hasOwn(NUMBER_WORDS, text) ? (NUMBER_WORDS[text] ?? null) : null;
}
