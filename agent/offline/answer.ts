import { addDays } from '../../tools/period/days.ts';
import type { Result } from './history.ts';
import { type FindingTool, isFinding, type Plan, type PlannedCall } from './plan.ts';
import { fact, signOf } from './tell.ts';
import { tellChange } from './tell-change.ts';
import { tellCosts, told } from './tell-costs.ts';
import { tellData, tellFreshness, tellResources } from './tell-data.ts';
import { tellFinding } from './tell-findings.ts';

/** What the offline model says at the end of a turn. `status` is set where the words, not the results, decide it. */
export interface Words {
  text: string;
  status?: 'clarify' | 'refused' | 'no_data' | 'failed';
  followUps: string[];
}

/** What is said without asking any tool. */
export function wordsOfPlan(plan: Exclude<Plan, { kind: 'call' }>): Words {
  if (plan.kind === 'clarify') return { text: plan.text, status: 'clarify', followUps: plan.options.slice(0, 3) };
  return { text: plan.text, status: 'refused', followUps: plan.suggestions.slice(0, 3) };
}

/** Calls with the same key have the same total, which is told once. */
const totalKey = (call: PlannedCall): string =>
  call.tool === 'query_costs'
    ? JSON.stringify([
        call.input.period,
        call.input.filters,
        call.input.metric,
        call.input.compareTo,
        call.input.includeCredits,
      ])
    : '';

function tellOne(call: PlannedCall, result: Result, calls: readonly PlannedCall[]): string {
  switch (call.tool) {
    case 'query_costs':
      return tellCosts(told(call, result), calls.find((other) => totalKey(other) === totalKey(call)) === call);
    case 'explain_change':
      return tellChange(call, result);
    case 'find_resources':
      return tellResources(call, result);
    case 'describe_freshness':
      return tellFreshness(result);
    case 'describe_data':
      return tellData(call, result);
    default:
      return tellFinding(call.tool, result, call.shape);
  }
}

/** Numbers that stand in no cell must not be in the text, so a tool's own words are used only where they hold none. */
const isSpeakable = (text: string): boolean => !/(?<![\w.,-])[-$€£]?\d/.test(text);

function tellFailure(result: Result): string {
  if (result.status === 'no_data') {
    const searched =
      result.searched && isSpeakable(result.searched) ? result.searched : 'I found nothing for that in the bill.';
    const through = result.dataThrough ? ` The data reaches ${result.dataThrough}.` : '';
    return `${searched}${/reaches|covers/.test(searched) ? '' : through}`;
  }
  const message = result.message && isSpeakable(result.message) ? result.message : '';
  if (result.status === 'denied') return message || 'You may not see that.';
  return `I could not get that. ${message}`.trim();
}

const BASIS: Record<string, string> = {
  effective_cost: 'Effective cost (amortized)',
  billed_cost: 'Billed cost (as invoiced)',
  contracted_cost: 'Contracted cost (negotiated prices)',
  list_cost: 'List cost (public prices)',
};

function creditsWords(result: Result): string {
  if (result.credits === undefined) return '';
  const amount = signOf(result.facts.credits?.value);
  const shown =
    amount === null || amount === 0 || result.credits === 'included' ? '' : ` (${fact(result, 'credits', 'abs')})`;
  return `, credits${shown} ${result.credits === 'included' ? 'included' : 'left out'}`;
}

/** Which cost it is, whether credits are in, and the days, for the first result of each kind. */
function basisOf(results: Result[]): string {
  const seen = new Set<string>();
  const sentences = results.flatMap((result) => {
    if (result.costBasis === undefined || result.status !== 'ok') return [];
    const range = result.period ? `, ${result.period.start} to ${addDays(result.period.end, -1)}` : '';
    const through = result.dataThrough ? `; data through ${result.dataThrough}` : '';
    const key = [result.costBasis, result.credits, range].join();
    if (seen.has(key)) return [];
    seen.add(key);
    return [`${BASIS[result.costBasis] ?? result.costBasis}${creditsWords(result)}${range}${through}.`];
  });
  return sentences.join(' ');
}

/** What three totals of list, contract and effective cost say together. */
function tellDiscount(calls: PlannedCall[], results: Result[]): string | null {
  const metrics = calls.map((call) => (call.tool === 'query_costs' ? (call.input.metric ?? 'effective_cost') : ''));
  const [list, contracted, effective] = ['list_cost', 'contracted_cost', 'effective_cost'].map(
    (metric) => results[metrics.indexOf(metric)],
  );
  if (!list || !contracted || !effective || calls.length > 4) return null;
  if ([list, contracted, effective].some((result) => result.status !== 'ok' || !('total' in result.facts))) return null;
  return `At list prices it would have cost ${fact(list, 'total')}, at negotiated prices ${fact(contracted, 'total')}; with commitments it came to ${fact(effective, 'total')}.`;
}

/** The answer to a plan whose calls have all come back, results in the order of the calls. */
export function wordsOfResults(plan: Extract<Plan, { kind: 'call' }>, results: Result[]): Words {
  const discount = tellDiscount(plan.calls, results);
  const told = plan.calls.flatMap((call, index) => {
    const result = results[index];
    if (result === undefined) return [];
    return [result.status === 'ok' ? (discount ? '' : tellOne(call, result, plan.calls)) : tellFailure(result)];
  });
  const important = results.flatMap((result) =>
    result.notes.filter((note) =>
      /nothing to compare|starts on|no such charges|several currencies|gives no/i.test(note),
    ),
  );
  const paragraphs = [
    [discount ?? '', ...told].filter((text) => text !== '').join(' '),
    [...plan.caveats, ...new Set(important)].join(' '),
    basisOf(results),
  ];
  const answered = results.some((result) => result.status === 'ok');
  return {
    text: paragraphs.filter((text) => text !== '').join('\n\n'),
    followUps: answered
      ? followUpsOf(plan.calls)
      : (results.find((result) => result.suggestions)?.suggestions ?? []).slice(0, 3).map(asQuestion),
  };
}

const asQuestion = (suggestion: string): string =>
  /^(since|last|this|yesterday|today|\d)/.test(suggestion)
    ? `What did we spend ${/^\d/.test(suggestion) ? 'in ' : ''}${suggestion}?`
    : suggestion;

const NEXT: Record<FindingTool, string[]> = {
  find_anomalies: ['Which anomalies still go on?', 'Why did the cost change in the last 30 days?'],
  find_recommendations: ['Which machines are idle?', 'What have we saved so far?'],
  forecast_costs: ['What did we spend this month?', 'Are we within budget?'],
  show_savings: ['How can we save money?', 'What did we spend last month?'],
  show_budgets: ['What will we spend this month?', 'What are the top 5 services by cost this month?'],
  show_insights: ['Were there any anomalies last week?', 'How can we save money?'],
  unit_costs: ['What did we spend last month?', 'What are the top 5 services by cost last month?'],
  check_bill: ['How fresh is the data?', 'What did we spend last month?'],
  propose_remediation: ['How can we save money?'],
};

/** What people ask next after such an answer. */
function followUpsOf(calls: PlannedCall[]): string[] {
  const [call] = calls;
  if (call === undefined) return [];
  if (call.tool === 'query_costs') {
    const grouped = (call.input.groupBy?.length ?? 0) > 0;
    const next = [
      call.input.compareTo ? 'Why did it change?' : 'Compare it with the previous period',
      grouped ? 'Tell me more about the first one' : 'Break it down by service',
      call.input.granularity ? 'Break it down by account' : 'Show it by day',
    ];
    return grouped && call.input.compareTo ? [next[0] ?? '', next[1] ?? '', 'Show it by month'] : next;
  }
  if (call.tool === 'explain_change') return ['Break it down by account', 'Break it down by service', 'Show it by day'];
  if (isFinding(call.tool)) return NEXT[call.tool];
  if (call.tool === 'find_resources')
    return ['What are the 10 most expensive resources?', 'Which resources have no team tag?'];
  return [
    'What are the top 5 services by cost last month?',
    'What did we spend this month?',
    'Why did the cost change in the last 30 days?',
  ];
}
