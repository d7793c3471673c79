import { type SQL, sql } from 'drizzle-orm';
import type { Principal } from '../principal.ts';
import type { ColumnDimension, CostFilter, DateRange, Dimension } from './dimensions.ts';
import { passes } from './filters.ts';
import type { Freshness } from './freshness.ts';
import { chooseRelation, type Relation } from './relations.ts';
import { scopeNeeds } from './scope.ts';
import { valuesOfTag } from './tags.ts';

/** Which charges are asked for, and by what they are told apart. */
export interface ChargeRequest {
  dimensions: readonly Dimension[];
  filters: readonly CostFilter[];
  scope: Principal['scope'];
  ranges: readonly DateRange[];
  /** Days or weeks are told apart, so sums of months do not do. */
  cutsMonths: boolean;
  /** Quantities are read, or costs that some charges lack, which smaller sums do not keep. */
  details?: boolean;
}

/** The charges as the parts of a statement: what to select by, from where and under which condition. */
export interface Source {
  relation: Relation;
  /** Named queries to stand in WITH, one for each tag that is a dimension. */
  tagQueries: SQL[];
  /** One expression per dimension asked for. */
  dimensions: SQL[];
  day: SQL;
  from: SQL;
  where(range: DateRange): SQL;
}

/** The smallest relation that can answer, with filters laid on it; Postgres leaves out what the principal may not see. */
export function chargeSource(request: ChargeRequest, freshness: Freshness): Source {
  const relation = relationFor(request, freshness);
  const { from, dimensions, tagQueries } = laidOut(request.dimensions, relation);
  const conditions = request.filters.map((filter) => passes(filter, relation.tags));
  return {
    relation,
    tagQueries,
    dimensions,
    day: relation.day,
    from,
    where: (range) => sql.join([relation.within(range, periodsOf(range, freshness)), ...conditions], sql` AND `),
  };
}

function relationFor(request: ChargeRequest, freshness: Freshness): Relation {
  const asked = [...request.dimensions, ...request.filters.map(({ dimension }) => dimension)];
  const scope = scopeNeeds(request.scope);
  const columns = asked.flatMap((dimension): ColumnDimension[] =>
    dimension.kind === 'column' ? [dimension.column] : [],
  );
  const tagKeys = asked.flatMap((dimension) => (dimension.kind === 'tag' ? [dimension.key] : []));
  return chooseRelation(
    {
      columns: [...columns, ...scope.columns],
      tagKeys: [...tagKeys, ...scope.tagKeys],
      details: request.details ?? false,
      wholeMonths: !request.cutsMonths && request.ranges.every((range) => cutsNoMonth(range, freshness)),
    },
    { rollups: freshness.billingPeriods !== null, allocationKeys: freshness.allocationKeys },
  );
}

/** Both ends are the first of a month, or lie beyond the data. */
function cutsNoMonth({ start, end }: DateRange, { dataFrom, lastChargeDate }: Freshness): boolean {
  const isFirst = (day: string): boolean => day.endsWith('-01');
  return (
    (isFirst(start) || (dataFrom !== null && start <= dataFrom)) &&
    (isFirst(end) || (lastChargeDate !== null && end > lastChargeDate))
  );
}

const startOfMonth = (day: string): string => `${day.slice(0, 7)}-01`;

/** The billing periods with charges in these days, as far as months tell; null when that is not known. */
function periodsOf({ start, end }: DateRange, { billingPeriods }: Freshness): string[] | null {
  if (billingPeriods === null) return null;
  const inRange = billingPeriods.filter(({ month }) => month >= startOfMonth(start) && month < end);
  return [...new Set(inRange.map((period) => period.start))];
}

function laidOut(
  dimensions: readonly Dimension[],
  relation: Relation,
): Pick<Source, 'from' | 'dimensions' | 'tagQueries'> {
  const joins: SQL[] = [];
  const tagQueries: SQL[] = [];
  const expressions = dimensions.map((dimension, index) => {
    if (dimension.kind === 'column') return sql`charge.${sql.identifier(dimension.column)}`;
    const { tags } = relation;
    // The relation was chosen for these dimensions, so this is a mistake of ours.
    if (tags === null) throw new Error(`the relation ${relation.name} has no tags`);
    const alias = sql.raw(`tag_${index + 1}`);
    tagQueries.push(sql`${alias} AS MATERIALIZED (${valuesOfTag(tags, dimension.key)})`);
    joins.push(sql` LEFT JOIN ${alias} ON ${alias}.set_id = ${tags.reference}`);
    return sql`${alias}.value`;
  });
  return { from: sql.join([relation.from, ...joins]), dimensions: expressions, tagQueries };
}
