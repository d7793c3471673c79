/** What is planted in the estate and what it comes to. Amounts are USD as decimal text, summed from the generated charges. */
export interface Truth {
  estate: { seed: number; months: number; scale: number; from: string; through: string; payerAccountId: string };
  accounts: { accountId: string; name: string; role: string }[];
  /** By billing month. `amortized` leaves credits out; `unblended` and `unblendedWithoutCredits` say so themselves. */
  totals: MonthTotal[];
  /** Amortized cost of each service by month, credits left out. */
  services: { service: string; productCode: string; month: string; amortized: string }[];
  /** Services by the change of their amortized cost, last 60 days against the 60 before; largest rise first. */
  changes60Days: { service: string; current: string; previous: string; change: string }[];
  /** The month for which waste is stated: the last full one. */
  wasteMonth: string;
  wasteTotal: { monthlyCost: string; expectedSaving: string; shareOfSpend: number };
  waste: WasteTruth[];
  decoys: { check: string; resourceId: string; reason: string }[];
  anomalies: EventTruth[];
  plannedEvents: EventTruth[];
  changes: ChangeTruth[];
  remediations: RemediationTruth[];
  /** Resources that report no metrics although their kind does. */
  withoutUsage: string[];
  /** Share of amortized usage cost whose lines carry no team tag, in the waste month. */
  untaggedShare: number;
}

export interface MonthTotal {
  month: string;
  lines: number;
  unblended: string;
  unblendedWithoutCredits: string;
  amortized: string;
  list: string;
  credits: string;
  tax: string;
  unusedCommitments: string;
}

export interface Place {
  accountId: string;
  region: string;
  application: string;
}

export interface WasteTruth extends Place {
  check: string;
  resourceId: string;
  /** The ids on the bill whose charges these are; for a service or node group, its tasks or nodes. */
  billedResourceIds: string[];
  monthlyCost: string;
  monthlyListCost: string;
  expectedSaving: string;
  expectedListSaving: string;
  reason: string;
  target?: string;
  evidence: { metrics: string[] } | { inventory: string };
}

export interface EventTruth {
  id: string;
  shape: string;
  from: string;
  /** First day after it; the estate's end for what lasts. */
  to: string;
  dimensions: Record<string, string>;
  actual: string;
  expected: string;
  impact: string;
  reason: string;
}

export interface ChangeTruth {
  id: string;
  kind: string;
  date: string;
  dimensions: Record<string, string>;
  /**
   * Amortized and list cost a day of the touched charges over the 28 days before and after, as far as the estate reaches.
   * For a commitment these are the charges it covers, so that list less amortized is what it saves a day.
   */
  before: string;
  after: string;
  listBefore: string;
  listAfter: string;
  reason: string;
}

export interface RemediationTruth extends Place {
  action: string;
  date: string;
  resourceIds: string[];
  dailyCostBefore: string;
  dailyCostAfter: string;
  /** Savings a month of 30.4 days, and since the day, measured on the charges. */
  realizedMonthlySavings: string;
  realizedSavings: string;
  revertedOn?: string;
  reason: string;
}
