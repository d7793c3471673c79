import type pg from 'pg';
import { type Actor, recordAudit } from './audit/record.ts';
import type { Db } from './client.ts';
import { filtersOf } from './queries/budgets.ts';
import { inTransaction } from './transaction.ts';

/** The number of a metric on a day. */
export interface MetricValue {
  name: string;
  /** Whose number it is: `{"tag:team": "checkout"}`; `{}` for everything. */
  dimensions: Record<string, string>;
  /** YYYY-MM-DD. */
  date: string;
  /** Decimal text; null when it is not known. */
  value: string | null;
  unit: string | null;
}

/** Where numbers of the business are given; who may give which is for the caller to say. */
export interface MetricDesk {
  /** How many were stored. @throws PennyError `invalid_input` */
  give(values: readonly MetricValue[], actor: Actor): Promise<number>;
}

/** Returns the desk over a database. */
export function createMetricDesk(db: Db, now: () => Date): MetricDesk {
  return {
    give: (values, actor) => inTransaction(db, (client) => storeBusinessMetrics(client, values, { actor, now: now() })),
  };
}

/**
 * Stores numbers of the business in the caller's transaction, each in the place of the one known of its metric, part and day, and
 * returns how many. Names are kept in lower case.
 * @throws PennyError `invalid_input` for a dimension that the bill does not have
 */
export async function storeBusinessMetrics(
  client: pg.ClientBase,
  values: readonly MetricValue[],
  { actor, now }: { actor: Actor; now: Date },
): Promise<number> {
  for (const { dimensions } of values) filtersOf(dimensions);
  const { rowCount } = await client.query(STORE, [JSON.stringify(values), actor.actorId, now]);
  for (const name of new Set(values.map((one) => one.name.trim().toLowerCase()))) {
    const dates = values.filter((one) => one.name.trim().toLowerCase() === name).map(({ date }) => date);
    const details = { days: dates.length, first: dates.toSorted()[0], last: dates.toSorted().at(-1) };
    const subject = { type: 'business_metric', id: name };
    await recordAudit(client, { ...actor, occurredAt: now, event: 'business_metric.given', subject, details });
  }
  return rowCount ?? 0;
}

// Of a day that is given twice the last one counts.
const STORE = `INSERT INTO business_metrics (name, dimensions, date, value, unit, given_by, given_at)
  SELECT DISTINCT ON (1, 2, 3) lower(trim(given ->> 'name')), given -> 'dimensions', (given ->> 'date')::date, (given ->> 'value')::numeric,
    given ->> 'unit', $2::uuid, $3
  FROM jsonb_array_elements($1::jsonb) WITH ORDINALITY AS list (given, place) ORDER BY 1, 2, 3, place DESC
  ON CONFLICT ON CONSTRAINT business_metrics_once DO UPDATE SET value = excluded.value, unit = coalesce(excluded.unit, business_metrics.unit),
    given_by = excluded.given_by, given_at = excluded.given_at`;
