import { type SQL, sql } from 'drizzle-orm';
import type pg from 'pg';
import { runQuery } from './run.ts';

export const SAVING_STATES = ['waiting', 'measured', 'holding', 'regressed', 'unmeasurable'] as const;

export type SavingState = (typeof SAVING_STATES)[number];

/** Which savings are asked for. */
export interface SavingsRequest {
  state?: SavingState | undefined;
  /** First day of the changes asked for, and the day after the last. */
  since?: string | undefined;
  until?: string | undefined;
}

/** What a saving is told of. Money is decimal text, a month is 730 hours, days are YYYY-MM-DD. */
export interface Saving {
  savingId: number;
  subject: string;
  name: string | null;
  subAccountId: string | null;
  kind: string;
  origin: 'penny' | 'outside';
  recommendationId: number | null;
  changeDate: string;
  state: SavingState;
  currency: string;
  estimatedMonthlySavings: string | null;
  realizedSavings: string | null;
  /** The same at list prices. */
  listSavings: string | null;
  confidence: 'low' | 'medium' | 'high' | null;
  basis: string | null;
  regressedOn: string | null;
  holdingChecks: { day: number; holds: boolean }[];
}

/** What the savings asked for come to in one currency, each kind of number by itself. */
export interface SavingsTotals {
  currency: string;
  /** Measured on the bill, whatever became of it, and the two parts of that. */
  measured: string | null;
  holding: string | null;
  regressed: string | null;
  /** What was estimated of those that are not measured yet. */
  estimatedWaiting: string | null;
  counts: Record<SavingState, number>;
}

/** Returns the sums over all savings asked for that the reader may see, by currency. */
export function savingsTotals(client: pg.ClientBase, request: SavingsRequest): Promise<SavingsTotals[]> {
  const sum = (column: string, ...states: SavingState[]): SQL =>
    sql`trim_scale(sum(${sql.raw(column)}) FILTER (WHERE state = ANY (${sql.param(states)}::text[])))`;
  const counts = SAVING_STATES.map((state) => sql`${state}::text, count(*) FILTER (WHERE state = ${state})`);
  return runQuery<SavingsTotals & pg.QueryResultRow>(
    client,
    sql`SELECT billing_currency AS currency, ${sum('realized_savings', 'measured', 'holding', 'regressed')} AS measured,
        ${sum('realized_savings', 'measured', 'holding')} AS holding, ${sum('realized_savings', 'regressed')} AS regressed,
        ${sum('estimated_monthly_savings', 'waiting')} AS "estimatedWaiting", json_build_object(${sql.join(counts, sql`, `)}) AS counts
      FROM savings WHERE ${conditionOf(request)} GROUP BY 1 ORDER BY count(*) DESC, 1`,
  );
}

/** The place of the last row of a page. */
export interface SavingPlace {
  changeDate: string;
  savingId: number;
}

/** Returns savings, those of the newest changes first, after `after`. */
export function listSavings(
  client: pg.ClientBase,
  request: SavingsRequest,
  { limit, after }: { limit: number; after?: SavingPlace | undefined },
): Promise<Saving[]> {
  const place =
    after === undefined
      ? sql`TRUE`
      : sql`(change_date, saving_id) < (${after.changeDate}::date, ${after.savingId}::bigint)`;
  return runQuery<Saving & pg.QueryResultRow>(
    client,
    sql`SELECT saving_id::int AS "savingId", subject, resource.name, resource.sub_account_id AS "subAccountId", measurement ->> 'kind' AS kind, origin,
        recommendation_id::int AS "recommendationId", change_date AS "changeDate", savings.state, billing_currency AS currency,
        trim_scale(estimated_monthly_savings) AS "estimatedMonthlySavings", trim_scale(realized_savings) AS "realizedSavings",
        measurement ->> 'listMonthlySavings' AS "listSavings", confidence, basis, measurement ->> 'regressedOn' AS "regressedOn",
        holding_checks AS "holdingChecks"
      FROM savings LEFT JOIN resources AS resource USING (resource_id)
      WHERE ${conditionOf(request)} AND ${place} ORDER BY change_date DESC, saving_id DESC LIMIT ${limit}`,
  );
}

function conditionOf({ state, since, until }: SavingsRequest): SQL {
  const conditions = [
    ...(state === undefined ? [] : [sql`savings.state = ${state}`]),
    ...(since === undefined ? [] : [sql`change_date >= ${since}::date`]),
    ...(until === undefined ? [] : [sql`change_date < ${until}::date`]),
  ];
  return conditions.length === 0 ? sql`TRUE` : sql.join(conditions, sql` AND `);
}
