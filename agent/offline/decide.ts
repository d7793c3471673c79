import { costCalls, defaultTag, explainCall } from './calls.ts';
import type { PlannedCall } from './plan.ts';
import { findResourcesCall, isAboutResources, PARTS, serviceOf } from './resources.ts';
import type { Slots } from './slots.ts';
import type { CallContext } from './time.ts';
import { accountName, dimensionWord, listed, shortName, someOf, subjectOf, suggest } from './wording.ts';

/** What one clause comes to. `nothing`: it only held politeness or display words. */
export type Decision =
  | { kind: 'call'; calls: PlannedCall[]; caveats: string[] }
  | { kind: 'clarify'; text: string; options: string[]; fill?: string }
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
    'savings',
    'list',
    'count',
  ].some((flag) => slots.flags.has(flag));

/** What keeps a clause from being answered as it stands: a name that can be several things, or none here. */
export function obstacle(slots: Slots, context: CallContext): Decision | null {
  return (
    unfilled(slots) ??
    unclear(slots) ??
    absentName(slots, context) ??
    missingTag(slots, context) ??
    unknownWords(slots) ??
    badPeriod(slots) ??
    untoldPart(slots, context) ??
    unclearReference(slots) ??
    unclearNegation(slots) ??
    untrackedSavings(slots)
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
    text: `There is nothing called "${first.label}" in the bill I can see. ${known[first.what] ?? ''}`.trim(),
    suggestions: suggest(
      ['What are the top 5 services by cost last month?', 'What did each account cost last month?'],
      '',
    ),
  };
}

const valuesOf = (dimension: string | undefined, { catalog }: CallContext): string[] =>
  catalog.tagKeys.find(({ key }) => `tag:${key}` === dimension)?.values ?? [];

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
function untrackedSavings(slots: Slots): Decision | null {
  if (!slots.flags.has('savings')) return null;
  const priced =
    slots.flags.has('discount') ||
    slots.pricing.length > 0 ||
    slots.metrics.some((metric) => metric === 'list_cost' || metric === 'contracted_cost');
  if (priced) return null;
  return {
    kind: 'decline',
    reason: 'savings achieved',
    text: 'I do not track savings yet, so I cannot say what measures have saved. I can compare cost with list prices.',
    suggestions: [
      'How much did discounts save us against list prices last month?',
      'What changed in the last 30 days?',
    ],
  };
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
  if (isAboutCost(slots) || slots.flags.has('untagged') || slots.flags.has('new')) return null;
  if (slots.about) return only(slots.about);
  const asks = ['list', 'count', 'exists'].some((flag) => slots.flags.has(flag)) || /\ball\b/i.test(slots.reading.text);
  if ((slots.flags.has('tag') || slots.flags.has('bytag')) && asks)
    return only('tags', slots.groups.find((group) => group.startsWith('tag:'))?.slice(4));
  const [group] = slots.groups;
  if (!asks || group === undefined || slots.groups.length > 1 || slots.filters.length > 0 || slots.period) return null;
  if (group.startsWith('tag:')) return only('tags', group.slice(4));
  const topic = LISTABLE[group];
  return topic ? only(topic) : null;
}

const call = (calls: PlannedCall[], caveats: string[] = []): Decision => ({ kind: 'call', calls, caveats });

function tagQuestion(slots: Slots, context: CallContext): Decision | null {
  if (!slots.flags.has('bytag') || slots.groups.some((group) => group.startsWith('tag:'))) return null;
  const keys = context.catalog.tagKeys.map(({ key }) => key);
  const fill = `${slots.reading.text.replace(/[?.!\s]+$/, '')} by {reply}`;
  return { kind: 'clarify', text: `By which tag? There are ${someOf(keys, 10)}.`, options: keys.slice(0, 4), fill };
}

/** Puts the tag that 'untagged' is about into the filters. */
function applyUntagged(slots: Slots, context: CallContext): string[] {
  if (!slots.flags.has('untagged') || slots.filters.some((filter) => filter.operator === 'is null')) return [];
  const [grouped] = slots.groups.filter((group) => group.startsWith('tag:'));
  const dimension = grouped ?? defaultTag(context);
  if (dimension === null) return ['Nothing in the bill is tagged.'];
  slots.groups = slots.groups.filter((group) => group !== dimension);
  slots.filters.push({ dimension, operator: 'is null', values: [], label: 'untagged', at: 0, named: 1 });
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

/** 'What are amortized costs' asks what the words mean. */
const asksMeaning = (slots: Slots): boolean =>
  slots.metrics.length > 0 &&
  slots.period === null &&
  slots.filters.length === 0 &&
  slots.groups.length === 0 &&
  /^\W*(?:what (?:are|is|does)|what's|explain|define|difference between)\s+(?:an? |the )?(?:\w+ )?(?:amorti[sz]ed|effective|billed|unblended|list|contracted)(?: costs?| prices?)?(?: mean| and .*)?\W*$/i.test(
    slots.reading.text,
  );

/** 'Do you have data for last year' asks how far the data goes. */
const asksReach = (slots: Slots): boolean =>
  slots.periods.length > 0 &&
  !isAboutCost(slots) &&
  slots.groups.length + slots.filters.length === 0 &&
  /\b(?:have|has|got|see|hold|contain|cover)\b.*\bdata\b|\bdata\b.*\b(?:for|from|of|cover)\b/i.test(slots.reading.text);

/** A clause with its slots turned into calls, a question back, or an honest no. */
export function decide(slots: Slots, context: CallContext): Decision {
  const greets =
    /^\W*(?:hi|hello|hey|hiya|good (?:morning|afternoon|evening|day)|hallo|bonjour|hola)\b(?:[\s,]+(?:penny|there|all|team))?\W*$/i.test(
      slots.reading.text,
    );
  const explains = slots.flags.has('summary') || slots.flags.has('cost');
  if (greets || (slots.flags.has('help') && !explains && !isAboutCost(slots) && slots.filters.length === 0)) {
    return call([{ tool: 'describe_data', input: { topic: 'overview' }, shape: { subject: '' } }]);
  }
  if ((slots.flags.has('freshness') || asksReach(slots)) && slots.unknown.length === 0)
    return call([{ tool: 'describe_freshness', input: {}, shape: { subject: '' } }]);
  const blocked = obstacle(slots, context);
  if (blocked) return blocked;
  if (!hasContent(slots)) return { kind: 'nothing' };
  if (asksMeaning(slots)) return call([{ tool: 'describe_data', input: { topic: 'metrics' }, shape: { subject: '' } }]);
  const early = aboutData(slots) ?? tagQuestion(slots, context);
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
  (slots.reading.periods.length > 0 && slots.reading.words.length <= 6);

const withCaveats = (found: { calls: PlannedCall[]; caveats: string[] }, more: string[]): Decision => ({
  kind: 'call',
  calls: found.calls,
  caveats: [...more, ...found.caveats],
});

const corrections = ({ reading }: Slots): string[] =>
  reading.corrected.map(({ from, to }) => `I read "${from}" as "${to}".`);
