import { sql } from 'drizzle-orm';
import type { Principal } from '../principal.ts';
import { chargeSource } from './charges.ts';
import type { CostFilter, DateRange, Dimension } from './dimensions.ts';
import { daysBefore, type Freshness } from './freshness.ts';
import { runQuery } from './run.ts';
import type { Snapshot } from './snapshot.ts';

/** Whether any charge of these days, as far as the principal may see, passes the filters. */
export async function chargesExist(
  client: Snapshot,
  filters: readonly CostFilter[],
  range: DateRange,
  scope: Principal['scope'],
  freshness: Freshness,
): Promise<boolean> {
  const source = chargeSource({ dimensions: [], filters, scope, ranges: [range], cutsMonths: true }, freshness);
  const [row] = await runQuery<{ found: boolean }>(
    client,
    sql`SELECT EXISTS (SELECT FROM ${source.from} WHERE ${source.where(range)}) AS found`,
  );
  return row?.found === true;
}

const LOOKED_BACK_DAYS = 60;
const LISTED = 5_000;

/** The values that a dimension had lately, the most lines first: what somebody who misspelt one may have meant. */
export async function recentValues(
  client: Snapshot,
  dimension: Dimension,
  scope: Principal['scope'],
  freshness: Freshness,
): Promise<string[]> {
  if (freshness.lastChargeDate === null) return [];
  const end = daysBefore(freshness.lastChargeDate, -1);
  const range = { start: daysBefore(end, LOOKED_BACK_DAYS), end };
  const source = chargeSource(
    { dimensions: [dimension], filters: [], scope, ranges: [range], cutsMonths: true },
    freshness,
  );
  const value = source.dimensions[0] ?? sql`NULL`;
  const tagQueries = source.tagQueries.length === 0 ? sql`` : sql`WITH ${sql.join(source.tagQueries, sql`, `)} `;
  const rows = await runQuery<{ value: string }>(
    client,
    sql`${tagQueries}SELECT ${value} AS value FROM ${source.from} WHERE ${source.where(range)} AND ${value} IS NOT NULL
      GROUP BY ${value} ORDER BY sum(charge.x_line_count) DESC LIMIT ${LISTED}`,
  );
  return rows.map((row) => row.value);
}

/** The tag keys on the bill beyond the allocation tags, lower-cased. */
export async function otherTagKeys(client: Snapshot, { allocationKeys }: Freshness): Promise<string[]> {
  const rows = await runQuery<{ key: string }>(
    client,
    sql`SELECT DISTINCT jsonb_object_keys(folded) AS key FROM tag_sets`,
  );
  return rows.map(({ key }) => key).filter((key) => !allocationKeys.has(key));
}
