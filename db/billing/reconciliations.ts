import type pg from 'pg';
import type { billReconciliations, ReconciliationCause } from '../schema/reconciliations.ts';

/** A cost with its parts, decimal text; a part is null where the cost is not split. */
export interface StoredSplit {
  total: string;
  tax: string | null;
  credits: string | null;
  refunds: string | null;
  support: string | null;
  marketplace: string | null;
}

/** A month of an account, or of a whole bill, as stored and as somebody else says. */
export interface ComparedMonth {
  month: string;
  covers: 'bill' | 'account';
  accountId: string;
  currency: string;
  metric: 'billed_cost' | 'effective_cost';
  source: 'cost_explorer' | 'invoice' | null;
  stored: StoredSplit | null;
  reference: StoredSplit | null;
  isMonthLoaded: boolean;
  loadedAt: Date | null;
  fetchedAt: Date | null;
}

/**
 * Every reference with what is stored of the same month, account, currency and cost, and what is stored of a month that no reference
 * speaks of: once for a whole bill, or for each account that is missing among those of the reference.
 */
export async function compareMonths(client: pg.ClientBase): Promise<ComparedMonth[]> {
  return (await client.query<ComparedMonth>(COMPARE)).rows;
}

// A line is in one part only. Marketplace is what sells under no known category and whose publisher sells nothing else.
const PART = `CASE WHEN charge_category = 'Tax' THEN 'tax'
    WHEN charge_category = 'Credit' THEN 'credits'
    WHEN charge_category = 'Adjustment' THEN 'refunds'
    WHEN service_category = 'Other' AND publisher_name <> ALL (own.names) THEN 'marketplace'
    WHEN service_name ILIKE '%support%' THEN 'support'
    ELSE 'charges' END`;

const MONTH = "date_trunc('month', billing_period_start AT TIME ZONE 'UTC')::date";
const part = (name: string): string => `trim_scale(coalesce(sum(amount) FILTER (WHERE part = '${name}'), 0))`;
const split = (names: Record<string, string>): string =>
  `json_build_object(${Object.entries(names)
    .flatMap(([name, sql]) => [`'${name}'`, `(${sql})::text`])
    .join(', ')})`;

const COMPARE = `WITH own AS MATERIALIZED (
    SELECT coalesce(array_agg(DISTINCT publisher_name) FILTER (WHERE publisher_name IS NOT NULL), '{}') AS names
    FROM cost_daily WHERE service_category <> 'Other'
  ), loads AS MATERIALIZED (
    SELECT ${MONTH} AS month, billing_account_id, max(loaded_at) AS loaded_at
    FROM billing_load_periods AS period JOIN billing_loads AS load USING (load_id) WHERE period.is_current GROUP BY 1, 2
  ), parts AS (
    SELECT ${MONTH} AS month, billing_account_id, sub_account_id, billing_currency AS currency, ${PART} AS part,
      sum(billed_cost) AS billed_cost, sum(effective_cost) AS effective_cost
    FROM cost_daily, own GROUP BY 1, 2, 3, 4, 5
  ), stored AS MATERIALIZED (
    SELECT month, covers, account_id, currency, metric, max(billing_account_id) AS payer, max(loaded_at) AS loaded_at,
      ${split({
        total: 'trim_scale(sum(amount))',
        ...Object.fromEntries(
          ['tax', 'credits', 'refunds', 'support', 'marketplace'].map((name) => [name, part(name)]),
        ),
      })} AS stored
    FROM parts
      CROSS JOIN LATERAL (VALUES ('bill', billing_account_id), ('account', sub_account_id)) AS whose (covers, account_id)
      CROSS JOIN LATERAL (VALUES ('billed_cost', billed_cost), ('effective_cost', effective_cost)) AS cost (metric, amount)
      LEFT JOIN loads USING (month, billing_account_id)
    WHERE account_id IS NOT NULL GROUP BY 1, 2, 3, 4, 5
  ), referred AS MATERIALIZED (
    SELECT source, billing_month AS month,
      CASE WHEN source = 'invoice' AND account_id IN (SELECT billing_account_id FROM loads) THEN 'bill' ELSE 'account' END AS covers,
      account_id, billing_currency AS currency, metric, max(fetched_at) AS fetched_at,
      CASE WHEN bool_or(part = 'total') THEN json_build_object('total', trim_scale(sum(amount))::text)
        ELSE ${split({
          total: 'trim_scale(sum(amount))',
          ...Object.fromEntries(['tax', 'credits', 'refunds'].map((name) => [name, part(name)])),
          support: "trim_scale(sum(amount) FILTER (WHERE part = 'support'))",
        })} END AS reference
    FROM bill_references GROUP BY 1, 2, 3, 4, 5, 6
  ), compared AS (
    SELECT * FROM stored FULL JOIN referred USING (month, covers, account_id, currency, metric)
  ), spoken_of AS (
    SELECT DISTINCT month, payer, currency, covers FROM compared WHERE source IS NOT NULL AND payer IS NOT NULL
  )
  SELECT month, covers, account_id AS "accountId", currency, metric, source, stored, reference,
    month IN (SELECT month FROM loads) AS "isMonthLoaded", loaded_at AS "loadedAt", fetched_at AS "fetchedAt"
  FROM compared
  WHERE source IS NOT NULL OR (metric = 'billed_cost' AND CASE covers
      WHEN 'bill' THEN (month, payer, currency) NOT IN (SELECT month, payer, currency FROM spoken_of)
      ELSE (month, payer, currency, 'account') IN (SELECT month, payer, currency, covers FROM spoken_of)
        AND (month, payer, currency, 'bill') NOT IN (SELECT month, payer, currency, covers FROM spoken_of) END)
  ORDER BY month DESC, covers DESC, account_id, currency, metric, source`;

/** A compared month with what came of it. */
export type JudgedMonth = Omit<ComparedMonth, 'stored' | 'reference' | 'isMonthLoaded'> & {
  storedAmount: string | null;
  referenceAmount: string | null;
  difference: string | null;
  status: (typeof billReconciliations.$inferSelect)['status'];
  causes: ReconciliationCause[];
};

/** Stores what came of comparing all months, in place of what came of it before. */
export async function storeReconciliations(
  client: pg.ClientBase,
  judged: readonly JudgedMonth[],
  checkedAt: Date,
): Promise<void> {
  await client.query('DELETE FROM bill_reconciliations');
  await client.query(
    `INSERT INTO bill_reconciliations (billing_month, covers, account_id, billing_currency, metric, source, stored_amount,
       reference_amount, difference, difference_percent, status, causes, loaded_at, fetched_at, checked_at)
     SELECT month, covers, "accountId", currency, metric, source, "storedAmount", "referenceAmount", difference,
       CASE WHEN "referenceAmount" <> 0 THEN round(100 * difference / abs("referenceAmount"), 2) END, status, causes, "loadedAt", "fetchedAt", $2
     FROM jsonb_to_recordset($1::jsonb) AS judged (month date, covers text, "accountId" text, currency text, metric text, source text,
       "storedAmount" numeric, "referenceAmount" numeric, difference numeric, status text, causes jsonb, "loadedAt" timestamptz,
       "fetchedAt" timestamptz)`,
    [JSON.stringify(judged), checkedAt],
  );
}
