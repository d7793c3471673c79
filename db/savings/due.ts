import type pg from 'pg';

/** A saving to be measured or looked at again. Days are UTC, YYYY-MM-DD. */
export interface DueSaving {
  savingId: number;
  subject: string;
  recommendationId: number | null;
  kind: string;
  changeDate: string;
  /** The day an inventory noticed it, when the day of the change is to be found on the bill; null where it is known. */
  noticedOn: string | null;
  currency: string;
  state: string;
  realizedSavings: string | null;
  holdingChecks: unknown[];
  /** First day on which the bill shows the resource, or begins. */
  billedFrom: string;
  /** When the inventory saw it changed before and after. */
  changedBefore: string | null;
  changedAgainOn: string | null;
}

/** For how long a change is looked at: the last check, and the days in which a bill settles. */
const WATCHED_DAYS = 95;
/** Nothing is measured on less than a week. */
const SHORTEST_DAYS = 8;

/** Returns the savings whose bill has more settled days than when they were last looked at, while they are watched. */
export async function dueSavings(client: pg.ClientBase, settledEnd: string, dataFrom: string): Promise<DueSaving[]> {
  const { rows } = await client.query<DueSaving>(
    `SELECT saving_id::int AS "savingId", subject, recommendation_id::int AS "recommendationId", measurement ->> 'kind' AS kind,
       change_date AS "changeDate",
       CASE WHEN measurement ->> 'changeId' IS NOT NULL THEN coalesce((measurement ->> 'noticedOn')::date, change_date) END AS "noticedOn",
       billing_currency AS currency, state, realized_savings AS "realizedSavings", holding_checks AS "holdingChecks",
       greatest($2::date, (SELECT first_seen_date FROM resources WHERE resource_id = subject)) AS "billedFrom",
       (SELECT max(observed_at)::date FROM resource_changes AS other WHERE ${OTHER} AND observed_at < change_date) AS "changedBefore",
       (SELECT min(observed_at)::date FROM resource_changes AS other WHERE ${OTHER} AND observed_at >= change_date + 9
         AND other.change_id IS DISTINCT FROM (measurement ->> 'changeId')::bigint) AS "changedAgainOn"
     FROM savings
     WHERE change_date > $1::date - ${WATCHED_DAYS} AND change_date + ${SHORTEST_DAYS} <= $1::date
       AND coalesce((measurement ->> 'settledEnd')::date < $1::date, true)
     ORDER BY saving_id`,
    [settledEnd, dataFrom],
  );
  return rows;
}

/** Changes that may alter the cost of a resource; a new tag does not. */
const OTHER = `other.resource_id = subject AND (other.kind = 'deleted'
  OR other.before -> 'configuration' IS DISTINCT FROM other.after -> 'configuration'
  OR (measurement ->> 'kind' <> 'scheduled' AND other.before -> 'state' IS DISTINCT FROM other.after -> 'state'))`;
