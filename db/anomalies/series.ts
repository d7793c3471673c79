import { sql } from 'drizzle-orm';
import type pg from 'pg';
import { toText } from '../queries/run.ts';

/** The daily cost of some part of the bill: effective cost of usage and purchases; credits, tax and adjustments are left out. */
export interface StoredCostSeries {
  /** The same for the same part and currency, whenever it is read. */
  key: string;
  /** What the part is: none for the whole bill, else `sub_account_id`, `service_name`, `region_id`, `x_usage_type` or `tag:team` with their value. */
  dimensions: Record<string, string>;
  currency: string;
  /** In order of date. Days without a charge are absent. */
  days: { date: string; cost: string }[];
}

/** Series at once; each has up to 25 months of days. */
const FETCHED = 500;

/**
 * Yields the series that are watched, from `from` on: the whole bill, each account, service, service of an account and service in a region;
 * with `rollups`, where those hold every month, also each value of an allocation tag and each usage type of a service. Usage types of
 * machines are left out: another size is another usage type, and no problem. Each relation is read once. Runs in the transaction of `client`.
 */
export async function* readCostSeries(
  client: pg.ClientBase,
  { from, rollups }: { from: string; rollups: boolean },
): AsyncGenerator<StoredCostSeries> {
  const { text, values } = toText(statement(from, rollups));
  await client.query(`DECLARE cost_series NO SCROLL CURSOR FOR ${text}`, values);
  for (;;) {
    const { rows } = await client.query<Row>(`FETCH ${FETCHED} FROM cost_series`);
    for (const row of rows) yield seriesOf(row);
    if (rows.length < FETCHED) break;
  }
  await client.query('CLOSE cost_series');
}

interface Row extends pg.QueryResultRow {
  currency: string;
  account: string | null;
  service: string | null;
  region: string | null;
  usage_type: string | null;
  tag_key: string | null;
  tag_value: string | null;
  days: string;
}

/** A part without a value (a global region, untagged charges) is no series: what is in it has nothing in common. */
const statement = (from: string, rollups: boolean) => sql`WITH parts AS (
    SELECT billing_currency AS currency, sub_account_id AS account, service_name AS service, region_id AS region,
      NULL::text AS tag_key, NULL::text AS tag_value, charge_date AS day, sum(effective_cost) AS cost,
      grouping(sub_account_id, service_name, region_id) AS missing
    FROM cost_daily
    WHERE charge_category IN ('Usage', 'Purchase') AND charge_date >= ${from}::date
    GROUP BY billing_currency, charge_date, GROUPING SETS (
      (), (sub_account_id), (service_name), (sub_account_id, service_name), (service_name, region_id))
  ), tagged AS (
    SELECT charge.billing_currency, tag.key, lower(tag.value) AS value, charge.period_start AS day,
      sum(charge.effective_cost) AS cost
    FROM cost_rollup AS charge
      JOIN allocation_sets AS sets USING (allocation_set_id), jsonb_each_text(sets.tags) AS tag
    WHERE ${rollups} AND charge.rollup = 'daily_tags' AND charge.charge_category IN ('Usage', 'Purchase') AND charge.period_start >= ${from}::date
    GROUP BY charge.billing_currency, tag.key, lower(tag.value), charge.period_start
  ), metered AS (
    SELECT billing_currency, service_name, x_usage_type, period_start AS day, sum(effective_cost) AS cost
    FROM cost_rollup
    WHERE ${rollups} AND rollup = 'daily_usage' AND charge_category IN ('Usage', 'Purchase') AND period_start >= ${from}::date
      AND service_name IS NOT NULL AND x_usage_type IS NOT NULL AND x_instance_type IS NULL
    GROUP BY billing_currency, service_name, x_usage_type, period_start
  ), days AS (
    SELECT currency, account, service, region, NULL::text AS usage_type, tag_key, tag_value, day, cost FROM parts
    WHERE (account IS NOT NULL OR missing & 4 <> 0) AND (service IS NOT NULL OR missing & 2 <> 0) AND (region IS NOT NULL OR missing & 1 <> 0)
    UNION ALL
    SELECT billing_currency, NULL, NULL, NULL, NULL, key, value, day, cost FROM tagged
    UNION ALL
    SELECT billing_currency, NULL, service_name, NULL, x_usage_type, NULL, NULL, day, cost FROM metered
  )
  SELECT currency, account, service, region, usage_type, tag_key, tag_value,
    string_agg(to_char(day, 'YYYY-MM-DD ') || trim_scale(cost), ',' ORDER BY day) AS days
  FROM days
  GROUP BY currency, account, service, region, usage_type, tag_key, tag_value`;

function seriesOf({ currency, account, service, region, usage_type: usageType, ...row }: Row): StoredCostSeries {
  const { tag_key: key, tag_value: value, days } = row;
  const dimensions = {
    ...(account === null ? {} : { sub_account_id: account }),
    ...(service === null ? {} : { service_name: service }),
    ...(region === null ? {} : { region_id: region }),
    ...(usageType === null ? {} : { x_usage_type: usageType }),
    ...(key === null || value === null ? {} : { [`tag:${key}`]: value }),
  };
  return {
    key: seriesKey(currency, dimensions),
    dimensions,
    currency,
    days: days.split(',').map((day) => ({ date: day.slice(0, 10), cost: day.slice(11) })),
  };
}

/** The key of the series of a part of the bill. */
export function seriesKey(currency: string, dimensions: Readonly<Record<string, string>>): string {
  const sorted = Object.entries(dimensions).sort(([one], [other]) => (one < other ? -1 : 1));
  return new URLSearchParams([['billing_currency', currency], ...sorted]).toString();
}
