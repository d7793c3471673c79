import type { DateRange } from '../../tools/tool.ts';
import type { Filter } from './slots.ts';

/** Arguments of `query_costs`, `explain_change` and the other tools, as the tools' schemas name them. */
export interface CostInput {
  metric?: string;
  period: string;
  compareTo?: string;
  groupBy?: string[];
  filters?: ToolFilter[];
  granularity?: 'none' | 'day' | 'week' | 'month' | 'quarter';
  rankBy?: 'amount' | 'change' | 'percent change';
  order?: 'descending' | 'ascending';
  direction?: 'any' | 'rising' | 'falling';
  limit?: number;
  minimum?: string;
  includeCredits?: boolean;
}

export interface ExplainInput {
  metric?: string;
  period: string;
  compareTo?: string;
  filters?: ToolFilter[];
  dimension?: string;
  limit?: number;
  includeCredits?: boolean;
}

export interface ResourcesInput {
  text?: string;
  service?: string;
  type?: string;
  account?: string;
  region?: string;
  tags?: { key: string; value: string }[];
  untagged?: string;
  state?: string;
  period?: string;
  minimumCost?: string;
  orderBy?: 'cost' | 'name' | 'first_seen';
  limit?: number;
}

export type ToolFilter = Pick<Filter, 'dimension' | 'operator' | 'values'>;

export type PlannedCall = (
  | { tool: 'query_costs'; input: CostInput }
  | { tool: 'explain_change'; input: ExplainInput }
  | { tool: 'find_resources'; input: ResourcesInput }
  | { tool: 'describe_freshness'; input: Record<string, never> }
  | { tool: 'describe_data'; input: { topic?: string; tagKey?: string } }
  | { tool: FindingTool; input: Record<string, unknown> }
) & { shape: Shape };

/** The tools that tell what was found, forecast, measured or proposed, rather than what the bill holds. */
export type FindingTool = (typeof FINDING_TOOLS)[number];
export const FINDING_TOOLS = [
  'find_anomalies',
  'find_recommendations',
  'forecast_costs',
  'show_savings',
  'show_budgets',
  'show_insights',
  'unit_costs',
  'check_bill',
  'propose_remediation',
] as const;

export const isFinding = (tool: string): tool is FindingTool => FINDING_TOOLS.some((one) => one === tool);

/** How the answer to a call is to be told. `subject` is what the filters narrow to, in words ('Amazon EC2 in eu-west-1'). */
export interface Shape {
  subject: string;
  range?: DateRange;
  /** The row an answer is about, for 'what share is EC2'. */
  focus?: { dimension: string; values: string[] };
  average?: boolean;
  share?: boolean;
  /** The question asked for one thing ('which service costs most'), not for a list. */
  single?: boolean;
  count?: boolean;
  extreme?: boolean;
}

/** What the offline model makes of a question. */
export type Plan =
  | { kind: 'call'; calls: PlannedCall[]; caveats: string[] }
  /** `fill` is the question with `{reply}` where the answer to the question back belongs. */
  | { kind: 'clarify'; text: string; options: string[]; fill?: string }
  | { kind: 'decline'; reason: string; text: string; suggestions: string[] };
