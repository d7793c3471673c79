import type { FoundComparison, FoundPeriod } from '../../tools/period.ts';
import type { Threshold } from './amounts.ts';
import { REPLACEABLE_FAMILIES } from './lexicon/environments.ts';
import { type EstateNames, namesOf } from './names.ts';
import { type Mention, type ReadContext, type Reading, read } from './read.ts';
import { dimensionOf, isPlural, type NamedFilter, type Resolution, resolveNames, wordsBetween } from './resolve.ts';
import { Scope } from './scope.ts';

export interface Filter {
  dimension: string;
  operator: 'in' | 'not in' | 'contains' | 'is null' | 'is not null';
  values: string[];
  label: string;
  /** How many names were given for it. */
  named: number;
  /** Place among the words, for telling what a question is about from what it is narrowed to. */
  at: number;
}

/** What a clause of a question asks for, piece by piece; nothing is filled in that was not said. */
export interface Slots {
  reading: Reading;
  flags: Set<string>;
  metric: string | null;
  metrics: string[];
  credits: 'in' | 'out' | null;
  period: FoundPeriod | null;
  periods: FoundPeriod[];
  comparison: FoundComparison | null;
  groups: string[];
  /** The thing asked for is one ('which team') rather than several. */
  one: boolean;
  filters: Filter[];
  /** What 'including X' named: it narrows nothing, but it can take back an earlier 'excluding X'. */
  included: NamedFilter[];
  /** Kinds of resource named ('bucket'), with whether they are what to break down by. */
  nouns: { kind: string; grouped: boolean }[];
  /** Kinds of tag named for which this estate has no key. */
  missing: { family: string; text: string }[];
  order: 'descending' | 'ascending' | null;
  move: 'rising' | 'falling' | 'any' | null;
  /** Both 'rising' and 'falling' are asked for. */
  moves: ('rising' | 'falling' | 'any')[];
  limit: number | null;
  threshold: Threshold | null;
  unit: 'day' | 'week' | 'month' | 'quarter' | 'year' | null;
  /** 'any': days or months, whichever the period has room for. */
  extreme: { unit: 'day' | 'week' | 'month' | 'any'; order: 'descending' | 'ascending' } | null;
  about: string | null;
  state: string | null;
  /** 'pricing:...' and 'commitment:...' senses in their order. */
  pricing: { sense: string; negated: boolean; at: number }[];
  ambiguous: Resolution['ambiguous'];
  absent: Resolution['absent'];
  unknown: string[];
}

const CHARGES: Record<string, string> = {
  Tax: 'tax',
  Credit: 'credits',
  Adjustment: 'refunds',
  Purchase: 'purchases',
  Usage: 'usage charges',
};

/** What a filter may list at most. */
const MOST_VALUES = 200;

/** The walk over the mentions of a clause that fills its slots. */
class Filling {
  readonly slots: Slots;
  private readonly names: EstateNames;
  private readonly catalog: ReadContext['catalog'];
  private readonly resolution: Resolution;
  private readonly reading: Reading;
  private readonly scope = new Scope();
  private exclusion = '';
  /** Where the last name that a scope looked at ended. */
  private reached = 0;

  constructor(reading: Reading, context: ReadContext) {
    this.reading = reading;
    this.names = namesOf(context.catalog);
    this.catalog = context.catalog;
    this.resolution = resolveNames(reading, this.names);
    this.slots = {
      reading,
      flags: new Set(),
      metric: null,
      metrics: [],
      credits: null,
      period: reading.periods.find((period) => !insideComparison(period, reading)) ?? null,
      periods: reading.periods,
      comparison: reading.comparison,
      groups: [],
      one: false,
      filters: [],
      included: [],
      nouns: [],
      missing: [],
      order: null,
      move: null,
      moves: [],
      limit: reading.limit,
      threshold: reading.thresholds[0] ?? null,
      unit: null,
      extreme: null,
      about: null,
      state: null,
      pricing: [],
      ambiguous: this.resolution.ambiguous,
      absent: this.resolution.absent,
      unknown: reading.unknown.map((word) => word.raw),
    };
  }

  run(): Slots {
    for (const mention of this.reading.mentions) this.take(mention);
    this.leftovers();
    return this.slots;
  }

  private take(mention: Mention): void {
    const filter = this.resolution.filters.get(mention);
    if (filter) this.addFilter(filter, mention);
    if (filter || this.resolution.hints.has(mention)) return;
    if (this.isNegation(mention)) {
      this.openScope('exclude', mention);
      this.exclusion = mention.text;
      return;
    }
    if (mention.senses.includes('incl')) this.openScope('include', mention);
    for (const sense of this.sensesOf(mention)) this.takeSense(sense, mention);
    if (mention.senses.length === 0) this.takeKey(mention);
  }

  /** A tag key that is no word of the field ('cost_center' is one, 'squadron' is not). */
  private takeKey(mention: Mention): void {
    if (mention.names.some((name) => name.kind === 'key')) this.takeDimension(mention);
  }

  private isNegation(mention: Mention): boolean {
    // 'All but one' leaves out, 'but' alone only joins.
    const allBut =
      mention.text.toLowerCase() === 'but' &&
      /\b(?:all|every\w*|any\w*)\b/i.test(this.reading.text.slice(0, mention.start));
    return allBut || (mention.senses.includes('neg') && !mention.senses.some((sense) => sense.startsWith('credits')));
  }

  /** The senses that count: 'fill' only where there is nothing else. */
  private sensesOf(mention: Mention): string[] {
    return mention.senses.filter((sense) => sense !== 'fill');
  }

  private openScope(kind: 'exclude' | 'include', mention: Mention, names = 0): void {
    this.scope.open(kind, names);
    this.reached = mention.to;
  }

  /** Whether the 'excluding' or 'including' before a name reaches it. */
  private reach(mention: Mention): 'exclude' | 'include' | null {
    const reached = this.scope.takeName(wordsBetween(this.reading, this.reached, mention.from));
    this.reached = mention.to;
    return reached;
  }

  private addFilter(filter: NamedFilter, mention: Mention): void {
    const reached = this.reach(mention);
    if (reached === 'include') {
      this.slots.included.push(filter);
      return;
    }
    // Only whole values can be left out, so 'without data transfer' names each usage type it means.
    const whole = reached === 'exclude' && filter.operator === 'contains' ? this.wholeValues(filter) : filter;
    const operator = reached === 'exclude' ? 'not in' : filter.operator;
    const known = this.slots.filters.find(
      (other) => other.dimension === filter.dimension && other.operator === operator,
    );
    if (known) joinFilter(known, whole);
    else this.slots.filters.push({ ...whole, operator, at: mention.from, named: 1 });
    this.alsoNoun(mention);
  }

  private wholeValues(filter: NamedFilter): NamedFilter {
    const all = filter.dimension === 'x_instance_type' ? this.catalog.instanceTypes : this.catalog.usageTypes;
    const values = all.filter((value) => filter.values.some((part) => value.includes(part)));
    return { ...filter, values: values.slice(0, MOST_VALUES) };
  }

  /** 'Lambda functions' names a service and a kind of resource at once. */
  private alsoNoun(mention: Mention): void {
    const noun = mention.senses.find((sense) => sense.startsWith('noun:'));
    if (noun) this.addNoun(noun.slice(5), mention);
  }

  private wordBefore(mention: Mention, back = 1): string {
    return this.reading.words[mention.from - back]?.text ?? '';
  }

  private takeSense(sense: string, mention: Mention): void {
    const { slots } = this;
    const [kind = '', value = '', extra] = sense.split(':');
    this.scope.passSense(sense);
    if (kind === 'dim' || kind === 'family') this.takeDimension(mention);
    else if (kind === 'noun') this.addNoun(value, mention);
    else if (kind === 'metric') {
      slots.metric ??= value;
      if (!slots.metrics.includes(value)) slots.metrics.push(value);
      slots.flags.add('cost');
    } else if (kind === 'credits') this.takeCredits(value as 'in' | 'out', mention);
    else if (kind === 'charge') this.takeCharge(value, mention);
    else if (kind === 'class') this.addCharge('charge_class', value, 'corrections', mention);
    else if (kind === 'pricing' || kind === 'commitment')
      slots.pricing.push({ sense, negated: this.scope.excluding, at: mention.from });
    else if (kind === 'unit') slots.unit ??= value as Slots['unit'];
    else if (kind === 'extreme')
      slots.extreme ??= { unit: value as 'day', order: extra === 'asc' ? 'ascending' : 'descending' };
    else if (kind === 'rank') slots.order ??= value as 'descending';
    else if (kind === 'move' && !this.isParticle(mention)) this.takeMove(value as 'rising');
    else if (kind === 'about') slots.about ??= value;
    else if (kind === 'state') this.takeState(value, mention);
    else if (kind === 'fastest') this.takeFastest(value as 'rising');
    else slots.flags.add(sense);
  }

  /** 'Including credits and tax' goes on to name what else is in. */
  private takeCredits(value: 'in' | 'out', mention: Mention): void {
    if (this.slots.credits !== null && this.slots.credits !== value) this.slots.flags.add('both credits');
    this.slots.credits = value;
    if (value === 'in') this.openScope('include', mention, 1);
    if (/^(exclud|without\b|ignor|no\b)/i.test(mention.text)) {
      this.openScope('exclude', mention, 1);
      this.exclusion = mention.text;
    }
  }

  /** 'Fastest growing' and 'percentage increase' rank by percent; 'including percentages' only wants to see them. */
  private takeFastest(move: 'rising' | 'falling' | 'any'): void {
    if (this.scope.including) return;
    this.slots.flags.add('fastest');
    this.takeMove(move);
  }

  /** The 'down' of 'break it down' and the 'up' of 'add up' say nothing of a direction. */
  private isParticle(mention: Mention): boolean {
    if (!/^(up|down)$/i.test(mention.text)) return false;
    const before = wordsBetween(this.reading, Math.max(0, mention.from - 6), mention.from).join(' ');
    return /\b(break|breaks|breaking|broken|drill|narrow|split|roll|sum|add|adds|look|show|pull|bring|set|end|summed|wrap)\b/.test(
      before,
    );
  }

  /** 'running instances' names the state and the kind at once. */
  private takeState(value: string, mention: Mention): void {
    this.slots.state ??= value;
    if (/instances?|machines|servers/i.test(mention.text)) this.addNoun('instance', mention);
    if (/databases/i.test(mention.text)) this.addNoun('database', mention);
  }

  private takeMove(move: 'rising' | 'falling' | 'any'): void {
    if (!this.slots.moves.includes(move)) this.slots.moves.push(move);
    if (this.slots.move === null || this.slots.move === 'any') this.slots.move = move;
  }

  private takeCharge(value: string, mention: Mention): void {
    if (value === 'Credit') {
      const reached = this.reach(mention);
      if (reached !== null) this.slots.credits = reached === 'exclude' ? 'out' : 'in';
      else {
        this.slots.credits = 'in';
        this.addCharge('charge_category', value, 'credits', mention);
      }
      return;
    }
    this.addCharge('charge_category', value, CHARGES[value] ?? value, mention);
  }

  private addCharge(dimension: string, value: string, label: string, mention: Mention): void {
    this.slots.flags.add('charge');
    this.addFilter({ dimension, operator: 'in', values: [value], label }, mention);
  }

  private addNoun(kind: string, mention: Mention): void {
    const grouped =
      this.leads(mention) ||
      (this.slots.order !== null && isPlural(mention)) ||
      /expensive|costliest|priciest|biggest|largest/.test(
        wordsBetween(this.reading, mention.from - 2, mention.from).join(' '),
      );
    if (!this.slots.nouns.some((noun) => noun.kind === kind)) this.slots.nouns.push({ kind, grouped });
  }

  private takeDimension(mention: Mention): void {
    const found = dimensionOf(mention, this.names);
    if (found === null) return;
    if (this.scope.excluding && this.isTagLike(found)) this.takeMissingTag(found, mention);
    else if (found.family === 'tag') this.takeTagWord(mention);
    else if (found.dimension === 'resource_id' && !this.leads(mention)) this.takeResources();
    else if (this.isGrouping(mention)) this.takeGroup(found, mention);
    else this.takeReference(mention, found.dimension);
  }

  /** 'Resources' alone are what a question is about; ranked, they are also what it breaks down by. */
  private takeResources(): void {
    this.slots.flags.add('resources');
    if (this.slots.order !== null) this.addGroup('resource_id', false);
  }

  private takeGroup(found: { dimension: string | null; family?: string }, mention: Mention): void {
    const dimension = found.dimension ?? REPLACEABLE_FAMILIES[found.family ?? ''] ?? null;
    if (dimension === null) this.miss(found.family, mention);
    else this.addGroup(dimension, !isPlural(mention));
  }

  private addGroup(dimension: string, one: boolean): void {
    if (this.slots.groups.includes(dimension)) return;
    if (this.slots.groups.length === 0) this.slots.one = one;
    this.slots.groups.push(dimension);
  }

  private miss(family: string | undefined, mention: Mention): void {
    this.slots.missing.push({ family: family ?? mention.text, text: mention.text });
  }

  private isTagLike(found: { dimension: string | null; family?: string }): boolean {
    return found.family !== undefined || (found.dimension ?? '').startsWith('tag:');
  }

  /** 'without an owner', 'no team tag'. */
  private takeMissingTag(found: { dimension: string | null; family?: string }, mention: Mention): void {
    if (found.family === 'tag') {
      this.slots.flags.add('untagged');
      this.scope.takeName([]);
      return;
    }
    if (found.dimension === null) this.miss(found.family, mention);
    else
      this.slots.filters.push({
        dimension: found.dimension,
        operator: 'is null',
        values: [],
        label: `no ${mention.text.replace(/ tags?$/, '')}`,
        at: mention.from,
        named: 1,
      });
    this.scope.takeName([]);
  }

  /** The word 'tag' alone: the key stands beside it, or none was named. */
  private takeTagWord(mention: Mention): void {
    const beside = this.reading.mentions.some(
      (other) => (other.to === mention.from || other.from === mention.to) && dimensionOf(other, this.names)?.dimension,
    );
    if (!beside) this.slots.flags.add(this.leads(mention) ? 'bytag' : 'tag');
  }

  /** Words such as 'by', 'per' and 'which' before a dimension, other words of no meaning between. */
  private leads(mention: Mention): boolean {
    for (let back = 1; back <= 6; back += 1) {
      const text = this.wordBefore(mention, back);
      if (/^(by|per|each|every|which|what|across|among|between|whose)$/.test(text)) return true;
      const place = mention.from - back;
      const other = this.reading.mentions.find((one) => place >= one.from && place < one.to);
      const passed =
        other !== undefined &&
        (other.senses.some((sense) => /^(fill|rank|dim|family|total|cost|metric)/.test(sense)) ||
          this.resolution.filters.has(other) ||
          this.resolution.hints.has(other));
      const counted = /^\d{1,3}$/.test(text) || other === undefined;
      if (text === '' || (!passed && !counted)) return false;
      if (/^(for|in|from|on|with)$/.test(text)) return false;
    }
    return false;
  }

  private isGrouping(mention: Mention): boolean {
    if (/^(per|which|each|by|what|who)\b/i.test(mention.text)) return true;
    if (this.leads(mention)) return true;
    const before = this.wordBefore(mention);
    if (/^(this|that|the|same|my|our|your|a|an|its)$/.test(before)) return isPlural(mention);
    return true;
  }

  /** 'this service', 'that account': something named before. */
  private takeReference(mention: Mention, dimension: string | null): void {
    if (/^(this|that|same)$/.test(this.wordBefore(mention)) && dimension) this.slots.flags.add(`ref:${dimension}`);
  }

  /** 'The cheapest day' and 'lowest spend month': a ranking of days or months themselves. */
  private takeExtreme(): void {
    const { slots } = this;
    if (slots.extreme && slots.order === 'ascending') slots.extreme.order = 'ascending';
    if (slots.extreme || slots.order === null || slots.groups.length > 0) return;
    if (/^\W*when\b/i.test(this.reading.text)) slots.extreme = { unit: 'any', order: slots.order };
    const named = this.timeWord() ?? slots.unit;
    if (named === 'day' || named === 'week' || named === 'month') slots.extreme = { unit: named, order: slots.order };
  }

  /** 'Day' or 'months' where they are part of no period and no 'per day'. */
  private timeWord(): string | undefined {
    const word = this.reading.mentions.find(({ senses }) => senses.includes('timeword'));
    return word?.text.toLowerCase().replace(/s$/, '');
  }

  /** What something would have cost on demand is its list price, whatever was paid. */
  private takeWould(): void {
    const { slots } = this;
    if (!/\bwould\b/i.test(this.reading.text) || !slots.pricing.some(({ sense }) => sense === 'pricing:Standard'))
      return;
    slots.pricing = slots.pricing.filter(({ sense }) => sense !== 'pricing:Standard');
    slots.metric = 'list_cost';
    slots.metrics = ['list_cost'];
  }

  /** 'Where team is empty' says the same as 'without a team'. */
  private takeEmpty(): void {
    const { slots } = this;
    const dimension = slots.flags.has('isempty')
      ? slots.groups.findLast((group) => group.startsWith('tag:'))
      : undefined;
    if (dimension === undefined) return;
    slots.groups = slots.groups.filter((group) => group !== dimension);
    slots.filters.push({ dimension, operator: 'is null', values: [], label: 'empty', at: 0, named: 1 });
  }

  private leftovers(): void {
    this.takeExtreme();
    const { slots } = this;
    if (slots.flags.has('inpercent')) slots.flags.add(slots.move === null ? 'share' : 'fastest');
    this.takeWould();
    this.takeEmpty();
    if (this.scope.reachedNothing && !/^(no|not|non)$/i.test(this.exclusion)) slots.flags.add('negation without name');
  }
}

/** Two words for the same thing narrow to the narrower; different things are added up. */
function joinFilter(known: Filter, more: NamedFilter): void {
  const covers = (wide: string[], narrow: string[]): boolean => narrow.every((value) => wide.includes(value));
  if (covers(known.values, more.values)) {
    if (known.named === 1) Object.assign(known, { values: more.values, label: more.label });
    return;
  }
  if (covers(more.values, known.values)) return;
  known.values = [...known.values, ...more.values.filter((value) => !known.values.includes(value))];
  known.label = `${known.label} and ${more.label}`;
  known.named += 1;
}

function insideComparison(period: FoundPeriod, { comparison }: Reading): boolean {
  return comparison?.spans.some((span) => period.start >= span.start && period.end <= span.end) ?? false;
}

/** What one clause asks for. */
export function slotsOf(text: string, context: ReadContext): Slots {
  return new Filling(read(text, context), context).run();
}
