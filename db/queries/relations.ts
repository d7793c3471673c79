import { type SQL, sql } from 'drizzle-orm';
import { COLUMN_DIMENSIONS, type ColumnDimension, type DateRange } from './dimensions.ts';
import { KEPT_BY_ALL, ROLLUPS, type Rollup } from './rollups.ts';

/**
 * Something that holds the whole bill once, under the alias `charge`: cost_rollup in one of its sums, the bill summed to
 * months, a daily table, or the bill itself. `day` is the UTC day of a row, or the first of its month where `grain` is month.
 */
export interface Relation {
  name: string;
  grain: 'day' | 'month';
  from: SQL;
  day: SQL;
  columns: ReadonlySet<ColumnDimension>;
  /** Which tags can be asked of it, and where the sets of tags it refers to stand. */
  tags: TagSource | null;
  /** The condition that a row lies in these days, and belongs to this relation. */
  within(range: DateRange, billingPeriods: readonly string[] | null): SQL;
}

/** A table of tag sets: its key, the JSON of tags with lower-cased keys, and the column that refers to it. */
export interface TagSource {
  keys: 'allocation' | 'all';
  table: SQL;
  id: SQL;
  tags: SQL;
  reference: SQL;
}

const ALLOCATION: TagSource = {
  keys: 'allocation',
  table: sql`allocation_sets`,
  id: sql`allocation_set_id`,
  tags: sql`tags`,
  reference: sql`charge.allocation_set_id`,
};

const ALL_TAGS: TagSource = {
  keys: 'all',
  table: sql`tag_sets`,
  id: sql`tag_set_id`,
  tags: sql`folded`,
  reference: sql`charge.tag_set_id`,
};

const startOfMonth = (day: string): string => `${day.slice(0, 7)}-01`;

const DAILY_COLUMNS: ColumnDimension[] = [
  'billing_currency',
  'billing_account_id',
  'sub_account_id',
  'service_provider_name',
  'service_name',
  'service_category',
  'region_id',
  'charge_category',
  'pricing_category',
  'commitment_discount_status',
  'publisher_name',
];

function rollupRelation({ name, grain, columns }: Rollup): Relation {
  const kept = new Set<string>([...KEPT_BY_ALL, ...columns]);
  return {
    name,
    grain,
    from: sql`cost_rollup AS charge`,
    day: sql`charge.period_start`,
    columns: new Set(COLUMN_DIMENSIONS.filter((column) => kept.has(column))),
    tags: columns.includes('allocation_set_id') ? ALLOCATION : null,
    within: ({ start, end }) => {
      const from = grain === 'month' ? startOfMonth(start) : start;
      return sql`charge.rollup = ${name} AND charge.period_start >= ${from}::date AND charge.period_start < ${end}::date`;
    },
  };
}

function dailyRelation(name: 'cost_daily' | 'cost_daily_tagged', tags: TagSource | null): Relation {
  return {
    name,
    grain: 'day',
    from: sql`${sql.identifier(name)} AS charge`,
    day: sql`charge.charge_date`,
    columns: new Set(DAILY_COLUMNS),
    tags,
    within: ({ start, end }) => sql`charge.charge_date >= ${start}::date AND charge.charge_date < ${end}::date`,
  };
}

/** The bill itself. Naming the billing periods that can hold such charges lets Postgres leave the other partitions alone. */
export const BILL: Relation = {
  name: 'billing',
  grain: 'day',
  from: sql`billing AS charge`,
  day: sql`(charge.charge_period_start AT TIME ZONE 'UTC')::date`,
  columns: new Set(COLUMN_DIMENSIONS),
  tags: ALL_TAGS,
  within: ({ start, end }, billingPeriods) => {
    const days = sql`charge.charge_period_start >= ${start}::date::timestamp AT TIME ZONE 'UTC' AND charge.charge_period_start < ${end}::date::timestamp AT TIME ZONE 'UTC'`;
    if (billingPeriods === null) return days;
    return sql`charge.billing_period_start = ANY(${sql.param(billingPeriods)}::timestamptz[]) AND ${days}`;
  },
};

/** The bill summed to months, which knows all that the bill itself knows. */
const MONTHLY_BILL: Relation = {
  name: 'cost_monthly',
  grain: 'month',
  from: sql`cost_monthly AS charge`,
  day: sql`charge.month_start`,
  columns: new Set(COLUMN_DIMENSIONS),
  tags: ALL_TAGS,
  within: ({ start, end }) =>
    sql`charge.month_start >= ${startOfMonth(start)}::date AND charge.month_start < ${end}::date`,
};

/** The smallest first, as such bills go; the first that can answer is read. */
const SMALLEST_FIRST = [
  'monthly_account_region',
  'monthly_tags',
  'monthly_usage',
  'daily_service',
  'monthly',
  'daily_account_region',
  'daily_tags',
  'monthly_tagged',
  'daily_usage',
  'daily_service_account',
] as const satisfies readonly (typeof ROLLUPS)[number]['name'][];

const RELATIONS: Relation[] = [
  ...SMALLEST_FIRST.flatMap((name) => ROLLUPS.filter((rollup) => rollup.name === name).map(rollupRelation)),
  MONTHLY_BILL,
  dailyRelation('cost_daily', null),
  dailyRelation('cost_daily_tagged', ALLOCATION),
  BILL,
];

/** What a question needs of a relation. */
export interface Needs {
  columns: readonly ColumnDimension[];
  tagKeys: readonly string[];
  /** Whole months are enough: neither a bound nor a bucket cuts one. */
  wholeMonths: boolean;
  /** Quantities, and costs that some charges lack: sums over fewer columns do not keep them. */
  details: boolean;
}

/** What is known of the stored bill when a relation is chosen. */
export interface Available {
  /** Whether cost_rollup and cost_monthly hold every billing period. */
  rollups: boolean;
  allocationKeys: ReadonlySet<string>;
}

/** The smallest relation that can answer; the bill itself when nothing else can. */
export function chooseRelation(needs: Needs, available: Available): Relation {
  const fits = (relation: Relation): boolean =>
    (available.rollups || !isRollup(relation)) &&
    (!needs.details || relation === MONTHLY_BILL || relation === BILL) &&
    (needs.wholeMonths || relation.grain === 'day') &&
    needs.columns.every((column) => relation.columns.has(column)) &&
    needs.tagKeys.every((key) => hasTag(relation, key, available));
  return RELATIONS.find(fits) ?? BILL;
}

function isRollup(relation: Relation): boolean {
  return relation === MONTHLY_BILL || ROLLUPS.some(({ name }) => name === relation.name);
}

function hasTag({ tags }: Relation, key: string, { allocationKeys }: Available): boolean {
  return tags !== null && (tags.keys === 'all' || allocationKeys.has(key));
}
