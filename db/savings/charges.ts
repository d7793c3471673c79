import type pg from 'pg';

/** What one kind of use of what a change touched cost on a day. Money is decimal text. */
export interface SavingCharge {
  savingId: number;
  day: string;
  usageType: string | null;
  currency: string;
  effectiveCost: string;
  listCost: string | null;
  coveredCost: string;
  quantity: string;
  commitmentIds: string[];
}

/**
 * Resources whose cost stands on the bill under the ids of their parts, which carry a tag that the cloud itself sets: keys as the
 * bill spells them, lower-cased.
 */
const OWNED_BY_TAG = [
  {
    type: 'ecs:service',
    name: ['aws:ecs_service_name', 'aws:ecs:servicename'],
    group: ['aws:ecs_cluster_name', 'aws:ecs:clustername'],
    groupField: 'cluster',
  },
  {
    type: 'eks:nodegroup',
    name: ['eks:nodegroup-name', 'aws:eks_nodegroup_name'],
    group: ['eks:cluster-name', 'aws:eks_cluster_name'],
    groupField: 'cluster',
  },
  { type: 'autoscaling:group', name: ['aws:autoscaling:groupname'], group: null, groupField: null },
];

const DAYS_BEFORE = 45;

/**
 * Returns the daily usage charges of what each saving's change touched, from weeks before the change to `settledEnd`: the resource's
 * own, those of its parts, and where something was removed what went with it or was made in its place: the volumes of a machine,
 * the last snapshot of a volume. Where no inventory knows the volumes of a machine, they are those named after it whose charges end
 * on the same day.
 */
export async function chargesOfSavings(
  client: pg.ClientBase,
  savingIds: readonly number[],
  settledEnd: string,
): Promise<SavingCharge[]> {
  if (savingIds.length === 0) return [];
  const { rows } = await client.query<SavingCharge>(CHARGES, [savingIds, settledEnd, JSON.stringify(OWNED_BY_TAG)]);
  return rows;
}

const VALUE_OF = (keys: string) =>
  `(SELECT sets.folded ->> key FROM jsonb_array_elements_text(${keys}) AS key WHERE sets.folded ? key LIMIT 1)`;

const CHARGES = `WITH subject AS MATERIALIZED (
    SELECT saving_id, subject AS resource_id, change_date, measurement ->> 'kind' AS kind, coalesce(measurement -> 'resourceIds', '[]') AS more
    FROM savings WHERE saving_id = ANY ($1::bigint[])
  ), billed AS MATERIALIZED (
    SELECT saving_id, resource_id FROM subject
    UNION SELECT saving_id, id FROM subject, jsonb_array_elements_text(more) AS id
    UNION SELECT saving_id, part.resource_id FROM subject JOIN resources AS part ON part.configuration ->> 'attachedTo' = subject.resource_id
      WHERE kind = 'removed'
    UNION SELECT saving_id, volume FROM subject JOIN resources USING (resource_id),
      jsonb_array_elements_text(CASE WHEN jsonb_typeof(configuration -> 'volumes') = 'array' THEN configuration -> 'volumes' ELSE '[]' END) AS volume
      WHERE kind = 'removed'
    UNION SELECT saving_id, part.resource_id FROM subject JOIN resources AS part ON part.configuration ->> 'sourceVolumeId' = subject.resource_id
      WHERE kind = 'removed' AND part.created_at >= change_date - 8
    UNION SELECT saving_id, part.resource_id FROM subject JOIN resources AS own USING (resource_id)
      JOIN resources AS part ON part.sub_account_id = own.sub_account_id AND part.last_seen_date = own.last_seen_date
        AND starts_with(part.name, own.name || '-') AND part.configuration IS NULL
      WHERE kind = 'removed' AND own.name <> '' AND own.last_seen_date <= change_date
  ), owner AS MATERIALIZED (
    SELECT saving_id, sub_account_id, own.name AS owner, rule.name, rule."group", own.configuration ->> rule."groupField" AS owner_group
    FROM subject JOIN resources AS own USING (resource_id)
      JOIN jsonb_to_recordset($3::jsonb) AS rule (type text, name jsonb, "group" jsonb, "groupField" text) ON rule.type = own.type
  ), tagged AS MATERIALIZED (
    SELECT saving_id, tag_set_id, sub_account_id FROM owner JOIN tag_sets AS sets ON ${VALUE_OF('owner.name')} = owner
      AND (owner_group IS NULL OR ${VALUE_OF('owner."group"')} = owner_group)
  ), window_of AS MATERIALIZED (
    SELECT saving_id, (change_date - ${DAYS_BEFORE})::timestamp AT TIME ZONE 'UTC' AS since FROM subject
  ), bill AS NOT MATERIALIZED (
    SELECT resource_id, tag_set_id, sub_account_id, charge_period_start, x_usage_type, billing_currency, effective_cost, list_cost,
      consumed_quantity, commitment_discount_id, commitment_discount_status FROM billing
    WHERE billing_period_start >= date_trunc('month', (SELECT min(since) FROM window_of) AT TIME ZONE 'UTC') AT TIME ZONE 'UTC'
      AND charge_period_start >= (SELECT min(since) FROM window_of)
      AND charge_period_start < $2::date::timestamp AT TIME ZONE 'UTC' AND charge_category = 'Usage'
  ), touched AS (
    SELECT saving_id, bill.* FROM bill JOIN billed USING (resource_id)
    UNION ALL
    SELECT saving_id, bill.* FROM bill JOIN tagged USING (tag_set_id, sub_account_id)
  )
  SELECT saving_id::int AS "savingId", (charge_period_start AT TIME ZONE 'UTC')::date AS day, x_usage_type AS "usageType",
    billing_currency AS currency, trim_scale(sum(effective_cost)) AS "effectiveCost", trim_scale(sum(list_cost)) AS "listCost",
    trim_scale(coalesce(sum(effective_cost) FILTER (WHERE commitment_discount_status = 'Used'), 0)) AS "coveredCost",
    trim_scale(coalesce(sum(consumed_quantity), 0)) AS quantity,
    coalesce(array_agg(DISTINCT commitment_discount_id) FILTER (WHERE commitment_discount_status = 'Used'), '{}') AS "commitmentIds"
  FROM touched JOIN window_of USING (saving_id) WHERE charge_period_start >= since
  GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3`;

/** What commitments cost unused, a day, before and after a change, and what all resources together freed of them. Decimal text. */
export interface IdleOfCommitments {
  before: string;
  after: string;
  freedByAll: string;
}

/** Returns what some commitments cost unused in two stretches of days, `[start, end)`. */
export async function idleOfCommitments(
  client: pg.ClientBase | pg.Pool,
  commitmentIds: readonly string[],
  before: { start: string; end: string },
  after: { start: string; end: string },
): Promise<IdleOfCommitments> {
  const { rows } = await client.query<IdleOfCommitments>(IDLE, [
    ...[commitmentIds, before.start, before.end, after.start, after.end],
  ]);
  return rows[0] ?? { before: '0', after: '0', freedByAll: '0' };
}

/** A fee of a month (RIFee) is of all its days, of which some lie in the stretch. */
const within = (start: string, end: string): string =>
  `coalesce(sum(effective_cost * greatest(0, least(last, ${end}::date) - greatest(first, ${start}::date)) / (last - first)), 0) / (${end}::date - ${start}::date)`;

const IDLE = `WITH bill AS (
    SELECT resource_id, commitment_discount_status AS status, effective_cost, (charge_period_start AT TIME ZONE 'UTC')::date AS first,
      greatest((charge_period_end AT TIME ZONE 'UTC')::date, (charge_period_start AT TIME ZONE 'UTC')::date + 1) AS last
    FROM billing WHERE commitment_discount_id = ANY ($1) AND commitment_discount_status IS NOT NULL
      AND billing_period_start >= date_trunc('month', $2::date::timestamp) AT TIME ZONE 'UTC'
  ), used AS (
    SELECT resource_id, status, ${within('$2', '$3')} AS before, ${within('$4', '$5')} AS after FROM bill GROUP BY 1, 2
  )
  SELECT trim_scale(coalesce(sum(before) FILTER (WHERE status = 'Unused'), 0)) AS before,
    trim_scale(coalesce(sum(after) FILTER (WHERE status = 'Unused'), 0)) AS after,
    trim_scale(coalesce(sum(before - after) FILTER (WHERE status = 'Used' AND before > after), 0)) AS "freedByAll"
  FROM used`;
