import type { DecimalText } from '../money.ts';
import type { CommitmentEvidence } from './commitment-evidence.ts';
import type { Charge, Evidence, Price } from './evidence.ts';
import type { CheckId, SettingsOf } from './thresholds.ts';

export type Level = 'low' | 'medium' | 'high';

/** A metric that a check looks at, over how many days back. */
export interface MetricNeed {
  metric: string;
  windowDays: number;
  /** Whether `maxByWeekHour` is wanted too. */
  byWeekHour?: true;
}

/** A field of a resource: 'resourceId', 'name', 'subAccountId', 'regionId', or a path such as 'configuration.attachedTo'. */
export type Field = string;

/** Other resources that a check looks at along with the one it is about, such as the volumes of an instance. */
export interface RelationNeed {
  /** Under which name they stand in `Evidence.related`. */
  name: string;
  /** Left out: of any type. What only the bill knows, such as tasks of ECS, has a type in the bill's own words. */
  resourceType?: string;
  /** Pairs of a field of the resource and one of the other that must be equal, all of them; of several lists one must hold. */
  on: readonly (readonly (readonly [own: Field, other: Field])[])[];
  metrics?: readonly MetricNeed[];
}

/** What a check needs besides inventory, charges, history and prices, which it is always given. */
export interface Needs {
  metrics?: readonly MetricNeed[];
  related?: readonly RelationNeed[];
}

/** A share of charges that a change would save. What it leaves alone is in no part. */
export interface SavedShare {
  /** Whose charges. */
  resourceId: string;
  /** Which of them: as in the evidence, unchanged. */
  charges: readonly Charge[];
  /** How much of them would go away, from '0' to '1'. */
  savedShare: DecimalText;
  /** In words: 'all charges', 'compute at the list price of m5.xlarge instead of m5.2xlarge'. */
  why: string;
  /** The list prices that the share was computed from. */
  prices?: readonly Price[];
}

/** An amount a month of 730 hours that a change would save, for what is no share of charges, such as better coverage. */
export interface SavedAmount {
  monthly: DecimalText;
  currency: string;
  why: string;
  prices?: readonly Price[];
}

export type SavingsPart = SavedShare | SavedAmount;

/** A measured value beside the limit it was held to. */
export interface Measured {
  what: string;
  value: number | string;
  unit: string | null;
  limit?: number | string;
}

/** What to do, for people and for the job that may do it after an approval. */
export interface Action {
  /** The remediation's name, such as 'terminate-instance'. */
  action: string;
  parameters: Readonly<Record<string, unknown>>;
}

export interface Recommend {
  verdict: 'recommend';
  action: Action;
  /** One line for people. Names of resources stand apart, so none is in it. */
  title: string;
  measured: readonly Measured[];
  /** The rule with its numbers, in one sentence. */
  rule: string;
  /** Empty: it saves nothing by itself, and `notes` say why to do it all the same. */
  savings: readonly SavingsPart[];
  risk: Level;
  effort: Level;
  /** What to know before doing it: what was not measured, what cannot be undone. */
  notes: readonly string[];
}

/** All is as it should be, and why. */
export interface Keep {
  verdict: 'keep';
  why: string;
  measured: readonly Measured[];
}

/** Nothing can be said, and what is missing to say it. As good an answer as the others. */
export interface Unknown {
  verdict: 'unknown';
  missing: readonly string[];
}

/** The check does not concern this resource: an instance of another state, a volume of another type. */
export interface NotConcerned {
  verdict: 'not concerned';
}

export type Verdict = Recommend | Keep | Unknown | NotConcerned;

/** A rule that finds one kind of waste. It reads no clock, no database and no environment: all it knows is handed to it. */
export interface Check<Id extends CheckId = CheckId, Settings = SettingsOf<Id>> {
  /** '<service>-<finding>', as the file is named. */
  id: Id;
  /** Raised when the rule changes, so that findings of different rules can be told apart. */
  version: string;
  title: string;
  /** What it looks for and by which rule, in a sentence or two; the documentation shows it. */
  about: string;
  resourceTypes: readonly string[];
  needs(settings: Settings): Needs;
  evaluate(evidence: Evidence, settings: Settings, now: Date): Verdict;
}

/** A check as the registry holds it: its settings come from the table under its id. */
export type AnyCheck = Check<CheckId, never>;

/** Keeps the type of a check's settings together with its functions, and yields what the registry holds. */
export function defineCheck<Id extends CheckId>(check: Check<Id, SettingsOf<Id>>): Check<Id, SettingsOf<Id>> {
  return check;
}

export const keep = (why: string, measured: readonly Measured[] = []): Keep => ({ verdict: 'keep', why, measured });
export const unknown = (...missing: string[]): Unknown => ({ verdict: 'unknown', missing });
export const NOT_CONCERNED: NotConcerned = { verdict: 'not concerned' };

/** A check of commitments (reservations, Savings Plans) rather than resources. Its findings are about rates, not about use. */
export interface CommitmentCheck<Id extends CheckId = CheckId, Settings = SettingsOf<Id>>
  extends Pick<Check<Id, Settings>, 'id' | 'version' | 'title' | 'about'> {
  evaluate(evidence: CommitmentEvidence, settings: Settings, now: Date): CommitmentFinding[];
}

/** What a commitment check finds: a verdict on each thing it looked at. */
export interface CommitmentFinding {
  /** What it is about: the commitment's id, or another key such as 'coverage/111122223333/us-east-1'. */
  subject: string;
  subAccountId: string | null;
  serviceName: string | null;
  regionId: string | null;
  verdict: Verdict;
}

export type AnyCommitmentCheck = CommitmentCheck<CheckId, never>;

export function defineCommitmentCheck<Id extends CheckId>(
  check: CommitmentCheck<Id, SettingsOf<Id>>,
): CommitmentCheck<Id, SettingsOf<Id>> {
  return check;
}
