import { sql } from 'drizzle-orm';
import type pg from 'pg';
import { runQuery } from '../queries/run.ts';

/** The levels by which the bill is split; the parts of each add up to the organisation. */
export type CostLevel = 'organisation' | 'account' | 'service' | 'team';

/** What a part of the bill cost each day, credits and adjustments left out. */
export interface CostHistory {
  level: CostLevel;
  /** `{}`, or `sub_account_id`, `service_name` or `tag:team` with its value; null for charges that have none. */
  dimensions: Record<string, string> | null;
  currency: string;
  /** In order of date; days without a charge are absent. `recurring` is what comes once or twice a month, such as tax or a fee. */
  days: { date: string; steady: number; recurring: number }[];
}

interface Row extends pg.QueryResultRow {
  currency: string;
  level: CostLevel;
  value: string | null;
  days: string;
}

const NAMES = { organisation: '', account: 'sub_account_id', service: 'service_name', team: 'tag:team' };

/**
 * Returns the history of the organisation, each account, service and team (values of the tag `team`), in effective cost, of the days
 * `[from, through]`. Amounts are floats: they are learned from, not added up.
 */
export async function readCostHistories(client: pg.ClientBase, from: string, through: string): Promise<CostHistory[]> {
  const rows = await runQuery<Row>(client, statement(from, through));
  return rows.map(({ currency, level, value, days }) => ({
    ...{ level, currency },
    dimensions: level === 'organisation' ? {} : value === null ? null : { [NAMES[level]]: value },
    days: days.split(',').map((text) => {
      const [date = '', steady, recurring] = text.split(' ');
      return { date, steady: Number(steady), recurring: Number(recurring) };
    }),
  }));
}

/** What comes on at most two days of a month, in more than one month, recurs. */
const statement = (from: string, through: string) => sql`WITH spent AS (
    SELECT billing_currency AS currency, sub_account_id AS account, service_name AS service, charge_category AS category, charge_date AS day,
      sum(effective_cost) AS cost
    FROM cost_daily WHERE charge_category NOT IN ('Credit', 'Adjustment') AND charge_date BETWEEN ${from}::date AND ${through}::date
    GROUP BY 1, 2, 3, 4, 5
  ), rare AS (
    SELECT currency, category, coalesce(service, '') AS name FROM spent GROUP BY 1, 2, 3
    HAVING count(DISTINCT day) <= 2 * count(DISTINCT date_trunc('month', day)) AND count(DISTINCT date_trunc('month', day)) > 1
  ), marked AS (
    SELECT spent.*, spent.category = 'Tax' OR rare.name IS NOT NULL AS recurs
    FROM spent LEFT JOIN rare ON rare.currency = spent.currency AND rare.category = spent.category AND rare.name = coalesce(spent.service, '')
  ), parts AS (
    SELECT currency, CASE grouping(account, service) WHEN 3 THEN 'organisation' WHEN 1 THEN 'account' ELSE 'service' END AS level,
      CASE grouping(account, service) WHEN 1 THEN account WHEN 2 THEN service END AS value, day,
      sum(cost) FILTER (WHERE NOT recurs) AS steady, sum(cost) FILTER (WHERE recurs) AS recurring
    FROM marked GROUP BY currency, day, GROUPING SETS ((), (account), (service))
    UNION ALL
    SELECT charge.billing_currency, 'team', lower(sets.tags ->> 'team'), charge_date,
      sum(effective_cost) FILTER (WHERE charge_category <> 'Tax' AND rare.name IS NULL),
      sum(effective_cost) FILTER (WHERE charge_category = 'Tax' OR rare.name IS NOT NULL)
    FROM cost_daily_tagged AS charge LEFT JOIN allocation_sets AS sets USING (allocation_set_id)
      LEFT JOIN rare ON rare.currency = charge.billing_currency AND rare.category = charge_category AND rare.name = coalesce(service_name, '')
    WHERE charge_category NOT IN ('Credit', 'Adjustment') AND charge_date BETWEEN ${from}::date AND ${through}::date
    GROUP BY 1, 3, 4
  )
  SELECT currency, level, value,
    string_agg(concat_ws(' ', to_char(day, 'YYYY-MM-DD'), coalesce(trim_scale(round(steady, 6)), 0), coalesce(trim_scale(round(recurring, 6)), 0)), ',' ORDER BY day) AS days
  FROM parts GROUP BY currency, level, value ORDER BY currency, level, value`;

/** What a commitment covers, split by where its use is charged: what that would cost more a day without the commitment. */
export interface CoveredUse {
  commitmentId: string;
  currency: string;
  account: string | null;
  service: string | null;
  team: string | null;
  /** At contracted (or list) prices less what is paid now, unused parts included; summed over the days asked for. */
  saved: number;
  description: string | null;
}

/** Returns what commitments saved in `[from, through]`, by account, service and team. */
export async function readCoveredUse(client: pg.ClientBase, from: string, through: string): Promise<CoveredUse[]> {
  return runQuery<CoveredUse & pg.QueryResultRow>(
    client,
    sql`WITH bought AS (
        SELECT commitment_discount_id AS id, max(charge_description) FILTER (WHERE charge_category = 'Purchase') AS description
        FROM billing WHERE commitment_discount_id IS NOT NULL AND charge_period_start >= ${from}::date - 40
          AND billing_period_start >= ${from}::date - 100 GROUP BY 1)
      SELECT commitment_discount_id AS "commitmentId", billing_currency AS currency, sub_account_id AS account, service_name AS service,
        lower(sets.folded ->> 'team') AS team, max(bought.description) AS description,
        sum(CASE WHEN commitment_discount_status = 'Used' THEN coalesce(contracted_cost, list_cost, effective_cost) ELSE 0 END
          - effective_cost)::float8 AS saved
      FROM billing LEFT JOIN tag_sets AS sets USING (tag_set_id) JOIN bought ON bought.id = commitment_discount_id
      WHERE charge_period_start >= ${from}::date AND charge_period_start < ${through}::date + 1
        AND billing_period_start >= ${from}::date - 62 AND charge_category IN ('Usage', 'Purchase')
      GROUP BY 1, 2, 3, 4, 5`,
  );
}
