import { type SQL, sql } from 'drizzle-orm';
import type { Source } from './charges.ts';
import type { CostRequest } from './costs.ts';
import type { DateRange, Dimension } from './dimensions.ts';
import { covered, type Freshness } from './freshness.ts';

/** The one statement of a request; exported so that its text can be looked at. */
export function costStatement(request: CostRequest, source: Source, days: number, freshness: Freshness): SQL {
  const bucketed = request.granularity !== 'none';
  const keys = request.groupBy.map((_, index) => sql.raw(`key_${index + 1}`));
  const series = bucketed && !request.rankBuckets;
  const unit = request.rankBuckets ? [sql.raw('position')] : keys;
  const parts = [
    ...source.tagQueries,
    sql`charges AS (${sides(request, source)})`,
    ...(bucketed ? [sql`buckets AS (${buckets(request, freshness)})`] : []),
    sql`placed AS (${placed(keys, bucketed)})`,
    sql`totals AS (${totals()})`,
    sql`ranked AS (${ranked(request, unit, series)})`,
    sql`shown AS (SELECT * FROM ranked WHERE rank <= ${request.limit})`,
    ...(series ? [sql`cells AS (${CELLS})`] : []),
  ];
  return sql`WITH ${sql.join(parts, sql`,\n`)}
    SELECT ${totalColumns(days)},
      ${sql.join([...keyColumns(request, source), ...cellColumns(request, series)], sql`,\n`)}
    FROM totals
      LEFT JOIN shown ON shown.currency = totals.currency
      ${series ? SERIES : request.rankBuckets ? sql`LEFT JOIN buckets ON buckets.position = shown.position` : sql``}
      ${nameJoins(request)}
    ORDER BY totals.currency, shown.rank${series ? sql`, buckets.position` : sql``}`;
}

/** Each period is summed apart and once, also where the two overlap. */
function sides(request: CostRequest, source: Source): SQL {
  const { period, comparedTo } = request;
  const current = side(sql.raw(`'current'`), period, request, source);
  return comparedTo ? sql`${current}\nUNION ALL\n${side(sql.raw(`'previous'`), comparedTo, request, source)}` : current;
}

function side(label: SQL, range: DateRange, request: CostRequest, source: Source): SQL {
  const { granularity, includeCredits } = request;
  const amount = sql`charge.${sql.identifier(request.metric)}`;
  const counted = includeCredits ? sql`TRUE` : sql`charge.charge_category <> 'Credit'`;
  const bucket =
    granularity === 'none' ? [] : [sql`date_trunc(${sql.raw(`'${granularity}'`)}, ${source.day}::timestamp)::date`];
  const grouped = [sql`charge.billing_currency`, ...source.dimensions, ...bucket];
  const names = ['currency', ...source.dimensions.map((_, index) => `key_${index + 1}`), ...bucket.map(() => 'bucket')];
  return sql`SELECT ${label} AS side,
      ${sql.join(
        grouped.map((expression, index) => sql`${expression} AS ${sql.raw(names[index] ?? '')}`),
        sql`, `,
      )},
      sum(${amount}) FILTER (WHERE ${counted}) AS amount,
      sum(charge.x_line_count) FILTER (WHERE ${counted}) AS lines,
      sum(${amount}) FILTER (WHERE charge.charge_category = 'Credit') AS credits,
      sum(${amount}) FILTER (WHERE charge.charge_category = 'Tax') AS tax
    FROM ${source.from}
    WHERE ${source.where(range)}
    GROUP BY ${sql.join(grouped, sql`, `)}`;
}

/** The buckets of the period in order, each beside the one of the same position in the period compared to. */
function buckets({ period, comparedTo, granularity }: CostRequest, freshness: Freshness): SQL {
  const listed = (range: DateRange): SQL => {
    const { start, end } = covered(range, freshness);
    return sql`SELECT bucket, row_number() OVER (ORDER BY bucket) AS position FROM (
        SELECT DISTINCT date_trunc(${sql.raw(`'${granularity}'`)}, day)::date AS bucket
        FROM generate_series(${start}::date::timestamp, ${end}::date::timestamp - interval '1 day', interval '1 day') AS day) AS days`;
  };
  if (comparedTo === undefined)
    return sql`SELECT bucket, NULL::date AS previous_bucket, position FROM (${listed(period)}) AS listed`;
  return sql`SELECT now.bucket, before.bucket AS previous_bucket, position
      FROM (${listed(period)}) AS now FULL JOIN (${listed(comparedTo)}) AS before USING (position)`;
}

function placed(keys: SQL[], bucketed: boolean): SQL {
  if (!bucketed) return sql`SELECT charges.* FROM charges`;
  const order = sql.join([sql`charges.currency`, ...keys], sql`, `);
  return sql`SELECT charges.*, buckets.position, dense_rank() OVER (ORDER BY ${order}) AS group_number
      FROM charges LEFT JOIN buckets
        ON CASE side WHEN 'current' THEN buckets.bucket ELSE buckets.previous_bucket END = charges.bucket`;
}

/** The amount of one side: 0 where there were no charges, unknown where there were and the bill does not say. */
function amountOf(name: 'current' | 'previous'): SQL {
  const ofSide = sql`FILTER (WHERE side = ${sql.raw(`'${name}'`)})`;
  return sql`CASE WHEN sum(lines) ${ofSide} IS NULL THEN 0 ELSE sum(amount) ${ofSide} END`;
}

function totals(): SQL {
  const now = sql`FILTER (WHERE side = 'current')`;
  return sql`SELECT currency, ${amountOf('current')} AS total, ${amountOf('previous')} AS total_previous,
        coalesce(sum(credits) ${now}, 0) AS credits, coalesce(sum(tax) ${now}, 0) AS tax,
        coalesce(sum(lines) ${now}, 0) AS lines
      FROM placed GROUP BY currency`;
}

function ranked(request: CostRequest, unit: SQL[], series: boolean): SQL {
  const columns = [sql`currency`, ...unit, ...(series ? [sql`group_number`] : [])];
  const { minimum, direction, order } = request;
  const conditions = [
    ...(minimum === undefined ? [] : [sql`cost >= ${minimum}::numeric`]),
    ...(direction === 'rising' ? [sql`cost > previous`] : direction === 'falling' ? [sql`cost < previous`] : []),
  ];
  const ascending = (order === 'ascending') !== (direction === 'falling' && request.rankBy !== 'amount');
  const ties = unit.map((key) => sql`, ${key} NULLS LAST`);
  return sql`SELECT units.*, count(*) OVER (PARTITION BY currency) AS group_count,
        row_number() OVER (PARTITION BY currency ORDER BY ${rankOf(request.rankBy)} ${sql.raw(ascending ? 'ASC' : 'DESC')} NULLS LAST${sql.join(ties)}) AS rank
      FROM (
        SELECT ${sql.join(columns, sql`, `)}, ${amountOf('current')} AS cost, ${amountOf('previous')} AS previous
        FROM placed WHERE lines IS NOT NULL GROUP BY ${sql.join(columns, sql`, `)}
      ) AS units
      ${conditions.length === 0 ? sql`` : sql`WHERE ${sql.join(conditions, sql` AND `)}`}`;
}

function rankOf(rankBy: CostRequest['rankBy']): SQL {
  if (rankBy === 'amount') return sql`cost`;
  if (rankBy === 'change') return sql`cost - previous`;
  return sql`(cost - previous) / nullif(abs(previous), 0)`;
}

const CELLS = sql`SELECT group_number, position, ${amountOf('current')} AS cost, ${amountOf('previous')} AS previous
      FROM placed GROUP BY group_number, position`;

/** Every bucket of every group shown, also those without charges. */
const SERIES = sql`LEFT JOIN buckets ON shown.rank IS NOT NULL
      LEFT JOIN cells ON cells.group_number = shown.group_number AND cells.position = buckets.position`;

function totalColumns(days: number): SQL {
  return sql`totals.currency, trim_scale(total) AS total, trim_scale(total_previous) AS total_previous,
      trim_scale(total - total_previous) AS total_change, ${percentOf(sql`total - total_previous`, sql`total_previous`)} AS total_percent_change,
      trim_scale(round(total / nullif(${days}::integer, 0), 6)) AS average_per_day,
      trim_scale(credits) AS credits, trim_scale(tax) AS tax, totals.lines,
      (SELECT coalesce(max(group_count), 0) FROM ranked WHERE ranked.currency = totals.currency) AS group_count,
      trim_scale(total - (SELECT coalesce(sum(others.cost), 0) FROM shown AS others WHERE others.currency = totals.currency)) AS rest`;
}

/** Percent with six decimals, of the size of the base: a refund that turned into a cost is a rise. Unknown over nothing. */
function percentOf(part: SQL, base: SQL): SQL {
  return sql`trim_scale(round(100 * (${part}) / nullif(abs(${base}), 0), 6))`;
}

function cellColumns(request: CostRequest, series: boolean): SQL[] {
  const bucketed = request.granularity !== 'none';
  // Where the period compared to is longer, its last buckets stand beside none of the period.
  const amount = (side: string): SQL =>
    sql.raw(series ? `CASE WHEN cells.position IS NULL THEN 0 ELSE cells.${side} END` : `shown.${side}`);
  const cost = bucketed ? sql`CASE WHEN buckets.bucket IS NOT NULL THEN ${amount('cost')} END` : amount('cost');
  const previous = bucketed
    ? sql`CASE WHEN buckets.previous_bucket IS NOT NULL THEN ${amount('previous')} END`
    : amount('previous');
  const change = sql`(${cost}) - (${previous})`;
  return [
    bucketed ? sql`buckets.bucket, buckets.previous_bucket` : sql`NULL AS bucket, NULL AS previous_bucket`,
    sql`trim_scale(${cost}) AS cost`,
    request.comparedTo
      ? sql`trim_scale(${previous}) AS previous, trim_scale(${change}) AS change, ${percentOf(change, sql`(${previous})`)} AS percent_change`
      : sql`NULL AS previous, NULL AS change, NULL AS percent_change`,
    sql`${percentOf(cost, sql`total`)} AS share, shown.rank`,
  ];
}

function keyColumns(request: CostRequest, source: Source): SQL[] {
  return source.dimensions.flatMap((_, index) => {
    const number = index + 1;
    const dimension = request.groupBy[index];
    const name = dimension !== undefined && namesOf(dimension) ? sql.raw(`named_${number}.name`) : sql`NULL`;
    return [sql.raw(`shown.key_${number}`), sql`${name} AS ${sql.raw(`name_${number}`)}`];
  });
}

/** Where the names of a dimension's ids stand. */
function namesOf(dimension: Dimension): { table: string; id: string } | undefined {
  if (dimension.kind === 'tag') return undefined;
  const { column } = dimension;
  if (column === 'sub_account_id' || column === 'billing_account_id') return { table: 'accounts', id: 'account_id' };
  return column === 'resource_id' ? { table: 'resources', id: 'resource_id' } : undefined;
}

function nameJoins({ groupBy }: CostRequest): SQL {
  const joins = groupBy.map((dimension, index) => {
    const names = namesOf(dimension);
    if (names === undefined) return sql``;
    const alias = `named_${index + 1}`;
    return sql.raw(`LEFT JOIN ${names.table} AS ${alias} ON ${alias}.${names.id} = shown.key_${index + 1}\n`);
  });
  return sql.join(joins);
}
