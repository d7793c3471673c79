import { dimensionWord } from '../../tools/dimension-words.ts';
import { costCalls, defaultTag, explainCall } from './calls.ts';
import { obstacle } from './obstacles.ts';
import type { PlannedCall } from './plan.ts';
import { findResourcesCall, isAboutResources } from './resources.ts';
import type { Slots } from './slots.ts';
import type { CallContext } from './time.ts';
import { someOf } from './wording.ts';

/** What one clause comes to. `nothing`: it only held politeness or display words. */
export type Decision =
  | { kind: 'call'; calls: PlannedCall[]; caveats: string[] }
  | { kind: 'clarify'; text: string; options: string[]; fill?: string }
  | { kind: 'decline'; reason: string; text: string; suggestions: string[] }
  | { kind: 'nothing' };

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
  const other = ['untagged', 'new', 'why', 'drivers'].some((flag) => slots.flags.has(flag));
  if (isAboutCost(slots) || other) return null;
  if (slots.about) return only(slots.about);
  const asks = ['list', 'count', 'exists'].some((flag) => slots.flags.has(flag)) || /\ball\b/i.test(slots.reading.text);
  const tagWords = slots.flags.has('tag') && slots.groups.length === 0;
  if (tagWords || ((slots.flags.has('tag') || slots.flags.has('bytag')) && asks))
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
  if (
    slots.flags.has('tagged') &&
    ![...slots.groups, ...slots.filters.map(({ dimension }) => dimension)].some((one) => one.startsWith('tag:'))
  ) {
    const tag = defaultTag(context);
    if (tag === null) return ['Nothing in the bill is tagged.'];
    slots.filters.push({ dimension: tag, operator: 'is not null', values: [], label: 'tagged', at: 0, named: 1 });
    return [`"Tagged" is read as having a ${dimensionWord(tag)} tag.`];
  }
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
  if (/\butili[sz]/i.test(slots.reading.text) && slots.pricing.length === 0) {
    caveats.push('I cannot see how much of it was used, only what it cost.');
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
