import type { Decision } from './decide.ts';
import { obstacle } from './obstacles.ts';
import { forecastInput, unforeseen } from './outlook.ts';
import type { FindingTool, PlannedCall, ToolFilter } from './plan.ts';
import { recommendationsInput } from './savings-sought.ts';
import type { Filter, Slots } from './slots.ts';
import type { CallContext } from './time.ts';
import { periodInput } from './time.ts';
import { subjectOf } from './wording.ts';

/** A question about what was found, forecast, measured or budgeted, by the tool that answers it. */
export interface Finding {
  tool: FindingTool;
  pattern: RegExp;
  /** Where this matches too, the question is about something else after all. */
  unless?: RegExp;
  /** Why the tool cannot answer it, where that can be told from the question. */
  refuse?(slots: Slots): Decision | null;
  /** The tool's input, from the pieces of the question. */
  input(slots: Slots, context: CallContext): Record<string, unknown>;
}

const toolFilter = ({ dimension, operator, values }: Filter): ToolFilter => ({ dimension, operator, values });

const filters = ({ filters: given }: Slots): { filters?: ToolFilter[] } =>
  given.length === 0 ? {} : { filters: given.map(toolFilter) };

const limit = ({ limit: given }: Slots): { limit?: number } => (given === null ? {} : { limit: given });

const period = ({ period: given }: Slots, context: CallContext): { period?: string } =>
  given?.period === undefined ? {} : { period: periodInput(given.period, context) };

/** All there is, which takes no period. */
const SO_FAR = /\b(so far|to date|yet|ever|already)\b/i;

export const FINDINGS: readonly Finding[] = [
  {
    tool: 'check_bill',
    pattern:
      /\breconcil\w*|\b(match|matches|agree|agrees|tie|ties|tally)\b.{0,25}\b(invoices?|bill|cost explorer|aws says)\b|\b(invoices?|bill|numbers?|costs?|data)\b.{0,30}\b(match|matches|agree|agrees|correct|accurate|right|wrong|trust\w*|tie out|add up)\b|\btrust\b.{0,20}\b(numbers?|data|costs?|bill)\b/i,
    unless: /\b(anomal|unusual|strange|odd)\w*/i,
    input: ({ period: given }) => {
      const range = given?.period?.range;
      return range !== undefined && /-01$/.test(range.start) ? { month: range.start.slice(0, 7) } : {};
    },
  },
  {
    tool: 'forecast_costs',
    pattern:
      /\b(forecast\w*|predict\w*|projection|projections|projected|extrapolat\w*|estimate(d)? (next|future|the end|month)|run rate|runrate|burn rate|outlook|end of (the |this )?(month|quarter|year)|month end|year end|eom|eoy|on track|on course|on pace|rest of (the |this )?(month|quarter|year|\d{4})|run out|running out|next (month|quarter|year|week|few|\d+)|coming (month|quarter|year|week|months|weeks)|upcoming|tomorrow|in the future|going forward|expected (to|spend|cost|bill)|expect to (spend|pay)|future (spend|cost|costs|bill))\b|\bproject (my|our|the|aws|next|spend|costs?)\b|\bwill\b.{0,40}\b(cost|spend|pay|bill|be|increase|grow|exceed|reach|owe)\b|\bgoing to (cost|spend|pay|be|exceed)\b/i,
    unless:
      /\b(budgets?|anomal\w*|terraform|cdk|cloudformation|pulumi|infracost|pull request|merge request|this (branch|pr|plan|stack|template|deployment|change)|per (user|customer|order|request))\b|\b(can|could|would|might|should) (we|i|you) (save|cut|reduce)\b/i,
    input: forecastInput,
    refuse: unforeseen,
  },
  {
    tool: 'show_budgets',
    pattern: /\b(budgets?|budgeted|over budget|under budget)\b/i,
    input: () => ({}),
  },
  {
    tool: 'find_anomalies',
    pattern:
      /\b(anomal\w*|severity|outliers?|abnormal\w*|unusual(ly)?|unexpected(ly)?|suspicious|weird|odd|strange|irregular\w*|surpris\w+|looks? (wrong|off|fishy)|out of the ordinary|red flags?)\b|\bcost (problems?|incidents?)\b/i,
    input: (slots, context) => ({
      ...period(slots, context),
      ...filters(slots),
      ...limit(slots),
      ...(/\b(open|ongoing|still|active|unresolved|going on|right now)\b/i.test(slots.reading.text)
        ? { openOnly: true }
        : {}),
      ...(/\b(latest|newest|most recent)\b/i.test(slots.reading.text) ? { orderBy: 'newest' } : {}),
    }),
  },
  {
    tool: 'show_savings',
    pattern:
      /\b(have|has|had|did)\b.{0,25}\b(we|you|penny|it|i|us|\w+)\b.{0,15}\bsaved?\b(?!.*\b(savings plans?|reservations?|reserved|discounts?|commitments?|ris?|list|credits)\b)|\b(realized|realised|verified|verify|achieved|measured|proven) savings\b(?!.*\b(discount|commitment|rate))|\bsavings (ledger|tracker|so far|to date|report|history|achieved|made|regress\w*)\b|\bsaved us\b|\bsaving us\b|\broi\b|\bpayback\b|\bregressed\b/i,
    unless: /\b(discounts?|savings plans?|reservations?|reserved|commitments?|list pric\w+)\b/i,
    input: ({ period: given, reading }) => ({
      ...(given?.period === undefined || SO_FAR.test(reading.text)
        ? {}
        : { since: given.period.range.start, until: given.period.range.end }),
      ...(/\b(regress\w*|undone|reverted|came back|lost)\b/i.test(reading.text) ? { state: 'regressed' } : {}),
    }),
  },
  {
    tool: 'unit_costs',
    pattern:
      /\bunit (costs?|economics)\b|\b(cost|costs|spend|price|pay|much)\b.{0,40}\bper (unit|order|customer|user|request|transaction|tenant|seat|query|message|delivery|call|booking|session|visit)\b/i,
    input: (slots, context) => period(slots, context),
  },
  {
    tool: 'show_insights',
    pattern:
      /\b(weekly|week's|this week's|last week's) (summar\w+|digest|report|review|update|insights?)\b|\binsights?\b|\bwhat happened (last|this) week\b/i,
    input: ({ filters: given }) => {
      const team = given.find(({ dimension }) => /^tag:(team|owner|squad)$/i.test(dimension))?.values[0];
      return team === undefined ? {} : { audience: team };
    },
  },
  {
    tool: 'find_recommendations',
    pattern:
      /\b(recommend\w*|optimi[sz]\w*|savings? (opportunit\w+|potential|ideas?|options?)|opportunit(y|ies)|potential savings?|(save|saving) (money|costs?|cash)\b|cost[- ]saving|(can|could|would|should|to|might) (we|i|you)? ?(save|cut|reduce|lower|trim)\b|(how|where|ways?) (can|could|do|to) .{0,20}\b(save|cut|reduce|lower|trim|optimi[sz]e)|rightsiz\w*|right[- ]siz\w*|downsiz\w*|upsiz\w*|over[- ]?siz\w*|over[- ]?provision\w*|under[- ]?utili[sz]\w*|under[- ]?used|idle|old (snapshots?|volumes?|instances?|generations?)|gp2|off[- ]hours|extended support|orphan\w*|unattached|zombie|abandon\w*|stale|waste\w*|wasting|unneeded|graviton|arm64|arm based|old(er)? generation|previous generation|modernization|intelligent[- ]tiering|lifecycle|multipart|retention polic\w+|efficien\w+|efficiency|headroom|best practices?|strateg(y|ies)|techniques?|quick wins?|low hanging|safe(ly)? (to )?(delete|remove|terminate|stop)|(can|could|should) (i|we) (safely |just )?(delete|remove|terminate|stop|shut|turn|drop|schedule|downgrade|upgrade|move|migrate|switch|cancel|buy|purchase|commit|sell|get rid)|(i|we|you) (can|could|should|may) (safely |just )?(delete|remove|terminate|stop|shut|turn|drop|schedule|downgrade|upgrade|move|cancel|optimi[sz]e|get rid)|should (we|i)|what should|move to spot|spot can we|right size|actionable|audit)\b|\bunused\b(?!.*\b(savings plans?|reservations?|reserved|commitments?|ris?)\b)/i,
    unless:
      /\b(wasted?|wasting|unused|idle|underutilized)\b.*\b(reserved|reservations?|savings plans?|commitments?|committed|ris?)\b|\b(reserved|reservations?|savings plans?|commitments?|ris?)\b.*\b(wasted?|wasting|unused|idle|underutilized)\b/i,
    input: recommendationsInput,
  },
];

/** The finding a text asks for; names of the estate are blanked out of it before. */
export function findingOf(text: string): Finding | null {
  return FINDINGS.find(({ pattern, unless }) => pattern.test(text) && !unless?.test(text)) ?? null;
}

/** Words that say how something is to be shown, or that belong to what was found; a name is none of them. */
const VOCABULARY =
  /^(forecast\w*|predict\w*|project\w*|projection\w*|extrapolat\w*|estimate\w*|run|rate|runrate|outlook|end|month|eom|eoy|eoq|track|course|pace|rest|coming|upcoming|future|forward|expect\w*|will|likely|ahead|next|half|unit|economics|orders?|customers?|users?|requests?|transactions?|tenants?|seats?|deliver\w+|bookings?|sessions?|visits?|weekly|summar\w+|digests?|updates?|insights?|recommend\w*|optimi[sz]\w*|opportunit\w*|potential\w*|ideas?|tips?|waste\w*|wasting|idle|orphan\w*|unattached|detached|zombies?|abandon\w*|stale|oversi\w+|over|sized|overprovision\w*|provision\w*|underused|under|utili[sz]\w*|underutili[sz]\w*|right\w*|rightsi\w+|sizing|downsiz\w*|smaller|resize\w*|graviton|arm64|gp[23]|io[12]|iops|snapshots?|volumes?|concurrency|generation|old|older|previous|moderni[sz]\w*|off-?hours|nights?|schedul\w*|efficien\w*|quick|wins?|low|hanging|fruit|safe\w*|delete|remove|terminate|stop|shut|turn|cut|reduce|lower|trim|cheaper|actionable|audit|review|candidates?|dismissed|commit\w*|buy|purchase|renew\w*|expir\w*|doubled?|duplicates?|nodes?|pods?|requests?|memory|timeouts?|errors?|anomal\w*|outliers?|unusual\w*|unexpected\w*|abnormal\w*|suspicious|weird|odd|strange\w*|irregular\w*|surpris\w+|severity|severe|incidents?|problems?|issues?|spikes?|flags?|wrong|off|fishy|ordinary|alerts?|detect\w*|found|find|finds|open|ongoing|active|unresolved|closed|budgets?|budgeted|overspen\w+|track|remaining|remains?|left|used|burn\w*|limits?|saved?|saves|saving|savings|realized|realised|verified|verify|achieved|measured|proven|prove|ledger|tracker|history|report|measures?|actions?|changes?|work|worked|hold|holds|holding|regress\w*|undone|reverted|lost|reconcil\w*|match\w*|agree\w*|tie|ties|tally|trust\w*|correct|accurate|right|invoices?|bill|explorer|ever|actually|really|thanks|penny|so|far|date|money|roi|payback)$/i;

/**
 * The call for a finding, or what keeps it from being made: a name that is nowhere or can be two things. No word of the question that
 * may be a name is dropped.
 */
export function decideFinding(finding: Finding, slots: Slots, context: CallContext): Decision {
  const isOwnWord = (text: string): boolean =>
    VOCABULARY.test(text) || (finding.tool === 'forecast_costs' && /^\d{1,3}$/.test(text));
  const reading = { ...slots.reading, unknown: slots.reading.unknown.filter(({ text }) => !isOwnWord(text)) };
  // 'Forecast' is a part of the name of an application, and here the word itself.
  const ambiguous = slots.ambiguous.filter(({ mention }) => !isOwnWord(mention.text.toLowerCase()));
  // 'Per customer' names what cost is divided by, and no tag.
  const missing = finding.tool === 'unit_costs' ? [] : slots.missing;
  const named: Slots = { ...slots, reading, missing, ambiguous, flags: new Set(), nouns: [], pricing: [] };
  const blocked = obstacle(named, context);
  const refused = blocked ?? finding.refuse?.(slots) ?? null;
  if (refused) return refused;
  const call: PlannedCall = {
    tool: finding.tool,
    input: finding.input(slots, context),
    shape: { subject: subjectOf(slots.filters) },
  };
  const caveats = reading.corrected.map(({ from, to }) => `I read "${from}" as "${to}".`);
  return { kind: 'call', calls: [call], caveats };
}
