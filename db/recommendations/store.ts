import type pg from 'pg';
import { type Actor, recordAudit } from '../audit/record.ts';
import type { LEVELS, RECOMMENDATION_KINDS, RECOMMENDATION_STATES } from '../schema/recommendations.ts';

type Level = (typeof LEVELS)[number];
export type RecommendationState = (typeof RECOMMENDATION_STATES)[number];

/** What a check found, ready to be stored. Days are YYYY-MM-DD, money is decimal text. */
export interface Finding {
  checkId: string;
  checkVersion: string;
  kind: (typeof RECOMMENDATION_KINDS)[number];
  subject: string;
  resourceId: string | null;
  subAccountId: string | null;
  serviceName: string | null;
  regionId: string | null;
  title: string;
  action: object;
  evidence: object;
  settings: object;
  windowStart: string;
  windowEnd: string;
  billingCurrency: string;
  estimatedMonthlySavings: string;
  listMonthlySavings: string | null;
  coveredMonthlySavings: string;
  basis: string;
  risk: Level;
  effort: Level;
  owner: string | null;
  environment: string | null;
  isProtected: boolean;
  /** The finding it gives way to, as checkId and subject. */
  alternativeTo: { checkId: string; subject: string } | null;
}

/** A recommendation that has not ended. */
export interface AliveRecommendation {
  recommendationId: number;
  checkId: string;
  subject: string;
  state: RecommendationState;
  /** YYYY-MM-DD. */
  dismissedUntil: string | null;
  /** Whether the inventory has seen it go. */
  isGone: boolean;
  /** When the inventory last saw it change or go; null when it never did. */
  changedAt: Date | null;
}

/** A step in the life of a recommendation that a run of the checks takes. */
export interface Transition {
  recommendationId: number;
  to: 'open' | 'closed';
  reason: string;
}

/** What the last run of a check came to. */
export interface CheckRun {
  checkId: string;
  checkVersion: string;
  settings: object;
  recommended: number;
  kept: number;
  unknown: number;
  missing: Readonly<Record<string, number>>;
}

// One run of the checks at a time: each goes by what the one before left.
export const RECOMMENDATIONS_LOCK = 727_012;

/** Returns the recommendations of these checks that have not ended. */
export async function aliveRecommendations(
  client: pg.ClientBase,
  checkIds: readonly string[],
): Promise<AliveRecommendation[]> {
  const { rows } = await client.query<AliveRecommendation>(
    `SELECT recommendation_id::int AS "recommendationId", check_id AS "checkId", subject, known.state,
       dismissed_until::text AS "dismissedUntil", coalesce(resource.state = 'deleted', false) AS "isGone",
       (SELECT max(observed_at) FROM resource_changes AS change WHERE change.resource_id = known.resource_id AND change.kind <> 'created') AS "changedAt"
     FROM recommendations AS known LEFT JOIN resources AS resource USING (resource_id)
     WHERE closed_at IS NULL AND check_id = ANY($1)`,
    [checkIds],
  );
  return rows;
}

const COLUMNS = {
  check_id: 'checkId',
  check_version: 'checkVersion',
  kind: 'kind',
  subject: 'subject',
  resource_id: 'resourceId',
  sub_account_id: 'subAccountId',
  service_name: 'serviceName',
  region_id: 'regionId',
  title: 'title',
  action: 'action',
  evidence: 'evidence',
  settings: 'settings',
  window_start: 'windowStart',
  window_end: 'windowEnd',
  billing_currency: 'billingCurrency',
  estimated_monthly_savings: 'estimatedMonthlySavings',
  list_monthly_savings: 'listMonthlySavings',
  covered_monthly_savings: 'coveredMonthlySavings',
  basis: 'basis',
  risk: 'risk',
  effort: 'effort',
  owner: 'owner',
  environment: 'environment',
  is_protected: 'isProtected',
} as const satisfies Record<string, keyof Finding>;

const TYPES: Readonly<Record<string, string>> = {
  ...{ action: 'jsonb', evidence: 'jsonb', settings: 'jsonb', window_start: 'date', window_end: 'date' },
  ...{ estimated_monthly_savings: 'numeric', list_monthly_savings: 'numeric', covered_monthly_savings: 'numeric' },
  is_protected: 'boolean',
};

/** How many findings go in one statement. */
const AT_ONCE = 500;

/**
 * Stores what a run of the checks found and returns the numbers of what was not known before. What is known is updated in place,
 * whatever its state: a dismissed one stays dismissed. Each new one is audited.
 */
export async function storeFindings(
  client: pg.ClientBase,
  findings: readonly Finding[],
  { actor, at }: { actor: Actor; at: Date },
): Promise<number> {
  let found = 0;
  for (let from = 0; from < findings.length; from += AT_ONCE) {
    const { rows } = await client.query<FoundRow>(UPSERT, [JSON.stringify(findings.slice(from, from + AT_ONCE)), at]);
    for (const { isNew, recommendationId, ...details } of rows.filter((row) => row.isNew)) {
      found++;
      const subject = { type: 'recommendation', id: recommendationId };
      await recordAudit(client, { ...actor, occurredAt: at, event: 'recommendation.found', subject, details });
    }
  }
  await linkAlternatives(client, findings);
  return found;
}

interface FoundRow {
  recommendationId: string;
  isNew: boolean;
  checkId: string;
  resourceId: string | null;
  estimatedMonthlySavings: string;
  billingCurrency: string;
}

const names = Object.keys(COLUMNS);
const UPSERT = `INSERT INTO recommendations AS known (${names.join(', ')}, found_at, last_found_at)
  SELECT ${Object.entries(COLUMNS).map(([column, key]) => `(found->>'${key}')::${TYPES[column] ?? 'text'}`)}, $2, $2
  FROM jsonb_array_elements($1::jsonb) AS found
  ON CONFLICT (check_id, subject) WHERE closed_at IS NULL DO UPDATE SET
    ${names.map((column) => `${column} = excluded.${column}`).join(', ')}, last_found_at = excluded.last_found_at
  RETURNING recommendation_id AS "recommendationId", found_at = last_found_at AND xmax = 0 AS "isNew", check_id AS "checkId",
    resource_id AS "resourceId", estimated_monthly_savings::text AS "estimatedMonthlySavings", billing_currency AS "billingCurrency"`;

async function linkAlternatives(client: pg.ClientBase, findings: readonly Finding[]): Promise<void> {
  const links = findings.map(({ checkId, subject, alternativeTo }) => ({ checkId, subject, alternativeTo }));
  await client.query(
    `UPDATE recommendations AS known SET alternative_to = other.recommendation_id
     FROM jsonb_array_elements($1::jsonb) AS link
     LEFT JOIN recommendations AS other ON other.check_id = link->'alternativeTo'->>'checkId'
       AND other.subject = link->'alternativeTo'->>'subject' AND other.closed_at IS NULL
     WHERE known.check_id = link->>'checkId' AND known.subject = link->>'subject' AND known.closed_at IS NULL
       AND known.alternative_to IS DISTINCT FROM other.recommendation_id`,
    [JSON.stringify(links)],
  );
}

/** Takes steps in lives and audits each. */
export async function takeTransitions(
  client: pg.ClientBase,
  transitions: readonly Transition[],
  { actor, at }: { actor: Actor; at: Date },
): Promise<void> {
  await client.query(TAKE, [JSON.stringify(transitions), at]);
  for (const { recommendationId, to, reason } of transitions) {
    const subject = { type: 'recommendation', id: String(recommendationId) };
    const event = EVENTS[to];
    await recordAudit(client, { ...actor, occurredAt: at, event, subject, details: { reason } });
  }
}

const EVENTS = {
  open: 'recommendation.reopened',
  closed: 'recommendation.closed',
} as const satisfies Record<Transition['to'], string>;

// What others gave way to and is over makes way: the next run counts them.
const TAKE = `WITH step AS (
    SELECT (step->>'recommendationId')::bigint AS recommendation_id, step->>'to' AS state, step->>'reason' AS reason
    FROM jsonb_array_elements($1::jsonb) AS step
  )
  UPDATE recommendations AS known SET state = step.state, dismissed_until = NULL,
    closed_at = CASE WHEN step.state = 'closed' THEN $2::timestamptz END,
    closed_reason = CASE WHEN step.state = 'closed' THEN step.reason END,
    alternative_to = CASE WHEN step.state = 'closed' THEN NULL ELSE known.alternative_to END
  FROM step WHERE known.recommendation_id = step.recommendation_id`;

/** Keeps what each check came to, in place of what it came to before. */
export async function storeCheckRuns(client: pg.ClientBase, runs: readonly CheckRun[], at: Date): Promise<void> {
  await client.query(
    `INSERT INTO recommendation_checks (check_id, check_version, settings, ran_at, recommended, kept, unknown, missing)
     SELECT run->>'checkId', run->>'checkVersion', run->'settings', $2, (run->>'recommended')::int, (run->>'kept')::int,
       (run->>'unknown')::int, run->'missing' FROM jsonb_array_elements($1::jsonb) AS run
     ON CONFLICT (check_id) DO UPDATE SET check_version = excluded.check_version, settings = excluded.settings,
       ran_at = excluded.ran_at, recommended = excluded.recommended, kept = excluded.kept, unknown = excluded.unknown,
       missing = excluded.missing`,
    [JSON.stringify(runs), at],
  );
}
