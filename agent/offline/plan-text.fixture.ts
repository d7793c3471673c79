import type { CostInput, ExplainInput, Plan, PlannedCall, ToolFilter } from './plan.ts';

/** A plan on one line, for tables that people review: 'costs last month by service_name where region_id = eu-west-1 top 5'. */

function filterText({ dimension, operator, values }: ToolFilter): string {
  if (operator === 'is null' || operator === 'is not null') return `${dimension} ${operator}`;
  const sign = { in: '=', 'not in': '!=', contains: '~' }[operator];
  return `${dimension} ${sign} ${values.join('|')}`;
}

const filtersText = (filters: ToolFilter[] | undefined): string =>
  filters?.length ? `where ${filters.map(filterText).join(' & ')}` : '';

function costText(input: CostInput): string {
  return [
    'costs',
    input.metric ?? '',
    `[${input.period}]`,
    input.compareTo ? `vs [${input.compareTo}]` : '',
    input.groupBy ? `by ${input.groupBy.join(', ')}` : '',
    filtersText(input.filters),
    input.granularity ? `per ${input.granularity}` : '',
    input.rankBy ? `ranked by ${input.rankBy}` : '',
    input.direction ?? '',
    input.order === 'ascending' ? 'ascending' : '',
    input.limit ? `top ${input.limit}` : '',
    input.minimum ? `from ${input.minimum}` : '',
    input.includeCredits ? 'with credits' : '',
  ]
    .filter((part) => part !== '')
    .join(' ');
}

function explainText(input: ExplainInput): string {
  return [
    'why',
    input.metric ?? '',
    `[${input.period}]`,
    input.compareTo ? `vs [${input.compareTo}]` : '',
    input.dimension ? `by ${input.dimension}` : '',
    filtersText(input.filters),
    input.limit ? `top ${input.limit}` : '',
    input.includeCredits ? 'with credits' : '',
  ]
    .filter((part) => part !== '')
    .join(' ');
}

export function callText(call: PlannedCall): string {
  if (call.tool === 'query_costs') return costText(call.input);
  if (call.tool === 'explain_change') return explainText(call.input);
  if (call.tool === 'describe_freshness') return 'freshness';
  if (call.tool === 'describe_data')
    return ['describe', call.input.topic ?? '', call.input.tagKey ?? ''].join(' ').trim();
  const parts = Object.entries(call.input).map(
    ([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
  );
  return `resources ${parts.join(' ')}`;
}

/** 'clarify', 'decline: forecast', or the calls apart by ' + '. */
export function planText(plan: Plan): string {
  if (plan.kind === 'clarify') return 'clarify';
  if (plan.kind === 'decline') return `decline: ${plan.reason}`;
  return plan.calls.map(callText).join(' + ');
}
