import type pg from 'pg';
import type { Principal } from '../principal.ts';
import { COMPONENTS, type Component, changeStatement } from './change-statement.ts';
import type { CostFilter, DateRange, Dimension, Metric } from './dimensions.ts';
import type { Freshness } from './freshness.ts';
import { runQuery, toText } from './run.ts';
import type { Snapshot } from './snapshot.ts';

export { COMPONENTS, type Component } from './change-statement.ts';

/** A question about the change of cost from one period to another. */
export interface ChangeRequest {
  metric: Metric;
  period: DateRange;
  comparedTo: DateRange;
  filters: readonly CostFilter[];
  /** What the drivers are values of. */
  dimension: Dimension;
  /** How many drivers per currency. */
  limit: number;
  includeCredits: boolean;
  scope: Principal['scope'];
}

/** The change in one currency, decimal text; the components add up to `change` exactly. */
export interface ChangeTotals {
  currency: string;
  total: string;
  totalPrevious: string;
  change: string;
  percentChange: string | null;
  components: Record<Component, string>;
  /** Each component as percent of the size of the change; null when there is none. */
  shares: Record<Component, string | null>;
  /** The change of credits, counted or not. */
  creditsChange: string;
  /** The effective cost of charges for which the metric is unknown, both periods; null when it is known for all. */
  unknownFor: string | null;
  /** How many values of the dimension changed. */
  drivers: number;
}

/** A value of the dimension, or a resource or usage type under it (`detail` set), with what moved it most. */
export interface ChangeDriver {
  currency: string;
  value: string | null;
  name: string | null;
  detail: string | null;
  detailName: string | null;
  cost: string;
  previous: string;
  change: string;
  percentChange: string | null;
  component: Component;
  componentChange: string;
}

export interface ChangeResult {
  sql: string;
  totals: ChangeTotals[];
  /** The largest change first, each followed by its details. */
  drivers: ChangeDriver[];
}

/**
 * Why cost changed: the change split without remainder, and the values of a dimension that changed most.
 *
 * Every charge falls into one kind. Credits make `credits`. Unused commitments and purchases of commitments make
 * `commitment`. Tax, refunds, corrections and other purchases make `other`. All else is use, told apart by price line:
 * resource, service, usage type, account, region, operation and unit. A line is `new` when its resource (without one: its
 * service and usage type) had no charge before, `gone` when it has none after. In what was there both times let Q be the
 * quantity, L the list cost, E the cost asked for, 0 before and 1 after, p = L/Q the list price and d = E/L what was paid
 * of it:
 *
 *     usage      = (Q1 - Q0) p0 d0       what more or less use costs at the old price and discount
 *     price      = Q1 (p1 - p0) d0       what the new list price costs for the use after
 *     commitment = Q1 p1 (d1 - d0)       what paying another part of the list price costs
 *
 * These are the quantity and price variances of standard costing ((AQ - SQ) SP and (AP - SP) AQ; Horngren, Datar, Rajan:
 * Cost Accounting, "Flexible Budgets, Direct-Cost Variances"), the price taken apart once more into list and discount.
 * They telescope to E1 - E0; `usage` is computed as what the other two leave, so that rounding cannot open a gap. Where the
 * list cost is missing or does not belong to the charge, `price` is the change of the price paid and `commitment` 0. Lines
 * that are there only once in something that was there both times (an instance that changed its size) are `usage`; lines
 * without quantity are `other`.
 */
export async function explainChange(
  client: Snapshot,
  request: ChangeRequest,
  freshness: Freshness,
): Promise<ChangeResult> {
  const statement = changeStatement(request, freshness);
  const records = await runQuery<ChangeRecord>(client, statement);
  const ofLevel = (level: number): ChangeRecord[] => records.filter((record) => record.level === level);
  return {
    sql: toText(statement).text,
    totals: ofLevel(1).map((record) =>
      totalsOf(
        record,
        ofLevel(2).filter(({ currency }) => currency === record.currency),
      ),
    ),
    drivers: ofLevel(3).map(driverOf),
  };
}

interface ChangeRecord extends pg.QueryResultRow {
  level: number;
  currency: string;
  key: string | null;
  key_name: string | null;
  detail: string | null;
  detail_name: string | null;
  component: Component;
  cost: string;
  previous: string;
  change: string;
  percent_change: string | null;
  component_change: string;
  credits_change: string;
  unknown: string | null;
  of: string;
}

function totalsOf(record: ChangeRecord, parts: ChangeRecord[]): ChangeTotals {
  const byComponent = <Value>(value: (part: ChangeRecord) => Value, none: Value): Record<Component, Value> =>
    Object.fromEntries(
      COMPONENTS.map((component) => {
        const part = parts.find((candidate) => candidate.component === component);
        return [component, part ? value(part) : none];
      }),
    ) as Record<Component, Value>;
  return {
    currency: record.currency,
    total: record.cost,
    totalPrevious: record.previous,
    change: record.change,
    percentChange: record.percent_change,
    components: byComponent(({ change }) => change, '0'),
    shares: byComponent<string | null>(({ percent_change }) => percent_change, null),
    creditsChange: record.credits_change,
    unknownFor: record.unknown,
    drivers: Number(record.of),
  };
}

function driverOf(record: ChangeRecord): ChangeDriver {
  return {
    currency: record.currency,
    value: record.key,
    name: record.key_name,
    detail: record.detail,
    detailName: record.detail_name,
    cost: record.cost,
    previous: record.previous,
    change: record.change,
    percentChange: record.percent_change,
    component: record.component,
    componentChange: record.component_change,
  };
}
