import { sql } from 'drizzle-orm';
import type pg from 'pg';
import { runQuery } from '../queries/run.ts';

/** `[start, end)`, UTC days as YYYY-MM-DD. */
interface Days {
  start: string;
  end: string;
}

/** A commitment as the bill shows it. Amounts are decimal text, over the days asked for; days are YYYY-MM-DD. */
export interface CommitmentRow {
  billingAccountId: string;
  commitmentId: string;
  name: string | null;
  type: string | null;
  serviceName: string | null;
  regionId: string | null;
  subAccountId: string | null;
  currency: string;
  usedCost: string;
  unusedCost: string;
  coveredListCost: string | null;
  /** Of what was bought, for example '1 year No Upfront Compute Savings Plan'. */
  description: string | null;
  /** When it ends, as the inventory has it; null where it does not know it. */
  endDate: string | null;
  firstSeenDate: string;
  lastSeenDate: string;
  /** Whether it was there when the bill began, so that its first day is not known. */
  isOlderThanBill: boolean;
}

/** How long before the days asked for a commitment may have ended and still be told of. */
const BEFORE_DAYS = 62;

const at = (day: string, daysBefore = 0) =>
  sql`(${day}::date::timestamp AT TIME ZONE 'UTC' - make_interval(days => ${daysBefore}))`;

/** Returns the commitments that are on the bill in these days or were within two months before them. */
export async function readCommitments(client: pg.ClientBase, { start, end }: Days): Promise<CommitmentRow[]> {
  const used = sql`commitment_discount_status = 'Used' AND charge_period_start >= ${at(start)}`;
  const rows = await runQuery<CommitmentRow & pg.QueryResultRow>(
    client,
    sql`SELECT billing_account_id AS "billingAccountId", commitment_discount_id AS "commitmentId", billing_currency AS currency,
        max(commitment_discount_name) AS name, max(commitment_discount_type) AS type,
        max(service_name) FILTER (WHERE charge_category = 'Purchase') AS "serviceName",
        max(region_id) FILTER (WHERE charge_category = 'Purchase') AS "regionId",
        max(sub_account_id) FILTER (WHERE charge_category = 'Purchase') AS "subAccountId",
        max(charge_description) FILTER (WHERE charge_category = 'Purchase') AS description,
        trim_scale(coalesce(sum(effective_cost) FILTER (WHERE ${used}), 0))::text AS "usedCost",
        trim_scale(coalesce(sum(effective_cost) FILTER (WHERE commitment_discount_status = 'Unused' AND charge_period_start >= ${at(start)}), 0))::text AS "unusedCost",
        CASE WHEN count(*) FILTER (WHERE ${used} AND list_cost IS NULL) = 0
          THEN trim_scale(coalesce(sum(list_cost) FILTER (WHERE ${used}), 0))::text END AS "coveredListCost",
        (SELECT configuration ->> 'endDate' FROM resources WHERE resource_id = commitment_discount_id) AS "endDate",
        (min(charge_period_start) AT TIME ZONE 'UTC')::date::text AS "firstSeenDate",
        (max(charge_period_start) AT TIME ZONE 'UTC')::date::text AS "lastSeenDate", false AS "isOlderThanBill"
      FROM billing
      WHERE commitment_discount_id IS NOT NULL AND charge_period_start >= ${at(start, BEFORE_DAYS)} AND charge_period_start < ${at(end)}
        AND billing_period_start >= ${at(start, 2 * BEFORE_DAYS)}
      GROUP BY 1, 2, 3 ORDER BY 1, 2, 3`,
  );
  const firsts = await firstDays(
    client,
    rows.map(({ commitmentId }) => commitmentId),
  );
  return rows.map((row) => ({ ...row, ...firsts.get(row.commitmentId) }));
}

/** Returns since when commitments have been on the bill. The monthly sums know the month, and its lines alone are read for the day. */
async function firstDays(
  client: pg.ClientBase,
  ids: readonly string[],
): Promise<Map<string, Pick<CommitmentRow, 'firstSeenDate' | 'isOlderThanBill'>>> {
  if (ids.length === 0) return new Map();
  const months = await runQuery<{ id: string; first: Date; isOlderThanBill: boolean }>(
    client,
    sql`SELECT commitment_discount_id AS id, min(billing_period_start) AS first,
        min(billing_period_start) = (SELECT min(billing_period_start) FROM cost_monthly) AS "isOlderThanBill"
      FROM cost_monthly WHERE commitment_discount_id = ANY(${sql.param(ids)}::text[]) GROUP BY 1`,
  );
  const days = await runQuery<{ id: string; day: string }>(
    client,
    sql`SELECT commitment_discount_id AS id, (min(charge_period_start) AT TIME ZONE 'UTC')::date::text AS day FROM billing
      WHERE billing_period_start = ANY(${sql.param([...new Set(months.map(({ first }) => first.toISOString()))])}::timestamptz[])
        AND commitment_discount_id = ANY(${sql.param(ids)}::text[]) GROUP BY 1`,
  );
  const byId = new Map(days.map(({ id, day }) => [id, day]));
  return new Map(
    months.flatMap(({ id, isOlderThanBill }) => {
      const firstSeenDate = byId.get(id);
      return firstSeenDate === undefined ? [] : [[id, { firstSeenDate, isOlderThanBill }] as const];
    }),
  );
}

/** What was used at on-demand prices: one kind of use on one day. */
export interface OnDemandRow {
  billingAccountId: string;
  serviceName: string | null;
  regionId: string | null;
  usageType: string;
  instanceType: string | null;
  currency: string;
  /** YYYY-MM-DD. */
  day: string;
  listCost: string;
}

/** Returns what was used at on-demand prices in these days and whose list price is known, by kind of use and day. */
export function readOnDemandUse(client: pg.ClientBase, { start, end }: Days): Promise<OnDemandRow[]> {
  return runQuery<OnDemandRow & pg.QueryResultRow>(
    client,
    sql`SELECT billing_account_id AS "billingAccountId", service_name AS "serviceName", region_id AS "regionId",
        x_usage_type AS "usageType", x_instance_type AS "instanceType", billing_currency AS currency,
        (charge_period_start AT TIME ZONE 'UTC')::date::text AS day, trim_scale(sum(list_cost))::text AS "listCost"
      FROM billing
      WHERE charge_period_start >= ${at(start)} AND charge_period_start < ${at(end)} AND billing_period_start >= ${at(start, BEFORE_DAYS)}
        AND charge_category = 'Usage' AND pricing_category = 'Standard' AND commitment_discount_id IS NULL
        AND x_split_parent_resource_id IS NULL AND x_usage_type IS NOT NULL AND list_cost > 0
      GROUP BY 1, 2, 3, 4, 5, 6, 7`,
  );
}
