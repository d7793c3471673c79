import type { DecimalText } from '../money.ts';

/** What is known of a week for an audience, read from stored data. Money is decimal text in one currency, days are YYYY-MM-DD. */
export interface Material {
  /** 'the organisation' or 'team checkout'. */
  audience: string;
  currency: string;
  /** `[start, end)`, and the days compared with. */
  week: { start: string; end: string };
  cost: { total: DecimalText; previous: DecimalText; change: DecimalText; percent: DecimalText | null };
  /** The services that moved most, the largest first. */
  drivers: Driver[];
  anomalies: AnomalyNews[];
  /** All of them with a day in the week, and those nobody has said anything of. */
  anomalyCount: number;
  anomaliesToJudge: number;
  savings: SavingsNews | null;
  recommendations: RecommendationNews | null;
  budgets: BudgetNews[];
  /** What the month comes to by the forecast, and the month's first day. */
  forecast: { month: string; amount: DecimalText } | null;
}

export interface Driver {
  service: string | null;
  cost: DecimalText;
  previous: DecimalText;
  change: DecimalText;
  percent: DecimalText | null;
  /** What moved it most: new, gone, usage, price, commitment, credits, other. */
  component: string;
  /** The resource or usage type under it that moved most. */
  detail: string | null;
}

export interface AnomalyNews {
  anomalyId: number;
  /** What it is of, in words. */
  subject: string;
  direction: 'up' | 'down';
  startDate: string;
  isOpen: boolean;
  impact: DecimalText;
  /** What drove it, as far as it is known. */
  cause: string | null;
}

export interface SavingsNews {
  measured: DecimalText | null;
  holding: DecimalText | null;
  measuredCount: number;
  waitingCount: number;
  /** Undone in or since the week. */
  regressed: { subject: string; amount: DecimalText; since: string }[];
}

export interface RecommendationNews {
  count: number;
  estimated: DecimalText;
  /** The largest. */
  top: { recommendationId: number; title: string; subject: string; estimated: DecimalText }[];
}

export interface BudgetNews {
  name: string;
  kind: 'actual' | 'forecast' | 'burn rate';
  thresholdPercent: DecimalText;
  amount: DecimalText;
  limit: DecimalText;
}
