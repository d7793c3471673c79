import { sql } from 'drizzle-orm';
import type pg from 'pg';
import { type Bill, costsOf, filtersOf, newestForecast } from '../queries/budgets.ts';
import { explainChange } from '../queries/changes.ts';
import type { DateRange } from '../queries/dimensions.ts';
import { daysBefore } from '../queries/freshness.ts';
import { runQuery } from '../queries/run.ts';

/** For whom a summary is: everything, or the cost with a tag value. */
export interface Audience {
  name: string;
  dimensions: Record<string, string>;
}

/** How many of each kind a summary names. */
const NAMED = 3;
const DRIVERS = 5;

/** Returns those who get a summary: the organisation, and each value of the team tag with cost in the days. */
export async function audiencesOf(client: pg.ClientBase, teamTag: string, week: DateRange): Promise<Audience[]> {
  const rows = await runQuery<{ value: string }>(
    client,
    sql`SELECT mode() WITHIN GROUP (ORDER BY sets.tags ->> ${teamTag}) AS value FROM cost_daily_tagged AS charge JOIN allocation_sets AS sets USING (allocation_set_id)
      WHERE charge_date >= ${week.start}::date AND charge_date < ${week.end}::date AND sets.tags ->> ${teamTag} <> ''
      GROUP BY lower(sets.tags ->> ${teamTag}) HAVING sum(effective_cost) > 0 ORDER BY sum(effective_cost) DESC`,
  );
  return [
    { name: 'the organisation', dimensions: {} },
    ...rows.map(({ value }) => ({ name: `${teamTag} ${value}`, dimensions: { [`tag:${teamTag}`]: value } })),
  ];
}

/** Returns what moved between two weeks, by service, with the statement that told it; null without charges in either. */
export async function readChange(
  client: pg.ClientBase,
  audience: Audience,
  week: DateRange,
  currency: string,
  bill: Bill,
) {
  const before = { start: daysBefore(week.start, 7), end: week.start };
  const {
    totals,
    drivers,
    sql: text,
  } = await explainChange(
    client,
    {
      ...{ metric: 'effective_cost', period: week, comparedTo: before, filters: filtersOf(audience.dimensions) },
      ...{
        dimension: { kind: 'column', column: 'service_name' },
        limit: DRIVERS,
        includeCredits: false,
        scope: bill.scope,
      },
    },
    bill.freshness,
  );
  const total = totals.find((one) => one.currency === currency);
  if (total === undefined) return null;
  const own = drivers.filter((one) => one.currency === currency);
  return {
    sql: text,
    cost: { total: total.total, previous: total.totalPrevious, change: total.change, percent: total.percentChange },
    drivers: own
      .filter(({ detail }) => detail === null)
      .map((one) => ({
        ...{
          service: one.value,
          cost: one.cost,
          previous: one.previous,
          change: one.change,
          percent: one.percentChange,
        },
        component: one.component,
        detail: detailOf(own.find((other) => other.value === one.value && other.detail !== null)),
      })),
  };
}

const detailOf = (driver: { detail: string | null; detailName: string | null } | undefined): string | null =>
  driver === undefined ? null : (driver.detailName ?? driver.detail);

/** Whether dimensions, or tags, have what the audience is about; everything has what everybody is about. */
const hasAll = (json: string) =>
  `NOT EXISTS (SELECT FROM jsonb_each_text($1::jsonb) AS wanted WHERE NOT EXISTS (SELECT FROM jsonb_each_text(${json}) AS own
     WHERE lower(own.key) IN (lower(wanted.key), replace(lower(wanted.key), 'tag:', '')) AND lower(own.value) = lower(wanted.value)))`;

export interface AnomalyRow {
  anomalyId: number;
  dimensions: Record<string, string>;
  direction: 'up' | 'down';
  startDate: string;
  isOpen: boolean;
  impact: string;
  cause: Record<string, unknown> | null;
  isJudged: boolean;
}

/** Returns the anomalies of cost with a day in the week that people are alerted to, the largest first. */
export async function readAnomalies(
  client: pg.ClientBase,
  audience: Audience,
  week: DateRange,
  currency: string,
): Promise<AnomalyRow[]> {
  const { rows } = await client.query<AnomalyRow>(
    `SELECT anomaly_id::int AS "anomalyId", dimensions, direction, start_date AS "startDate", state = 'open' AS "isOpen", trim_scale(impact) AS impact,
       cause, feedback IS NOT NULL AS "isJudged"
     FROM anomalies WHERE role = 'lead' AND parent_id IS NULL AND quiet_because IS NULL AND kind <> 'usage' AND billing_currency = $4
       AND start_date < $3::date AND end_date > $2::date AND (closed_because IS NULL OR closed_because <> 'restated') AND ${hasAll('dimensions')}
     ORDER BY abs(impact) DESC, anomaly_id`,
    [JSON.stringify(audience.dimensions), week.start, week.end, currency],
  );
  return rows;
}

const OF_RESOURCE = `EXISTS (SELECT FROM resources AS owned WHERE owned.resource_id = found.resource_id AND ${hasAll('owned.tags')})`;
const OF_AUDIENCE = `($1::jsonb = '{}' OR ${OF_RESOURCE})`;

/** Returns what savings come to, and which are gone since the week began; null when there are none. */
export async function readSavings(client: pg.ClientBase, audience: Audience, week: DateRange, currency: string) {
  const dimensions = JSON.stringify(audience.dimensions);
  const { rows } = await client.query<{
    measured: string | null;
    holding: string | null;
    measuredCount: number;
    waitingCount: number;
  }>(
    `SELECT trim_scale(sum(realized_savings)) AS measured, trim_scale(sum(realized_savings) FILTER (WHERE state <> 'regressed')) AS holding,
       count(realized_savings)::int AS "measuredCount", (count(*) FILTER (WHERE state = 'waiting'))::int AS "waitingCount"
     FROM savings AS found WHERE billing_currency = $2 AND ${OF_AUDIENCE}`,
    [dimensions, currency],
  );
  const regressed = await client.query<{ subject: string; amount: string; since: string }>(
    `SELECT coalesce(name, subject) AS subject, trim_scale(realized_savings) AS amount, measurement ->> 'regressedOn' AS since
     FROM savings AS found LEFT JOIN resources USING (resource_id)
     WHERE found.state = 'regressed' AND billing_currency = $2 AND (measurement ->> 'regressedOn')::date >= $3::date AND ${OF_AUDIENCE}
     ORDER BY realized_savings DESC LIMIT ${NAMED}`,
    [dimensions, currency, week.start],
  );
  const [sums] = rows;
  if (sums === undefined || sums.measuredCount + sums.waitingCount === 0) return null;
  return { ...sums, regressed: regressed.rows };
}

/** Returns what is recommended and open: less use only, each charge once; null when there is nothing. */
export async function readRecommendations(client: pg.ClientBase, audience: Audience, currency: string) {
  const open = `found.state = 'open' AND found.kind = 'usage' AND alternative_to IS NULL AND billing_currency = $2 AND ${OF_AUDIENCE}`;
  const values = [JSON.stringify(audience.dimensions), currency];
  const { rows } = await client.query<{ count: number; estimated: string }>(
    `SELECT count(*)::int AS count, trim_scale(coalesce(sum(estimated_monthly_savings), 0)) AS estimated FROM recommendations AS found WHERE ${open}`,
    values,
  );
  const [sums] = rows;
  if (sums === undefined || sums.count === 0) return null;
  const top = await client.query<{ recommendationId: number; title: string; subject: string; estimated: string }>(
    `SELECT recommendation_id::int AS "recommendationId", title, coalesce(name, subject) AS subject, trim_scale(estimated_monthly_savings) AS estimated
     FROM recommendations AS found LEFT JOIN resources USING (resource_id) WHERE ${open}
     ORDER BY estimated_monthly_savings DESC, recommendation_id LIMIT ${NAMED}`,
    values,
  );
  return { ...sums, top: top.rows };
}

/** Returns what is worst of each budget that crossed a threshold since the week began: overspent, else what lies ahead, else what was spent. */
export async function readBudgetNews(client: pg.ClientBase, audience: Audience, week: DateRange, currency: string) {
  const { rows } = await client.query<{
    name: string;
    kind: 'actual' | 'forecast' | 'burn rate';
    thresholdPercent: string;
    amount: string;
    limit: string;
  }>(
    `SELECT DISTINCT ON (budget.name) budget.name, found.kind, trim_scale(threshold_percent) AS "thresholdPercent",
       trim_scale(found.amount) AS amount, trim_scale(limit_amount) AS "limit"
     FROM budget_alerts AS found JOIN budgets AS budget USING (budget_id)
     WHERE raised_at >= $2::date AND billing_currency = $3 AND archived_at IS NULL AND ${hasAll('budget.dimensions')}
     ORDER BY budget.name, (found.kind = 'actual' AND threshold_percent >= 100) DESC, found.kind = 'actual', found.kind = 'burn rate',
       threshold_percent DESC LIMIT ${2 * NAMED}`,
    [JSON.stringify(audience.dimensions), week.start, currency],
  );
  return rows;
}

/** Returns what the month that the bill reaches comes to by the newest forecast; null without one of all its days. */
export async function readMonthForecast(client: pg.ClientBase, audience: Audience, currency: string, bill: Bill) {
  const { dataThrough } = bill.freshness;
  if (dataThrough === null) return null;
  const [month, nextDay] = [`${dataThrough.slice(0, 7)}-01`, daysBefore(dataThrough, -1)];
  const end = new Date(Date.UTC(Number(month.slice(0, 4)), Number(month.slice(5, 7)), 1)).toISOString().slice(0, 10);
  if (nextDay >= end) return null;
  const of = { dimensions: audience.dimensions, metric: 'effective_cost', currency };
  const rest = await newestForecast(client, of, { start: nextDay, end }, dataThrough);
  if (rest === null) return null;
  const { spent } = await costsOf(client, of, { spent: { start: month, end: nextDay } }, bill);
  const { rows } = await client.query<{ amount: string }>(
    'SELECT trim_scale(round($1::numeric + $2::numeric, 6)) AS amount',
    [...[spent, rest.mean]],
  );
  return { month, amount: rows[0]?.amount ?? spent };
}
