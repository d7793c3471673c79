const ALL = '(SELECT access.sees_all())';
const ACCOUNT = 'sub_account_id = ANY ((SELECT access.sub_accounts())::text[])';
const ALLOCATION = 'allocation_set_id IN (SELECT access.allocation_sets())';
const ONE_OF_THE_RESOURCES = (column: string): string =>
  `EXISTS (SELECT FROM public.resources AS seen WHERE seen.resource_id = ${column})`;

/** A finding over some dimensions belongs to who may see those; one over the whole organisation to who may see everything. */
const DIMENSIONS = 'access.in_scope(dimensions)';

/** Who pays for visible charges, and where they arose. */
const ON_A_VISIBLE_CHARGE = `account_id IN (
  SELECT unnest(ARRAY[billing_account_id, sub_account_id]) FROM public.cost_rollup WHERE rollup = 'monthly_tags')`;

/**
 * Which rows a person may see, table by table: the one place that says so, for tools, API, dashboards, digests and SQL alike.
 * Postgres lays these conditions on every query of the roles that read on a person's behalf (roles.ts); the owner, who loads
 * and computes, is not bound by them. A scope is a union: what lies in one of its sub-accounts or carries one of its tag values.
 */
export const ROW_POLICIES: Record<string, string> = {
  billing: `${ALL} OR ${ACCOUNT} OR tag_set_id IN (SELECT access.tag_sets())`,
  cost_monthly: `${ALL} OR ${ACCOUNT} OR tag_set_id IN (SELECT access.tag_sets())`,
  cost_daily: `${ALL} OR ${ACCOUNT}`,
  cost_daily_tagged: `${ALL} OR ${ACCOUNT} OR ${ALLOCATION}`,
  cost_rollup: `${ALL} OR ${ACCOUNT} OR ${ALLOCATION}`,
  accounts: `${ALL} OR account_id = ANY ((SELECT access.sub_accounts())::text[]) OR ${ON_A_VISIBLE_CHARGE}`,
  resources: `${ALL} OR ${ACCOUNT} OR access.tagged(tags)`,
  resource_changes: `${ALL} OR ${ONE_OF_THE_RESOURCES('resource_changes.resource_id')}`,
  usage: `${ALL} OR ${ONE_OF_THE_RESOURCES('usage.resource_id')}`,
  anomalies: `${ALL} OR ${DIMENSIONS}`,
  anomaly_feedback: `${ALL} OR ${DIMENSIONS} OR given_by = (SELECT access.person())`,
  forecasts: `${ALL} OR ${DIMENSIONS}`,
  forecast_points: `${ALL} OR EXISTS (SELECT FROM public.forecasts AS seen WHERE seen.forecast_id = forecast_points.forecast_id)`,
  recommendations: `${ALL} OR ${ACCOUNT} OR ${ONE_OF_THE_RESOURCES('recommendations.resource_id')}`,
  savings: `${ALL} OR ${ONE_OF_THE_RESOURCES('savings.resource_id')}`,
  budgets: `${ALL} OR ${DIMENSIONS}`,
  budget_alerts: `${ALL} OR EXISTS (SELECT FROM public.budgets AS seen WHERE seen.budget_id = budget_alerts.budget_id)`,
  business_metrics: `${ALL} OR ${DIMENSIONS}`,
  insights: `${ALL} OR ${DIMENSIONS}`,
  bill_reconciliations: `${ALL} OR (covers = 'account' AND account_id = ANY ((SELECT access.sub_accounts())::text[]))`,
  remediations: `${ALL} OR requested_by = (SELECT access.person()) OR ${ONE_OF_THE_RESOURCES('remediations.resource_id')}`,
};

/** What says nothing about anybody's cost by itself: everybody who asks may read it. */
export const SHARED_TABLES = [
  ...['tag_sets', 'allocation_sets', 'prices', 'billing_loads', 'billing_load_periods'],
  'recommendation_checks',
];
