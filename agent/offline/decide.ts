import type { CallContext } from './calls.ts';
import { costCalls, defaultTag, explainCall } from './calls.ts';
import type { PlannedCall } from './plan.ts';
import { findResourcesCall, isAboutResources } from './resources.ts';
import type { Slots } from './slots.ts';
import { accountName, dimensionWord, listed, someOf, subjectOf, suggest } from './wording.ts';

/** What one clause comes to. `nothing`: it only held politeness or display words. */
export type Decision =
  | { kind: 'call'; calls: PlannedCall[]; caveats: string[] }
  | { kind: 'clarify'; text: string; options: string[] }
  | { kind: 'decline'; reason: string; text: string; suggestions: string[] }
  | { kind: 'nothing' };

const FALLBACK = [
  'What is the cost{of} so far this month?',
  'What are the top 5 services by cost last month?',
  'What changed in the last 30 days?',
];

const COST_FLAGS = ['cost', 'drivers', 'trend', 'average', 'share', 'charge', 'discount', 'coverage', 'fastest'];

/** Whether the clause says anything about money, one way or another. */
export function isAboutCost(slots: Slots): boolean {
  return (
    COST_FLAGS.some((flag) => slots.flags.has(flag)) ||
    slots.metric !== null ||
    slots.credits !== null ||
    slots.order !== null ||
    slots.move !== null ||
    slots.unit !== null ||
    slots.extreme !== null ||
    slots.pricing.length > 0 ||
    slots.threshold !== null
  );
}

const hasContent = (slots: Slots): boolean =>
  isAboutCost(slots) ||
  slots.groups.length > 0 ||
  slots.filters.length > 0 ||
  slots.nouns.length > 0 ||
  slots.period !== null ||
  slots.comparison !== null ||
  slots.about !== null ||
  slots.missing.length > 0 ||
  [
    'why',
    'total',
    'summary',
    'freshness',
    'help',
    'untagged',
    'tagcoverage',
    'tag',
    'bytag',
    'compare',
    'usage',
    'new',
    'list',
    'count',
  ].some((flag) => slots.flags.has(flag));

/** What keeps a clause from being answered as it stands: a name that can be several things, or none here. */
function obstacle(slots: Slots, context: CallContext): Decision | null {
  return (
    unfilled(slots) ??
    unclear(slots) ??
    absentName(slots, context) ??
    missingTag(slots, context) ??
    unknownWords(slots) ??
    badPeriod(slots)
  );
}

function unfilled({ reading }: Slots): Decision | null {
  const [blank] = reading.blanks;
  if (blank === undefined) return null;
  return { kind: 'clarify', text: `What should I put in place of "${blank}"?`, options: [] };
}

function unclear(slots: Slots): Decision | null {
  const [first] = slots.ambiguous;
  if (first === undefined) return null;
  const options = first.options.map((option) => `${dimensionWord(option.dimension)} ${option.label}`);
  return {
    kind: 'clarify',
    text: `"${first.text}" can mean ${listed(options.slice(0, 5), 'or')}. Which one do you mean?`,
    options: options.slice(0, 5),
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
    text: `There is nothing called "${first.label}" in the bill I can see. ${known[first.what] ?? ''}`.trim(),
    suggestions: suggest(
      ['What are the top 5 services by cost last month?', 'What did each account cost last month?'],
      '',
    ),
  };
}

const valuesOf = (dimension: string | undefined, { catalog }: CallContext): string[] =>
  catalog.tagKeys.find(({ key }) => `tag:${key}` === dimension)?.values ?? [];

function missingTag(slots: Slots, { catalog }: CallContext): Decision | null {
  const [family] = slots.missing;
  if (family === undefined) return null;
  const keys = catalog.tagKeys.map(({ key }) => key);
  const rest =
    keys.length > 0 ? `The tags are ${someOf(keys, 10)}; which of them holds it?` : 'Nothing in the bill is tagged.';
  const options = keys.slice(0, 4).map((key) => `Cost by ${dimensionWord(`tag:${key}`)} last month`);
  if (keys.length === 0)
    return {
      kind: 'decline',
      reason: 'no such tag',
      text: `The bill has no tag for ${family}. ${rest}`,
      suggestions: ['What did each account cost last month?'],
    };
  return { kind: 'clarify', text: `The bill has no tag for ${family}. ${rest}`, options };
}

function unknownWords(slots: Slots): Decision | null {
  const words = [...new Set(slots.unknown)];
  if (words.length === 0) return null;
  const quoted = listed(words.slice(0, 4).map((word) => `"${word}"`));
  return {
    kind: 'decline',
    reason: 'not understood',
    text: `I do not know ${quoted} as anything in this bill, and leaving it out could give you the answer to another question.`,
    suggestions: suggest(FALLBACK, subjectOf(slots.filters)),
  };
}

function badPeriod(slots: Slots): Decision | null {
  const faulty = slots.periods.find((period) => period.problem);
  if (!faulty?.problem || slots.period?.period) return null;
  const suggestions = faulty.problem.details?.suggestions;
  const options = Array.isArray(suggestions) ? suggestions.filter((one) => typeof one === 'string').map(String) : [];
  return {
    kind: 'decline',
    reason: 'period',
    text: faulty.problem.message,
    suggestions: options.map((option) => `What did we spend ${preposition(option)}?`),
  };
}

const preposition = (period: string): string =>
  /^(this|last|since|today|yesterday)/.test(period) ? period : `in ${period.replace('..', ' to ')}`;

const LISTABLE: Record<string, string> = {
  service_name: 'services',
  service_category: 'services',
  sub_account_id: 'accounts',
  billing_account_id: 'accounts',
  region_id: 'regions',
};

/** 'Which accounts do we have', 'list the tag keys': about the estate, not about money. */
function aboutData(slots: Slots): Decision | null {
  const only = (topic: string, tagKey?: string): Decision =>
    call([
      {
        tool: 'describe_data',
        input: { topic, ...(tagKey ? { tagKey } : {}) },
        shape: { subject: '', ...(slots.flags.has('count') ? { count: true } : {}) },
      },
    ]);
  if (slots.flags.has('tagcoverage')) return only('tags');
  if (isAboutCost(slots)) return null;
  if (slots.about) return only(slots.about);
  const asks = ['list', 'count', 'exists'].some((flag) => slots.flags.has(flag)) || /\ball\b/i.test(slots.reading.text);
  if (slots.flags.has('tag') && asks)
    return only('tags', slots.groups.find((group) => group.startsWith('tag:'))?.slice(4));
  const [group] = slots.groups;
  if (!asks || group === undefined || slots.groups.length > 1 || slots.filters.length > 0 || slots.period) return null;
  if (group.startsWith('tag:')) return only('tags', group.slice(4));
  const topic = LISTABLE[group];
  return topic ? only(topic) : null;
}

const call = (calls: PlannedCall[], caveats: string[] = []): Decision => ({ kind: 'call', calls, caveats });

function tagQuestion(slots: Slots, context: CallContext): Decision | null {
  if (slots.flags.has('bytag') && !slots.groups.some((group) => group.startsWith('tag:'))) {
    const keys = context.catalog.tagKeys.map(({ key }) => key);
    const options = keys.slice(0, 4).map((key) => `Cost by ${dimensionWord(`tag:${key}`)} last month`);
    return { kind: 'clarify', text: `By which tag? There are ${someOf(keys, 10)}.`, options };
  }
  return null;
}

/** Puts the tag that 'untagged' is about into the filters. */
function applyUntagged(slots: Slots, context: CallContext): string[] {
  if (!slots.flags.has('untagged') || slots.filters.some((filter) => filter.operator === 'is null')) return [];
  const [grouped] = slots.groups.filter((group) => group.startsWith('tag:'));
  const dimension = grouped ?? defaultTag(context);
  if (dimension === null) return ['Nothing in the bill is tagged.'];
  slots.groups = slots.groups.filter((group) => group !== dimension);
  slots.filters.push({ dimension, operator: 'is null', values: [], label: 'untagged', at: 0 });
  return grouped ? [] : [`"Untagged" is read as having no ${dimensionWord(dimension)} tag.`];
}

const WHY = /\bwhy\b|\bhow come\b|\b(caus\w+|reasons?)\b|\binvestigate\b|\bexplain\b/i;

function wantsExplanation(slots: Slots): boolean {
  if (slots.flags.has('new')) return true;
  if (!slots.flags.has('why')) return false;
  // 'What is driving our spend' without a change in sight asks for the biggest parts.
  if (slots.flags.has('drivers') && !slots.move && !slots.comparison && !WHY.test(slots.reading.text)) return false;
  return true;
}

/** A clause with its slots turned into calls, a question back, or an honest no. */
export function decide(slots: Slots, context: CallContext): Decision {
  if (slots.flags.has('help') && !isAboutCost(slots) && slots.filters.length === 0) {
    return call([{ tool: 'describe_data', input: { topic: 'overview' }, shape: { subject: '' } }]);
  }
  const blocked = obstacle(slots, context);
  if (blocked) return blocked;
  if (!hasContent(slots)) return { kind: 'nothing' };
  if (slots.flags.has('freshness')) return call([{ tool: 'describe_freshness', input: {}, shape: { subject: '' } }]);
  const early = tagQuestion(slots, context) ?? aboutData(slots);
  if (early) return early;
  const caveats = [...applyUntagged(slots, context), ...corrections(slots)];
  if (isAboutResources(slots)) return call([findResourcesCall(slots, context)], caveats);
  if (wantsExplanation(slots)) return call([explainCall(slots, context)], caveats);
  if (slots.flags.has('usage') && !slots.flags.has('cost') && slots.groups.length + slots.filters.length > 0) {
    caveats.push('I can show what the usage cost, not its quantities.');
  }
  return answerable(slots) ? withCaveats(costCalls(slots, context), caveats) : { kind: 'nothing' };
}

const answerable = (slots: Slots): boolean =>
  isAboutCost(slots) ||
  slots.groups.length > 0 ||
  slots.filters.length > 0 ||
  slots.comparison !== null ||
  ['total', 'summary', 'compare', 'untagged'].some((flag) => slots.flags.has(flag)) ||
  (slots.period !== null && slots.reading.words.length <= 6);

const withCaveats = (found: { calls: PlannedCall[]; caveats: string[] }, more: string[]): Decision => ({
  kind: 'call',
  calls: found.calls,
  caveats: [...more, ...found.caveats],
});

const corrections = ({ reading }: Slots): string[] =>
  reading.corrected.map(({ from, to }) => `I read "${from}" as "${to}".`);
