import { dimensionWord } from '../../tools/dimension-words.ts';
import type { Decision } from './decide.ts';
import { namesOf } from './names.ts';
import type { Mention } from './read.ts';
import { dimensionOf, isPlural } from './resolve.ts';
import { isAboutResources, PARTS, serviceOf } from './resources.ts';
import type { Slots } from './slots.ts';
import type { CallContext } from './time.ts';
import { accountName, listed, shortName, someOf, subjectOf, suggest } from './wording.ts';

const FALLBACK = [
  'What is the cost{of} so far this month?',
  'What are the top 5 services by cost last month?',
  'What changed in the last 30 days?',
];

/** What keeps a clause from being answered as it stands: a name that can be several things, or none here. */
export function obstacle(slots: Slots, context: CallContext): Decision | null {
  return (
    unfilled(slots) ??
    unclear(slots) ??
    absentName(slots, context) ??
    missingTag(slots, context) ??
    unknownWords(slots, context) ??
    untoldTime(slots) ??
    badPeriod(slots) ??
    untoldPart(slots, context) ??
    unclearReference(slots) ??
    unclearNegation(slots) ??
    trackedSavings(slots)
  );
}

function unfilled({ reading }: Slots): Decision | null {
  const [blank] = reading.blanks;
  if (blank === undefined) return null;
  const fill = reading.text.replace(blank, '{reply}');
  return { kind: 'clarify', text: `What should I put in place of "${blank}"?`, options: [], fill };
}

function unclear(slots: Slots): Decision | null {
  const [first] = slots.ambiguous;
  if (first === undefined) return null;
  const options = first.options.map((option) => `${dimensionWord(option.dimension)} ${option.label}`);
  return {
    kind: 'clarify',
    text: `"${first.text}" can mean ${listed(options.slice(0, 5), 'or')}. Which one do you mean?`,
    options: options.slice(0, 5),
    fill: slots.reading.text.replace(first.text, '{reply}'),
  };
}

function absentName(slots: Slots, context: CallContext): Decision | null {
  const [first] = slots.absent;
  if (first === undefined) return null;
  const { catalog } = context;
  const known: Record<string, string> = {
    service: `Services in it include ${someOf(catalog.services.map((service) => service.name))}.`,
    region: `The regions in it are ${someOf(catalog.regions, 10)}.`,
    category: `Its service categories are ${someOf([...new Set(catalog.services.flatMap((service) => service.category ?? []))], 10)}.`,
    vendor: `It holds ${someOf(catalog.providers?.length ? catalog.providers : catalog.services.map((service) => service.name))}.`,
    value: `The values of ${dimensionWord(first.dimension ?? '')} are ${someOf(valuesOf(first.dimension, context), 10)}.`,
    name: `The accounts in it are ${someOf(catalog.accounts.map(accountName))}.`,
  };
  return {
    kind: 'decline',
    reason: 'not in the data',
    text: `There is nothing called ${isSpeakable(first.label) ? `"${first.label}"` : 'that'} in the bill I can see. ${known[first.what] ?? ''}${outside(context)}`.trim(),
    suggestions: suggest(
      ['What are the top 5 services by cost last month?', 'What did each account cost last month?'],
      '',
    ),
  };
}

/** Nothing there, or not for this person: said when both are possible. */
const outside = ({ catalog }: CallContext): string =>
  catalog.isPartial ? ' You see a part of the bill; if it lies outside of that, ask an admin of Penny for access.' : '';

function valuesOf(dimension: string | undefined, { catalog }: CallContext): string[] {
  if (dimension === 'sub_account_id') return catalog.accounts.map(accountName);
  if (dimension === 'region_id') return catalog.regions;
  if (dimension === 'service_name') return catalog.services.map(({ name }) => name);
  return catalog.tagKeys.find(({ key }) => `tag:${key}` === dimension)?.values ?? [];
}

/** 'EBS volumes' where the bill does not say which usage is theirs. */
function untoldPart(slots: Slots, context: CallContext): Decision | null {
  const part = slots.nouns.find(({ kind }) => PARTS.has(kind));
  const told = slots.filters.some((filter) => /^(x_usage_type|resource_id)$/.test(filter.dimension));
  if (part === undefined || told || isAboutResources(slots)) return null;
  const service = serviceOf(part.kind, context);
  return {
    kind: 'decline',
    reason: 'not in the data',
    text: `The bill I can see does not tell ${part.kind} costs apart.`,
    suggestions: service
      ? [`What did ${shortName(service)} cost by usage type last month?`]
      : ['What are the top 5 services by cost last month?'],
  };
}

function unclearReference(slots: Slots): Decision | null {
  for (const flag of slots.flags) {
    const dimension = flag.startsWith('ref:') ? flag.slice(4) : null;
    if (dimension && !slots.filters.some((filter) => filter.dimension === dimension)) {
      return { kind: 'clarify', text: `Which ${dimensionWord(dimension)} do you mean?`, options: [] };
    }
  }
  return null;
}

function unclearNegation(slots: Slots): Decision | null {
  if (!slots.flags.has('negation without name')) return null;
  const text = 'I understood that something should be left out or is missing, but not what.';
  return {
    kind: 'clarify',
    text,
    options: ['Cost by service without tax last month', 'Cost without a team tag last month'],
  };
}

/** 'How much did we save' is about measures taken unless it names discounts, commitments or list prices. */
function trackedSavings(slots: Slots): Decision | null {
  if (!slots.flags.has('savings')) return null;
  const priced =
    slots.flags.has('discount') ||
    slots.pricing.length > 0 ||
    slots.metrics.some((metric) => metric === 'list_cost' || metric === 'contracted_cost');
  if (priced) return null;
  return { kind: 'call', calls: [{ tool: 'show_savings', input: {}, shape: { subject: '' } }], caveats: [] };
}

function missingTag(slots: Slots, { catalog }: CallContext): Decision | null {
  const [missing] = slots.missing;
  if (missing === undefined) return null;
  const keys = catalog.tagKeys.map(({ key }) => key);
  const lead = `The bill has no tag for ${missing.family}.`;
  if (keys.length === 0) {
    const suggestions = ['What did each account cost last month?'];
    return { kind: 'decline', reason: 'no such tag', text: `${lead} Nothing in it is tagged.`, suggestions };
  }
  return {
    kind: 'clarify',
    text: `${lead} Its tags are ${someOf(keys, 10)}. Which of them do you mean?`,
    options: keys.slice(0, 4),
    fill: slots.reading.text.replace(missing.text, '{reply}'),
  };
}

function unknownWords(slots: Slots, context: CallContext): Decision | null {
  const { unknown } = slots.reading;
  if (unknown.length === 0) return null;
  return unknownName(slots, context) ?? unknownOther(slots);
}

/** 'The zephyr team' and 'project apollo' name something of a kind; the kind is known, the name is not. */
function unknownName({ reading, filters }: Slots, context: CallContext): Decision | null {
  const names = namesOf(context.catalog);
  for (const word of reading.unknown) {
    const at = reading.words.indexOf(word);
    // A name stands before its kind ('the zephyr team') or after the one thing it is of ('project apollo').
    const isKind = (mention: Mention): boolean => Boolean(dimensionOf(mention, names)?.dimension);
    const beside =
      reading.mentions.find((mention) => mention.from === at + 1 && isKind(mention)) ??
      reading.mentions.find((mention) => mention.to === at && isKind(mention) && !isPlural(mention));
    const dimension = beside ? dimensionOf(beside, names)?.dimension : null;
    if (!dimension || !isSpeakable(word.raw)) continue;
    const known = valuesOf(dimension, context);
    if (known.length === 0) continue;
    return {
      kind: 'decline',
      reason: 'not in the data',
      text: `There is no ${dimensionWord(dimension)} called "${word.raw}" in the bill I can see. There are ${someOf(known, 8)}.`,
      suggestions: suggest(
        [`What did each ${dimensionWord(dimension)} cost last month?`, ...FALLBACK],
        subjectOf(filters),
      ),
    };
  }
  return null;
}

function unknownOther({ reading, filters }: Slots): Decision {
  const words = [...new Set(reading.unknown.map(({ raw }) => raw))].filter(isSpeakable).slice(0, 4);
  const named =
    words.length > 0
      ? `${listed(words.map((word) => `"${word}"`))} as anything in this bill`
      : 'a name or number in that question';
  return {
    kind: 'decline',
    reason: 'not understood',
    text: `I do not know ${named}, and leaving it out could give you the answer to another question.`,
    suggestions: suggest(FALLBACK, subjectOf(filters)),
  };
}

/** Numbers in a text must stand in a result, so a name that reads as a number is not repeated. */
const isSpeakable = (word: string): boolean => !/(?<![\w.,-])\d/.test(word);

/** Days of the week cannot be added up, and a 'week' that belongs to nothing else must not be dropped. */
function untoldTime(slots: Slots): Decision | null {
  const { flags, extreme, unit } = slots;
  const suggestions = suggest(
    ['Daily cost{of} for the last 30 days', 'Monthly cost{of} for the last 6 months'],
    subjectOf(slots.filters),
  );
  if (flags.has('weekday')) {
    const text = 'I can show each day, but I cannot add up days of the week or hours.';
    return { kind: 'decline', reason: 'period', text, suggestions };
  }
  if (!flags.has('timeword') || extreme || unit) return null;
  return { kind: 'decline', reason: 'period', text: 'I did not understand which days you mean.', suggestions };
}

/** Days that do not exist are asked back here; days without data go to the tool, which says what the data covers. */
function badPeriod(slots: Slots): Decision | null {
  const problem = slots.periods.find((period) => period.problem)?.problem;
  const reason = problem?.details?.reason;
  if (
    problem === undefined ||
    slots.period?.period ||
    reason === 'future' ||
    reason === 'outside_data' ||
    reason === 'data_stale'
  )
    return null;
  const suggestions = problem.details?.suggestions;
  const options = Array.isArray(suggestions) ? suggestions.map(String) : [];
  const text =
    reason === 'empty'
      ? 'That period ends before it starts.'
      : 'One of the days named does not exist, or can be read as two different days.';
  return {
    kind: 'decline',
    reason: 'period',
    text,
    suggestions: options.map((option) => `What did we spend ${preposition(option)}?`),
  };
}

const preposition = (period: string): string =>
  /^(this|last|since|today|yesterday)/.test(period) ? period : `in ${period.replace('..', ' to ')}`;
