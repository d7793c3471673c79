import { sql } from 'drizzle-orm';
import type pg from 'pg';
import { runQuery } from '../queries/run.ts';
import type { AnomalyDay, anomalies } from '../schema/anomalies.ts';

type Row = typeof anomalies.$inferSelect;

/** An anomaly to store. `id` and `parentId` are the names that the run gives them. */
export interface AnomalyToStore
  extends Pick<
    Row,
    | 'role'
    | 'kind'
    | 'direction'
    | 'seriesKey'
    | 'startDate'
    | 'detectedDate'
    | 'closedBecause'
    | 'actual'
    | 'expected'
    | 'impact'
    | 'score'
  > {
  id: string;
  parentId: string | null;
  dimensions: Readonly<Record<string, string>>;
  currency: string;
  /** Day after the last one that deviates. */
  endDate: string;
  closedDate: string | null;
  days: readonly AnomalyDay[];
  baseline: Record<string, unknown>;
  /** What it was found to come from; null keeps what is stored. */
  cause: object | null;
  /** Why nobody is alerted. */
  quietBecause: Row['quietBecause'];
}

/** An anomaly as it is stored, as far as a run needs it. */
export interface StoredAnomaly
  extends Pick<
    Row,
    | 'anomalyId'
    | 'parentId'
    | 'role'
    | 'kind'
    | 'direction'
    | 'seriesKey'
    | 'startDate'
    | 'endDate'
    | 'state'
    | 'quietBecause'
  > {
  closedBecause: Row['closedBecause'];
  impact: string;
  dimensions: Record<string, string>;
  cause: Record<string, unknown> | null;
}

const METRIC = 'effective_cost';

/** The anomalies of cost that are stored, whoever may see them. */
export async function readStored(client: pg.ClientBase | pg.Pool): Promise<StoredAnomaly[]> {
  const rows = await runQuery<StoredAnomaly & pg.QueryResultRow>(
    client,
    sql`SELECT anomaly_id AS "anomalyId", parent_id AS "parentId", role, kind, direction, series_key AS "seriesKey", start_date AS "startDate",
        end_date AS "endDate", state, closed_because AS "closedBecause", quiet_because AS "quietBecause", impact, dimensions, cause
      FROM anomalies WHERE metric = ${METRIC} ORDER BY anomaly_id`,
  );
  return rows.map((row) => ({
    ...row,
    anomalyId: Number(row.anomalyId),
    parentId: row.parentId === null ? null : Number(row.parentId),
  }));
}

/** What the newest run had before it: the last day it judged, and all else that its findings follow from. */
export async function readLastRun(
  client: pg.ClientBase | pg.Pool,
): Promise<{ judgedThrough: string; input: string } | undefined> {
  const [row] = await runQuery<{ judged: string | null; input: string }>(
    client,
    sql`SELECT settings ->> 'judgedThrough' AS judged, settings ->> 'input' AS input FROM anomalies
      WHERE metric = ${METRIC} AND settings ? 'judgedThrough' ORDER BY settings ->> 'judgedThrough' DESC, updated_at DESC LIMIT 1`,
  );
  return row?.judged ? { judgedThrough: row.judged, input: row.input } : undefined;
}

/** What one run stored. */
export interface StoredRun {
  opened: number;
  updated: number;
  closed: number;
  restated: number;
}

/**
 * Makes the stored anomalies those of this run: opens, updates and closes them. One whose beginning moved stays the same; one that a corrected
 * bill does not show any more is closed as restated. Runs in the transaction of `client`.
 */
export async function storeAnomalies(
  client: pg.ClientBase,
  found: readonly AnomalyToStore[],
  run: { detector: string; detectorVersion: string; settings: Record<string, unknown>; now: Date },
): Promise<StoredRun> {
  const stored = await readStored(client);
  const before = new Map(stored.map((one) => [nameOf(one), one]));
  const missing = stored.filter((one) => !found.some((other) => nameOf(other) === nameOf(one)));
  const restated = await followMoved(client, missing, found, run.now);
  // A lead is there before what points to it, and what is over makes room for what goes on.
  const rows = await runQuery<{ anomaly_id: string; inserted: boolean; changed: boolean } & pg.QueryResultRow>(
    client,
    upsert(found, run),
  );
  const idOf = new Map(found.map((one, index) => [one.id, Number(rows[index]?.anomaly_id)]));
  await setParents(client, found, idOf);
  return {
    opened: rows.filter(({ inserted }) => inserted).length,
    updated: rows.filter(({ inserted, changed }) => changed && !inserted).length,
    closed: found.filter((one) => one.closedDate !== null && before.get(nameOf(one))?.state === 'open').length,
    restated,
  };
}

const nameOf = (one: Pick<Row, 'seriesKey' | 'kind' | 'direction' | 'startDate'>): string =>
  JSON.stringify([one.seriesKey, one.kind, one.direction, one.startDate]);

/** Moves the beginning of those found with other first days, closes the rest; returns how many those are. */
async function followMoved(
  client: pg.ClientBase,
  missing: readonly StoredAnomaly[],
  found: readonly AnomalyToStore[],
  now: Date,
): Promise<number> {
  const taken = new Set<AnomalyToStore>();
  const gone: number[] = [];
  for (const one of missing) {
    const moved = found.find((other) => !taken.has(other) && isMoved(one, other));
    if (moved === undefined) gone.push(one.anomalyId);
    else {
      taken.add(moved);
      await runQuery(
        client,
        sql`UPDATE anomalies SET start_date = ${moved.startDate}::date, end_date = greatest(end_date, ${moved.endDate}::date)
          WHERE anomaly_id = ${one.anomalyId}
            AND NOT EXISTS (SELECT FROM anomalies AS other WHERE other.series_key = ${moved.seriesKey} AND other.metric = ${METRIC}
              AND other.kind = ${moved.kind} AND other.direction = ${moved.direction} AND other.start_date = ${moved.startDate}::date)`,
      );
    }
  }
  const closed = await runQuery(
    client,
    sql`UPDATE anomalies SET state = 'closed', closed_because = 'restated', closed_at = coalesce(closed_at, ${now}), updated_at = ${now},
        impact = 0, actual = expected, parent_id = NULL
      WHERE anomaly_id = ANY(${sql.param(gone)}::bigint[]) AND closed_because IS DISTINCT FROM 'restated' RETURNING 1`,
  );
  return closed.length;
}

const isMoved = (one: StoredAnomaly, other: AnomalyToStore): boolean =>
  one.seriesKey === other.seriesKey &&
  one.kind === other.kind &&
  one.direction === other.direction &&
  one.startDate < other.endDate &&
  other.startDate < one.endDate;

function upsert(
  found: readonly AnomalyToStore[],
  {
    detector,
    detectorVersion,
    settings,
    now,
  }: { detector: string; detectorVersion: string; settings: unknown; now: Date },
) {
  const given = found.map((one, place) => ({
    place,
    ...{
      role: one.role,
      kind: one.kind,
      series_key: one.seriesKey,
      dimensions: one.dimensions,
      currency: one.currency,
    },
    ...{ direction: one.direction, start_date: one.startDate, end_date: one.endDate, detected_date: one.detectedDate },
    ...{ closed_date: one.closedDate, closed_because: one.closedBecause, actual: one.actual, expected: one.expected },
    ...{ impact: one.impact, score: one.score, days: one.days, baseline: one.baseline },
    ...{ cause: one.cause, quiet: one.quietBecause },
  }));
  return sql`WITH given AS (
      SELECT * FROM json_to_recordset(${JSON.stringify(given)}::json) AS given (place int, role text, kind text, series_key text, dimensions jsonb,
        currency text, direction text, start_date date, end_date date, detected_date date, closed_date date, closed_because text,
        actual numeric, expected numeric, impact numeric, score float8, days jsonb, baseline jsonb, cause jsonb, quiet text)
    ), kept AS (
      INSERT INTO anomalies AS stored (role, kind, series_key, dimensions, metric, billing_currency, direction, start_date, end_date, detected_date,
        state, closed_because, closed_at, actual, expected, impact, score, days, baseline, cause, quiet_because, detector, detector_version, settings, detected_at, updated_at)
      SELECT role, kind, series_key, dimensions, ${METRIC}, currency, direction, start_date, end_date, detected_date,
        CASE WHEN closed_date IS NULL THEN 'open' ELSE 'closed' END, closed_because, closed_date::timestamp AT TIME ZONE 'UTC',
        actual, expected, impact, score, days, baseline, cause, quiet, ${detector}, ${detectorVersion}, ${JSON.stringify(settings)}::jsonb, ${now}, ${now}
      FROM given ORDER BY closed_date IS NULL, start_date, place
      ON CONFLICT ON CONSTRAINT anomalies_once DO UPDATE SET role = excluded.role, dimensions = excluded.dimensions,
        end_date = excluded.end_date, detected_date = excluded.detected_date, state = excluded.state,
        closed_because = excluded.closed_because, closed_at = excluded.closed_at, actual = excluded.actual, expected = excluded.expected,
        impact = excluded.impact, score = excluded.score, days = excluded.days, baseline = excluded.baseline, cause = coalesce(excluded.cause, stored.cause), quiet_because = excluded.quiet_because,
        detector = excluded.detector, detector_version = excluded.detector_version, settings = excluded.settings,
        updated_at = CASE WHEN (stored.role, stored.days, stored.state) IS DISTINCT FROM (excluded.role, excluded.days, excluded.state)
          THEN excluded.updated_at ELSE stored.updated_at END
      RETURNING anomaly_id, series_key, kind, direction, start_date, xmax = 0 AS inserted, updated_at = ${now} AS changed
    )
    SELECT kept.anomaly_id, kept.inserted, kept.changed
    FROM given JOIN kept USING (series_key, kind, direction, start_date) ORDER BY given.place`;
}

async function setParents(
  client: pg.ClientBase,
  found: readonly AnomalyToStore[],
  idOf: ReadonlyMap<string, number>,
): Promise<void> {
  const pairs = found.map(({ id, parentId }) => ({
    id: idOf.get(id),
    parent: parentId === null ? null : idOf.get(parentId),
  }));
  await runQuery(
    client,
    sql`UPDATE anomalies SET parent_id = pair.parent
      FROM json_to_recordset(${JSON.stringify(pairs)}::json) AS pair (id bigint, parent bigint)
      WHERE anomaly_id = pair.id AND parent_id IS DISTINCT FROM pair.parent`,
  );
}
