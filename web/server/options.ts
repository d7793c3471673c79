import type { Assistant } from '../../agent/assistant.ts';
import type { Decisions } from '../../agent/decide.ts';
import type { People } from '../../agent/identity/people.ts';
import type { Config } from '../../config.ts';
import type { Log } from '../../log.ts';
import type { Tool, ToolContext } from '../../tools/tool.ts';

export type Principal = ToolContext['principal'];

/** Who does something, as the audit log names them. */
interface Actor {
  actorId: string;
  actor: string;
  surface: 'web' | 'api';
}

export interface JobRun {
  runId: number;
  job: string;
  dueAt: Date;
  state: 'due' | 'running' | 'failed' | 'done' | 'cancelled' | 'dead';
  attempt: number;
  worker: string | null;
  startedAt: Date | null;
  finishedAt: Date | null;
  retryAt: Date | null;
  cancelRequestedAt: Date | null;
  requestedBy: string | null;
  progress: { done: number; total?: number; text?: string } | null;
  rowCount: number | null;
  errorCode: string | null;
  errorMessage: string | null;
  elapsedMs: number | null;
}

export interface JobStatus {
  name: string;
  title: string;
  schedule: string;
  nextDueAt: Date | null;
  missing: string | null;
  lastRun: JobRun | null;
  lastSuccessAt: Date | null;
}

/** What can be seen of jobs and done with them. */
export interface Jobs {
  list(): Promise<JobStatus[]>;
  runs(page: {
    job?: string;
    state?: JobRun['state'];
    limit: number;
    cursor?: string;
  }): Promise<{ items: JobRun[]; nextCursor?: string }>;
  /** @throws PennyError `not_found`, `invalid_config`, `conflict` */
  run(name: string, actor: Actor, dueAt?: Date): Promise<JobRun>;
  /** @throws PennyError `not_found`, `conflict` */
  cancel(runId: number, actor: Actor): Promise<JobRun>;
  /** @throws PennyError `not_found`, `conflict` */
  rerun(runId: number, actor: Actor): Promise<JobRun>;
}

/** A budget, and what can be done with budgets. Money and percent are decimal text. */
export interface Budget {
  budgetId: number;
  name: string;
  dimensions: Record<string, string>;
  metric: string;
  period: 'month' | 'quarter' | 'year';
  kind: 'fixed' | 'forecast';
  amount: string | null;
  currency: string;
  thresholdPercents: string[];
  startDate: string;
  endDate: string | null;
  ownerId: string | null;
  createdBy: string;
  createdAt: Date;
  archivedAt: Date | null;
}

interface GivenBudget
  extends Pick<Budget, 'name' | 'dimensions' | 'metric' | 'period' | 'amount' | 'currency' | 'startDate' | 'endDate'> {
  thresholdPercents: readonly string[];
  owner: string | null;
}

export interface Budgets {
  /** @throws PennyError `conflict`, `invalid_input`, `not_found` */
  add(budget: GivenBudget, actor: Actor): Promise<Budget>;
  /** @throws PennyError `not_found`, `conflict`, `invalid_input` */
  change(
    budgetId: number,
    changes: { [Key in 'name' | 'amount' | 'thresholdPercents' | 'endDate' | 'owner']?: GivenBudget[Key] | undefined },
    actor: Actor,
  ): Promise<Budget>;
  /** @throws PennyError `not_found` */
  archive(budgetId: number, actor: Actor): Promise<Budget>;
}

/** Something that was said of anomalies and holds. Days as YYYY-MM-DD. */
export interface AnomalySaid {
  feedbackId: number;
  feedback: 'expected' | 'planned' | 'muted' | 'helpful' | 'wrong';
  anomalyId: number | null;
  dimensions: Record<string, string>;
  fromDate: string;
  untilDate: string | null;
  reason: string | null;
  givenBy: string;
  givenAt: Date;
}

/** What people can say of anomalies. Each throws PennyError `forbidden` below engineer. */
export interface AnomalyDesk {
  /** @throws PennyError `not_found`, `invalid_input` */
  say(
    principal: Principal,
    anomalyId: number,
    given: Pick<AnomalySaid, 'feedback'> & {
      reason?: string | undefined;
      until?: string | undefined;
      usageType?: string | undefined;
    },
    surface: Actor['surface'],
  ): Promise<number>;
  /** @throws PennyError `invalid_input`, `forbidden` for what is not wholly theirs */
  expect(
    principal: Principal,
    expectation: {
      feedback: 'planned' | 'muted';
      dimensions: Record<string, string>;
      from: string;
      until?: string | undefined;
      reason?: string | undefined;
    },
    surface: Actor['surface'],
  ): Promise<number>;
  /** @throws PennyError `not_found` */
  takeBack(principal: Principal, feedbackId: number, surface: Actor['surface']): Promise<void>;
  said(principal: Principal): Promise<AnomalySaid[]>;
}

/** Where numbers of the business are given. */
export interface BusinessMetrics {
  /** How many were stored. @throws PennyError `invalid_input` */
  give(
    values: {
      name: string;
      dimensions: Record<string, string>;
      date: string;
      value: string | null;
      unit: string | null;
    }[],
    actor: Actor,
  ): Promise<number>;
}

/** A recommendation, and what can be decided about it. Money is decimal text, days are YYYY-MM-DD. */
export interface FoundRecommendation {
  recommendationId: number;
  checkId: string;
  checkVersion: string;
  kind: 'usage' | 'rate';
  subject: string;
  resourceId: string | null;
  resourceName: string | null;
  resourceType: string | null;
  subAccountId: string | null;
  accountName: string | null;
  serviceName: string | null;
  regionId: string | null;
  tags: Record<string, string>;
  title: string;
  action: Record<string, unknown>;
  evidence: Record<string, unknown>;
  settings: Record<string, unknown>;
  windowStart: string;
  windowEnd: string;
  currency: string;
  estimatedMonthlySavings: string;
  listMonthlySavings: string | null;
  coveredMonthlySavings: string | null;
  basis: string;
  risk: 'low' | 'medium' | 'high';
  effort: 'low' | 'medium' | 'high';
  owner: string | null;
  environment: string | null;
  isProtected: boolean;
  state: 'open' | 'dismissed' | 'accepted' | 'applied' | 'verified' | 'regressed' | 'closed';
  foundAt: Date;
  lastFoundAt: Date;
  decidedAt: Date | null;
  decidedBy: string | null;
  decisionReason: string | null;
  dismissedUntil: string | null;
  closedAt: Date | null;
  closedReason: string | null;
  alternativeTo: number | null;
  alternatives: number[];
}

export interface Recommendations {
  /** @throws PennyError `not_found` */
  find(principal: Principal, recommendationId: number): Promise<FoundRecommendation>;
  /** @throws PennyError `forbidden`, `not_found`, `conflict`, `invalid_input` */
  decide(
    principal: Principal,
    recommendationId: number,
    decision:
      | { decision: 'dismiss'; reason: string; until?: string | undefined }
      | { decision: 'accept' | 'reopen'; reason?: string | undefined },
    surface: Actor['surface'],
  ): Promise<FoundRecommendation>;
}

/** What the web server is made of; whoever starts it wires these. */
export interface ServerOptions {
  config: Config;
  db: ToolContext['db'];
  assistant: Assistant;
  people: People;
  jobs: Jobs;
  recommendations: Recommendations;
  budgets: Budgets;
  businessMetrics: BusinessMetrics;
  anomalies: AnomalyDesk;
  decisions: Decisions;
  log: Log;
  now: () => Date;
  /** Resolves when questions can be answered. @throws PennyError `database_unavailable` or `database_schema` */
  ready(): Promise<void>;
  /** The tools behind the data routes; default: all of them. */
  tools?: Tool[];
  /** The folder of the built page; default: the one the build wrote. */
  clientFolder?: string;
}
